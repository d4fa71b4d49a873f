use selkie_crdt::Hlc;

use super::*;
use crate::batch::Hint;
use crate::disk::Disk;
use crate::disk::sim::SimDisk;
use crate::gc::garbage::garbage;
use crate::id::{SealId, TreeId};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::format::Canonical;
use crate::object::node::{Content, Node};
use crate::object::seal::{Author, ChangeId, Seal};
use crate::object::tree::Tree;
use crate::tidy::{Tidied, tidy};
use crate::verify::verify;

const DAY_MS: u64 = 86_400_000;
const WEEK: Duration = Duration::from_hours(7 * 24);

fn store() -> (SimDisk, Store) {
    let disk = SimDisk::default();
    let store = Store::open(Arc::new(disk.clone())).unwrap();
    (disk, store)
}

fn noise(number: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn put(store: &Store, bytes: &[u8], base: Option<ObjectId>) -> ObjectId {
    let batch = Batch::new(store);
    let id = batch.put(Kind::Blob, bytes, Hint { path: "", base }).unwrap();
    batch.finish().unwrap();
    id
}

fn tree(blob: ObjectId) -> Tree {
    let node = Node::File(Content::Whole(blob.into()));
    Tree::from_iter([(Name::new("file").unwrap(), node)])
}

fn run(store: &Store, roots: &[ObjectId], grace: Duration, now_ms: u64) -> Collected {
    gc(store, grace, now_ms, || Ok(roots.to_vec()), |_| ()).unwrap()
}

fn done(removed: usize, rescued: usize, condemned: usize) -> [usize; 3] {
    [removed, rescued, condemned]
}

fn at_once(store: &Store, roots: &[ObjectId]) -> [usize; 3] {
    match run(store, roots, Duration::ZERO, 0) {
        Collected::Done { removed, rescued, condemned } => {
            done(removed.objects, rescued.objects, condemned.objects)
        }
        other @ (Collected::Elsewhere | Collected::Waiting(_)) => panic!("{other:?}"),
    }
}

#[test]
fn garbage_goes_in_the_second_run_and_the_rest_stays() {
    let (disk, store) = store();
    let [used, garbage] = [1, 2].map(|number| put(&store, &noise(number, 9_000), None));
    assert_eq!(at_once(&store, &[used]), done(0, 0, 1));
    assert_eq!(store.read(&garbage).unwrap().bytes, noise(2, 9_000), "it can still be read");
    assert!(!store.has(&garbage).unwrap(), "and nobody may rely on it");
    let before = disk.paths();
    assert_eq!(at_once(&store, &[used]), done(1, 0, 0));
    assert!(store.read(&garbage).is_err());
    assert_eq!(store.read(&used).unwrap().bytes, noise(1, 9_000));
    assert_eq!(before.len() - disk.paths().len(), 2, "the pack and the record");
}

#[test]
fn what_would_be_removed_is_told_before_and_stays() {
    let (_, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 9_000), None));
    let found = garbage(&store, &[used], |_| ()).unwrap();
    assert_eq!((found.unused.objects, found.condemned.objects), (1, 0));
    assert!((9_000..9_300).contains(&found.unused.bytes), "{found:?}");
    assert_eq!(found, garbage(&store, &[used], |_| ()).unwrap(), "looking changes nothing");
    at_once(&store, &[used]);
    let found = garbage(&store, &[used], |_| ()).unwrap();
    assert_eq!((found.unused.objects, found.condemned.objects), (0, 1));
}

#[test]
fn what_is_removed_is_told_in_objects_and_bytes() {
    let (_, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 9_000), None));
    run(&store, &[used], Duration::ZERO, 0);
    let collected = run(&store, &[used], Duration::ZERO, 0);
    let Collected::Done { removed: Amount { objects: 1, bytes }, .. } = collected else {
        panic!("{collected:?}")
    };
    assert!((9_000..9_300).contains(&bytes), "{bytes}");
}

#[test]
fn a_block_that_is_used_in_part_loses_the_other_part() {
    let (_, store) = store();
    let batch = Batch::new(&store);
    let ids: Vec<_> = (0..20)
        .map(|number| batch.put(Kind::Blob, &noise(number, 500), Hint::NONE).unwrap())
        .collect();
    batch.finish().unwrap();
    assert_eq!(at_once(&store, &ids[..5]), done(0, 0, 15));
    assert_eq!(at_once(&store, &ids[..5]), done(15, 0, 0));
    let size: u64 = store.packs().sound.iter().map(|pack| pack.file_len()).sum();
    assert!(size < 3_500, "{size}");
    assert!(ids[..5].iter().all(|id| store.read(id).is_ok()));
}

#[test]
fn what_is_used_again_is_taken_back() {
    let (_, store) = store();
    let [used, again] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    at_once(&store, &[used]);
    assert_eq!(at_once(&store, &[used, again]), done(0, 1, 0));
    assert!(store.has(&again).unwrap());
}

