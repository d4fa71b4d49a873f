//! What became on disk of paths that are in conflict.

use std::io::{self, Read};

use selkie_store::{Conflict, ConflictId, Node, ReadError, RepoPath, Store};
use thiserror::Error;

use crate::conflict::{Face, Shown, like, shown};
use crate::markers::{self, read};
use crate::text::lines::Text;
use crate::tree::fuse::content::Part;
use crate::work::disk::{Kept, has_returns, node_of};
use crate::work::follow::Copy;
use crate::work::markings::Marking;
use crate::work::reach::Reach;

/// A path in conflict, and what somebody did about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unsettled {
    pub(crate) path: RepoPath,
    pub(crate) id: ConflictId,
    pub(crate) conflict: Conflict,
    /// What the disk shows of it if nobody touched it.
    pub(crate) face: Face,
    pub(crate) found: Found,
    /// What the file has, if it is a text as it is shown.
    text: Vec<u8>,
}

impl Unsettled {
    /// The parts of its text, as somebody left them; those of the conflict if no marker of theirs can be read. None if it shows
    /// no text.
    ///
    /// # Errors
    ///
    /// A content can not be read.
    pub(crate) fn parts(&self, store: &Store) -> Result<Option<Vec<Part>>, ReadError> {
        let Face::Marked { length, .. } = self.face else { return Ok(None) };
        let read = match self.found {
            Found::Marked(ref parts) => return Ok(Some(parts.clone())),
            Found::AsShown => read(&self.text, length),
            Found::Torn | Found::Unmarked | Found::Other | Found::Nothing => {
                read(&self.shown(store)?, length)
            }
        };
        Ok(match read {
            markers::Read::Open(parts) => Some(parts),
            markers::Read::Torn | markers::Read::Settled => None,
        })
    }

    /// The text that the disk shows of it if nobody touched it. It is merged again where nobody has it.
    ///
    /// # Errors
    ///
    /// A content can not be read.
    pub(crate) fn shown(&self, store: &Store) -> Result<Vec<u8>, ReadError> {
        if self.found == Found::AsShown {
            return Ok(self.text.clone());
        }
        Ok(match shown(store, &self.conflict)? {
            Shown::Marked(marked) => marked.bytes,
            Shown::Side(_) | Shown::Nothing => Vec::new(),
        })
    }

    /// The same where its conflict became another one of the same texts, which is shown like it.
    pub(crate) fn instead(&self, path: RepoPath, id: ConflictId, conflict: Conflict) -> Self {
        let mut same = Self { path, id, ..self.clone() };
        if let (Face::Marked { like: node, .. }, Some(like)) = (&mut same.face, like(&conflict)) {
            *node = like;
        }
        Self { conflict, ..same }
    }

    /// A file with the leave to be run that all sides have; as it is if they differ.
    pub(crate) fn with_mode(&self, node: Node) -> Node {
        let nodes = || self.conflict.sides().iter().map(|side| side.node.as_ref());
        match node {
            Node::File(content) if nodes().all(|it| matches!(it, Some(Node::Executable(_)))) => {
                Node::Executable(content)
            }
            Node::Executable(content) if nodes().all(|it| matches!(it, Some(Node::File(_)))) => {
                Node::File(content)
            }
            node => node,
        }
    }

    /// Whether it is shown as a text with open parts.
    pub(crate) const fn is_text(&self) -> bool {
        matches!(self.face, Face::Marked { .. })
    }
}

/// What the disk has where a conflict is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// What it shows of the conflict, markers and all if there are any.
    AsShown,
    /// A text with fewer markers, or other lines between them.
    Marked(Vec<Part>),
    /// A text with some marker that does not fit the others.
    Torn,
    /// A file in which no marker is left.
    Unmarked,
    /// Something else than what it shows, where it shows no markers.
    Other,
    /// Nothing.
    Nothing,
}

/// Why it can not be told.
#[derive(Debug, Error)]
pub enum UnsettledError {
    /// The path can not be looked at.
    #[error("{path} can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// The conflict can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Looks at these paths. What the working copy knows of how a file was marked, nobody merges for again.
pub(crate) fn unsettled(
    store: &Store,
    copy: &Copy,
    conflicts: Vec<(RepoPath, ConflictId)>,
) -> Result<Vec<Unsettled>, UnsettledError> {
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let markings = copy.markings();
    let mut reach = Reach::new(copy.top());
    let look = |(path, id)| {
        let conflict = store.load(id)?;
        let (face, marking) = face(store, id, &conflict, markings.of(id))?;
        let found = look(store, &mut reach, (&path, &face), marking.as_ref());
        let (found, text) =
            found.map_err(|source| UnsettledError::Disk { path: path.clone(), source })?;
        Ok(Unsettled { path, id, conflict, face, found, text })
    };
    conflicts.into_iter().map(look).collect()
}

/// What the disk shows of the conflict, and how that is marked if it is a text.
fn face(
    store: &Store,
    id: ConflictId,
    conflict: &Conflict,
    known: Option<&Marking>,
) -> Result<(Face, Option<Marking>), ReadError> {
    if let (Some(marking), Some(like)) = (known, like(conflict)) {
        return Ok((Face::Marked { length: marking.length(), like }, Some(*marking)));
    }
    Ok(match shown(store, conflict)? {
        Shown::Marked(marked) => {
            let marking = Marking::of(id, &marked);
            (Face::Marked { length: marked.length, like: marked.like }, Some(marking))
        }
        Shown::Side(node) => (Face::Side(node), None),
        Shown::Nothing => (Face::Nothing, None),
    })
}

/// What the disk has there, and its text if that is as it is shown.
fn look(
    store: &Store,
    reach: &mut Reach,
    (path, face): (&RepoPath, &Face),
    marking: Option<&Marking>,
) -> io::Result<(Found, Vec<u8>)> {
    let without = |found| Ok((found, Vec::new()));
    let Some(stat) = reach.look(path)? else { return without(nothing(face)) };
    match (face, marking) {
        (Face::Marked { length, .. }, Some(marking)) if stat.form.is_file() => {
            let had_returns = || {
                let conflict = Node::Conflict(marking.conflict());
                has_returns(store, Some(&conflict)).map_err(io::Error::other)
            };
            let kept = Kept::at(reach, path, None, had_returns)?;
            let Some((file, _)) = kept else { return without(nothing(face)) };
            let mut bytes = Vec::new();
            file.take(LEN_MAX).read_to_end(&mut bytes)?;
            if marking.is_of(&bytes) {
                return Ok((Found::AsShown, bytes));
            }
            without(match read(&bytes, *length) {
                markers::Read::Open(parts) => Found::Marked(parts),
                markers::Read::Torn => Found::Torn,
                markers::Read::Settled => Found::Unmarked,
            })
        }
        (Face::Side(node), _) => {
            let found = node_of(reach, path, &stat, Some(node), &mut Vec::new())?;
            let is_same = found.is_some_and(|(found, _): (Node, _)| found == *node);
            without(if is_same { Found::AsShown } else { Found::Other })
        }
        (Face::Marked { .. } | Face::Nothing, _) => without(Found::Other),
    }
}

const fn nothing(face: &Face) -> Found {
    match face {
        Face::Nothing => Found::AsShown,
        Face::Marked { .. } | Face::Side(_) => Found::Nothing,
    }
}

/// More bytes than a text has.
const LEN_MAX: u64 = Text::LEN_MAX as u64 + 1;
