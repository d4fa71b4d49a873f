//! How alike two contents are.

use std::convert::Infallible;
use std::io::{self, Read};

use selkie_store::{Content, Parts, ReadError, Store};

/// What a content is made of: a number for each line, and how many bytes lines of that number have.
///
/// A line longer than 64 bytes is several pieces. Pieces are only as good as their
/// numbers: two contents may seem a little more alike than they are, never less.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sample {
    len: u64,
    pieces: Vec<(u32, u32)>, // number and bytes; invariant: ascending, each number once
}

/// Bytes in the longest piece.
const PIECE_LEN_MAX: usize = 64;

/// Bytes in the longest content that is sampled. Longer ones are known again by their id alone.
const LEN_MAX: u64 = 16 << 20;

impl Sample {
    /// The sample of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let parts = std::iter::once(Ok::<_, Infallible>(bytes));
        match Self::of_parts(parts) {
            Ok(sample) => sample.unwrap_or_default(),
        }
    }

    /// The sample of a stored content, unless it is too long.
    ///
    /// # Errors
    ///
    /// The content can not be read.
    pub fn of_stored(store: &Store, content: Content) -> Result<Option<Self>, ReadError> {
        Self::of_parts(Parts::new(store, content))
    }

    /// The sample of what is read to its end, unless it is too long.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub(crate) fn of_reader(reader: impl Read) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        reader.take(LEN_MAX + 1).read_to_end(&mut bytes)?;
        Self::of_parts(std::iter::once(Ok(bytes)))
    }

    /// How many bytes the content has.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the content has no byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How much of the longer content is also in the other, in percent. The order does not matter, nor does white space
    /// at the ends of lines that is a carriage return.
    #[must_use]
    pub fn likeness_percent(&self, other: &Self) -> u8 {
        let longer = self.len.max(other.len);
        let (mut ours, mut theirs) = (&self.pieces[..], &other.pieces[..]);
        let mut shared: u64 = 0;
        while let ([(one, our_len), our_rest @ ..], [(two, their_len), their_rest @ ..]) =
            (ours, theirs)
        {
            if one == two {
                shared += u64::from(*our_len.min(their_len));
            }
            if one <= two {
                ours = our_rest;
            }
            if two <= one {
                theirs = their_rest;
            }
        }
        let percent = (shared * 100).checked_div(longer).unwrap_or(100);
        // No more is shared than the longer one has.
        u8::try_from(percent).unwrap_or(100)
    }

    /// How many different pieces there are.
    pub(super) const fn weight(&self) -> usize {
        self.pieces.len()
    }

    /// The pieces with the lowest numbers. Since numbers are as good as random, contents that share much
    /// share some of them.
    pub(super) fn lowest(&self, count: usize) -> impl Iterator<Item = u32> {
        self.pieces.iter().take(count).map(|(number, _)| *number)
    }

    fn of_parts<B: AsRef<[u8]>, E>(
        parts: impl Iterator<Item = Result<B, E>>,
    ) -> Result<Option<Self>, E> {
        let mut len = 0;
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        for part in parts {
            let part = part?;
            let part = part.as_ref();
            len += part.len() as u64;
            if len > LEN_MAX {
                return Ok(None);
            }
            for byte in part {
                pieces.extend(piece.take(*byte));
            }
        }
        pieces.extend(piece.end());
        pieces.sort_unstable();
        pieces.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Ok(Some(Self { len, pieces }))
    }
}

/// A piece in the making.
#[derive(Debug)]
struct Piece {
    number: u64,
    len: usize,
}

impl Default for Piece {
    fn default() -> Self {
        Self { number: 0xcbf2_9ce4_8422_2325, len: 0 }
    }
}

impl Piece {
    /// Adds a byte, and gives the piece if it ends there.
    fn take(&mut self, byte: u8) -> Option<(u32, u32)> {
        self.len += 1;
        if byte != b'\r' {
            // FNV-1a: a byte a step, so that parts may end anywhere.
            self.number = (self.number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if byte == b'\n' || self.len == PIECE_LEN_MAX { self.end() } else { None }
    }

    fn end(&mut self) -> Option<(u32, u32)> {
        let Self { number, len } = std::mem::take(self);
        // Mixed once more, since the low numbers have to be a fair choice.
        let mixed = (number ^ (number >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let number = u32::try_from(mixed >> 32).expect("32 bits are left");
        let len = u32::try_from(len).expect("a piece is short");
        (len > 0).then_some((number, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_the_share_of_the_longer_content() {
        let line = |letter: &str| letter.repeat(9) + "\n";
        let [a, b, c, d] = ["a", "b", "c", "d"].map(line);
        let join = |lines: &[&String]| lines.iter().map(|line| line.as_str()).collect::<String>();
        for (one, other, percent) in [
            (join(&[&a, &b]), join(&[&a, &b]), 100),
            (join(&[&a, &b]), join(&[&b, &a]), 100),
            (join(&[&a, &b]), join(&[&a, &b]).replace('\n', "\r\n"), 90),
            (join(&[&a, &b, &c, &d]), join(&[&a, &b]), 50),
            (join(&[&a, &a, &a, &a]), join(&[&a, &b, &c, &d]), 25),
            (a.clone(), b.clone(), 0),
            (String::new(), a.clone(), 0),
            ("x".repeat(640), "x".repeat(320), 50),
        ] {
            let (one, other) = (Sample::new(one.as_bytes()), Sample::new(other.as_bytes()));
            assert_eq!(one.likeness_percent(&other), percent);
            assert_eq!(other.likeness_percent(&one), percent);
        }
    }
}
