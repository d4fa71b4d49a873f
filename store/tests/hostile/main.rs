//! Bytes of strangers: decoders do not panic, hang, or take memory without bound.

use std::sync::{Mutex, MutexGuard, PoisonError};

use peak_alloc::PeakAlloc;

mod body;
mod bomb;
mod chain;
mod forge;
mod mutate;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Held by each test, since they share the memory that is counted.
static ALONE: Mutex<()> = Mutex::new(());

/// Keeps the other tests waiting.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most bytes that were taken at once, beyond those that were taken before.
///
/// What the compressor takes for itself is not counted; it works from buffer to buffer, but for a block that
/// is not decoded to its end, and then its window is bounded by the largest block that objects share.
fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = work();
    (done, MEMORY.peak_usage().saturating_sub(before))
}
