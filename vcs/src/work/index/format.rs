//! The bytes of the index, version 1. Integers are little-endian.
//!
//! ```text
//! offset  size  field
//!      0     4  magic "SIX\0"
//!      4     4  version 1
//!      8     4  count of directories, d: at least the top
//!     12     4  count of rows, n
//!     16     4  length of the names of directories, a
//!     20     4  length of the names of rows, b
//!     24     4  length of foreign things, c
//!     28     4  length of what is remembered, m
//!
//!            4d  where each directory's name ends among the names
//!            4d  the directory after the last one below it
//!            4d  the row after its last one
//!           32d  the id of its tree
//!             a  names of directories
//!
//!            4n  where each row's name ends among the names
//!            1n  mode     as in a tree: 1 to 5, 7, 8
//!            1n  sight    0 unseen  1 the node  2 other content  3 other mode alone
//!            1n  form     0 nothing  1 file  2 executable  3 symbolic link  4 directory  5 other
//!            8n  size
//!            8n  modified, nanoseconds since 1970
//!            8n  changed, likewise
//!            8n  inode
//!           32n  the id of the node; for a foreign thing (place: 4, length: 4, mode: 4, zero: 20)
//!             b  names of rows
//!             c  foreign things
//!
//!             m  what is remembered of directories, ascending, each
//!                  4  the directory
//!                  8  modified     8  changed     8  inode
//!                 16  stamp of the rules that the names were judged by
//!                  1  0 judged  1 all below is ignored
//!                  4  count of names, then each
//!                       1  1 unknown file  2 unknown directory  3 ignored file  4 ignored directory
//!                       2  length of the name, then the name
//!            32  BLAKE3 of everything before
//! ```
//!
//! Directories lie in the order of a walk, each before those below it, neighbours by name; rows lie in the
//! order of their directories, and by name in each.

use std::io;
use std::ops::Range;

use crate::work::index::memory::{Memory, Remembered};

#[cfg(test)]
mod tests;

pub(super) const MAGIC: [u8; 4] = *b"SIX\0";
pub(super) const VERSION: u32 = 1;
const HEADER_LEN: usize = 32;
const CHECKSUM_LEN: usize = 32;
pub(super) const ID_LEN: usize = 32;

/// The counts in the header.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    pub(super) directories: usize,
    pub(super) rows: usize,
    pub(super) directory_names: usize,
    pub(super) row_names: usize,
    pub(super) foreign: usize,
}

/// Where the columns begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) counts: Counts,
    pub(super) directory_name_ends: usize,
    pub(super) subtree_ends: usize,
    pub(super) row_ends: usize,
    pub(super) trees: usize,
    pub(super) directory_names: usize,
    pub(super) row_name_ends: usize,
    pub(super) modes: usize,
    pub(super) sights: usize,
    pub(super) forms: usize,
    pub(super) sizes: usize,
    pub(super) modified: usize,
    pub(super) changed: usize,
    pub(super) inodes: usize,
    pub(super) ids: usize,
    pub(super) row_names: usize,
    pub(super) foreign: usize,
    pub(super) end: usize,
}

impl Columns {
    pub(super) const fn new(counts: Counts) -> Self {
        let (d, n) = (counts.directories, counts.rows);
        let directory_name_ends = HEADER_LEN;
        let subtree_ends = directory_name_ends + 4 * d;
        let row_ends = subtree_ends + 4 * d;
        let trees = row_ends + 4 * d;
        let directory_names = trees + ID_LEN * d;
        let row_name_ends = directory_names + counts.directory_names;
        let modes = row_name_ends + 4 * n;
        let sights = modes + n;
        let forms = sights + n;
        let sizes = forms + n;
        let modified = sizes + 8 * n;
        let changed = modified + 8 * n;
        let inodes = changed + 8 * n;
        let ids = inodes + 8 * n;
        let row_names = ids + ID_LEN * n;
        let foreign = row_names + counts.row_names;
        let end = foreign + counts.foreign;
        Self {
            counts,
            directory_name_ends,
            subtree_ends,
            row_ends,
            trees,
            directory_names,
            row_name_ends,
            modes,
            sights,
            forms,
            sizes,
            modified,
            changed,
            inodes,
            ids,
            row_names,
            foreign,
            end,
        }
    }
}

/// The header; what is remembered is counted when the index is written.
pub(super) fn header(counts: Counts) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    let Counts { directories, rows, directory_names, row_names, foreign } = counts;
    for count in [directories, rows, directory_names, row_names, foreign, 0] {
        out.extend(short(count).to_le_bytes());
    }
    out
}

