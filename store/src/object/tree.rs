//! A directory.

use std::collections::BTreeMap;

use crate::id::ObjectId;
use crate::kind::Kind;
use crate::name::Name;
use crate::object::node::Node;

/// The entries of a directory, each name once, ordered by the bytes of the names.
///
/// ```
/// use selkie_store::{Name, Node, Tree, TreeId, Kind, ObjectId};
/// let empty = TreeId::from(ObjectId::of(Kind::Tree, &[1]));
/// let tree = Tree::from_iter([(Name::new("src").unwrap(), Node::Directory(empty))]);
/// assert_eq!(tree.get("src"), Some(&Node::Directory(empty)));
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Tree {
    entries: Vec<(Name, Node)>, // invariant: ascending by name
}

impl Tree {
    /// Names in the largest tree. Decoded, they take a few times their bytes.
    pub const COUNT_MAX: usize = 1 << 20;

    /// What `name` stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        let at = self.entries.binary_search_by(|(own, _)| own.as_str().cmp(name)).ok()?;
        Some(&self.entries[at].1)
    }

    /// The entries, ascending by name.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Node)> {
        self.entries.iter().map(|(name, node)| (name, node))
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The objects that the entries name.
    pub fn links(&self) -> impl Iterator<Item = (Kind, ObjectId)> {
        self.entries.iter().filter_map(|(_, node)| node.link())
    }

    /// The tree with these entries, if their names ascend.
    pub(crate) fn from_ascending(entries: Vec<(Name, Node)>) -> Option<Self> {
        entries.is_sorted_by(|(one, _), (next, _)| one < next).then_some(Self { entries })
    }
}

impl From<BTreeMap<Name, Node>> for Tree {
    fn from(entries: BTreeMap<Name, Node>) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

/// In any order; of entries with one name the last stays.
impl FromIterator<(Name, Node)> for Tree {
    fn from_iter<I: IntoIterator<Item = (Name, Node)>>(entries: I) -> Self {
        BTreeMap::from_iter(entries).into()
    }
}
