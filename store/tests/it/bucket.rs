//! Hubs that share a bucket, without a server: in memory, in a folder, and on disks that fail.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Bucket, BucketDisk, BucketLog, Created, Disk, Entry, Fault, FolderBucket, GcError, Hint,
    Kind, Lie, Log, LogError, Loss, ObjectId, OsDisk, ProbeError, Promise, SecretKey, SimDisk,
    Store, gc, probe, repair, tidy, verify,
};

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

fn on(disk: &SimDisk) -> Arc<FolderBucket> {
    Arc::new(FolderBucket::new(Arc::new(disk.clone())))
}

fn store(bucket: Arc<dyn Bucket>) -> Store {
    Store::open(Arc::new(BucketDisk::new(bucket))).expect("it opens")
}

fn put(store: &Store, bytes: &[u8]) -> ObjectId {
    let batch = Batch::new(store);
    let id = batch.put(Kind::Blob, bytes, Hint::NONE).expect("there is room");
    batch.finish().expect("there is room");
    id
}

/// Entries that a replica made elsewhere.
fn entries(payloads: &[&[u8]]) -> Vec<Entry> {
    let own = Log::new(Arc::new(SimDisk::default()), EAST);
    let key = SecretKey::from_bytes(&[7; 32]);
    for payload in payloads {
        own.append(payload, &key).expect("there is room");
    }
    own.entries().and_then(Iterator::collect).expect("it is sound")
}

#[test]
fn buckets_in_memory_and_in_folders_keep_their_promises() {
    probe(&*on(&SimDisk::default())).expect("it keeps them");
    let folder = tempfile::tempdir().expect("a folder for the test");
    probe(&FolderBucket::new(Arc::new(OsDisk::new(folder.path())))).expect("it keeps them");
}

#[test]
fn hubs_that_put_and_merge_at_once_lose_nothing() {
    const EACH: usize = 30;
    let folder = tempfile::tempdir().expect("a folder for the test");
    let bucket = || Arc::new(FolderBucket::new(Arc::new(OsDisk::new(folder.path()))));
    let acknowledged = thread::scope(|scope| {
        let hubs = ["east", "west", "south"].map(|name| {
            scope.spawn(move || {
                let store = store(bucket());
                let put_one = |number| {
                    let id = put(&store, format!("{name} {number}").repeat(50).as_bytes());
                    tidy(&store).expect("a merge takes what there is");
                    id
                };
                (0..EACH).map(put_one).collect::<Vec<_>>()
            })
        });
        hubs.map(|hub| hub.join().expect("nothing fails")).concat()
    });
    let fourth = store(bucket());
    acknowledged.iter().for_each(|id| drop(fourth.read(id).expect("it was acknowledged")));
    assert!(verify(&fourth, |_| ()).expect("it can be listed").is_empty());
    assert!(bucket().list("packs").expect("it is there").len() < acknowledged.len() / 2);
}

#[test]
fn a_reader_goes_on_when_another_hub_merged_its_packs_away() {
    let disk = SimDisk::default();
    let reader = store(on(&disk));
    let writer = store(on(&disk));
    let ids: Vec<_> = (0..10_u8).map(|number| put(&writer, &[number; 99])).collect();
    reader.refresh().expect("it can be listed");
    tidy(&writer).expect("a merge takes what there is");
    for (number, id) in (0..).zip(ids) {
        assert_eq!(reader.read(&id).expect("it is in the new pack").bytes, [number; 99]);
    }
}

#[test]
fn a_pack_that_rotted_in_the_bucket_is_replaced_by_who_has_its_objects() {
    let disk = SimDisk::default();
    let id = put(&store(on(&disk)), b"fish");
    let pack =
        disk.paths().into_iter().find(|path| path.starts_with("packs/")).expect("there is one");
    let mut bytes = disk.bytes(&pack).expect("it is there");
    bytes[6] ^= 1;
    disk.rot(&pack, bytes);
    let hub = store(on(&disk));
    let twin = store(on(&SimDisk::default()));
    put(&twin, b"fish");
    let repaired = repair(&hub, &[id], |id| twin.read(id).ok()).expect("the bucket is well");
    assert!(repaired.lost.is_empty(), "{repaired:?}");
    let hub = store(on(&disk));
    assert_eq!(hub.read(&id).expect("it was healed").bytes, b"fish");
    assert!(verify(&hub, |_| ()).expect("it can be listed").is_empty());
}

#[test]
fn a_log_in_a_bucket_takes_each_entry_once_and_in_its_place() {
    let log = BucketLog::new(on(&SimDisk::default()), EAST);
    let all = entries(&[b"first", b"", b"third"]);
    let early = log.accept(&all[1]);
    assert!(matches!(early, Err(LogError::Gap { position: 2, newest: 0 })), "{early:?}");
    for (entry, position) in all.iter().zip(1..) {
        for _ in 0..2 {
            assert_eq!(log.accept(entry).expect("it follows, or is there").position, position);
        }
        assert_eq!(log.head().expect("it is sound").position, position);
    }
    let other = &entries(&[b"first", b"other"])[1];
    assert!(matches!(log.accept(other), Err(LogError::Fork { position: 2, .. })));
    let start = log.head().expect("it is sound");
    assert!(log.entries_after(start, 9).expect("it is sound").is_empty());
    let first = selkie_store::Head { position: 1, hash: all[0].hash };
    assert_eq!(log.entries_after(first, 9).expect("it is sound"), all[1..]);
    assert_eq!(log.entries_after(first, 1).expect("it is sound"), all[1..2]);
    let elsewhere = selkie_store::Head { position: 1, hash: other.hash };
    assert!(matches!(log.entries_after(elsewhere, 9), Err(LogError::Fork { position: 1, .. })));
}

