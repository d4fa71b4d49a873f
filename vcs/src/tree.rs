//! Trees: how they differ.

pub(crate) mod compare;
pub(crate) mod filter;
