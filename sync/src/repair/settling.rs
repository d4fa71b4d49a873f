//! The side that found what differs, and waits for the other to agree.

use selkie_store::ObjectId;

use crate::repair::context::Context;
use crate::repair::difference::{Difference, RepairError};
use crate::repair::found::Found;
use crate::repair::message::Part;
use crate::repair::order::{By, image_of};
use crate::repair::salt::{TAIL_LEN, Tail};

/// What was found, and what was heard of it.
#[derive(Debug)]
pub(crate) struct Settling {
    found: Found,
    /// Ids of theirs, one for each of their keys.
    ids: Vec<ObjectId>,
    proof: Option<[u8; 32]>,
}

impl Settling {
    pub(crate) fn new(found: Found) -> Self {
        let keys = found.theirs();
        let ids = match found.by {
            By::Image => Vec::with_capacity(keys.len()),
            By::Id => keys.iter().map(|key| ObjectId::from_bytes(*key)).collect(),
        };
        Self { found, ids, proof: None }
    }

    /// Whether the other may say that it is not true.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.found.by == By::Image && self.ids.is_empty() && self.proof.is_none()
    }

    /// Takes a part of their turn.
    pub(crate) fn hear(&mut self, cx: &Context, part: &Part) -> Result<(), RepairError> {
        match part {
            _ if self.proof.is_some() => return Err(RepairError::Unexpected),
            Part::Tails(bytes) => {
                let images = cx.inventory.images().ok_or(RepairError::Unexpected)?;
                for bytes in bytes.chunks_exact(TAIL_LEN) {
                    let tail: &Tail = bytes.try_into().expect("a chunk is as long as a tail");
                    let key = self.found.theirs().get(self.ids.len()).ok_or(RepairError::Untrue)?;
                    self.ids.push(images.key().id(image_of(key), tail));
                }
            }
            Part::Proof(proof) => self.proof = Some(*proof),
            _ => return Err(RepairError::Unexpected),
        }
        Ok(())
    }

    /// What it comes to.
    pub(crate) fn end(&mut self, cx: &Context) -> Result<Difference, RepairError> {
        let proof = self.proof.ok_or(RepairError::Unexpected)?;
        if self.ids.len() != self.found.theirs().len() {
            return Err(RepairError::Untrue);
        }
        let mut only_there = std::mem::take(&mut self.ids);
        only_there.sort_unstable();
        let expected = cx.proof(cx.side.other(), &self.found.shared(cx), &only_there);
        // Hashes are compared in constant time.
        if expected != blake3::Hash::from_bytes(proof) {
            return Err(RepairError::Untrue);
        }
        let only_here = cx.inventory.at(self.found.places());
        Ok(Difference { only_here, only_there, salt: cx.salt })
    }
}
