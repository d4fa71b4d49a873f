//! What came of work on a store.

use crate::core::Input;
use crate::node::notice::Notice;

/// What came of some work.
#[derive(Debug)]
pub(super) enum Done {
    /// The core is to hear this.
    Tell(Input),
    /// What others on this machine wrote was told, as was asked under this number.
    Refreshed(u64),
    /// People may want to know this.
    Notice(Notice),
}
