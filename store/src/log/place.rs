//! Where in a log something stands.

use selkie_crdt::ActorId;

use crate::log::error::LogError;
use crate::log::format::{Entry, EntryHash, FRAME_LEN, HEADER_LEN, NO_HASH, PAYLOAD_LEN_MAX, hash};
use crate::object::key::Signature;

/// How far a log goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The position of the newest entry, 0 for none.
    pub position: u64,
    /// Its hash, zeros for none.
    pub hash: EntryHash,
}

/// A place between two entries, from which a log can be read on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// The entry before it.
    pub head: Head,
    /// How many bytes of the file are before it.
    pub end: u64,
}

impl Head {
    pub(crate) const NONE: Self = Self { position: 0, hash: NO_HASH };

    /// The head of a log that ends with `entry`.
    #[must_use]
    pub const fn of(entry: &Entry) -> Self {
        Self { position: entry.position, hash: entry.hash }
    }

    /// The entry that says this behind here in the log of `replica`. Whether that replica said so is not checked.
    #[must_use]
    pub fn then(&self, replica: ActorId, payload: Vec<u8>, signature: Signature) -> Entry {
        let position = self.position + 1;
        let hash = hash(&self.hash, replica, position, &payload);
        Entry { position, payload, signature, hash }
    }

    /// Refuses an entry that is not the next one in a log of `replica` that ends here.
    pub(crate) fn check_next(&self, replica: ActorId, entry: &Entry) -> Result<(), LogError> {
        let Entry { position, payload, hash: told, .. } = entry;
        if *position != self.position + 1 {
            return Err(LogError::Gap { position: *position, newest: self.position });
        }
        if payload.len() > PAYLOAD_LEN_MAX {
            return Err(LogError::Long(payload.len()));
        }
        if *told != hash(&self.hash, replica, *position, payload) {
            return Err(LogError::Fork { replica, position: *position });
        }
        Ok(())
    }
}

impl Place {
    /// Before the first entry.
    pub const START: Self = Self { head: Head::NONE, end: HEADER_LEN as u64 };

    /// Behind the entry with this head and so long a payload, which stands here.
    pub(crate) const fn behind(self, head: Head, payload_len: usize) -> Self {
        Self { head, end: self.end + (FRAME_LEN + payload_len) as u64 }
    }

    /// Behind `entry`, which stands here.
    pub(crate) const fn after(self, entry: &Entry) -> Self {
        self.behind(Head::of(entry), entry.payload.len())
    }
}
