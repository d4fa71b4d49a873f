//! The history from newest to oldest, never a parent before its child.

use std::collections::{BinaryHeap, HashMap};
use std::iter;

use crate::graph::error::GraphError;
use crate::graph::index::{Graph, Order};
use crate::graph::row::Row;

#[cfg(test)]
mod tests;

/// Which parents a walk follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Line {
    /// All of them.
    All,
    /// The one that each seal continues.
    First,
}

/// A walk from some seals down, by rank: newest first, never a parent before its child, equal on
/// every replica that holds the same seals.
///
/// It looks at no more than it has passed and the parents of that, so the first twenty seals cost
/// the same in any history. Absent seals are left out.
#[derive(Debug)]
pub struct Walk<'g> {
    frontier: Frontier<'g>,
    line: Line,
}

/// A walk that keeps lines together: a seal comes right after the last of its children, where a
/// [`Walk`] would mix lines that grew at the same time. For pictures.
#[derive(Debug)]
pub struct Grouped<'g> {
    graph: &'g Graph,
    /// Runs ahead, to know when all children of a seal have come.
    ahead: iter::Peekable<Walk<'g>>,
    line: Line,
    /// What has not come, and of which something is known.
    waiting: HashMap<Row, Waiting>,
    /// What may come next, the best on top.
    ready: Vec<Row>,
}

/// A seal that a grouped walk has not come to.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    /// How many of its children are still to come.
    children: usize,
    /// Whether it is part of the walk: neither hidden nor absent.
    seen: bool,
}

/// The seals that a walk may come to next.
#[derive(Debug)]
pub(super) struct Frontier<'g> {
    pub(super) graph: &'g Graph,
    heap: BinaryHeap<Order>,
    marks: Vec<u8>,
    /// How many in the heap are not hidden.
    shown: usize,
}

const SEEN: u8 = 1;
const HIDDEN: u8 = 2;

impl Graph {
    /// Walks down from `tips`, leaving out `hidden` and all that it came from: the range
    /// `hidden..tips`.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn walk(&self, tips: &[Row], hidden: &[Row], line: Line) -> Result<Walk<'_>, GraphError> {
        let frontier = Frontier::new(self, tips, hidden)?;
        Ok(Walk { frontier, line })
    }

    /// The same seals, lines kept together.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn walk_grouped(
        &self,
        tips: &[Row],
        hidden: &[Row],
        line: Line,
    ) -> Result<Grouped<'_>, GraphError> {
        let ahead = self.walk(tips, hidden, line)?.peekable();
        let mut grouped =
            Grouped { graph: self, ahead, line, waiting: HashMap::new(), ready: Vec::new() };
        let mut tips = tips.to_vec();
        tips.sort_unstable();
        tips.dedup();
        let mut ordered = Vec::new();
        for tip in tips {
            grouped.look_ahead(self.order(tip)?)?;
            ordered.push((self.order(tip)?, tip));
        }
        ordered.sort_unstable();
        let is_top =
            |row: &Row| grouped.waiting.get(row).is_some_and(|tip| tip.seen && tip.children == 0);
        grouped.ready = ordered.into_iter().map(|(_, tip)| tip).filter(is_top).collect();
        Ok(grouped)
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Row, GraphError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

impl Walk<'_> {
    fn step(&mut self) -> Result<Option<Row>, GraphError> {
        while let Some(row) = self.frontier.pop()? {
            match self.line {
                Line::All => self.frontier.follow_all(row)?,
                Line::First => self.frontier.follow_first(row)?,
            }
            if !self.frontier.graph.is_absent(row)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }
}

impl Iterator for Grouped<'_> {
    type Item = Result<Row, GraphError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.ready.pop()?;
        self.waiting.remove(&row);
        Some(self.release_parents(row).map(|()| row))
    }
}

