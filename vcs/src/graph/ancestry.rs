//! Who came from whom.

use std::collections::BinaryHeap;

use crate::graph::error::GraphError;
use crate::graph::index::{Graph, Order};
use crate::graph::row::Row;
use crate::graph::rows::RowSet;

#[cfg(test)]
mod tests;

/// How far two seals are apart.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Distance {
    /// Seals that only the first came from, itself counted.
    pub ahead: usize,
    /// Seals that only the second came from, itself counted.
    pub behind: usize,
}

/// Most tips that are told apart in one walk.
pub(crate) const COLOURS: usize = u64::BITS as usize;

/// A seal that two sides came from, and whose own past is of no interest any more.
const STALE: u64 = 1 << 2;
const LEFT: u64 = 1;
const RIGHT: u64 = 2;

impl Graph {
    /// Whether `descendant` came from `ancestor`, or is it.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn is_ancestor(&self, ancestor: Row, descendant: Row) -> Result<bool, GraphError> {
        let (rank, ..) = self.order(ancestor)?;
        let mut seen = RowSet::default();
        let mut open = vec![descendant];
        while let Some(row) = open.pop() {
            if row == ancestor {
                return Ok(true);
            }
            // What ranks no higher than the ancestor came before it.
            for parent in self.parents(row)? {
                let may_lead = parent == ancestor || self.order(parent)?.0 > rank;
                if parent >= ancestor && may_lead && seen.insert(parent) {
                    open.push(parent);
                }
            }
        }
        Ok(false)
    }

    /// The best common ancestors of the two sides: those that are no ancestor of another common one,
    /// newest first. A criss-cross of merges has several, unrelated histories have none.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn merge_bases(&self, left: &[Row], right: &[Row]) -> Result<Vec<Row>, GraphError> {
        let mut paint = Paint::new(self, STALE);
        paint.all(left, LEFT)?;
        paint.all(right, RIGHT)?;
        let mut bases = Vec::new();
        // Ends when only the pasts of bases are left.
        while let Some((row, mut colours)) = paint.pop() {
            if colours & STALE == 0 && colours & (LEFT | RIGHT) == LEFT | RIGHT {
                if !self.is_absent(row)? {
                    bases.push(row);
                }
                colours |= STALE;
            }
            paint.parents(row, colours)?;
        }
        Ok(bases)
    }

    /// How many seals each of two came from that the other did not.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn distance(&self, left: Row, right: Row) -> Result<Distance, GraphError> {
        let mut paint = Paint::new(self, LEFT | RIGHT);
        paint.add(left, LEFT)?;
        paint.add(right, RIGHT)?;
        let mut distance = Distance::default();
        while let Some((row, colours)) = paint.pop() {
            if !self.is_absent(row)? {
                distance.ahead += usize::from(colours == LEFT);
                distance.behind += usize::from(colours == RIGHT);
            }
            paint.parents(row, colours)?;
        }
        Ok(distance)
    }

    /// For each of some seals, which of at most 64 tips came from it: bit `n` for the tip `n`.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub(crate) fn reached(&self, tips: &[Row], seals: &[Row]) -> Result<Vec<u64>, GraphError> {
        assert!(tips.len() <= COLOURS, "a tip is a bit");
        let mut lowest = u64::MAX;
        for seal in seals {
            lowest = lowest.min(self.order(*seal)?.0);
        }
        let mut paint = Paint::new(self, u64::MAX);
        for (bit, tip) in tips.iter().enumerate() {
            paint.add(*tip, 1 << bit)?;
        }
        while let Some((row, colours)) = paint.pop() {
            if self.order(row)?.0 > lowest {
                paint.parents(row, colours)?;
            }
        }
        Ok(seals.iter().map(|seal| paint.colours[seal.index()]).collect())
    }

    /// All that the seals came from, themselves among them. Absent seals are left out.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn ancestors(&self, tips: &RowSet) -> Result<RowSet, GraphError> {
        let mut found = tips.clone();
        let mut open: Vec<Row> = tips.iter().collect();
        while let Some(row) = open.pop() {
            for parent in self.parents(row)? {
                if !self.is_absent(parent)? && found.insert(parent) {
                    open.push(parent);
                }
            }
        }
        Ok(found)
    }

    /// All that came from the seals, themselves among them.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn descendants(&self, seals: &RowSet) -> Result<RowSet, GraphError> {
        let mut found = seals.clone();
        // Children stand behind their parents, so one pass finds all.
        for row in self.rows_after(seals) {
            if self.parents(row)?.any(|parent| found.contains(parent)) {
                found.insert(row);
            }
        }
        Ok(found)
    }

    /// The seals that continue or merge one of these.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn children(&self, seals: &RowSet) -> Result<RowSet, GraphError> {
        let mut found = RowSet::default();
        for row in self.rows_after(seals) {
            if self.parents(row)?.any(|parent| seals.contains(parent)) {
                found.insert(row);
            }
        }
        Ok(found)
    }

    /// Those of the seals that no other of them came from.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn tips(&self, seals: &RowSet) -> Result<RowSet, GraphError> {
        let mut parents = RowSet::default();
        for row in seals.iter() {
            self.parents(row)?.for_each(|parent| {
                parents.insert(parent);
            });
        }
        Ok(seals.minus(&self.ancestors(&parents)?))
    }

    /// Those of the seals that came from no other of them.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn roots(&self, seals: &RowSet) -> Result<RowSet, GraphError> {
        let below = self.descendants(&self.children(seals)?)?;
        Ok(seals.minus(&below))
    }

    fn rows_after(&self, seals: &RowSet) -> impl Iterator<Item = Row> + use<> {
        let first = seals.iter().last().map_or(self.len, |row| row.0 + 1);
        (first..self.len).map(Row)
    }
}

