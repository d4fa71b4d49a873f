//! The keys of a tree, and where each stands.

use super::super::entry::{Entry, WayStep};
use super::document::Document;
use super::node::{Child, Container, Form, Node, NodeKind};

impl Document<'_> {
    /// Tells all keys in the order in which they stand there, each before those in its value.
    pub(in crate::merge) fn entries(&self, tell: impl FnMut(Entry)) {
        let mut walk = Walk { way: Vec::new(), tell };
        walk.node(&self.root, self.before.len());
    }
}

/// What goes from key to key.
struct Walk<T> {
    way: Vec<WayStep>,
    tell: T,
}

impl<T: FnMut(Entry)> Walk<T> {
    /// Goes through what a value holds that begins here. Its parts joined are its text, so their lengths tell where each is.
    fn node(&mut self, node: &Node, start: usize) {
        let NodeKind::Container(container) = &node.kind else { return };
        let mut at = start + container.open.len();
        for child in &container.children {
            at += child.lead.len();
            self.child(container, child, at);
            at += child.head.len() + child.value.text.len() + child.tail.len();
        }
    }

    fn child(&mut self, holder: &Container, child: &Child, start: usize) {
        let depth = self.way.len();
        self.way.extend(child.steps(holder.form).into_iter().map(WayStep::Key));
        self.way.extend(item(holder, child).map(WayStep::Item));
        let value = start + child.head.len();
        let text = child.value.text;
        if self.way.len() > depth {
            // A table ends with its last key, and not with what stands before the next one.
            let place = (start, value + text.trim_ascii_end().len());
            (self.tell)(Entry { way: &self.way, place, value });
        }
        // An item that nothing tells from the others is part of its list.
        if holder.form != Form::List || self.way.len() > depth {
            self.node(&child.value, value);
        }
        self.way.truncate(depth);
    }
}

/// What an item of a list calls itself.
fn item(holder: &Container, child: &Child) -> Option<Vec<u8>> {
    let name = match holder.form {
        Form::List => Some(&child.key[..]).filter(|key| *key != child.value.text),
        Form::Lines => child.key.strip_prefix(b"[").and_then(|key| {
            let end = key.iter().position(|byte| *byte == b'\n')?;
            Some(&key[end + 1..])
        }),
        Form::Map => None,
    }?;
    // In JSON the key stands before the name.
    let name = match holder.form {
        Form::List => name.rsplit(|byte| *byte == b':').next().unwrap_or(name).trim_ascii(),
        Form::Map | Form::Lines => name,
    };
    let bare = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
    Some(bare.unwrap_or(name).to_vec())
}
