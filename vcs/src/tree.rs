//! Trees: how one becomes another.

pub(crate) mod edit;
