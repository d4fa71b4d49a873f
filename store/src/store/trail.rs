//! The way to an object through the bases it was made from.

use std::collections::HashSet;

use crate::id::ObjectId;

/// What one read has tried.
///
/// Honest chains are short and without circles. Others cost no more than trying each object once: a base
/// that could not be read is not read again for every copy of every object above it.
#[derive(Debug)]
pub(super) struct Trail {
    pub(super) bases: Bases,
    above: Vec<ObjectId>,
    hopeless: HashSet<ObjectId>,
}

/// Whether the bases of an object are hashed on the way to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bases {
    Trusted,
    Checked,
}

/// More deltas than this in a row are damage. Batches write far fewer, see `Batch::skip_back`.
const DEPTH_MAX: usize = 128;

impl Trail {
    pub(super) fn new(bases: Bases) -> Self {
        Self { bases, above: Vec::new(), hopeless: HashSet::new() }
    }

    /// Steps down to an object. False if that leads nowhere.
    pub(super) fn enter(&mut self, id: ObjectId) -> bool {
        let leads_on = self.above.len() <= DEPTH_MAX
            && !self.above.contains(&id)
            && !self.hopeless.contains(&id);
        if leads_on {
            self.above.push(id);
        }
        leads_on
    }

    /// Steps up again, from an object that was read.
    pub(super) fn leave(&mut self) {
        self.above.pop();
    }

    /// Steps up again, from an object that can not be read.
    pub(super) fn give_up(&mut self) {
        self.hopeless.extend(self.above.pop());
    }

    /// Whether the object is a base of another.
    pub(super) fn is_below(&self) -> bool {
        self.above.len() > 1
    }
}
