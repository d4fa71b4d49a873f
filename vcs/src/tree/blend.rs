//! Two trees that were made from one, as one tree.
//!
//! What one side alone changed is taken. What both changed alike is taken once. A file that both changed
//! otherwise is merged as in a fuse, if whoever asks wants that, and stops everything if a part of it is in dispute.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{
    Batch, Content, Hint, Name, Node, PathError, ReadError, RepoPath, Store, Tree, TreeId,
    WriteError,
};
use thiserror::Error;

use super::bytes::bytes_of;
use super::edit::empty_tree;
use crate::merge::file::Merging;
use crate::merge::part::MergeSide;
use crate::merge::rules::MergeRules;
use crate::tree::fuse::content::{Content as Merged, content};

/// What two trees become together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Blend {
    /// Both changes in one tree.
    Clean(TreeId),
    /// Paths that both changed, each in its own way.
    Disputed(Vec<RepoPath>),
}

/// What becomes of a file that both sides changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Within {
    /// It is merged as in a fuse.
    Merge,
    /// It is in dispute.
    Dispute,
}

/// A tree and what two sides made of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Sides<T> {
    pub(crate) base: T,
    pub(crate) ours: T,
    pub(crate) theirs: T,
}

impl<T> Sides<T> {
    fn each<U>(&self, of: impl Fn(&T) -> U) -> Sides<U> {
        Sides { base: of(&self.base), ours: of(&self.ours), theirs: of(&self.theirs) }
    }
}

/// Why two trees were not blended. Nothing of it is visible unless the batch is finished.
#[derive(Debug, Error)]
pub enum BlendError {
    /// A tree or a file can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A new one can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A tree is deeper, or has longer names, than any path goes.
    #[error("a tree is deeper than paths go")]
    Path(#[from] PathError),
}

/// Blends two trees. Directories that one side alone changed are not read, and all three trees must be in the
/// store, not only in the batch.
///
/// # Errors
///
/// A tree or a file can not be read or written.
pub(crate) fn blend(
    store: &Store,
    batch: &Batch,
    sides: Sides<TreeId>,
    within: Within,
) -> Result<Blend, BlendError> {
    if let Some(settled) = settled(&sides) {
        return Ok(Blend::Clean(*settled));
    }
    let mut blender = Blender { store, batch, within, disputed: Vec::new() };
    let Sides { base, ours, theirs } = sides;
    let sides = Sides { base: Some(base), ours: Some(ours), theirs: Some(theirs) };
    let tree = blender.folder(&RepoPath::default(), sides)?;
    if !blender.disputed.is_empty() {
        return Ok(Blend::Disputed(blender.disputed));
    }
    Ok(Blend::Clean(match tree {
        Some(tree) => tree,
        None => batch.put_value(&Tree::default(), Hint::NONE)?,
    }))
}

impl Blend {
    /// The paths in dispute.
    pub(crate) fn disputed(self) -> Vec<RepoPath> {
        match self {
            Self::Clean(_) => Vec::new(),
            Self::Disputed(paths) => paths,
        }
    }
}

/// What is there if one side alone changed it, or both alike.
fn settled<T: PartialEq>(sides: &Sides<T>) -> Option<&T> {
    let Sides { base, ours, theirs } = sides;
    if base == theirs || ours == theirs {
        return Some(ours);
    }
    (base == ours).then_some(theirs)
}

struct Blender<'a> {
    store: &'a Store,
    batch: &'a Batch<'a>,
    within: Within,
    disputed: Vec<RepoPath>,
}

