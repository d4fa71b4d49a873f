//! The bytes of a pack, version 1. No other file names an offset.
//!
//! ```text
//! offset  size  field                                     (integers little-endian)
//!      0     4  magic  "SLKP"
//!      4     1  version 1
//!      5        blocks, one after the other, in no order:
//!                 stored by codec 0  the bytes
//!                        codec 1  a zstd frame
//!                        codec 2  id of the base: 32, then a zstd frame whose prefix is
//!                                 the base's bytes
//! tables        block records, 150 a page, the last page may hold fewer
//!                 offset  size
//!                      0     8  offset of the block in the file
//!                      8     4  bytes stored
//!                     12     4  bytes once decoded
//!                     16     1  codec
//!                     17     2  step: 0 for codecs 0 and 1, more for codec 2
//!                     19     8  checksum of the stored bytes
//!               object records, 90 a page, the last page may hold fewer, ascending by id
//!                 offset  size
//!                      0    32  id
//!                     32     1  kind
//!                     33     4  block
//!                     37     4  start in the decoded block
//!                     41     4  length
//!               directory
//!                 for each page of blocks   checksum: 8
//!                 for each page of objects  id of the first: 32, checksum: 8
//! end-48     8  tables: offset of the first block record
//! end-40     4  count of blocks
//! end-36     4  count of objects
//! end-32    32  pack id: BLAKE3 over directory, tables and counts
//! ```
//!
//! A raw block has as many bytes stored as decoded, a frame has fewer. A block of more than 1 MiB decoded holds
//! one object and nothing else. The directory has at most 64 MiB, enough for 150 million objects.
//!
//! A checksum is the first 8 bytes of BLAKE3. The file is named by its pack id; its suffix is `.pack`, or
//! `.condemned` while its objects wait for their removal. So every byte is
//! covered: the name by the id, the id over the directory, its checksums over the pages,
//! their checksums over the blocks, and magic and version by having one value.

use std::fmt;

use crate::cursor::{Cursor, Short, index};
use crate::hex;
use crate::id::ObjectId;
use crate::kind::Kind;

#[cfg(test)]
mod tests;

/// The first bytes of every pack.
pub(crate) const HEADER: [u8; HEADER_LEN] = *b"SLKP\x01";
pub(crate) const HEADER_LEN: usize = 5;
const VERSION_AT: usize = 4;

pub(crate) const FOOTER_LEN: usize = 48;
pub(crate) const BASE_LEN: usize = ObjectId::LEN;

const BLOCK_RECORD_LEN: usize = 8 + 4 + 4 + 1 + 2 + 8;
const OBJECT_RECORD_LEN: usize = ObjectId::LEN + 1 + 4 + 4 + 4;
const _: () = assert!(BLOCK_RECORD_LEN == 27 && OBJECT_RECORD_LEN == 45);

/// Bytes in a full page, of either table.
pub(crate) const PAGE_LEN: usize = 4050;
pub(crate) const BLOCKS_PER_PAGE: usize = PAGE_LEN / BLOCK_RECORD_LEN;
pub(crate) const OBJECTS_PER_PAGE: usize = PAGE_LEN / OBJECT_RECORD_LEN;
const _: () = assert!(BLOCKS_PER_PAGE * BLOCK_RECORD_LEN == PAGE_LEN);
const _: () = assert!(OBJECTS_PER_PAGE * OBJECT_RECORD_LEN == PAGE_LEN);

/// A reader keeps the directory, so it is not believed to be of any length.
const DIRECTORY_LEN_MAX: usize = 64 << 20;

/// Bytes in the largest block that objects share: whoever reads one of them decodes all of it.
pub(crate) const SHARED_LEN_MAX: u32 = 1 << 20;

const CONTEXT: &str = "selkie 1 pack";

/// The name of a pack: equal ids mean equal bytes.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PackId([u8; 32]);

impl PackId {
    /// The pack whose id these bytes spell.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes that spell this id.
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name of the file.
    pub(crate) fn file_name(&self, standing: Standing) -> String {
        format!("{self}{}", standing.suffix())
    }

    /// The pack that a file of this name holds, if it has this standing.
    pub(crate) fn from_file_name(name: &str, standing: Standing) -> Option<Self> {
        let id: ObjectId = name.strip_suffix(standing.suffix())?.parse().ok()?;
        Some(Self(*id.as_bytes()))
    }
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether the objects of a pack count as present. The name of its file says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// They do.
    Kept,
    /// They can be read, and are about to be removed: nobody may rely on them.
    Condemned,
}

impl Standing {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Kept => ".pack",
            Self::Condemned => ".condemned",
        }
    }
}

/// How the bytes of a block are stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Codec {
    /// As they are.
    Raw,
    /// As a zstd frame.
    Zstd,
    /// As a zstd frame after the bytes of another object.
    Delta,
}

/// Where a block is and what it takes to decode it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BlockRecord {
    pub(crate) offset: u64,
    pub(crate) stored_len: u32,
    pub(crate) raw_len: u32,
    pub(crate) codec: Codec,
    pub(crate) step: u16,
    pub(crate) checksum: [u8; 8],
}

