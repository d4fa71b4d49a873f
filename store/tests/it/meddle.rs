//! Others write between any two steps of a collection.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use selkie_store::{Batch, Disk, DiskFile, Hold, ObjectId, SealId, SimDisk, Store, tidy, verify};

use crate::garden::{collect, put_bed, put_seal, reachable, settle};
use crate::lots::Lots;

/// A disk that lets somebody else do something before a call, and while a folder is listed.
pub(crate) struct Meddled {
    inner: SimDisk,
    listing: Listing,
    calls: AtomicUsize,
    deeds: Mutex<Vec<(usize, Deed)>>,
}

/// What a folder shows that changes while it is listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Listing {
    /// What was there at one instant.
    Sharp,
    /// Nothing that came or went: the worst that a system may do.
    Blurred,
}

pub(crate) type Deed = Box<dyn FnOnce() + Send>;

impl std::fmt::Debug for Meddled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddled")
    }
}

impl Meddled {
    /// The deeds, each with the call before which it is done, the next at the end.
    pub(crate) fn new(inner: SimDisk, listing: Listing, deeds: Vec<(usize, Deed)>) -> Self {
        Self { inner, listing, calls: 0.into(), deeds: Mutex::new(deeds) }
    }

    /// Gives it other deeds, and counts calls anew.
    pub(crate) fn meddle(&self, deeds: Vec<(usize, Deed)>) {
        *self.deeds.lock().expect("no deed panics with it") = deeds;
        self.calls.store(0, Ordering::Relaxed);
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn call(&self) -> &SimDisk {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        loop {
            let mut deeds = self.deeds.lock().expect("no deed panics with it");
            let due = deeds.last().is_some_and(|(at, _)| *at <= call);
            let Some((_, deed)) = due.then(|| deeds.pop()).flatten() else { return &self.inner };
            drop(deeds);
            deed();
        }
    }
}

impl Disk for Meddled {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        self.call().create_folder(folder)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = self.call().list(folder)?;
        if self.listing == Listing::Blurred {
            let later = self.call().list(folder)?;
            names.retain(|name| later.contains(name));
        }
        Ok(names)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.call().create(path)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.call().open(path)
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.call().open_locked(path)
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.call().try_open_locked(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.call().rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.call().remove(path)
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        self.call().remove_abandoned(path)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.call().sync_folder(folder)
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        self.call().fingerprint(path)
    }
}

/// How a seal comes to be, step by step. What it is made of was there before, and is garbage.
struct Writer {
    store: &'static Store,
    published: Arc<Mutex<BTreeSet<SealId>>>,
    care: Care,
    hold: Option<Hold>,
    batch: Option<Batch<'static>>,
    seal: Option<SealId>,
}

/// How a writer keeps what it looked at until it has published.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Care {
    Holds,
    /// It publishes at once when it has finished, so that its batch holds for it.
    Hurries,
    Forgets,
}

/// How a writer comes by what its seal links to.
#[derive(Clone, Copy, Debug)]
enum Way {
    Puts,
    Relies,
    /// Another batch puts it, which nobody publishes.
    Inherits,
}

impl Writer {
    fn look(&mut self, way: Way, bed: ObjectId) {
        if self.care == Care::Holds {
            self.hold = Some(self.store.hold().expect("there is room"));
        }
        let batch = Batch::new(self.store);
        if matches!(way, Way::Inherits) {
            let other = Batch::new(self.store);
            put_bed(&other, &BED).expect("there is room");
            other.finish().expect("there is room");
        }
        let here = match way {
            Way::Puts => false,
            Way::Relies | Way::Inherits => batch.rely(&bed).expect("there is room"),
        };
        // A bed that is gone is put again.
        let bed = if here { bed } else { put_bed(&batch, &BED).expect("there is room") };
        self.seal = Some(put_seal(&batch, bed, vec![], "new").expect("there is room"));
        self.batch = Some(batch);
    }

    fn finish(&mut self) {
        let batch = self.batch.take().expect("it looked");
        batch.finish().expect("there is room");
        if self.care == Care::Hurries {
            self.publish();
        }
    }

    fn publish(&mut self) {
        let seal = self.seal.expect("it looked");
        self.published.lock().expect("no deed panics with it").insert(seal);
        self.hold = None;
    }
}

const BED: [u64; 3] = [1, 4, 7];

