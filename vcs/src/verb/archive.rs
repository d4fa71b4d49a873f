//! The files of a seal, packed into one for people who have no repository.
//!
//! The same seal gives the same bytes, wherever and whenever it is packed: files come in the order of their paths, were
//! changed when the seal was made, and belong to nobody.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use selkie_store::{BlobId, Content, Node, Parts, ReadError, RepoPath, Seal, Store};
use tar::{Builder, EntryType, Header};
use thiserror::Error;

use crate::few::few;
use crate::tree::compare::{CompareError, TreeChanges};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::verb::archive::zip::Zip;

mod zip;

/// How files are packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packing {
    /// As tar.
    Tar,
    /// The same, made small as gzip does.
    TarGz,
    /// As zip, each file made small.
    Zip,
}

/// What is packed.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The seal.
    pub seal: &'a Seal,
    /// Which of its files.
    pub filter: &'a PathFilter,
    /// The folder that they are in when they are unpacked.
    pub folder: &'a RepoPath,
    /// How.
    pub packing: Packing,
}

/// What came of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Packed {
    /// How many files and links.
    pub files: usize,
    /// Things of other systems: a folder with nothing in it stands for each.
    pub foreign: Vec<RepoPath>,
}

/// Why there is no archive, or only the beginning of one.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Of files in conflict nobody can say what they are.
    #[error("in conflict in that seal: {}", few(.0.iter()))]
    Conflicts(Vec<RepoPath>),
    /// No file is there.
    #[error("there is nothing to pack there")]
    Nothing,
    /// The files can not be told.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A file can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The archive can not be written.
    #[error("the archive can not be written")]
    Write(#[from] io::Error),
}

/// Packs the files of a seal.
///
/// # Errors
///
/// See [`ArchiveError`].
pub fn pack(store: &Store, wanted: &Wanted, out: impl Write) -> Result<Packed, ArchiveError> {
    let tree = Some(wanted.seal.tree).filter(|tree| *tree != empty_tree());
    let mut files = Vec::new();
    for change in TreeChanges::new(store, None, tree, wanted.filter) {
        let change = change?;
        files.extend(change.after.map(|node| (change.path, node)));
    }
    let is_open = |(path, node): &(RepoPath, Node)| match node {
        Node::Conflict(_) => Some(path.clone()),
        _ => None,
    };
    let open: Vec<RepoPath> = files.iter().filter_map(is_open).collect();
    if !open.is_empty() {
        return Err(ArchiveError::Conflicts(open));
    }
    if files.is_empty() {
        return Err(ArchiveError::Nothing);
    }
    match wanted.packing {
        Packing::Tar => {
            let (packed, mut out) = put_all(store, wanted, &files, out)?;
            out.flush()?;
            Ok(packed)
        }
        Packing::TarGz => {
            // The head of it has no time and no system, so it tells nothing of who packed.
            let out = GzEncoder::new(out, Compression::default());
            let (packed, out) = put_all(store, wanted, &files, out)?;
            out.finish()?.flush()?;
            Ok(packed)
        }
        Packing::Zip => {
            let (packed, mut out) = zip_all(store, wanted, &files, out)?;
            out.flush()?;
            Ok(packed)
        }
    }
}

fn put_all<W: Write>(
    store: &Store,
    wanted: &Wanted,
    files: &[(RepoPath, Node)],
    out: W,
) -> Result<(Packed, W), ArchiveError> {
    let mut tar = Builder::new(out);
    let mut packed = Packed::default();
    for (path, node) in files {
        let place = wanted.folder.names().chain(path.names()).collect::<PathBuf>();
        let mut put = |mode, content: &Content| -> Result<(), ArchiveError> {
            let mut header = header(wanted.seal, EntryType::Regular, mode);
            let mut bytes = Bytes::of(store, *content);
            header.set_size(bytes.len()?);
            Ok(tar.append_data(&mut header, &place, &mut bytes)?)
        };
        match node {
            Node::File(content) => put(0o644, content)?,
            Node::Executable(content) => put(0o755, content)?,
            Node::Symlink(target) => {
                let mut header = header(wanted.seal, EntryType::Symlink, 0o777);
                header.set_size(0);
                tar.append_link(&mut header, &place, target_of(store, *target)?)?;
            }
            Node::Directory(_) | Node::Foreign(_) => {
                let mut header = header(wanted.seal, EntryType::Directory, 0o755);
                header.set_size(0);
                tar.append_data(&mut header, place.join(""), io::empty())?;
            }
            Node::Conflict(_) => return Err(ArchiveError::Conflicts(vec![path.clone()])),
        }
        packed.count(path, node);
    }
    Ok((packed, tar.into_inner()?))
}

