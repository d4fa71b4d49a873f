//! Rows by the beginning of an id.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use crate::graph::cells::{Source, Span};
use crate::graph::error::GraphError;
use crate::graph::format::{PAIR_LEN, TABLE_PAIRS, TableSpan, decode_pairs};

/// Pairs of a key, which is the first eight bytes of an id, and a row. Several rows may have one key:
/// who looks up compares the whole id.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    /// The pairs of the file.
    base: TableSpan,
    offset: u64,
    /// Rows of the file are less.
    rows: u32,
    pages: Vec<OnceLock<Vec<(u64, u32)>>>,
    /// Those that came since.
    fresh: BTreeSet<(u64, u32)>,
}

/// The first eight bytes of an id, in the order of ids.
pub(super) fn key(id: &[u8]) -> u64 {
    let first = id.first_chunk().expect("an id has at least sixteen bytes");
    u64::from_be_bytes(*first)
}

impl Lookup {
    pub(super) fn at(base: TableSpan, offset: u64, rows: u32) -> Self {
        let pages = base.pages.iter().map(|_| OnceLock::new()).collect();
        Self { base, offset, rows, pages, fresh: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, key: u64, row: u32) {
        self.fresh.insert((key, row));
    }

    /// The rows with these keys, in the order of keys, then of rows.
    pub(super) fn rows(
        &self,
        source: &Source,
        keys: RangeInclusive<u64>,
    ) -> Result<Vec<u32>, GraphError> {
        let mut found = Vec::new();
        // The page before the first that begins beyond may hold keys of the range as well.
        let beyond = self.base.pages.partition_point(|(first, _)| first < keys.start());
        for at in beyond.saturating_sub(1)..self.pages.len() {
            if self.base.pages[at].0 > *keys.end() {
                break;
            }
            let page = self.page(source, at)?;
            let start = page.partition_point(|(key, _)| key < keys.start());
            found.extend(page[start..].iter().take_while(|(key, _)| key <= keys.end()));
        }
        let fresh = (*keys.start(), 0)..=(*keys.end(), u32::MAX);
        found.extend(self.fresh.range(fresh));
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// All pairs, ascending.
    pub(super) fn pairs(&self, source: &Source) -> Result<Vec<(u64, u32)>, GraphError> {
        let mut pairs = Vec::new();
        for at in 0..self.pages.len() {
            pairs.extend(self.page(source, at)?);
        }
        pairs.extend(&self.fresh);
        pairs.sort_unstable();
        Ok(pairs)
    }

    fn page(&self, source: &Source, at: usize) -> Result<&Vec<(u64, u32)>, GraphError> {
        if let Some(page) = self.pages[at].get() {
            return Ok(page);
        }
        let before = at * TABLE_PAIRS;
        let pairs = TABLE_PAIRS.min(self.base.pairs as usize - before);
        let bytes = source.read(Span {
            offset: self.offset + (before * PAIR_LEN) as u64,
            length: u32::try_from(pairs * PAIR_LEN).expect("1024 pairs"),
            checksum: self.base.pages[at].1,
        })?;
        let page = decode_pairs(&bytes, self.rows).ok_or(GraphError::Damaged)?;
        Ok(self.pages[at].get_or_init(|| page))
    }
}
