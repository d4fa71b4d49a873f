//! Logs that say two things in one place: where they end, and what else ends with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, VersionVector};
use selkie_store::{
    Batch, EditError, Ended, Ending, Entry, Fork, Head, Hint, Kind, Log, Loss, Obstacle, Refusal,
    SimDisk,
};

use crate::lots::Lots;
use crate::replica::{Replica, id, object, writer};

/// Histories. More by `FORK_SEEDS`.
const SEEDS: u64 = 30;

const START: Head = Head { position: 0, hash: [0; 32] };

/// The same clone a second time: its whole disk was copied.
fn twin(of: &Replica, number: u8) -> Replica {
    Replica::on(of.disk.crashed(of.disk.steps(), Loss::Nothing), number)
}

/// All entries of a log that lie on a disk, whether they count or not.
fn entries(disk: &SimDisk, replica: ActorId) -> Vec<Entry> {
    let log = Log::new(Arc::new(disk.clone()), replica);
    log.entries().expect("the disk is well").map(|entry| entry.expect("it is sound")).collect()
}

/// The proof that the writer of this number said two things where these two part.
fn fork(number: u8, one: &[Entry], other: &[Entry]) -> Option<Fork> {
    let at = one.iter().zip(other).position(|(one, other)| one.hash != other.hash)?;
    let before = at.checked_sub(1).map_or(START, |before| Head::of(&one[before]));
    Some(Fork::of(writer(number).binding(), before, &one[at], &other[at]).expect("both are signed"))
}

/// The proof that two clones are one.
fn parted(number: u8, one: &Replica, other: &Replica) -> Fork {
    let name = writer(number).replica();
    fork(number, &entries(&one.disk, name), &entries(&other.disk, name)).expect("they part")
}

fn end(replica: &mut Replica, fork: &Fork) -> Ended {
    replica.view.end(fork).expect("the disk is well")
}

/// West heard east, and then both copies of east wrote; two who heard one of them each wrote upon it.
fn story() -> ([Replica; 4], Fork) {
    let mut east = Replica::new(1);
    east.put("a", 1);
    let mut copy = twin(&east, 1);
    let (mut west, mut north) = (Replica::new(2), Replica::new(3));
    west.take_from(&east);
    west.put("b", 2);
    east.put("a", 3);
    copy.put("a", 4);
    assert!(west.take_from(&east).is_empty());
    assert!(north.take_from(&copy).is_empty());
    west.put("b", 5);
    north.put("c", 6);
    let fork = parted(1, &east, &copy);
    ([east, copy, west, north], fork)
}

#[test]
fn a_log_ends_where_it_says_two_things_and_all_that_build_upon_that_end_too() {
    let ([mut east, mut copy, mut west, mut north], fork) = story();
    assert_eq!(fork.position(), 3);
    assert_eq!(west.says(), "a[1, 3] b[2, 5]");
    for replica in [&mut east, &mut copy, &mut west, &mut north] {
        assert_eq!(end(replica, &fork), Ended::Now);
        assert_eq!(end(replica, &fork), Ended::Known);
    }
    assert_eq!([east.says(), copy.says()], ["a[1]", "a[1]"]);
    assert_eq!([west.says(), north.says()], ["a[1] b[2]", "a[1]"]);
    let ends: Vec<_> = west
        .view
        .endings()
        .into_iter()
        .map(|(who, ending)| (who, ending.head().position))
        .collect();
    assert_eq!(
        BTreeSet::from_iter(ends),
        [(writer(1).replica(), 2), (writer(2).replica(), 2)].into()
    );
    assert!(matches!(west.view.endings()[&writer(2).replica()], Ending::Built(_)));
    assert!(west.view.is_over(writer(2).replica()));
    assert!(west.view.stops().all(|stop| !stop.is_damage()));
    // Now all that counts is the same everywhere, and nobody has anything to send.
    assert!(west.take_from(&north).is_empty());
    assert!(north.take_from(&west).is_empty());
    assert!(east.take_from(&north).is_empty());
    assert!(copy.take_from(&west).is_empty());
    assert!(north.since(&west.view.heads().unwrap()).is_empty());
    for replica in [&mut copy, &mut west, &mut north] {
        east.take_from(replica);
        replica.take_from(&east);
    }
    let snapshot = east.snapshot();
    for replica in [&mut copy, &mut west, &mut north] {
        assert_eq!(replica.says(), "a[1] b[2]");
        assert!(replica.snapshot() == snapshot);
        assert!(replica.replayed().snapshot() == snapshot, "without a snapshot");
    }
}

