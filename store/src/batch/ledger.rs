//! Where the objects of an unfinished batch are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::format::{BlockRecord, ObjectRecord};
use crate::parcel::{Prefix, prefix_of};
use crate::store::copies::Link;

/// Objects whose bytes resemble each other, most likely: of one kind, and of one type of file.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) file_type: u64,
}

/// Blocks that still grow, blocks that are being compressed, blocks that are written, and which of them
/// each object is in.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    spots: HashMap<ObjectId, Spot>,
    open: BTreeMap<Group, OpenBlock>,
    open_len: usize,
    blocks: Vec<Block>,
    arrived: HashMap<Prefix, ObjectId>,
}

/// A block that still grows.
#[derive(Debug, Default)]
struct OpenBlock {
    raw: Vec<u8>,
    members: Vec<ObjectRecord>, // their `block` is set when the block is closed
}

/// A block that no longer grows, and has a number.
#[derive(Debug)]
enum Block {
    Closed { raw: Arc<Vec<u8>>, link: Link },
    Written { record: BlockRecord, link: Link },
}

#[derive(Clone, Copy, Debug)]
enum Spot {
    /// Somebody is about to place it.
    Claimed,
    Open(Group, u32, u32),
    Placed(ObjectRecord),
}

/// An object that is written into a block with others.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: ObjectId,
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// A block to compress and write.
#[derive(Debug)]
pub(super) struct ClosedBlock {
    pub(super) number: u32,
    pub(super) raw: Arc<Vec<u8>>,
}

/// What is known of an object of the batch.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) link: Link,
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) bytes: FoundBytes,
}

/// Where its block is.
#[derive(Debug)]
pub(super) enum FoundBytes {
    /// It is this object, of an open block.
    Here(Vec<u8>),
    /// In memory.
    Closed(Arc<Vec<u8>>),
    /// In the file.
    Written(BlockRecord),
}

/// Bytes in all open blocks together. Beyond that the fullest is closed early.
const OPEN_LEN_MAX: usize = 16 << 20;

impl Ledger {
    /// Takes the object upon the caller. False if somebody did before.
    pub(super) fn claim(&mut self, id: ObjectId) -> bool {
        let free = !self.has(&id);
        if free {
            self.spots.insert(id, Spot::Claimed);
        }
        free
    }

    /// Whether the object is here, or somebody is about to place it.
    pub(super) fn has(&self, id: &ObjectId) -> bool {
        self.spots.contains_key(id)
    }

    /// Adds a claimed object to the open block of its group. A block that is then full is closed.
    pub(super) fn add(
        &mut self,
        group: Group,
        id: ObjectId,
        bytes: &[u8],
        block_len: usize,
    ) -> Option<ClosedBlock> {
        let open = self.open.entry(group).or_default();
        let record = open.add(group.kind, id, bytes);
        self.spots.insert(id, Spot::Open(group, record.start, record.length));
        self.open_len += bytes.len();
        let full = open.raw.len() >= block_len;
        let group = if full {
            group
        } else if self.open_len > OPEN_LEN_MAX {
            *self.open.iter().max_by_key(|(_, open)| open.raw.len())?.0
        } else {
            return None;
        };
        let open = self.open.remove(&group)?;
        self.open_len -= open.raw.len();
        Some(self.close(open))
    }

    /// Makes a claimed object a block of its own.
    pub(super) fn alone(
        &mut self,
        kind: Kind,
        id: ObjectId,
        raw: Vec<u8>,
        link: Link,
    ) -> ClosedBlock {
        let mut open = OpenBlock::default();
        open.members.push(record(kind, id, 0, raw.len()));
        open.raw = raw;
        self.close_with(open, link)
    }

    /// Makes objects, whose bytes stand one after the other, a block of their own.
    pub(super) fn together(&mut self, members: &[Member], raw: Vec<u8>, link: Link) -> ClosedBlock {
        let mut open = OpenBlock { raw, members: Vec::new() };
        let mut start = 0;
        for Member { id, kind, bytes } in members {
            open.members.push(record(*kind, *id, start, bytes.len()));
            start += bytes.len();
        }
        self.close_with(open, link)
    }

    /// Closes one of the blocks that still grow, with others joined to it that are small as well.
    pub(super) fn close_next(&mut self, block_len: usize) -> Option<ClosedBlock> {
        let (_, mut joined) = self.open.pop_first()?;
        while let Some(entry) = self.open.first_entry() {
            if joined.raw.len() + entry.get().raw.len() > block_len {
                break;
            }
            joined.join(entry.remove());
        }
        self.open_len -= joined.raw.len();
        Some(self.close(joined))
    }

