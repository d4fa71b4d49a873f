//! Texts and bytes in a column, each without the stem that it shares with the one before.
//!
//! Keys of one program begin alike: paths below one folder, names with a number behind.
//!
//! ```text
//! one, none   each by itself
//! more        0 and each by itself; or, where that is shorter, 1 and for each:
//!   head      how long the stem is in the high four bits, how long the rest is in the low ones; 15
//!             of either says that a number follows which is added to it
//!   rest      its bytes
//! ```

use alloc::vec::Vec;
use core::iter;
use core::mem;

use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;
use crate::wire::number_len;

/// A longer stem is spelled from here on: a reader makes it of two bytes, and must not be made to
/// fill memory with that.
const STEM_LEN_MAX: usize = 64;

/// What four bits hold at most.
const NIBBLE_MAX: usize = 15;

pub(super) fn write<'a>(values: impl Iterator<Item = &'a [u8]> + Clone, out: &mut Writer) {
    let mut lengths = Lengths::default();
    cut(values.clone()).for_each(|(stem, rest)| lengths.add(stem, rest.len()));
    if lengths.values > 1 {
        out.byte(u8::from(lengths.stems_pay()));
    }
    if !lengths.stems_pay() {
        return values.for_each(|value| write_alone(value, out));
    }
    for (stem, rest) in cut(values) {
        out.byte((stem.min(NIBBLE_MAX) << 4 | rest.len().min(NIBBLE_MAX)) as u8);
        [stem, rest.len()].into_iter().filter_map(beyond).for_each(|more| out.count(more));
        out.raw(rest);
    }
}

pub(super) fn write_alone(value: &[u8], out: &mut Writer) {
    out.count(value.len());
    out.raw(value);
}

/// Reads as many values as [`write`] wrote, each made of its bytes by `make`.
pub(super) fn read<V>(
    count: usize,
    input: &mut Reader<'_>,
    make: impl Fn(&[u8]) -> Result<V, DecodeError>,
) -> Result<Vec<V>, DecodeError> {
    let has_stems = match count {
        0 | 1 => false,
        _ => match input.byte()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::NotCanonical),
        },
    };
    let mut values = Vec::with_capacity(count.min(input.left()));
    let mut lengths = Lengths::default();
    let mut last = Vec::new();
    for _ in 0..count {
        let (stem, rest) =
            if has_stems { read_cut(&last, input)? } else { cut_one(&last, read_alone(input)?) };
        lengths.add(stem, rest.len());
        last.truncate(stem);
        last.extend_from_slice(rest);
        values.push(make(&last)?);
    }
    if lengths.stems_pay() == has_stems { Ok(values) } else { Err(DecodeError::NotCanonical) }
}

pub(super) fn read_alone<'a>(input: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let len = input.count()?;
    input.raw(len)
}

fn read_cut<'a>(last: &[u8], input: &mut Reader<'a>) -> Result<(usize, &'a [u8]), DecodeError> {
    let head = usize::from(input.byte()?);
    let stem = read_length(head >> 4, input)?;
    let len = read_length(head & NIBBLE_MAX, input)?;
    let rest = input.raw(len)?;
    let is_within = stem <= last.len() && stem <= STEM_LEN_MAX;
    let goes_on = is_within
        && stem < STEM_LEN_MAX
        && last.get(stem).is_some_and(|next| rest.first() == Some(next));
    if is_within && !goes_on { Ok((stem, rest)) } else { Err(DecodeError::NotCanonical) }
}

fn read_length(nibble: usize, input: &mut Reader<'_>) -> Result<usize, DecodeError> {
    if nibble < NIBBLE_MAX {
        return Ok(nibble);
    }
    let more = usize::try_from(input.number()?).ok();
    more.and_then(|more| more.checked_add(NIBBLE_MAX)).ok_or(DecodeError::Range)
}

/// Of each value the length of its stem, and what follows it.
fn cut<'a>(values: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = (usize, &'a [u8])> {
    values.scan(&[][..], |last, value| Some(cut_one(mem::replace(last, value), value)))
}

fn cut_one<'a>(last: &[u8], value: &'a [u8]) -> (usize, &'a [u8]) {
    let alike = iter::zip(last, value).take(STEM_LEN_MAX).take_while(|(last, this)| last == this);
    let stem = alike.count();
    (stem, &value[stem..])
}

