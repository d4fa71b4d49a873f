//! What differs between two states of the files, file by file.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use selkie_store::{Content, Node, ReadError, RepoPath, Seal, SealId, Store, TreeId};
use thiserror::Error;

use crate::attributes::DiffAttribute;
use crate::graph::trees::TreeReader;
use crate::rename::sample::Sample;
use crate::rename::{FindingRenames, Origin, PathChange, Shortfall, Side, pair_renames};
use crate::tree::attributes::TreeAttributes;
use crate::tree::compare::{CompareError, TreeChange, TreeChangeKind, TreeChanges};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::verb::diff::contents::Held;
use crate::work::disk::{Kept, node_of};
use crate::work::follow::{Copy, FollowError};
use crate::work::reach::Reach;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown, Status, Unread};
use crate::workspace::{Workspace, base_tree};

pub use self::contents::Contents;

mod contents;

/// The paths that differ. Their contents are read one after the other, when they are asked for.
#[derive(Debug)]
pub struct Diff<'a> {
    store: &'a Store,
    after: After<'a>,
    /// What becomes of each path, in their order.
    pub changes: Vec<PathChange>,
    /// Whether all renames were looked for.
    pub shortfall: Shortfall,
    /// Known files that can not be read, and so not compared.
    pub unread: Vec<Unread>,
}

/// Where the later contents are, and the attributes that say how changes are shown.
#[derive(Debug)]
enum After<'a> {
    Stored(TreeAttributes),
    OnDisk(&'a Copy),
}

/// What becomes of files that are gone, and of those that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pairing {
    /// They are told as they are.
    Nothing,
    /// Those that are alike are told as renamed.
    Renames(FindingRenames),
}

/// Why it can not be said what differs.
#[derive(Debug, Error)]
pub enum DiffError {
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Two trees can not be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The files can not be looked at.
    #[error(transparent)]
    Files(#[from] FollowError),
    /// A changed file can not be read.
    #[error("{path} can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
}

impl<'a> Diff<'a> {
    /// From what is known to what is on disk. Unknown files are in neither.
    ///
    /// # Errors
    ///
    /// The repository or the files can not be read.
    pub fn of_files(workspace: &'a Workspace, filter: &PathFilter) -> Result<Self, DiffError> {
        let (store, copy) = (&**workspace.repository().store(), workspace.copy());
        let Edited { changes, unread } = Edited::of(workspace, filter)?;
        let changes = changes.into_iter().map(as_it_is).collect();
        Ok(Self { store, after: After::OnDisk(copy), changes, shortfall: Shortfall::None, unread })
    }

    /// From a seal to what is on disk. A file that is not known is not there, even if the seal has one of that name.
    ///
    /// # Errors
    ///
    /// The repository or the files can not be read.
    pub fn of_files_since(
        workspace: &'a Workspace,
        seal: SealId,
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        let (store, copy) = (&**workspace.repository().store(), workspace.copy());
        let (before, known) = (tree_of(store, seal)?, workspace.known()?);
        let mut changes = BTreeMap::new();
        for change in TreeChanges::new(store, some(before), some(known), filter) {
            let change = change?;
            changes.insert(change.path.clone(), change);
        }
        let Edited { changes: edited, unread } = Edited::of(workspace, filter)?;
        for edit in edited {
            // What is the same in both trees is no change between them, so the seal has it as it is known.
            let sealed = changes.remove(&edit.path).map_or(edit.before, |change| change.before);
            if sealed != edit.after {
                changes.insert(edit.path.clone(), TreeChange { before: sealed, ..edit });
            }
        }
        for Unread { path, .. } in &unread {
            changes.remove(path);
        }
        let sample = |side, path: &RepoPath, content| match side {
            Side::Before => Ok(Sample::of_stored(store, content)?),
            Side::After => {
                sampled(copy, path).map_err(|source| DiffError::Disk { path: path.clone(), source })
            }
        };
        let (changes, shortfall) = paired(changes.into_values().collect(), pairing, sample)?;
        Ok(Self { store, after: After::OnDisk(copy), changes, shortfall, unread })
    }

    /// From the base to what was gathered.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn of_gathered(
        workspace: &'a Workspace,
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        let store = workspace.repository().store();
        let base = base_tree(store, workspace.repository().desk())?;
        Self::between(store, base, workspace.known()?, filter, pairing)
    }