    /// Notes where a closed block was written.
    pub(super) fn written(&mut self, number: u32, record: BlockRecord) {
        let block = &mut self.blocks[number as usize];
        let link = match block {
            Block::Closed { link, .. } | Block::Written { link, .. } => *link,
        };
        *block = Block::Written { record, link };
    }

    /// Notes a block that was written elsewhere and copied, and those of its objects that are not
    /// here yet.
    pub(super) fn copied(&mut self, record: BlockRecord, link: Link, members: &[ObjectRecord]) {
        let block = self.next_number();
        self.blocks.push(Block::Written { record, link });
        for member in members {
            let spot = Spot::Placed(ObjectRecord { block, ..*member });
            self.spots.entry(member.id).or_insert(spot);
        }
    }

    /// Notes that an object came from elsewhere: what comes after it may name it by the first bytes of its id.
    pub(super) fn arrived(&mut self, id: ObjectId) {
        self.arrived.insert(prefix_of(&id), id);
    }

    pub(super) fn with_prefix(&self, prefix: Prefix) -> Option<ObjectId> {
        self.arrived.get(&prefix).copied()
    }

    pub(super) fn find(&self, id: &ObjectId) -> Option<Found> {
        match self.spots.get(id)? {
            Spot::Claimed => None,
            &Spot::Open(group, start, length) => {
                let end = start + length;
                let bytes = self.open.get(&group)?.raw[start as usize..end as usize].to_vec();
                let link = Link { step: 0, base: None };
                Some(Found { link, start: 0, length, bytes: FoundBytes::Here(bytes) })
            }
            &Spot::Placed(ObjectRecord { block, start, length, .. }) => {
                let (link, bytes) = match &self.blocks[block as usize] {
                    Block::Closed { raw, link } => (*link, FoundBytes::Closed(Arc::clone(raw))),
                    Block::Written { record, link } => (*link, FoundBytes::Written(*record)),
                };
                Some(Found { link, start, length, bytes })
            }
        }
    }

    /// The tables of the pack, once every block is closed and written.
    pub(super) fn into_tables(self) -> (Vec<BlockRecord>, Vec<ObjectRecord>) {
        let blocks = self.blocks.into_iter().map(|block| match block {
            Block::Written { record, .. } => record,
            Block::Closed { .. } => unreachable!("whoever closes a block writes it"),
        });
        let objects = self.spots.into_values().map(|spot| match spot {
            Spot::Placed(record) => record,
            Spot::Claimed | Spot::Open(..) => unreachable!("whoever claims an object places it"),
        });
        let mut objects: Vec<_> = objects.collect();
        objects.sort_unstable_by_key(|record| record.id);
        (blocks.collect(), objects)
    }

    fn next_number(&self) -> u32 {
        u32::try_from(self.blocks.len()).expect("a batch has fewer than 2^32 blocks")
    }

    fn close(&mut self, mut open: OpenBlock) -> ClosedBlock {
        open.put_short_first();
        self.close_with(open, Link { step: 0, base: None })
    }

    fn close_with(&mut self, open: OpenBlock, link: Link) -> ClosedBlock {
        let number = self.next_number();
        let raw = Arc::new(open.raw);
        self.blocks.push(Block::Closed { raw: Arc::clone(&raw), link });
        for record in open.members {
            self.spots.insert(record.id, Spot::Placed(ObjectRecord { block: number, ..record }));
        }
        ClosedBlock { number, raw }
    }
}

impl OpenBlock {
    fn add(&mut self, kind: Kind, id: ObjectId, bytes: &[u8]) -> ObjectRecord {
        let mut record = record(kind, id, self.raw.len(), bytes.len());
        record.block = 0;
        self.raw.extend(bytes);
        self.members.push(record);
        record
    }

    /// Puts short objects before long ones: a reader decodes a block from its beginning to the end of what it reads.
    fn put_short_first(&mut self) {
        self.members.sort_by_key(|member| member.length);
        let mut raw = Vec::with_capacity(self.raw.len());
        for member in &mut self.members {
            let (start, end) = (member.start as usize, (member.start + member.length) as usize);
            *member = record(member.kind, member.id, raw.len(), member.length as usize);
            raw.extend(&self.raw[start..end]);
        }
        self.raw = raw;
    }

    fn join(&mut self, other: Self) {
        let shift = self.raw.len();
        self.raw.extend(other.raw);
        self.members.extend(other.members.into_iter().map(|member| {
            record(member.kind, member.id, member.start as usize + shift, member.length as usize)
        }));
    }
}

fn record(kind: Kind, id: ObjectId, start: usize, length: usize) -> ObjectRecord {
    let short = |length| u32::try_from(length).expect("blocks are shorter than 4 GiB");
    ObjectRecord { id, kind, block: 0, start: short(start), length: short(length) }
}
