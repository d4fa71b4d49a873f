//! What one store has and another lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use selkie_crdt::Hlc;

use crate::cursor::index;
use crate::gap::error::GapError;
use crate::gap::history::History;
use crate::gap::spots::{Spot, Spots};
use crate::gap::walk::{RESEMBLES_MAX, Walk};
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::log::error::LogError;
use crate::pack::PackError;
use crate::pack::format::ObjectRecord;
use crate::store::Store;

pub(crate) mod error;
mod history;
pub(crate) mod spots;
mod walk;

/// The objects that somebody lacks to have all that can be reached from some roots, in an order in which each
/// comes behind those that it links to, cut into pieces.
///
/// Stores that hold the same objects, asked the same, find the same order and the same pieces, however their
/// packs look; so several may share the work. An object takes 20 bytes of memory here.
#[derive(Debug)]
pub struct Gap {
    spots: Spots,
    lacked: Vec<Spot>,
    by_spot: Vec<(Spot, u32)>, // ascending
    resembles: BTreeMap<u32, ObjectId>,
    pieces: Vec<Piece>,
    bytes: u64,
    absent: Vec<ObjectId>,
    is_from_nothing: bool,
}

/// Some objects of a [`Gap`] that become durable together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece {
    /// Which they are, by their places in the order.
    pub members: Range<u32>,
    /// Bytes in all of them.
    pub bytes: u64,
    /// The same for all who mean the same objects, see [`Piece::check_of`].
    pub check: [u8; Self::CHECK_LEN],
    /// Some of them, spread evenly, the last one too: who has these most likely has all.
    pub samples: Vec<ObjectId>,
}

/// A piece is a share of the whole, so that a cut loses no more than that...
const SHARE: u64 = 32;
/// ...but not so small that syncing costs more than sending...
const PIECE_LEN_MIN: u64 = 1 << 20;
/// ...nor so large that its tables fill the memory of who receives it, as long as pieces are few enough to
/// be told in one message.
const PIECE_LEN_MAX: u64 = 64 << 20;
const PIECE_COUNT_MAX: u64 = 4096;

/// What an object weighs beside its bytes where pieces are cut: tables in memory.
const OBJECT_WEIGHT: u64 = 512;

/// A whole gap of so many bytes is made as small as it can be made...
const SMALL_LEN: u64 = 256 << 10;
/// ...and of so few objects.
const SMALL_COUNT: usize = 1024;

const CONTEXT: &str = "selkie 1 piece of a gap";

impl Gap {
    /// Looks for what somebody lacks who has all behind the roots that `had` tells of, and wants all behind
    /// `wanted`. Those of the roots that are not here, maybe nowhere any more, are left out: see
    /// [`Gap::absent`].
    ///
    /// `had` is asked for the roots that are not older than some time, and tells each once:
    /// [`Backlog::had_since`](crate::Backlog::had_since) does that. It costs time in the change, and in how long
    /// ago the newest seal was made that both have.
    ///
    /// # Errors
    ///
    /// What is here can not be followed.
    pub fn between(
        store: &Store,
        wanted: &BTreeSet<ObjectId>,
        had: impl FnMut(Hlc) -> Result<Vec<ObjectId>, LogError>,
    ) -> Result<Self, GapError> {
        Self::within(store, wanted, had, usize::MAX)
    }

    /// As [`Gap::between`], if it is so little that one parcel holds it. It costs no time in how much it is otherwise.
    ///
    /// # Errors
    ///
    /// What is here can not be followed, or [`GapError::Large`].
    pub fn small(
        store: &Store,
        wanted: &BTreeSet<ObjectId>,
        had: impl FnMut(Hlc) -> Result<Vec<ObjectId>, LogError>,
    ) -> Result<Self, GapError> {
        let gap = Self::within(store, wanted, had, SMALL_COUNT)?;
        if gap.is_small() { Ok(gap) } else { Err(GapError::Large) }
    }

    /// Looks for no more than so many objects, and at no more than so many seals and directories.
    fn within(
        store: &Store,
        wanted: &BTreeSet<ObjectId>,
        mut had: impl FnMut(Hlc) -> Result<Vec<ObjectId>, LogError>,
        most: usize,
    ) -> Result<Self, GapError> {
        let absent: BTreeSet<_> = store.missing(wanted.iter().copied())?.into_iter().collect();
        let spots = Spots::of(store);
        let (mut seals, mut others) = (BTreeSet::new(), Vec::new());
        for id in wanted.difference(&absent) {
            let (_, ObjectRecord { kind, .. }) =
                spots.find(id)?.ok_or(GapError::Missing { kind: Kind::Seal, id: *id })?;
            if kind == Kind::Seal {
                seals.insert(*id);
            } else {
                others.push((kind, *id));
            }
        }
        let mut is_from_nothing = true;
        let mut told = |time| {
            let roots = had(time)?;
            is_from_nothing &= roots.is_empty();
            Ok(roots)
        };
        let history = History::follow(store, &seals, &mut told, most)?;
        let mut walk = Walk::new(store, &spots, most);
        for seal in history.lacked(&seals) {
            walk.seal(&seal)?;
        }
        for (kind, id) in others {
            walk.object(kind, id)?;
        }
        let Walk { lacked, mut resembles, .. } = walk;
        if lacked.len() > RESEMBLES_MAX {
            resembles.clear();
        }
        let mut gap = Self {
            spots,
            by_spot: Vec::new(),
            lacked,
            resembles,
            pieces: Vec::new(),
            bytes: 0,
            absent: absent.into_iter().collect(),
            is_from_nothing,
        };
        gap.number();
        gap.cut()?;
        Ok(gap)
    }

