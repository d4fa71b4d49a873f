//! Blocks that were decoded lately.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

#[derive(Debug, Default)]
struct Kept {
    blocks: HashMap<Key, Arc<Vec<u8>>>,
    order: VecDeque<Key>,
    len: usize,
}

const LEN_MAX: usize = 16 << 20;

/// A block larger than this would push out too many others.
const BLOCK_LEN_MAX: usize = LEN_MAX / 8;

impl BlockCache {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Vec<u8>>> {
        self.kept().blocks.get(key).cloned()
    }

    /// Keeps a block, or the beginning of one: the longest that comes.
    pub(super) fn keep(&self, key: Key, block: &Arc<Vec<u8>>) {
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
