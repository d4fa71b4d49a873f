//! What differs between two states of the files, file by file.

use std::io::{self, Read};
use std::path::PathBuf;

use selkie_store::{Content, Foreign, Node, ReadError, RepoPath, Seal, SealId, Store, TreeId};
use thiserror::Error;

use crate::patch::{FileMode, FilePatch, FileVersion, PatchBody, PatchSide};
use crate::rename::sample::Sample;
use crate::rename::{FindingRenames, Origin, PathChange, Shortfall, pair_renames};
use crate::text::compare::Comparing;
use crate::text::lines::Text;
use crate::tree::bytes::bytes_of;
use crate::tree::compare::{CompareError, TreeChange, TreeChangeKind, TreeChanges};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::work::disk::node_of;
use crate::work::door::entry::KEEPS_SYMLINKS;
use crate::work::follow::{Copy, FollowError};
use crate::work::reach::Reach;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown, Status, Unread};
use crate::workspace::{Workspace, base_tree};

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

/// Where the later contents are.
#[derive(Clone, Copy, Debug)]
enum After<'a> {
    Stored,
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

/// The contents of one path on both sides.
#[derive(Debug)]
pub struct Contents {
    before: Option<Held>,
    after: Option<Held>,
    origin: Origin,
}

#[derive(Debug)]
struct Held {
    path: RepoPath,
    mode: FileMode,
    bytes: Option<Vec<u8>>, // none if they are too many to be compared line by line
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
            changes.push(as_it_is(TreeChange { path, before: Some(before), after }));
        }
        let after = After::OnDisk(copy);
        Ok(Self { store, after, changes, shortfall: Shortfall::None, unread })
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
        // The tree with nothing in it need not be in any store.
        let tree = |id| Some(id).filter(|id| *id != empty_tree());
        let changes = TreeChanges::new(store, tree(before), tree(after), filter);
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        let (changes, shortfall) = match pairing {
            Pairing::Nothing => (changes.into_iter().map(as_it_is).collect(), Shortfall::None),
            Pairing::Renames(finding) => {
                let sample = |_, _: &RepoPath, content| Sample::of_stored(store, content);
                let paired = pair_renames(changes, &[], finding, sample)?;
                (paired.changes, paired.shortfall)
            }
        };
        Ok(Self { store, after: After::Stored, changes, shortfall, unread: Vec::new() })
    }

    /// The contents of one of the changes. Something in conflict has none.
    ///
    /// # Errors
    ///
    /// One of them can not be read.
    pub fn contents(&self, change: &PathChange) -> Result<Contents, DiffError> {
        let kind = TreeChangeKind::of(change.before.as_ref(), change.after.as_ref());
        if kind == TreeChangeKind::Conflict {
            return Ok(Contents { before: None, after: None, origin: change.origin });
        }
        let after = match self.after {
            After::Stored => self.stored(&change.path, change.after.as_ref())?,
            After::OnDisk(copy) => held_on_disk(copy, &change.path, change.after.as_ref())
                .map_err(|source| DiffError::Disk { path: change.path.clone(), source })?,
        };
        let before = self.stored(&change.from, change.before.as_ref())?;
        Ok(Contents { before, after, origin: change.origin })
    }

    /// The file that has the later content of a change, if it is on disk and no link.
    #[must_use]
    pub fn file_on_disk(&self, change: &PathChange) -> Option<PathBuf> {
        match (self.after, &change.after) {
            (After::OnDisk(copy), Some(Node::File(_) | Node::Executable(_))) => {
                Some(change.path.names().fold(copy.folder().to_owned(), |at, name| at.join(name)))
            }
            (After::OnDisk(_) | After::Stored, _) => None,
        }
    }

    fn stored(&self, path: &RepoPath, node: Option<&Node>) -> Result<Option<Held>, ReadError> {
        let Some((node, mode)) = node.and_then(|node| Some((node, FileMode::of(node)?))) else {
            return Ok(None);
        };
        let bytes = match node {
            Node::File(content) | Node::Executable(content) => bytes_of(self.store, *content)?,
            Node::Symlink(target) => bytes_of(self.store, Content::Whole(*target))?,
            Node::Foreign(thing) => Some(foreign(thing)),
            Node::Directory(_) | Node::Conflict(_) => return Ok(None),
        };
        Ok(Some(Held { path: path.clone(), mode, bytes }))
    }
}

