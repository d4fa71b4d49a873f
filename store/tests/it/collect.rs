//! Garbage is collected, and packs are written anew, while the machine stops, the disk fails and others write.

use std::collections::BTreeSet;
use std::sync::Arc;

use selkie_store::{Batch, Disk, Fault, Loss, SealId, SimDisk, Store, repack, tidy, verify};

use crate::garden::{collect, put_bed, put_seal, reachable, settle};

/// The seals that were published from a step on.
#[derive(Clone, Debug, Default)]
struct Era {
    step: usize,
    seals: BTreeSet<SealId>,
}

/// Seals of two timelines, which are given up in turns, with merges, collections and packs written anew.
fn live(disk: &SimDisk, rounds: u64) -> Vec<Era> {
    let mut eras = vec![Era::default()];
    let mut heads = [None; 2];
    for round in 0..rounds {
        let timeline = usize::from(round % 2 == 1);
        let Ok(store) = Store::open(Arc::new(disk.clone())) else { continue };
        let before = if round % 6 < 2 { None } else { heads[timeline] };
        if let Ok(seal) = seal(&store, round, before) {
            heads[timeline] = Some(seal);
            let seals = heads.into_iter().flatten().collect();
            eras.push(Era { step: disk.steps(), seals });
        }
        // What fails is tried again in the next round.
        let _ = if round % 4 == 2 { repack(&store, |_| ()) } else { tidy(&store) };
        let seals = eras.last().map(|era| era.seals.clone()).unwrap_or_default();
        let _ = collect(&shared(disk), || seals);
    }
    eras
}

fn seal(
    store: &Store,
    round: u64,
    before: Option<SealId>,
) -> Result<SealId, Box<dyn std::error::Error>> {
    let _hold = store.hold()?;
    let batch = Batch::new(store);
    let bed = put_bed(&batch, &[round, round / 2, 100 + round])?;
    let seal = put_seal(&batch, bed, before.into_iter().collect(), &round.to_string())?;
    batch.finish()?;
    Ok(seal)
}

fn shared(disk: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

/// What is wrong with a disk on which these seals are published.
fn wrong(disk: &SimDisk, seals: &BTreeSet<SealId>) -> Option<String> {
    let check = || -> Result<(), String> {
        let store = Store::open(shared(disk)).map_err(|error| error.to_string())?;
        let problems = verify(&store, |_| ()).map_err(|error| error.to_string())?;
        problems.first().map_or(Ok(()), |problem| Err(problem.to_string()))?;
        reachable(&store, seals)?;
        tidy(&store).map_err(|error| error.to_string())?;
        if seals.is_empty() { Ok(()) } else { settle(&shared(disk), seals) }
    };
    check().err()
}

#[test]
fn a_crash_anywhere_loses_nothing_that_is_used_and_the_rest_is_collected_later() {
    let seeds = std::env::var("CRASH_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2);
    let disk = SimDisk::default();
    let eras = live(&disk, 8);
    assert_eq!(eras.len(), 9);
    for step in 0..=disk.steps() {
        let era = eras.iter().rfind(|era| era.step <= step).expect("the first begins at 0");
        let parts = (0..seeds).map(|seed: u64| Loss::Some(seed << 32 | step as u64));
        for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain(parts) {
            let left = disk.crashed(step, loss);
            assert_eq!(wrong(&left, &era.seals), None, "step {step}, {loss:?}");
        }
    }
}

#[test]
fn a_call_that_fails_loses_nothing_that_is_used() {
    let calls = {
        let disk = SimDisk::default();
        disk.fail(Fault::At(usize::MAX));
        live(&disk, 5);
        disk.heal()
    };
    for call in 0..calls {
        for fault in [Fault::At(call), Fault::From(call)] {
            let disk = SimDisk::default();
            disk.fail(fault);
            let eras = live(&disk, 5);
            let _ = disk.heal();
            let seals = &eras.last().expect("there is a first").seals;
            assert_eq!(wrong(&disk, seals), None, "{fault:?}");
        }
    }
}
