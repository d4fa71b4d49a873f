//! Operations on a disk that stops, and beside others who write.

use std::collections::BTreeMap;
use std::error::Error;

use selkie_crdt::ActorId;
use selkie_store::{
    Author, Batch, ChangeId, Entry, Fork, Head, Hint, Loss, SealId, SecretKey, SimDisk, Tree, sign,
};

use super::*;
use crate::shared::{Attribute, Move, spelled};
use crate::shelf::{Comes, Shelf};

const KEY: [u8; 32] = [7; 32];

fn writer(clone: u8) -> Writer {
    Writer::new(SecretKey::from_bytes(&KEY), [clone; 16])
}

fn open(disk: &SimDisk) -> Repository {
    Repository::open(Arc::new(disk.clone())).expect("the disk is well")
}

/// A seal of nothing on top of `base`, told apart by its message.
fn seal(store: &Store, base: Option<SealId>, message: &str) -> SealId {
    let batch = Batch::new(store);
    let tree = batch.put_value(&Tree::default(), Hint::NONE).expect("the disk is well");
    let seal = selkie_store::Seal {
        tree,
        parents: base.into_iter().collect(),
        change: ChangeId::from_bytes([1; 16]),
        time: Hlc::from_ms(1),
        zone_minutes: 0,
        author: Author::default(),
        message: message.to_owned(),
        replaces: [].into(),
        labels: BTreeMap::new(),
        signature: None,
    };
    let seal = sign(seal, &SecretKey::from_bytes(&KEY)).expect("it is small");
    let id = batch.put_value(&seal, Hint::NONE).expect("the disk is well");
    batch.finish().expect("the disk is well");
    id
}

/// Makes a seal on `main`, stands on it and lays its work aside. Returns it once that is acknowledged.
fn advance(repository: &mut Repository, writer: &Writer) -> Result<SealId, Box<dyn Error>> {
    advance_at(repository, writer, 5)
}

fn advance_at(
    repository: &mut Repository,
    writer: &Writer,
    now_ms: u64,
) -> Result<SealId, Box<dyn Error>> {
    let mut hand = repository.take(writer, &Bare, now_ms)?;
    let before = hand.desk().clone();
    let base = before.bases.first().copied();
    let time = hand.time();
    let id = seal(hand.store(), base, &format!("at {time:?}"));
    let mut after = Desk { timeline: Some("main".into()), bases: vec![id], ..before.clone() };
    let work = hand.store().load::<selkie_store::Seal>(id)?.tree;
    after.shelves.insert(format!("{time:?}"), Shelf { base: Some(id), ..shelf(work, time) });
    let (subject, attribute) = (Named::Timeline("main".into()), Attribute::Heads);
    let was = hand.shared().value(&subject, attribute);
    let told = Move { subject, attribute, before: was, after: Some(spelled(&[id].into())) };
    let typed = "seal -m more".to_owned();
    let (moves, files, kind) = (vec![told], None, Kind::Command);
    hand.perform(&Operation { time, typed, before, after, moves, files, kind })?;
    Ok(id)
}

fn shelf(work: TreeId, time: Hlc) -> Shelf {
    let (timeline, base, gathered, message) = (None, None, None, String::new());
    Shelf { timeline, base, gathered, work, message, time, comes: Comes::WhenAsked }
}

fn heads(repository: &Repository) -> Vec<SealId> {
    let main = repository.shared().timeline("main");
    main.map(|main| main.heads().into_iter().collect()).unwrap_or_default()
}

#[test]
fn an_operation_changes_the_desk_and_what_is_shared() {
    let disk = SimDisk::default();
    let mut repository = open(&disk);
    let first = advance(&mut repository, &writer(1)).unwrap();
    let second = advance(&mut repository, &writer(1)).unwrap();
    let again = open(&disk);
    assert_eq!((heads(&again), &again.desk().bases), (vec![second], &vec![second]));
    let bases: Vec<_> =
        again.operations().unwrap().map(|logged| logged.unwrap().operation.after.bases).collect();
    assert_eq!(bases, [vec![second], vec![first]]);
}

