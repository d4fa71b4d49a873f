//! The bytes of objects, version 1. Every other file speaks of values.
//!
//! Integers are little-endian and of fixed width, so a value has one spelling; texts are UTF-8. A blob
//! is its bytes and nothing else. The other kinds begin with the version:
//!
//! ```text
//! size  chunk list
//!    1  version 1
//!    1  level        0: the pieces are blobs, n: chunk lists of level n - 1; at most 20
//!    2  count        1 to 512
//!  40n  pieces       (id: 32, bytes of content: 8, at least 1)
//!
//! size  tree
//!    1  version 1
//!       entries to the end, at most 2^20, ascending by the bytes of the name, each
//!    1    mode       1 file  2 file in chunks  3 executable  4 executable in chunks
//!                    5 symbolic link  6 directory  7 conflict  8 foreign
//!    1    length of the name
//!         name
//!         modes 1 to 7: id: 32; mode 8: (foreign mode: 4, length at most 64: 1, bytes)
//!
//! size  seal
//!    1  version 1
//!   32  tree
//!    1  count of parents, then 32 each
//!   16  change id
//!    8  hybrid time
//!    2  minutes ahead of UTC, signed
//! 2+n   name of the author      2+n  contact of the author
//! 4+n   message
//!    2  count of replaced seals, then 32 each, ascending
//!    2  count of labels, then each, ascending by name: (name: 1+n, value: 4+n)
//!    1  0 unsigned, 1 signed: then key: 32, signature: 64
//!
//! size  conflict
//!    1  version 1
//!    1  count of bases
//!    1  count of sides: 2 to 64, more than bases
//!       bases, then sides, each
//! 2+n     path
//!    1    mode as in a tree and what belongs to it, or 0: nothing was there
//!    1    0 no seal, 1 a seal: then its id: 32
//! 2+n     note
//! ```

use std::collections::{BTreeMap, BTreeSet};

use selkie_crdt::Hlc;

use crate::cursor::{Cursor, index};
use crate::id::{BlobId, ChunksId, ConflictId, ObjectId, SealId, TreeId};
use crate::kind::Kind;
use crate::name::{Name, NameError};
use crate::object::chunks::{Chunk, ChunkList};
use crate::object::conflict::{Conflict, Term};
use crate::object::error::{DecodeError, Part, TooLarge};
use crate::object::key::{PublicKey, Signature};
use crate::object::node::{Content, Foreign, Node};
use crate::object::seal::{Author, ChangeId, Seal};
use crate::object::tree::Tree;
use crate::path::RepoPath;

#[cfg(test)]
mod tests;

const VERSION: u8 = 1;

const ABSENT: u8 = 0;
const FILE: u8 = 1;
const FILE_CHUNKED: u8 = 2;
const EXECUTABLE: u8 = 3;
const EXECUTABLE_CHUNKED: u8 = 4;
const SYMLINK: u8 = 5;
const DIRECTORY: u8 = 6;
const CONFLICT: u8 = 7;
const FOREIGN: u8 = 8;

const NO: u8 = 0;
const YES: u8 = 1;

/// A value that has exactly one spelling in bytes, and an id made from it.
pub trait Canonical: Sized {
    /// An id known to name such a value.
    type Id: Copy + From<ObjectId> + Into<ObjectId>;
    /// The kind of object that spells such a value.
    const KIND: Kind;

    /// The canonical bytes.
    ///
    /// # Errors
    ///
    /// A part is longer than its length field can say.
    fn encode(&self) -> Result<Vec<u8>, TooLarge>;

    /// The value that these bytes spell. Bytes that [`Canonical::encode`] would not write are
    /// refused, so decoding and encoding again gives the same bytes.
    ///
    /// # Errors
    ///
    /// The bytes are no canonical spelling of such a value.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;
}

impl Canonical for ChunkList {
    type Id = ChunksId;
    const KIND: Kind = Kind::Chunks;

    fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let mut out = vec![VERSION, self.level()];
        put_count_u16(&mut out, self.chunks().len(), Part::Chunks)?;
        for chunk in self.chunks() {
            out.extend(chunk.id.as_bytes());
            out.extend(chunk.length.to_le_bytes());
        }
        Ok(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = versioned(bytes)?;
        let level = cursor.u8()?;
        let count = cursor.u16()?;
        let chunks = (0..count)
            .map(|_| Ok(Chunk { id: id(&mut cursor)?, length: cursor.u64()? }))
            .collect::<Result<Vec<_>, DecodeError>>()?;
        end(cursor)?;
        Self::new(level, chunks).ok_or(DecodeError::Rule(Part::Chunks))
    }
}

impl Canonical for Tree {
    type Id = TreeId;
    const KIND: Kind = Kind::Tree;

    fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        if self.len() > Self::COUNT_MAX {
            return Err(TooLarge(Part::Name));
        }
        let mut out = vec![VERSION];
        for (name, node) in self.iter() {
            out.push(mode(node));
            put_short(&mut out, name.as_str().as_bytes(), Part::Name)?;
            put_node(&mut out, node)?;
        }
        Ok(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = versioned(bytes)?;
        let mut entries = Vec::new();
        while !cursor.is_empty() {
            if entries.len() == Self::COUNT_MAX {
                return Err(DecodeError::Rule(Part::Name));
            }
            let mode = cursor.u8()?;
            let length = cursor.u8()?;
            let name =
                std::str::from_utf8(cursor.bytes(length.into())?).or(Err(NameError::Text))?;
            entries.push((Name::new(name)?, node(mode, &mut cursor)?));
        }
        Self::from_ascending(entries).ok_or(DecodeError::Order(Part::Name))
    }
}

impl Canonical for Seal {
    type Id = SealId;
    const KIND: Kind = Kind::Seal;

    fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let mut out = encode_unsigned(self)?;
        match &self.signature {
            None => out.push(NO),
            Some((key, signature)) => {
                out.push(YES);
                out.extend(key.as_bytes());
                out.extend(signature.as_bytes());
            }
        }
        Ok(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = versioned(bytes)?;
        let seal = Self {
            tree: id(&mut cursor)?.into(),
            parents: (0..cursor.u8()?)
                .map(|_| Ok(id(&mut cursor)?.into()))
                .collect::<Result<_, DecodeError>>()?,
            change: ChangeId::from_bytes(cursor.array()?),
            time: Hlc::from_u64(cursor.u64()?),
            zone_minutes: cursor.i16()?,
            author: Author { name: text_u16(&mut cursor)?, contact: text_u16(&mut cursor)? },
            message: text_u32(&mut cursor)?,
            replaces: replaces(&mut cursor)?,
            labels: labels(&mut cursor)?,
            signature: signature(&mut cursor)?,
        };
        end(cursor)?;
        Ok(seal)
    }
}

impl Canonical for Conflict {
    type Id = ConflictId;
    const KIND: Kind = Kind::Conflict;

    fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let mut out = vec![VERSION];
        put_count_u8(&mut out, self.bases().len(), Part::Terms)?;
        put_count_u8(&mut out, self.sides().len(), Part::Terms)?;
        for term in self.bases().iter().chain(self.sides()) {
            put_term(&mut out, term)?;
        }
        Ok(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = versioned(bytes)?;
        let (bases, sides) = (cursor.u8()?, cursor.u8()?);
        let mut terms = |count| (0..count).map(|_| term(&mut cursor)).collect::<Result<_, _>>();
        let (bases, sides) = (terms(bases)?, terms(sides)?);
        end(cursor)?;
        Self::new(bases, sides).ok_or(DecodeError::Rule(Part::Terms))
    }
}

/// The seal up to its signature: what a signature speaks for.
pub(crate) fn encode_unsigned(seal: &Seal) -> Result<Vec<u8>, TooLarge> {
    let mut out = vec![VERSION];
    out.extend(seal.tree.object().as_bytes());
    put_count_u8(&mut out, seal.parents.len(), Part::Parents)?;
    seal.parents.iter().for_each(|parent| out.extend(parent.object().as_bytes()));
    out.extend(seal.change.as_bytes());
    out.extend(seal.time.to_u64().to_le_bytes());
    out.extend(seal.zone_minutes.to_le_bytes());
    put_text_u16(&mut out, &seal.author.name, Part::Author)?;
    put_text_u16(&mut out, &seal.author.contact, Part::Author)?;
    put_long(&mut out, seal.message.as_bytes(), Part::Message)?;
    put_count_u16(&mut out, seal.replaces.len(), Part::Replaces)?;
    seal.replaces.iter().for_each(|replaced| out.extend(replaced.object().as_bytes()));
    put_count_u16(&mut out, seal.labels.len(), Part::Labels)?;
    for (name, value) in &seal.labels {
        put_short(&mut out, name.as_bytes(), Part::Labels)?;
        put_long(&mut out, value, Part::Labels)?;
    }
    Ok(out)
}