/// What a length adds to the fifteen that its four bits say.
fn beyond(length: usize) -> Option<usize> {
    length.checked_sub(NIBBLE_MAX)
}

/// How many bytes a column takes, in either way.
#[derive(Default)]
struct Lengths {
    values: usize,
    whole: usize,
    cut: usize,
}

impl Lengths {
    fn add(&mut self, stem: usize, rest: usize) {
        self.values += 1;
        self.whole += number_len((stem + rest) as u64) + stem + rest;
        let heads = [stem, rest].into_iter().filter_map(beyond).map(|more| number_len(more as u64));
        self.cut += 1 + heads.sum::<usize>() + rest;
    }

    fn stems_pay(&self) -> bool {
        self.values > 1 && self.cut < self.whole
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn written(texts: &[&str]) -> Vec<u8> {
        let texts: Vec<_> = texts.iter().map(|text| String::from(*text)).collect();
        let mut out = Writer::for_actors(0);
        write(texts.iter().map(String::as_bytes), &mut out);
        let bytes = out.into_bytes();
        assert_eq!(read_back(texts.len(), &bytes), Ok(texts));
        bytes
    }

    fn read_back(count: usize, bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
        let mut input = Reader::of(bytes);
        let text =
            |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_not_utf8| DecodeError::Text);
        let texts = read(count, &mut input, text)?;
        input.finish().map(|()| texts)
    }

    #[test]
    fn a_stem_is_written_once() {
        assert_eq!(written(&["src/a.rs", "src/b.rs"]), b"\x01\x08src/a.rs\x44b.rs");
        let long = "a folder with a long name/";
        let names = [1, 2, 3].map(|n| alloc::format!("{long}{n}"));
        let bytes = written(&[&names[0], &names[1], &names[2]]);
        assert_eq!(bytes[1..3], [0x0f, 12], "a rest of 27");
        assert_eq!(bytes[3 + 27..], [0xf1, 11, b'2', 0xf1, 11, b'3'], "stems of 26");
    }

    #[test]
    fn what_shares_little_is_written_whole() {
        assert_eq!(written(&[]), b"");
        assert_eq!(written(&["pear"]), b"\x04pear");
        assert_eq!(written(&["pear", "fig"]), b"\x00\x04pear\x03fig");
        assert_eq!(written(&["", ""]), b"\x00\x00\x00", "as short either way");
        // Of a text of fifteen bytes and more the head is longer than its length would be.
        let long = "fifteen letters and more";
        assert_eq!(written(&[long, "four"])[0], 0);
    }

    #[test]
    fn a_stem_may_end_within_a_character() {
        let bytes = written(&["größer als ä", "größer als ö", "größer als ü"]);
        assert_eq!(bytes[0], 1);
        assert_eq!(read_back(2, b"\x01\x04abc\xc3\x41\xbc"), Err(DecodeError::Text));
    }

    #[test]
    fn a_stem_longer_than_most_is_cut_short() {
        let stem = "s".repeat(100);
        let bytes = written(&[&alloc::format!("{stem}a"), &alloc::format!("{stem}b")]);
        assert_eq!(bytes[3 + 101..][..3], [0xff, 64 - 15, 37 - 15]);
        // So a byte never stands for more than 32.
        let longer = [&b"\x01\x0f\x58"[..], &[b's'; 103], b"\xf0\x58"].concat();
        assert_eq!(read_back(2, &longer), Err(DecodeError::NotCanonical));
    }

    #[test]
    fn another_spelling_is_refused() {
        let refused = [
            &b"\x00\x08src/a.rs\x08src/b.rs"[..], // could be shorter
            b"\x01\x04pear\x03fig",               // is not shorter
            b"\x01\x08src/a.rs\x35/b.rs",         // a longer stem is shared
            b"\x01\x03pea\x40",                   // a stem longer than what was before
            b"\x02\x08src/a.rs\x44b.rs",          // no way to write
        ];
        for bytes in refused {
            assert_eq!(read_back(2, bytes), Err(DecodeError::NotCanonical), "{bytes:?}");
        }
        assert_eq!(read_back(2, b"\x01\x08src/a.rs\x44b.r"), Err(DecodeError::Truncated));
        let far = b"\x01\x08src/a.rs\xf4\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01b.rs";
        assert_eq!(read_back(2, far), Err(DecodeError::Range));
    }
}
