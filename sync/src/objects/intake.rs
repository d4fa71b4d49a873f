//! The store of who receives.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use selkie_store::{Arrival, Batch, Hold, Lent, ObjectId, Piece, TakeError, WriteError};

/// What comes in of one fetch. The work on the store that [`Objects`](crate::Objects) asks of who receives.
///
/// An object becomes visible with its piece, and a piece only if all that its objects link to is there: so the
/// store is whole after every one, and whatever a stranger sends it never holds an object without those below it.
///
/// As long as it lives no collection removes what came. It is to be kept until the entries that name the objects are
/// taken in.
#[derive(Debug)]
pub struct Intake<'a> {
    store: Lent<'a>,
    _hold: Hold,
    open: BTreeMap<u32, Open<'a>>,
    // What nothing that came links to: in the end the roots, and what nobody asked for.
    tops: HashSet<ObjectId>,
}

/// A piece that is coming.
#[derive(Debug)]
struct Open<'a> {
    batch: Batch<'a>,
    ids: Vec<ObjectId>,
    unmet: BTreeSet<ObjectId>,
    // Links that were found, in the store or in the batch. It only saves looking again.
    found: HashSet<ObjectId>,
}

/// What became of a parcel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// So many objects came, of so many bytes.
    Objects(u32, u64),
    /// It is a difference to something that is not here. The piece can be sent in another way.
    NoBase,
    /// It is none, or holds what is no object, or what belongs to nothing.
    Lie,
    /// It can not be written here.
    Unwritten,
}

/// What became of a parcel that came along with what names its objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Along {
    /// It was all that is wanted, and is durable: so many objects, of so many bytes.
    Whole(u32, u64),
    /// It does not do: something that it builds upon is not here, or it is not all, or more than is wanted. Nothing of it is kept.
    Short,
    /// It is none, or holds what is no object. Nothing of it is kept.
    Lie,
    /// It can not be written here.
    Unwritten,
}

/// What became of a piece.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kept {
    /// It is durable, and whole.
    Whole,
    /// These are linked to and not here. The piece stays open.
    Unmet(BTreeSet<ObjectId>),
    /// What came is not what the check speaks of. The piece is dropped.
    Other,
    /// It can not be written. The piece is dropped.
    Unwritten,
}

/// The number of the piece that comes along: nothing else is open by then.
const ALONG: u32 = 0;

/// So many objects may come before what links to them. One directory has no more.
const TOPS_MAX: usize = 1 << 20;

/// So many may be linked to by one piece before they come. An honest sender needs none.
const UNMET_MAX: usize = 64 << 10;

/// More than this are not remembered: 4 MiB.
const FOUND_MAX: usize = 64 << 10;

impl<'a> Intake<'a> {
    /// Nothing came yet.
    ///
    /// # Errors
    ///
    /// The store can not be written.
    pub fn new(store: impl Into<Lent<'a>>) -> io::Result<Self> {
        let store = store.into();
        let hold = store.hold()?;
        Ok(Self { store, _hold: hold, open: BTreeMap::new(), tops: HashSet::new() })
    }

    /// Which of these lists of objects are here, every one of them.
    ///
    /// # Errors
    ///
    /// The store can not be looked at.
    pub fn look(&self, samples: &[Vec<ObjectId>]) -> Result<Vec<bool>, WriteError> {
        let batch = Batch::new(self.store.clone());
        let is_here = |ids: &Vec<ObjectId>| {
            ids.iter().try_fold(true, |all, id| Ok::<_, WriteError>(all && batch.rely(id)?))
        };
        let here = samples.iter().map(is_here).collect();
        batch.finish()?;
        here
    }

    /// Takes a parcel of a piece.
    pub fn take(&mut self, piece: u32, parcel: &[u8]) -> Taken {
        let begun = self.open.remove(&piece);
        let mut open = begun.unwrap_or_else(|| Open {
            batch: Batch::new(self.store.clone()),
            ids: Vec::new(),
            unmet: BTreeSet::new(),
            found: HashSet::new(),
        });
        let taken = match open.batch.take(parcel) {
            Ok(arrivals) => self.note(&mut open, arrivals),
            Err(TakeError::NoBase) => Taken::NoBase,
            Err(TakeError::Parcel(_) | TakeError::Frame | TakeError::Object(_)) => Taken::Lie,
            Err(TakeError::Pack(_) | TakeError::Write(_)) => Taken::Unwritten,
        };
        self.open.insert(piece, open);
        taken
    }

