//! What the fuzz targets do with the bytes of a stranger.
//!
//! A fuzzer calls these, and so do the tests beside this file, with bytes that a seed makes.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use selkie_store::{ObjectId, decode, encode};
use selkie_sync::{
    Difference, Inventory, Moment, Repair, RepairError, RepairInput, RepairMessage, RepairOutput,
    Salt,
};

/// One message.
pub(crate) fn message(bytes: &[u8]) {
    if let Ok(message) = decode::<RepairMessage>(bytes) {
        assert_eq!(encode(&message).expect("it was decoded"), bytes, "one value has one spelling");
    }
}

/// A repair with an honest side, where somebody on the way does with the messages what the recipe says. Whoever comes to
/// an end in spite of it knows exactly what differs.
pub(crate) fn session(recipe: &[u8]) {
    let Some((first, recipe)) = recipe.split_first() else { return };
    let (east, west) = sets(*first);
    let ends = [Repair::open(inventory(&east), [1; 16]), Repair::answer(inventory(&west), [2; 16])];
    let results = meddled(ends, recipe);
    for (result, [here, there]) in results.into_iter().zip([[&east, &west], [&west, &east]]) {
        if let Some(Ok(difference)) = result {
            assert!(difference.only_here.iter().eq(here.difference(there)), "{difference:?}");
            assert!(difference.only_there.iter().eq(there.difference(here)), "{difference:?}");
        }
    }
}

/// A repair with somebody who says only what the bytes say: each message with its length before it, in two bytes.
pub(crate) fn stranger(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let (ours, _) = sets(*first);
    let mut side = if first % 2 == 0 {
        Repair::open(inventory(&ours), [1; 16])
    } else {
        Repair::answer(inventory(&ours), [1; 16])
    };
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let (some, after) = after.split_at(after.len().min(usize::from(u16::from_le_bytes(*len))));
        rest = after;
        let received = decode(some).ok().map(RepairInput::Received);
        for input in received.into_iter().chain([RepairInput::Room]) {
            for output in side.handle(Moment::START, input) {
                let RepairOutput::Done(difference) = output else { continue };
                panic!("a stranger knows nothing, and was believed: {difference:?}");
            }
        }
    }
}

/// Sets that lead all ways: few differences, many, and so many that a list is shorter.
fn sets(which: u8) -> (BTreeSet<ObjectId>, BTreeSet<ObjectId>) {
    let ids = |from: u32, count: u32| {
        let numbers = from..from + count;
        numbers.map(|n| ObjectId::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes()))
    };
    let (shared, ours, theirs) = match which >> 5 {
        0 => (40, 3, 2),
        1 => (1, 0, 0),
        2 => (400, 30, 40),
        3 => (30, 60, 0),
        4 => (30, 0, 60),
        5 => (900, 70, 70),
        6 => (0, 5, 0),
        _ => (200, 1, 0),
    };
    let east = ids(0, shared).chain(ids(10_000, ours)).collect();
    (east, ids(0, shared).chain(ids(20_000, theirs)).collect())
}

fn inventory(ids: &BTreeSet<ObjectId>) -> Arc<Inventory> {
    Arc::new(Inventory::new(ids.iter().copied().collect(), &Salt::from_bytes([7; 32])))
}

type Ends = [Option<Result<Difference, RepairError>>; 2];

fn meddled(mut sides: [Repair; 2], mut recipe: &[u8]) -> Ends {
    let mut ends = [None, None];
    let mut ways: [VecDeque<Vec<u8>>; 2] = Default::default();
    let mut past: Vec<Vec<u8>> = Vec::new();
    // Nobody talks for ever: what is said again by the one on the way costs bytes of the recipe.
    loop {
        let mut rests = true;
        for at in 0..2 {
            let mut inputs: Vec<_> = Vec::new();
            while let Some(bytes) = ways[at].pop_front() {
                inputs.extend(decode(&bytes).ok().map(RepairInput::Received));
            }
            inputs.push(RepairInput::Room);
            for input in inputs {
                for output in sides[at].handle(Moment::START, input) {
                    match output {
                        RepairOutput::Send(message) => {
                            rests = false;
                            let bytes = encode(&message).expect("what is sent can be spelled");
                            meddle(&mut recipe, bytes.clone(), &past, &mut ways[1 - at]);
                            past.push(bytes);
                        }
                        RepairOutput::Done(difference) => ends[at] = Some(Ok(difference)),
                        RepairOutput::Failed(error) => ends[at] = Some(Err(error)),
                        RepairOutput::WakeAt(_) => {}
                    }
                }
            }
        }
        if rests {
            return ends;
        }
    }
}

fn meddle(recipe: &mut &[u8], mut bytes: Vec<u8>, past: &[Vec<u8>], way: &mut VecDeque<Vec<u8>>) {
    let step = take(recipe);
    match step % 8 {
        // It gets through: what comes later is only reached behind it.
        0..=2 => way.push_back(bytes),
        3 => {
            let at = (usize::from(take(recipe)) << 8 | usize::from(take(recipe))) % bytes.len();
            bytes[at] ^= 1 << (step >> 5);
            way.push_back(bytes);
        }
        4 => way.extend([bytes.clone(), bytes]),
        5 => {
            let again = past.get(usize::from(take(recipe)) % past.len().max(1));
            way.extend(again.cloned());
        }
        6 => {
            let (own, rest) = recipe.split_at(recipe.len().min(usize::from(step >> 3) * 4));
            *recipe = rest;
            way.push_back(own.to_vec());
        }
        _ => {}
    }
}

/// The next byte; zeros when there are none left.
fn take(recipe: &mut &[u8]) -> u8 {
    let Some((first, rest)) = recipe.split_first() else { return 0 };
    *recipe = rest;
    *first
}