#[test]
fn who_has_ended_is_heard_no_more_and_goes_on_under_another_name() {
    let ([mut east, _, mut west, _], fork) = story();
    let late = entries(&west.disk, west.name());
    let after = entries(&east.disk, east.name());
    let mut other = Replica::new(4);
    other.take([(east.name(), after[..2].to_vec()), (west.name(), late[..2].to_vec())].into());
    for replica in [&mut east, &mut west, &mut other] {
        end(replica, &fork);
    }
    assert!(matches!(west.edit(|mut baskets| baskets.remove("a")), Err(EditError::Ended)));
    assert!(matches!(east.edit(|mut baskets| baskets.remove("a")), Err(EditError::Ended)));
    // It came after the end, or builds upon what did.
    let refused = |other: &mut Replica, name, entries: &[Entry]| {
        let refused = other.take([(name, entries.to_vec())].into());
        match &refused[..] {
            [Refusal::Entry { position: 3, why }] => {
                matches!(why, Obstacle::Forked | Obstacle::Ended(_))
            }
            _ => false,
        }
    };
    assert!(refused(&mut other, east.name(), &after[2..]));
    assert!(refused(&mut other, west.name(), &late[2..]));
    west.writer = writer(9);
    west.put("b", 7);
    assert!(other.take_from(&west).is_empty());
    assert_eq!(other.says(), "a[1] b[2, 7]");
}

#[test]
fn what_ended_can_be_said_again_by_who_has_it_until_that_is_noted() {
    let ([mut east, mut copy, mut west, mut north], fork) = story();
    assert_eq!(west.view.untold().unwrap(), None);
    let shown = |replica: &mut Replica| {
        end(replica, &fork);
        let untold = replica.view.untold().unwrap().expect("it ended just now");
        let before = replica.view.unended().unwrap();
        replica.view.note_retold(&untold).unwrap();
        assert_eq!(replica.view.untold().unwrap(), None);
        let mut fruits: Vec<_> =
            before.root().iter().flat_map(|(_, it)| it.sorted()).copied().collect();
        fruits.sort_unstable();
        fruits
    };
    assert_eq!(shown(&mut east), [1, 3]);
    assert_eq!(shown(&mut copy), [1, 4]);
    assert_eq!(shown(&mut west), [1, 2, 3, 5]);
    assert_eq!(shown(&mut north), [1, 4, 6]);
    // It said yet another thing in an earlier place: that is a new end.
    let mut liar = Replica::new(1);
    liar.put("z", 9);
    let earlier = parted(1, &east, &liar);
    assert_eq!(earlier.position(), 2);
    assert_eq!(end(&mut west, &earlier), Ended::Now);
    assert!(west.view.untold().unwrap().is_some());
    assert_eq!(west.says(), "");
    assert_eq!(west.disk.paths().iter().filter(|path| path.contains("fork")).count(), 1);
    assert_eq!(end(&mut west, &fork), Ended::Known);
}

#[test]
fn a_proof_counts_for_the_log_that_it_follows_and_for_no_other() {
    let ([east, copy, ..], fork) = story();
    let mut newcomer = Replica::new(5);
    assert_eq!(end(&mut newcomer, &fork), Ended::Early);
    let mut liar = Replica::new(1);
    liar.put("z", 9);
    let mut heard = Replica::new(6);
    heard.take_from(&liar);
    heard.take([(east.name(), Vec::new())].into());
    assert_eq!(end(&mut heard, &fork), Ended::Elsewhere);
    assert_eq!(heard.view.endings(), BTreeMap::new());
    // Neither one of them alone nor what another signed is a proof.
    let [one, other] = [&east, &copy].map(|replica| entries(&replica.disk, east.name()));
    let before = Head::of(&one[1]);
    let binding = writer(1).binding();
    assert!(Fork::of(binding, before, &one[2], &one[2]).is_none());
    assert!(Fork::of(binding, START, &one[2], &other[2]).is_none());
    assert!(Fork::of(writer(2).binding(), before, &one[2], &other[2]).is_none());
    let forged = Entry { payload: b"lie".to_vec(), ..other[2].clone() };
    assert!(Fork::of(binding, before, &one[2], &forged).is_none());
    let bytes = fork.to_bytes().unwrap();
    assert_eq!(Fork::from_bytes(&bytes).unwrap(), fork);
    assert_eq!(Fork::of(binding, before, &other[2], &one[2]), Some(fork), "one proof for both");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Fork::from_bytes(&changed).is_err(), "{at}");
        assert!(Fork::from_bytes(&bytes[..at]).is_err(), "{at}");
    }
}

