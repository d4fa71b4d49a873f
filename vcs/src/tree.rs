//! Trees: how one differs from another, and how one is made from another.

pub(crate) mod attributes;
pub(crate) mod blend;
pub(crate) mod bytes;
pub(crate) mod compare;
pub(crate) mod edit;
pub(crate) mod filter;
pub(crate) mod fuse;
