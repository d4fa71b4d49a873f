//! What a file is on both sides of a difference.

use std::io::{self, Read};

use selkie_store::{Content, Foreign, Node, ReadError, RepoPath, Store};

use crate::attributes::DiffAttribute;
use crate::patch::{FileMode, FilePatch, FileVersion, PatchBody, PatchSide};
use crate::rename::{Origin, PathChange};
use crate::text::compare::{Comparing, OddBytes};
use crate::text::lines::Text;
use crate::tree::bytes::bytes_of;
use crate::work::disk::{Kept, has_returns};
use crate::work::door::entry::KEEPS_SYMLINKS;
use crate::work::follow::Copy;
use crate::work::reach::Reach;

/// The contents of one path on both sides.
#[derive(Debug)]
pub struct Contents {
    pub(super) before: Option<Held>,
    pub(super) after: Option<Held>,
    pub(super) origin: Origin,
    pub(super) shown: DiffAttribute,
}

/// A content, and where it stands.
#[derive(Debug)]
pub(super) struct Held {
    path: RepoPath,
    mode: FileMode,
    bytes: Option<Vec<u8>>, // none if they are too many to be compared line by line
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
        let is_asked = how.odd == OddBytes::Lines;
        let is_text =
            |held: &Held| held.bytes.is_some() && (is_asked || !self.is_shown_whole(held));
        if [before, after].into_iter().flatten().all(is_text) {
            let odd = if self.shown == DiffAttribute::Text { OddBytes::Lines } else { how.odd };
            let how = Comparing { odd, ..how };
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

impl Contents {
    /// Whether an attribute says that lines of it are not shown. A link is no file of any kind.
    fn is_shown_whole(&self, held: &Held) -> bool {
        self.shown == DiffAttribute::Binary && held.mode != FileMode::Symlink
    }
}

impl Held {
    /// What the store has of something that stands at `path`, if it has bytes.
    pub(super) fn stored(
        store: &Store,
        path: &RepoPath,
        node: Option<&Node>,
    ) -> Result<Option<Self>, ReadError> {
        let Some((node, mode)) = node.and_then(|node| Some((node, FileMode::of(node)?))) else {
            return Ok(None);
        };
        let bytes = match node {
            Node::File(content) | Node::Executable(content) => bytes_of(store, *content)?,
            Node::Symlink(target) => bytes_of(store, Content::Whole(*target))?,
            Node::Foreign(thing) => Some(foreign(thing)),
            Node::Directory(_) | Node::Conflict(_) => return Ok(None),
        };
        Ok(Some(Self { path: path.clone(), mode, bytes }))
    }

    /// The bytes that are on disk now where `node` was seen.
    pub(super) fn on_disk(
        store: &Store,
        copy: &Copy,
        change: &PathChange,
        node: Option<&Node>,
    ) -> io::Result<Option<Self>> {
        let Some((node, mode)) = node.and_then(|node| Some((node, FileMode::of(node)?))) else {
            return Ok(None);
        };
        let path = &change.path;
        let mut reach = Reach::new(copy.top());
        let mut bytes = Vec::new();
        match node {
            // Where no link can be, a file with the target stands for one.
            Node::Symlink(_) if KEEPS_SYMLINKS => {
                let (door, name) = reach.parent(path)?.ok_or(io::ErrorKind::NotFound)?;
                bytes = door.target(name)?;
            }
            _ => {
                let had_returns =
                    || has_returns(store, change.before.as_ref()).map_err(io::Error::other);
                let kept = Kept::at(&mut reach, path, Some(node), had_returns)?;
                let (file, _) = kept.ok_or(io::ErrorKind::NotFound)?;
                file.take(LEN_MAX + 1).read_to_end(&mut bytes)?;
            }
        }
        Ok(Some(Self { path: path.clone(), mode, bytes: within(bytes) }))
    }

    fn version(&self) -> Option<FileVersion<'_>> {
        let bytes = self.bytes.as_deref()?;
        Some(FileVersion { path: self.path.clone(), mode: self.mode, bytes })
    }

    fn side(&self) -> PatchSide {
        PatchSide { path: self.path.clone(), mode: Some(self.mode) }
    }
}

/// What git shows of something that is no file of ours.
fn foreign(foreign: &Foreign) -> Vec<u8> {
    let hash = foreign.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("Subproject commit {hash}\n").into_bytes()
}

/// More bytes than this are compared as a whole.
const LEN_MAX: u64 = Text::LEN_MAX as u64;

fn within(bytes: Vec<u8>) -> Option<Vec<u8>> {
    Some(bytes).filter(|bytes| bytes.len() <= Text::LEN_MAX)
}