fn zip_all<W: Write>(
    store: &Store,
    wanted: &Wanted,
    files: &[(RepoPath, Node)],
    out: W,
) -> Result<(Packed, W), ArchiveError> {
    let mut zip = Zip::new(out, wanted.seal.time.ms());
    let mut packed = Packed::default();
    for (path, node) in files {
        let place = wanted.folder.names().chain(path.names()).collect::<Vec<_>>().join("/");
        let mut put = |mode, content: &Content| -> Result<(), ArchiveError> {
            let mut bytes = Bytes::of(store, *content);
            Ok(zip.file(place.clone(), mode, bytes.len()?, bytes)?)
        };
        match node {
            Node::File(content) => put(0o100_644, content)?,
            Node::Executable(content) => put(0o100_755, content)?,
            Node::Symlink(target) => zip.short(place, 0o120_777, &bytes_of(store, *target)?)?,
            Node::Directory(_) | Node::Foreign(_) => {
                zip.short(place + "/", 0o040_755, &[])?;
            }
            Node::Conflict(_) => return Err(ArchiveError::Conflicts(vec![path.clone()])),
        }
        packed.count(path, node);
    }
    Ok((packed, zip.end()?))
}

impl Packed {
    fn count(&mut self, path: &RepoPath, node: &Node) {
        match node {
            Node::Foreign(_) => self.foreign.push(path.clone()),
            Node::Directory(_) => {}
            _ => self.files += 1,
        }
    }
}

fn header(seal: &Seal, kind: EntryType, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seal.time.ms() / 1000);
    header
}

fn bytes_of(store: &Store, blob: BlobId) -> Result<Vec<u8>, ReadError> {
    let parts: Result<Vec<_>, _> = Parts::new(store, Content::Whole(blob)).collect();
    Ok(parts?.concat())
}

fn target_of(store: &Store, target: BlobId) -> Result<PathBuf, ArchiveError> {
    let bytes = bytes_of(store, target)?;
    #[cfg(unix)]
    let target = PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&bytes));
    #[cfg(not(unix))]
    let target = PathBuf::from(OsStr::new(&*String::from_utf8_lossy(&bytes)));
    Ok(target)
}

/// The bytes of a content as they are wanted, a part of them in memory.
struct Bytes<'a> {
    store: &'a Store,
    content: Content,
    parts: Parts<'a>,
    part: io::Cursor<Vec<u8>>,
}

impl<'a> Bytes<'a> {
    fn of(store: &'a Store, content: Content) -> Self {
        let part = io::Cursor::new(Vec::new());
        Self { store, content, parts: Parts::new(store, content), part }
    }

    /// How many there are. An archive says so before it has them.
    fn len(&mut self) -> Result<u64, ReadError> {
        if let Content::Whole(_) = self.content {
            self.part = io::Cursor::new(self.parts.next().transpose()?.unwrap_or_default());
            return Ok(self.part.get_ref().len() as u64);
        }
        let parts = Parts::new(self.store, self.content);
        parts.map(|part| part.map(|part| part.len() as u64)).sum()
    }
}

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.parts.next() {
                None => return Ok(0),
                Some(part) => self.part = io::Cursor::new(part.map_err(io::Error::other)?),
            }
        }
    }
}
