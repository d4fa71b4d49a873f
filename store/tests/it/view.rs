//! What a view is: entries of all, in any order, through snapshots and without.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use selkie_crdt::{ActorId, AwSet, Doc, Hlc, VersionVector};
use selkie_store::{
    Action, Batch, Deed, EditError, Entry, Hint, Kind, Log, LogError, Obstacle, OsDisk, Refusal,
    SecretKey, SimDisk, Step, Store, View,
};

use crate::replica::{Baskets, Replica, forget_snapshot, id, object, writer};

const NOTHING: VersionVector = VersionVector::new();

#[test]
fn replicas_agree_once_they_have_the_same_entries() {
    let [mut east, mut west] = [1, 2].map(Replica::new);
    east.put("a", 1);
    west.put("a", 2);
    assert!(east.take_from(&west).is_empty() && west.take_from(&east).is_empty());
    let removed = east.edit(|mut baskets| baskets.remove("a"));
    removed.expect("the disk is well");
    west.put("a", 3);
    assert!(east.take_from(&west).is_empty() && west.take_from(&east).is_empty());
    assert_eq!([east.says(), west.says()], ["a[3]", "a[3]"]);
    assert_eq!(east.snapshot(), west.snapshot());
}

#[test]
fn an_edit_is_found_by_whoever_opens_next_and_by_whoever_has_it_open() {
    let mut here = Replica::new(1);
    let mut there = Replica::on(here.disk.clone(), 2);
    here.put("a", 1);
    assert_eq!(there.says(), "");
    there.view.refresh().expect("the disk is well");
    assert_eq!(there.says(), "a[1]");
    assert_eq!(Replica::on(here.disk.clone(), 2).says(), "a[1]");
}

#[test]
fn what_changes_nothing_leaves_no_entry() {
    let mut east = Replica::new(1);
    assert_eq!(east.edit(|_| ()).expect("the disk is well"), None);
    assert!(east.view.heads().expect("the disk is well").is_empty());
}

#[test]
fn an_edit_that_is_declined_was_never_there() {
    let mut east = Replica::new(1);
    east.put("a", 1);
    let action = Action { time: Hlc::from_ms(9), note: "", roots: &[] };
    let declined = east.view.edit(&east.writer, action, |mut baskets| {
        baskets.entry("a".into()).add(2);
        Err("the plan is old")
    });
    assert!(matches!(declined, Err(EditError::Declined("the plan is old"))));
    assert_eq!(east.says(), "a[1]");
    east.put("a", 3);
    assert_eq!([east.says(), east.replayed().says()], ["a[1, 3]", "a[1, 3]"]);
}

#[test]
fn processes_of_one_clone_give_no_dot_twice() {
    let disk = SimDisk::default();
    std::thread::scope(|scope| {
        for process in 0..4 {
            let disk = disk.clone();
            scope.spawn(move || {
                let mut here = Replica::on(disk, 1);
                (0..10).for_each(|n| here.put("a", process * 10 + n));
            });
        }
    });
    let all: Vec<u64> = (0..40).collect();
    assert_eq!(Replica::on(disk, 1).says(), format!("a{all:?}"));
}

/// An entry that builds upon another log's waits for it, and nothing else does.
#[test]
fn entries_wait_for_what_they_build_upon() {
    let [mut east, mut west, mut south] = [1, 2, 3].map(Replica::new);
    east.put("a", 1);
    assert!(west.take_from(&east).is_empty());
    west.put("a", 2);
    west.put("b", 5);
    let entries = west.since(&NOTHING);
    let only = |name: ActorId| BTreeMap::from([(name, entries[&name].clone())]);
    assert!(south.take(only(west.name())).is_empty());
    assert_eq!(south.says(), "");
    let stop = south.view.stops().next().expect("west waits");
    assert_eq!((stop.replica, stop.position), (west.name(), 2));
    assert!(matches!(stop.why, Obstacle::Waits { actor, have: 0, .. } if actor == east.name()));
    assert_eq!(south.view.heads().expect("the disk is well").get(&west.name()), 3);
    assert_eq!(south.view.applied().get(&west.name()), 1);
    let mut south = Replica::on(south.disk, 3);
    south.put("c", 3);
    assert!(south.take(only(east.name())).is_empty());
    assert_eq!(south.says(), "a[1, 2] b[5] c[3]");
    assert_eq!(south.view.stops().len(), 0);
}

