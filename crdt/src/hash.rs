//! A hash for tables that strangers fill.
//!
//! Multiply and fold, as in wyhash: one multiplication for a number, or for sixteen bytes of text.
//! Keys come from peers, so the table seeds it with something a peer does not know.

use core::hash::Hash;
use core::hash::Hasher;

/// What a table mixes into every hash, so that keys chosen to collide elsewhere do not here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    /// A seed that is no secret, for what cannot be attacked.
    pub(crate) const KNOWN: Self = Self(A);

    /// A seed from the address of a value that the allocator placed.
    ///
    /// The address shows in nothing but the inner order of a table, which nothing can read.
    pub(crate) fn from_address<T>(of: &T) -> Self {
        let address = core::ptr::from_ref(of).addr() as u64;
        Self(fold(address ^ A, B))
    }

    pub(crate) fn hash<K: Hash + ?Sized>(self, key: &K) -> u64 {
        let mut state = Fold(self.0);
        key.hash(&mut state);
        state.0
    }
}

const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd6e8_feb8_6659_fd93;

struct Fold(u64);

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut pairs = bytes.chunks_exact(16);
        for pair in &mut pairs {
            self.0 = fold(word(&pair[..8]) ^ self.0, word(&pair[8..]) ^ B);
        }
        let rest = pairs.remainder();
        let (low, high) = match rest.len() {
            8.. => (word(&rest[..8]), word(&rest[rest.len() - 8..])),
            4.. => (half(&rest[..4]), half(&rest[rest.len() - 4..])),
            1.. => (
                u64::from(rest[0]) << 8 | u64::from(rest[rest.len() / 2]),
                u64::from(rest[rest.len() - 1]),
            ),
            0 => (0, 0),
        };
        // The length keeps apart texts whose overlapping ends read the same.
        self.0 = fold(low ^ self.0, high ^ A ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = fold(n ^ self.0, B);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("a slice of eight"))
}

fn half(bytes: &[u8]) -> u64 {
    u64::from(u32::from_le_bytes(bytes.try_into().expect("a slice of four")))
}
