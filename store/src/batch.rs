//! Objects on their way into the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use thiserror::Error;

use crate::batch::ledger::{ClosedBlock, Found, FoundBytes, Group, Ledger, Member};
use crate::cursor::index;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::lent::Lent;
use crate::limits::{BLOB_LEN_MAX, OBJECT_LEN_MAX};
use crate::object::error::TooLarge;
use crate::object::format::{Canonical, links};
use crate::pack::StoredBlock;
use crate::pack::format::{BlockRecord, Codec, ObjectRecord, PackId, Standing, checksum};
use crate::pack::sink::Sink;
use crate::store::copies::Link;
use crate::store::{Object, Store};

pub(crate) mod ledger;
pub(crate) mod strange;
#[cfg(test)]
mod tests;

/// Objects that become durable together, in one pack.
///
/// Many threads may put at once; whoever fills a block compresses it. Nobody sees the objects before
/// [`Batch::finish`]. A batch that is dropped was never there.
///
/// What an object links to was put into the same batch, or is [relied on](Batch::rely), or can be reached
/// from a root that stays. Then no [`gc`](crate::gc) takes it away, however long the batch is open.
#[derive(Debug)]
#[must_use = "objects that are put are lost unless the batch is finished"]
pub struct Batch<'a> {
    store: Lent<'a>,
    begun: OnceLock<()>,
    // Guards where objects are. Never held while bytes are hashed, compressed or written.
    ledger: Mutex<Ledger>,
    // Guards the file. None after an error: what was written before it may be lost as well.
    sink: Mutex<Option<Sink>>,
    // Guards a free list of buffers, each one byte longer than a blob: making one for every small file
    // would cost more than the file.
    buffers: Mutex<Vec<Vec<u8>>>,
    // Guards how many deltas are in a row below an object, where that was counted. A chain is asked for again with each version
    // that is put upon it.
    depths: Mutex<HashMap<ObjectId, usize>>,
}

/// What a writer knows of an object's relatives. Only its size depends on it, never its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Hint<'a> {
    /// The path it stands at: files of one type are compressed together.
    pub path: &'a str,
    /// What it most likely resembles: the object at the same path before.
    pub base: Option<ObjectId>,
}

/// Why objects were not written. None of the batch is visible.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The file system did not take the bytes, or the source did not give them.
    #[error("the bytes can not be read or written")]
    Io(#[from] std::io::Error),
    /// An earlier error ended the batch.
    #[error("the batch was given up after an earlier error")]
    GivenUp,
    /// More bytes than an object may have.
    #[error("an object has at most {OBJECT_LEN_MAX} bytes, not {0}")]
    Long(usize),
    /// More bytes than content that is not cut may have. Other replicas would refuse it.
    #[error("content of more than {BLOB_LEN_MAX} bytes is cut into chunks, and this has {0}")]
    Uncut(usize),
    /// A part of a value is too large to be written.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Bytes in a block of small objects. `BENCHMARKS.md` has sizes and read times for others.
pub(crate) const BLOCK_LEN: usize = 24 << 10;

/// The longest chain of versions, each made from an earlier one. Deltas are then at most 10 deep.
const STEP_MAX: u16 = 1023;

/// The most deltas in a row that are put upon each other.
const DEPTH_MAX: usize = 16;

/// More than this are not remembered: 4 MiB.
const DEPTHS_MAX: usize = 64 << 10;

impl Hint<'_> {
    /// Nothing is known.
    pub const NONE: Self = Self { path: "", base: None };
}

impl<'a> Batch<'a> {
    /// An empty batch.
    pub fn new(store: impl Into<Lent<'a>>) -> Self {
        let store = store.into();
        let sink = Sink::new(store.disk().clone());
        Self {
            store,
            begun: OnceLock::new(),
            ledger: Mutex::default(),
            sink: Mutex::new(Some(sink)),
            buffers: Mutex::default(),
            depths: Mutex::default(),
        }
    }

    /// The store that it adds to.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Adds an object whose canonical bytes these are, unless the store has it. Content of any length is added by
    /// [`Batch::put_content`].
    ///
    /// # Errors
    ///
    /// The bytes are too many, or can not be written.
    pub fn put(&self, kind: Kind, bytes: &[u8], hint: Hint) -> Result<ObjectId, WriteError> {
        if kind == Kind::Blob && bytes.len() > BLOB_LEN_MAX {
            return Err(WriteError::Uncut(bytes.len()));
        }
        let id = ObjectId::of(kind, bytes);
        if !self.has(&id)? {
            self.put_again(id, kind, bytes, hint)?;
        }
        Ok(id)
    }

