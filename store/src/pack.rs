//! One file of many objects, written once.

use std::io;
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use crate::cursor::index;
use crate::disk::{Disk, DiskFile};
use crate::id::ObjectId;
use crate::limits::OBJECT_LEN_MAX;
use crate::pack::format::{
    BASE_LEN, BLOCKS_PER_PAGE, BlockRecord, Codec, Directory, FOOTER_LEN, Footer, HEADER_LEN,
    Header, OBJECTS_PER_PAGE, ObjectRecord, PackId, Standing, checksum, decode_footer,
    decode_header,
};

pub(crate) mod format;
pub(crate) mod frame;
pub(crate) mod sink;
pub(crate) mod temporary;

/// The folder of all packs.
pub(crate) const FOLDER: &str = "packs";

/// An open pack.
///
/// Its footer and directory were checked when it was opened. A page of its tables is read and checked
/// when it is first needed, and kept.
#[derive(Debug)]
pub(crate) struct Pack {
    file: Box<dyn DiskFile>,
    file_len: u64,
    standing: Standing,
    footer: Footer,
    directory: Directory,
    block_pages: Vec<OnceLock<Vec<u8>>>,
    object_pages: Vec<OnceLock<Vec<u8>>>,
}

/// Why a pack, or a part of it, can not be read.
#[derive(Clone, Debug, Error)]
pub enum PackError {
    /// The file system did not give the bytes. They may be sound.
    #[error("pack {pack} can not be read")]
    Io {
        /// The pack.
        pack: PackId,
        /// What the file system says.
        source: Arc<io::Error>,
    },
    /// The bytes are not those that were written. The file stays in place for `verify`.
    #[error("pack {pack} is damaged in its {part}")]
    Damaged {
        /// The pack.
        pack: PackId,
        /// Where in it.
        part: PackPart,
    },
    /// A later version wrote the pack. Nothing was touched.
    #[error("pack {pack} has format {version}, and this program knows format 1: use a newer one")]
    Version {
        /// The pack.
        pack: PackId,
        /// What its header says.
        version: u8,
    },
}

/// A part of a pack, named in errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PackPart {
    /// The first bytes.
    Header,
    /// The last bytes, or the length of the file.
    Footer,
    /// The list of pages.
    Directory,
    /// The table that says where blocks are.
    BlockTable,
    /// The table that says where objects are.
    ObjectTable,
    /// A block of objects.
    Block,
}

impl PackError {
    /// Whether there is no such file.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl std::fmt::Display for PackPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Footer => "footer",
            Self::Directory => "directory",
            Self::BlockTable => "block table",
            Self::ObjectTable => "object table",
            Self::Block => "blocks",
        })
    }
}

/// The bytes of a block as they are stored.
#[derive(Debug)]
pub(crate) struct StoredBlock {
    pub(crate) record: BlockRecord,
    pub(crate) bytes: Vec<u8>,
}

impl StoredBlock {
    /// The object that the block resembles, and the frame.
    pub(crate) fn base_and_frame(&self) -> (Option<ObjectId>, &[u8]) {
        match self.record.codec {
            Codec::Raw | Codec::Zstd => (None, &self.bytes),
            Codec::Delta => {
                let (base, frame) = self.bytes.split_first_chunk().expect("checked by `stored`");
                (Some(ObjectId::from_bytes(*base)), frame)
            }
        }
    }
}

