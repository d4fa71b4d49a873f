//! Blocks that were decoded lately.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::id::ObjectId;
use crate::pack::format::PackId;

type Key = (PackId, u32);

/// At most so many bytes of decoded blocks, the oldest leaving first.
///
/// Reading the objects of a block one after the other decodes it once; so does a chain of deltas whose
/// bases stand in each other's way.
#[derive(Debug, Default)]
pub(super) struct BlockCache {
    // Guards all of it; held for a look-up, never while a block is decoded.
    kept: Mutex<Kept>,
}

/// The bytes of a decoded block, or the first of them.
#[derive(Debug)]
pub(super) struct Decoded {
    bytes: Vec<u8>,
    // Objects whose bytes here hash to their ids. Guards nothing else.
    checked: Mutex<HashSet<ObjectId>>,
}

impl Decoded {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, checked: Mutex::default() }
    }

    /// Whether the bytes of an object were checked since they were decoded.
    pub(super) fn is_checked(&self, id: &ObjectId) -> bool {
        self.checked().contains(id)
    }

    pub(super) fn check(&self, id: ObjectId) {
        self.checked().insert(id);
    }

    fn checked(&self) -> MutexGuard<'_, HashSet<ObjectId>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Decoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Debug, Default)]
struct Kept {
    blocks: HashMap<Key, Arc<Decoded>>,
    order: VecDeque<Key>,
    len: usize,
}

const LEN_MAX: usize = 64 << 20;

/// A block larger than this would push out too many others.
const BLOCK_LEN_MAX: usize = LEN_MAX / 32;

impl BlockCache {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Decoded>> {
        self.kept().blocks.get(key).cloned()
    }

    /// Keeps a block, or the beginning of one: the longest that comes.
    pub(super) fn keep(&self, key: Key, block: &Arc<Decoded>) {
        if block.len() > BLOCK_LEN_MAX {
            return;
        }
        let mut kept = self.kept();
        match kept.blocks.insert(key, Arc::clone(block)) {
            Some(before) => kept.len -= before.len(),
            None => kept.order.push_back(key),
        }
        kept.len += block.len();
        while kept.len > LEN_MAX {
            let oldest = kept.order.pop_front().expect("what is counted is in order");
            kept.len -= kept.blocks.remove(&oldest).map_or(0, |block| block.len());
        }
    }

    pub(super) fn clear(&self) {
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
