//! Telling types apart in bytes.

/// A fingerprint of a type's structure, the same in every build. The example of
/// [`Value`](crate::Value) makes one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape(u32);

impl Shape {
    /// The shape of a type called `name` that is made of `parts`.
    #[must_use]
    pub const fn of(name: &str, parts: &[Self]) -> Self {
        let mut hash = fingerprint(name.as_bytes());
        let mut at = 0;
        while at < parts.len() {
            let mut byte = 0;
            while byte < 4 {
                hash = fnv(hash, parts[at].0.to_le_bytes()[byte]);
                byte += 1;
            }
            at += 1;
        }
        Self(hash)
    }

    /// The shape of a number in a type, such as the length of an array.
    #[must_use]
    pub const fn number(n: usize) -> Self {
        Self(n as u32)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }
}

// FNV-1a: any fixed hash would do, and this one can run while compiling.
const FNV_START: u32 = 0x811c_9dc5;

/// A number for `bytes`, the same in every build.
pub(crate) const fn fingerprint(bytes: &[u8]) -> u32 {
    let mut hash = FNV_START;
    let mut at = 0;
    while at < bytes.len() {
        hash = fnv(hash, bytes[at]);
        at += 1;
    }
    hash
}

const fn fnv(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}
