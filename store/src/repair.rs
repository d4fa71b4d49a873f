//! What is damaged is replaced by good copies from somewhere else.

use std::collections::BTreeSet;
use std::io;

use thiserror::Error;

use crate::batch::{Batch, WriteError};
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::format::PackId;
use crate::pack::{Pack, PackError};
use crate::removal::Removal;
use crate::store::error::ReadError;
use crate::store::{Object, Store};
use crate::verify::{Problem, verify};

/// What [`repair`] did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Repaired {
    /// Objects that were asked for and came.
    pub healed: BTreeSet<ObjectId>,
    /// Objects that nobody could give. Everything else is whole.
    pub lost: BTreeSet<ObjectId>,
    /// Packs that were laid aside, after all that was good in them had been copied. One that could be
    /// restored byte by byte was replaced instead.
    pub laid_aside: Vec<PackId>,
}

/// Why a repair ended early. What was healed before stays healed; repairing again goes on.
#[derive(Debug, Error)]
pub enum RepairError {
    /// The folder of packs can not be used.
    #[error("the packs can not be repaired")]
    Io(#[from] io::Error),
    /// The packs can not be listed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The good copies can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Makes the store whole again. Each damaged object, each that `wanted` names and each that another
/// object names is looked for here and then asked for; what `ask` gives is checked against its id.
///
/// A damaged pack is laid aside under another name when all of its good objects are elsewhere.
///
/// # Errors
///
/// The packs can not be read or written.
pub fn repair(
    store: &Store,
    wanted: &[ObjectId],
    mut ask: impl FnMut(&ObjectId) -> Option<Object>,
) -> Result<Repaired, RepairError> {
    let mut repaired = Repaired::default();
    // What is copied from a bad pack must not lose what it links to meanwhile.
    let _hold = store.hold()?;
    loop {
        let problems = verify(store, |_| ())?;
        let bad = bad_packs(&problems, store);
        let mut missing: BTreeSet<_> = problems.iter().filter_map(missing_object).collect();
        missing.extend(wanted.iter().filter(|id| store.read(id).is_err()));
        let batch = Batch::new(store);
        salvage(store, &batch, &bad, &mut missing)?;
        let before = repaired.healed.len();
        for id in missing {
            match ask(&id).filter(|object| ObjectId::of(object.kind, &object.bytes) == id) {
                Some(Object { kind, bytes }) => {
                    batch.heal(kind, &bytes)?;
                    repaired.lost.remove(&id);
                    repaired.healed.insert(id);
                }
                None => {
                    repaired.lost.insert(id);
                }
            }
        }
        // What was good is copied in the order it was written in, so the new pack may be the one that
        // was damaged, as it should be, in its place.
        let replaced = batch.finish()?;
        let aside: Vec<_> = bad.into_iter().filter(|pack| Some(*pack) != replaced).collect();
        if !aside.is_empty() {
            Removal::wait(store.disk())?.lay_aside(&aside)?;
            repaired.laid_aside.extend(aside);
        }
        store.refresh()?;
        // What came may name more that is missing.
        if repaired.healed.len() == before {
            return Ok(repaired);
        }
    }
}

fn bad_packs(problems: &[Problem], store: &Store) -> BTreeSet<PackId> {
    let pack_of = |error: &PackError| match error {
        PackError::Damaged { pack, .. } => Some(*pack),
        // It may be sound, or is not ours to judge.
        PackError::Io { .. } | PackError::Version { .. } => None,
    };
    let mut bad = BTreeSet::new();
    for problem in problems {
        match problem {
            Problem::Pack(error) | Problem::Object(ReadError::Unreadable { source: error, .. }) => {
                bad.extend(pack_of(error));
            }
            Problem::Object(ReadError::Damaged(id)) => bad.extend(packs_with_bad(store, id)),
            Problem::Object(_) | Problem::Missing { .. } | Problem::Forged(_) => {}
        }
    }
    bad
}

/// The packs whose copy of an object is not what was written.
fn packs_with_bad(store: &Store, id: &ObjectId) -> Vec<PackId> {
    let packs = store.packs();
    let bad = packs.all().filter(|pack| {
        let found = pack.find(id).ok().flatten();
        found.is_some_and(|object| store.read_copy_in(pack, object).is_err())
    });
    bad.map(|pack| pack.id()).collect()
}

fn missing_object(problem: &Problem) -> Option<ObjectId> {
    match problem {
        Problem::Missing { to, .. } => Some(*to),
        // The name of a base may have rotted itself, so it is the object that is asked for.
        Problem::Object(
            ReadError::Damaged(id)
            | ReadError::Absent(id)
            | ReadError::Unreadable { id, .. }
            | ReadError::Base { id, .. },
        ) => Some(*id),
        Problem::Object(ReadError::Kind { .. } | ReadError::Decode { .. } | ReadError::List(_))
        | Problem::Pack(_)
        | Problem::Forged(_) => None,
    }
}

/// Copies what is good in bad packs, and notes what is not.
fn salvage(
    store: &Store,
    batch: &Batch,
    bad: &BTreeSet<PackId>,
    missing: &mut BTreeSet<ObjectId>,
) -> Result<(), RepairError> {
    for pack in store.packs().all() {
        if !bad.contains(&pack.id()) {
            continue;
        }
        for (id, kind) in listed(pack) {
            match store.read(&id) {
                Ok(object) if object.kind == kind => {
                    batch.heal(kind, &object.bytes)?;
                    missing.remove(&id);
                }
                Ok(_) | Err(_) => {
                    missing.insert(id);
                }
            }
        }
    }
    Ok(())
}

/// The objects of a pack, as far as its table can be read.
fn listed(pack: &Pack) -> impl Iterator<Item = (ObjectId, Kind)> {
    pack.objects().filter_map(Result::ok).map(|object| (object.id, object.kind))
}
