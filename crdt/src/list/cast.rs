//! The authors that a column names, so that each is spelled once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// Authors in the order of first use, and which of them spoke last.
#[derive(Debug)]
pub(super) struct Cast<const N: usize> {
    authors: Vec<[u8; N]>,
    numbers: BTreeMap<[u8; N], usize>,
    met: usize, // how many of them have spoken
    last: usize,
}

impl<const N: usize> Cast<N> {
    /// Writes down those who will speak.
    pub(super) fn write(lines: impl Iterator<Item = [u8; N]>, out: &mut Writer) -> Self {
        let mut cast = Self { authors: Vec::new(), numbers: BTreeMap::new(), met: 0, last: 0 };
        for author in lines {
            let next = cast.authors.len();
            if *cast.numbers.entry(author).or_insert(next) == next {
                cast.authors.push(author);
            }
        }
        out.count(cast.authors.len());
        cast.authors.iter().for_each(|author| out.raw(author));
        cast
    }

    pub(super) fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = input.count()?;
        let bytes = input.raw(count.checked_mul(N).ok_or(DecodeError::Truncated)?)?;
        let authors: Vec<[u8; N]> =
            bytes.chunks_exact(N).map(|author| author.try_into().expect("as many")).collect();
        let numbers: BTreeMap<_, _> =
            authors.iter().enumerate().map(|(number, author)| (*author, number)).collect();
        let no_repeats = numbers.len() == authors.len();
        let cast = Self { authors, numbers, met: 0, last: 0 };
        if no_repeats { Ok(cast) } else { Err(DecodeError::NotCanonical) }
    }

    /// Writes `number` as spoken by `author`, whom it names if another spoke last.
    pub(super) fn write_line(&mut self, number: u64, author: &[u8; N], out: &mut Writer) {
        let speaker = self.numbers[author];
        let turns = speaker != self.last;
        out.number(number << 1 | u64::from(turns));
        if turns {
            out.count(speaker);
        }
        self.last = speaker;
    }

    /// A number and who spoke it.
    pub(super) fn read_line(
        &mut self,
        input: &mut Reader<'_>,
    ) -> Result<(u64, [u8; N]), DecodeError> {
        let header = input.number()?;
        if header & 1 == 1 {
            let speaker = input.number_below(self.authors.len())?;
            if speaker == self.last || speaker > self.met {
                return Err(DecodeError::NotCanonical);
            }
            self.last = speaker;
        }
        self.met = self.met.max(self.last + 1);
        let author = self.authors.get(self.last).ok_or(DecodeError::Range)?;
        Ok((header >> 1, *author))
    }

    /// Whether all have spoken.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        let all_spoke = self.met == self.authors.len();
        if all_spoke { Ok(()) } else { Err(DecodeError::NotCanonical) }
    }
}
