//! The graph itself: what is known of each seal, by its row.

use std::collections::BTreeSet;

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, ObjectId, SealId, TreeId};

use crate::graph::cells::{Cells, Source};
use crate::graph::error::GraphError;
use crate::graph::lookup::{Lookup, key};
use crate::graph::page::{Faces, Links, Names, PAGE_ROWS, ROWS_MAX, Rewrites, Touches, Trees};
use crate::graph::row::{Entry, Facts, Known, Row};
use crate::graph::touched::Touch;
use crate::seal_name::ChangeRange;

/// Which seal came from which, and what a list of them shows.
///
/// Seals are entered parents first, so every parent's row is less than its child's and nothing here can
/// go in circles. A seal has a *rank*: its time, or more if a parent's clock was ahead, so that it is
/// always greater than that of every parent. Walks go by rank.
///
/// What was written to the file is read page by page, when somebody asks; so each question may fail.
///
/// ```
/// use selkie_vcs::Graph;
/// assert!(Graph::default().is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) source: Source,
    pub(super) len: u32,
    pub(super) links: Cells<Links>,
    pub(super) names: Cells<Names>,
    pub(super) trees: Cells<Trees>,
    pub(super) faces: Cells<Faces>,
    pub(super) touches: Cells<Touches>,
    pub(super) rewrites: Cells<Rewrites>,
    pub(super) by_id: Lookup,
    pub(super) by_change: Lookup,
    pub(super) by_replaced: Lookup,
    pub(super) absent: BTreeSet<u32>,
}

/// What orders a walk: rank, then the first bytes of the id, then the row.
pub(crate) type Order = (u64, u32, u32);

/// A time beyond the last that a clock reads counts as that: the rank of what follows must be greater.
const TIME_MAX: u64 = Hlc::MS_MAX << 16;

impl Graph {
    /// How many seals are known, absent ones among them.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether no seal is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads every page, so that one that is damaged shows.
    ///
    /// # Errors
    ///
    /// One is, or can not be read.
    pub(crate) fn read_all(&self) -> Result<(), GraphError> {
        for first in (0..self.len).step_by(PAGE_ROWS as usize).map(Row) {
            let _link = self.parents(first)?.next();
            self.change(first)?;
            self.tree(first)?;
            self.title(first)?;
            self.touch(first, 0)?;
            let _older = self.replaces(first)?.next();
        }
        Ok(())
    }

    /// The row of a seal.
    ///
    /// # Errors
    ///
    /// The graph can not be read, as with everything that is asked of it.
    pub fn row(&self, id: SealId) -> Result<Option<Row>, GraphError> {
        let bytes = id.object();
        let first = key(bytes.as_bytes());
        for row in self.by_id.rows(&self.source, first..=first)? {
            if self.id(Row(row))? == id {
                return Ok(Some(Row(row)));
            }
        }
        Ok(None)
    }

