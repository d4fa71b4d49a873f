//! Many runs of one test.

use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a test with many seeds: as many as `NET_SEEDS` says, else `few`. With `NET_SEED` it runs that one.
///
/// # Panics
///
/// A run panics. Then the message says how that one is run again.
pub fn each_seed(test: &str, few: u64, run: impl Fn(u64)) {
    let seeds = match (number("NET_SEED"), number("NET_SEEDS")) {
        (Some(seed), _) => seed..=seed,
        (None, count) => 1..=count.unwrap_or(few),
    };
    for seed in seeds {
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| run(seed))) {
            panic!("{}\n{}", said(&*cause), replay(test, seed));
        }
    }
}

/// The command that runs one seed of a test again.
fn replay(test: &str, seed: u64) -> String {
    let (target, name) = test.split_once("::").unwrap_or((test, ""));
    format!("replay: NET_SEED={seed} cargo test -p selkie-tests --test {target} -- {name}")
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
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
        let fails = || each_seed("membership::a_story", 9, |seed| assert!(seed < 3, "seed three"));
        let cause = catch_unwind(fails).unwrap_err();
        let expected = "seed three\n\
            replay: NET_SEED=3 cargo test -p selkie-tests --test membership -- a_story";
        assert_eq!(said(&*cause), expected);
    }
}
