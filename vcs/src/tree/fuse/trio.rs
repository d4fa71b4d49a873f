//! Which paths differ between a base and two sides.

use std::collections::BTreeSet;

use selkie_store::{Name, Node, RepoPath, Store, Tree, TreeId};

use crate::tree::compare::CompareError;
use crate::tree::edit::empty_tree;

/// A path that is not the same in a base and two sides, with what stands there in each: nothing, a file or the
/// like, or a directory with nothing in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Trio {
    /// The path.
    pub(super) path: RepoPath,
    /// In the base, on our side, on theirs.
    pub(super) nodes: [Option<Node>; 3],
}

/// All such paths, in their order. A directory that is the same in all three is not read.
pub(super) fn trios(store: &Store, trees: [TreeId; 3]) -> Result<Vec<Trio>, CompareError> {
    let mut found = Vec::new();
    let top = trees.map(|tree| Some(tree).filter(|tree| *tree != empty_tree()));
    enter(store, &RepoPath::default(), top, &mut found)?;
    found.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(found)
}

/// Goes into a directory, as deep as paths may be.
fn enter(
    store: &Store,
    path: &RepoPath,
    trees: [Option<TreeId>; 3],
    found: &mut Vec<Trio>,
) -> Result<(), CompareError> {
    let [base, ours, theirs] = trees;
    if base == ours && ours == theirs {
        return Ok(());
    }
    let load = |tree: Option<TreeId>| tree.map_or(Ok(Tree::default()), |tree| store.load(tree));
    let trees: [Tree; 3] = [load(base)?, load(ours)?, load(theirs)?];
    let names: BTreeSet<&Name> =
        trees.iter().flat_map(|tree| tree.iter().map(|(name, _)| name)).collect();
    for name in names {
        let nodes = [0, 1, 2].map(|at: usize| trees[at].get(name.as_str()));
        if nodes[0] == nodes[1] && nodes[1] == nodes[2] {
            continue;
        }
        let path = path.join(name)?;
        enter(store, &path, nodes.map(|node| node.and_then(full_folder)), found)?;
        let nodes = nodes.map(|node| node.filter(|node| full_folder(node).is_none()).cloned());
        if nodes[0] != nodes[1] || nodes[1] != nodes[2] {
            found.push(Trio { path, nodes });
        }
    }
    Ok(())
}

/// The tree of a directory with something in it.
fn full_folder(node: &Node) -> Option<TreeId> {
    match node {
        Node::Directory(tree) if *tree != empty_tree() => Some(*tree),
        Node::Directory(_)
        | Node::File(_)
        | Node::Executable(_)
        | Node::Symlink(_)
        | Node::Conflict(_)
        | Node::Foreign(_) => None,
    }
}