    /// The name of the seal in this row.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn id(&self, row: Row) -> Result<SealId, GraphError> {
        let (page, at) = self.names.of(&self.source, row.0)?;
        Ok(page.ids[at])
    }

    /// The change that the seal is a version of. Absent seals have none.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn change(&self, row: Row) -> Result<Option<ChangeId>, GraphError> {
        if self.is_absent(row)? {
            return Ok(None);
        }
        let (page, at) = self.names.of(&self.source, row.0)?;
        Ok(Some(page.changes[at]))
    }

    /// Whether only the name of the seal is known.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn is_absent(&self, row: Row) -> Result<bool, GraphError> {
        let (page, at) = self.links.of(&self.source, row.0)?;
        Ok(page.is_absent(at))
    }

    /// The parents, first the one it continues.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    #[inline]
    pub fn parents(&self, row: Row) -> Result<impl Iterator<Item = Row>, GraphError> {
        let (page, at) = self.links.of(&self.source, row.0)?;
        Ok(page.parents(at).map(Row))
    }

    /// The content of the seal. Absent seals have none.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn tree(&self, row: Row) -> Result<Option<TreeId>, GraphError> {
        if self.is_absent(row)? {
            return Ok(None);
        }
        let (page, at) = self.trees.of(&self.source, row.0)?;
        Ok(Some(page.ids[at]))
    }

    /// The first line of its message, at most 240 bytes of it.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn title(&self, row: Row) -> Result<&str, GraphError> {
        let (page, at) = self.faces.of(&self.source, row.0)?;
        Ok(page.title(at))
    }

    /// Who made it, at most 240 bytes each of name and contact.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn author(&self, row: Row) -> Result<&Author, GraphError> {
        let (page, at) = self.faces.of(&self.source, row.0)?;
        Ok(page.author(at))
    }

    /// When it was made, and how many minutes its author's clock was ahead of UTC.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn time(&self, row: Row) -> Result<(Hlc, i16), GraphError> {
        let (page, at) = self.faces.of(&self.source, row.0)?;
        Ok((Hlc::from_u64(page.time[at]), page.zone[at]))
    }

    /// What is known, without looking at trees, of the path with this number.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    #[inline]
    pub fn touch(&self, row: Row, number: u64) -> Result<Touch, GraphError> {
        let (page, at) = self.touches.of(&self.source, row.0)?;
        Ok(page.touch(at, number))
    }

    /// What the seal rewrites.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn replaces(&self, row: Row) -> Result<impl Iterator<Item = SealId>, GraphError> {
        let (page, at) = self.rewrites.of(&self.source, row.0)?;
        Ok(page.of(at))
    }

    /// The seals that say they rewrite this one, in the order of rows.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn replaced_by(&self, id: SealId) -> Result<Vec<Row>, GraphError> {
        let first = key(id.object().as_bytes());
        let mut rows = Vec::new();
        for row in self.by_replaced.rows(&self.source, first..=first)? {
            if self.replaces(Row(row))?.any(|replaced| replaced == id) {
                rows.push(Row(row));
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The seals whose ids are in a range, those of absent seals among them.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn rows_by_id(&self, first: ObjectId, last: ObjectId) -> Result<Vec<Row>, GraphError> {
        let keys = key(first.as_bytes())..=key(last.as_bytes());
        let mut rows = Vec::new();
        for row in self.by_id.rows(&self.source, keys)? {
            if (first..=last).contains(&self.id(Row(row))?.object()) {
                rows.push(Row(row));
            }
        }
        Ok(rows)
    }

    /// The seals that are versions of changes in a range, by change.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn rows_by_change(&self, range: &ChangeRange) -> Result<Vec<Row>, GraphError> {
        let keys = key(range.start().as_bytes())..=key(range.end().as_bytes());
        let mut rows = Vec::new();
        for row in self.by_change.rows(&self.source, keys)? {
            let (page, at) = self.names.of(&self.source, row)?;
            if range.contains(&page.changes[at]) {
                rows.push(Row(row));
            }
        }
        Ok(rows)
    }

    /// Enters a seal. One that is there already is left as it is.
    ///
    /// # Errors
    ///
    /// The graph can not be read, or is full. Nothing was added.
    ///
    /// # Panics
    ///
    /// A parent's row is none of this graph.
    pub fn push(&mut self, entry: &Entry) -> Result<Row, GraphError> {
        match self.row(entry.id)? {
            Some(row) => Ok(row),
            None => self.push_new(entry),
        }
    }

    pub(super) fn push_new(&mut self, entry: &Entry) -> Result<Row, GraphError> {
        if self.len >= ROWS_MAX {
            return Err(GraphError::Full);
        }
        let row = self.len;
        let rank = match &entry.known {
            Known::Absent => 0,
            Known::Present(facts) => self.rank_of(facts)?,
        };
        self.links.push(entry, rank);
        self.names.push(entry, rank);
        self.trees.push(entry, rank);
        self.faces.push(entry, rank);
        self.touches.push(entry, rank);
        self.rewrites.push(entry, rank);
        self.by_id.insert(key(entry.id.object().as_bytes()), row);
        match &entry.known {
            Known::Absent => {
                self.absent.insert(row);
            }
            Known::Present(facts) => {
                self.by_change.insert(key(facts.change.as_bytes()), row);
                for replaced in &facts.replaces {
                    self.by_replaced.insert(key(replaced.object().as_bytes()), row);
                }
            }
        }
        self.len += 1;
        Ok(Row(row))
    }

    /// Greater than that of every parent, so that a walk by rank shows children first whatever the
    /// clocks said.
    fn rank_of(&self, facts: &Facts) -> Result<u64, GraphError> {
        let mut rank = facts.time.to_u64().min(TIME_MAX);
        for parent in &facts.parents {
            assert!(parent.0 < self.len, "parents are entered before their children");
            rank = rank.max(self.order(*parent)?.0 + 1);
        }
        Ok(rank)
    }

    #[inline]
    pub(crate) fn order(&self, row: Row) -> Result<Order, GraphError> {
        let (page, at) = self.links.of(&self.source, row.0)?;
        Ok((page.rank[at], page.tie[at], row.0))
    }

    /// What is known of the seal, as it was entered.
    pub(super) fn entry(&self, row: Row) -> Result<Entry, GraphError> {
        let id = self.id(row)?;
        let (Some(change), Some(tree)) = (self.change(row)?, self.tree(row)?) else {
            return Ok(Entry { id, known: Known::Absent });
        };
        let (time, zone_minutes) = self.time(row)?;
        let (touches, at) = self.touches.of(&self.source, row.0)?;
        let facts = Facts {
            change,
            tree,
            time,
            zone_minutes,
            parents: self.parents(row)?.collect(),
            author: self.author(row)?.clone(),
            title: self.title(row)?.to_owned(),
            replaces: self.replaces(row)?.collect(),
            touched: touches.touched(at),
        };
        Ok(Entry { id, known: Known::Present(Box::new(facts)) })
    }
}