    /// Whether the store has the object and all below it, which then stay until the batch is finished.
    /// What a [`gc`](crate::gc) is about to remove is added to the batch.
    ///
    /// # Errors
    ///
    /// The object can not be written.
    pub fn rely(&self, id: &ObjectId) -> Result<bool, WriteError> {
        enum Step {
            Look(ObjectId),
            Write(Object),
        }
        let mut steps = vec![Step::Look(*id)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Look(id) => {
                    if self.relies(&id)? {
                        continue;
                    }
                    // Only a condemned copy may be left, and that one may go at any time.
                    let Ok(object) = self.store.read(&id) else { return Ok(false) };
                    let Ok(links) = links(object.kind, &object.bytes) else { return Ok(false) };
                    // What an object links to comes first, so that none is here without its links.
                    steps.push(Step::Write(object));
                    steps.extend(links.into_iter().map(|(_, link)| Step::Look(link)));
                }
                Step::Write(object) => {
                    self.heal(object.kind, &object.bytes)?;
                }
            }
        }
        Ok(true)
    }

    /// As [`rely`](Batch::rely), of what was known to be in the store when this batch began: what is not may be there now.
    ///
    /// # Errors
    ///
    /// The store can not be looked at.
    pub fn relies(&self, id: &ObjectId) -> Result<bool, WriteError> {
        Ok(self.ledger().has(id) || self.has(id)?)
    }

    /// Adds a value, unless the store has it. What a seal or a conflict links to is [relied](Batch::rely) on if
    /// it is here; a tree has too many links for that, so whoever makes one relies on those that are new in it.
    ///
    /// # Errors
    ///
    /// The value is too large, or can not be written.
    pub fn put_value<T: Canonical>(&self, value: &T, hint: Hint) -> Result<T::Id, WriteError> {
        let bytes = value.encode()?;
        if matches!(T::KIND, Kind::Seal | Kind::Conflict) {
            self.rely_on_links(T::KIND, &bytes)?;
        }
        Ok(self.put(T::KIND, &bytes, hint)?.into())
    }

    /// Adds a copy of an object although the store may have one, because that one is damaged.
    ///
    /// # Errors
    ///
    /// The bytes are too many, or can not be written.
    pub fn heal(&self, kind: Kind, bytes: &[u8]) -> Result<ObjectId, WriteError> {
        let id = ObjectId::of(kind, bytes);
        self.put_again(id, kind, bytes, Hint::NONE)?;
        Ok(id)
    }

    /// Makes all objects of the batch durable and visible.
    ///
    /// # Errors
    ///
    /// They can not be written. Whether they will be visible is open if only the last sync
    /// failed.
    pub fn finish(self) -> Result<Option<PackId>, WriteError> {
        let store = self.store.clone();
        let id = self.finish_as(Standing::Kept)?;
        id.into_iter().for_each(|id| store.adopt(id));
        Ok(id)
    }

    /// Makes the batch a pack of this standing.
    pub(crate) fn finish_as(self, standing: Standing) -> Result<Option<PackId>, WriteError> {
        while let Some(block) = { self.ledger().close_next(BLOCK_LEN) } {
            self.write_plain(&block)?;
        }
        let sink = self.sink().take().ok_or(WriteError::GivenUp)?;
        let (blocks, objects) = std::mem::take(&mut *self.ledger()).into_tables();
        if objects.is_empty() {
            return Ok(None);
        }
        Ok(Some(sink.finish(&blocks, &objects, standing)?))
    }

    /// Adds objects in the block that they are in, as it is stored. Those that the batch has are left
    /// as they are.
    pub(crate) fn copy(
        &self,
        block: &StoredBlock,
        members: &[ObjectRecord],
    ) -> Result<(), WriteError> {
        let offset = self.append(&block.bytes)?;
        let (base, _) = block.base_and_frame();
        let link = Link { step: block.record.step, base };
        self.ledger().copied(BlockRecord { offset, ..block.record }, link, members);
        Ok(())
    }

    /// Adds objects in a block of their own, which takes its time to be small. They are made from the base,
    /// with this step, if there is one and if that pays.
    pub(crate) fn write_members(
        &self,
        members: &[Member],
        base: Option<(ObjectId, &[u8])>,
        step: u16,
    ) -> Result<(), WriteError> {
        if members.is_empty() {
            return Ok(());
        }
        let frames = self.store.frames();
        let raw: Vec<u8> = members.iter().flat_map(|member| &member.bytes).copied().collect();
        let alone = frames.pack_hard(&raw);
        let alone_len = alone.as_ref().map_or(raw.len(), Vec::len);
        let delta = base.and_then(|(base, bytes)| {
            let frame = frames.pack_hard_after(bytes, &raw)?;
            let delta = [base.as_bytes(), frame.as_slice()].concat();
            (delta.len() < alone_len).then_some((base, delta))
        });
        let link = match delta {
            Some((base, _)) => Link { step, base: Some(base) },
            None => Link { step: 0, base: None },
        };
        let block = self.ledger().together(members, raw, link);
        match (delta, alone) {
            (Some((_, delta)), _) => self.write(&block, Codec::Delta, step, &delta),
            (None, Some(frame)) => self.write(&block, Codec::Zstd, 0, &frame),
            (None, None) => self.write(&block, Codec::Raw, 0, &block.raw),
        }
    }

    /// Calls `with` with a buffer that holds any blob and one byte more.
    pub(crate) fn with_buffer<T>(&self, with: impl FnOnce(&mut [u8]) -> T) -> T {
        let free = || self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = free().pop();
        let mut buffer = taken.unwrap_or_else(|| vec![0; BLOB_LEN_MAX + 1]);
        let result = with(&mut buffer);
        free().push(buffer);
        result
    }

    fn rely_on_links(&self, kind: Kind, bytes: &[u8]) -> Result<(), WriteError> {
        // What makes no sense links to nothing, and no reader takes it.
        for (_, link) in links(kind, bytes).unwrap_or_default() {
            // A parent that is nowhere is left as it is: a history may begin later than its seals say.
            self.rely(&link)?;
        }
        Ok(())
    }

    /// Whether the store has an object that stays until the batch is finished.
    fn has(&self, id: &ObjectId) -> Result<bool, WriteError> {
        self.begin()?;
        // A pack that can not be read is no reason to fail: the object is then written once more.
        Ok(self.store.knows(id).unwrap_or(false))
    }

    /// Shows that somebody relies on what is there, and only then looks at what is there. So whatever
    /// is condemned after the look waits for this batch, see `gc`.
    fn begin(&self) -> Result<(), WriteError> {
        if self.begun.get().is_some() {
            return Ok(());
        }
        let mut sink = self.sink();
        sink.as_mut().ok_or(WriteError::GivenUp)?.begin()?;
        self.store.list()?;
        // Another thread may have come first, which did the same.
        let _ = self.begun.set(());
        Ok(())
    }

    fn put_again(
        &self,
        id: ObjectId,
        kind: Kind,
        bytes: &[u8],
        hint: Hint,
    ) -> Result<(), WriteError> {
        if bytes.len() > OBJECT_LEN_MAX {
            return Err(WriteError::Long(bytes.len()));
        }
        if !self.ledger().claim(id) {
            return Ok(());
        }
        if let Some(hinted) = hint.base
            && let Some((base, step)) = self.skip_back(hinted, id)
            && let Some(delta) = self.delta(base, bytes)
        {
            let link = Link { step, base: Some(base) };
            let block = self.ledger().alone(kind, id, bytes.to_vec(), link);
            return self.write(&block, Codec::Delta, step, &delta);
        }
        if bytes.len() >= BLOCK_LEN {
            let link = Link { step: 0, base: None };
            let block = self.ledger().alone(kind, id, bytes.to_vec(), link);
            return self.write_plain(&block);
        }
        let group = Group { kind, file_type: file_type(hint.path) };
        let full = self.ledger().add(group, id, bytes, BLOCK_LEN);
        full.map_or(Ok(()), |block| self.write_plain(&block))
    }

    /// What to make the object `id` from when it resembles `hinted`, and its step.
    ///
    /// Not `hinted` itself: the object on its chain whose step is the new one's with the lowest bit
    /// cleared. So chains are as deep as a step has bits.
    fn skip_back(&self, hinted: ObjectId, id: ObjectId) -> Option<(ObjectId, u16)> {
        let mut base = hinted;
        let mut link = self.link(&base)?;
        let step = link.step + 1;
        while link.step > step & (step - 1) {
            base = link.base?;
            link = self.link(&base)?;
        }
        // An object can not be made from itself, and a chain too long starts anew.
        (base != id && step <= STEP_MAX && self.is_shallow(link)).then_some((base, step))
    }

    /// Whether one more delta may be put on this one. Steps alone do not say so where copies of two
    /// writers mix.
    fn is_shallow(&self, link: Link) -> bool {
        let (mut above, mut below, mut next) = (Vec::new(), 0, link.base);
        while let Some(base) = next {
            let known = self.depths().get(&base).copied();
            if let Some(depth) = known {
                below = depth + 1;
                break;
            }
            let Some(link) = self.link(&base).filter(|_| above.len() < DEPTH_MAX) else {
                return false;
            };
            above.push(base);
            next = link.base;
        }
        let mut depths = self.depths();
        if depths.len() >= DEPTHS_MAX {
            depths.clear();
        }
        for base in above.into_iter().rev() {
            depths.insert(base, below);
            below += 1;
        }
        below < DEPTH_MAX
    }

    /// The base's id and a frame made after it, if that pays.
    fn delta(&self, base: ObjectId, bytes: &[u8]) -> Option<Vec<u8>> {
        let frames = self.store.frames();
        let frame = frames.pack_after(&self.read(&base)?, bytes)?;
        let delta = [base.as_bytes(), frame.as_slice()].concat();
        if delta.len() <= bytes.len() / 8 {
            return Some(delta);
        }
        // Near the limit it is worth knowing what the bytes alone would take. Half of that, since
        // beside its neighbours in a block an object takes less than alone.
        let alone = frames.pack(bytes).map_or(bytes.len(), |frame| frame.len());
        (delta.len() <= alone / 2).then_some(delta)
    }

    fn write_plain(&self, block: &ClosedBlock) -> Result<(), WriteError> {
        match self.store.frames().pack(&block.raw) {
            Some(frame) => self.write(block, Codec::Zstd, 0, &frame),
            None => self.write(block, Codec::Raw, 0, &block.raw),
        }
    }

    fn write(
        &self,
        block: &ClosedBlock,
        codec: Codec,
        step: u16,
        stored: &[u8],
    ) -> Result<(), WriteError> {
        let checksum = checksum(stored);
        let short = |length| u32::try_from(length).expect("blocks are shorter than 4 GiB");
        let offset = self.append(stored)?;
        let (stored_len, raw_len) = (short(stored.len()), short(block.raw.len()));
        let record = BlockRecord { offset, stored_len, raw_len, codec, step, checksum };
        self.ledger().written(block.number, record);
        Ok(())
    }

    fn append(&self, stored: &[u8]) -> Result<u64, WriteError> {
        let mut sink = self.sink();
        let open = sink.as_mut().ok_or(WriteError::GivenUp)?;
        let offset = open.len();
        if let Err(error) = open.append(stored) {
            *sink = None;
            return Err(error.into());
        }
        Ok(offset)
    }

    /// How an object of the batch or the store is stored.
    fn link(&self, id: &ObjectId) -> Option<Link> {
        // A hint that can not be followed is no hint.
        let own = self.ledger().find(id).map(|found| found.link);
        own.or_else(|| self.store.link(id).ok())
    }

    /// The bytes of an object of the batch or the store.
    fn read(&self, id: &ObjectId) -> Option<Vec<u8>> {
        // A hint that can not be read is no hint.
        let Some(found) = ({ self.ledger().find(id) }) else {
            return self.store.read(id).ok().map(|object| object.bytes);
        };
        let part = |block: &[u8]| {
            block.get(index(found.start)..)?.get(..index(found.length)).map(<[u8]>::to_vec)
        };
        match &found.bytes {
            FoundBytes::Here(bytes) => Some(bytes.clone()),
            FoundBytes::Closed(raw) => part(raw),
            FoundBytes::Written(record) => part(&self.unpack(&found, record)?),
        }
    }

    fn unpack(&self, found: &Found, record: &BlockRecord) -> Option<Vec<u8>> {
        let mut stored = vec![0; index(record.stored_len)];
        self.sink().as_ref()?.read_at(record.offset, &mut stored).ok()?;
        let length = index(record.raw_len);
        match (record.codec, found.link.base) {
            (Codec::Delta, Some(base)) => {
                let frame = stored.get(ObjectId::LEN..)?;
                self.store.frames().unpack_after(&self.read(&base)?, frame, length).ok()
            }
            (Codec::Zstd, _) => self.store.frames().unpack(&stored, length).ok(),
            (Codec::Raw | Codec::Delta, _) => Some(stored),
        }
    }

    fn depths(&self) -> MutexGuard<'_, HashMap<ObjectId, usize>> {
        // What is remembered is so, whoever else panicked.
        self.depths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Its methods change it in steps that can not panic half-way but for broken invariants.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sink(&self) -> MutexGuard<'_, Option<Sink>> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number for the type of the file at `path`: its ending, or its name if it has none.
fn file_type(path: &str) -> u64 {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or(name, |(_, ending)| ending);
    // FNV-1a: types that meet in one number share blocks, which costs some bytes and nothing else.
    ending.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
