//! A value as it stands in a file, and what it holds.

use std::collections::HashMap;

/// A value: its bytes, and what they hold.
#[derive(Clone, Debug)]
pub(in crate::merge) struct Node<'a> {
    /// All of it, as it stands there.
    pub(super) text: &'a [u8],
    pub(super) kind: NodeKind<'a>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum NodeKind<'a> {
    /// Nothing that holds others.
    Scalar,
    /// One that holds others.
    Container(Container<'a>),
}

/// What a value holds. Its parts joined are the text of the value.
#[derive(Clone, Debug)]
pub(super) struct Container<'a> {
    pub(super) form: Form,
    /// Up to and with the sign that opens it.
    pub(super) open: &'a [u8],
    pub(super) children: Vec<Child<'a>>,
    /// White space and comments after the last child, and the sign that closes it.
    pub(super) close: &'a [u8],
}

/// How a value holds others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// By key, commas between.
    Map,
    /// In a row, commas between.
    List,
    /// By key, one below the other.
    Lines,
}

/// What a value holds at one key, or one place. Its parts joined are its text.
#[derive(Clone, Debug)]
pub(super) struct Child<'a> {
    /// What it is called among its siblings: no two are called the same.
    pub(super) key: Vec<u8>,
    /// White space and comments before it.
    pub(super) lead: &'a [u8],
    /// The key as it stands there, and the sign behind it.
    pub(super) head: &'a [u8],
    pub(super) value: Node<'a>,
    /// What stands on the same line behind it, the comma with it.
    pub(super) tail: &'a [u8],
    /// Where in the tail the comma is. A comment may have commas of its own.
    pub(super) comma: Option<usize>,
}

impl<'a> Container<'a> {
    /// The children by what they are called.
    pub(super) fn by_key(&self) -> HashMap<&[u8], &Child<'a>> {
        self.children.iter().map(|child| (child.key.as_slice(), child)).collect()
    }

    /// Whether no two children are called the same.
    pub(super) fn is_plain(&self) -> bool {
        self.by_key().len() == self.children.len()
    }
}

impl Node<'_> {
    /// Whether a key stands twice in one map of it.
    pub(super) fn has_key_twice(&self) -> bool {
        let NodeKind::Container(container) = &self.kind else { return false };
        let is_twice = container.form != Form::List && !container.is_plain();
        is_twice || container.children.iter().any(|child| child.value.has_key_twice())
    }
}

impl<'a> Container<'a> {
    /// The same with each object in it called by what it has at this key. What has nothing there is called as it was.
    pub(super) fn named_by(&self, key: &str) -> Self {
        let mut list = self.clone();
        for child in &mut list.children {
            let NodeKind::Container(Container { form: Form::Map, children, .. }) =
                &child.value.kind
            else {
                continue;
            };
            let is_it = |inner: &&Child<'a>| inner.steps(Form::Map) == [key.as_bytes()];
            if let Some(named) = children.iter().find(is_it) {
                child.key = [key.as_bytes(), b"=", named.value.text].concat();
            }
        }
        list
    }
}

impl Child<'_> {
    /// The keys that lead to it from what holds it, as somebody would spell them: TOML has several in one.
    pub(super) fn steps(&self, form: Form) -> Vec<Vec<u8>> {
        if form == Form::List {
            return Vec::new();
        }
        let key = self.key.strip_prefix(b"[").unwrap_or(&self.key);
        // A table in a list of tables has its name on a second line.
        let key = key.split(|byte| *byte == b'\n').next().unwrap_or(key);
        if let [b'"', inner @ .., b'"'] = key {
            return vec![inner.to_vec()];
        }
        let parts = key.split(|byte| *byte == b'.').filter(|part| !part.is_empty());
        parts.map(<[u8]>::to_vec).collect()
    }

    /// Whether two say the same, wherever they stand.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.head == other.head && self.value.text == other.value.text
    }
}
