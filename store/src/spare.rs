//! Things that are kept for the next use, since making one costs more than using it.

use std::fmt;
use std::sync::{Mutex, MutexGuard};

/// A free list: what is taken out is somebody's own until it is given back.
pub(crate) struct Spare<T> {
    // Guards the list alone; never held while something of it is used.
    free: Mutex<Vec<T>>,
}

impl<T: Default> Spare<T> {
    /// One that was given back, or a new one.
    pub(crate) fn take(&self) -> T {
        self.free().pop().unwrap_or_default()
    }

    pub(crate) fn give(&self, spare: T) {
        self.free().push(spare);
    }

    fn free(&self) -> MutexGuard<'_, Vec<T>> {
        self.free.lock().expect("no holder of the list panics")
    }
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self { free: Mutex::default() }
    }
}

impl<T> fmt::Debug for Spare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spare")
    }
}
