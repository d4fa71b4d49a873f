//! What the other side says it has takes no memory here. Alone in its program, since the memory is counted.

use std::sync::Arc;

use peak_alloc::PeakAlloc;
use selkie_store::{ObjectId, decode};
use selkie_sync::{Inventory, Moment, Repair, RepairInput, Salt};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The number of ids that is claimed, 2^32 less one.
const COUNT: [u8; 5] = [252, 255, 255, 255, 255];

fn inventory(count: u32) -> Arc<Inventory> {
    let ids = (0..count).map(|n| ObjectId::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes()));
    Arc::new(Inventory::new(ids.collect(), &Salt::from_bytes([7; 32])))
}

#[test]
fn a_claim_takes_no_memory() {
    let salt = salt_name();
    let cells = [&[251, 128, 2][..], &[5; 640]].concat();
    let open = [&[1, 0][..], &[1; 16], &COUNT, &[1], &salt, &[128], &[2; 128], &cells, &[1]];
    let open_by_ids = [&[1, 0][..], &[1; 16], &COUNT, &[0, 1]];
    let answer = [&[1, 1][..], &[3; 16], &COUNT, &[0]];
    let row = [&[1, 3, 251, 132, 3][..], &[1; 900], &[1]];
    let talks: [(bool, Vec<Vec<u8>>); 3] = [
        (true, vec![open.concat()]),
        (true, vec![open_by_ids.concat()]),
        (false, vec![answer.concat(), row.concat()]),
    ];
    for (opens, words) in talks {
        let own = inventory(2_000);
        let mut side =
            if opens { Repair::answer(own, [1; 16]) } else { Repair::open(own, [1; 16]) };
        let words: Vec<_> = words.iter().map(|bytes| decode(bytes).expect("well formed")).collect();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let room = (0..3).map(|_| RepairInput::Room);
        let inputs = room.clone().chain(words.into_iter().map(RepairInput::Received)).chain(room);
        for input in inputs {
            side.handle(Moment::START, input).for_each(drop);
        }
        let taken = MEMORY.peak_usage().saturating_sub(before);
        // The 2 000 ids here take about 90 KB themselves, and a turn in which they are all told as much.
        assert!(taken < 300_000, "{taken}");
    }
}

/// The name of the salt, as an honest side says it: behind version, part, nonce, a number of one byte and a mark.
fn salt_name() -> [u8; 8] {
    let mut honest = Repair::open(inventory(1), [1; 16]);
    let said = honest.handle(Moment::START, RepairInput::Room).find_map(|output| match output {
        selkie_sync::RepairOutput::Send(message) => Some(message),
        _ => None,
    });
    let bytes = selkie_store::encode(&said.expect("it opens")).expect("it can be spelled");
    *bytes[20..].first_chunk().expect("the message is longer")
}
