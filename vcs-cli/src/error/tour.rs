//! What can go wrong on the tour.

use std::io;

use thiserror::Error;

/// Why the tour stops. What is told above it says more.
#[derive(Debug, Error)]
pub(crate) enum TourError {
    /// The folder of the tour can not be used.
    #[error("the folder of the tour can not be used")]
    Folder(#[source] io::Error),
    /// A command can not be started.
    #[error("'selkie {typed}' can not be started")]
    Start { typed: String, source: io::Error },
    /// A command failed that should not.
    #[error("'selkie {typed}' failed: {said}")]
    Failed { typed: String, said: String },
    /// A command did not tell what programs want to know.
    #[error("'selkie {typed}' did not tell what it should")]
    Untold { typed: String },
    /// The two have not the same in the end.
    #[error("the two have not the same, which must never be")]
    Different,
}