#[test]
fn a_proof_keeps_its_bytes() {
    let said = |payload: &[u8]| {
        let log = Log::new(Arc::new(SimDisk::default()), writer(1).replica());
        log.append(payload, writer(1).key()).unwrap();
        log.entries().unwrap().next().unwrap().unwrap()
    };
    let (one, other) = (said(b"one"), said(b"two"));
    let fork = Fork::of(writer(1).binding(), START, &one, &other).unwrap();
    let expected = [
        &[1][..],
        writer(1).key().public().as_bytes(),
        &[1; 16],
        &[0],
        &[0; 32],
        b"\x03one\x40",
        one.signature.as_bytes(),
        b"\x03two\x40",
        other.signature.as_bytes(),
    ]
    .concat();
    assert_eq!(fork.to_bytes().unwrap(), expected);
    // And the file that keeps it is named by the log and the position.
    let mut replica = Replica::new(2);
    assert_eq!(end(&mut replica, &fork), Ended::Now);
    let path = format!("logs/{}.0000000000000001.fork", writer(1).replica());
    assert_eq!(replica.disk.bytes(&path), Some(expected));
}

#[test]
fn objects_of_what_ended_stay_and_those_that_are_gone_stop_nobody() {
    let mut east = Replica::new(1);
    east.put("a", 1);
    let mut copy = twin(&east, 1);
    let batch = Batch::new(&east.store);
    for fruit in [100, 101] {
        batch.put(Kind::Blob, &object(fruit), Hint::NONE).unwrap();
    }
    batch.finish().unwrap();
    let reaching = |replica: &mut Replica, fruit| {
        let put = replica.edit_reaching(&[id(fruit)], |mut it| it.entry("a".into()).add(fruit));
        put.unwrap();
    };
    reaching(&mut east, 100);
    reaching(&mut east, 101);
    copy.put("a", 2);
    let fork = parted(1, &east, &copy);
    end(&mut east, &fork);
    assert_eq!(east.says(), "a[1]");
    assert_eq!(BTreeSet::from_iter(east.view.roots().unwrap()), [id(100), id(101)].into());
    // One that was collected when the state did not name it any more.
    let mut bare = Replica::on(SimDisk::default(), 7);
    let logs = east.since(&VersionVector::new());
    bare.take(logs);
    assert_eq!(end(&mut bare, &fork), Ended::Now);
    assert_eq!(bare.view.roots().unwrap(), []);
}

#[test]
fn no_crash_half_ends_a_log() {
    let (replicas, fork) = story();
    for replica in replicas {
        let begun = replica.disk.steps();
        let mut ending = Replica::on(replica.disk.clone(), 8);
        let before = ending.says();
        assert_eq!(end(&mut ending, &fork), Ended::Now);
        let untold = ending.view.untold().unwrap().expect("it ended just now");
        ending.view.note_retold(&untold).unwrap();
        let (after, done) = (ending.says(), ending.disk.steps());
        for step in begun..=done {
            for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..8).map(Loss::Some)) {
                let mut left = Replica::on(ending.disk.crashed(step, loss), 8);
                let says = left.says();
                assert!([&before, &after].contains(&&says), "{step} {loss:?}: {says}");
                assert!(says == after || left.view.endings().is_empty(), "{step} {loss:?}");
                assert!(says == before || !left.view.endings().is_empty(), "{step} {loss:?}");
                end(&mut left, &fork);
                assert_eq!(left.says(), after);
            }
        }
        let mut last = Replica::on(ending.disk.crashed(done, Loss::Unsynced), 8);
        assert_eq!(last.says(), after, "it was durable when the call returned");
        assert_eq!(last.replayed().snapshot(), last.snapshot());
    }
}

/// What one may hear: the beginning of a log in one of its versions, or a proof.
enum Word {
    Log(ActorId, Vec<Entry>),
    Proof(Fork),
}

