//! What a store holds, in figures.

use std::collections::{BTreeMap, HashMap};
use std::io;

use selkie_crdt::ActorId;
use thiserror::Error;

use crate::disk::Disk;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::log::Log;
use crate::log::error::LogError;
use crate::operations::{Operations, OperationsError};
use crate::pack::PackError;
use crate::pack::format::Codec;
use crate::store::Store;
use crate::view;

/// What a store holds. Copies of one object count once but where it says so.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    /// Objects by kind.
    pub objects: BTreeMap<Kind, Tally>,
    /// Copies of objects beside the first of each, which a merge will drop.
    pub copies: u64,
    /// Sound packs and the bytes of their files.
    pub packs: Tally,
    /// Packs of objects that wait for their removal, which are counted nowhere else.
    pub packs_condemned: Tally,
    /// Packs that can not be read.
    pub packs_unreadable: u64,
    /// Objects that are stored as differences, and the bytes which that takes, all copies.
    pub deltas: Tally,
    /// The most differences that are put upon each other to read an object.
    pub depth_max: u64,
    /// The logs, each with its entries and the bytes of its file.
    pub logs: BTreeMap<ActorId, Tally>,
    /// Bytes of the view's snapshot, `None` if there is none.
    pub snapshot_bytes: Option<u64>,
    /// Operations of this clone, and the bytes of their file.
    pub operations: Tally,
}

