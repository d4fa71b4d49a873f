//! What the small operations cost: prints nanoseconds, the median and the least of many rounds.
//!
//! `cargo bench --bench small`, with a word behind it to run only the lines that hold the word.

use std::env;
use std::hint::black_box;
use std::time::Instant;

use selkie_crdt::{ActorId, Context, Dot, Hlc, HlcClock, Lattice, Log, PnCounter, VersionVector};

fn main() {
    let wanted = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let bench = Bench { wanted };
    version_vectors(&bench);
    contexts(&bench);
    counters(&bench);
    clocks(&bench);
    logs(&bench);
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

fn contexts(bench: &Bench) {
    let mut context = Context::from(version(100, 3));
    let mut dot = Dot { actor: actor(100), counter: 0 };
    bench.run("context insert in order, 100", || {
        dot.counter += 1;
        context.insert(dot)
    });
    bench.run("context insert in reverse, runs of 100", || {
        // The last of a hundred comes first, and the first closes the run.
        let hundred = dot.counter.div_ceil(100);
        (1..=100).rev().for_each(|n| {
            let counter = hundred * 100 + n;
            context.insert(Dot { counter, ..dot }).expect("at most one run is left");
        });
        dot.counter = (hundred + 1) * 100;
    });
}

fn counters(bench: &Bench) {
    let (mut ours, theirs) = (counter(100, 3), counter(100, 5));
    let own = actor(50);
    bench.run("counter add, 100", || black_box(&mut ours).add(own, black_box(1)).is_ok());
    bench.run("counter value, 100", || black_box(&ours).value());
    bench.run("counter merge, 100", || black_box(&mut ours).join(black_box(&theirs)));
    let newer = counter(100, 11);
    bench.run("counter clone and merge, 100", || {
        let mut ours = black_box(&ours).clone();
        ours.join(black_box(&newer));
        ours
    });
    bench.run("counter clone, 100", || black_box(&newer).clone());
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

fn logs(bench: &Bench) {
    for authors in [2, 100] {
        let full = conversation(authors, 10_000);
        let entries: Vec<_> = full.iter().cloned().collect();
        bench.run(&format!("log clone of 10000 entries, {authors} authors"), || entries.clone());
        bench.run(&format!("log merge of 10000 entries, {authors} authors"), || {
            Log::new().merge(entries.iter().cloned()).new.len()
        });
        bench.run(&format!("log merge of 10000 known entries, {authors} authors"), || {
            full.clone().merge(entries.iter().cloned()).duplicate
        });
        let nearly = version_without_last(&full, 10);
        bench.run(&format!("log since, 10 of 10000 entries, {authors} authors"), || {
            full.since(black_box(&nearly)).expect("nothing was cut off").count()
        });
        let mut growing = full.clone();
        let mut ms = 1_000_000;
        bench.run(&format!("log append, {authors} authors"), || {
            ms += 1;
            growing.append(actor(0), Hlc::from_ms(ms), ms).is_ok()
        });
    }
}

/// Authors who take turns, each after it took in all before.
fn conversation(authors: u64, entries: u64) -> Log<u64> {
    let mut log = Log::new();
    for n in 0..entries {
        log.append(actor(n % authors), Hlc::from_ms(n), n).expect("time goes on");
    }
    log
}

fn version_without_last(log: &Log<u64>, last: usize) -> VersionVector {
    let mut version = VersionVector::new();
    for entry in log.iter().take(log.len() - last) {
        version.raise(entry.author, entry.sequence);
    }
    version
}

/// A vector of so many actors, whose counters are spread by `seed`.
fn version(actors: u64, seed: u64) -> VersionVector {
    let counter = |n: u64| 1 + (n * seed * 7_919) % 1_009;
    VersionVector::try_from_iter((0..actors).map(|n| (actor(n), counter(n))))
        .expect("actors differ and counters are small")
}

/// A counter to which so many actors added, amounts that are spread by `seed`.
fn counter(actors: u64, seed: u64) -> PnCounter {
    let mut counter = PnCounter::new();
    for (actor, amount) in version(actors, seed).iter() {
        counter.add(actor, amount).expect("amounts are small");
        counter.subtract(actor, amount / 2).expect("amounts are small");
    }
    counter
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

    /// Times `operation` in rounds and prints the median and the least.
    fn run<T>(&self, name: &str, mut operation: impl FnMut() -> T) {
        if !name.contains(&self.wanted) {
            return;
        }
        let repeats = Self::repeats(&mut operation);
        let mut rounds: Vec<f64> =
            (0..Self::ROUNDS).map(|_| Self::round(repeats, &mut operation)).collect();
        rounds.sort_by(f64::total_cmp);
        println!("{name:50} {:9.1} {:9.1}", rounds[Self::ROUNDS / 2], rounds[0]);
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