/// Where an object is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ObjectRecord {
    pub(crate) id: ObjectId,
    pub(crate) kind: Kind,
    pub(crate) block: u32,
    pub(crate) start: u32,
    pub(crate) length: u32,
}

/// The end of a pack: how much of what there is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Footer {
    pub(crate) tables: u64,
    pub(crate) blocks: u32,
    pub(crate) objects: u32,
    pub(crate) id: PackId,
}

/// What the tables of a pack begin with and hash to, page by page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Directory {
    pub(crate) block_pages: Vec<[u8; 8]>,
    pub(crate) object_pages: Vec<(ObjectId, [u8; 8])>,
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    Known,
    /// A pack of a later version. Those before the first were never written: what says that it is one is damaged.
    Version(u8),
    NoPack,
}

/// The bytes that follow the blocks, and the id of the pack that they end. `objects` ascend by id.
pub(crate) fn encode_tail(
    tables: u64,
    blocks: &[BlockRecord],
    objects: &[ObjectRecord],
) -> (PackId, Vec<u8>) {
    let count = |length| u32::try_from(length).expect("a batch closes before its count overflows");
    let mut tail = Vec::new();
    let mut directory = Vec::new();
    for page in blocks.chunks(BLOCKS_PER_PAGE) {
        let start = tail.len();
        for record in page {
            record.put(&mut tail);
        }
        directory.extend(checksum(&tail[start..]));
    }
    for page in objects.chunks(OBJECTS_PER_PAGE) {
        let start = tail.len();
        for record in page {
            record.put(&mut tail);
        }
        directory.extend(page[0].id.as_bytes());
        directory.extend(checksum(&tail[start..]));
    }
    directory.extend(tables.to_le_bytes());
    directory.extend(count(blocks.len()).to_le_bytes());
    directory.extend(count(objects.len()).to_le_bytes());
    let id = PackId(blake3::derive_key(CONTEXT, &directory));
    tail.extend(directory);
    tail.extend(id.0);
    (id, tail)
}

pub(crate) fn decode_header(bytes: [u8; HEADER_LEN]) -> Header {
    if bytes == HEADER {
        Header::Known
    } else if bytes[..VERSION_AT] == HEADER[..VERSION_AT] && bytes[VERSION_AT] > HEADER[VERSION_AT]
    {
        Header::Version(bytes[VERSION_AT])
    } else {
        Header::NoPack
    }
}

pub(crate) fn decode_footer(bytes: [u8; FOOTER_LEN]) -> Footer {
    let mut cursor = Cursor::new(&bytes);
    let mut read = || -> Result<Footer, Short> {
        Ok(Footer {
            tables: cursor.u64()?,
            blocks: cursor.u32()?,
            objects: cursor.u32()?,
            id: PackId(cursor.array()?),
        })
    };
    read().expect("a footer has as many bytes as its fields")
}

impl Footer {
    /// Bytes in the whole file, if this is its footer and the numbers make sense.
    pub(crate) fn file_len(&self) -> Option<u64> {
        if self.directory_len() > DIRECTORY_LEN_MAX {
            return None;
        }
        let tables = (self.blocks_len() + self.objects_len() + self.directory_len()) as u64;
        self.tables.checked_add(tables)?.checked_add(FOOTER_LEN as u64)
    }

    pub(crate) const fn directory_len(&self) -> usize {
        self.block_page_count() * 8 + self.object_page_count() * (ObjectId::LEN + 8)
    }

    pub(crate) const fn block_page_count(&self) -> usize {
        (self.blocks as usize).div_ceil(BLOCKS_PER_PAGE)
    }

    pub(crate) const fn object_page_count(&self) -> usize {
        (self.objects as usize).div_ceil(OBJECTS_PER_PAGE)
    }

    /// Offset and length of a page of block records.
    pub(crate) const fn block_page(&self, page: usize) -> (u64, usize) {
        self.page(0, self.blocks_len(), page)
    }

    /// Offset and length of a page of object records.
    pub(crate) const fn object_page(&self, page: usize) -> (u64, usize) {
        self.page(self.blocks_len(), self.objects_len(), page)
    }

    /// The directory, if its bytes and this footer hash to the id.
    pub(crate) fn directory(&self, bytes: &[u8]) -> Option<Directory> {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(bytes).update(&self.tables.to_le_bytes());
        hasher.update(&self.blocks.to_le_bytes()).update(&self.objects.to_le_bytes());
        if *hasher.finalize().as_bytes() != self.id.0 {
            return None;
        }
        let mut cursor = Cursor::new(bytes);
        let mut directory = Directory::default();
        for _ in 0..self.block_page_count() {
            directory.block_pages.push(cursor.array().ok()?);
        }
        for _ in 0..self.object_page_count() {
            let first = ObjectId::from_bytes(cursor.array().ok()?);
            directory.object_pages.push((first, cursor.array().ok()?));
        }
        cursor.is_empty().then_some(directory)
    }

    const fn blocks_len(&self) -> usize {
        self.blocks as usize * BLOCK_RECORD_LEN
    }

