//! Many runs of one test.

use std::env;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::runtime::Builder;

/// Runs it at a time of its own, which passes when nothing else is to be done.
pub(super) fn run<T>(story: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(story)
}

/// Runs a test with so many seeds, or as many as `QUIC_SEEDS` says, or with the one that `QUIC_SEED` says. Seeds have nothing in
/// common, so they are shared out among as many threads as the machine runs at once.
pub(super) fn each_seed(few: u64, test: impl Fn(u64) + Sync) {
    let [one, many] = ["QUIC_SEED", "QUIC_SEEDS"].map(|name| {
        env::var(name).ok().map(|text| text.parse::<u64>().expect("the number of a seed"))
    });
    let (first, last) = one.map_or((1, many.unwrap_or(few)), |one| (one, one));
    let next = AtomicU64::new(first);
    let work = || {
        while let seed = next.fetch_add(1, Ordering::Relaxed)
            && seed <= last
        {
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| test(seed))) {
                next.store(last + 1, Ordering::Relaxed);
                eprintln!("replay: QUIC_SEED={seed} cargo test -p selkie-sync --lib node::tests");
                resume_unwind(cause);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
}
