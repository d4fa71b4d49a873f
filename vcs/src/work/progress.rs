//! How far the files are that are written or recorded.

use std::fmt;

/// How far many files are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Files that are done.
    pub done: usize,
    /// Files there are to do.
    pub of: usize,
}

/// Is told how far the files are that are written or recorded.
pub struct Watch(Box<dyn Fn(Progress) + Send + Sync>);

impl Watch {
    /// One that calls this function, always from the thread that works with the files.
    pub fn new(told: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Box::new(told))
    }

    /// Tells that nothing more is to come.
    pub(crate) fn end(&self) {
        self.tell(Progress { done: 0, of: 0 });
    }

    pub(crate) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
