//! Whether somebody has just come.

/// Whether a node that was heard of has just come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// It began, or came to this network: it can be called, whatever came of calls before.
    Begins,
    /// It is there as it was, as far as it says.
    Stays,
}
