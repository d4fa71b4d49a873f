//! How many bytes the heap holds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, keeping count of the bytes that were asked for and not yet given back.
///
/// It counts what was asked for, not what the allocator rounds that up to, so the count is the
/// same on every machine. One thread at a time may allocate, as it is in a measured process.
struct Counted;

static LIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// The bytes that the heap holds now.
pub fn live() -> usize {
    LIVE.load(Ordering::Relaxed)
}

// A load and a store, not one atomic addition: the locked instruction would cost ten times as
// much and so be measured with each crate that allocates often.
fn count(more: usize, less: usize) {
    LIVE.store(live().wrapping_add(more).wrapping_sub(less), Ordering::Relaxed);
}

// Unsafe, because there is no other way to stand between a program and its allocator; a crate
// that does this safely counts by locked instructions.
// SAFETY: each call is handed to the system's allocator unchanged, and counting allocates nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(start, layout, size) }
    }
}
