//! What nobody uses is removed, some time after nobody used it any more.

use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::Batch;
use crate::bits::Bits;
use crate::gc::error::GcError;
use crate::gc::mark::Marks;
use crate::gc::record::Record;
use crate::gc::rescue::needed;
use crate::id::ObjectId;
use crate::merge::{choose, take};
use crate::pack::format::{PackId, Standing};
use crate::pack::temporary::living;
use crate::pack::{FOLDER, Pack, PackError};
use crate::removal::Removal;
use crate::store::Store;
use crate::store::packs::Packs;
use crate::verify::Progress;

pub(crate) mod error;
pub(crate) mod garbage;
pub(crate) mod mark;
mod record;
mod rescue;
#[cfg(test)]
mod tests;

/// What a [`gc`] did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Collected {
    /// Another process is at it, or merges packs.
    Elsewhere,
    /// What an earlier run condemned is not due yet, and nothing was done.
    Waiting(Wait),
    /// All that was due is gone.
    Done {
        /// What an earlier run condemned, and is removed now.
        removed: Amount,
        /// What an earlier run condemned, and was used again.
        rescued: Amount,
        /// What a later run will remove, unless it is used by then.
        condemned: Amount,
    },
}

/// What condemned objects wait for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
    /// The end of the grace period, in so many milliseconds at least.
    Grace(u64),
    /// Batches and holds, so many, that were open when the objects were condemned and still are.
    Writers(usize),
}

/// So many objects.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Amount {
    /// How many.
    pub objects: usize,
    /// Bytes they take on disk.
    pub bytes: u64,
}

const LOCK: &str = "gc.lock";

/// Condemns the objects that can not be reached from the roots, and removes those that an earlier run
/// condemned, at least `grace` ago, and that nobody needs since.
///
/// `roots` is called when it is known who still writes, and not before: what was finished under a
/// [hold](Store::hold) that ended is among the roots then, or is not used. It names all objects that are in
/// use at the top: what [`roots`](crate::roots) tells of a clone, and whatever else its caller keeps, such as
/// what waits to be sealed.
///
/// Safe beside anything that other processes do, and wherever it is stopped. `now_ms` may be wrong:
/// nothing is removed by the run that condemned it, nor before two runs later have seen `grace` go by
/// without counting the longest time between two runs, in which a clock may have been set.
///
/// # Errors
///
/// Something that is used is missing or can not be read, so that what it uses is unknown; or the store is in
/// a bucket, where nobody can show that he writes. Nothing that can be reached was removed.
pub fn gc(
    store: &Store,
    grace: Duration,
    now_ms: u64,
    roots: impl FnOnce() -> Result<Vec<ObjectId>, Box<dyn Error + Send + Sync>>,
    progress: impl FnMut(Progress),
) -> Result<Collected, GcError> {
    // Where there are no locks, as in a bucket, merges meet and lose nothing; but nobody could show there that
    // he writes, and so this is refused.
    let Some(_alone) = store.disk().try_open_locked(LOCK)? else { return Ok(Collected::Elsewhere) };
    let Some(mut removal) = Removal::begin(store.disk())? else { return Ok(Collected::Elsewhere) };
    let packs = sound_packs(store)?;
    if packs.sound.is_empty() && packs.condemned.is_empty() {
        let none = Amount::default();
        return Ok(Collected::Done { removed: none, rescued: none, condemned: none });
    }
    if let Some(wait) = wait(store, &packs, grace, now_ms)? {
        return Ok(Collected::Waiting(wait));
    }
    // What is finished from here on is not judged by these roots.
    let judged = sound_packs(store)?;
    let roots = roots().map_err(GcError::Roots)?;
    if roots.is_empty() {
        return Err(GcError::NothingUsed);
    }
    let (removed, rescued) = remove_condemned(store, &mut removal, &roots)?;
    let condemned = condemn(store, &mut removal, &judged, &roots, now_ms, progress)?;
    Ok(Collected::Done { removed, rescued, condemned })
}

/// The packs there are now. One that can not be read could hold what leads to all others.
pub(crate) fn sound_packs(store: &Store) -> Result<Arc<Packs>, GcError> {
    store.refresh()?;
    let packs = store.packs();
    match packs.unreadable.first() {
        Some((_, error)) => Err(error.clone().into()),
        None => Ok(packs),
    }
}

/// What the condemned packs still wait for, if for anything.
fn wait(
    store: &Store,
    packs: &Packs,
    grace: Duration,
    now_ms: u64,
) -> Result<Option<Wait>, GcError> {
    if packs.condemned.is_empty() {
        return Ok(None);
    }
    let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
    let ids = ids(&packs.condemned);
    let known = Record::load(&**store.disk())?.filter(|record| ids.is_subset(&record.packs));
    let Some(mut record) = known else {
        // Whoever condemned them was stopped before the wait began.
        begin_wait(store, ids, now_ms)?;
        return Ok(Some(Wait::Grace(grace_ms)));
    };
    record.visit(now_ms);
    let living = living(&**store.disk())?;
    let writers = living.iter().filter(|writer| record.writers.contains(*writer)).count();
    let left_ms = grace_ms.saturating_sub(record.waited_ms());
    if left_ms == 0 && writers == 0 {
        return Ok(None);
    }
    record.save(store.disk())?;
    Ok(Some(if left_ms > 0 { Wait::Grace(left_ms) } else { Wait::Writers(writers) }))
}