#[test]
fn an_entry_is_taken_only_with_the_objects_that_it_reaches() {
    let [mut east, mut west] = [1, 2].map(Replica::new);
    let absent = east.edit_reaching(&[id(100)], |_| ());
    assert!(matches!(absent, Err(EditError::Absent(absent)) if absent == id(100)));
    keep(&east.store, 100);
    east.put("a", 1);
    let put = east.edit_reaching(&[id(100)], |mut baskets| baskets.entry("a".into()).add(100));
    put.expect("the object is here");
    east.put("a", 3);
    let refused = west.take_from(&east);
    let [Refusal::Absent { position: 3, absent }] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!(absent, &[id(100)]);
    assert_eq!(west.says(), "a[1]", "what comes before is taken");
    keep(&west.store, 100);
    assert!(west.take_from(&east).is_empty());
    assert_eq!(west.says(), "a[1, 3, 100]");
}

/// Where nothing names an object any more it may be gone everywhere, and newcomers must not wait for it.
#[test]
fn objects_that_later_entries_let_go_of_are_not_asked_for() {
    let [mut east, mut west] = [1, 2].map(Replica::new);
    keep(&east.store, 100);
    let put = east.edit_reaching(&[id(100)], |mut baskets| baskets.entry("a".into()).add(100));
    put.expect("the object is here");
    let removed = east.edit(|mut baskets| baskets.remove("a"));
    removed.expect("the disk is well");
    east.put("b", 1);
    assert!(west.take_from(&east).is_empty());
    assert_eq!(west.says(), "b[1]");
    assert_eq!(west.snapshot(), east.snapshot());
}

/// Garbage collection asks: what an entry reaches that waits must be there when it is applied.
#[test]
fn what_waits_keeps_its_objects() {
    let [mut east, mut west, mut south] = [1, 2, 3].map(Replica::new);
    east.put("a", 1);
    assert!(west.take_from(&east).is_empty());
    [&west.store, &south.store].into_iter().for_each(|store| keep(store, 100));
    let put = west.edit_reaching(&[id(100)], |mut baskets| baskets.entry("a".into()).add(100));
    put.expect("the object is here");
    assert_eq!(west.view.roots().expect("the disk is well"), [id(100)]);
    let only_west = west.since(&NOTHING).remove(&west.name()).expect("west wrote");
    assert!(south.take([(west.name(), only_west)].into()).is_empty());
    assert_eq!((south.says(), south.view.stops().len()), (String::new(), 1));
    assert_eq!(south.view.roots().expect("the disk is well"), [id(100)]);
    assert_eq!(south.view.key(&west.name()), Some(west.writer.key().public()));
}

/// What waits is named by no state yet, and will be.
#[test]
fn an_entry_that_waits_is_taken_only_with_the_objects_that_it_reaches() {
    let [mut east, mut west, mut south] = [1, 2, 3].map(Replica::new);
    east.put("a", 1);
    assert!(west.take_from(&east).is_empty());
    keep(&west.store, 100);
    let put = west.edit_reaching(&[id(100)], |mut baskets| baskets.entry("a".into()).add(100));
    put.expect("the object is here");
    let only_west = west.since(&NOTHING).remove(&west.name()).expect("west wrote");
    let refused = south.take([(west.name(), only_west)].into());
    assert!(matches!(&refused[..], [Refusal::Absent { position: 2, .. }]), "{refused:?}");
    assert_eq!(south.view.roots().expect("the disk is well"), []);
}

