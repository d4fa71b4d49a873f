//! Where one side moved files and folders to.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Name, Node, ReadError, RepoPath, Store, Tree, TreeId};

use crate::rename::sample::Sample;
use crate::rename::{FindingRenames, Origin, PathChange, directory_moves, pair_renames};
use crate::tree::compare::TreeChange;
use crate::tree::edit::empty_tree;
use crate::tree::fuse::trio::Trio;

/// What one side moved.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    /// Files by where they were.
    files: BTreeMap<RepoPath, RepoPath>,
    /// Paths to which a file was moved.
    arrived: BTreeSet<RepoPath>,
    /// Folders that are gone, by where they were.
    folders: BTreeMap<RepoPath, RepoPath>,
}

impl Moves {
    /// What the side of this number, whose tree this is, moved since the base.
    pub(super) fn find(
        store: &Store,
        trios: &[Trio],
        side: usize,
        tree: TreeId,
    ) -> Result<Self, ReadError> {
        let leaf =
            |node: &Option<Node>| node.clone().filter(|node| !matches!(node, Node::Directory(_)));
        let changes = trios.iter().map(|trio| TreeChange {
            path: trio.path.clone(),
            before: leaf(&trio.nodes[0]),
            after: leaf(&trio.nodes[side]),
        });
        let changes = changes.filter(|change| change.before != change.after);
        let sample = |_, _: &RepoPath, content| Sample::of_stored(store, content);
        let paired = pair_renames(changes, &[], FindingRenames::default(), sample)?;
        let is_renamed = |change: &&PathChange| matches!(change.origin, Origin::Renamed { .. });
        let mut moves = Self::default();
        for change in paired.changes.iter().filter(is_renamed) {
            moves.files.insert(change.from.clone(), change.path.clone());
            moves.arrived.insert(change.path.clone());
        }
        if moves.files.is_empty() {
            return Ok(moves);
        }
        let mut failed = None;
        moves.folders =
            directory_moves(&paired.changes, |folder| match node_at(store, tree, folder) {
                Ok(node) => matches!(node, Some(Node::Directory(_))),
                Err(error) => {
                    failed.get_or_insert(error);
                    true
                }
            });
        failed.map_or(Ok(moves), Err)
    }

    /// Where a file of the base went, if it went.
    pub(super) fn of_file(&self, path: &RepoPath) -> Option<&RepoPath> {
        self.files.get(path)
    }

    /// Whether what stands there came from another path.
    pub(super) fn has_arrived(&self, path: &RepoPath) -> bool {
        self.arrived.contains(path)
    }

    /// Where a path lies once the folders that `self` moved and `other` did not are where they went.
    pub(super) fn carry(&self, path: &RepoPath, other: Option<&Self>) -> Option<RepoPath> {
        let mut folder = path.parent();
        while let Some(here) = folder.filter(|folder| !folder.is_top()) {
            if let Some(to) = self.folders.get(&here) {
                let is_others = other.is_some_and(|other| other.folders.contains_key(&here));
                let rest = &path.as_str()[here.as_str().len() + 1..];
                let slash = if to.is_top() { "" } else { "/" };
                // A path that became too long stays where it is.
                return RepoPath::new(&format!("{to}{slash}{rest}")).ok().filter(|_| !is_others);
            }
            folder = here.parent();
        }
        None
    }
}

/// What stands at a path of a tree.
pub(crate) fn node_at(
    store: &Store,
    top: TreeId,
    path: &RepoPath,
) -> Result<Option<Node>, ReadError> {
    let mut node = Node::Directory(top);
    for name in path.names() {
        let Node::Directory(folder) = node else { return Ok(None) };
        // The tree with nothing in it need not be in any store.
        if folder == empty_tree() {
            return Ok(None);
        }
        match store.load::<Tree>(folder)?.get(name) {
            Some(found) => node = found.clone(),
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// The path beside this one that ends in `~file`, or in `~file2` and so on, and that `is_free`. None if there is no
/// room for a longer name.
pub(super) fn beside(
    path: &RepoPath,
    mut is_free: impl FnMut(&RepoPath) -> bool,
) -> Option<RepoPath> {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let folder = path.parent().unwrap_or_default();
    (1..=BESIDE_MAX).find_map(|number| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        let ending = format!("~file{number}");
        // A name that is too long loses its last letters.
        let mut kept = name.len().min(Name::LEN_MAX - ending.len());
        while !name.is_char_boundary(kept) {
            kept -= 1;
        }
        let name = Name::new(&format!("{}{ending}", &name[..kept])).ok()?;
        folder.join(&name).ok().filter(&mut is_free)
    })
}

/// Names that are tried for what has to make room.
const BESIDE_MAX: usize = 100;