impl Blender<'_> {
    /// The tree of a folder, or nothing if nothing is in it.
    fn folder(
        &mut self,
        path: &RepoPath,
        sides: Sides<Option<TreeId>>,
    ) -> Result<Option<TreeId>, BlendError> {
        let tree = |id: Option<TreeId>| match id {
            // The tree with nothing in it need not be in any store.
            Some(id) if id != empty_tree() => self.store.load::<Tree>(id),
            Some(_) | None => Ok(Tree::default()),
        };
        let Sides { base, ours, theirs } = sides;
        let trees = Sides { base: tree(base)?, ours: tree(ours)?, theirs: tree(theirs)? };
        let all = [&trees.base, &trees.ours, &trees.theirs];
        let names: BTreeSet<&Name> =
            all.iter().flat_map(|tree| tree.iter()).map(|it| it.0).collect();
        let mut entries = BTreeMap::new();
        for name in names {
            let nodes = trees.each(|tree| tree.get(name.as_str()).cloned());
            if let Some(node) = self.node(&path.join(name)?, &nodes)? {
                entries.insert(name.clone(), node);
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let hint = Hint { path: "", base: ours.map(TreeId::object) };
        Ok(Some(self.batch.put_value(&Tree::from(entries), hint)?))
    }

    /// What stands at a path in the end.
    fn node(
        &mut self,
        path: &RepoPath,
        sides: &Sides<Option<Node>>,
    ) -> Result<Option<Node>, BlendError> {
        if let Some(settled) = settled(sides) {
            return Ok(settled.clone());
        }
        // A path is a file or a folder, so each of the two is settled as if the other were not there.
        let files = sides.each(|node| node.as_ref().filter(|node| folder(node).is_none()).cloned());
        let folders = sides.each(|node| node.as_ref().and_then(folder));
        let file = match settled(&files) {
            Some(settled) => settled.clone(),
            None => match self.file(path, &files)? {
                Some(merged) => Some(merged),
                None => return Ok(self.dispute(path)),
            },
        };
        let folder = match settled(&folders) {
            Some(settled) => *settled,
            None => self.folder(path, folders)?,
        };
        Ok(match (file, folder.map(Node::Directory)) {
            (Some(_), Some(_)) => self.dispute(path),
            (file, folder) => file.or(folder),
        })
    }

    fn dispute(&mut self, path: &RepoPath) -> Option<Node> {
        self.disputed.push(path.clone());
        None
    }

    /// A file that both sides changed, if that can be one file.
    fn file(
        &self,
        path: &RepoPath,
        sides: &Sides<Option<Node>>,
    ) -> Result<Option<Node>, BlendError> {
        let found = sides.each(|node| node.as_ref().and_then(file));
        let Sides { base: Some(base), ours: Some(ours), theirs: Some(theirs) } = found else {
            return Ok(None);
        };
        let all = Sides { base, ours, theirs };
        let (contents, runs) = (all.each(|side| side.0), all.each(|side| side.1));
        let content = match settled(&contents) {
            Some(content) => Some(*content),
            None if self.within == Within::Merge => self.lines(path, contents)?,
            None => None,
        };
        let run = *settled(&runs).expect("of two ways, two of three sides have the same");
        Ok(content.map(|content| match run {
            Run::May => Node::Executable(content),
            Run::MayNot => Node::File(content),
        }))
    }

    /// A text that both sides changed, if nothing in it is in dispute.
    fn lines(&self, path: &RepoPath, sides: Sides<Content>) -> Result<Option<Content>, BlendError> {
        let bytes = |content| bytes_of(self.store, content);
        let (Some(base), Some(ours), Some(theirs)) =
            (bytes(sides.base)?, bytes(sides.ours)?, bytes(sides.theirs)?)
        else {
            return Ok(None);
        };
        let (first, rules) = (MergeSide::Ours, &MergeRules::default());
        let merging = Merging {
            path: path.as_str(),
            base: &base,
            ours: &ours,
            theirs: &theirs,
            first,
            rules,
        };
        let Merged::Settled(merged, _) = content(&merging) else { return Ok(None) };
        let base = Node::File(sides.ours).link().map(|(_, id)| id);
        let hint = Hint { path: path.as_str(), base };
        Ok(Some(self.batch.put_content(&merged[..], hint)?))
    }
}

const fn folder(node: &Node) -> Option<TreeId> {
    match node {
        Node::Directory(tree) => Some(*tree),
        Node::File(_)
        | Node::Executable(_)
        | Node::Symlink(_)
        | Node::Conflict(_)
        | Node::Foreign(_) => None,
    }
}

/// Whether a file may be run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Run {
    May,
    MayNot,
}