fn keep(store: &Store, fruit: u64) {
    let batch = Batch::new(store);
    batch.put(Kind::Blob, &object(fruit), Hint::NONE).expect("the disk is well");
    batch.finish().expect("the disk is well");
}

/// A log of replica 1 that says these deeds, the first entry as it has to be.
fn saying(deeds: Vec<Deed>) -> Vec<Entry> {
    let log = Log::new(Arc::new(SimDisk::default()), writer(1).replica());
    let step = |deed| Step { time: Hlc::from_ms(1), note: String::new(), roots: vec![], deed };
    let bytes = |deed| step(deed).to_bytes().expect("it keeps the rules");
    let deeds = std::iter::once(Deed::Begins(writer(1).binding())).chain(deeds);
    deeds.for_each(|deed| {
        log.append(&bytes(deed), writer(1).key()).expect("the disk is well");
    });
    log.entries().and_then(Iterator::collect).expect("the disk is well")
}

/// A delta in which `author` puts this fruit first thing.
fn delta(author: ActorId, fruit: u64) -> Deed {
    let mut doc: Doc<Baskets> = Doc::new(author);
    let delta = doc.update(|mut baskets| baskets.entry("a".into()).add(fruit));
    Deed::Changes(delta.expect("it changes something").to_bytes())
}

fn refusal(entries: Vec<Entry>) -> Refusal {
    let mut east = Replica::new(9);
    let mut refused = east.take([(writer(1).replica(), entries)].into());
    assert_eq!(refused.len(), 1);
    assert_eq!(east.says(), "");
    refused.remove(0)
}

fn why(entries: Vec<Entry>) -> Obstacle {
    match refusal(entries) {
        Refusal::Entry { why, .. } => why,
        other => panic!("{other}"),
    }
}

#[test]
fn nobody_writes_in_the_name_of_another() {
    let [one, two] = [1, 2].map(|n| writer(n).replica());
    assert!(matches!(why(saying(vec![delta(two, 7)])), Obstacle::Foreign(by) if by == two));
    let other_log = BTreeMap::from([(two, saying(vec![delta(one, 7)]))]);
    assert!(matches!(Replica::new(9).take(other_log)[..], [Refusal::Log(LogError::Fork { .. })]));
}

#[test]
fn a_log_begins_with_its_key_and_never_again() {
    let begins = || Deed::Begins(writer(1).binding());
    assert!(matches!(why(saying(vec![begins()])), Obstacle::Rebound));
    let foreign = |deed: Deed| {
        let log = Log::new(Arc::new(SimDisk::default()), writer(1).replica());
        let step = Step { time: Hlc::from_ms(1), note: String::new(), roots: vec![], deed };
        let bytes = step.to_bytes().expect("it keeps the rules");
        log.append(&bytes, writer(1).key()).expect("the disk is well");
        log.entries().and_then(Iterator::collect::<Result<Vec<_>, _>>).expect("the disk is well")
    };
    assert!(matches!(why(foreign(delta(writer(1).replica(), 7))), Obstacle::Unbound));
    assert!(matches!(why(foreign(Deed::Begins(writer(2).binding()))), Obstacle::Unbound));
}

#[test]
fn every_entry_is_signed_by_the_key_that_the_log_began_with() {
    let mut entries = saying(vec![delta(writer(1).replica(), 7)]);
    entries[1].signature = SecretKey::from_bytes(&[8; 32]).sign(&entries[1].hash);
    let mut east = Replica::new(9);
    let refused = east.take([(writer(1).replica(), entries)].into());
    assert!(matches!(refused[..], [Refusal::Signature(2)]));
    assert_eq!(east.says(), "");
}

#[test]
fn what_makes_no_sense_is_refused_by_its_position() {
    let mut entries = saying(vec![Deed::Changes(b"no delta".to_vec())]);
    assert!(matches!(why(entries.clone()), Obstacle::Delta(_)));
    entries[1].payload = b"\x02 of a later version".to_vec();
    assert!(matches!(refusal(entries), Refusal::Log(LogError::Fork { position: 2, .. })));
}

