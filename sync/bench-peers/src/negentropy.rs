//! Reconciled by negentropy, with messages of any length, which suits it best.

use negentropy::{Id, Negentropy, NegentropyStorageVector};

use crate::run::{Run, timed};
use crate::sets::{Bytes, Sets};

/// So many times, until the side that opens knows. The other learns nothing.
pub fn reconcile(sets: &Sets, times: usize) -> Vec<Run> {
    let (opener, ready_ms) = timed(|| storage(&sets.opener));
    let answerer = storage(&sets.answerer);
    let once = |_| {
        let mut run = Run { bytes: 0, round_trips: 0, spent_ms: 0.0, ready_ms };
        let (found, spent_ms) = timed(|| talk(&opener, &answerer, &mut run));
        assert_eq!(found, sets.differences);
        Run { spent_ms, ..run }
    };
    (0..times).map(once).collect()
}

fn storage(ids: &[Bytes]) -> NegentropyStorageVector {
    let mut storage = NegentropyStorageVector::with_capacity(ids.len());
    // Objects have no time, so all have the same.
    ids.iter().for_each(|id| storage.insert(0, Id::from_byte_array(*id)).expect("it is open"));
    storage.seal().expect("it is open");
    storage
}

fn talk(
    opener: &NegentropyStorageVector,
    answerer: &NegentropyStorageVector,
    run: &mut Run,
) -> usize {
    let mut opener = Negentropy::borrowed(opener, 0).expect("no limit is no wrong limit");
    let mut answerer = Negentropy::borrowed(answerer, 0).expect("no limit is no wrong limit");
    let (mut have, mut need) = (Vec::new(), Vec::new());
    let mut query = Some(opener.initiate().expect("the set is sealed"));
    while let Some(bytes) = query {
        let reply = answerer.reconcile(&bytes).expect("the other is honest");
        run.bytes += bytes.len() + reply.len() + 2 * 4;
        run.round_trips += 1;
        query = opener.reconcile_with_ids(&reply, &mut have, &mut need).expect("so is this one");
    }
    have.len() + need.len()
}
