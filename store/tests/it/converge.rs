//! Replicas that edit, talk and crash at random end up with the same bytes.

use std::collections::BTreeMap;

use selkie_store::{Fault, Lie, Loss, SimDisk};

use crate::lots::Lots;
use crate::replica::{Replica, forget_snapshot};

/// Histories. More by `CONVERGE_SEEDS`.
const SEEDS: u64 = 20;

const REPLICAS: u8 = 4;
const STEPS: usize = 60;

#[test]
fn replicas_with_the_same_entries_have_the_same_snapshot() {
    let seeds = std::env::var("CONVERGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(SEEDS) {
        let mut lots = Lots(seed);
        let mut replicas: Vec<_> = (1..=REPLICAS).map(Replica::new).collect();
        for _ in 0..STEPS {
            happen(&mut lots, &mut replicas);
        }
        for _ in 0..2 {
            for at in 1..replicas.len() {
                exchange_all(&mut replicas, at - 1, at);
                exchange_all(&mut replicas, at, at - 1);
            }
            replicas.reverse();
        }
        let expected = replicas[0].snapshot();
        for replica in &mut replicas {
            assert_eq!(replica.view.stops().len(), 0, "seed {seed}");
            assert!(replica.snapshot() == expected, "seed {seed}: {}", replica.says());
            assert!(replica.replayed().snapshot() == expected, "seed {seed}: without a snapshot");
        }
    }
}

/// Something happens to one of them.
fn happen(lots: &mut Lots, replicas: &mut [Replica]) {
    let at = lots.below(replicas.len());
    let replica = &mut replicas[at];
    match lots.below(12) {
        0..4 => {
            let (basket, fruit) = (["a", "b", "c"][lots.below(3)], lots.below(20) as u64);
            replica.put(basket, fruit);
        }
        4 => {
            let basket = ["a", "b", "c"][lots.below(3)];
            let removed = replica.edit(|mut baskets| baskets.remove(basket));
            removed.expect("the disk is well");
        }
        5 => forget_snapshot(&replica.disk),
        6 => {
            replica.snapshot();
        }
        7 => {
            // What was acknowledged is synced, so a crash between two steps takes none of it.
            let loss = [Loss::Unsynced, Loss::Some(lots.0), Loss::Nothing][lots.below(3)];
            let disk = replica.disk.crashed(replica.disk.steps(), loss);
            let before = replica.says();
            *replica = Replica::on(disk, number(at));
            assert_eq!(replicas[at].says(), before);
        }
        _ => {
            let other = lots.below(replicas.len());
            exchange_some(lots, replicas, other, at);
        }
    }
}

/// Some of what `from` has and `to` lacks arrives: the beginnings of some logs.
fn exchange_some(lots: &mut Lots, replicas: &mut [Replica], from: usize, to: usize) {
    let heads = replicas[to].view.heads().expect("the disk is well");
    let mut arrived = BTreeMap::new();
    for (replica, mut entries) in replicas[from].since(&heads) {
        entries.truncate(lots.below(entries.len() + 2));
        if lots.below(3) > 0 {
            arrived.insert(replica, entries);
        }
    }
    assert!(replicas[to].take(arrived).is_empty());
}

fn exchange_all(replicas: &mut [Replica], from: usize, to: usize) {
    let heads = replicas[to].view.heads().expect("the disk is well");
    let entries = replicas[from].since(&heads);
    assert!(replicas[to].take(entries).is_empty());
}

/// The number of the replica that stands at a place of the row.
fn number(at: usize) -> u8 {
    u8::try_from(at + 1).expect("there are few")
}

/// What an edit said is durable, and since when.
struct Promised {
    since: usize,
    says: String,
}

/// Edits with snapshots in between, and entries of a peer.
fn live(disk: &SimDisk) -> Vec<Promised> {
    let mut east = Replica::on(disk.clone(), 1);
    let mut west = Replica::new(2);
    let mut promised = vec![Promised { since: 0, says: String::new() }];
    for number in 0..5 {
        east.put("a", number);
        promised.push(Promised { since: disk.steps(), says: east.says() });
        if number % 2 == 1 {
            west.take_from(&east);
            west.put("b", number);
            assert!(east.take_from(&west).is_empty());
            promised.push(Promised { since: disk.steps(), says: east.says() });
            east.snapshot();
        }
    }
    promised
}

/// How often what is left is not one of the states between what was promised and what came next.
fn wrongs(disk: &SimDisk, promised: &[Promised], seeds: u64) -> Vec<String> {
    let mut wrongs = Vec::new();
    for step in 0..=disk.steps() {
        let due = promised.iter().rposition(|promised| promised.since <= step).unwrap_or(0);
        let next = promised.get(due + 1).map_or("", |next| next.says.as_str());
        let expected = [promised[due].says.as_str(), next];
        let losses = [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..seeds).map(Loss::Some));
        for loss in losses {
            let Ok(mut left) = Replica::open(disk.crashed(step, loss), 1) else {
                wrongs.push(format!("step {step}, {loss:?}: it does not open"));
                continue;
            };
            let (says, replayed) = (left.says(), left.replayed().says());
            let goes_on = left.edit(|mut baskets| baskets.entry("z".into()).add(1)).is_ok();
            if !expected.contains(&says.as_str()) || says != replayed || !goes_on {
                wrongs.push(format!("step {step}, {loss:?}: {says}, or {replayed}"));
            }
        }
    }
    wrongs
}

#[test]
fn no_crash_takes_an_edit_that_was_promised() {
    let disk = SimDisk::default();
    let promised = live(&disk);
    assert_eq!(wrongs(&disk, &promised, 6), [""; 0]);
}

#[test]
fn a_view_on_a_disk_that_lies_is_caught() {
    for lie in [Lie::Files, Lie::Folders] {
        let disk = SimDisk::default();
        disk.lie(lie);
        let promised = live(&disk);
        assert_ne!(wrongs(&disk, &promised, 1), [""; 0], "{lie:?}");
    }
}

/// Each call to the disk fails once while entries are written and taken. What was promised stays, what
/// failed may be there only if the disk refused to take it back, and the view goes on.
#[test]
fn a_call_that_fails_takes_no_edit_that_was_promised() {
    let whole = SimDisk::default();
    let mut east = Replica::on(whole.clone(), 1);
    whole.fail(Fault::At(usize::MAX));
    assert_eq!(strive(&mut east), [true; 5]);
    for call in 0..whole.heal() {
        for fault in [Fault::At(call), Fault::From(call)] {
            let mut east = Replica::on(SimDisk::default(), 1);
            east.disk.fail(fault);
            let promised = strive(&mut east);
            let _ = east.disk.heal();
            east.put("z", 99);
            let says = east.says();
            assert_eq!(says, east.replayed().says(), "{fault:?}");
            let missing = (0..5).filter(|n| promised[*n] && !says.contains(&format!("{}", 10 + n)));
            assert_eq!(missing.count(), 0, "{fault:?}: {says}");
        }
    }
}

/// Puts five fruits with snapshots in between, and tells for which it was promised.
fn strive(east: &mut Replica) -> Vec<bool> {
    let mut put = |fruit: u64| {
        let put = east.edit(|mut baskets| baskets.entry("a".into()).add(fruit)).is_ok();
        // The next one does not depend on it.
        let _ = east.view.save();
        put
    };
    (10..15).map(&mut put).collect()
}