/// Dots of one replica are given in the order of its log, so none has two meanings.
#[test]
fn a_change_that_is_told_twice_stops_its_log_alone() {
    let one = writer(1).replica();
    let mut east = Replica::new(9);
    east.put("b", 2);
    let entries = saying(vec![delta(one, 7), delta(one, 8)]);
    assert!(east.take([(one, entries)].into()).is_empty());
    assert_eq!(east.says(), "a[7] b[2]");
    let stop = east.view.stops().next().expect("the log says one thing twice");
    assert!(matches!(stop.why, Obstacle::Order { have: 1, from: 0 }));
    assert_eq!(east.says(), east.replayed().says());
}

#[test]
fn a_damaged_log_stops_itself_alone() {
    let [mut east, mut west] = [1, 2].map(Replica::new);
    west.put("b", 1);
    assert!(east.take_from(&west).is_empty());
    (1..5).for_each(|n| east.put("a", n));
    let path = format!("logs/{}.log", west.name());
    let mut bytes = east.disk.bytes(&path).expect("it was taken");
    bytes[21 + 12] ^= 1;
    east.disk.rot(&path, bytes);
    let left = east.replayed();
    let stops: Vec<_> = left.view.stops().map(|stop| (stop.replica, stop.position)).collect();
    assert_eq!(stops, [(east.name(), 2), (west.name(), 1)], "east's entries build upon west's");
    assert_eq!(left.says(), "");
    // The replica whose own log is not folded to its end must not write.
    let mut left = Replica::on(left.disk, 1);
    let edit = left.edit(|mut baskets| baskets.remove("a"));
    assert!(matches!(edit, Err(EditError::<Infallible>::Stopped)));
}

// As much memory was taken as the file is long.
#[test]
fn a_snapshot_as_long_as_no_memory_is_as_if_there_were_none() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let disk = Arc::new(OsDisk::new(folder.path()));
    let view = || {
        let store = Store::open(disk.clone()).expect("it opens");
        View::<Baskets>::open(Arc::new(store), |_, _| ()).expect("nothing is wrong with the logs")
    };
    view().save().expect("there is room");
    let file = std::fs::File::options().write(true).open(folder.path().join("view"));
    let grown = file.and_then(|file| file.set_len(1 << 42));
    grown.expect("a file may have holes");
    assert!(view().heads().expect("the disk is well").is_empty());
}

#[test]
fn any_damage_to_a_snapshot_is_as_if_there_were_none() {
    let mut east = Replica::new(1);
    (1..4).for_each(|n| east.put("a", n));
    let sound = east.snapshot();
    east.put("a", 4);
    for at in 0..sound.len() {
        let mut rotten = sound.clone();
        rotten[at] ^= 0xff;
        for bytes in [rotten, sound[..at].to_vec()] {
            east.disk.rot("view", bytes);
            assert_eq!(Replica::on(east.disk.clone(), 1).says(), "a[1, 2, 3, 4]", "{at}");
        }
    }
}

/// A log that says other than the snapshot knows is what counts.
#[test]
fn a_log_that_was_replaced_takes_its_snapshot_along() {
    let [mut east, mut other] = [1, 1].map(Replica::new);
    east.put("a", 1);
    east.snapshot();
    other.put("a", 2);
    let path = format!("logs/{}.log", east.name());
    let theirs = other.disk.bytes(&path).expect("it was written");
    for bytes in [theirs.clone(), theirs[..50].to_vec(), Vec::new()] {
        east.disk.rot(&path, bytes);
        let opened = Replica::on(east.disk.clone(), 1);
        assert_eq!(opened.says(), opened.replayed().says());
    }
    east.disk.rot(&path, theirs);
    east.view.refresh().expect("the disk is well");
    assert_eq!(east.says(), "a[2]", "also under a view that is open");
}

