//! How many cases, from which seeds, and how to have one of them again.

use std::env;
use std::thread;

use crate::dice::Dice;

/// Runs `law` on `quick` seeds, or on as many as `LAWS_CASES` says, or on `LAWS_SEED` alone.
pub(crate) fn all_cases(quick: u64, law: impl Fn(Dice)) {
    let told = |name: &str| env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    let seeds = match told("LAWS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..told("LAWS_CASES").unwrap_or(quick),
    };
    for seed in seeds {
        let _replay = Replay { seed };
        law(Dice::of(seed));
    }
}

/// Says how to replay a case that fails.
struct Replay {
    seed: u64,
}

impl Drop for Replay {
    fn drop(&mut self) {
        if thread::panicking() {
            let name = thread::current().name().unwrap_or_default().to_owned();
            eprintln!("again: LAWS_SEED={} cargo test --test laws {name}", self.seed);
        }
    }
}
