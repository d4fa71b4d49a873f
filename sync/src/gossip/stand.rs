//! Where logs stand.

use std::collections::BTreeMap;

use selkie_crdt::ActorId;
use selkie_store::Head;
use serde::{Deserialize, Serialize};

/// How far one log goes, and a mark of everything in it up to there.
///
/// Two nodes with one position and two marks hold two histories of one replica. That is how a copied
/// or restored repository shows, and a forger too.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Stand {
    /// The position of the newest entry; zero if there is none.
    pub position: u64,
    /// The first bytes of its hash, but for the first bit: that is set if the log ends here, since its replica said two things
    /// in the next place.
    pub mark: [u8; Stand::MARK_LEN],
}

/// Where each log of a channel stands.
pub type Stands = BTreeMap<ActorId, Stand>;

/// A hash over where all logs of a channel stand.
pub type Sum = [u8; 16];

/// The bit of a mark that says that the log ends.
const ENDED: u8 = 0x80;

/// Separates sums from whatever else is hashed.
const CONTEXT: &str = "selkie 1 gossip sum";

impl Stand {
    /// Bytes in a mark: as many as make a chance match rare. A match that somebody made on purpose hides
    /// the maker's own second history for a while, until either goes on.
    pub const MARK_LEN: usize = 8;

    /// Where a log stands that has this head.
    #[must_use]
    pub fn of(head: &Head) -> Self {
        let mut mark = [0; Self::MARK_LEN];
        mark.copy_from_slice(&head.hash[..Self::MARK_LEN]);
        mark[0] &= !ENDED;
        Self { position: head.position, mark }
    }

    /// The same, where the log ends.
    #[must_use]
    pub const fn ended(mut self) -> Self {
        self.mark[0] |= ENDED;
        self
    }

    /// Whether the log ends here.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.mark[0] & ENDED != 0
    }
}

/// The hash over all of them.
pub(super) fn sum(stands: &Stands) -> Sum {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    for (stream, stand) in stands {
        hasher.update(stream.as_bytes()).update(&stand.position.to_le_bytes()).update(&stand.mark);
    }
    let mut sum = Sum::default();
    hasher.finalize_xof().fill(&mut sum);
    sum
}
