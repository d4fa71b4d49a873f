//! What holds for a whole repair.

use std::sync::Arc;

use blake3::Hasher;
use selkie_store::ObjectId;

use crate::repair::difference::{RepairError, SaltStanding};
use crate::repair::digest::{Digest, feed};
use crate::repair::inventory::Inventory;
use crate::repair::message::Nonce;
use crate::repair::order::{By, FreshKey, Order};

/// One of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// Who speaks first.
    Opens,
    /// Who answers.
    Answers,
}

impl Side {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Opens => Self::Answers,
            Self::Answers => Self::Opens,
        }
    }
}

/// What both sides know as soon as each has spoken.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) side: Side,
    /// Of who opens, and of who answers.
    pub(crate) nonces: [Nonce; 2],
    /// How many ids the other says it has.
    pub(crate) peer_count: usize,
    pub(crate) salt: SaltStanding,
}

const FRESH_CONTEXT: &str = "selkie 1 repair range key";
const PROOF_CONTEXT: &str = "selkie 1 repair proof";

impl Context {
    /// How many ids we have.
    pub(crate) fn count(&self) -> usize {
        self.inventory.len()
    }

    /// The fewer of ours and of theirs.
    pub(crate) fn count_min(&self) -> usize {
        self.count().min(self.peer_count)
    }

    /// Our ids in an order.
    pub(crate) fn order(&self, by: By) -> Result<Order<'_>, RepairError> {
        Order::new(&self.inventory, by, self.fresh()).ok_or(RepairError::Unexpected)
    }

    /// A key that neither side could choose alone.
    pub(crate) fn fresh(&self) -> FreshKey {
        blake3::derive_key(FRESH_CONTEXT, &self.nonces.concat())
    }

    /// What one side says to show that it knows all ids that both have, and to seal which it has alone.
    ///
    /// It goes for this repair and this side only, so that none is said again to somebody else, or back.
    pub(crate) fn proof(&self, by: Side, shared: &Digest, alone: &[ObjectId]) -> Digest {
        let side = match by {
            Side::Opens => 0,
            Side::Answers => 1,
        };
        let mut hasher = Hasher::new_derive_key(PROOF_CONTEXT);
        hasher.update(&self.nonces.concat()).update(&[side]).update(shared.as_bytes());
        feed(&mut hasher, alone);
        hasher.finalize()
    }

    /// How many ids differ, if a guess says so many. Never fewer than the numbers of ids tell.
    pub(crate) fn likely(&self, guess: u64) -> usize {
        let most = self.count() + self.peer_count;
        let least = self.count().abs_diff(self.peer_count);
        usize::try_from(guess).unwrap_or(most).clamp(least, most)
    }

    /// Whether so many cells take more bytes than the images of the smaller set.
    pub(crate) fn is_better_listed(&self, cells: usize) -> bool {
        cells.saturating_mul(9) > self.count_min().saturating_mul(8)
    }
}