impl Pack {
    /// Opens a pack of the store.
    pub(crate) fn open(disk: &dyn Disk, id: PackId, standing: Standing) -> Result<Self, PackError> {
        let io = |error| PackError::Io { pack: id, source: Arc::new(error) };
        let damaged = |part| PackError::Damaged { pack: id, part };
        let file = disk.open(&path(id, standing)).map_err(io)?;
        let file_len = file.size().map_err(io)?;
        let footer_at = file_len.checked_sub(FOOTER_LEN as u64);
        let footer_at = footer_at.ok_or(damaged(PackPart::Footer))?;
        let mut header = [0; HEADER_LEN];
        file.read_at(0, &mut header).map_err(io)?;
        match decode_header(header) {
            Header::Known => {}
            Header::Version(version) => return Err(PackError::Version { pack: id, version }),
            Header::NoPack => return Err(damaged(PackPart::Header)),
        }
        let mut footer = [0; FOOTER_LEN];
        file.read_at(footer_at, &mut footer).map_err(io)?;
        let footer = decode_footer(footer);
        if footer.id != id || footer.file_len() != Some(file_len) {
            return Err(damaged(PackPart::Footer));
        }
        let mut directory = vec![0; footer.directory_len()];
        file.read_at(footer_at - directory.len() as u64, &mut directory).map_err(io)?;
        let directory = footer.directory(&directory).ok_or(damaged(PackPart::Directory))?;
        let pages = |count| (0..count).map(|_| OnceLock::new()).collect();
        Ok(Self {
            block_pages: pages(footer.block_page_count()),
            object_pages: pages(footer.object_page_count()),
            file,
            file_len,
            standing,
            footer,
            directory,
        })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> String {
        path(self.footer.id, self.standing)
    }

    pub(crate) const fn id(&self) -> PackId {
        self.footer.id
    }

    /// Bytes in the file.
    pub(crate) const fn file_len(&self) -> u64 {
        self.file_len
    }

    pub(crate) const fn object_count(&self) -> u32 {
        self.footer.objects
    }

    pub(crate) const fn block_count(&self) -> u32 {
        self.footer.blocks
    }

    /// Where the object is, if it is in this pack.
    pub(crate) fn find(&self, id: &ObjectId) -> Result<Option<ObjectRecord>, PackError> {
        Ok(self.find_numbered(id)?.map(|(_, object)| object))
    }

    /// Where the object is, and its number: 0 has the least id.
    pub(crate) fn find_numbered(
        &self,
        id: &ObjectId,
    ) -> Result<Option<(usize, ObjectRecord)>, PackError> {
        let after = self.directory.object_pages.partition_point(|(first, _)| first <= id);
        let Some(page) = after.checked_sub(1) else { return Ok(None) };
        let found = ObjectRecord::find(self.object_page(page)?, id);
        Ok(found.map(|(at, object)| (page * OBJECTS_PER_PAGE + at, object)))
    }

    /// The objects whose ids begin with these bytes: two at most, which is enough to know that it is not one.
    pub(crate) fn with_prefix(&self, prefix: &[u8]) -> Result<Vec<ObjectId>, PackError> {
        let pages = &self.directory.object_pages;
        // What comes before the least id that begins so comes before all of them.
        let mut least = [0; ObjectId::LEN];
        least[..prefix.len()].copy_from_slice(prefix);
        let least = ObjectId::from_bytes(least);
        let before = |id: &ObjectId| *id < least;
        // The page before the first that begins at or behind the prefix may end with it.
        let page = pages.partition_point(|(first, _)| before(first)).saturating_sub(1);
        let mut found = Vec::new();
        for number in page..pages.len().min(page + 2) {
            let bytes = self.object_page(number)?;
            let from = ObjectRecord::first_in_page(bytes, before);
            let records = (from..OBJECTS_PER_PAGE).map_while(|at| ObjectRecord::in_page(bytes, at));
            let ids = records.map(|object| object.id);
            found.extend(ids.take_while(|id| id.as_bytes().starts_with(prefix)).take(2));
        }
        found.truncate(2);
        Ok(found)
    }

    /// The object with this number.
    pub(crate) fn object(&self, number: usize) -> Result<ObjectRecord, PackError> {
        let page = self.object_page(number / OBJECTS_PER_PAGE)?;
        ObjectRecord::in_page(page, number % OBJECTS_PER_PAGE)
            .ok_or_else(|| self.damaged(PackPart::ObjectTable))
    }

    /// All objects, ascending by id. A page that can not be read is one error for all that is in it.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Result<ObjectRecord, PackError>> {
        (0..self.footer.object_page_count()).flat_map(|page| {
            let (bytes, mut failed) = match self.object_page(page) {
                Ok(bytes) => (bytes, None),
                Err(error) => (&[][..], Some(error)),
            };
            let records = (0..OBJECTS_PER_PAGE).map_while(|at| ObjectRecord::in_page(bytes, at));
            records.map(Ok).chain(std::iter::from_fn(move || failed.take().map(Err)))
        })
    }