#[test]
fn after_a_crash_at_any_step_the_desk_and_what_is_shared_agree() {
    let disk = SimDisk::default();
    let mut acknowledged = vec![(0, None)];
    let mut repository = open(&disk);
    for _ in 0..3 {
        let id = advance(&mut repository, &writer(1)).unwrap();
        acknowledged.push((disk.steps(), Some(id)));
    }
    let mut states = 0;
    for step in 0..=disk.steps() {
        let known = acknowledged.iter().rfind(|(at, _)| *at <= step).and_then(|(_, id)| *id);
        let parts = (0..4).map(|seed| Loss::Some(seed << 32 | step as u64));
        for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain(parts) {
            let left = disk.crashed(step, loss);
            let mut repository = open(&left);
            repository.take(&writer(1), &Bare, 6).expect("no help is needed");
            let desk = repository.desk().clone();
            assert_eq!(heads(&repository), desk.bases, "step {step}, {loss:?}");
            let reaches = |mut at: Option<SealId>| {
                while at.is_some() && at != known {
                    let seal = repository.store.load::<selkie_store::Seal>(at.unwrap()).unwrap();
                    at = seal.parents.first().copied();
                }
                at == known
            };
            assert!(reaches(desk.bases.first().copied()), "step {step}, {loss:?}");
            let shelved: Vec<_> = desk.shelves.values().filter_map(|shelf| shelf.base).collect();
            assert_eq!(shelved.last(), desk.bases.last(), "step {step}, {loss:?}");
            for object in desk.shelves.values().flat_map(Shelf::objects) {
                assert!(repository.store.has(&object).unwrap(), "step {step}, {loss:?}");
            }
            advance(&mut repository, &writer(1)).expect("life goes on");
            states += 1;
        }
    }
    assert!(states > 300, "{states}");
}

#[test]
fn what_another_replica_moved_meanwhile_is_not_moved_over() {
    let [east, west] = [SimDisk::default(), SimDisk::default()];
    let (mut east, mut west) = (open(&east), open(&west));
    let foreign = advance(&mut west, &writer(2)).unwrap();
    let eastern = writer(1);
    let mut hand = east.take(&eastern, &Bare, 5).unwrap();
    let own = seal(hand.store(), None, "own");
    let time = hand.time();
    // West is heard after east decided and before it writes.
    seal_of(&west, foreign, hand.store());
    hand.view.accept(told_by(&west)).unwrap();
    let (subject, attribute) = (Named::Timeline("main".into()), Attribute::Heads);
    let told = Move { subject, attribute, before: None, after: Some(spelled(&[own].into())) };
    let operation = Operation {
        time,
        typed: "seal".into(),
        before: Desk::default(),
        after: Desk { bases: vec![own], ..Desk::default() },
        moves: vec![told],
        files: None,
        kind: Kind::Command,
    };
    let refused = hand.perform(&operation).expect_err("main moved");
    assert_eq!(refused.to_string(), "timeline 'main' changed meanwhile");
    drop(hand);
    assert_eq!((heads(&east), east.desk()), (vec![foreign], &Desk::default()));
    advance(&mut east, &eastern).expect("the next one is not in its way");
}

/// A clone on two disks that are one, each of which made a seal in the same place of its log, and what proves it.
fn doubled() -> ([SimDisk; 2], [SealId; 2], Fork) {
    let disk = SimDisk::default();
    advance(&mut open(&disk), &writer(1)).unwrap();
    let disks = [disk.clone(), disk.crashed(disk.steps(), Loss::Nothing)];
    let wrote = |at: usize, now_ms| {
        let mut repository = open(&disks[at]);
        let writer = writer(1);
        drop(repository.take(&writer, &Bare, now_ms).unwrap());
        advance_at(&mut repository, &writer, now_ms).unwrap()
    };
    let seals = [wrote(0, 10), wrote(1, 20)];
    let logs = disks.each_ref().map(|disk| {
        let log = Log::new(Arc::new(disk.clone()), writer(1).replica());
        log.entries().unwrap().map(Result::unwrap).collect::<Vec<_>>()
    });
    let [one, other] = &logs;
    let at = one.iter().zip(other).position(|(one, other)| one != other).unwrap();
    let before = Head::of(&one[at - 1]);
    let fork = Fork::of(writer(1).binding(), before, &one[at], &other[at]).unwrap();
    (disks, seals, fork)
}

