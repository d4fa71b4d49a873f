//! Carriage returns at the ends of lines: counted, taken away, added.
//!
//! Source: git's `convert.c`, its behaviour. What is text is judged there by all of a content, not by its first part.

use std::io::{self, BufRead, Read};

/// What bytes a content is made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Census {
    pairs: u64,
    lone_returns: u64,
    lone_feeds: u64,
    has_nul: bool,
    printable: u64,
    strange: u64,
    last: Option<u8>,
}

/// What an old system put at the end of a text.
const END_OF_FILE: u8 = 0x1a;

impl Census {
    /// Counts all that can be read.
    pub(crate) fn of(mut from: impl BufRead) -> io::Result<Self> {
        let mut census = Self::default();
        loop {
            let part = from.fill_buf()?;
            let length = part.len();
            if length == 0 {
                return Ok(census);
            }
            census.add(part);
            from.consume(length);
        }
    }

    /// Counts these.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let mut census = Self::default();
        census.add(bytes);
        census
    }

    /// Counts what comes next.
    pub(crate) fn add(&mut self, part: &[u8]) {
        for &byte in part {
            let after_return = self.last.replace(byte) == Some(b'\r');
            match byte {
                b'\n' if after_return => {
                    self.lone_returns -= 1;
                    self.pairs += 1;
                }
                b'\n' => self.lone_feeds += 1,
                // Until the next byte is known.
                b'\r' => self.lone_returns += 1,
                0x08 | b'\t' | 0x0c | 0x1b => self.printable += 1,
                0x7f | 0..0x20 => {
                    self.has_nul |= byte == 0;
                    self.strange += 1;
                }
                _ => self.printable += 1,
            }
        }
    }

    /// Whether lines end with a carriage return and a line feed, in what is text and has no other returns.
    pub(crate) const fn has_pairs(&self) -> bool {
        self.pairs > 0 && !self.is_binary()
    }

    /// Whether lines end with line feeds alone, in what is text and has no returns.
    pub(crate) const fn has_feeds_alone(&self) -> bool {
        self.lone_feeds > 0 && self.pairs == 0 && !self.is_binary()
    }

    const fn is_binary(&self) -> bool {
        let ends = matches!(self.last, Some(END_OF_FILE));
        let strange = self.strange - if ends { 1 } else { 0 };
        self.lone_returns > 0 || self.has_nul || (self.printable >> 7) < strange
    }
}

/// What is read, without the carriage returns that stand before line feeds.
#[derive(Debug)]
pub(crate) struct WithoutReturns<R> {
    from: R,
    // A return was read, and what follows it was not.
    holds_return: bool,
}

impl<R: BufRead> WithoutReturns<R> {
    pub(crate) const fn new(from: R) -> Self {
        Self { from, holds_return: false }
    }
}

impl<R: BufRead> Read for WithoutReturns<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !out.is_empty() {
            let part = self.from.fill_buf()?;
            if std::mem::take(&mut self.holds_return) && part.first() != Some(&b'\n') {
                out[0] = b'\r';
                return Ok(1);
            }
            if part.is_empty() {
                break;
            }
            let part = &part[..part.len().min(out.len())];
            let plain = part.iter().position(|byte| *byte == b'\r');
            let length = plain.unwrap_or(part.len());
            out[..length].copy_from_slice(&part[..length]);
            self.holds_return = plain.is_some();
            self.from.consume(length + usize::from(plain.is_some()));
            if length > 0 {
                return Ok(length);
            }
        }
        Ok(0)
    }
}

/// Adds a carriage return before each line feed that has none.
#[derive(Debug, Default)]
pub(crate) struct WithReturns {
    after_return: bool,
}

impl WithReturns {
    /// What becomes of the next part.
    pub(crate) fn next(&mut self, part: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(part.len() + part.len() / 16);
        for line in part.split_inclusive(|byte| *byte == b'\n') {
            let text = line.strip_suffix(b"\n");
            out.extend_from_slice(text.unwrap_or(line));
            let has_return = match text {
                Some([]) => self.after_return,
                _ => text.unwrap_or(line).ends_with(b"\r"),
            };
            if text.is_some() {
                out.extend_from_slice(if has_return { b"\n" } else { b"\r\n" });
            }
            self.after_return = text.is_none() && has_return;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::text::dice::Dice;

    fn census(bytes: &[u8]) -> Census {
        Census::of_bytes(bytes)
    }

    #[test]
    fn text_is_told_from_other_bytes_as_git_does() {
        for (bytes, pairs, feeds) in [
            (&b""[..], false, false),
            (b"a", false, false),
            (b"a\n", false, true),
            (b"a\r\n", true, false),
            (b"a\r\nb\n", true, false),
            (b"a\rb\r\n", false, false),
            (b"a\r\n\0", false, false),
            (b"a\r\n\x1a", true, false),
            (b"a\n\x01", false, false),
            (b"\xff\xfe\t\x08\x1b\x0c\n", false, true),
            (b"a\r\r\n", false, false),
        ] {
            let census = census(bytes);
            assert_eq!((census.has_pairs(), census.has_feeds_alone()), (pairs, feeds), "{bytes:?}");
        }
        let mostly = [vec![b'a'; 128], b"\x01\r\n".to_vec()].concat();
        assert!(census(&mostly).has_pairs());
        assert!(!census(&mostly[1..]).has_pairs());
    }

    #[test]
    fn in_whatever_parts_it_comes_the_result_is_the_same() {
        let mut dice = Dice(7);
        for _ in 0..4000 {
            let length = dice.below(24);
            let bytes: Vec<u8> = (0..length).map(|_| *dice.pick(b"\r\r\n\nab")).collect();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let mut without = Vec::new();
            let reader = BufReader::with_capacity(1 + dice.below(5), &bytes[..]);
            let mut reader = WithoutReturns::new(reader);
            let mut small = vec![0; 1 + dice.below(4)];
            loop {
                let read = reader.read(&mut small).unwrap();
                if read == 0 {
                    break;
                }
                without.extend_from_slice(&small[..read]);
            }
            assert_eq!(without, text.replace("\r\n", "\n").as_bytes(), "{text:?}");
            let (mut with, mut adding, mut pieces) =
                (Vec::new(), WithReturns::default(), Census::default());
            for part in bytes.chunks(1 + dice.below(4)) {
                with.extend(adding.next(part));
                pieces.add(part);
            }
            // A return that is there stays the only one.
            let expected = text.replace("\r\n", "\n").replace('\n', "\r\n");
            assert_eq!(with, expected.as_bytes(), "{text:?}");
            assert_eq!(pieces, census(&bytes));
        }
    }
}
