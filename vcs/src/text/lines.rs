//! A text as lines.

use std::ops::Range;

use thiserror::Error;

/// Bytes and where their lines end.
///
/// A line keeps its newline; only the last may have none. So the lines of a text joined are the
/// text, and two texts with equal lines are equal. A carriage return is a byte of its line like any other.
///
/// ```
/// use selkie_vcs::Text;
/// let text = Text::new(b"one\ntwo").unwrap();
/// assert_eq!(text.lines().collect::<Vec<_>>(), [b"one\n".as_slice(), b"two"]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text<'a> {
    bytes: &'a [u8],
    ends: Vec<u32>, // invariant: ascending, the last is the length of `bytes`
}

impl<'a> Text<'a> {
    /// Bytes in the longest text. What is longer is compared as a whole only.
    pub const LEN_MAX: usize = 512 << 20;

    /// The lines of `bytes`.
    ///
    /// # Errors
    ///
    /// There are more than [`Text::LEN_MAX`] bytes.
    pub fn new(bytes: &'a [u8]) -> Result<Self, TooLong> {
        let len = u32::try_from(bytes.len()).ok();
        let len = len.filter(|_| bytes.len() <= Self::LEN_MAX).ok_or(TooLong(bytes.len()))?;
        let newlines = (0..len).zip(bytes).filter(|(_, byte)| **byte == b'\n');
        let mut ends: Vec<u32> = newlines.map(|(at, _)| at + 1).collect();
        if ends.last().copied().unwrap_or(0) < len {
            ends.push(len);
        }
        Ok(Self { bytes, ends })
    }

    /// The whole.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many lines there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no line, which is to say no byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The line at this place, the first at 0.
    ///
    /// # Panics
    ///
    /// There is no such line.
    #[must_use]
    pub fn line(&self, at: usize) -> &'a [u8] {
        self.span(at..at + 1)
    }

    /// The bytes of these lines, one after the other.
    ///
    /// # Panics
    ///
    /// There are no such lines.
    #[must_use]
    pub fn span(&self, lines: Range<usize>) -> &'a [u8] {
        &self.bytes[self.start(lines.start)..self.start(lines.end)]
    }

    /// The lines from first to last.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        (0..self.len()).map(|at| self.line(at))
    }

    fn start(&self, line: usize) -> usize {
        // Every machine we run on can index what a `u32` counts.
        line.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }
}

/// Bytes in the part that is looked at to tell text from other content, as git does.
const LOOK_LEN: usize = 8000;

/// Whether these bytes are no text: there is a NUL in their first part, or they are too long.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.len() > Text::LEN_MAX || bytes[..bytes.len().min(LOOK_LEN)].contains(&0)
}

/// The bytes are more than a [`Text`] has.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{0} bytes are too long to be compared line by line")]
pub struct TooLong(pub usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_joined_are_the_text() {
        for (bytes, lines) in [
            ("", vec![]),
            ("\n", vec!["\n"]),
            ("a", vec!["a"]),
            ("a\n", vec!["a\n"]),
            ("a\r\n\nb", vec!["a\r\n", "\n", "b"]),
        ] {
            let text = Text::new(bytes.as_bytes()).unwrap();
            let found: Vec<_> = text.lines().map(|line| str::from_utf8(line).unwrap()).collect();
            assert_eq!(found, lines, "{bytes:?}");
            assert_eq!(found.concat(), bytes);
        }
    }

    #[test]
    fn a_nul_near_the_start_is_no_text() {
        let late = [vec![b'a'; LOOK_LEN], vec![0]].concat();
        for (bytes, binary) in
            [(b"a\0b".as_slice(), true), (b"caf\xe9", false), (b"", false), (&late, false)]
        {
            assert_eq!(is_binary(bytes), binary);
        }
    }
}
