//! What somebody asks for, and what another says he has of it.

use std::collections::BTreeSet;

use selkie_crdt::ActorId;
use selkie_store::{ObjectId, Piece};
use serde::{Deserialize, Serialize};

use crate::channel_id::ChannelId;

/// What somebody has, and what he wants.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Request {
    /// Of what. Who may read it is judged by whoever runs [`Output::Plan`](crate::ObjectsOutput::Plan).
    pub channel: ChannelId,
    /// Up to which position he has the log of which replica, ascending. He has all that these entries reach.
    pub have: Vec<(ActorId, u64)>,
    /// What he wants.
    pub wanted: Wanted,
}

/// Which objects somebody wants.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum Wanted {
    /// All that is behind the entries that he lacks.
    #[default]
    News,
    /// All that is behind these, ascending.
    Behind(Vec<Name>),
    /// These alone, ascending.
    Exactly(Vec<Name>),
}

/// What somebody can give of what was asked for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Offer {
    /// How many objects.
    pub objects: u32,
    /// Bytes in all of them.
    pub bytes: u64,
    /// The pieces that they come in. None if there is only one, or none.
    pub pieces: Vec<Note>,
    /// Roots that he does not have, maybe since nobody has them any more.
    pub absent: Vec<Name>,
}

/// What is told of a piece before it comes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Note {
    /// How many objects.
    pub objects: u32,
    /// Bytes in all of them.
    pub bytes: u64,
    /// What all who mean the same objects say.
    pub check: [u8; Piece::CHECK_LEN],
    /// Some of the objects: who has these has most likely all of them, from an attempt before.
    pub samples: Vec<Name>,
}

/// The id of an object, on the wire.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Name([u8; ObjectId::LEN]);

/// More replicas than this are not told of: what they did is sent again.
pub(crate) const HAVE_MAX: usize = 8192;

/// Ids in one message.
pub(crate) const NAMES_MAX: usize = 16 << 10;

/// Pieces of one offer.
pub(crate) const PIECES_MAX: usize = 4096;

/// Samples of one piece.
const SAMPLES_MAX: usize = 8;

impl Request {
    pub(crate) fn is_valid(&self) -> bool {
        let ascends = self.have.is_sorted_by(|(one, _), (next, _)| one < next);
        ascends
            && self.have.len() <= HAVE_MAX
            && match &self.wanted {
                Wanted::News => true,
                Wanted::Behind(names) | Wanted::Exactly(names) => {
                    names.len() <= NAMES_MAX && names.is_sorted_by(|one, next| one < next)
                }
            }
    }
}

impl Wanted {
    /// All that is behind these objects, as many of them as one message names.
    pub(crate) fn behind(ids: &BTreeSet<ObjectId>) -> Self {
        Self::Behind(ids.iter().take(NAMES_MAX).map(|id| Name::of(*id)).collect())
    }

    /// Just these objects, as many of them as one message names.
    pub(crate) fn exactly(ids: &BTreeSet<ObjectId>) -> Self {
        Self::Exactly(ids.iter().take(NAMES_MAX).map(|id| Name::of(*id)).collect())
    }
}

impl Offer {
    /// Whether the numbers add up.
    pub(crate) fn is_valid(&self) -> bool {
        let counts = self.pieces.iter().try_fold((0_u32, 0_u64), |(objects, bytes), note| {
            Some((objects.checked_add(note.objects)?, bytes.checked_add(note.bytes)?))
        });
        let adds_up = self.pieces.is_empty() || counts == Some((self.objects, self.bytes));
        let are_short = self
            .pieces
            .iter()
            .all(|note| (1..=SAMPLES_MAX).contains(&note.samples.len()) && note.objects > 0);
        adds_up && are_short && self.pieces.len() <= PIECES_MAX && self.absent.len() <= NAMES_MAX
    }

    /// How many pieces there are.
    pub(crate) fn piece_count(&self) -> u32 {
        let count = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        if self.objects == 0 { 0 } else { count.max(1) }
    }

    /// Objects and bytes in a piece.
    pub(crate) fn piece(&self, piece: u32) -> (u32, u64) {
        let note = usize::try_from(piece).ok().and_then(|at| self.pieces.get(at));
        note.map_or((self.objects, self.bytes), |note| (note.objects, note.bytes))
    }

    /// What a piece has to hash to. Nothing is known of a single one: what is in it is what it is.
    pub(crate) fn check(&self, piece: u32) -> Option<[u8; Piece::CHECK_LEN]> {
        let note = usize::try_from(piece).ok().and_then(|at| self.pieces.get(at));
        note.map(|note| note.check)
    }
}

impl Name {
    /// The name of this object.
    #[must_use]
    pub const fn of(id: ObjectId) -> Self {
        Self(*id.as_bytes())
    }

    /// The object of this name.
    #[must_use]
    pub const fn id(self) -> ObjectId {
        ObjectId::from_bytes(self.0)
    }
}