/// Notes since when packs are condemned. Whoever writes by now may have seen their objects kept; whoever
/// begins later can not.
fn begin_wait(store: &Store, packs: BTreeSet<PackId>, now_ms: u64) -> Result<(), GcError> {
    let writers = living(&**store.disk())?.into_iter().collect();
    Ok(Record::new(packs, writers, now_ms).save(store.disk())?)
}

/// Removes what is condemned, but for what is needed. Also tells what was needed.
fn remove_condemned(
    store: &Store,
    removal: &mut Removal,
    roots: &[ObjectId],
) -> Result<(Amount, Amount), GcError> {
    let packs = sound_packs(store)?;
    if packs.condemned.is_empty() {
        return Ok(<_>::default());
    }
    let needed = needed(store, &packs, roots)?;
    let batch = Batch::new(store);
    let mut rescued = Amount::default();
    for (pack, marked) in needed.packs() {
        for number in marked.ones() {
            let object = store.read(&pack.object(number)?.id)?;
            batch.heal(object.kind, &object.bytes)?;
            rescued.objects += 1;
        }
    }
    let rescuer = batch.finish()?;
    let kept = sound_packs(store)?;
    let new = kept.sound.iter().find(|pack| Some(pack.id()) == rescuer);
    rescued.bytes = new.map_or(0, |pack| pack.file_len());
    let mut removed = Amount::default();
    for pack in &packs.condemned {
        for object in pack.objects() {
            let id = object?.id;
            removed.objects += usize::from(!is_in(&kept.sound, &id)?);
        }
        removed.bytes += pack.file_len();
    }
    removal.remove(&packs.condemned)?;
    Record::remove(&**store.disk())?;
    // Were a pack to come back later, it could do so without what its objects were stored as a
    // difference to.
    store.disk().sync_folder(FOLDER)?;
    store.refresh()?;
    Ok((removed, rescued))
}

/// Moves what can not be reached into condemned packs.
fn condemn(
    store: &Store,
    removal: &mut Removal,
    judged: &Packs,
    roots: &[ObjectId],
    now_ms: u64,
    progress: impl FnMut(Progress),
) -> Result<Amount, GcError> {
    let packs = sound_packs(store)?;
    let marks = Marks::reach(store, &packs.sound, roots, progress)?;
    let judged: HashSet<_> = judged.sound.iter().map(|pack| pack.id()).collect();
    let mut leaving = Vec::new();
    let mut marked = Vec::new();
    for (pack, bits) in marks.packs() {
        if judged.contains(&pack.id()) && !is_clean(pack, bits, &marks)? {
            leaving.push(Arc::clone(pack));
            marked.push(bits);
        }
    }
    if leaving.is_empty() {
        return Ok(Amount::default());
    }
    let garbage = choose(&leaving, |pack, number| !marked[pack].has(number))?;
    let used = choose(&leaving, |pack, number| marked[pack].has(number))?;
    let mut stay = HashSet::new();
    for (pack, (garbage, used)) in leaving.iter().zip(garbage.iter().zip(&used)) {
        let condemned = Batch::new(store);
        take(store, &condemned, pack, garbage, |_| Ok(true))?;
        condemned.finish_as(Standing::Condemned)?;
        let kept = Batch::new(store);
        take(store, &kept, pack, used, |base| marks.has(base))?;
        stay.extend(kept.finish()?);
    }
    // All that was in them is durable elsewhere: what is used in kept packs, the rest in condemned ones.
    removal.remove(leaving.iter().filter(|pack| !stay.contains(&pack.id())))?;
    let packs = sound_packs(store)?;
    begin_wait(store, ids(&packs.condemned), now_ms)?;
    let objects = garbage.iter().map(Bits::count).sum();
    Ok(Amount { objects, bytes: packs.condemned.iter().map(|pack| pack.file_len()).sum() })
}

/// Whether all objects of a pack are used, and stored without one that is not.
fn is_clean(pack: &Pack, marked: &Bits, marks: &Marks) -> Result<bool, PackError> {
    for (number, object) in pack.objects().enumerate() {
        if !marked.has(number) {
            return Ok(false);
        }
        if let Some(base) = pack.base(&pack.block(object?.block)?)?
            && !marks.has(&base)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn ids(packs: &[Arc<Pack>]) -> BTreeSet<PackId> {
    packs.iter().map(|pack| pack.id()).collect()
}

fn is_in(packs: &[Arc<Pack>], id: &ObjectId) -> Result<bool, PackError> {
    for pack in packs {
        if pack.find(id)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
