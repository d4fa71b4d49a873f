//! The bytes of deltas and states: numbers, columns of changes, and how they are read back.
//!
//! One value has one encoding, and a reader refuses every other: numbers are of the fewest
//! bytes, runs as long as they can be, lists strictly ascending where order carries no meaning.
//! So equal states give equal bytes, and a hash over them compares replicas.
//!
//! A reader trusts nothing. Every counted thing takes at least a byte, so a count above the
//! bytes that are left is refused before memory is taken for it; nesting is a matter of types,
//! not of input.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use crate::mark::Mark;
use crate::mark::Run;

/// Why bytes are not a delta or a state. Nothing was changed by reading them.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, DecodeError, Delta, Doc};
/// let west = ActorId::from_bytes([2; 16]);
/// let mut west = Doc::<AwSet<u64>>::new(west);
/// west.edit().add(1);
/// let bytes = west.to_bytes();
/// let half = &bytes[..bytes.len() / 2];
/// assert!(matches!(Delta::<AwSet<u64>>::from_bytes(half), Err(DecodeError::Truncated)));
/// // The same bytes are no set of texts.
/// assert!(Delta::<AwSet<String>>::from_bytes(&bytes).is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end in the middle of something.
    Truncated,
    /// The bytes go on after the end.
    Trailing,
    /// The first bytes are not those of this format.
    Foreign,
    /// A format version that this release does not know.
    Version(u8),
    /// The bytes are those of another type.
    Shape,
    /// A number is too large for its place.
    Range,
    /// The same value has a shorter or an ordered spelling.
    NotCanonical,
    /// Text is not UTF-8.
    Text,
    /// Two parts contradict each other.
    Contradiction,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the bytes end too early"),
            Self::Trailing => f.write_str("bytes are left over at the end"),
            Self::Foreign => f.write_str("not the bytes of a delta"),
            Self::Version(version) => write!(f, "format version {version} is not known here"),
            Self::Shape => f.write_str("the bytes of a delta of another type"),
            Self::Range => f.write_str("a number is too large for its place"),
            Self::NotCanonical => f.write_str("a value is not in its one canonical spelling"),
            Self::Text => f.write_str("text is not UTF-8"),
            Self::Contradiction => f.write_str("two parts of the bytes contradict each other"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Collects bytes. The example of [`Value`](crate::Value) uses it.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    track: Track,
}

/// Takes bytes apart. The example of [`Value`](crate::Value) uses it.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    track: Track,
    counters: Vec<u64>, // the last counter that each actor may have here
}

/// Where the column of changes stands: both sides keep it, so that a change is written as its
/// distance from the one before.
#[derive(Debug, Default)]
struct Track {
    actor: u32,
    next: Vec<u64>, // for each actor, one past its last change written; 0 if there was none
}

impl Writer {
    pub(crate) fn for_actors(count: usize) -> Self {
        Self { bytes: Vec::new(), track: Track::new(count) }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Bytes as they are; the reader must know how many.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A number in one to ten bytes, seven bits each, low ones first.
    pub fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    /// A count of things that follow.
    pub fn count(&mut self, n: usize) {
        self.number(n as u64);
    }

    /// A number that is small either side of zero.
    pub fn signed(&mut self, n: i64) {
        self.number(zigzag(n));
    }

    /// Small numbers that are often all alike: then one for all, else `mixed` and one each.
    pub(crate) fn tags(&mut self, tags: impl Iterator<Item = u8> + Clone, mixed: u8) {
        let mut rest = tags.clone();
        match rest.next() {
            Some(first) if rest.all(|tag| tag == first) => self.byte(first),
            Some(_) | None => {
                self.byte(mixed);
                tags.for_each(|tag| self.byte(tag));
            }
        }
    }

    /// Changes, as runs of one actor's consecutive counters. The reader must know how many.
    pub(crate) fn marks(&mut self, marks: impl IntoIterator<Item = Mark>) {
        let mut marks = marks.into_iter().peekable();
        while let Some(first) = marks.next() {
            let mut last = first;
            while let Some(next) = marks.next_if(|next| last.is_before(*next)) {
                last = next;
            }
            self.run(Run { first, last });
        }
    }

    /// Runs of changes. The reader must know how many.
    pub(crate) fn runs(&mut self, runs: &[Run]) {
        runs.iter().for_each(|run| self.run(*run));
    }

    /// Header: distance, whether more than one, whether another actor than before.
    fn run(&mut self, run: Run) {
        let (actor, counter) = (run.first.actor(), run.first.counter());
        let more = run.last.counter() - counter;
        let turns = actor != self.track.actor;
        let away = zigzag(counter.wrapping_sub(self.track.next[actor as usize]).cast_signed());
        self.number(away << 2 | u64::from(more > 0) << 1 | u64::from(turns));
        if turns {
            self.number(u64::from(actor));
        }
        if more > 0 {
            self.number(more - 1);
        }
        self.track.actor = actor;
        self.track.next[actor as usize] = counter + more + 1;
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, track: Track::default(), counters: Vec::new() }
    }

