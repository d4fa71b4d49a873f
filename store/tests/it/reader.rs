//! A reader that is stopped between any two of its steps while others move what it looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{
    Batch, BucketDisk, Collected, Disk, Fault, FolderBucket, Hint, Kind, ObjectId, OpenError,
    SimDisk, Store, Tidied, gc, tidy,
};

use crate::meddle::{Deed, Listing, Meddled};

/// When a reader opened the store.
#[derive(Clone, Copy, Debug)]
enum Opened {
    /// Before there was anything in it.
    Early,
    /// When all was there, and others moved it while it did.
    Late,
}

/// What others do, twice, and where.
#[derive(Clone, Copy, Debug)]
enum Story {
    /// The second merge takes the pack that the first made.
    Merges,
    /// The same, where a pack that was removed can not be read on.
    MergesInABucket,
    /// What the first collection condemned is needed when the second runs.
    Collections,
}

/// When others do it, by the calls of the reader.
#[derive(Clone, Copy, Debug)]
struct Times {
    first: usize,
    /// The first stands still before this call of its own.
    stop: usize,
    second: usize,
}

const NEVER: usize = usize::MAX;

/// As many as are merged.
const PACKS: u32 = 8;

impl Story {
    /// The store as others have it, or as a reader has it who is meddled with.
    fn open(self, disk: Arc<dyn Disk>) -> Result<Store, OpenError> {
        let disk = match self {
            Self::Merges | Self::Collections => disk,
            Self::MergesInABucket => Arc::new(BucketDisk::new(Arc::new(FolderBucket::new(disk)))),
        };
        Store::open(disk)
    }

    fn meddled(self, disk: &SimDisk, deeds: Vec<(usize, Deed)>) -> Arc<Meddled> {
        let listing = match self {
            Self::Merges | Self::Collections => Listing::Blurred,
            Self::MergesInABucket => Listing::Sharp,
        };
        Arc::new(Meddled::new(disk.clone(), listing, deeds))
    }

    fn first(self, disk: &SimDisk, ids: &[ObjectId]) -> Result<(), Box<dyn Error>> {
        let store = self.open(Arc::new(disk.clone()))?;
        match self {
            Self::Merges | Self::MergesInABucket => merge(&store),
            Self::Collections => collect(&store, &ids[..1]),
        }
    }

    /// Where the first may stand still, once for all that a reader would see then.
    fn stops(self) -> BTreeSet<usize> {
        let mut seen = BTreeMap::new();
        for stop in 0.. {
            let disk = SimDisk::default();
            let ids = sow(&self.open(Arc::new(disk.clone())).expect("the disk is well"), 0);
            disk.fail(Fault::From(stop));
            let is_done = self.first(&disk, &ids).is_ok();
            let _ = disk.heal();
            let mut names = disk.paths();
            names.retain(|name| !name.contains(".tmp"));
            seen.entry((names, disk.bytes("tidy.lock"))).or_insert(stop);
            if is_done {
                break;
            }
        }
        seen.into_values().collect()
    }

    fn second(self, disk: &SimDisk, ids: &[ObjectId]) -> Result<(), Box<dyn Error>> {
        let store = self.open(Arc::new(disk.clone()))?;
        match self {
            Self::Merges | Self::MergesInABucket => {
                sow(&store, 100);
                merge(&store)
            }
            Self::Collections => collect(&store, ids),
        }
    }

    /// What others do, the last first.
    fn deeds(self, disk: &SimDisk, ids: &[ObjectId], times: Times) -> Vec<(usize, Deed)> {
        let (own, own_ids) = (disk.clone(), ids.to_vec());
        let first = move || {
            own.fail(Fault::From(times.stop));
            let done = self.first(&own, &own_ids);
            assert_eq!(done.is_ok(), own.heal() <= times.stop, "{done:?}");
        };
        let (own, own_ids) = (disk.clone(), ids.to_vec());
        let second = move || self.second(&own, &own_ids).expect("the disk is well");
        vec![(times.second, Box::new(second)), (times.first, Box::new(first))]
    }

    /// Whether the object is in a kept pack at all times.
    fn keeps(self, number: u32) -> bool {
        match self {
            Self::Merges | Self::MergesInABucket => true,
            Self::Collections => number == 0,
        }
    }
}

/// Puts one small object a pack, and gives their ids.
fn sow(store: &Store, first: u32) -> Vec<ObjectId> {
    let put = |number: u32| {
        let batch = Batch::new(store);
        let id = batch.put(Kind::Blob, &number.to_le_bytes(), Hint::NONE).expect("there is room");
        batch.finish().expect("there is room");
        id
    };
    (first..first + PACKS).map(put).collect()
}

fn merge(store: &Store) -> Result<(), Box<dyn Error>> {
    let merged = tidy(store)?;
    assert!(matches!(merged, Tidied::Merged(..)), "{merged:?}");
    Ok(())
}

fn collect(store: &Store, roots: &[ObjectId]) -> Result<(), Box<dyn Error>> {
    let collected = gc(store, Duration::ZERO, 1, || Ok(roots.to_vec()), |_| ())?;
    assert!(matches!(collected, Collected::Done { .. }), "{collected:?}");
    Ok(())
}

/// What a reader does not find, and how many calls it made.
fn look(story: Story, opened: Opened, times: Times) -> (BTreeSet<String>, usize) {
    let disk = SimDisk::default();
    let early = story.meddled(&disk, Vec::new());
    let reader = story.open(early.clone()).expect("the disk is well");
    let ids = sow(&story.open(Arc::new(disk.clone())).expect("the disk is well"), 0);
    let deeds = story.deeds(&disk, &ids, times);
    let (meddled, reader) = match opened {
        Opened::Early => {
            early.meddle(deeds);
            (early, reader)
        }
        Opened::Late => {
            let late = story.meddled(&disk, deeds);
            (late.clone(), story.open(late).expect("the disk is well"))
        }
    };
    let mut lost = BTreeSet::new();
    for (number, id) in [(0, &ids[0]), (PACKS - 1, &ids[ids.len() - 1])] {
        match reader.has(id) {
            Ok(false) if story.keeps(number) => drop(lost.insert(format!("{number}: not there"))),
            Ok(_) => {}
            Err(error) => drop(lost.insert(format!("{number}: {error}"))),
        }
        match reader.read(id) {
            Ok(object) => assert_eq!(object.bytes, number.to_le_bytes()),
            Err(error) => drop(lost.insert(format!("{number}: {error}"))),
        }
    }
    (lost, meddled.calls())
}

fn finds_all(story: Story) {
    let stops = story.stops();
    assert!(stops.len() > 9, "{stops:?}");
    for opened in [Opened::Early, Opened::Late] {
        let find_all = |times| {
            let (lost, calls) = look(story, opened, times);
            assert_eq!(lost, [].into(), "{opened:?}, {times:?}");
            calls
        };
        let calls = find_all(Times { first: NEVER, stop: NEVER, second: NEVER });
        for first in 0..calls {
            for second in first..calls {
                find_all(Times { first, stop: NEVER, second });
            }
            for &stop in &stops {
                find_all(Times { first, stop, second: NEVER });
            }
        }
    }
}

#[test]
fn a_reader_finds_all_whatever_is_merged_between_its_steps() {
    finds_all(Story::Merges);
}

#[test]
fn a_reader_of_a_bucket_finds_all_whatever_is_merged_between_its_steps() {
    finds_all(Story::MergesInABucket);
}

#[test]
fn a_reader_finds_what_is_condemned_and_rescued_between_its_steps() {
    finds_all(Story::Collections);
}
