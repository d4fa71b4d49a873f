//! Reconciled by selkie-sync.

use std::sync::Arc;

use selkie_store::{ObjectId, decode, encode};
use selkie_sync::{Difference, Inventory, Moment, Repair, RepairInput, RepairOutput, Salt};

use crate::run::{Run, timed};
use crate::sets::{Bytes, Sets};

/// So many times, both sides, with all messages spelled and read.
pub fn reconcile(sets: &Sets, times: usize) -> Vec<Run> {
    let (opener, ready_ms) = timed(|| inventory(&sets.opener));
    let answerer = inventory(&sets.answerer);
    let once = |_| {
        let mut run = Run { bytes: 0, round_trips: 0, spent_ms: 0.0, ready_ms };
        let (results, spent_ms) = timed(|| talk([opener.clone(), answerer.clone()], &mut run));
        for found in results.map(|result| result.expect("both come to an end")) {
            assert_eq!(found.only_here.len() + found.only_there.len(), sets.differences);
        }
        Run { spent_ms, ..run }
    };
    (0..times).map(once).collect()
}

fn inventory(ids: &[Bytes]) -> Arc<Inventory> {
    let ids = ids.iter().map(|bytes| ObjectId::from_bytes(*bytes)).collect();
    Arc::new(Inventory::new(ids, &Salt::from_bytes([7; 32])))
}

/// Lets the two take turns until both know.
fn talk([opener, answerer]: [Arc<Inventory>; 2], run: &mut Run) -> [Option<Difference>; 2] {
    let mut opener = Repair::open(opener, [1; 16]);
    let mut answerer = Repair::answer(answerer, [2; 16]);
    let mut results = [None, None];
    let mut said = Vec::new();
    while results.iter().any(Option::is_none) {
        said = turn(&mut opener, &said, &mut results[0]);
        run.bytes += len(&said);
        said = turn(&mut answerer, &said, &mut results[1]);
        run.bytes += len(&said);
        run.round_trips += usize::from(!said.is_empty());
    }
    results
}

/// What a side says when it has heard what was said.
fn turn(side: &mut Repair, heard: &[Vec<u8>], result: &mut Option<Difference>) -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    for bytes in heard {
        let message = decode(bytes).expect("it was just spelled");
        let outputs = side.handle(Moment::START, RepairInput::Received(message));
        outputs.for_each(|output| note(output, &mut said, result));
    }
    loop {
        let before = said.len();
        let outputs = side.handle(Moment::START, RepairInput::Room);
        outputs.for_each(|output| note(output, &mut said, result));
        if said.len() == before {
            return said;
        }
    }
}

fn note(output: RepairOutput, said: &mut Vec<Vec<u8>>, result: &mut Option<Difference>) {
    match output {
        RepairOutput::Send(message) => {
            said.push(encode(&message).expect("what is sent can be spelled"));
        }
        RepairOutput::Done(difference) => *result = Some(difference),
        RepairOutput::Failed(error) => panic!("{error}"),
        RepairOutput::WakeAt(_) => {}
    }
}

/// Bytes of messages, with the length before each.
fn len(said: &[Vec<u8>]) -> usize {
    said.iter().map(|bytes| bytes.len() + 4).sum()
}