/// The links of an object of this kind, once its bytes are found canonical.
///
/// # Errors
///
/// The bytes are no canonical spelling of such an object.
pub fn links(kind: Kind, bytes: &[u8]) -> Result<Vec<(Kind, ObjectId)>, DecodeError> {
    match kind {
        Kind::Blob => Ok(Vec::new()),
        Kind::Chunks => Ok(ChunkList::decode(bytes)?.links().collect()),
        Kind::Tree => Ok(Tree::decode(bytes)?.links().collect()),
        Kind::Seal => Ok(Seal::decode(bytes)?.links().collect()),
        Kind::Conflict => Ok(Conflict::decode(bytes)?.links().collect()),
    }
}

const fn mode(node: &Node) -> u8 {
    match node {
        Node::File(Content::Whole(_)) => FILE,
        Node::File(Content::Chunked(_)) => FILE_CHUNKED,
        Node::Executable(Content::Whole(_)) => EXECUTABLE,
        Node::Executable(Content::Chunked(_)) => EXECUTABLE_CHUNKED,
        Node::Symlink(_) => SYMLINK,
        Node::Directory(_) => DIRECTORY,
        Node::Conflict(_) => CONFLICT,
        Node::Foreign(_) => FOREIGN,
    }
}

fn put_node(out: &mut Vec<u8>, node: &Node) -> Result<(), TooLarge> {
    match node {
        Node::File(content) | Node::Executable(content) => out.extend(content.link().1.as_bytes()),
        Node::Symlink(id) => out.extend(id.object().as_bytes()),
        Node::Directory(id) => out.extend(id.object().as_bytes()),
        Node::Conflict(id) => out.extend(id.object().as_bytes()),
        Node::Foreign(foreign) => {
            if foreign.bytes.len() > Foreign::LEN_MAX {
                return Err(TooLarge(Part::Foreign));
            }
            out.extend(foreign.mode.to_le_bytes());
            put_short(out, &foreign.bytes, Part::Foreign)?;
        }
    }
    Ok(())
}

fn node(mode: u8, cursor: &mut Cursor) -> Result<Node, DecodeError> {
    Ok(match mode {
        FILE => Node::File(Content::Whole(id(cursor)?.into())),
        FILE_CHUNKED => Node::File(Content::Chunked(id(cursor)?.into())),
        EXECUTABLE => Node::Executable(Content::Whole(id(cursor)?.into())),
        EXECUTABLE_CHUNKED => Node::Executable(Content::Chunked(id(cursor)?.into())),
        SYMLINK => Node::Symlink(BlobId::from(id(cursor)?)),
        DIRECTORY => Node::Directory(id(cursor)?.into()),
        CONFLICT => Node::Conflict(id(cursor)?.into()),
        FOREIGN => {
            let mode = cursor.u32()?;
            let length = usize::from(cursor.u8()?);
            if length > Foreign::LEN_MAX {
                return Err(DecodeError::Rule(Part::Foreign));
            }
            Node::Foreign(Foreign { mode, bytes: cursor.bytes(length)?.into() })
        }
        unknown => return Err(DecodeError::Mode(unknown)),
    })
}

fn put_term(out: &mut Vec<u8>, term: &Term) -> Result<(), TooLarge> {
    put_text_u16(out, term.path.as_str(), Part::Path)?;
    match &term.node {
        None => out.push(ABSENT),
        Some(node) => {
            out.push(mode(node));
            put_node(out, node)?;
        }
    }
    match term.seal {
        None => out.push(NO),
        Some(seal) => {
            out.push(YES);
            out.extend(seal.object().as_bytes());
        }
    }
    put_text_u16(out, &term.note, Part::Note)
}