impl Contents {
    /// What the file is before and after, if all of it can be compared line by line.
    #[must_use]
    pub fn versions(&self) -> Option<[Option<FileVersion<'_>>; 2]> {
        let sides = [&self.before, &self.after];
        let is_text = |held: &Held| held.bytes.is_some();
        let all = sides.iter().all(|side| side.as_ref().is_none_or(is_text));
        all.then(|| sides.map(|side| side.as_ref().and_then(Held::version)))
    }

    /// What makes the one into the other, with so many lines around each change. A file that became a link is
    /// two patches.
    #[must_use]
    pub fn patches(&self, how: Comparing, context: usize) -> Vec<FilePatch<'_>> {
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        if [before, after].into_iter().flatten().all(|held| held.bytes.is_some()) {
            let (before, after) = (before.and_then(Held::version), after.and_then(Held::version));
            return FilePatch::between(before, after, self.origin, how, context);
        }
        let whole = |before: Option<&Held>, after: Option<&Held>, origin| FilePatch {
            before: before.map(Held::side),
            after: after.map(Held::side),
            origin,
            body: PatchBody::Binary,
        };
        match (before, after) {
            (Some(one), Some(other)) if !one.mode.is_same_type(other.mode) => {
                vec![whole(before, None, Origin::Same), whole(None, after, Origin::Same)]
            }
            _ => vec![whole(before, after, self.origin)],
        }
    }
}

impl Held {
    fn version(&self) -> Option<FileVersion<'_>> {
        let bytes = self.bytes.as_deref()?;
        Some(FileVersion { path: self.path.clone(), mode: self.mode, bytes })
    }

    fn side(&self) -> PatchSide {
        PatchSide { path: self.path.clone(), mode: Some(self.mode) }
    }
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
    let Some((door, name)) = reach.parent(path)? else { return Ok(None) };
    let Some(stat) = door.look(name)? else { return Ok(None) };
    Ok(node_of(door, name, &stat, Some(known), buffer)?.map(|(node, _)| node))
}

/// The bytes that are on disk now where `node` was seen.
fn held_on_disk(copy: &Copy, path: &RepoPath, node: Option<&Node>) -> io::Result<Option<Held>> {
    let Some((node, mode)) = node.and_then(|node| Some((node, FileMode::of(node)?))) else {
        return Ok(None);
    };
    let mut reach = Reach::new(copy.top());
    let (door, name) = reach.parent(path)?.ok_or(io::ErrorKind::NotFound)?;
    let mut bytes = Vec::new();
    match node {
        // Where no link can be, a file with the target stands for one.
        Node::Symlink(_) if KEEPS_SYMLINKS => bytes = door.target(name)?,
        _ => {
            let (file, _) = door.read(name)?;
            file.take(LEN_MAX + 1).read_to_end(&mut bytes)?;
        }
    }
    Ok(Some(Held { path: path.clone(), mode, bytes: within(bytes) }))
}

/// What git shows of something that is no file of ours.
fn foreign(foreign: &Foreign) -> Vec<u8> {
    let hash = foreign.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("Subproject commit {hash}\n").into_bytes()
}

fn tree_of(store: &Store, seal: SealId) -> Result<TreeId, ReadError> {
    store.load::<Seal>(seal).map(|seal| seal.tree)
}

/// More bytes than this are compared as a whole.
const LEN_MAX: u64 = Text::LEN_MAX as u64;

fn within(bytes: Vec<u8>) -> Option<Vec<u8>> {
    Some(bytes).filter(|bytes| bytes.len() <= Text::LEN_MAX)
}
