//! Small packs become larger ones, so that look-ups stay quick.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::batch::{BLOCK_LEN, Batch, WriteError};
use crate::cursor::index;
use crate::id::ObjectId;
use crate::pack::format::{BlockRecord, ObjectRecord, PackId};
use crate::pack::sink::sweep;
use crate::pack::{FOLDER, Pack, PackError};
use crate::store::Store;
use crate::store::error::ReadError;

#[cfg(test)]
mod tests;

/// What [`tidy`] did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tidied {
    /// There was nothing to do.
    Nothing,
    /// Another process is at it.
    Elsewhere,
    /// Packs, so many, became this one.
    Merged(usize, PackId),
}

/// Why packs were not merged. All objects are where they were.
#[derive(Debug, Error)]
pub enum TidyError {
    /// The folder of packs can not be used.
    #[error("the packs can not be tidied")]
    Io(#[from] io::Error),
    /// A pack can not be read.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new pack can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Fewer packs than this are not worth two syncs.
const MERGE_COUNT_MIN: usize = 8;

/// Larger packs are left alone: nobody waits for gigabytes to be copied.
const MERGE_LEN_MAX: u64 = 64 << 20;

/// Held by whoever merges. It saves work and guards nothing: two merges at once lose no object.
const LOCK: &str = "tidy.lock";

/// Merges small packs if there are many, and removes what dead writers left.
///
/// Cheap when there is nothing to do, so it may follow every batch.
///
/// # Errors
///
/// A pack can not be read or written. All objects are where they were.
pub fn tidy(store: &Store) -> Result<Tidied, TidyError> {
    let Some(_lock) = store.disk().try_open_locked(LOCK)? else { return Ok(Tidied::Elsewhere) };
    sweep(&**store.disk())?;
    store.refresh()?;
    let mut packs = store.packs().sound.clone();
    packs.retain(|pack| pack.file_len() <= MERGE_LEN_MAX);
    packs.sort_by_key(|pack| (pack.file_len(), pack.id()));
    let sizes: Vec<_> = packs.iter().map(|pack| pack.file_len()).collect();
    packs.truncate(run_to_merge(&sizes));
    let merged = loop {
        if packs.len() < MERGE_COUNT_MIN {
            return Ok(Tidied::Nothing);
        }
        match merge(store, &packs) {
            Ok(merged) => break merged,
            // A damaged pack waits for a repair; meanwhile the others do not pile up beside it.
            Err(error) => match error.damaged_pack() {
                Some(damaged) if packs.iter().any(|pack| pack.id() == damaged) => {
                    packs.retain(|pack| pack.id() != damaged);
                }
                Some(_) | None => return Err(error),
            },
        }
    };
    for pack in &packs {
        // The new pack is durable, so whatever a crash makes of these removals, no object is lost.
        if pack.id() != merged {
            remove(store, pack.id())?;
        }
    }
    store.refresh()?;
    Ok(Tidied::Merged(packs.len(), merged))
}

impl TidyError {
    const fn damaged_pack(&self) -> Option<PackId> {
        match self {
            Self::Pack(PackError::Damaged { pack, .. })
            | Self::Read(ReadError::Unreadable {
                source: PackError::Damaged { pack, .. }, ..
            }) => Some(*pack),
            Self::Pack(_) | Self::Read(_) | Self::Io(_) | Self::Write(_) => None,
        }
    }
}

/// How many of the smallest packs to merge, so that of the rest each is at least as large as twice
/// all smaller ones.
fn run_to_merge(ascending: &[u64]) -> usize {
    let mut smaller = 0;
    let mut run = 0;
    for (at, size) in ascending.iter().enumerate() {
        if *size < 2 * smaller {
            run = at + 1;
        }
        smaller += size;
    }
    run
}

/// One pack with all objects of `packs`, each once.
fn merge(store: &Store, packs: &[Arc<Pack>]) -> Result<PackId, TidyError> {
    let batch = Batch::new(store);
    let chosen = choose_copies(packs)?;
    for (pack, blocks) in packs.iter().zip(chosen) {
        for Chosen { record, members } in blocks {
            if is_worth_copying(&record, &members) {
                batch.copy(&pack.checked(record)?, &members)?;
                continue;
            }
            for member in members {
                let object = store.read(&member.id)?;
                batch.heal(object.kind, &object.bytes)?;
            }
        }
    }
    Ok(batch.finish()?.expect("packs have objects"))
}

/// A block of which some objects are taken.
#[derive(Debug)]
struct Chosen {
    record: BlockRecord,
    members: Vec<ObjectRecord>,
}

/// For each pack its blocks and the objects to take from them: of several copies the one with the
/// least step, so that chains of bases stay without cycles.
fn choose_copies(packs: &[Arc<Pack>]) -> Result<Vec<Vec<Chosen>>, PackError> {
    let mut best = HashMap::<ObjectId, (u16, usize)>::new();
    for (at, pack) in packs.iter().enumerate() {
        for object in pack.objects() {
            let object = object?;
            let copy = (pack.block(object.block)?.step, at);
            let kept = best.entry(object.id).or_insert(copy);
            *kept = copy.min(*kept);
        }
    }
    let of_pack = |(at, pack): (usize, &Arc<Pack>)| {
        let mut members = vec![Vec::new(); index(pack.block_count())];
        for object in pack.objects() {
            let object = object?;
            if best[&object.id].1 == at {
                members[index(object.block)].push(object);
            }
        }
        let blocks = (0..).zip(members).filter(|(_, members)| !members.is_empty());
        blocks
            .map(|(number, members)| Ok(Chosen { record: pack.block(number)?, members }))
            .collect()
    };
    packs.iter().enumerate().map(of_pack).collect()
}

/// Whether a block goes into the new pack as it is. Small plain blocks are joined instead, and blocks
/// of which little is left are written anew.
fn is_worth_copying(record: &BlockRecord, members: &[ObjectRecord]) -> bool {
    let live: usize = members.iter().map(|member| index(member.length)).sum();
    let raw = index(record.raw_len);
    record.step > 0 || (raw >= BLOCK_LEN / 2 && live >= raw / 2)
}

fn remove(store: &Store, pack: PackId) -> io::Result<()> {
    match store.disk().remove(&format!("{FOLDER}/{}", pack.file_name())) {
        // A merge that ran before ours was not yet done removing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