#[test]
fn what_is_put_again_stays() {
    let (_, store) = store();
    let [used, again] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    at_once(&store, &[used]);
    put(&store, &noise(2, 900), None);
    at_once(&store, &[used, again]);
    assert!(store.has(&again).unwrap());
}

#[test]
fn a_condemned_tree_is_relied_on_with_all_below_it() {
    let (_, store) = store();
    let used = put(&store, b"used", None);
    let blob = put(&store, &noise(2, 900), None);
    let batch = Batch::new(&store);
    let tree = batch.put_value(&tree(blob), Hint::NONE).unwrap().object();
    batch.finish().unwrap();
    at_once(&store, &[used]);
    let batch = Batch::new(&store);
    assert!(batch.rely(&tree).unwrap());
    assert!(!batch.rely(&ObjectId::from_bytes([9; 32])).unwrap());
    batch.finish().unwrap();
    assert_eq!(at_once(&store, &[used, tree]), done(0, 0, 0));
    assert!(store.has(&tree).unwrap() && store.has(&blob).unwrap());
}

/// A seal kept a condemned parent by its link alone, and the parent went: a history with a hole, and no more
/// collections.
#[test]
fn what_a_new_seal_links_to_is_taken_back() {
    let (_, store) = store();
    let used = put(&store, b"used", None);
    let seal = |parents: Vec<SealId>, message: &str| Seal {
        tree: TreeId::from(ObjectId::of(Kind::Tree, &Tree::default().encode().unwrap())),
        parents,
        change: ChangeId::from_bytes([1; 16]),
        time: Hlc::from_ms(1),
        zone_minutes: 0,
        author: Author::default(),
        message: message.to_owned(),
        replaces: [].into(),
        labels: [].into(),
        signature: None,
    };
    let batch = Batch::new(&store);
    batch.put_value(&Tree::default(), Hint::NONE).unwrap();
    let parent = batch.put_value(&seal(vec![], "parent"), Hint::NONE).unwrap();
    batch.finish().unwrap();
    assert_eq!(at_once(&store, &[used]), done(0, 0, 2));
    let batch = Batch::new(&store);
    let child = batch.put_value(&seal(vec![parent], "child"), Hint::NONE).unwrap();
    batch.finish().unwrap();
    assert!(store.has(&parent.object()).unwrap());
    assert_eq!(at_once(&store, &[used, child.object()]), done(0, 0, 0));
    assert_eq!(verify(&store, |_| ()).unwrap().len(), 0);
}

#[test]
fn what_a_used_object_is_made_from_is_not_taken_from_it() {
    let (_, store) = store();
    let mut bytes = noise(1, 20_000);
    let base = put(&store, &bytes, None);
    bytes[7] ^= 1;
    let used = put(&store, &bytes, Some(base));
    assert_eq!(store.link(&used).unwrap().base, Some(base));
    assert_eq!(at_once(&store, &[used]), done(0, 0, 1));
    assert_eq!(at_once(&store, &[used]), done(1, 0, 0));
    assert_eq!(store.read(&used).unwrap().bytes, bytes);
}

#[test]
fn what_an_open_batch_made_something_from_is_taken_back() {
    let (_, store) = store();
    let used = put(&store, b"used", None);
    let mut bytes = noise(1, 20_000);
    let base = put(&store, &bytes, None);
    bytes[7] ^= 1;
    let batch = Batch::new(&store);
    let made = batch.put(Kind::Blob, &bytes, Hint { path: "", base: Some(base) }).unwrap();
    at_once(&store, &[used]);
    batch.finish().unwrap();
    assert_eq!(store.link(&made).unwrap().base, Some(base));
    assert_eq!(at_once(&store, &[used, made]), done(0, 1, 0));
    assert_eq!(at_once(&store, &[used, made]), done(0, 0, 1), "it is made from something else");
    assert_eq!(at_once(&store, &[used, made]), done(1, 0, 0));
    assert_eq!(store.read(&made).unwrap().bytes, bytes);
}

