//! One file that carries history where no network does.
//!
//! A bundle brings timelines and tags, by their names, and all objects that whoever has what it builds upon lacks. It
//! holds no log: it is what one clone says of its history, and who takes it in says it anew as their own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::io::{self, Read, Write};

use selkie_store::{
    Arrival, Bases, Batch, ChangeId, Gap, GapError, ObjectId, Parcels, Progress, SealId, Store,
    TakeError, WriteError,
};
use thiserror::Error;

use crate::bundle::contents::Contents;
use crate::bundle::format::{Reading, UnreadableBundle, Writing};

pub(crate) mod contents;
pub(crate) mod format;

/// A bundle that is read, as far as it was read. Nothing in it is believed.
pub struct Bundle<'a> {
    contents: Contents,
    reading: Reading<Box<dyn Read + 'a>>,
}

impl fmt::Debug for Bundle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle").field("contents", &self.contents).finish_non_exhaustive()
    }
}

/// Why the objects of a bundle were not taken. What came of them is reached by nothing, and goes in time.
#[derive(Debug, Error)]
pub enum OpenBundleError {
    /// It is none, or damaged.
    #[error(transparent)]
    Unreadable(#[from] UnreadableBundle),
    /// It builds upon seals that are not here.
    #[error("the bundle builds upon history that is not here")]
    Lacking(BTreeMap<SealId, ChangeId>),
    /// What it promises is neither in it nor here.
    #[error("object {0} is neither in the bundle nor here")]
    Hole(ObjectId),
    /// More is promised than a bundle can keep, or it holds other objects than it says.
    #[error("the bundle holds other objects than it says")]
    Other,
    /// A parcel in it is none, or does not fit.
    #[error(transparent)]
    Objects(#[from] TakeError),
    /// It can not be told what is here, or the objects can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why no bundle was written.
#[derive(Debug, Error)]
pub enum WriteBundleError {
    /// What it would hold can not be told or read.
    #[error(transparent)]
    Gap(#[from] GapError),
    /// It can not be written.
    #[error("the bundle can not be written")]
    Io(#[from] io::Error),
}

/// What becomes of the objects of a bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// They stay.
    Kept,
    /// They are looked at.
    Dropped,
}

/// Once so many bytes or objects came and nothing is open, they are made durable: tables in memory are bounded by it.
const PACK_LEN: u64 = 64 << 20;
const PACK_COUNT: u64 = 64 << 10;

/// So many objects may be linked to before they come. An honest bundle has each behind those that it links to, but for what
/// lies in one block.
const UNMET_MAX: usize = 64 << 10;

/// Links that were found are remembered up to so many: it only saves looking again.
const FOUND_MAX: usize = 64 << 10;

impl<'a> Bundle<'a> {
    /// Reads what a bundle says of itself.
    ///
    /// # Errors
    ///
    /// It is none, or that part of it is damaged.
    pub fn open(from: impl Read + 'a) -> Result<Self, UnreadableBundle> {
        let from: Box<dyn Read + 'a> = Box::new(from);
        let (reading, contents) = Reading::begin(from)?;
        Ok(Self { contents, reading })
    }

    /// What it says of itself. Only once all of it was read that is what somebody wrote.
    #[must_use]
    pub const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Reads it to its end.
    ///
    /// # Errors
    ///
    /// It is cut or damaged.
    pub fn read_out(&mut self) -> Result<(), UnreadableBundle> {
        while self.reading.parcel()?.is_some() {}
        Ok(())
    }

    /// Takes its objects. In the end all that it promises is here, with everything below.
    pub(crate) fn unpack<'b>(
        &mut self,
        batch: impl Fn() -> Batch<'b>,
        fate: Fate,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), OpenBundleError> {
        let mut open = Open { batch: batch(), unmet: BTreeSet::new(), found: HashSet::new() };
        let mut lacking = self.contents.builds_on.clone();
        for seal in self.contents.builds_on.keys() {
            if open.batch.rely(&seal.object())? {
                lacking.remove(seal);
            }
        }
        if !lacking.is_empty() {
            return Err(OpenBundleError::Lacking(lacking));
        }
        let mut tips: BTreeSet<ObjectId> =
            self.contents.tips().into_iter().map(SealId::object).collect();
        let (mut objects, mut packed) = (0, (0, 0));
        while let Some(parcel) = self.reading.parcel()? {
            for Arrival { id, length, links } in open.batch.take(&parcel)? {
                tips.remove(&id);
                objects += 1;
                packed = (packed.0 + length, packed.1 + 1);
                open.note(id, links.into_iter().map(|(_, link)| link))?;
            }
            if objects > self.contents.objects || open.unmet.len() > UNMET_MAX {
                return Err(OpenBundleError::Other);
            }
            let total = usize::try_from(self.contents.objects).unwrap_or(usize::MAX);
            progress(Progress { done: usize::try_from(objects).unwrap_or(total), total });
            let is_much = packed.0 >= PACK_LEN || packed.1 >= PACK_COUNT;
            if fate == Fate::Kept && is_much && open.unmet.is_empty() {
                std::mem::replace(&mut open.batch, batch()).finish()?;
                packed = (0, 0);
            }
        }
        if objects != self.contents.objects {
            return Err(OpenBundleError::Other);
        }
        // A tip may be what the bundle builds upon.
        for tip in tips {
            if !open.batch.rely(&tip)? {
                open.unmet.insert(tip);
            }
        }
        if let Some(id) = open.unmet.first() {
            return Err(OpenBundleError::Hole(*id));
        }
        if fate == Fate::Kept {
            open.batch.finish()?;
        }
        Ok(())
    }
}

/// Objects that came and are not durable yet.
struct Open<'a> {
    batch: Batch<'a>,
    unmet: BTreeSet<ObjectId>,
    found: HashSet<ObjectId>,
}

impl Open<'_> {
    /// Looks for what an object that came links to.
    fn note(
        &mut self,
        id: ObjectId,
        links: impl Iterator<Item = ObjectId>,
    ) -> Result<(), WriteError> {
        self.unmet.remove(&id);
        for link in links {
            if self.found.contains(&link) {
                continue;
            }
            if !self.batch.rely(&link)? {
                self.unmet.insert(link);
                continue;
            }
            if self.found.len() >= FOUND_MAX {
                self.found.clear();
            }
            self.found.insert(link);
        }
        Ok(())
    }
}

/// Writes a bundle of what whoever has what it builds upon lacks. How many objects that are, and their bytes, is found
/// here and told.
///
/// Nothing in it is a difference to what is not in it, so it can be read by everybody. Blocks go as they are stored: a store
/// writes the same bytes again until its packs are written anew.
pub(crate) fn write(
    store: &Store,
    mut contents: Contents,
    out: impl Write,
    mut progress: impl FnMut(Progress),
) -> Result<Contents, WriteBundleError> {
    let had: Vec<ObjectId> = contents.builds_on.keys().map(|seal| seal.object()).collect();
    let wanted = contents.tips().into_iter().filter(|tip| !contents.builds_on.contains_key(tip));
    let wanted = wanted.map(SealId::object).collect();
    let mut told = Some(had);
    let gap = Gap::between(store, &wanted, |_| Ok(told.take().unwrap_or_default()))?;
    (contents.objects, contents.bytes) = (gap.len() as u64, gap.bytes());
    let mut writing = Writing::begin(out, &contents)?;
    for piece in gap.pieces() {
        let mut parcels = Parcels::new(&gap, piece, Bases::Nothing)?;
        while let Some(parcel) = parcels.next(store, &gap)? {
            writing.parcel(&parcel.into_bytes())?;
        }
        progress(Progress { done: piece.members.end as usize, total: gap.len() });
    }
    writing.end()?;
    Ok(contents)
}
