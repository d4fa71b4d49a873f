//! Two hubs, each with a client of its own, and one bucket.

use std::process::Command;
use std::sync::Arc;
use std::thread;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Bucket, BucketDisk, BucketLog, Created, Entry, Hint, Kind, Log, LogError, ObjectId,
    ProbeError, S3Bucket, S3Place, SecretKey, SimDisk, Store, tidy, verify,
};

use crate::server::Server;

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

fn open(place: &S3Place) -> Arc<S3Bucket> {
    Arc::new(S3Bucket::open(place).expect("the server keeps its promises"))
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
fn entries(count: usize) -> Vec<Entry> {
    let own = Log::new(Arc::new(SimDisk::default()), EAST);
    for number in 0..count {
        own.append(format!("entry {number}").as_bytes(), &SecretKey::from_bytes(&[7; 32]))
            .expect("there is room");
    }
    own.entries().and_then(Iterator::collect).expect("it is sound")
}

#[test]
fn keys_are_created_once_and_read_in_parts() {
    let Some(server) = Server::find() else { return };
    let bucket = open(&server.place());
    assert_eq!(bucket.create("packs/one", b"fish").expect("it answers"), Created::New);
    assert_eq!(bucket.create("packs/one", b"seal").expect("it answers"), Created::Present);
    assert_eq!(bucket.get("packs/one", 4).expect("it is there"), b"fish");
    assert!(bucket.get("packs/one", 3).is_err(), "it is longer");
    assert_eq!(bucket.list("packs").expect("it answers"), ["one"]);
    assert_eq!(bucket.list("other").expect("it answers"), [""; 0]);
    bucket.remove("packs/one").expect("it answers");
    bucket.remove("packs/one").expect("what is gone stays gone");
    assert_eq!(bucket.list("packs").expect("it answers"), [""; 0]);
}

#[test]
fn two_hubs_that_put_and_merge_at_once_lose_no_object() {
    const EACH: usize = 20;
    let Some(server) = Server::find() else { return };
    let place = server.place();
    let hub = |name: &'static str| {
        let place = place.clone();
        thread::spawn(move || {
            let store = store(open(&place));
            let put_one = |number| {
                let id = put(&store, format!("{name} {number}").repeat(50).as_bytes());
                tidy(&store).expect("a merge takes what there is");
                id
            };
            (0..EACH).map(put_one).collect::<Vec<_>>()
        })
    };
    let hubs = [hub("east"), hub("west")];
    let acknowledged: Vec<_> =
        hubs.into_iter().flat_map(|hub| hub.join().expect("nothing fails")).collect();
    assert_eq!(acknowledged.len(), 2 * EACH);
    let third = store(open(&place));
    for id in &acknowledged {
        third.read(id).expect("it was acknowledged");
    }
    assert!(verify(&third, |_| ()).expect("it can be listed").is_empty());
    let packs = open(&place).list("packs").expect("it answers");
    assert!(packs.len() < acknowledged.len(), "{packs:?}");
}

#[test]
fn two_hubs_that_take_the_same_entries_at_once_keep_one_of_each() {
    let Some(server) = Server::find() else { return };
    let place = server.place();
    let entries = Arc::new(entries(30));
    let hubs = [0, 1].map(|_| {
        let (place, entries) = (place.clone(), Arc::clone(&entries));
        thread::spawn(move || {
            let log = BucketLog::new(open(&place), EAST);
            entries.iter().for_each(|entry| {
                let head = log.accept(entry).expect("both say the same");
                assert_eq!(head.position, entry.position);
            });
        })
    });
    hubs.into_iter().for_each(|hub| hub.join().expect("nothing fails"));
    let bucket = open(&place);
    let log = BucketLog::new(bucket.clone(), EAST);
    assert_eq!(log.head().expect("it is sound").position, 30);
    let none = selkie_store::Head { position: 0, hash: [0; 32] };
    assert_eq!(log.entries_after(none, 100).expect("it is sound"), *entries);
    assert_eq!(BucketLog::replicas(&*bucket).expect("it answers"), [EAST.to_string()]);
}

#[test]
fn of_two_histories_one_is_kept_and_the_other_is_a_fork() {
    let Some(server) = Server::find() else { return };
    let place = server.place();
    let first = entries(1).remove(0);
    let other = Log::new(Arc::new(SimDisk::default()), EAST);
    other.append(b"other", &SecretKey::from_bytes(&[7; 32])).expect("there is room");
    let other = other.entries().expect("it is sound").next().expect("there is one");
    let other = other.expect("it is sound");
    let hubs = [first, other].map(|entry| {
        let place = place.clone();
        thread::spawn(move || BucketLog::new(open(&place), EAST).accept(&entry))
    });
    let outcomes = hubs.map(|hub| hub.join().expect("nothing panics"));
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let forks = outcomes.iter().filter(|outcome| matches!(outcome, Err(LogError::Fork { .. })));
    assert_eq!((kept, forks.count()), (1, 1), "{outcomes:?}");
}

/// Where a child works, and what it is called.
const PLACE: &str = "SELKIE_S3_TEST_PLACE";

// Threads of one process could share what processes do not.
#[test]
fn two_processes_on_one_bucket_lose_nothing() {
    if let Ok(told) = std::env::var(PLACE) {
        return be_a_hub(&told);
    }
    let Some(server) = Server::find() else { return };
    let place = server.place();
    let spawn = |name: &str| {
        Command::new(std::env::current_exe().expect("a test is a program"))
            .args(["hub::two_processes_on_one_bucket_lose_nothing", "--exact"])
            .env(PLACE, format!("{} {} {name}", place.endpoint, place.prefix))
            .spawn()
            .expect("a test can be run")
    };
    let hubs = ["east", "west"].map(spawn);
    for mut hub in hubs {
        assert!(hub.wait().expect("it is ours").success());
    }
    let bucket = open(&place);
    let log = BucketLog::new(bucket.clone(), EAST);
    assert_eq!(log.head().expect("it is sound").position, 10);
    let store = store(bucket);
    for name in ["east", "west"] {
        for number in 0..10 {
            let id = ObjectId::of(Kind::Blob, format!("{name} {number}").as_bytes());
            assert!(store.read(&id).is_ok(), "{name} {number}");
        }
    }
}

fn be_a_hub(told: &str) {
    let mut parts = told.split(' ').map(str::to_owned);
    let mut part = || parts.next().expect("three are told");
    let (endpoint, prefix, name) = (part(), part(), part());
    let (access_key, secret_key) = ("selkie".to_owned(), "selkie-secret".to_owned());
    let (region, bucket) = ("us-east-1".to_owned(), "selkie-test".to_owned());
    let bucket = open(&S3Place { endpoint, region, bucket, prefix, access_key, secret_key });
    let store = store(bucket.clone());
    let log = BucketLog::new(bucket, EAST);
    for (number, entry) in entries(10).iter().enumerate() {
        put(&store, format!("{name} {number}").as_bytes());
        log.accept(entry).expect("both say the same");
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let place = S3Place {
        endpoint: "http://127.0.0.1:1".to_owned(),
        region: "us-east-1".to_owned(),
        bucket: "selkie-test".to_owned(),
        prefix: String::new(),
        access_key: "selkie".to_owned(),
        secret_key: "selkie-secret".to_owned(),
    };
    assert!(matches!(S3Bucket::open(&place), Err(ProbeError::Io(_))));
}