fn term(cursor: &mut Cursor) -> Result<Term, DecodeError> {
    Ok(Term {
        path: RepoPath::new(&text_u16(cursor)?)?,
        node: match cursor.u8()? {
            ABSENT => None,
            mode => Some(node(mode, cursor)?),
        },
        seal: if flag(cursor)? { Some(id(cursor)?.into()) } else { None },
        note: text_u16(cursor)?,
    })
}

fn replaces(cursor: &mut Cursor) -> Result<BTreeSet<SealId>, DecodeError> {
    let mut replaces = BTreeSet::new();
    for _ in 0..cursor.u16()? {
        let seal = SealId::from(id(cursor)?);
        if replaces.last().is_some_and(|last| *last >= seal) {
            return Err(DecodeError::Order(Part::Replaces));
        }
        replaces.insert(seal);
    }
    Ok(replaces)
}

fn labels(cursor: &mut Cursor) -> Result<BTreeMap<String, Vec<u8>>, DecodeError> {
    let mut labels = BTreeMap::<String, Vec<u8>>::new();
    for _ in 0..cursor.u16()? {
        let length = cursor.u8()?;
        let name = text(cursor, length.into())?;
        if labels.last_key_value().is_some_and(|(last, _)| *last >= name) {
            return Err(DecodeError::Order(Part::Labels));
        }
        let length = index(cursor.u32()?);
        labels.insert(name, cursor.bytes(length)?.to_vec());
    }
    Ok(labels)
}

fn signature(cursor: &mut Cursor) -> Result<Option<(PublicKey, Signature)>, DecodeError> {
    if !flag(cursor)? {
        return Ok(None);
    }
    let key = PublicKey::from_bytes(cursor.array()?);
    Ok(Some((key, Signature::from_bytes(cursor.array()?))))
}

fn versioned(bytes: &[u8]) -> Result<Cursor<'_>, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    match cursor.u8()? {
        VERSION => Ok(cursor),
        unknown => Err(DecodeError::Version(unknown)),
    }
}

fn end(cursor: Cursor) -> Result<(), DecodeError> {
    if cursor.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
}

fn id(cursor: &mut Cursor) -> Result<ObjectId, DecodeError> {
    Ok(ObjectId::from_bytes(cursor.array()?))
}

fn flag(cursor: &mut Cursor) -> Result<bool, DecodeError> {
    match cursor.u8()? {
        NO => Ok(false),
        YES => Ok(true),
        neither => Err(DecodeError::Flag(neither)),
    }
}

fn text(cursor: &mut Cursor, length: usize) -> Result<String, DecodeError> {
    let text = std::str::from_utf8(cursor.bytes(length)?).or(Err(DecodeError::Text))?;
    Ok(text.to_owned())
}

fn text_u16(cursor: &mut Cursor) -> Result<String, DecodeError> {
    let length = cursor.u16()?;
    text(cursor, length.into())
}

fn text_u32(cursor: &mut Cursor) -> Result<String, DecodeError> {
    let length = cursor.u32()?;
    text(cursor, index(length))
}

fn put_short(out: &mut Vec<u8>, bytes: &[u8], part: Part) -> Result<(), TooLarge> {
    put_count_u8(out, bytes.len(), part)?;
    out.extend(bytes);
    Ok(())
}

fn put_text_u16(out: &mut Vec<u8>, text: &str, part: Part) -> Result<(), TooLarge> {
    put_count_u16(out, text.len(), part)?;
    out.extend(text.as_bytes());
    Ok(())
}

fn put_long(out: &mut Vec<u8>, bytes: &[u8], part: Part) -> Result<(), TooLarge> {
    let length = u32::try_from(bytes.len()).or(Err(TooLarge(part)))?;
    out.extend(length.to_le_bytes());
    out.extend(bytes);
    Ok(())
}

fn put_count_u8(out: &mut Vec<u8>, count: usize, part: Part) -> Result<(), TooLarge> {
    out.push(u8::try_from(count).or(Err(TooLarge(part)))?);
    Ok(())
}

fn put_count_u16(out: &mut Vec<u8>, count: usize, part: Part) -> Result<(), TooLarge> {
    out.extend(u16::try_from(count).or(Err(TooLarge(part)))?.to_le_bytes());
    Ok(())
}