impl Grouped<'_> {
    /// Of several parents the last that becomes free comes first: what was merged stands above what
    /// it was merged into.
    fn release_parents(&mut self, row: Row) -> Result<(), GraphError> {
        for parent in followed(self.graph, row, self.line)? {
            if self.graph.is_absent(parent)? {
                continue;
            }
            self.look_ahead(self.graph.order(parent)?)?;
            if let Some(waiting) = self.waiting.get_mut(&parent) {
                waiting.children -= 1;
                if waiting.seen && waiting.children == 0 {
                    self.ready.push(parent);
                }
            }
        }
        Ok(())
    }

    /// Sees everything that a [`Walk`] shows up to this place in its order.
    fn look_ahead(&mut self, until: Order) -> Result<(), GraphError> {
        loop {
            match self.ahead.peek() {
                Some(Ok(row)) if self.graph.order(*row)? < until => return Ok(()),
                None => return Ok(()),
                Some(_) => {}
            }
            let row = self.ahead.next().expect("it was peeked at")?;
            self.waiting.entry(row).or_default().seen = true;
            for parent in followed(self.graph, row, self.line)? {
                self.waiting.entry(parent).or_default().children += 1;
            }
        }
    }
}

/// Each parent once: one that is named twice is one child's parent all the same.
fn followed(graph: &Graph, row: Row, line: Line) -> Result<Vec<Row>, GraphError> {
    let count = match line {
        Line::All => usize::MAX,
        Line::First => 1,
    };
    let mut parents = Vec::new();
    for parent in graph.parents(row)?.take(count) {
        if !parents.contains(&parent) {
            parents.push(parent);
        }
    }
    Ok(parents)
}

impl<'g> Frontier<'g> {
    pub(super) fn new(graph: &'g Graph, tips: &[Row], hidden: &[Row]) -> Result<Self, GraphError> {
        let marks = vec![0; graph.len()];
        let mut frontier = Self { graph, heap: BinaryHeap::new(), marks, shown: 0 };
        for row in tips {
            frontier.add(*row, SEEN)?;
        }
        for row in hidden {
            frontier.add(*row, SEEN | HIDDEN)?;
        }
        Ok(frontier)
    }

    /// The next seal that is not hidden. Whoever takes it says which parents to follow.
    pub(super) fn pop(&mut self) -> Result<Option<Row>, GraphError> {
        while self.shown > 0 {
            let Some((_, _, row)) = self.heap.pop() else { break };
            let row = Row(row);
            if self.marks[row.index()] & HIDDEN == 0 {
                self.shown -= 1;
                return Ok(Some(row));
            }
            let graph = self.graph;
            for parent in graph.parents(row)? {
                self.add(parent, SEEN | HIDDEN)?;
            }
        }
        Ok(None)
    }

    pub(super) fn follow(&mut self, parent: Row) -> Result<(), GraphError> {
        self.add(parent, SEEN)
    }

    pub(super) fn follow_all(&mut self, row: Row) -> Result<(), GraphError> {
        let graph = self.graph;
        graph.parents(row)?.try_for_each(|parent| self.add(parent, SEEN))
    }

    fn follow_first(&mut self, row: Row) -> Result<(), GraphError> {
        let graph = self.graph;
        graph.parents(row)?.take(1).try_for_each(|parent| self.add(parent, SEEN))
    }

    // A seal is taken from the heap after all its children, so by then it is known whether it is
    // hidden. Only a damaged file ranks a child below its parent, and then too much is shown.
    #[inline]
    fn add(&mut self, row: Row, mark: u8) -> Result<(), GraphError> {
        let marks = &mut self.marks[row.index()];
        let before = *marks;
        *marks |= mark;
        if before == 0 {
            self.heap.push(self.graph.order(row)?);
            self.shown += usize::from(mark == SEEN);
        } else if before == SEEN && mark & HIDDEN != 0 {
            self.shown = self.shown.saturating_sub(1);
        }
        Ok(())
    }
}
