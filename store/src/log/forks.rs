//! The proofs of a store that replicas said two things in one place.
//!
//! A file for each, beside the log, with the position in its name: so a listing of the folder tells where logs end. Of one log
//! the least position counts, and what is greater is removed.

use std::collections::BTreeMap;
use std::io;

use selkie_crdt::ActorId;

use crate::disk::{Disk, whole};
use crate::hex;
use crate::log::fork::Fork;
use crate::log::{FOLDER, Log};

const SUFFIX: &str = ".fork";

/// For each log that was proved to be forked, all positions for which there is a file, ascending.
fn listed(names: &[String]) -> BTreeMap<ActorId, Vec<u64>> {
    let mut listed = BTreeMap::<_, Vec<_>>::new();
    for (replica, position) in names.iter().filter_map(|name| parse(name)) {
        listed.entry(replica).or_default().push(position);
    }
    listed.values_mut().for_each(|positions| positions.sort_unstable());
    listed
}

/// The proofs that count, of those with these names: for each log the sound one of the least position, of those that `known` does not have already.
pub(crate) fn read(
    disk: &dyn Disk,
    names: &[String],
    known: impl Fn(ActorId, u64) -> bool,
) -> io::Result<BTreeMap<ActorId, Found>> {
    let mut found = BTreeMap::new();
    for (replica, positions) in listed(names) {
        for position in positions {
            if known(replica, position) {
                found.insert(replica, Found::Known);
                break;
            }
            if let Some(fork) = one(disk, replica, position)? {
                found.insert(replica, Found::New(Box::new(fork)));
                break;
            }
        }
    }
    Ok(found)
}

/// A proof that counts.
#[derive(Debug)]
pub(crate) enum Found {
    /// It was known.
    Known,
    /// It was not.
    New(Box<Fork>),
}

/// The proof that this replica said two things there. None if there is none, or if it is damaged: then others bring it again.
pub(crate) fn one(disk: &dyn Disk, replica: ActorId, position: u64) -> io::Result<Option<Fork>> {
    let bytes = whole::read(disk, &path(replica, position), Fork::LEN_MAX as u64 + 1)?;
    let fork = bytes.and_then(|bytes| Fork::from_bytes(&bytes).ok());
    Ok(fork.filter(|fork| fork.replica() == replica && fork.position() == position))
}

/// Keeps a proof. It is durable when this returns.
pub(crate) fn keep(disk: &dyn Disk, fork: &Fork) -> io::Result<()> {
    let (replica, position) = (fork.replica(), fork.position());
    let bytes = fork.to_bytes().map_err(io::Error::other)?;
    disk.create_folder(FOLDER)?;
    whole::replace(disk, &path(replica, position), &bytes)?;
    // A crash could take the folder away together with the proof.
    disk.sync_folder("")?;
    let rest = listed(&Log::names(disk)?).remove(&replica).into_iter().flatten();
    for greater in rest.filter(|other| *other > position) {
        match disk.remove(&path(replica, greater)) {
            // Another process of this clone was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

fn path(replica: ActorId, position: u64) -> String {
    format!("{FOLDER}/{replica}.{position:016x}{SUFFIX}")
}

fn parse(name: &str) -> Option<(ActorId, u64)> {
    let (replica, position) = name.strip_suffix(SUFFIX)?.split_once('.')?;
    let position = u64::from_be_bytes(hex::parse(position)?);
    Some((ActorId::from_bytes(hex::parse(replica)?), position))
}
