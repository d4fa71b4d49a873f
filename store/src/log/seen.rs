//! How far a log went when it was last looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selkie_crdt::ActorId;

use crate::log::error::LogError;

/// The position of the newest entry that was read or added through one [`Log`](crate::Log). A file that has
/// less was removed or replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    newest: Arc<AtomicU64>,
}

impl Seen {
    /// The newest so far. Asked before the file is opened, since others may add and look meanwhile.
    pub(super) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Notes an entry that is here.
    pub(super) fn note(&self, position: u64) {
        self.newest.fetch_max(position, Ordering::AcqRel);
    }

    /// Notes how far a file goes that was opened when `before` was the newest.
    pub(super) fn check(&self, replica: ActorId, before: u64, found: u64) -> Result<(), LogError> {
        if found < before {
            return Err(LogError::Lost { replica, seen: before, found });
        }
        self.note(found);
        Ok(())
    }
}
