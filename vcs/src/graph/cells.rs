//! Pages that are read when somebody asks for them.

use std::io;
use std::sync::OnceLock;

use selkie_store::DiskFile;

use crate::graph::error::GraphError;
use crate::graph::format::{self, Checksum, Coded};
use crate::graph::page::{PAGE_ROWS, Page};
use crate::graph::row::Entry;

/// The file that pages are read from. A graph that was never written has none.
#[derive(Debug, Default)]
pub(super) struct Source(pub(super) Option<Box<dyn DiskFile>>);

/// A piece of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) checksum: Checksum,
}

/// The pages of one kind: those of the file, and after them those that were made since.
#[derive(Debug)]
pub(super) struct Cells<P> {
    spans: Vec<Span>,
    pages: Vec<OnceLock<P>>,
    rows: u32,
}

impl Source {
    pub(super) fn read(&self, span: Span) -> Result<Vec<u8>, GraphError> {
        let file = self.0.as_ref().ok_or(GraphError::Damaged)?;
        let mut bytes = vec![0; span.length as usize];
        file.read_at(span.offset, &mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => GraphError::Damaged,
            _ => GraphError::Io(error),
        })?;
        if format::checksum(&bytes) == span.checksum { Ok(bytes) } else { Err(GraphError::Damaged) }
    }
}

impl<P> Default for Cells<P> {
    fn default() -> Self {
        Self { spans: Vec::new(), pages: Vec::new(), rows: 0 }
    }
}

impl<P: Page + Coded> Cells<P> {
    /// The full pages at these places of the file.
    pub(super) fn at(spans: Vec<Span>) -> Self {
        let count = u32::try_from(spans.len()).expect("the file says how many pages in 32 bits");
        let pages = spans.iter().map(|_| OnceLock::new()).collect();
        Self { spans, pages, rows: count * PAGE_ROWS }
    }

    /// The page that `row` is on, and its place there. There is such a row.
    #[inline]
    pub(super) fn of(&self, source: &Source, row: u32) -> Result<(&P, usize), GraphError> {
        let page = self.page(source, (row / PAGE_ROWS) as usize)?;
        Ok((page, (row % PAGE_ROWS) as usize))
    }

    #[inline]
    pub(super) fn page(&self, source: &Source, at: usize) -> Result<&P, GraphError> {
        match self.pages[at].get() {
            Some(page) => Ok(page),
            None => self.read(source, at),
        }
    }

    pub(super) fn push(&mut self, entry: &Entry, rank: u64) {
        if self.rows.is_multiple_of(PAGE_ROWS) {
            self.pages.push(OnceLock::from(P::default()));
        }
        let last = self.pages.last_mut().and_then(OnceLock::get_mut);
        last.expect("what was pushed is here, and pages of the file are full").push(entry, rank);
        self.rows += 1;
    }

    #[cold]
    fn read(&self, source: &Source, at: usize) -> Result<&P, GraphError> {
        let bytes = source.read(self.spans[at])?;
        let first = u32::try_from(at).expect("pages are counted in 32 bits") * PAGE_ROWS;
        let page = P::decode(&bytes, PAGE_ROWS as usize, first).ok_or(GraphError::Damaged)?;
        Ok(self.pages[at].get_or_init(|| page))
    }
}