/// Four collections, and a writer whose steps come before these calls. Tells whether a seal was lost.
fn meddle(care: Care, way: Way, calls: [usize; 3], merge_at: usize) -> Result<(), String> {
    let disk = SimDisk::default();
    // A batch borrows its store, and deeds outlive this function's view.
    let store: &'static Store =
        Box::leak(Box::new(Store::open(Arc::new(disk.clone())).expect("a new disk")));
    let used = sow(store, &[10, 13], "used");
    let bed = ObjectId::of(selkie_store::Kind::Tree, &bed_bytes(store));
    let published = Arc::new(Mutex::new(BTreeSet::from([used])));
    let writer = Arc::new(Mutex::new(Writer {
        store,
        published: Arc::clone(&published),
        care,
        hold: None,
        batch: None,
        seal: None,
    }));
    let step = |deed: fn(&mut Writer, Way, ObjectId)| -> Deed {
        let writer = Arc::clone(&writer);
        Box::new(move || deed(&mut writer.lock().expect("no deed panics"), way, bed))
    };
    let merge: Deed = {
        let disk = disk.clone();
        Box::new(move || {
            let store = Store::open(Arc::new(disk)).expect("the disk is well");
            tidy(&store).expect("the disk is well");
        })
    };
    let mut deeds = vec![
        (calls[0], step(Writer::look)),
        (calls[1], step(|writer, _, _| writer.finish())),
        (calls[2], step(|writer, _, _| writer.publish())),
        (merge_at, merge),
    ];
    deeds.sort_by_key(|(at, _)| *at);
    deeds.reverse();
    let meddled = Arc::new(Meddled::new(disk.clone(), Listing::Blurred, deeds));
    let shared: Arc<dyn Disk> = Arc::clone(&meddled) as _;
    let now = || published.lock().expect("no deed panics with it").clone();
    for _ in 0..4 {
        collect(&shared, now).map_err(|error| error.to_string())?;
        let fresh = Store::open(Arc::new(disk.clone())).map_err(|error| error.to_string())?;
        reachable(&fresh, &now())?;
    }
    let left = std::mem::take(&mut *meddled.deeds.lock().expect("no deed panics with it"));
    left.into_iter().rev().for_each(|(_, deed)| deed());
    let fresh = Store::open(Arc::new(disk.clone())).map_err(|error| error.to_string())?;
    let problems = verify(&fresh, |_| ()).map_err(|error| error.to_string())?;
    problems.first().map_or(Ok(()), |problem| Err(problem.to_string()))?;
    settle(&shared, &now())
}

fn sow(store: &Store, plants: &[u64], message: &str) -> SealId {
    let batch = Batch::new(store);
    let bed = put_bed(&batch, plants).expect("there is room");
    let seal = put_seal(&batch, bed, vec![], message).expect("there is room");
    batch.finish().expect("there is room");
    seal
}

/// Makes the bed that will be garbage, in some packs, and gives its bytes.
fn bed_bytes(store: &Store) -> Vec<u8> {
    for plants in [&BED[..1], &BED[..2], &BED[..]] {
        sow(store, plants, "garbage");
    }
    let batch = Batch::new(store);
    let bed = put_bed(&batch, &BED).expect("there is room");
    store.read(&bed).expect("it was sown").bytes
}

/// More calls than four collections make.
const CALLS: usize = 230;

fn lost(care: Care, samples: usize) -> Vec<String> {
    let mut lots = Lots(1);
    let mut lost = Vec::new();
    for _ in 0..samples {
        let mut calls = [0; 3].map(|_| lots.below(CALLS));
        calls.sort_unstable();
        let merge_at = lots.below(CALLS);
        for way in [Way::Puts, Way::Relies, Way::Inherits] {
            if let Err(error) = meddle(care, way, calls, merge_at) {
                lost.push(format!("{way:?} {calls:?} {merge_at}: {error}"));
            }
        }
    }
    lost
}

/// How many ways to lie between each other are drawn. More by `MEDDLE_SAMPLES`.
fn samples() -> usize {
    let samples = std::env::var("MEDDLE_SAMPLES").ok().and_then(|samples| samples.parse().ok());
    samples.unwrap_or(30)
}

#[test]
fn whatever_others_do_between_the_steps_of_a_collection_nothing_is_lost() {
    assert_eq!(lost(Care::Holds, samples()), [""; 0]);
}

#[test]
fn a_batch_holds_until_it_is_finished() {
    assert_eq!(lost(Care::Hurries, samples()), [""; 0]);
}

#[test]
fn a_writer_that_does_not_hold_until_it_has_published_is_caught() {
    assert_ne!(lost(Care::Forgets, 30), [""; 0]);
}
