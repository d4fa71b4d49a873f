//! What the disk shows of a conflict, and what is read back from it.

use selkie_store::{
    Batch, Conflict, ConflictId, Content as Stored, Hint, Node, ReadError, Store, Term, WriteError,
};

use crate::markers::{Labels, length, marked};
use crate::merge::file::Merging;
use crate::merge::part::MergeSide;
use crate::merge::rules::{MergeRules, Ruled, Settling};
use crate::tree::bytes::bytes_of;
use crate::tree::fuse::content::{Content, Part, Versions, content};

/// What the disk shows of a conflict. It follows from the conflict alone, so it is the same on every replica.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    /// A text in which the open parts stand between markers.
    Marked(Marked),
    /// One of the sides: what differs is no text, or no content.
    Side(Node),
    /// Nothing that a disk can show.
    Nothing,
}

/// A text with open parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Marked {
    /// The whole.
    pub(crate) bytes: Vec<u8>,
    /// How long its markers are.
    pub(crate) length: usize,
    /// The side whose leave to be run it has.
    pub(crate) like: Node,
}

/// What the disk shows of a conflict, short of the text itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Face {
    /// A text in which the open parts stand between markers of this length, with the leave to be run of this side.
    Marked {
        /// How long its markers are.
        length: usize,
        /// The side.
        like: Node,
    },
    /// One of the sides.
    Side(Node),
    /// Nothing.
    Nothing,
}

impl Marked {
    /// The file that it is. Its content is in no store.
    pub(crate) fn node(&self) -> Node {
        let identified = Stored::identify(&self.bytes[..], &mut Vec::new());
        let content = identified.expect("bytes in memory can be read");
        match self.like {
            Node::Executable(_) => Node::Executable(content),
            _ => Node::File(content),
        }
    }
}

/// Bases that are conflicts themselves, one in the other. Histories that cross so often are compared with
/// nothing.
const DEPTH_MAX: usize = 8;

/// What the disk shows of the conflict.
///
/// # Errors
///
/// A content can not be read.
pub(crate) fn shown(store: &Store, conflict: &Conflict) -> Result<Shown, ReadError> {
    shown_at(store, conflict, 0)
}

fn shown_at(store: &Store, conflict: &Conflict, depth: usize) -> Result<Shown, ReadError> {
    if let Some((parts, [ours, theirs])) = open_parts(store, conflict, depth)? {
        let length = length(&parts);
        let bytes = marked(&parts, labels(conflict, [ours, theirs]), length);
        if let Some(like) = like(conflict) {
            return Ok(Shown::Marked(Marked { bytes, length, like }));
        }
    }
    let sides = conflict.sides().iter().filter_map(|side| side.node.as_ref());
    let is_shown =
        |node: &&Node| matches!(node, Node::File(_) | Node::Executable(_) | Node::Symlink(_));
    Ok(sides.into_iter().find(is_shown).cloned().map_or(Shown::Nothing, Shown::Side))
}

/// The side whose leave to be run a text of the conflict has: the one that changed it, if one did.
pub(crate) fn like(conflict: &Conflict) -> Option<Node> {
    let [ours, theirs] = conflict.sides() else { return None };
    let is_new = |side: &&&Term| {
        let base = conflict.bases().first().and_then(|base| base.node.as_ref());
        !base.is_some_and(|base| has_mode_of(side.node.as_ref(), base))
    };
    [ours, theirs].iter().find(is_new).copied().unwrap_or(ours).node.clone()
}

/// These parts as a file that shows the conflict has them.
pub(crate) fn marked_parts(conflict: &Conflict, parts: &[Part], length: usize) -> Option<Vec<u8>> {
    let [ours, theirs] = conflict.sides() else { return None };
    Some(marked(parts, labels(conflict, [ours, theirs]), length))
}