    /// From a seal to what was gathered.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn of_gathered_since(
        workspace: &'a Workspace,
        seal: SealId,
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        let store = workspace.repository().store();
        Self::between(store, tree_of(store, seal)?, workspace.known()?, filter, pairing)
    }

    /// From one seal to another.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn of_seals(
        store: &'a Store,
        [before, after]: [SealId; 2],
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        Self::between(store, tree_of(store, before)?, tree_of(store, after)?, filter, pairing)
    }

    /// What a seal changed, since the first of those it was made from.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn of_seal(
        store: &'a Store,
        seal: &Seal,
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        let first = seal.parents.first();
        let before = first.map_or_else(|| Ok(empty_tree()), |id| tree_of(store, *id))?;
        Self::between(store, before, seal.tree, filter, pairing)
    }

    /// From one tree to another.
    ///
    /// # Errors
    ///
    /// A tree or a file can not be read.
    pub fn between(
        store: &'a Store,
        before: TreeId,
        after: TreeId,
        filter: &PathFilter,
        pairing: Pairing,
    ) -> Result<Self, DiffError> {
        let changes = TreeChanges::new(store, some(before), some(after), filter);
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        let sample = |_, _: &RepoPath, content| Ok(Sample::of_stored(store, content)?);
        let (changes, shortfall) = paired(changes, pairing, sample)?;
        let after = After::Stored(TreeAttributes::new(after));
        Ok(Self { store, after, changes, shortfall, unread: Vec::new() })
    }

    /// The contents of one of the changes. Something in conflict has none.
    ///
    /// # Errors
    ///
    /// One of them can not be read.
    pub fn contents(&self, change: &PathChange) -> Result<Contents, DiffError> {
        let kind = TreeChangeKind::of(change.before.as_ref(), change.after.as_ref());
        if kind == TreeChangeKind::Conflict {
            let shown = DiffAttribute::Unsaid;
            return Ok(Contents { before: None, after: None, origin: change.origin, shown });
        }
        let in_file = |source| DiffError::Disk { path: change.path.clone(), source };
        let shown = match &self.after {
            After::Stored(attributes) => attributes.beside(self.store, &change.path)?,
            After::OnDisk(copy) => {
                Reach::new(copy.top()).attributes(&change.path).map_err(in_file)?
            }
        };
        let shown = shown.diff(change.path.as_str());
        let after = match (&self.after, &change.after) {
            // Of a thing that is no file of ours nothing is looked at on disk.
            (After::Stored(_), after) | (After::OnDisk(_), after @ Some(Node::Foreign(_))) => {
                Held::stored(self.store, &change.path, after.as_ref())?
            }
            (After::OnDisk(copy), after) => {
                Held::on_disk(self.store, copy, change, after.as_ref()).map_err(in_file)?
            }
        };
        let before = Held::stored(self.store, &change.from, change.before.as_ref())?;
        Ok(Contents { before, after, origin: change.origin, shown })
    }

    /// The file that has the later content of a change, if it is on disk and no link.
    #[must_use]
    pub fn file_on_disk(&self, change: &PathChange) -> Option<PathBuf> {
        match (&self.after, &change.after) {
            (After::OnDisk(copy), Some(Node::File(_) | Node::Executable(_))) => {
                Some(change.path.names().fold(copy.folder().to_owned(), |at, name| at.join(name)))
            }
            (After::OnDisk(_) | After::Stored(_), _) => None,
        }
    }
}

/// Whether something stands at this path in what is known, in the base, or in one of the seals.
///
/// # Errors
///
/// A seal or a tree can not be read.
pub fn is_anywhere(
    workspace: &Workspace,
    path: &RepoPath,
    seals: &[SealId],
) -> Result<bool, ReadError> {
    let store = workspace.repository().store();
    let base = base_tree(store, workspace.repository().desk())?;
    let mut tops = vec![workspace.known()?, base];
    for seal in seals {
        tops.push(tree_of(store, *seal)?);
    }
    let mut trees = TreeReader::new(store);
    for top in tops.into_iter().filter_map(some) {
        if trees.node(top, path)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Known files that are not on disk as they are known.
struct Edited {
    changes: Vec<TreeChange>,
    unread: Vec<Unread>,
}

impl Edited {
    fn of(workspace: &Workspace, filter: &PathFilter) -> Result<Self, DiffError> {
        let (store, copy) = (workspace.repository().store(), workspace.copy());
        let mut index = copy.index(store, workspace.known()?)?;
        let asked = Asked { unknown: AskedUnknown::Nothing, ignored: AskedIgnored::Nothing };
        let Status { changes: found, unread, .. } =
            copy.scan(&mut index, asked).map_err(FollowError::from)?;
        let mut reach = Reach::new(copy.top());
        let mut buffer = Vec::new();
        let mut changes = Vec::new();
        for path in found.into_iter().map(|change| change.path).filter(|path| filter.admits(path)) {
            // A directory with nothing in it has no content to compare.
            let Some(before) = index.node_at(&path) else { continue };
            let after = on_disk(&mut reach, &path, &before, &mut buffer);
            let after = after.map_err(|source| DiffError::Disk { path: path.clone(), source })?;
            changes.push(TreeChange { path, before: Some(before), after });
        }
        Ok(Self { changes, unread })
    }
}

/// The tree, unless nothing is in it: that one need not be in any store.
fn some(tree: TreeId) -> Option<TreeId> {
    Some(tree).filter(|tree| *tree != empty_tree())
}

/// The changes as they are asked for.
fn paired(
    changes: Vec<TreeChange>,
    pairing: Pairing,
    sample: impl FnMut(Side, &RepoPath, Content) -> Result<Option<Sample>, DiffError>,
) -> Result<(Vec<PathChange>, Shortfall), DiffError> {
    match pairing {
        Pairing::Nothing => Ok((changes.into_iter().map(as_it_is).collect(), Shortfall::None)),
        Pairing::Renames(finding) => {
            let paired = pair_renames(changes, &[], finding, sample)?;
            Ok((paired.changes, paired.shortfall))
        }
    }
}

/// The sample of a file that is on disk.
fn sampled(copy: &Copy, path: &RepoPath) -> io::Result<Option<Sample>> {
    let kept = Kept::at(&mut Reach::new(copy.top()), path, None, || Ok(false))?;
    Sample::of_reader(kept.ok_or(io::ErrorKind::NotFound)?.0)
}

fn as_it_is(change: TreeChange) -> PathChange {
    let TreeChange { path, before, after } = change;
    PathChange { from: path.clone(), path, before, after, origin: Origin::Same }
}

/// What recording a known path would make of it, if a tree can hold it.
fn on_disk(
    reach: &mut Reach,
    path: &RepoPath,
    known: &Node,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<Node>> {
    let Some(stat) = reach.look(path)? else { return Ok(None) };
    Ok(node_of(reach, path, &stat, Some(known), buffer)?.map(|(node, _)| node))
}

fn tree_of(store: &Store, seal: SealId) -> Result<TreeId, ReadError> {
    store.load::<Seal>(seal).map(|seal| seal.tree)
}