    /// From here on, changes are of these actors, up to these counters.
    pub(crate) fn expect_actors(&mut self, counters: Vec<u64>) {
        self.track = Track::new(counters.len());
        self.counters = counters;
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.bytes.len()
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if none is left.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// That many bytes as they are.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A number that [`Writer::number`] wrote.
    ///
    /// # Errors
    /// If the bytes end, spell more than 64 bits, or spell a number longer than needed.
    #[inline]
    pub fn number(&mut self) -> Result<u64, DecodeError> {
        match self.bytes {
            [n @ ..0x80, rest @ ..] => {
                self.bytes = rest;
                Ok(u64::from(*n))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, DecodeError> {
        let mut n = 0;
        for at in 0..10 {
            let byte = self.byte()?;
            if at == 9 && byte > 1 {
                return Err(DecodeError::Range);
            }
            n |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                let longer_than_needed = byte == 0 && at > 0;
                return if longer_than_needed { Err(DecodeError::NotCanonical) } else { Ok(n) };
            }
        }
        Err(DecodeError::Range)
    }

    /// A count of things that take at least a byte each.
    ///
    /// # Errors
    /// As [`Reader::number`], or if there are not that many bytes left.
    pub fn count(&mut self) -> Result<usize, DecodeError> {
        let n = self.number()?;
        usize::try_from(n).ok().filter(|n| *n <= self.left()).ok_or(DecodeError::Truncated)
    }

    /// A number below `limit`.
    ///
    /// # Errors
    /// As [`Reader::number`], or if it is not below.
    pub fn number_below(&mut self, limit: usize) -> Result<usize, DecodeError> {
        let n = usize::try_from(self.number()?).map_err(|_too_large| DecodeError::Range)?;
        if n < limit { Ok(n) } else { Err(DecodeError::Range) }
    }

    /// A number that [`Writer::signed`] wrote.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn signed(&mut self) -> Result<i64, DecodeError> {
        self.number().map(unzigzag)
    }

    /// As many tags as [`Writer::tags`] wrote, all among `known`, with a `mixed` that is not.
    pub(crate) fn tags(
        &mut self,
        count: usize,
        known: RangeInclusive<u8>,
        mixed: u8,
    ) -> Result<Vec<u8>, DecodeError> {
        let first = self.byte()?;
        if known.contains(&first) && count > 0 {
            return Ok(alloc::vec![first; count]);
        }
        if first != mixed {
            return Err(DecodeError::NotCanonical);
        }
        let tags = self.raw(count)?.to_vec();
        let are_alike = tags.iter().all(|tag| *tag == tags[0]) && count > 0;
        let are_known = tags.iter().all(|tag| known.contains(tag));
        if are_known && !are_alike { Ok(tags) } else { Err(DecodeError::NotCanonical) }
    }

    /// `count` changes, each within what the actors may have made, in any order, with repeats.
    ///
    /// The caller has bounded `count`: a run of many takes a few bytes.
    pub(crate) fn marks(&mut self, count: usize) -> Result<Vec<Mark>, DecodeError> {
        let mut marks = Vec::with_capacity(count);
        let mut end = None;
        while marks.len() < count {
            let run = self.run_after(end)?;
            let len = run.last.counter() - run.first.counter() + 1;
            if len > (count - marks.len()) as u64 {
                return Err(DecodeError::Range);
            }
            if len == 1 {
                marks.push(run.first);
            } else {
                let (actor, first) = (run.first.actor(), run.first.counter());
                marks.extend((first..first + len).map(|counter| Mark::new(actor, counter)));
            }
            end = Some(run.last);
        }
        Ok(marks)
    }

    /// Changes and how many of `total` things each has: at least one, and not all of them one.
    pub(crate) fn sized_marks(
        &mut self,
        total: usize,
    ) -> Result<(Vec<Mark>, Vec<usize>), DecodeError> {
        let (mut marks, mut end) = (Vec::new(), None);
        let mut sizes = Vec::new();
        let groups = self.number_below(total)?;
        while marks.len() < groups {
            let run = self.run_after(end)?;
            let len = run.last.counter() - run.first.counter() + 1;
            if len > (groups - marks.len()) as u64 {
                return Err(DecodeError::Range);
            }
            let counters = run.first.counter()..=run.last.counter();
            marks.extend(counters.map(|n| Mark::new(run.first.actor(), n)));
            end = Some(run.last);
        }
        for _ in 0..groups {
            sizes.push(self.number_below(total + 1)?);
        }
        let sum = sizes.iter().fold(0, |sum: usize, size| sum.saturating_add(*size));
        let fits = sum == total && !sizes.contains(&0);
        if fits { Ok((marks, sizes)) } else { Err(DecodeError::Contradiction) }
    }

    /// `count` runs of changes.
    pub(crate) fn runs(&mut self, count: usize) -> Result<Vec<Run>, DecodeError> {
        let mut runs: Vec<Run> = Vec::with_capacity(count);
        for _ in 0..count {
            let end = runs.last().map(|run| run.last);
            runs.push(self.run_after(end)?);
        }
        Ok(runs)
    }

    /// A run that does not just go on from `end`: that would have been one run.
    fn run_after(&mut self, end: Option<Mark>) -> Result<Run, DecodeError> {
        let header = self.number()?;
        let actor = if header & 1 == 0 { self.track.actor } else { self.other_actor()? };
        let more = if header & 2 == 0 { 0 } else { self.number()?.saturating_add(1) };
        let counter_max = *self.counters.get(actor as usize).ok_or(DecodeError::Range)?;
        let next = self.track.next[actor as usize];
        let counter = next.wrapping_add_signed(unzigzag(header >> 2));
        if counter == 0 || counter > counter_max || more > counter_max - counter {
            return Err(DecodeError::Range);
        }
        let first = Mark::new(actor, counter);
        if end.is_some_and(|end| end.is_before(first)) {
            return Err(DecodeError::NotCanonical);
        }
        self.track.actor = actor;
        self.track.next[actor as usize] = counter + more + 1;
        Ok(Run { first, last: Mark::new(actor, counter + more) })
    }

    fn other_actor(&mut self) -> Result<u32, DecodeError> {
        let actor = u32::try_from(self.number()?).map_err(|_too_large| DecodeError::Range)?;
        if actor == self.track.actor { Err(DecodeError::NotCanonical) } else { Ok(actor) }
    }
}

impl Track {
    fn new(actors: usize) -> Self {
        // The first change of an actor is most often its first of all.
        Self { actor: 0, next: alloc::vec![1; actors] }
    }
}

/// How many bytes [`Writer::number`] takes.
pub(crate) fn number_len(n: u64) -> usize {
    (70 - (n | 1).leading_zeros() as usize) / 7
}

/// A number that is small if `n` is near zero.
pub(crate) fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63).cast_unsigned()
}

/// The number that [`zigzag`] made `n` of.
pub(crate) fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}
