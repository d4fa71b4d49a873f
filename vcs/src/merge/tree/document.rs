//! A whole file as a tree.

use super::node::Node;

/// A file: its value, and what stands around it.
#[derive(Clone, Debug)]
pub(in crate::merge) struct Document<'a> {
    pub(super) before: &'a [u8],
    pub(super) root: Node<'a>,
    pub(super) after: &'a [u8],
}
