//! Why it is not known what is here.

use selkie_store::{ReadError, RepairError};
use thiserror::Error;

/// Why it is not known what is here, or why what is damaged stands in the way of what is whole. What was there still is.
#[derive(Debug, Error)]
pub enum CareError {
    /// The packs can not be listed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What is damaged can not be laid aside.
    #[error("what is damaged can not be laid aside")]
    Aside(#[from] RepairError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] std::io::Error),
}
