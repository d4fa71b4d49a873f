//! How the files that show conflicts were marked: a cache that may be deleted at any time.
//!
//! What a file shows of a conflict follows from the conflict, by a merge of three whole texts. Whoever wrote the file made that
//! merge; what they knew by it is kept here in few bytes, so that nobody merges again only to tell whether somebody touched the
//! file, or where its open parts are. Integers are little-endian.
//!
//! ```text
//! offset  size  field
//!      0     4  magic "SMK\0"
//!      4     4  version 1
//!      8     4  count of conflicts, n
//!     12   72n  of each, ascending by id: (id: 32, length of its markers: 8, BLAKE3 of the whole text: 32)
//!           32  BLAKE3 of everything before
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use selkie_store::{ConflictId, ObjectId};

use crate::conflict::Marked;

/// How the text of one conflict was marked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Marking {
    conflict: ConflictId,
    length: u64,
    text: [u8; HASH_LEN],
}

/// All that is known of the files that show conflicts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Markings(BTreeMap<ConflictId, Marking>);

const MAGIC: [u8; 4] = *b"SMK\0";
const VERSION: u32 = 1;
const HEADER_LEN: usize = 12;
const HASH_LEN: usize = 32;
const ROW_LEN: usize = 72;
const _: () = assert!(ROW_LEN == ObjectId::LEN + size_of::<u64>() + HASH_LEN);

/// Above so many, what is in conflict no more is forgotten. Below, somebody may come back to it, by undoing or by switching.
const KEPT_MIN: usize = 1024;
/// Of more conflicts nothing is told: the others are merged again where somebody asks.
const COUNT_MAX: usize = 1 << 16;

impl Marking {
    /// How this text of the conflict is marked.
    pub(crate) fn of(conflict: ConflictId, marked: &Marked) -> Self {
        let text = *blake3::hash(&marked.bytes).as_bytes();
        Self { conflict, length: marked.length as u64, text }
    }

    /// The conflict.
    pub(crate) const fn conflict(&self) -> ConflictId {
        self.conflict
    }

    /// How long its markers are.
    pub(crate) fn length(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }

    /// Whether this is the text, byte for byte.
    pub(crate) fn is_of(&self, text: &[u8]) -> bool {
        blake3::hash(text) == self.text
    }
}

impl Markings {
    /// What [`Markings::write`] left there. What can not be read is not known, and that is all.
    pub(crate) fn read(path: &Path) -> Self {
        fs::read(path).ok().and_then(|bytes| Self::decode(&bytes)).unwrap_or_default()
    }

    /// How the text of this conflict was marked.
    pub(crate) fn of(&self, conflict: ConflictId) -> Option<&Marking> {
        self.0.get(&conflict)
    }

    /// Knows these as well. Where that is too much, only those that `is_there` says are in conflict stay.
    pub(crate) fn follow(&mut self, new: &[Marking], is_there: impl Fn(ConflictId) -> bool) {
        if self.0.len() + new.len() > KEPT_MIN {
            self.0.retain(|conflict, _| is_there(*conflict));
        }
        self.0.extend(new.iter().map(|marking| (marking.conflict, *marking)));
    }

    /// Writes it so that a reader sees what was there before or this. Nothing is synced: what a power cut leaves is whole, or
    /// is not known.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("tmp");
        fs::write(&temporary, self.encode())?;
        fs::rename(&temporary, path)
    }

    fn encode(&self) -> Vec<u8> {
        let count = self.0.len().min(COUNT_MAX);
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(u32::try_from(count).expect("it is below the greatest count").to_le_bytes());
        for marking in self.0.values().take(count) {
            out.extend(marking.conflict.object().as_bytes());
            out.extend(marking.length.to_le_bytes());
            out.extend(marking.text);
        }
        let sum = blake3::hash(&out);
        out.extend(sum.as_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(HASH_LEN)?)?;
        let (header, rows) = body.split_at_checked(HEADER_LEN)?;
        let is_known = header[..4] == MAGIC && header[4..8] == VERSION.to_le_bytes();
        let count = u32::from_le_bytes(header[8..].try_into().ok()?);
        let is_whole = rows.len() as u64 == u64::from(count) * ROW_LEN as u64;
        if !is_known || !is_whole || blake3::hash(body) != *sum {
            return None;
        }
        let marking = |row: &[u8; ROW_LEN]| {
            let (id, rest) = row.split_first_chunk::<{ ObjectId::LEN }>()?;
            let (length, text) = rest.split_first_chunk::<8>()?;
            let conflict = ConflictId::from(ObjectId::from_bytes(*id));
            let text = text.try_into().ok()?;
            Some((conflict, Marking { conflict, length: u64::from_le_bytes(*length), text }))
        };
        rows.as_chunks::<ROW_LEN>().0.iter().map(marking).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{Content, Kind, Node};

    use super::*;

    fn id(text: &str) -> ConflictId {
        ConflictId::from(ObjectId::of(Kind::Conflict, text.as_bytes()))
    }

    fn marking(conflict: &str, text: &str) -> Marking {
        let bytes = text.as_bytes().to_vec();
        let like = Node::File(Content::identify(&bytes[..], &mut Vec::new()).unwrap());
        Marking::of(id(conflict), &Marked { bytes, length: 7, like })
    }

    fn known(markings: &[Marking]) -> Markings {
        Markings(markings.iter().map(|marking| (marking.conflict, *marking)).collect())
    }

    #[test]
    fn what_was_written_is_known_again_and_nothing_else_is() {
        let markings = known(&[marking("a", "one"), marking("b", "other")]);
        let bytes = markings.encode();
        assert_eq!(bytes[..12], *b"SMK\0\x01\0\0\0\x02\0\0\0");
        assert_eq!(bytes.len(), 12 + 2 * 72 + 32);
        assert_eq!(Markings::decode(&bytes), Some(markings));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Markings::decode(&damaged), None, "byte {at}");
            assert_eq!(Markings::decode(&bytes[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn a_text_is_its_own_to_the_last_byte() {
        let marking = marking("a", "one\n");
        assert!(marking.is_of(b"one\n") && !marking.is_of(b"one") && !marking.is_of(b"one\r\n"));
    }

    #[test]
    fn of_many_those_that_are_in_conflict_no_more_are_forgotten() {
        let all: Vec<Marking> =
            (0..KEPT_MIN).map(|number| marking(&number.to_string(), "text")).collect();
        let mut markings = Markings::default();
        markings.follow(&all, |_| false);
        assert_eq!(markings, known(&all));
        markings.follow(&[marking("new", "text")], |conflict| conflict == id("7"));
        assert_eq!(markings, known(&[marking("7", "text"), marking("new", "text")]));
    }
}
