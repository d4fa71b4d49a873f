//! Why a log can not be read or added to.

use std::io;

use selkie_crdt::ActorId;
use thiserror::Error;

use crate::log::format::PAYLOAD_LEN_MAX;

/// Why a log can not be read or added to. What was acknowledged is where it was.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file system did not let us.
    #[error("the log of replica {replica} can not be used")]
    Io {
        /// Whose log.
        replica: ActorId,
        /// What the file system says.
        source: io::Error,
    },
    /// Another process keeps the log's lock for longer than anybody waits. Nothing was added.
    #[error("the log of replica {replica} is locked by another process, which may be stuck")]
    Busy {
        /// Whose log.
        replica: ActorId,
    },
    /// Entries that were read or added here are gone: the file was removed or replaced. Nothing was added,
    /// since that would give a position two contents.
    #[error("the log of replica {replica} had {seen} entries, and now has {found}")]
    Lost {
        /// Whose log.
        replica: ActorId,
        /// The newest position that was seen.
        seen: u64,
        /// The newest position now.
        found: u64,
    },
    /// An entry is not what was written, and others follow it. The file stays as it is.
    #[error("the log of replica {replica} is damaged after position {position}")]
    Damaged {
        /// Whose log.
        replica: ActorId,
        /// The last sound entry.
        position: u64,
    },
    /// A later version wrote the log. Nothing was touched.
    #[error("the log has format {0}, and this program knows format 1: use a newer one")]
    Version(u8),
    /// The payload is longer than [`PAYLOAD_LEN_MAX`].
    #[error("an entry has at most {PAYLOAD_LEN_MAX} bytes, not {0}")]
    Long(usize),
    /// The entry does not follow the newest one. Those in between are missing.
    #[error("entry {position} does not follow entry {newest}")]
    Gap {
        /// Where the entry belongs.
        position: u64,
        /// The newest one here.
        newest: u64,
    },
    /// The replica says two things at one position: its directory was copied, or it lies.
    #[error("replica {replica} has two histories at position {position}")]
    Fork {
        /// Whose log.
        replica: ActorId,
        /// Where they part, or later.
        position: u64,
    },
}