#[test]
fn condemned_objects_wait_for_the_grace_period() {
    let (_, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    let mut outcomes = Vec::new();
    // A clock that steps on by a year, and back again, shortens nothing.
    for day in [0, 1, 366, 2, 3, 8] {
        outcomes.push(match run(&store, &[used], WEEK, day * DAY_MS) {
            Collected::Waiting(Wait::Grace(left_ms)) => left_ms / DAY_MS,
            Collected::Done { removed, .. } => removed.objects as u64 + 100,
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(outcomes, [100, 7, 6, 6, 5, 101], "condemned, then days left");
}

#[test]
fn condemned_objects_wait_for_whoever_wrote_at_that_time() {
    let (_, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    let hold = store.hold().unwrap();
    assert_eq!(at_once(&store, &[used]), done(0, 0, 1));
    let late = store.hold().unwrap();
    let waits = Collected::Waiting(Wait::Writers(1));
    assert_eq!(run(&store, &[used], Duration::ZERO, DAY_MS), waits);
    drop(hold);
    assert_eq!(at_once(&store, &[used]), done(1, 0, 0), "who came later saw it condemned");
    drop(late);
}

#[test]
fn a_run_that_can_not_know_what_is_used_does_nothing() {
    let (disk, store) = store();
    let blob = put(&store, &noise(1, 900), None);
    let missing = tree(ObjectId::from_bytes([7; 32]));
    let batch = Batch::new(&store);
    let gap = batch.put_value(&missing, Hint::NONE).unwrap().object();
    batch.finish().unwrap();
    let before = disk.list("packs").unwrap();
    let fails = |roots: &[ObjectId]| {
        gc(&store, Duration::ZERO, 0, || Ok(roots.to_vec()), |_| ()).unwrap_err()
    };
    assert!(matches!(fails(&[]), GcError::NothingUsed));
    let nowhere = ObjectId::from_bytes([9; 32]);
    assert!(matches!(fails(&[blob, nowhere]), GcError::NoRoot(id) if id == nowhere));
    assert!(
        matches!(fails(&[gap]), GcError::Missing { kind: Kind::Blob, from, .. } if from == gap)
    );
    let unknown = gc(&store, Duration::ZERO, 0, || Err("no log".into()), |_| ());
    assert!(matches!(unknown, Err(GcError::Roots(_))));
    assert_eq!(disk.list("packs").unwrap(), before);
}

#[test]
fn a_pack_that_can_not_be_read_keeps_everything() {
    let (disk, store) = store();
    let [used, garbage] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    let path = store.packs().sound[0].path();
    let mut bytes = disk.bytes(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    disk.rot(&path, bytes);
    let fresh = Store::open(Arc::new(disk)).unwrap();
    let refused = gc(&fresh, Duration::ZERO, 0, || Ok(vec![used, garbage]), |_| ());
    assert!(matches!(refused, Err(GcError::Pack(PackError::Damaged { .. }))));
}

#[test]
fn one_process_collects_or_merges_at_a_time() {
    let (_, store) = store();
    let used = put(&store, b"used", None);
    let mut tidied = None;
    let roots = || {
        tidied = Some(tidy(&store)?);
        Ok(vec![used])
    };
    gc(&store, Duration::ZERO, 0, roots, |_| ()).unwrap();
    assert_eq!(tidied, Some(Tidied::Elsewhere));
    let _theirs = Removal::begin(store.disk()).unwrap();
    assert_eq!(run(&store, &[used], Duration::ZERO, 0), Collected::Elsewhere);
}

#[test]
fn a_record_that_is_lost_begins_the_wait_again() {
    let (disk, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    at_once(&store, &[used]);
    disk.remove("packs/condemned").unwrap();
    let waits = Collected::Waiting(Wait::Grace(0));
    assert_eq!(run(&store, &[used], Duration::ZERO, 0), waits);
    assert_eq!(at_once(&store, &[used]), done(1, 0, 0));
}

#[test]
fn rot_in_a_condemned_pack_is_noticed() {
    let (disk, store) = store();
    let [used, _] = [1, 2].map(|number| put(&store, &noise(number, 900), None));
    at_once(&store, &[used]);
    assert!(verify(&store, |_| ()).unwrap().is_empty());
    let path = store.packs().condemned[0].path();
    let sound = disk.bytes(&path).unwrap();
    for at in 0..sound.len() {
        let mut rotten = sound.clone();
        rotten[at] ^= 1;
        disk.rot(&path, rotten);
        let Ok(fresh) = Store::open(Arc::new(disk.clone())) else { continue };
        assert!(!verify(&fresh, |_| ()).unwrap().is_empty(), "{at}");
    }
}

#[test]
fn a_tree_is_followed_to_its_end() {
    let (_, store) = store();
    let blob = put(&store, &noise(1, 900), None);
    let batch = Batch::new(&store);
    let inner = batch.put_value(&tree(blob), Hint::NONE).unwrap();
    let outer =
        Tree::from_iter([(Name::new("inner").unwrap(), Node::Directory(inner))]).encode().unwrap();
    let root = batch.put(Kind::Tree, &outer, Hint::NONE).unwrap();
    batch.finish().unwrap();
    let mut last = None;
    let progress = |progress| last = Some(progress);
    gc(&store, Duration::ZERO, 0, || Ok(vec![root]), progress).unwrap();
    assert_eq!(last, Some(Progress { done: 3, total: 3 }));
    assert_eq!(store.ids().unwrap().len(), 3);
}