    /// Takes a parcel that nobody asked for, if it holds all that is wanted and nothing but what is behind it.
    pub fn take_along(&mut self, parcel: &[u8], wanted: &[ObjectId]) -> Along {
        let along = match self.take(ALONG, parcel) {
            Taken::Objects(..) if !self.is_all(ALONG, wanted) => Along::Short,
            Taken::Objects(count, bytes) => match self.keep(ALONG, None) {
                Kept::Whole => return Along::Whole(count, bytes),
                Kept::Unmet(_) | Kept::Other => Along::Short,
                Kept::Unwritten => Along::Unwritten,
            },
            Taken::NoBase => Along::Short,
            Taken::Lie => Along::Lie,
            Taken::Unwritten => Along::Unwritten,
        };
        self.forget(ALONG);
        along
    }

    /// Makes a piece durable, if it is whole.
    pub fn keep(&mut self, piece: u32, check: Option<[u8; Piece::CHECK_LEN]>) -> Kept {
        let Some(mut open) = self.open.remove(&piece) else { return Kept::Other };
        let ids = std::mem::take(&mut open.ids);
        if check.is_some_and(|check| Piece::check_of(ids.clone()) != check) {
            ids.iter().for_each(|id| _ = self.tops.remove(id));
            return Kept::Other;
        }
        // Another piece may have brought them meanwhile.
        for id in std::mem::take(&mut open.unmet) {
            match open.batch.rely(&id) {
                Ok(true) => {}
                Ok(false) => _ = open.unmet.insert(id),
                Err(_) => return Kept::Unwritten,
            }
        }
        if !open.unmet.is_empty() {
            let unmet = open.unmet.clone();
            open.ids = ids;
            self.open.insert(piece, open);
            return Kept::Unmet(unmet);
        }
        if open.batch.finish().is_ok() { Kept::Whole } else { Kept::Unwritten }
    }

    /// Forgets what came of a piece.
    pub fn forget(&mut self, piece: u32) {
        // What was in it may come again, and is then linked to or not.
        for id in self.open.remove(&piece).into_iter().flat_map(|open| open.ids) {
            self.tops.remove(&id);
        }
    }

    /// What came and nothing that came links to, ascending.
    #[must_use]
    pub fn tops(&self) -> Vec<ObjectId> {
        let mut tops: Vec<_> = self.tops.iter().copied().collect();
        tops.sort_unstable();
        tops
    }

    /// Whether these are in a piece, and nothing else that came is linked to by nothing.
    fn is_all(&self, piece: u32, wanted: &[ObjectId]) -> bool {
        let came: HashSet<_> = self.open.get(&piece).into_iter().flat_map(|it| &it.ids).collect();
        let is_wanted = |top: &ObjectId| wanted.binary_search(top).is_ok();
        wanted.iter().all(|id| came.contains(id)) && self.tops.iter().all(is_wanted)
    }

    fn note(&mut self, open: &mut Open, arrivals: Vec<Arrival>) -> Taken {
        let mut taken = (0, 0);
        for Arrival { id, length, links } in arrivals {
            taken = (taken.0 + 1, taken.1 + length);
            open.ids.push(id);
            if !open.unmet.remove(&id) {
                self.tops.insert(id);
            }
            for (_, link) in links {
                self.tops.remove(&link);
                if open.found.contains(&link) {
                    continue;
                }
                // What is not known to be here is looked for when the piece is whole.
                match open.batch.relies(&link) {
                    Ok(true) => open.remember(link),
                    Ok(false) => _ = open.unmet.insert(link),
                    Err(_) => return Taken::Unwritten,
                }
            }
        }
        let is_endless = self.tops.len() > TOPS_MAX || open.unmet.len() > UNMET_MAX;
        if is_endless { Taken::Lie } else { Taken::Objects(taken.0, taken.1) }
    }
}

impl Open<'_> {
    fn remember(&mut self, link: ObjectId) {
        if self.found.len() >= FOUND_MAX {
            self.found.clear();
        }
        self.found.insert(link);
    }
}
