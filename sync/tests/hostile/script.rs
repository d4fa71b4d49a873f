//! What happens, as bytes say it: tests draw them and a fuzzer bends them.

use selkie_store::SecretKey;
use selkie_sync::NodeId;

/// Choices, read off the script; zeros when it ends.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl Script<'_> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn below(&mut self, limit: u8) -> u8 {
        self.byte().unwrap_or(0) % limit
    }

    pub(crate) fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => u64::from(self.below(8)),
            1 => u64::from(self.below(255)),
            2 => u64::MAX - u64::from(self.below(3)),
            _ => u64::from(self.below(255)) << self.below(56),
        }
    }

    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let len = usize::from(self.below(64)).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes.to_vec()
    }
}

pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number + 1; 32])
}

pub(crate) fn id(number: u8) -> NodeId {
    NodeId::of(key(number).public())
}