#[test]
fn what_two_that_are_one_did_in_one_place_is_with_both_in_the_end() {
    let (disks, seals, fork) = doubled();
    let names = [writer(2), writer(3)];
    let mut clones = disks.each_ref().map(open);
    for ((clone, name), seal) in clones.iter_mut().zip(&names).zip(seals) {
        assert_eq!(heads(clone), [seal]);
        clone.view.end(&fork).unwrap();
        assert_ne!(heads(clone), [seal], "the log ended before it");
        assert!(clone.is_over(writer(1).replica()).unwrap());
        drop(clone.take(name, &Bare, 30).unwrap());
        assert_eq!(heads(clone), [seal], "it is said again");
        assert_eq!(clone.desk().bases, [seal]);
    }
    let [mut east, mut west] = clones;
    seal_of(&east, seals[0], west.store());
    seal_of(&west, seals[1], east.store());
    let told = told_by(&east);
    east.hear(told_by(&west)).unwrap();
    west.hear(told).unwrap();
    let mut both = seals;
    both.sort_unstable();
    assert_eq!([heads(&east), heads(&west)], [both; 2]);
    assert_eq!(east.view.doc().to_bytes(), west.view.doc().to_bytes());
    // Who goes on from there replaces both, and nothing is said twice.
    let next = advance(&mut east, &names[0]).unwrap();
    drop(east.take(&names[0], &Bare, 50).unwrap());
    assert_eq!(heads(&east), [next]);
}

#[test]
fn what_the_other_said_again_meanwhile_is_not_replaced_by_what_was_before() {
    let (disks, seals, fork) = doubled();
    let [mut east, mut west] = disks.each_ref().map(open);
    west.view.end(&fork).unwrap();
    drop(west.take(&writer(3), &Bare, 30).unwrap());
    seal_of(&east, seals[0], west.store());
    seal_of(&west, seals[1], east.store());
    let eastern = writer(2);
    let mut hand = east.take(&eastern, &Bare, 40).unwrap();
    hand.view.end(&fork).unwrap();
    let untold = hand.untold().unwrap().expect("it ended just now");
    // West is heard after east found out what to say, and before it says it.
    hand.view.accept(told_by(&west)).unwrap();
    assert!(!hand.say_again(&untold).unwrap());
    assert!(hand.untold().unwrap().is_some(), "it is not said");
    hand.retell().unwrap();
    assert!(hand.untold().unwrap().is_none());
    drop(hand);
    let mut both = seals;
    both.sort_unstable();
    assert_eq!(heads(&east), both);
}

#[test]
fn a_crash_while_it_is_said_again_loses_and_doubles_nothing() {
    let (disks, [seal, _], fork) = doubled();
    let [disk, _] = disks;
    let mut clone = open(&disk);
    let begun = disk.steps();
    clone.view.end(&fork).unwrap();
    drop(clone.take(&writer(2), &Bare, 30).unwrap());
    for step in begun..=disk.steps() {
        for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..4).map(Loss::Some)) {
            let left = disk.crashed(step, loss);
            let mut left = open(&left);
            left.view.end(&fork).unwrap();
            drop(left.take(&writer(2), &Bare, 40).expect("no help is needed"));
            assert_eq!(heads(&left), [seal], "step {step}, {loss:?}");
            assert_eq!(left.view.untold().unwrap(), None);
            let log = Log::new(Arc::clone(&left.disk), writer(2).replica());
            assert_eq!(log.head().unwrap().position, 2, "step {step}, {loss:?}");
        }
    }
}

/// Copies a seal and what it reaches.
fn seal_of(from: &Repository, seal: SealId, to: &Store) {
    let batch = Batch::new(to);
    for (id, kind) in from.store.ids().unwrap() {
        batch.put(kind, &from.store.read(&id).unwrap().bytes, Hint::NONE).unwrap();
    }
    batch.finish().unwrap();
    assert!(to.has(&seal.object()).unwrap());
}

fn told_by(repository: &Repository) -> BTreeMap<ActorId, Vec<Entry>> {
    let logs = repository.view.since(&selkie_crdt::VersionVector::new()).unwrap();
    logs.into_iter().map(|(who, entries)| (who, entries.map(Result::unwrap).collect())).collect()
}
