//! What a file on disk would be in a tree.
//!
//! Lines that end with a carriage return on disk and without one in the store are changed here, in what is read from
//! the disk, and in [`apply`](super::write::apply), in what is written to it.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read, Seek, SeekFrom};

use selkie_store::{BlobId, Content, Kind, Node, ObjectId, Parts, ReadError, RepoPath, Store};

use crate::attributes::LineEnds;
use crate::conflict::{Shown, shown};
use crate::text::returns::{Census, WithoutReturns};
use crate::work::door::Door;
use crate::work::door::entry::{KEEPS_EXECUTABLE, KEEPS_SYMLINKS};
use crate::work::reach::Reach;
use crate::work::stat::{Form, Stat};

/// A file as the store has it.
#[derive(Debug)]
pub(crate) enum Kept {
    /// No byte is changed.
    AsItIs(Bytes),
    /// Its lines end with line feeds alone.
    Lines(WithoutReturns<BufReader<Bytes>>),
}

/// What was read already, and the rest.
type Bytes = Chain<Cursor<Vec<u8>>, File>;

/// As much of a file as is read before anything is known of it.
const FIRST_LEN: u64 = 64 << 10;

impl Kept {
    /// The file `name` in a directory, with the stat it had when it was opened. `had_returns` tells whether what the
    /// store has there ends its lines with returns: such a file goes on to do so where nobody but the look of it says
    /// that it is a text.
    fn open(
        door: &Door,
        name: &[u8],
        ends: LineEnds,
        had_returns: impl FnOnce() -> io::Result<bool>,
    ) -> io::Result<(Self, Stat)> {
        let (mut file, stat) = door.read(name)?;
        let mut first = Vec::new();
        let has_others = match ends {
            LineEnds::AsTheyAre => false,
            LineEnds::Text(_) => true,
            LineEnds::TextAlone(_) => {
                file.by_ref().take(FIRST_LEN).read_to_end(&mut first)?;
                let has_pairs = if (first.len() as u64) < FIRST_LEN {
                    first.contains(&b'\r') && Census::of_bytes(&first).has_pairs()
                } else {
                    let census = Census::of(BufReader::new(first.as_slice().chain(&mut file)))?;
                    file.seek(SeekFrom::Start(FIRST_LEN))?;
                    census.has_pairs()
                };
                has_pairs && !had_returns()?
            }
        };
        let bytes = Cursor::new(first).chain(file);
        let kept = if has_others {
            Self::Lines(WithoutReturns::new(BufReader::new(bytes)))
        } else {
            Self::AsItIs(bytes)
        };
        Ok((kept, stat))
    }

    /// The file at a path, if there is a way to it.
    pub(crate) fn at(
        reach: &mut Reach,
        path: &RepoPath,
        known: Option<&Node>,
        had_returns: impl FnOnce() -> io::Result<bool>,
    ) -> io::Result<Option<(Self, Stat)>> {
        let ends = line_ends(reach, path, known)?;
        let Some((door, name)) = reach.parent(path)? else { return Ok(None) };
        Self::open(door, name, ends, had_returns).map(Some)
    }

    /// Whether bytes of it may be changed.
    const fn has_other_lines(&self) -> bool {
        matches!(self, Self::Lines(_))
    }
}

impl Read for Kept {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::AsItIs(bytes) => bytes.read(out),
            Self::Lines(lines) => lines.read(out),
        }
    }
}

/// Whether lines of what stands there end with a carriage return, in the store.
pub(crate) fn has_returns(store: &Store, node: Option<&Node>) -> Result<bool, ReadError> {
    let content = match node {
        Some(Node::File(content) | Node::Executable(content)) => *content,
        Some(Node::Conflict(id)) => {
            return match shown(store, &store.load(*id)?)? {
                Shown::Marked(marked) => Ok(Census::of_bytes(&marked.bytes).has_pairs()),
                Shown::Side(node) => has_returns(store, Some(&node)),
                Shown::Nothing => Ok(false),
            };
        }
        Some(Node::Symlink(_) | Node::Directory(_) | Node::Foreign(_)) | None => return Ok(false),
    };
    Ok(census(store, content)?.has_pairs())
}

/// Counts what bytes a stored content is made of.
pub(crate) fn census(store: &Store, content: Content) -> Result<Census, ReadError> {
    let mut census = Census::default();
    Parts::new(store, content).try_for_each(|part| part.map(|part| census.add(&part)))?;
    Ok(census)
}

/// The node that recording the file at `path` would make, with the stat it had when it was read. Nothing for
/// what no tree holds. `known` tells what the system can not keep.
pub(crate) fn node_of(
    reach: &mut Reach,
    path: &RepoPath,
    stat: &Stat,
    known: Option<&Node>,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<(Node, Stat)>> {
    let ends =
        if stat.form.is_file() { line_ends(reach, path, known)? } else { LineEnds::AsTheyAre };
    let Some((door, name)) = reach.parent(path)? else { return Ok(None) };
    match stat.form {
        Form::File | Form::Executable => {
            let (file, stat) = Kept::open(door, name, ends, || Ok(false))?;
            let is_judged = matches!(ends, LineEnds::TextAlone(_)) && file.has_other_lines();
            let content = Content::identify(file, buffer)?;
            let mut node = file_node(content, stat.form, known);
            // What is known may have been recorded with its returns, and is then compared with them.
            if is_judged && Some(&node) != known {
                let with_returns = Content::identify(door.read(name)?.0, buffer)?;
                let with_returns = file_node(with_returns, stat.form, known);
                if Some(&with_returns) == known {
                    node = with_returns;
                }
            }
            Ok(Some((node, stat)))
        }
        Form::Symlink => {
            let target = door.target(name)?;
            let id = BlobId::from(ObjectId::of(Kind::Blob, &target));
            Ok(Some((Node::Symlink(id), *stat)))
        }
        Form::Directory | Form::Other => Ok(None),
    }
}

/// How lines end in the file at a path, where `known` was. One that stands for a link has none.
pub(crate) fn line_ends(
    reach: &mut Reach,
    path: &RepoPath,
    known: Option<&Node>,
) -> io::Result<LineEnds> {
    if !KEEPS_SYMLINKS && matches!(known, Some(Node::Symlink(_))) {
        return Ok(LineEnds::AsTheyAre);
    }
    reach.line_ends(path)
}

/// The node of a file with this content. What the system does not keep is as it was known.
pub(crate) const fn file_node(content: Content, form: Form, known: Option<&Node>) -> Node {
    match (known, content) {
        (Some(Node::Symlink(_)), Content::Whole(id)) if !KEEPS_SYMLINKS => Node::Symlink(id),
        (Some(Node::Executable(_)), _) if !KEEPS_EXECUTABLE => Node::Executable(content),
        _ if matches!(form, Form::Executable) => Node::Executable(content),
        _ => Node::File(content),
    }
}

/// Whether something of this form can have this node at all.
pub(crate) const fn may_be(form: Form, node: &Node) -> bool {
    match node {
        Node::File(_) | Node::Executable(_) => matches!(form, Form::File | Form::Executable),
        Node::Symlink(_) if KEEPS_SYMLINKS => matches!(form, Form::Symlink),
        Node::Symlink(_) => matches!(form, Form::Symlink | Form::File),
        Node::Directory(_) | Node::Foreign(_) => matches!(form, Form::Directory),
        Node::Conflict(_) => true,
    }
}