/// Clones that write, are copied, and hear of each other; all logs in all versions, and all proofs.
fn history(lots: &mut Lots) -> Vec<Word> {
    let mut clones: Vec<(u8, Replica)> =
        (1..4).map(|number| (number, Replica::new(number))).collect();
    for _ in 0..40 {
        let (at, from) = (lots.below(clones.len()), lots.below(clones.len()));
        match lots.below(10) {
            0 if clones.len() < 7 => {
                let number = clones[at].0;
                let copy = twin(&clones[at].1, number);
                clones.push((number, copy));
            }
            0..5 => {
                let (basket, fruit) = (["a", "b"][lots.below(2)], lots.below(9) as u64);
                let change = lots.below(4);
                // Whoever heard the other copy of itself is stopped, and says nothing.
                let _stopped = clones[at].1.edit(|mut baskets| match change {
                    0 => drop(baskets.remove(basket)),
                    _ => baskets.entry(basket.into()).add(fruit),
                });
            }
            _ => {
                let heads = clones[at].1.view.heads().unwrap();
                let entries = clones[from].1.since(&heads);
                // Of two versions the first stays.
                let _refused = clones[at].1.take(entries);
            }
        }
    }
    let mut words = Vec::new();
    for number in 1..4 {
        let name = writer(number).replica();
        let versions: Vec<_> = clones.iter().map(|(_, clone)| entries(&clone.disk, name)).collect();
        for (at, one) in versions.iter().enumerate() {
            words.push(Word::Log(name, one.clone()));
            let forks = versions[..at].iter().filter_map(|other| fork(number, one, other));
            words.extend(forks.map(Word::Proof));
        }
    }
    words
}

/// Somebody who hears all of it in some order, again and again, until nothing changes.
fn hearer(words: &[Word], lots: &mut Lots) -> Replica {
    let mut hearer = Replica::new(9);
    let mut quiet = 0;
    while quiet < 3 {
        let before = (hearer.says(), hearer.view.heads().unwrap(), hearer.view.endings());
        let mut order: Vec<_> = words.iter().collect();
        for at in (1..order.len()).rev() {
            order.swap(at, lots.below(at + 1));
        }
        for word in order {
            match word {
                Word::Log(name, entries) => {
                    let count =
                        if quiet > 0 { entries.len() } else { lots.below(entries.len() + 1) };
                    let _refused = hearer.take([(*name, entries[..count].to_vec())].into());
                }
                Word::Proof(fork) => drop(end(&mut hearer, fork)),
            }
            if lots.below(8) == 0 {
                hearer.snapshot();
            }
            if lots.below(8) == 0 {
                hearer = Replica::on(hearer.disk.clone(), 9);
            }
        }
        let after = (hearer.says(), hearer.view.heads().unwrap(), hearer.view.endings());
        quiet = if before == after { quiet + 1 } else { 0 };
    }
    hearer
}

/// Where logs end that forked. Whether another is known to have ended too depends on whether what came after is here.
fn forks(replica: &Replica) -> BTreeMap<ActorId, Ending> {
    let mut endings = replica.view.endings();
    endings.retain(|_, ending| matches!(ending, Ending::Forked(_)));
    endings
}

#[test]
fn all_orders_of_arrival_give_one_state() {
    let seeds = std::env::var("FORK_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    let (mut forked, mut built) = (0, 0);
    for seed in 0..seeds.unwrap_or(SEEDS) {
        let mut lots = Lots(seed);
        let words = history(&mut lots);
        let mut first = hearer(&words, &mut lots);
        let (expected, endings) = (first.snapshot(), forks(&first));
        let heads = first.view.heads().unwrap();
        for _ in 0..4 {
            let mut other = hearer(&words, &mut lots);
            assert_eq!(forks(&other), endings, "seed {seed}");
            assert_eq!(other.view.heads().unwrap(), heads, "seed {seed}");
            assert!(other.snapshot() == expected, "seed {seed}: {} {}", other.says(), first.says());
            assert!(other.replayed().snapshot() == expected, "seed {seed}: without a snapshot");
        }
        forked += endings.len();
        built += first.view.endings().len() - endings.len();
    }
    assert!(forked > 10 && built > 5, "{forked} forked, {built} built upon them");
}
