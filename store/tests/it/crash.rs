//! The machine stops at every step of a store's life, and the disk keeps what it likes.

use std::sync::Arc;

use selkie_store::{Lie, Loss, SimDisk, Store, Tidied, tidy, verify};

use crate::story::{Acknowledged, is_whole, live};

/// Seals enough for a merge, and for a merge of what was merged.
const SEALS: u8 = 18;

/// Ways to lose parts of what was not synced, for each step. More by `CRASH_SEEDS`.
const SEEDS: u64 = 6;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_half_written_is_seen() {
    let disk = SimDisk::default();
    let acknowledged = live(&disk, SEALS);
    assert_eq!(acknowledged.len(), usize::from(SEALS));
    assert_eq!(wrongs(&disk, &acknowledged, seeds()), [""; 0]);
}

#[test]
fn a_store_that_does_not_sync_its_files_is_caught() {
    let disk = SimDisk::default();
    disk.lie(Lie::Files);
    let acknowledged = live(&disk, 9);
    assert_ne!(wrongs(&disk, &acknowledged, 1), [""; 0]);
}

#[test]
fn a_store_that_does_not_sync_its_folders_is_caught() {
    let disk = SimDisk::default();
    disk.lie(Lie::Folders);
    let acknowledged = live(&disk, 9);
    assert_ne!(wrongs(&disk, &acknowledged, 1), [""; 0]);
}

fn seeds() -> u64 {
    std::env::var("CRASH_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS)
}

/// What is wrong after any crash.
fn wrongs(disk: &SimDisk, acknowledged: &[Acknowledged], seeds: u64) -> Vec<String> {
    let mut wrongs = Vec::new();
    let mut states = 0;
    for step in 0..=disk.steps() {
        let known: Vec<_> = acknowledged.iter().filter(|known| known.step <= step).collect();
        let parts = (0..seeds).map(|seed| Loss::Some(seed << 32 | step as u64));
        for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain(parts) {
            states += 1;
            if let Err(wrong) = check(&disk.crashed(step, loss), &known) {
                wrongs.push(format!("step {step}, {loss:?}: {wrong}"));
            }
        }
    }
    println!("{states} crash states");
    wrongs
}

fn check(left: &SimDisk, known: &[&Acknowledged]) -> Result<(), String> {
    let store = Store::open(Arc::new(left.clone())).map_err(|error| error.to_string())?;
    let problems = verify(&store, |_| ()).map_err(|error| error.to_string())?;
    if let Some(problem) = problems.first() {
        return Err(problem.to_string());
    }
    if known.iter().any(|known| !is_whole(&store, known)) {
        return Err("an acknowledged seal is not whole".to_owned());
    }
    // Life goes on without help, and without litter.
    let more = live(left, 1);
    let tidied = tidy(&store).map_err(|error| error.to_string())?;
    let litter =
        left.paths().iter().any(|path| path.starts_with("packs/") && path.ends_with("tmp"));
    if more.is_empty() || litter || tidied == Tidied::Elsewhere {
        return Err("the next seal was not made, or litter stayed".to_owned());
    }
    Ok(())
}
