//! What a file on disk would be in a tree.
//!
//! Lines that end with a carriage return on disk and without one in the store are changed here, in what is read from
//! the disk, and in [`apply`](super::write::apply), in what is written to it.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};

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
    AsItIs(File),
    /// The same, and it was short enough to be read already.
    Read(Cursor<Vec<u8>>),
    /// Its lines end with line feeds alone.
    Lines(WithoutReturns<BufReader<File>>),
    ReadLines(WithoutReturns<Cursor<Vec<u8>>>),
}

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
        let kept = match ends {
            LineEnds::AsTheyAre => Self::AsItIs(file),
            LineEnds::Text(_) => Self::Lines(WithoutReturns::new(BufReader::new(file))),
            LineEnds::TextAlone(_) => {
                let mut first = Vec::new();
                file.by_ref().take(FIRST_LEN).read_to_end(&mut first)?;
                if (first.len() as u64) < FIRST_LEN {
                    let ends = first.contains(&b'\r')
                        && Census::of(&first[..])?.has_pairs()
                        && !had_returns()?;
                    let read = Cursor::new(first);
                    if ends { Self::ReadLines(WithoutReturns::new(read)) } else { Self::Read(read) }
                } else {
                    file.rewind()?;
                    let ends =
                        Census::of(BufReader::new(&mut file))?.has_pairs() && !had_returns()?;
                    file.rewind()?;
                    if ends {
                        Self::Lines(WithoutReturns::new(BufReader::new(file)))
                    } else {
                        Self::AsItIs(file)
                    }
                }
            }
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
        matches!(self, Self::Lines(_) | Self::ReadLines(_))
    }
}

impl Read for Kept {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::AsItIs(file) => file.read(out),
            Self::Read(read) => read.read(out),
            Self::Lines(lines) => lines.read(out),
            Self::ReadLines(lines) => lines.read(out),
        }
    }
}

/// Whether lines of what stands there end with a carriage return, in the store.
pub(crate) fn has_returns(store: &Store, node: Option<&Node>) -> Result<bool, ReadError> {
    let content = match node {
        Some(Node::File(content) | Node::Executable(content)) => *content,
        Some(Node::Conflict(id)) => {
            return match shown(store, &store.load(*id)?)? {
                Shown::Marked(marked) => Ok(has_pairs(&marked.bytes)),
                Shown::Side(node) => has_returns(store, Some(&node)),
                Shown::Nothing => Ok(false),
            };
        }
        Some(Node::Symlink(_) | Node::Directory(_) | Node::Foreign(_)) | None => return Ok(false),
    };
    let mut census = Census::default();
    for part in Parts::new(store, content) {
        census.add(&part?);
    }
    Ok(census.has_pairs())
}

/// Whether lines of a text end with a carriage return.
pub(crate) fn has_pairs(bytes: &[u8]) -> bool {
    let mut census = Census::default();
    census.add(bytes);
    census.has_pairs()
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
