//! A whole file as a tree.

use super::node::Node;

/// A file: its value, and what stands around it.
#[derive(Clone, Debug)]
pub(in crate::merge) struct Document<'a> {
    pub(super) before: &'a [u8],
    pub(super) root: Node<'a>,
    pub(super) after: &'a [u8],
}

impl Document<'_> {
    /// Whether a key stands twice in one map. Programs that read JSON take the last.
    pub(in crate::merge) fn has_key_twice(&self) -> bool {
        self.root.has_key_twice()
    }
}