/// Puts out everything of a file: the columns, what is remembered, and the checksum.
pub(super) fn seal(
    columns: &[u8],
    remembered: &[u8],
    mut put: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let counts = &columns[..HEADER_LEN - 4];
    let length = short(remembered.len()).to_le_bytes();
    let mut hasher = blake3::Hasher::new();
    for part in [counts, &length, &columns[HEADER_LEN..], remembered] {
        hasher.update(part);
        put(part)?;
    }
    put(hasher.finalize().as_bytes())
}

/// Where columns and what is remembered lie in a file, if it is whole and of this version.
pub(super) fn open(bytes: &[u8]) -> Option<(Columns, Range<usize>)> {
    let body = bytes.len().checked_sub(CHECKSUM_LEN)?;
    if body < HEADER_LEN || bytes[..4] != MAGIC || u32_at(bytes, 4) != VERSION {
        return None;
    }
    let count = |number: usize| index(u32_at(bytes, 8 + 4 * number));
    let counts = Counts {
        directories: count(0),
        rows: count(1),
        directory_names: count(2),
        row_names: count(3),
        foreign: count(4),
    };
    let columns = Columns::new(counts);
    let whole = columns.end + count(5) == body && blake3::hash(&bytes[..body]) == bytes[body..];
    (whole && is_sound(bytes, &columns)).then_some((columns, columns.end..body))
}

/// Whether what points into other columns stays in them. The checksum speaks for bytes, this for whoever wrote
/// them.
fn is_sound(bytes: &[u8], columns: &Columns) -> bool {
    let Counts { directories, rows, directory_names, row_names, .. } = columns.counts;
    let ascends = |start: usize, count: usize, end: usize| {
        let mut last = 0;
        let column = bytes[start..start + 4 * count].as_chunks::<4>().0;
        let rises = column.iter().all(|entry| {
            let before = std::mem::replace(&mut last, index(u32::from_le_bytes(*entry)));
            before <= last
        });
        rises && last == end
    };
    let subtrees = (0..directories).all(|at| {
        let end = index(u32_at(bytes, columns.subtree_ends + 4 * at));
        at < end && end <= directories
    });
    directories > 0
        && subtrees
        && ascends(columns.directory_name_ends, directories, directory_names)
        && ascends(columns.row_ends, directories, rows)
        && ascends(columns.row_name_ends, rows, row_names)
}

pub(super) fn remember<'a>(memories: impl Iterator<Item = (u32, &'a Memory)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (directory, memory) in memories {
        out.extend(directory.to_le_bytes());
        out.extend(memory.modified_ns.to_le_bytes());
        out.extend(memory.changed_ns.to_le_bytes());
        out.extend(memory.inode.to_le_bytes());
        out.extend(memory.stamp);
        out.push(u8::from(memory.all_ignored));
        out.extend(short(memory.names.len()).to_le_bytes());
        for Remembered { name, is_ignored, is_directory } in &memory.names {
            out.push(1 + 2 * u8::from(*is_ignored) + u8::from(*is_directory));
            let length = u16::try_from(name.len()).expect("no file system has such long names");
            out.extend(length.to_le_bytes());
            out.extend(name);
        }
    }
    out
}

/// What [`remember`] was given, if the bytes are its.
pub(super) fn recall(mut bytes: &[u8]) -> Option<Vec<(u32, Memory)>> {
    let mut memories = Vec::new();
    while !bytes.is_empty() {
        let directory = u32::from_le_bytes(take(&mut bytes)?);
        let mut memory = Memory {
            modified_ns: i64::from_le_bytes(take(&mut bytes)?),
            changed_ns: i64::from_le_bytes(take(&mut bytes)?),
            inode: u64::from_le_bytes(take(&mut bytes)?),
            stamp: take(&mut bytes)?,
            all_ignored: take(&mut bytes)? == [1],
            names: Vec::new(),
        };
        for _ in 0..index(u32::from_le_bytes(take(&mut bytes)?)) {
            let [kind] = take(&mut bytes)?;
            let length = u16::from_le_bytes(take(&mut bytes)?);
            let (name, rest) = bytes.split_at_checked(length.into())?;
            bytes = rest;
            let kind = kind.checked_sub(1).filter(|kind| *kind < 4)?;
            memory.names.push(Remembered {
                name: name.to_vec(),
                is_ignored: kind & 2 != 0,
                is_directory: kind & 1 != 0,
            });
        }
        memories.push((directory, memory));
    }
    memories.is_sorted_by_key(|(directory, _)| *directory).then_some(memories)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(array_at(bytes, at))
}

pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk().expect("columns lie inside the bytes")
}

/// A length of 32 bits as an index.
pub(super) const fn index(length: u32) -> usize {
    const { assert!(usize::BITS >= u32::BITS, "a length on disk fits an index") };
    length as usize
}

/// An index that counts what lies in memory, four bytes a piece.
pub(super) fn short(count: usize) -> u32 {
    u32::try_from(count).expect("an index holds less than four thousand million of everything")
}
