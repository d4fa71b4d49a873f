//! What the small operations cost: prints the median of many rounds in nanoseconds.
//!
//! `cargo bench --bench small`, with a word behind it to run only the lines that hold the word.

use std::env;
use std::hint::black_box;
use std::time::Instant;

use selkie_crdt::{ActorId, Hlc, HlcClock, VersionVector};

fn main() {
    let wanted = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let bench = Bench { wanted };
    version_vectors(&bench);
    clocks(&bench);
}

fn version_vectors(bench: &Bench) {
    for actors in [8, 100, 1000] {
        let (mut ours, theirs) = (version(actors, 3), version(actors, 5));
        bench.run(&format!("version merge, {actors} the same"), || {
            black_box(&mut ours).merge(black_box(&theirs));
        });
        let newer = version(actors, 11);
        bench.run(&format!("version clone and merge, {actors} the same"), || {
            let mut ours = black_box(&ours).clone();
            ours.merge(black_box(&newer));
            ours
        });
        let equal = ours.clone();
        bench.run(&format!("version clone, {actors} the same"), || black_box(&equal).clone());
        bench.run(&format!("version compare, {actors} equal"), || {
            black_box(&ours).compare(black_box(&equal))
        });
        let older = version(actors, 2);
        bench.run(&format!("version compare, {actors} after"), || {
            black_box(&ours).compare(black_box(&older))
        });
        let fewer = version(actors - 1, 2);
        bench.run(&format!("version merge, {actors}, one listed by us alone"), || {
            black_box(&mut ours).merge(black_box(&fewer));
        });
        bench.run(&format!("version compare, {actors}, one listed by us alone"), || {
            black_box(&ours).compare(black_box(&fewer))
        });
        let own = actor(actors / 2);
        bench.run(&format!("version increment, {actors}"), || {
            black_box(&mut ours).increment(black_box(own))
        });
    }
}

fn clocks(bench: &Bench) {
    let mut clock = HlcClock::default();
    bench.run("clock tick", || black_box(&mut clock).tick(black_box(1_000)));
    let mut remote = Hlc::from_ms(2_000).to_u64();
    bench.run("clock receive", || {
        remote += 1;
        black_box(&mut clock).receive(black_box(Hlc::from_u64(remote)), black_box(1_000))
    });
}

/// A vector of so many actors, whose counters are spread by `seed`.
fn version(actors: u64, seed: u64) -> VersionVector {
    let counter = |n: u64| 1 + (n * seed * 7_919) % 1_009;
    VersionVector::try_from_iter((0..actors).map(|n| (actor(n), counter(n))))
        .expect("actors differ and counters are small")
}

/// The `n`th actor: ids are spread over the whole range, as random ones are.
fn actor(n: u64) -> ActorId {
    let mixed = (u128::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    ActorId::from_bytes(mixed.to_be_bytes())
}

struct Bench {
    wanted: String,
}

impl Bench {
    const ROUNDS: usize = 201;
    const ROUND_NS: u128 = 200_000;

    /// Times `operation` in rounds and prints the median round.
    fn run<T>(&self, name: &str, mut operation: impl FnMut() -> T) {
        if !name.contains(&self.wanted) {
            return;
        }
        let repeats = Self::repeats(&mut operation);
        let mut rounds: Vec<f64> =
            (0..Self::ROUNDS).map(|_| Self::round(repeats, &mut operation)).collect();
        rounds.sort_by(f64::total_cmp);
        println!("{name:50} {:9.1} ns", rounds[Self::ROUNDS / 2]);
    }

    /// How often `operation` fits into a round.
    fn repeats<T>(operation: &mut impl FnMut() -> T) -> u32 {
        let mut repeats = 1;
        loop {
            let started = Instant::now();
            (0..repeats).for_each(|_| drop(black_box(operation())));
            if started.elapsed().as_nanos() > Self::ROUND_NS {
                return repeats;
            }
            repeats *= 2;
        }
    }

    /// Nanoseconds for each of `repeats` operations.
    fn round<T>(repeats: u32, operation: &mut impl FnMut() -> T) -> f64 {
        let started = Instant::now();
        (0..repeats).for_each(|_| drop(black_box(operation())));
        started.elapsed().as_secs_f64() * 1e9 / f64::from(repeats)
    }
}
