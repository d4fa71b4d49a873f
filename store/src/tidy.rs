//! Small packs become larger ones, so that look-ups stay quick.

use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::batch::Batch;
use crate::merge::{MergeError, choose, take};
use crate::pack::format::PackId;
use crate::pack::temporary::sweep;
use crate::pack::{Pack, PackError};
use crate::removal::Removal;
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
    /// The packs can not be listed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The objects can not be moved.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// Fewer packs than this are not worth two syncs.
const MERGE_COUNT_MIN: usize = 8;

/// Larger packs are left alone: nobody waits for gigabytes to be copied.
const MERGE_LEN_MAX: u64 = 64 << 20;

/// A merge of such packs is over before anybody notices.
const PASSING_LEN_MAX: u64 = 1 << 20;

/// Merges small packs if there are many, and removes what dead writers left.
///
/// Cheap when there is nothing to do, so it may follow every batch.
///
/// # Errors
///
/// A pack can not be read or written. All objects are where they were.
pub fn tidy(store: &Store) -> Result<Tidied, TidyError> {
    tidy_up_to(store, MERGE_LEN_MAX)
}

/// [`tidy`] for a command that somebody waits for: packs that take long to copy are left to it, and while few are
/// known nothing is asked of the disk.
///
/// # Errors
///
/// A pack can not be read or written. All objects are where they were.
pub fn tidy_in_passing(store: &Store) -> Result<Tidied, TidyError> {
    let known = store.packs();
    let mut sizes: Vec<_> = known.sound.iter().map(|pack| pack.file_len()).collect();
    sizes.retain(|size| *size <= PASSING_LEN_MAX);
    sizes.sort_unstable();
    if run_to_merge(&sizes) < MERGE_COUNT_MIN {
        return Ok(Tidied::Nothing);
    }
    tidy_up_to(store, PASSING_LEN_MAX)
}

fn tidy_up_to(store: &Store, len_max: u64) -> Result<Tidied, TidyError> {
    let Some(mut removal) = Removal::begin(store.disk())? else { return Ok(Tidied::Elsewhere) };
    sweep(&**store.disk())?;
    store.refresh()?;
    let mut packs = store.packs().sound.clone();
    packs.retain(|pack| pack.file_len() <= len_max);
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
            Err(error) => match damaged_pack(&error) {
                Some(damaged) if packs.iter().any(|pack| pack.id() == damaged) => {
                    packs.retain(|pack| pack.id() != damaged);
                }
                Some(_) | None => return Err(error.into()),
            },
        }
    };
    // The new pack is durable, so whatever a crash makes of these removals, no object is lost.
    removal.remove(packs.iter().filter(|pack| pack.id() != merged))?;
    store.refresh()?;
    Ok(Tidied::Merged(packs.len(), merged))
}

const fn damaged_pack(error: &MergeError) -> Option<PackId> {
    match error {
        MergeError::Pack(PackError::Damaged { pack, .. })
        | MergeError::Read(ReadError::Unreadable {
            source: PackError::Damaged { pack, .. }, ..
        }) => Some(*pack),
        MergeError::Pack(_) | MergeError::Read(_) | MergeError::Write(_) => None,
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
fn merge(store: &Store, packs: &[Arc<Pack>]) -> Result<PackId, MergeError> {
    let batch = Batch::new(store);
    let chosen = choose(packs, |_, _| true)?;
    for (pack, chosen) in packs.iter().zip(&chosen) {
        take(store, &batch, pack, chosen, |_| Ok(true))?;
    }
    Ok(batch.finish()?.expect("packs have objects"))
}
