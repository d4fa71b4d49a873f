//! Why the graph has no answer.

use std::io;

use thiserror::Error;

/// Why the graph can not tell. It holds nothing that the store does not say as well: whoever meets
/// this may remove the file and have the graph made again.
#[derive(Debug, Error)]
pub enum GraphError {
    /// The file of the graph can not be read or written.
    #[error("the graph can not be read or written")]
    Io(#[from] io::Error),
    /// The bytes of the file are not those that were written.
    #[error("the file of the graph is damaged")]
    Damaged,
    /// There are more seals than the graph has numbers. Nothing was added.
    #[error("the graph holds at most 4294967280 seals")]
    Full,
}