    const fn objects_len(&self) -> usize {
        self.objects as usize * OBJECT_RECORD_LEN
    }

    const fn page(&self, table: usize, table_len: usize, page: usize) -> (u64, usize) {
        let start = page * PAGE_LEN;
        let rest = table_len - start;
        let length = if rest < PAGE_LEN { rest } else { PAGE_LEN };
        (self.tables + (table + start) as u64, length)
    }
}

impl BlockRecord {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_le_bytes());
        out.extend(self.stored_len.to_le_bytes());
        out.extend(self.raw_len.to_le_bytes());
        out.push(self.codec as u8);
        out.extend(self.step.to_le_bytes());
        out.extend(self.checksum);
    }

    /// The record at this place in a page, if there is one and it keeps the rules.
    pub(crate) fn in_page(page: &[u8], at: usize) -> Option<Self> {
        let mut cursor = Cursor::new(page.get(at * BLOCK_RECORD_LEN..)?);
        let record = Self {
            offset: cursor.u64().ok()?,
            stored_len: cursor.u32().ok()?,
            raw_len: cursor.u32().ok()?,
            codec: Codec::from_number(cursor.u8().ok()?)?,
            step: cursor.u16().ok()?,
            checksum: cursor.array().ok()?,
        };
        record.keeps_the_rules().then_some(record)
    }

    /// Whether each record of a page keeps the rules.
    pub(crate) fn are_a_page(page: &[u8]) -> bool {
        (0..page.len() / BLOCK_RECORD_LEN).all(|at| Self::in_page(page, at).is_some())
    }

    /// Whether the object may be in this block.
    pub(crate) const fn may_hold(&self, object: &ObjectRecord) -> bool {
        let is_alone = object.start == 0 && object.length == self.raw_len;
        self.raw_len <= SHARED_LEN_MAX || is_alone
    }

    /// What is claimed is what a reader makes room for, before it sees a byte.
    fn keeps_the_rules(&self) -> bool {
        let (stored, raw) = (index(self.stored_len), index(self.raw_len));
        let fits = match self.codec {
            Codec::Raw => stored == raw,
            Codec::Zstd => stored < raw,
            Codec::Delta => (BASE_LEN..BASE_LEN + raw).contains(&stored),
        };
        let begins = self.offset >= HEADER_LEN as u64;
        fits && begins && (self.step > 0) == (self.codec == Codec::Delta)
    }
}

impl ObjectRecord {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.id.as_bytes());
        out.push(self.kind.number());
        out.extend(self.block.to_le_bytes());
        out.extend(self.start.to_le_bytes());
        out.extend(self.length.to_le_bytes());
    }

    /// The record of this object in a page, and its place there.
    pub(crate) fn find(page: &[u8], id: &ObjectId) -> Option<(usize, Self)> {
        let (records, _) = page.as_chunks::<OBJECT_RECORD_LEN>();
        let at = records.binary_search_by(|record| Self::id_of(record).cmp(id)).ok()?;
        Some((at, Self::in_page(page, at)?))
    }

    /// The place in a page of the first object that does not come `before`.
    pub(crate) fn first_in_page(page: &[u8], before: impl Fn(&ObjectId) -> bool) -> usize {
        let (records, _) = page.as_chunks::<OBJECT_RECORD_LEN>();
        records.partition_point(|record| before(&Self::id_of(record)))
    }

    const fn id_of(record: &[u8; OBJECT_RECORD_LEN]) -> ObjectId {
        ObjectId::from_bytes(*record.first_chunk().expect("a record begins with an id"))
    }

    /// Whether each record of a page keeps the rules, and they ascend from the id that the directory names.
    pub(crate) fn are_a_page(page: &[u8], first: &ObjectId) -> bool {
        let (records, _) = page.as_chunks::<OBJECT_RECORD_LEN>();
        records.first().is_some_and(|record| Self::id_of(record) == *first)
            && records.is_sorted_by(|one, next| Self::id_of(one) < Self::id_of(next))
            && (0..records.len()).all(|at| Self::in_page(page, at).is_some())
    }

    /// The record at this place in a page, if there is one and it keeps the rules.
    pub(crate) fn in_page(page: &[u8], at: usize) -> Option<Self> {
        let mut cursor = Cursor::new(page.get(at * OBJECT_RECORD_LEN..)?);
        Some(Self {
            id: ObjectId::from_bytes(cursor.array().ok()?),
            kind: Kind::from_number(cursor.u8().ok()?)?,
            block: cursor.u32().ok()?,
            start: cursor.u32().ok()?,
            length: cursor.u32().ok()?,
        })
    }
}

impl Codec {
    fn from_number(number: u8) -> Option<Self> {
        [Self::Raw, Self::Zstd, Self::Delta].get(usize::from(number)).copied()
    }
}

/// Tells rot from what was written. It is no protection against somebody who wants to deceive:
/// objects are hashed in full.
pub(crate) fn checksum(bytes: &[u8]) -> [u8; 8] {
    let hash = blake3::hash(bytes);
    *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
}
