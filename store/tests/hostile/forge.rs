//! Files that look sound from outside, whatever they say inside.
//!
//! The bytes are spelled from the tables in the crate's `format.rs` files a second time, on purpose: what
//! an enemy writes owes nothing to our encoder.

use selkie_store::{Disk, ObjectId, SimDisk};

/// A pack of any blocks and objects, true or not.
#[derive(Clone, Debug)]
pub(crate) struct Forge {
    bytes: Vec<u8>,
    blocks: Vec<[u8; 27]>,
    objects: Vec<[u8; 45]>,
}

pub(crate) const RAW: u8 = 0;
pub(crate) const ZSTD: u8 = 1;
pub(crate) const DELTA: u8 = 2;

const BLOCKS_PER_PAGE: usize = 150;
const OBJECTS_PER_PAGE: usize = 90;

impl Forge {
    pub(crate) fn new() -> Self {
        Self { bytes: b"SLKP\x01".to_vec(), blocks: Vec::new(), objects: Vec::new() }
    }

    /// Adds a block, and claims of it what is told.
    pub(crate) fn block(&mut self, codec: u8, step: u16, stored: &[u8], raw_len: u32) -> u32 {
        let offset = self.bytes.len() as u64;
        self.bytes.extend(stored);
        let stored_len = u32::try_from(stored.len()).expect("a test's block is short");
        self.claim((offset, stored_len), raw_len, codec, step, checksum(stored))
    }

    /// Claims a block.
    pub(crate) fn claim(
        &mut self,
        (offset, stored_len): (u64, u32),
        raw_len: u32,
        codec: u8,
        step: u16,
        sum: [u8; 8],
    ) -> u32 {
        let mut record = offset.to_le_bytes().to_vec();
        record.extend(stored_len.to_le_bytes());
        record.extend(raw_len.to_le_bytes());
        record.push(codec);
        record.extend(step.to_le_bytes());
        record.extend(sum);
        self.blocks.push(record.try_into().expect("a record of a block has 27 bytes"));
        u32::try_from(self.blocks.len() - 1).expect("a test has few blocks")
    }

    /// Claims an object in a block.
    pub(crate) fn object(&mut self, id: ObjectId, kind: u8, block: u32, start: u32, length: u32) {
        let mut record = id.as_bytes().to_vec();
        record.push(kind);
        record.extend(block.to_le_bytes());
        record.extend(start.to_le_bytes());
        record.extend(length.to_le_bytes());
        self.objects.push(record.try_into().expect("a record of an object has 45 bytes"));
    }

    /// Adds a blob as it is.
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> ObjectId {
        let length = u32::try_from(bytes.len()).expect("a test's blob is short");
        let id = ObjectId::of(selkie_store::Kind::Blob, bytes);
        let block = self.block(RAW, 0, bytes, length);
        self.object(id, 1, block, 0, length);
        id
    }

    /// The pack, with every sum right.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.objects.sort_unstable();
        let tables = self.bytes.len() as u64;
        let mut bytes = self.bytes;
        bytes.extend(self.blocks.concat());
        bytes.extend(self.objects.concat());
        let pages = self.blocks.len().div_ceil(BLOCKS_PER_PAGE) * 8
            + self.objects.len().div_ceil(OBJECTS_PER_PAGE) * 40;
        bytes.resize(bytes.len() + pages, 0);
        bytes.extend(tables.to_le_bytes());
        for count in [self.blocks.len(), self.objects.len()] {
            bytes.extend(u32::try_from(count).expect("a test has few").to_le_bytes());
        }
        bytes.resize(bytes.len() + 32, 0);
        sealed(bytes).expect("it has the form of a pack")
    }

    /// Puts the pack into a store.
    pub(crate) fn plant(self, disk: &SimDisk) {
        plant(disk, &self.bytes());
    }
}

/// Puts the bytes into a store under the name that they say they have.
pub(crate) fn plant(disk: &SimDisk, pack: &[u8]) {
    let id: [u8; 32] = *pack.last_chunk().expect("a pack ends with its id");
    let id = ObjectId::from_bytes(id);
    disk.create_folder("packs").expect("there is room");
    let planted = disk.create(&format!("packs/{id}.pack"));
    planted.and_then(|mut file| file.append(pack)).expect("a test plants a pack once");
}

/// The same bytes with all sums right, if they have the form of a pack: blocks, tables, directory, footer.
pub(crate) fn sealed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let footer = bytes.len().checked_sub(48)?;
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let (blocks, objects) = (number(footer + 8)?, number(footer + 12)?);
    let (block_pages, object_pages) =
        (blocks.div_ceil(BLOCKS_PER_PAGE), objects.div_ceil(OBJECTS_PER_PAGE));
    let directory = footer.checked_sub(block_pages * 8 + object_pages * 40)?;
    let object_table = directory.checked_sub(objects * 45)?;
    let tables = object_table.checked_sub(blocks * 27)?;
    let mut sums = Vec::new();
    bytes[tables..object_table]
        .chunks(BLOCKS_PER_PAGE * 27)
        .for_each(|page| sums.extend(checksum(page)));
    for page in bytes[object_table..directory].chunks(OBJECTS_PER_PAGE * 45) {
        sums.extend(&page[..32]);
        sums.extend(checksum(page));
    }
    bytes[directory..footer].copy_from_slice(&sums);
    bytes[footer..footer + 8].copy_from_slice(&(tables as u64).to_le_bytes());
    let id = blake3::derive_key("selkie 1 pack", &bytes[directory..footer + 16]);
    bytes[footer + 16..].copy_from_slice(&id);
    bytes[..5].copy_from_slice(b"SLKP\x01");
    Some(bytes)
}

/// An entry of a log with the hash that follows `before`, and that hash. The signature is none.
pub(crate) fn entry(
    before: &[u8; 32],
    replica: [u8; 16],
    position: u64,
    payload: &[u8],
) -> (Vec<u8>, [u8; 32]) {
    let hashed = [&before[..], &replica, &position.to_le_bytes(), payload].concat();
    let hash = blake3::derive_key("selkie 1 log entry", &hashed);
    let length = u32::try_from(payload.len()).expect("a test's payload is short").to_le_bytes();
    let bytes = [&length[..], &position.to_le_bytes(), payload, &[0; 64], &hash, &length].concat();
    (bytes, hash)
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    *blake3::hash(bytes).as_bytes().first_chunk().expect("a hash has 32 bytes")
}
