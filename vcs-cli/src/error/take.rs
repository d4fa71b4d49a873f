//! What stands in the way of settling parts by name.

use thiserror::Error;

/// Why nothing was taken. No file is changed.
#[derive(Debug, Error)]
pub(crate) enum TakeError {
    /// A name that no part has, or several.
    #[error("no one part is called '{0}'")]
    NoPart(String),
    /// Nothing that was named can be settled like that.
    #[error("nothing there can be settled with {0}")]
    Nothing(String),
}