/// How many things, and how many bytes they have.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Things.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Why a store can not be measured.
#[derive(Debug, Error)]
pub enum StatsError {
    /// The file system did not let us.
    #[error("the store can not be measured")]
    Io(#[from] io::Error),
    /// A pack can not be read.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A log can not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The operation log can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
}

/// Measures the store as it was when it was last refreshed. Reads tables, not contents.
///
/// # Errors
///
/// A pack or a log can not be read. Packs that the store left out as damaged are counted only.
pub fn stats(store: &Store) -> Result<Stats, StatsError> {
    let mut stats = Stats::default();
    count_packs(store, &mut stats)?;
    let disk = store.disk();
    for replica in Log::replicas(&**disk)? {
        let log = Log::new(disk.clone(), replica);
        let bytes = size(&**disk, &log.path())?.unwrap_or(0);
        stats.logs.insert(replica, Tally { count: log.head()?.position, bytes });
    }
    stats.snapshot_bytes = size(&**disk, view::FILE)?;
    let operations = Operations::new(disk.clone());
    let bytes = size(&**disk, &operations.path())?.unwrap_or(0);
    stats.operations = Tally { count: operations.count()?, bytes };
    Ok(stats)
}

/// The copy of an object that readers prefer, as far as its depth depends on it.
#[derive(Clone, Copy)]
struct Preferred {
    step: u16,
    base: Option<ObjectId>,
}

fn count_packs(store: &Store, stats: &mut Stats) -> Result<(), PackError> {
    let packs = store.packs();
    packs.condemned.iter().for_each(|pack| stats.packs_condemned.add(pack.file_len()));
    stats.packs_unreadable = packs.unreadable.len() as u64;
    let mut preferred = HashMap::<ObjectId, Preferred>::new();
    for pack in &packs.sound {
        stats.packs.add(pack.file_len());
        for object in pack.objects() {
            let object = object?;
            let block = pack.block(object.block)?;
            let base = pack.base(&block)?;
            if block.codec == Codec::Delta {
                stats.deltas.add(u64::from(block.stored_len));
            }
            let found = Preferred { step: block.step, base };
            match preferred.insert(object.id, found) {
                None => stats.objects.entry(object.kind).or_default().add(u64::from(object.length)),
                Some(other) => {
                    stats.copies += 1;
                    if other.step < found.step {
                        preferred.insert(object.id, other);
                    }
                }
            }
        }
    }
    stats.depth_max = depth_max(&preferred);
    Ok(())
}

/// The longest chain of bases. Each object is visited once, whatever the chains.
fn depth_max(preferred: &HashMap<ObjectId, Preferred>) -> u64 {
    let mut depths = HashMap::<ObjectId, u64>::new();
    for id in preferred.keys() {
        let mut chain = Vec::new();
        let mut at = Some(*id);
        let mut depth = 0;
        while let Some(id) = at {
            if let Some(known) = depths.get(&id) {
                depth = *known + 1;
                break;
            }
            // Steps fall along a chain unless a pack lies, so it is not followed for ever.
            if chain.len() > preferred.len() {
                break;
            }
            chain.push(id);
            at = preferred.get(&id).and_then(|object| object.base);
        }
        for id in chain.into_iter().rev() {
            depths.insert(id, depth);
            depth += 1;
        }
    }
    depths.into_values().max().unwrap_or(0)
}

fn size(disk: &dyn Disk, path: &str) -> io::Result<Option<u64>> {
    match disk.open(path) {
        Ok(file) => file.size().map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Tally {
    const fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::batch::{Batch, Hint};
    use crate::disk::sim::SimDisk;
    use crate::gc::gc;
    use crate::object::key::SecretKey;

    fn store() -> (SimDisk, Store) {
        let disk = SimDisk::default();
        let store = Store::open(Arc::new(disk.clone())).unwrap();
        (disk, store)
    }

    #[test]
    fn an_empty_store_has_nothing() {
        assert_eq!(stats(&store().1).unwrap(), Stats::default());
    }

    #[test]
    fn objects_are_counted_once_and_copies_apart() {
        let (_, store) = store();
        for kind in [Kind::Blob, Kind::Blob, Kind::Tree] {
            let batch = Batch::new(&store);
            batch.heal(kind, b"fish").unwrap();
            batch.put(Kind::Blob, b"seal", Hint::NONE).unwrap();
            batch.finish().unwrap();
        }
        let found = stats(&store).unwrap();
        let one = |bytes| Tally { count: 1, bytes };
        assert_eq!(
            found.objects,
            [(Kind::Blob, Tally { count: 2, bytes: 8 }), (Kind::Tree, one(4))].into()
        );
        assert_eq!(found.copies, 1, "the blob was healed where nothing was wrong");
    }

    #[test]
    fn what_waits_for_its_removal_is_counted_apart() {
        let (_, store) = store();
        let batch = Batch::new(&store);
        let fish = batch.put(Kind::Blob, b"fish", Hint::NONE).unwrap();
        batch.put(Kind::Blob, b"garbage", Hint::NONE).unwrap();
        batch.finish().unwrap();
        gc(&store, Duration::ZERO, 1, || Ok(vec![fish]), |_| ()).unwrap();
        let found = stats(&store).unwrap();
        assert_eq!(found.objects, [(Kind::Blob, Tally { count: 1, bytes: 4 })].into());
        assert_eq!((found.packs.count, found.packs_condemned.count), (1, 1));
        assert!(found.packs_condemned.bytes > 0);
    }

    #[test]
    fn versions_are_counted_as_differences() {
        let (_, store) = store();
        let mut base = None;
        for version in 0..9_u64 {
            let line = |n| ObjectId::of(Kind::Blob, &u64::to_le_bytes(n)).to_string();
            let text: String = (version..version + 40).map(line).collect();
            let batch = Batch::new(&store);
            base = Some(batch.put(Kind::Blob, text.as_bytes(), Hint { path: "", base }).unwrap());
            batch.finish().unwrap();
        }
        let found = stats(&store).unwrap();
        assert_eq!((found.deltas.count, found.depth_max), (8, 3), "steps 7 to 0 by way of 6 and 4");
        assert_eq!(found.packs.count, 9);
        assert_eq!(found.objects[&Kind::Blob], Tally { count: 9, bytes: 9 * 40 * 64 });
    }

    #[test]
    fn logs_and_operations_are_counted() {
        let (disk, store) = store();
        let (east, key) = (ActorId::from_bytes([1; 16]), SecretKey::from_bytes(&[7; 32]));
        let log = Log::new(Arc::new(disk.clone()), east);
        (1..4).for_each(|n| assert_eq!(log.append(b"x", &key).unwrap().position, n));
        let operations = Operations::new(Arc::new(disk.clone()));
        (1..3).for_each(|n| assert_eq!(operations.append(1, b"x", &[]).unwrap(), n));
        let found = stats(&store).unwrap();
        assert_eq!(found.logs, [(east, Tally { count: 3, bytes: 21 + 3 * 113 })].into());
        assert_eq!(found.operations.count, 2);
        assert_eq!(
            Some(found.operations.bytes),
            disk.bytes("local/operations").map(|b| b.len() as u64)
        );
    }
}
