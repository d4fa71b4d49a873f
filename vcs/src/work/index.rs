//! What was last seen of every known path: a cache that may be deleted at any time.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use selkie_store::{ConflictId, Content, Foreign, Name, Node, ObjectId, RepoPath, TreeId};

use self::format::{Columns, ID_LEN, array_at, i64_at, index, short, u32_at, u64_at};
use self::memory::Memory;
use self::row::{Row, Sight, form_from_number, form_number};
use crate::work::stat::Stat;

pub(crate) mod against;
mod builder;
mod format;
pub(crate) mod list;
pub(crate) mod memory;
pub(crate) mod rebase;
pub(crate) mod row;
#[cfg(test)]
mod tests;

/// The known tree, spread out with all its nodes, and beside each what was last seen on disk.
///
/// The known tree is the gathered one if something is gathered, else the base. The index holds exactly
/// its paths, so a status that finds nothing changed reads no tree.
#[derive(Clone, Debug)]
pub struct Index {
    bytes: Vec<u8>, // header and columns, and after them what the file held; see `format`
    columns: Columns,
    memories: BTreeMap<u32, Memory>,
}

/// How an index stands on disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cache {
    /// It is there, and sound.
    Sound,
    /// It is not there: it is made when it is needed.
    Absent,
    /// It can not be understood, and is made anew when it is needed.
    Damaged,
}

impl Cache {
    /// How the one at this path stands.
    ///
    /// # Errors
    ///
    /// There is a file and it can not be read.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let found = Index::read(path)?;
        let is_there = fs::exists(path)?;
        Ok(match found {
            Some(_) => Self::Sound,
            None if is_there => Self::Damaged,
            None => Self::Absent,
        })
    }
}

impl Index {
    /// The index that [`Index::write`] left, unless there is none, or it is damaged, or a later version wrote
    /// it: then one is made anew.
    ///
    /// # Errors
    ///
    /// There is a file and it can not be read.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Ok(bytes) => Ok(Self::decode(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the index so that a reader sees the one before or this one. If another process is writing one,
    /// that is as good.
    ///
    /// Nothing is synced: what a power cut leaves is an index, or is damaged and made anew.
    ///
    /// # Errors
    ///
    /// The file can not be written. The one before stays.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        // A file of its own that is never renamed: who waited for a lock on the other would have
        // the index in hand by then. A killed process lets go of it.
        let lock = File::create(path.with_extension("lock"))?;
        match lock.try_lock() {
            Ok(()) => {
                let temporary = path.with_extension("tmp");
                let mut file = File::create(&temporary)?;
                self.encode(|part| file.write_all(part))?;
                fs::rename(&temporary, path)
            }
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The tree whose paths the index holds.
    #[must_use]
    pub fn known(&self) -> TreeId {
        self.tree(0)
    }

    /// How many known paths there are that are no directories.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.columns.counts.rows
    }

    /// Whether no path is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The known node at a path that is no directory.
    #[must_use]
    pub fn node_at(&self, path: &RepoPath) -> Option<Node> {
        self.find(path).map(|row| self.node(row))
    }

    /// The known tree at a path that is a directory.
    #[must_use]
    pub fn tree_at(&self, path: &RepoPath) -> Option<TreeId> {
        self.find_directory(path.as_str()).map(|directory| self.tree(directory))
    }

    /// The known paths that are in conflict, in their order: wherever conflicts are told, they stand in this one.
    pub(crate) fn conflicts(&self) -> Vec<(RepoPath, ConflictId)> {
        let mut found = Vec::new();
        self.conflicts_in(0, &RepoPath::default(), &mut found);
        // A walk meets the files of a folder before those of folders in it.
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        found
    }

    fn conflicts_in(
        &self,
        directory: usize,
        path: &RepoPath,
        found: &mut Vec<(RepoPath, ConflictId)>,
    ) {
        let rows = self.rows_below(directory);
        let modes = &self.bytes()[self.columns().modes..];
        if !modes[rows].contains(&row::CONFLICT) {
            return;
        }
        let below = |name: &[u8]| {
            let name = std::str::from_utf8(name).ok().and_then(|name| Name::new(name).ok())?;
            path.join(&name).ok()
        };
        for row in self.rows(directory) {
            if let Node::Conflict(id) = self.node(row) {
                found.extend(below(self.row_name(row)).map(|path| (path, id)));
            }
        }
        for child in self.children(directory) {
            if let Some(path) = below(self.directory_name(child)) {
                self.conflicts_in(child, &path, found);
            }
        }
    }

    pub(crate) fn find(&self, path: &RepoPath) -> Option<usize> {
        let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        self.find_in(self.find_directory(folder)?, name.as_bytes())
    }