    /// Where a block is.
    pub(crate) fn block(&self, number: u32) -> Result<BlockRecord, PackError> {
        let number = index(number);
        let damaged = || self.damaged(PackPart::BlockTable);
        if number >= index(self.footer.blocks) {
            return Err(damaged());
        }
        let page = number / BLOCKS_PER_PAGE;
        let bytes = self.page(
            &self.block_pages[page],
            self.footer.block_page(page),
            self.directory.block_pages[page],
            PackPart::BlockTable,
            BlockRecord::are_a_page,
        )?;
        let record = BlockRecord::in_page(bytes, number % BLOCKS_PER_PAGE).ok_or_else(damaged)?;
        let end = record.offset.checked_add(u64::from(record.stored_len));
        let inside = end.is_some_and(|end| end <= self.footer.tables);
        if inside && index(record.raw_len) <= OBJECT_LEN_MAX { Ok(record) } else { Err(damaged()) }
    }

    /// The bytes of a block, neither checked nor decoded. Whoever reads objects checks those.
    pub(crate) fn stored(&self, record: BlockRecord) -> Result<StoredBlock, PackError> {
        self.stored_in(record, Vec::new())
    }

    /// As [`Pack::stored`], in memory that was used before, whatever is in it.
    pub(crate) fn stored_in(
        &self,
        record: BlockRecord,
        mut bytes: Vec<u8>,
    ) -> Result<StoredBlock, PackError> {
        bytes.resize(index(record.stored_len), 0);
        self.read_at(record.offset, &mut bytes)?;
        let whole = record.codec != Codec::Delta || bytes.len() >= BASE_LEN;
        if whole { Ok(StoredBlock { record, bytes }) } else { Err(self.damaged(PackPart::Block)) }
    }

    /// The bytes of a block from `from` on, neither checked nor decoded, as many as there is room for.
    pub(crate) fn read_stored(
        &self,
        record: &BlockRecord,
        from: usize,
        bytes: &mut [u8],
    ) -> Result<(), PackError> {
        self.read_at(record.offset + from as u64, bytes)
    }

    /// The bytes of a block, checked against its checksum, not decoded.
    pub(crate) fn checked(&self, record: BlockRecord) -> Result<StoredBlock, PackError> {
        let stored = self.stored(record)?;
        let sound = checksum(&stored.bytes) == record.checksum;
        if sound { Ok(stored) } else { Err(self.damaged(PackPart::Block)) }
    }

    /// The object that a block resembles. Cheaper than [`Pack::stored`], and not checked: what is
    /// made with a wrong base fails its own check.
    pub(crate) fn base(&self, record: &BlockRecord) -> Result<Option<ObjectId>, PackError> {
        match record.codec {
            Codec::Raw | Codec::Zstd => Ok(None),
            Codec::Delta => {
                let mut base = [0; BASE_LEN];
                self.read_at(record.offset, &mut base)?;
                Ok(Some(ObjectId::from_bytes(base)))
            }
        }
    }

    pub(crate) const fn damaged(&self, part: PackPart) -> PackError {
        PackError::Damaged { pack: self.footer.id, part }
    }

    fn object_page(&self, page: usize) -> Result<&[u8], PackError> {
        let (first, sum) = &self.directory.object_pages[page];
        self.page(
            &self.object_pages[page],
            self.footer.object_page(page),
            *sum,
            PackPart::ObjectTable,
            |bytes| ObjectRecord::are_a_page(bytes, first),
        )
    }

    fn page<'a>(
        &self,
        kept: &'a OnceLock<Vec<u8>>,
        (offset, length): (u64, usize),
        sum: [u8; 8],
        part: PackPart,
        are_a_page: impl FnOnce(&[u8]) -> bool,
    ) -> Result<&'a [u8], PackError> {
        if let Some(page) = kept.get() {
            return Ok(page);
        }
        let mut page = vec![0; length];
        self.read_at(offset, &mut page)?;
        // A page that makes no sense is not kept: a file with holes could claim any number of them.
        if checksum(&page) != sum || !are_a_page(&page) {
            return Err(self.damaged(part));
        }
        Ok(kept.get_or_init(|| page))
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), PackError> {
        let io = |error| PackError::Io { pack: self.footer.id, source: Arc::new(error) };
        self.file.read_at(offset, bytes).map_err(io)
    }
}

fn path(id: PackId, standing: Standing) -> String {
    format!("{FOLDER}/{}", id.file_name(standing))
}