/// What a file has, if it is one.
const fn file(node: &Node) -> Option<(Content, Run)> {
    match node {
        Node::File(content) => Some((*content, Run::MayNot)),
        Node::Executable(content) => Some((*content, Run::May)),
        Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selkie_store::{Kind, SimDisk};

    use super::*;
    use crate::tree::edit::{Edits, edit};

    /// A tree as a list of paths and texts: `a/b=x` is a file, `a/b*=x` one that may be run.
    fn tree(store: &Store, list: &str) -> TreeId {
        let batch = Batch::new(store);
        let edits: Edits = list
            .split_whitespace()
            .map(|entry| {
                let (path, text) = entry.split_once('=').unwrap();
                let text = text.replace(',', "\n");
                let blob = batch.put(Kind::Blob, text.as_bytes(), Hint::NONE).unwrap();
                let content = Content::Whole(blob.into());
                let node = match path.strip_suffix('*') {
                    Some(_) => Node::Executable(content),
                    None => Node::File(content),
                };
                (RepoPath::new(path.trim_end_matches('*')).unwrap(), Some(node))
            })
            .collect();
        let tree = edit(store, &batch, empty_tree(), &edits).unwrap();
        batch.finish().unwrap();
        tree
    }

    #[test]
    fn what_one_side_changed_is_taken_and_what_both_did_is_settled_or_told() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let table = [
            // base, ours, theirs, what they become or which paths are in dispute
            ("a=1 b=1", "a=2 b=1", "a=1 b=2", Ok("a=2 b=2")),
            ("a=1", "a=2", "a=2", Ok("a=2")),
            ("a=1", "a=2", "a=3", Err("a")),
            ("a=1", "", "a=1 c/d=1", Ok("c/d=1")),
            ("a=1", "", "a=2", Err("a")),
            ("", "a=1", "a=1 b=1", Ok("a=1 b=1")),
            ("", "a=1", "a=2", Err("a")),
            ("a=1,2,3,4,", "a=0,2,3,4,", "a=1,2,3,5,", Ok("a=0,2,3,5,")),
            ("a=1,2,", "a=0,2,", "a=1,3,", Ok("a=0,3,")),
            ("a=1,2,", "a=0,2,", "a=9,2,", Err("a")),
            ("a=1", "a*=1", "a=2", Ok("a*=2")),
            ("a=1,2,3,", "a*=0,2,3,", "a=1,2,4,", Ok("a*=0,2,4,")),
            ("d/x=1 d/y=1", "d/x=1", "d/y=1", Ok("")),
            ("d/x=1 d/y=1", "d=1", "d/x=1", Ok("d=1")),
            ("d/x=1", "d=1", "d/x=2", Err("d/x")),
            ("d/x=1", "d=1", "d/x=1 d/y=1", Err("d")),
            ("d=1", "d=1 a=1", "d/x=1", Ok("a=1 d/x=1")),
            ("d=1", "d=2", "d/x=1", Err("d")),
            ("e/f/g=1 e/f/h=1", "e/f/g=2 e/f/h=1", "e/f/g=1 e/f/h=3", Ok("e/f/g=2 e/f/h=3")),
        ];
        for (base, ours, theirs, expected) in table {
            let told = format!("{base} | {ours} | {theirs}");
            let [base, ours, theirs] = [base, ours, theirs].map(|list| tree(&store, list));
            let expected = match expected {
                Ok(list) => Blend::Clean(tree(&store, list)),
                Err(path) => Blend::Disputed(vec![RepoPath::new(path).unwrap()]),
            };
            for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
                let batch = Batch::new(&store);
                let sides = Sides { base, ours, theirs };
                let blended = blend(&store, &batch, sides, Within::Merge).unwrap();
                assert_eq!(blended, expected, "{told}");
            }
        }
    }

    #[test]
    fn lines_are_merged_only_where_that_is_wanted() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let [base, ours, theirs] =
            ["a=1,2,3,", "a=0,2,3,", "a=1,2,4,"].map(|list| tree(&store, list));
        let batch = Batch::new(&store);
        let blended = blend(&store, &batch, Sides { base, ours, theirs }, Within::Dispute).unwrap();
        assert_eq!(blended, Blend::Disputed(vec![RepoPath::new("a").unwrap()]));
    }
}