#[test]
fn an_entry_that_rotted_in_the_bucket_is_named() {
    let disk = SimDisk::default();
    let log = BucketLog::new(on(&disk), EAST);
    for entry in &entries(&[b"first", b"second"]) {
        log.accept(entry).expect("there is room");
    }
    let path = format!("logs/{EAST}/{:020}", 2);
    let mut bytes = disk.bytes(&path).expect("it is there");
    bytes[13] ^= 1;
    disk.rot(&path, bytes);
    let none = selkie_store::Head { position: 0, hash: [0; 32] };
    let read = log.entries_after(none, 9);
    assert!(matches!(read, Err(LogError::Damaged { position: 1, .. })), "{read:?}");
}

#[test]
fn a_bucket_whose_disk_fails_or_crashes_loses_nothing_acknowledged() {
    let all = entries(&[b"first", b"second", b"third"]);
    for call in 0..120 {
        let disk = SimDisk::default();
        disk.fail(Fault::At(call));
        let log = BucketLog::new(on(&disk), EAST);
        let taken: Vec<_> = all.iter().map_while(|entry| log.accept(entry).ok()).collect();
        let _ = disk.heal();
        for loss in [Loss::Nothing, Loss::Unsynced, Loss::Some(call as u64)] {
            let left = disk.crashed(disk.steps(), loss);
            let log = BucketLog::new(on(&left), EAST);
            let head = log.head().expect("what is there is sound");
            assert!(head.position >= taken.len() as u64, "call {call}, {loss:?}");
            for entry in &all {
                log.accept(entry).expect("life goes on");
            }
        }
    }
}

#[test]
fn a_bucket_that_does_not_sync_is_caught() {
    for lie in [Lie::Files, Lie::Folders] {
        let disk = SimDisk::default();
        disk.lie(lie);
        let log = BucketLog::new(on(&disk), EAST);
        log.accept(&entries(&[b"first"])[0]).expect("it says so");
        let left = disk.crashed(disk.steps(), Loss::Unsynced);
        let kept = BucketLog::new(on(&left), EAST).head();
        assert!(kept.is_err() || kept.is_ok_and(|head| head.position == 0), "{lie:?}");
    }
}

#[test]
fn what_needs_a_lock_is_refused_in_a_bucket() {
    let disk = BucketDisk::new(on(&SimDisk::default()));
    let refused = disk.open_locked("logs/one.log").expect_err("there are no locks");
    assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
    let appended =
        Log::new(Arc::new(disk), EAST).append(b"first", &SecretKey::from_bytes(&[7; 32]));
    assert!(matches!(appended, Err(LogError::Io { .. })), "{appended:?}");
    let disk = Arc::new(BucketDisk::new(on(&SimDisk::default())));
    let store = Store::open(disk).expect("a store needs none to begin");
    put(&store, b"fish");
    let refused = gc(&store, Duration::ZERO, 1, || panic!("nobody asks"), |_| ());
    let Err(GcError::Io(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
}

/// A store that has begun keeps its format: there is no lock under which one process could bring it on.
#[test]
fn a_store_in_a_bucket_is_begun_by_many_at_once_and_then_stays_as_it_is() {
    let disk = BucketDisk::new(on(&SimDisk::default()));
    thread::scope(|scope| {
        for _ in 0..8 {
            let disk = disk.clone();
            scope.spawn(move || Store::open(Arc::new(disk)).expect("all begin the same"));
        }
    });
    let refused = disk.open_locked("format.lock").expect_err("it has begun");
    assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
    let written = disk.create("format.tmp").and_then(|mut file| file.append(b"selkie store 2\n"));
    written.expect("it is in memory");
    let refused = disk.rename("format.tmp", "format").expect_err("it says another thing");
    assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
}

/// A bucket that keeps all promises but one.
#[derive(Debug)]
struct Pretending {
    true_one: Arc<FolderBucket>,
    breaks: Promise,
}

impl Bucket for Pretending {
    fn create(&self, key: &str, bytes: &[u8]) -> io::Result<Created> {
        let overwrites = match self.breaks {
            Promise::CreatedOnce => true,
            // It looks, and then it writes: whoever comes between is overwritten.
            Promise::OneWinner => key.contains('-'),
            Promise::Ranges | Promise::Listed | Promise::Removed => false,
        };
        if overwrites {
            self.true_one.remove(key)?;
            self.true_one.create(key, bytes)?;
            return Ok(Created::New);
        }
        self.true_one.create(key, bytes)
    }

    fn get(&self, key: &str, len_max: usize) -> io::Result<Vec<u8>> {
        self.true_one.get(key, len_max)
    }

    fn read_at(&self, key: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let offset = if self.breaks == Promise::Ranges { 0 } else { offset };
        self.true_one.read_at(key, offset, buffer)
    }

    fn size(&self, key: &str) -> io::Result<u64> {
        self.true_one.size(key)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if self.breaks == Promise::Listed { Ok(Vec::new()) } else { self.true_one.list(folder) }
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        if self.breaks == Promise::Removed { Ok(()) } else { self.true_one.remove(key) }
    }
}

#[test]
fn a_bucket_that_only_pretends_is_found_out() {
    for breaks in [
        Promise::CreatedOnce,
        Promise::OneWinner,
        Promise::Ranges,
        Promise::Listed,
        Promise::Removed,
    ] {
        let true_one = on(&SimDisk::default());
        let found = probe(&Pretending { true_one, breaks });
        let told = matches!(&found, Err(ProbeError::Pretends(promise)) if *promise == breaks);
        assert!(told, "{breaks:?}: {found:?}");
    }
}