    /// Exactly these objects, without what they link to.
    ///
    /// # Errors
    ///
    /// The table of a pack can not be read.
    pub fn of(store: &Store, ids: &BTreeSet<ObjectId>) -> Result<Self, GapError> {
        let absent = store.missing(ids.iter().copied())?;
        let spots = Spots::of(store);
        let mut lacked = Vec::new();
        for id in ids.iter().filter(|id| absent.binary_search(id).is_err()) {
            lacked.extend(spots.find(id)?.map(|(spot, _)| spot));
        }
        let mut gap = Self {
            spots,
            by_spot: Vec::new(),
            lacked,
            resembles: BTreeMap::new(),
            pieces: Vec::new(),
            bytes: 0,
            absent,
            is_from_nothing: true,
        };
        gap.number();
        gap.cut()?;
        Ok(gap)
    }

    /// Whether one parcel holds it, made as small as can be.
    pub(crate) const fn is_small(&self) -> bool {
        self.bytes <= SMALL_LEN && self.lacked.len() <= SMALL_COUNT
    }

    /// How many objects it is.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lacked.len()
    }

    /// Whether nothing is lacked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lacked.is_empty()
    }

    /// Bytes in all objects.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The pieces, in the order they are to be kept in.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The roots that are not here.
    #[must_use]
    pub fn absent(&self) -> &[ObjectId] {
        &self.absent
    }

    /// The objects of a piece, in order.
    ///
    /// # Errors
    ///
    /// The table of a pack can not be read.
    pub fn ids(&self, piece: &Piece) -> Result<Vec<ObjectId>, PackError> {
        piece.members.clone().map(|at| Ok(self.object(at)?.id)).collect()
    }

    pub(crate) const fn spots(&self) -> &Spots {
        &self.spots
    }

    pub(crate) const fn is_from_nothing(&self) -> bool {
        self.is_from_nothing
    }

    pub(crate) fn spot(&self, at: u32) -> Spot {
        self.lacked[index(at)]
    }

    pub(crate) fn object(&self, at: u32) -> Result<ObjectRecord, PackError> {
        self.spots.object(self.spot(at))
    }

    /// The place of an object in the order.
    pub(crate) fn place(&self, id: &ObjectId) -> Result<Option<u32>, PackError> {
        let Some((spot, _)) = self.spots.find(id)? else { return Ok(None) };
        let at = self.by_spot.binary_search_by_key(&spot, |(spot, _)| *spot);
        Ok(at.ok().map(|at| self.by_spot[at].1))
    }

    /// What an object resembles, if there are few.
    pub(crate) fn resembled(&self, at: u32) -> Option<ObjectId> {
        self.resembles.get(&at).copied()
    }

    fn number(&mut self) {
        self.by_spot = self.lacked.iter().copied().zip(0..).collect();
        self.by_spot.sort_unstable();
    }

    fn cut(&mut self) -> Result<(), PackError> {
        let count = u32::try_from(self.lacked.len()).expect("packs have fewer than 2^32 objects");
        let mut weight = 0;
        for at in 0..count {
            let length = u64::from(self.object(at)?.length);
            self.bytes += length;
            weight += length + OBJECT_WEIGHT;
        }
        let longest = PIECE_LEN_MAX.max(weight / (PIECE_COUNT_MAX / 2));
        let piece_len = (weight / SHARE).clamp(PIECE_LEN_MIN, longest);
        let (mut from, mut held) = (0, 0);
        for at in 0..count {
            held += u64::from(self.object(at)?.length) + OBJECT_WEIGHT;
            if held >= piece_len || at + 1 == count {
                let piece = self.piece(from..at + 1, held)?;
                self.pieces.push(piece);
                (from, held) = (at + 1, 0);
            }
        }
        Ok(())
    }

    fn piece(&self, members: Range<u32>, weight: u64) -> Result<Piece, PackError> {
        let ids = members.clone().map(|at| Ok(self.object(at)?.id));
        let ids = ids.collect::<Result<Vec<_>, PackError>>()?;
        let last = ids.len() - 1;
        let mut samples: Vec<_> = (1..=4).map(|quarter| ids[last * quarter / 4]).collect();
        samples.dedup();
        let bytes = weight - u64::from(members.end - members.start) * OBJECT_WEIGHT;
        Ok(Piece { members, bytes, check: Piece::check_of(ids), samples })
    }
}

impl Piece {
    /// Bytes in a check.
    pub const CHECK_LEN: usize = 16;

    /// The check of a piece of these objects, in whatever order they came.
    #[must_use]
    pub fn check_of(mut ids: Vec<ObjectId>) -> [u8; Self::CHECK_LEN] {
        ids.sort_unstable();
        ids.dedup();
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        ids.iter().for_each(|id| _ = hasher.update(id.as_bytes()));
        let mut check = [0; Self::CHECK_LEN];
        check.copy_from_slice(&hasher.finalize().as_bytes()[..Self::CHECK_LEN]);
        check
    }
}
