//! The store of who sends.

use std::collections::{BTreeMap, BTreeSet};

use selkie_crdt::ActorId;
use selkie_store::{Backlog, Bases, Gap, GapError, ObjectId, Parcel, Parcels, Piece, Store};

use crate::objects::offer::{Name, Note, Offer, Request, Wanted};

/// What a request comes to in a store, and how far it is sent. The work on the store that
/// [`Objects`](crate::Objects) asks of who sends.
///
/// It remembers where the objects are, 20 bytes for each, and none of them.
#[derive(Debug)]
pub struct Outlet {
    gap: Gap,
    loading: Option<(u32, Bases, Parcels)>,
}

impl Outlet {
    /// Looks for what somebody lacks.
    ///
    /// # Errors
    ///
    /// What is wanted can not be followed here.
    pub fn plan(store: &Store, request: &Request) -> Result<Self, GapError> {
        let have: BTreeMap<_, _> = request.have.iter().copied().collect();
        let mut backlog = Backlog::new(store, &have)?;
        let ids = |names: &[Name]| names.iter().map(|name| name.id()).collect::<BTreeSet<_>>();
        let gap = match &request.wanted {
            Wanted::News => {
                let wanted = backlog.news().clone();
                Gap::between(store, &wanted, |time| backlog.had_since(time))?
            }
            Wanted::Behind(names) => {
                Gap::between(store, &ids(names), |time| backlog.had_since(time))?
            }
            Wanted::Exactly(names) => Gap::of(store, &ids(names))?,
        };
        Ok(Self { gap, loading: None })
    }

    /// All that is behind these roots and that somebody with the logs up to `have` lacks, in one parcel. None if there is
    /// nothing, or if it is not small.
    ///
    /// # Errors
    ///
    /// It can not be followed here.
    pub fn small(
        store: &Store,
        have: &BTreeMap<ActorId, u64>,
        roots: &BTreeSet<ObjectId>,
    ) -> Result<Option<Vec<u8>>, GapError> {
        let mut backlog = Backlog::new(store, have)?;
        let gap = match Gap::small(store, roots, |time| backlog.had_since(time)) {
            Err(GapError::Large) => return Ok(None),
            found => found?,
        };
        match gap.pieces() {
            [piece] if gap.absent().is_empty() => {
                let parcel = Parcels::new(&gap, piece, Bases::Before)?.next(store, &gap)?;
                Ok(parcel.map(Parcel::into_bytes))
            }
            _ => Ok(None),
        }
    }

    /// What there is.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let pieces = self.gap.pieces();
        let notes = pieces.iter().map(|piece| Note {
            objects: piece.members.end - piece.members.start,
            bytes: piece.bytes,
            check: piece.check,
            samples: piece.samples.iter().copied().map(Name::of).collect(),
        });
        Offer {
            objects: count(self.gap.len()),
            bytes: self.gap.bytes(),
            pieces: if pieces.len() > 1 { notes.collect() } else { Vec::new() },
            absent: self.gap.absent().iter().copied().map(Name::of).collect(),
        }
    }

    /// The next parcel of a piece, none at its end. Who asks for another piece, or for the same after its end,
    /// begins anew.
    ///
    /// # Errors
    ///
    /// What it is made of can not be read.
    pub fn load(
        &mut self,
        store: &Store,
        piece: u32,
        bases: Bases,
    ) -> Result<Option<Vec<u8>>, GapError> {
        let goes_on = matches!(&self.loading, Some((at, by, _)) if (*at, *by) == (piece, bases));
        if !goes_on {
            let Some(found) = self.piece(piece) else { return Ok(None) };
            self.loading = Some((piece, bases, Parcels::new(&self.gap, found, bases)?));
        }
        let Some((.., parcels)) = &mut self.loading else { return Ok(None) };
        let parcel = parcels.next(store, &self.gap)?;
        if parcel.is_none() {
            self.loading = None;
        }
        Ok(parcel.map(Parcel::into_bytes))
    }

    fn piece(&self, piece: u32) -> Option<&Piece> {
        self.gap.pieces().get(usize::try_from(piece).ok()?)
    }
}
