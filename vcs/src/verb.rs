//! What the commands do: each verb decides what shall be, as an operation, and the repository does it.

pub mod undo;
