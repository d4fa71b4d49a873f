//! Many runs of one test.

use std::any::Any;
use std::env;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Runs a test with many seeds: as many as `NET_SEEDS` says (`500`, or `501..=900` to go on from there), else `few`, or with
/// `NET_TIMES` so many times as many. With `NET_SEED` it runs that one.
///
/// Seeds have nothing in common, so they are shared out among as many threads as the machine runs at once.
///
/// # Panics
///
/// A run panics. Then the message says how the first of those that failed is run again.
pub fn each_seed(test: &str, few: u64, run: impl Fn(u64) + Sync) {
    let [seed, range, times] =
        ["NET_SEED", "NET_SEEDS", "NET_TIMES"].map(|name| env::var(name).ok());
    let seeds = match (seed, range, times) {
        (Some(seed), _, _) => number(&seed)..=number(&seed),
        (None, Some(range), _) => seeds_of(&range),
        (None, None, times) => 1..=few * times.map_or(1, |times| number(&times)),
    };
    if let Some((seed, cause)) = first_failure(seeds, &run) {
        panic!("{cause}\n{}", replay(test, seed));
    }
}

/// The least seed that failed, and what it said. Once one did, greater ones are not begun.
fn first_failure(seeds: RangeInclusive<u64>, run: &(impl Fn(u64) + Sync)) -> Option<(u64, String)> {
    let (next, last) = (AtomicU64::new(*seeds.start()), *seeds.end());
    let failed: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > last {
                return;
            }
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| run(seed))) {
                next.store(last.saturating_add(1), Ordering::Relaxed);
                let mut failed = failed.lock().expect("nobody panics with it");
                if failed.as_ref().is_none_or(|(other, _)| seed < *other) {
                    *failed = Some((seed, said(&*cause).to_owned()));
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    failed.into_inner().expect("nobody panics with it")
}

/// The command that runs one seed of a test again.
fn replay(test: &str, seed: u64) -> String {
    let (target, name) = test.split_once("::").unwrap_or((test, ""));
    format!("replay: NET_SEED={seed} cargo test -p selkie-tests --test {target} -- {name}")
}

/// The seeds of a count, which begin with the first, or of a range.
fn seeds_of(range: &str) -> RangeInclusive<u64> {
    match range.split_once("..=") {
        Some((first, last)) => number(first)..=number(last),
        None => 1..=number(range),
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("this is no number of a seed: {text}"))
}

fn said(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a run panicked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_fails_says_how_to_repeat_it() {
        let fails =
            || each_seed("membership::a_story", 9, |seed| assert!(seed < 3, "from three on"));
        let cause = catch_unwind(fails).unwrap_err();
        let expected = "from three on\n\
            replay: NET_SEED=3 cargo test -p selkie-tests --test membership -- a_story";
        assert_eq!(said(&*cause), expected);
    }

    #[test]
    fn each_seed_is_run_once() {
        let ran = Mutex::new(Vec::new());
        assert_eq!(first_failure(5..=40, &|seed| ran.lock().unwrap().push(seed)), None);
        let mut ran = ran.into_inner().unwrap();
        ran.sort_unstable();
        assert_eq!(ran, (5..=40).collect::<Vec<_>>());
    }

    #[test]
    fn seeds_are_a_count_or_a_range() {
        assert_eq!(seeds_of("500"), 1..=500);
        assert_eq!(seeds_of("501..=900"), 501..=900);
    }
}