#[test]
fn a_snapshot_is_written_when_the_suffix_has_grown() {
    let mut east = Replica::new(1);
    let mut count = 0;
    while east.disk.bytes("view").is_none() {
        east.put("a", count);
        count += 1;
        assert!(count < 1000, "a snapshot is due by then");
    }
    let first = east.disk.bytes("view");
    east.put("a", 2000);
    assert_eq!(east.disk.bytes("view"), first, "one entry is not worth a snapshot");
    forget_snapshot(&east.disk);
    assert_eq!(Replica::on(east.disk.clone(), 1).says(), east.says());
    assert!(east.disk.bytes("view").is_some(), "who folded all that writes it down");
}

/// Locks of a real system, where a file that is locked by one handle is read through another.
#[test]
fn processes_of_one_clone_share_a_real_folder() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let open = || {
        let store = Store::open(Arc::new(OsDisk::new(folder.path()))).expect("the disk is well");
        View::<Baskets>::open(Arc::new(store), |_, _| ()).expect("the disk is well")
    };
    std::thread::scope(|scope| {
        for process in 0..4 {
            scope.spawn(move || {
                let mut view = open();
                for n in 0..5 {
                    let action = Action { time: Hlc::from_ms(1), note: "put", roots: &[] };
                    let put = view.edit(&writer(1), action, |mut baskets| {
                        baskets.entry("a".into()).add(process * 5 + n);
                        Ok::<_, Infallible>(())
                    });
                    put.expect("the disk is well");
                }
            });
        }
    });
    assert_eq!(open().root().get("a").map(AwSet::len), Some(20));
}

#[test]
fn every_signature_is_verified() {
    let [mut east, mut west] = [1, 2].map(Replica::new);
    (0..3).for_each(|n| east.put("a", n));
    west.put("b", 1);
    assert!(east.take_from(&west).is_empty());
    assert!(east.view.verify_logs().expect("the disk is well").is_empty());
    let path = format!("logs/{}.log", east.name());
    let sound = east.disk.bytes(&path).expect("it was written");
    let last = east.since(&NOTHING)[&east.name()].last().map(|entry| entry.payload.len());
    let mut rotten = sound.clone();
    // No hash covers the signature: what follows the payload and stands before the hash.
    rotten[sound.len() - 36 - 64] ^= 1;
    east.disk.rot(&path, rotten);
    let wrong = east.view.verify_logs().expect("the disk is well");
    assert!(matches!(wrong[&east.name()], Refusal::Signature(4)), "{wrong:?}");
    let mut rotten = sound.clone();
    // The last byte of the payload before the last.
    rotten[sound.len() - 112 - last.expect("there is one") - 101] ^= 1;
    east.disk.rot(&path, rotten);
    let wrong = east.view.verify_logs().expect("the disk is well");
    assert!(matches!(wrong[&east.name()], Refusal::Log(LogError::Damaged { position: 2, .. })));
    assert_eq!(wrong.len(), 1);
}

/// A position that was told to peers must not get a second content.
#[test]
fn who_lost_his_log_does_not_write_it_anew() {
    let mut east = Replica::new(1);
    (0..3).for_each(|n| east.put("a", n));
    let path = format!("logs/{}.log", east.name());
    let sound = east.disk.bytes(&path).expect("it was written");
    east.snapshot();
    for length in [sound.len() - 1, 60, 0] {
        // One who had the view open, and one who knows from the snapshot.
        let had_open = Replica::on(east.disk.clone(), 1);
        east.disk.rot(&path, sound[..length].to_vec());
        for mut left in [had_open, Replica::on(east.disk.clone(), 1)] {
            for _ in 0..2 {
                let edit = left.edit(|mut baskets| baskets.entry("a".into()).add(9));
                assert!(matches!(edit, Err(EditError::<Infallible>::Lost)), "{length}");
            }
        }
        east.disk.rot(&path, sound.clone());
    }
    east.disk.rot(&path, sound[..60].to_vec());
    let mut reborn = Replica::on(east.disk.clone(), 2);
    reborn.put("b", 1);
    assert_eq!(reborn.says(), "b[1]");
}
