//! How a file system compares names.

use std::io;

use crate::work::door::Door;

/// Which names a file system takes for one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Folding {
    /// Only the same bytes.
    Apart,
    /// Upper and lower case too.
    AsOne,
}

impl Folding {
    /// How the file system of a repository's own directory compares names: by the file `format`, which every
    /// store has.
    ///
    /// # Errors
    ///
    /// The directory can not be looked at.
    pub fn probe(control: &Door) -> io::Result<Self> {
        Ok(if control.look(b"FORMAT")?.is_some() { Self::AsOne } else { Self::Apart })
    }
}
