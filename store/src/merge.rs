//! Objects that move from pack to pack, in their blocks where that is worth it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use thiserror::Error;

use crate::batch::{BLOCK_LEN, Batch, WriteError};
use crate::bits::Bits;
use crate::cursor::index;
use crate::id::ObjectId;
use crate::pack::format::{BlockRecord, ObjectRecord};
use crate::pack::{Pack, PackError};
use crate::store::Store;
use crate::store::error::ReadError;

/// Why objects could not be moved. They are where they were.
#[derive(Debug, Error)]
pub enum MergeError {
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

/// For each pack the objects to take from it, so that each that is wanted is taken once: of several
/// copies the one with the least step, so that chains of bases stay without cycles. `wanted` is
/// told pack and object by their numbers.
pub(crate) fn choose(
    packs: &[Arc<Pack>],
    wanted: impl Fn(usize, usize) -> bool,
) -> Result<Vec<Bits>, PackError> {
    let count = |pack: &Arc<Pack>| index(pack.object_count());
    let mut chosen: Vec<_> = packs.iter().map(|pack| Bits::new(count(pack))).collect();
    let mut heads = BinaryHeap::new();
    let head = |pack: usize, number: usize| -> Result<_, PackError> {
        let object = packs[pack].object(number)?;
        Ok(Reverse((object.id, packs[pack].block(object.block)?.step, pack, number)))
    };
    for (at, pack) in packs.iter().enumerate() {
        if count(pack) > 0 {
            heads.push(head(at, 0)?);
        }
    }
    let mut last = None;
    while let Some(Reverse((id, _, pack, number))) = heads.pop() {
        if last.replace(id) != Some(id) && wanted(pack, number) {
            chosen[pack].set(number);
        }
        if number + 1 < count(&packs[pack]) {
            heads.push(head(pack, number + 1)?);
        }
    }
    Ok(chosen)
}

/// Adds the chosen objects of a pack to a batch. A block whose base does not stay is written anew.
pub(crate) fn take(
    store: &Store,
    batch: &Batch,
    pack: &Pack,
    chosen: &Bits,
    stays: impl Fn(&ObjectId) -> Result<bool, PackError>,
) -> Result<(), MergeError> {
    let place = |number| Ok((pack.object(number)?.block, number));
    let mut places = chosen.ones().map(place).collect::<Result<Vec<_>, PackError>>()?;
    places.sort_unstable();
    for members in places.chunk_by(|one, next| one.0 == next.0) {
        let record = pack.block(members[0].0)?;
        let members = members.iter().map(|(_, number)| pack.object(*number));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        if is_worth_copying(&record, &members)
            && pack.base(&record)?.map_or(Ok(true), |base| stays(&base))?
        {
            batch.copy(&pack.checked(record)?, &members)?;
            continue;
        }
        for member in members {
            let object = store.read(&member.id)?;
            batch.heal(object.kind, &object.bytes)?;
        }
    }
    Ok(())
}

/// Whether a block goes into the new pack as it is. Small plain blocks are joined instead, and blocks
/// of which little is left are written anew.
fn is_worth_copying(record: &BlockRecord, members: &[ObjectRecord]) -> bool {
    let live: usize = members.iter().map(|member| index(member.length)).sum();
    let raw = index(record.raw_len);
    record.step > 0 || (raw >= BLOCK_LEN / 2 && live >= raw / 2)
}