fn labels<'c>(conflict: &'c Conflict, [ours, theirs]: [&'c Term; 2]) -> Labels<'c> {
    let base = conflict.bases().first().map_or("nothing", |base| base.note.as_str());
    Labels { base, ours: &ours.note, theirs: &theirs.note }
}

/// A conflict of the same kind whose texts are those that somebody left between the markers. What is settled there
/// is settled on both sides.
///
/// # Errors
///
/// A text can not be stored.
pub(crate) fn edited(
    batch: &Batch,
    conflict: &Conflict,
    parts: &[Part],
) -> Result<Option<Conflict>, WriteError> {
    let ([ours, theirs], bases) = (conflict.sides(), conflict.bases()) else { return Ok(None) };
    let put = |term: &Term, pick: fn(&Versions) -> &[u8]| {
        let parts = parts.iter().map(|part| match part {
            Part::Settled(text) => text.as_slice(),
            Part::Open(versions) => pick(versions),
        });
        let bytes = parts.collect::<Vec<_>>().concat();
        let hint = Hint { path: term.path.as_str(), base: None };
        let content = batch.put_content(&bytes[..], hint)?;
        let node = match term.node {
            Some(Node::Executable(_)) => Node::Executable(content),
            _ => Node::File(content),
        };
        Ok::<_, WriteError>(Term { node: Some(node), ..term.clone() })
    };
    let sides = vec![put(ours, |open| &open.ours)?, put(theirs, |open| &open.theirs)?];
    // Without a base both came from nothing, and what is settled came from nothing as well.
    let bases = bases.iter().map(|base| put(base, |open| &open.base));
    Ok(Conflict::new(bases.collect::<Result<Vec<_>, _>>()?, sides))
}

/// The parts of a conflict of two texts, and its sides.
type Open<'c> = (Vec<Part>, [&'c Term; 2]);

/// The open and the settled parts of a conflict, if it is one of two texts.
fn open_parts<'c>(
    store: &Store,
    conflict: &'c Conflict,
    depth: usize,
) -> Result<Option<Open<'c>>, ReadError> {
    let [ours, theirs] = conflict.sides() else { return Ok(None) };
    let sides = [ours, theirs];
    let text = |term: &Term| match &term.node {
        Some(node @ (Node::File(_) | Node::Executable(_))) => text_of(store, node),
        Some(Node::Conflict(id)) => text_of_conflict(store, *id, depth + 1),
        Some(Node::Symlink(_) | Node::Directory(_) | Node::Foreign(_)) | None => Ok(None),
    };
    let base = match conflict.bases() {
        [] => Some(Vec::new()),
        [base] => text(base)?,
        _ => None,
    };
    let Some(((base, ours_text), theirs_text)) = base.zip(text(ours)?).zip(text(theirs)?) else {
        return Ok(None);
    };
    let (path, first) = (ours.path.as_str(), MergeSide::Ours);
    let (base, ours_text, theirs_text) = (&base[..], &ours_text[..], &theirs_text[..]);
    // What a rule settles is no conflict. But where it wants a person to decide, steps may have known an answer.
    let manual = Ruled { settling: Settling::Manual, ..Ruled::default() };
    for rules in [MergeRules::default(), MergeRules::whole(manual)] {
        let (ours, theirs, rules) = (ours_text, theirs_text, &rules);
        let merging = Merging { path, base, ours, theirs, first, rules };
        if let Content::Open(parts) = content(&merging) {
            return Ok(Some((parts, sides)));
        }
    }
    Ok(None)
}

/// The text of a file, or of what the disk shows of a conflict. None for what is no text, or too long for one.
///
/// # Errors
///
/// It can not be read.
pub(crate) fn text_of(store: &Store, node: &Node) -> Result<Option<Vec<u8>>, ReadError> {
    match node {
        Node::File(content) | Node::Executable(content) => bytes_of(store, *content),
        Node::Conflict(id) => text_of_conflict(store, *id, 0),
        Node::Symlink(_) | Node::Directory(_) | Node::Foreign(_) => Ok(None),
    }
}

fn text_of_conflict(
    store: &Store,
    id: ConflictId,
    depth: usize,
) -> Result<Option<Vec<u8>>, ReadError> {
    if depth > DEPTH_MAX {
        return Ok(None);
    }
    let conflict: Conflict = store.load(id)?;
    match shown_at(store, &conflict, depth)? {
        Shown::Marked(marked) => Ok(Some(marked.bytes)),
        Shown::Side(_) | Shown::Nothing => Ok(None),
    }
}

const fn has_mode_of(node: Option<&Node>, other: &Node) -> bool {
    matches!(
        (node, other),
        (Some(Node::Executable(_)), Node::Executable(_)) | (Some(Node::File(_)), Node::File(_))
    )
}
