//! All packs written anew, as small as that goes.

use std::sync::Arc;

use crate::batch::ledger::Member;
use crate::batch::{BLOCK_LEN, Batch};
use crate::bits::Bits;
use crate::id::ObjectId;
use crate::merge::{MergeError, choose};
use crate::pack::Pack;
use crate::pack::temporary::sweep;
use crate::removal::Removal;
use crate::store::Store;
use crate::store::copies::Link;
use crate::store::error::ReadError;
use crate::tidy::{Tidied, TidyError};
use crate::verify::Progress;

#[cfg(test)]
mod tests;

/// Bytes in a block of versions that are made from the same object.
const VERSIONS_LEN: usize = 64 << 10;

/// Makes one pack of all, however large, and takes the time to make it small. For explicit maintenance:
/// it reads and writes everything.
///
/// Versions of one thing stand in common blocks, each made from what the versions before it have, and
/// all is compressed harder than by a writer that somebody waits for.
///
/// # Errors
///
/// A pack can not be read or written. All objects are where they were.
pub fn repack(store: &Store, mut progress: impl FnMut(Progress)) -> Result<Tidied, TidyError> {
    let Some(mut removal) = Removal::begin(store.disk())? else { return Ok(Tidied::Elsewhere) };
    sweep(&**store.disk())?;
    store.refresh()?;
    let packs = &store.packs().sound;
    if packs.is_empty() {
        return Ok(Tidied::Nothing);
    }
    let chosen = choose(packs, |_, _| true).map_err(MergeError::from)?;
    let total = chosen.iter().map(Bits::count).sum();
    let mut done = 0;
    let mut written = |count| {
        done += count;
        progress(Progress { done, total });
    };
    let batch = Batch::new(store);
    let (plain, versions) = sort(store, packs, &chosen)?;
    write_plain(store, &batch, &plain, &mut written)?;
    for family in versions.chunk_by(|one, next| one.root == next.root) {
        write_versions(store, &batch, family, &mut written)?;
    }
    let Some(merged) = batch.finish().map_err(MergeError::from)? else {
        return Ok(Tidied::Nothing);
    };
    // The new pack is durable, so whatever a crash makes of these removals, no object is lost.
    removal.remove(packs.iter().filter(|pack| pack.id() != merged))?;
    store.refresh()?;
    Ok(Tidied::Merged(packs.len(), merged))
}

/// An object that is stored as a difference.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Version {
    root: ObjectId, // where its chain of bases begins
    step: u16,
    // Pack, block, start: objects of one block have one step, and stand in the order they were made in.
    place: (usize, u32, u32),
    id: ObjectId,
}

/// The objects that are to be stored whole, block by block, and the others, by chain and step.
fn sort(
    store: &Store,
    packs: &[Arc<Pack>],
    chosen: &[Bits],
) -> Result<(Vec<ObjectId>, Vec<Version>), MergeError> {
    let (mut plain, mut versions) = (Vec::new(), Vec::new());
    for (at, (pack, chosen)) in packs.iter().zip(chosen).enumerate() {
        let mut here = Vec::new();
        for number in chosen.ones() {
            let object = pack.object(number)?;
            let link = store.link(&object.id)?;
            match link.base.map(|base| root(store, base)).transpose()?.flatten() {
                None => here.push((object.kind.number(), object.block, object.start, object.id)),
                Some(root) => {
                    let place = (at, object.block, object.start);
                    versions.push(Version { root, step: link.step, place, id: object.id });
                }
            }
        }
        here.sort_unstable();
        plain.extend(here.into_iter().map(|(.., id)| id));
    }
    versions.sort_unstable();
    Ok((plain, versions))
}

/// Where a chain begins. Nowhere if something of it is condemned: what hangs on that is written whole.
fn root(store: &Store, mut id: ObjectId) -> Result<Option<ObjectId>, MergeError> {
    // Steps fall along a chain, so it ends.
    loop {
        match store.link(&id) {
            Ok(Link { base: None, .. }) => return Ok(Some(id)),
            Ok(Link { base: Some(base), .. }) => id = base,
            Err(ReadError::Absent(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

fn write_plain(
    store: &Store,
    batch: &Batch,
    plain: &[ObjectId],
    written: &mut impl FnMut(usize),
) -> Result<(), MergeError> {
    let mut members = Vec::new();
    let mut length = 0;
    for id in plain {
        let member = read(store, id)?;
        // Blocks of one kind, none longer than it has to be.
        let fits = length + member.bytes.len() <= BLOCK_LEN;
        if members.last().is_some_and(|last: &Member| !fits || last.kind != member.kind) {
            write_block(batch, &mut members, written)?;
            length = 0;
        }
        length += member.bytes.len();
        members.push(member);
    }
    write_block(batch, &mut members, written)
}

fn write_block(
    batch: &Batch,
    members: &mut Vec<Member>,
    written: &mut impl FnMut(usize),
) -> Result<(), MergeError> {
    written(members.len());
    // Short ones first, as in the blocks of a batch.
    members.sort_by_key(|member| member.bytes.len());
    Ok(batch.write_members(&std::mem::take(members), None, 0)?)
}

/// Writes the versions of one chain, oldest first.
///
/// A block has the least step that one of its objects had, and is made from an object of a block with a
/// smaller one. So no object's step grows, and steps fall along each chain as before.
fn write_versions(
    store: &Store,
    batch: &Batch,
    family: &[Version],
    written: &mut impl FnMut(usize),
) -> Result<(), MergeError> {
    let root = family[0].root;
    // For each block its step and its last object; the first is the root's.
    let mut blocks = vec![(0, root)];
    let mut rest = family;
    while let Some(first) = rest.first() {
        let mut members = vec![read(store, &first.id)?];
        let mut length = members[0].bytes.len();
        for next in &rest[1..] {
            let member = read(store, &next.id)?;
            length += member.bytes.len();
            if length > VERSIONS_LEN {
                break;
            }
            members.push(member);
        }
        // The block whose number has one bit less, so that chains are as deep as a number has bits.
        let mut from = blocks.len() & (blocks.len() - 1);
        while blocks[from].0 >= first.step {
            from -= 1;
        }
        let base = read(store, &blocks[from].1)?;
        batch.write_members(&members, Some((base.id, &base.bytes)), first.step)?;
        written(members.len());
        blocks.push((first.step, rest[members.len() - 1].id));
        rest = &rest[members.len()..];
    }
    Ok(())
}

fn read(store: &Store, id: &ObjectId) -> Result<Member, MergeError> {
    let object = store.read(id)?;
    Ok(Member { id: *id, kind: object.kind, bytes: object.bytes })
}
