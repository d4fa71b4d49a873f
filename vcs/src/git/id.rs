//! The name that git has for an object.

use std::fmt;

use gix_hash::{Kind as HashKind, ObjectId as Sha1, hasher};

/// What an object of git is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GitKind {
    /// A snapshot with its history.
    Commit,
    /// A directory.
    Tree,
    /// The bytes of a file.
    Blob,
    /// A tag with words.
    Tag,
}

/// The SHA-1 that names an object of git.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct GitId([u8; Self::LEN]);

impl GitId {
    /// Bytes in an id.
    pub const LEN: usize = 20;

    /// The id of an object; none of bytes that were made to collide with others.
    #[must_use]
    pub fn of(kind: GitKind, bytes: &[u8]) -> Option<Self> {
        let mut hasher = hasher(HashKind::Sha1);
        hasher.update(format!("{kind} {}\0", bytes.len()).as_bytes());
        hasher.update(bytes);
        Some(Self::from_bytes(hasher.try_finalize().ok()?.as_slice().try_into().ok()?))
    }

    /// The id that these bytes spell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The id that is shown so: 40 hexadecimal digits, lower case.
    #[must_use]
    pub fn spelled(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::LEN];
        if text.len() != 2 * Self::LEN {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// The bytes that spell this id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(super) fn sha1(self) -> Sha1 {
        Sha1::from_bytes_or_panic(&self.0)
    }

    /// The id that gitoxide speaks of, which is none of ours where it is no SHA-1.
    pub(super) fn of_sha1(id: &Sha1) -> Option<Self> {
        Some(Self(id.as_slice().try_into().ok()?))
    }
}

/// The bytes that so many pairs of lower-case digits spell.
pub(super) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Each byte in two lower-case digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for GitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for GitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for GitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        })
    }
}
