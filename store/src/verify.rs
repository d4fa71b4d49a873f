//! Everything read, everything checked.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use crate::id::{ObjectId, SealId};
use crate::kind::Kind;
use crate::object::format::{Canonical, links};
use crate::object::seal::Seal;
use crate::object::signature::{Voucher, voucher};
use crate::pack::{Pack, PackError};
use crate::store::error::ReadError;
use crate::store::{Object, Store};

/// Something that is not as it must be. Nothing was changed.
#[derive(Debug, Error)]
pub enum Problem {
    /// A pack can not be read, or a part of it.
    #[error(transparent)]
    Pack(PackError),
    /// A copy of an object is not what was written, or makes no sense.
    #[error(transparent)]
    Object(ReadError),
    /// An object names another that is nowhere.
    #[error("object {from} names the {kind} {to}, which is missing")]
    Missing {
        /// The object that names it.
        from: ObjectId,
        /// What it has to be.
        kind: Kind,
        /// The object that is missing.
        to: ObjectId,
    },
    /// A seal names a key that did not sign it.
    #[error("the signature of seal {0} is forged")]
    Forged(SealId),
}

/// How far a [`verify`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Objects checked.
    pub done: usize,
    /// Objects to check in all.
    pub total: usize,
}

/// Reads every byte of every pack and checks every object, link and signature. Each copy of an object
/// is checked, though readers take the first good one.
///
/// What was finished before is checked; what is finished meanwhile may be.
///
/// # Errors
///
/// The packs can not be listed. What is found wrong is no error but a [`Problem`].
pub fn verify(
    store: &Store,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<Problem>, ReadError> {
    store.refresh()?;
    let packs = store.packs();
    let mut problems: Vec<_> =
        packs.unreadable.iter().map(|(_, error)| Problem::Pack(error.clone())).collect();
    let kinds = kinds(packs.all());
    let total = packs.sound.iter().map(|pack| pack.object_count() as usize).sum();
    let mut done = 0;
    for pack in packs.all() {
        problems.extend(check_blocks(pack).map(Problem::Pack));
        if packs.condemned.iter().any(|condemned| Arc::ptr_eq(condemned, pack)) {
            // What its objects link to, and are stored as a difference to, may be gone already.
            problems.extend(pack.objects().filter_map(Result::err).map(Problem::Pack));
            continue;
        }
        for object in pack.objects() {
            match object.map_err(Problem::Pack).and_then(|object| {
                let read = store.read_copy_in(pack, object).map_err(Problem::Object)?;
                Ok((object.id, read))
            }) {
                Ok((id, object)) => problems.extend(check_object(id, &object, &kinds)),
                Err(problem) => problems.push(problem),
            }
            done += 1;
            progress(Progress { done, total });
        }
    }
    Ok(problems)
}

fn kinds<'a>(packs: impl Iterator<Item = &'a Arc<Pack>>) -> HashMap<ObjectId, Kind> {
    // What can not be read here is found when the objects are checked.
    let objects = packs.flat_map(|pack| pack.objects().filter_map(Result::ok));
    objects.map(|object| (object.id, object.kind)).collect()
}

fn check_blocks(pack: &Pack) -> impl Iterator<Item = PackError> {
    (0..pack.block_count())
        .filter_map(|number| pack.block(number).and_then(|record| pack.checked(record)).err())
}

fn check_object(id: ObjectId, object: &Object, kinds: &HashMap<ObjectId, Kind>) -> Vec<Problem> {
    let links = match links(object.kind, &object.bytes) {
        Ok(links) => links,
        Err(source) => return vec![Problem::Object(ReadError::Decode { id, source })],
    };
    let missing = links.into_iter().filter(|(kind, to)| kinds.get(to) != Some(kind));
    let mut problems: Vec<_> =
        missing.map(|(kind, to)| Problem::Missing { from: id, kind, to }).collect();
    if object.kind == Kind::Seal && is_forged(&object.bytes) {
        problems.push(Problem::Forged(id.into()));
    }
    problems
}

fn is_forged(seal: &[u8]) -> bool {
    Seal::decode(seal).is_ok_and(|seal| matches!(voucher(&seal), Ok(Voucher::Forged(_))))
}