    pub(crate) fn find_in(&self, directory: usize, name: &[u8]) -> Option<usize> {
        let Range { mut start, mut end } = self.rows(directory);
        while start < end {
            let middle = usize::midpoint(start, end);
            match self.row_name(middle).cmp(name) {
                std::cmp::Ordering::Less => start = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }

    pub(crate) fn find_directory(&self, path: &str) -> Option<usize> {
        path.split('/').filter(|name| !name.is_empty()).try_fold(0, |directory, name| {
            self.children(directory).find(|child| self.directory_name(*child) == name.as_bytes())
        })
    }

    /// The directories in a directory, by name.
    pub(crate) fn children(&self, directory: usize) -> impl Iterator<Item = usize> {
        let end = self.subtree_end(directory);
        let first = (directory + 1 < end).then_some(directory + 1);
        std::iter::successors(first, move |child| {
            Some(self.subtree_end(*child)).filter(|next| *next < end)
        })
    }

    pub(crate) fn subtree_end(&self, directory: usize) -> usize {
        index(u32_at(&self.bytes, self.columns.subtree_ends + 4 * directory))
    }

    /// The rows in a directory.
    pub(crate) fn rows(&self, directory: usize) -> Range<usize> {
        let end = |at: usize| index(u32_at(&self.bytes, self.columns.row_ends + 4 * at));
        directory.checked_sub(1).map_or(0, end)..end(directory)
    }

    /// The rows in a directory and below it.
    pub(crate) fn rows_below(&self, directory: usize) -> Range<usize> {
        self.rows(directory).start..self.rows(self.subtree_end(directory) - 1).end
    }

    pub(crate) fn tree(&self, directory: usize) -> TreeId {
        ObjectId::from_bytes(array_at(&self.bytes, self.columns.trees + ID_LEN * directory)).into()
    }

    pub(crate) fn directory_name(&self, directory: usize) -> &[u8] {
        let columns = &self.columns;
        self.name(columns.directory_name_ends, columns.directory_names, directory)
    }

    pub(crate) fn row_name(&self, row: usize) -> &[u8] {
        self.name(self.columns.row_name_ends, self.columns.row_names, row)
    }

    pub(crate) fn row(&self, row: usize) -> Row<'_> {
        Row { name: self.row_name(row), node: self.node(row), seen: self.seen(row) }
    }

    pub(crate) fn node(&self, row: usize) -> Node {
        let id = ObjectId::from_bytes(array_at(&self.bytes, self.columns.ids + ID_LEN * row));
        match self.bytes[self.columns.modes + row] {
            1 => Node::File(Content::Whole(id.into())),
            2 => Node::File(Content::Chunked(id.into())),
            3 => Node::Executable(Content::Whole(id.into())),
            4 => Node::Executable(Content::Chunked(id.into())),
            5 => Node::Symlink(id.into()),
            6 => Node::Directory(id.into()),
            7 => Node::Conflict(id.into()),
            _ => {
                let part = |at: usize| u32_at(id.as_bytes(), at);
                let start = self.columns.foreign + index(part(0));
                let bytes = self.bytes.get(start..start + index(part(4))).unwrap_or_default();
                Node::Foreign(Foreign { mode: part(8), bytes: bytes.into() })
            }
        }
    }

    pub(crate) fn seen(&self, row: usize) -> Option<(Sight, Stat)> {
        let sight = Sight::from_number(self.bytes[self.columns.sights + row])?;
        let form = form_from_number(self.bytes[self.columns.forms + row])?;
        let size = u64_at(&self.bytes, self.columns.sizes + 8 * row);
        let modified_ns = i64_at(&self.bytes, self.columns.modified + 8 * row);
        let changed_ns = i64_at(&self.bytes, self.columns.changed + 8 * row);
        let inode = u64_at(&self.bytes, self.columns.inodes + 8 * row);
        Some((sight, Stat { form, size, modified_ns, changed_ns, inode }))
    }

    pub(crate) fn memory(&self, directory: usize) -> Option<&Memory> {
        self.memories.get(&short(directory))
    }

    /// Keeps what was seen of a row.
    pub(crate) fn see(&mut self, row: usize, sight: Sight, stat: &Stat) {
        let columns = self.columns;
        let mut put =
            |at: usize, bytes: &[u8]| self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        put(columns.sights + row, &[sight.number()]);
        put(columns.forms + row, &[form_number(stat.form)]);
        put(columns.sizes + 8 * row, &stat.size.to_le_bytes());
        put(columns.modified + 8 * row, &stat.modified_ns.to_le_bytes());
        put(columns.changed + 8 * row, &stat.changed_ns.to_le_bytes());
        put(columns.inodes + 8 * row, &stat.inode.to_le_bytes());
    }

    /// Keeps what was seen in a directory.
    pub(crate) fn remember(&mut self, directory: usize, memory: Memory) {
        self.memories.insert(short(directory), memory);
    }

    fn decode(bytes: Vec<u8>) -> Option<Self> {
        let (columns, remembered) = format::open(&bytes)?;
        let memories = format::recall(&bytes[remembered])?;
        Some(Self::of(bytes, columns, memories))
    }

    fn encode(&self, put: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let memories = self.memories.iter().map(|(directory, memory)| (*directory, memory));
        format::seal(&self.bytes[..self.columns.end], &format::remember(memories), put)
    }

    fn of(bytes: Vec<u8>, columns: Columns, memories: Vec<(u32, Memory)>) -> Self {
        Self { bytes, columns, memories: memories.into_iter().collect() }
    }

    fn name(&self, ends: usize, names: usize, at: usize) -> &[u8] {
        let end = |at: usize| index(u32_at(&self.bytes, ends + 4 * at));
        &self.bytes[names..][at.checked_sub(1).map_or(0, end)..end(at)]
    }

    const fn columns(&self) -> &Columns {
        &self.columns
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    const fn has_foreign(&self) -> bool {
        self.columns.counts.foreign > 0
    }
}
