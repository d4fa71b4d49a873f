//! Objects that an entry is about to reach.

use std::collections::BTreeSet;

use crate::batch::{Batch, WriteError};
use crate::id::ObjectId;
use crate::store::{Hold, Store};
use crate::view::error::ViewError;

/// Keeps objects, and all below them, from being collected until the entry that reaches them is in its log.
#[derive(Debug)]
pub(super) struct Keep {
    _hold: Option<Hold>,
    /// Those that are not here, ascending.
    pub(super) absent: Vec<ObjectId>,
}

impl Keep {
    /// Looks for the objects. What a collection has condemned is taken back, with all below it.
    pub(super) fn of(
        store: &Store,
        ids: impl Iterator<Item = ObjectId>,
    ) -> Result<Self, ViewError> {
        let ids: BTreeSet<_> = ids.collect();
        if ids.is_empty() {
            return Ok(Self { _hold: None, absent: Vec::new() });
        }
        // The hold comes before the look: what is condemned after it waits until it ended.
        let hold = store.hold().map_err(WriteError::from)?;
        store.refresh()?;
        let mut absent = Vec::new();
        let batch = Batch::new(store);
        for id in ids {
            if !store.knows(&id)? && !batch.rely(&id)? {
                absent.push(id);
            }
        }
        batch.finish()?;
        Ok(Self { _hold: Some(hold), absent })
    }
}