/// A walk by rank that carries colours from children to parents, and ends when nothing is left to come
/// that lacks one of the `last` colours. A seal is taken after all its children, so by then it has all
/// its colours.
struct Paint<'g> {
    graph: &'g Graph,
    heap: BinaryHeap<Order>,
    colours: Vec<u64>,
    last: u64,
    /// How many in the heap lack one of the last colours.
    lacking: usize,
}

impl<'g> Paint<'g> {
    fn new(graph: &'g Graph, last: u64) -> Self {
        let colours = vec![0; graph.len()];
        Self { graph, heap: BinaryHeap::new(), colours, last, lacking: 0 }
    }

    fn all(&mut self, rows: &[Row], colours: u64) -> Result<(), GraphError> {
        rows.iter().try_for_each(|row| self.add(*row, colours))
    }

    fn parents(&mut self, row: Row, colours: u64) -> Result<(), GraphError> {
        let graph = self.graph;
        graph.parents(row)?.try_for_each(|parent| self.add(parent, colours))
    }

    fn add(&mut self, row: Row, colours: u64) -> Result<(), GraphError> {
        let before = self.colours[row.index()];
        let after = before | colours;
        self.colours[row.index()] = after;
        if before == 0 {
            self.heap.push(self.graph.order(row)?);
            self.lacking += usize::from(self.lacks(after));
        } else if self.lacks(before) && !self.lacks(after) {
            // Only a damaged file ranks a child below its parent, so that the count is wrong.
            self.lacking = self.lacking.saturating_sub(1);
        }
        Ok(())
    }

    fn pop(&mut self) -> Option<(Row, u64)> {
        if self.lacking == 0 {
            return None;
        }
        let (_, _, row) = self.heap.pop()?;
        let colours = self.colours[row as usize];
        self.lacking = self.lacking.saturating_sub(usize::from(self.lacks(colours)));
        Some((Row(row), colours))
    }

    const fn lacks(&self, colours: u64) -> bool {
        colours & self.last != self.last
    }
}
