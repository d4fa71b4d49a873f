//! A zip, written from its beginning to its end: nothing is gone back to, so it may be written into a pipe.
//!
//! ```text
//! for each entry                                               (integers little-endian)
//!   size  field
//!      4  "PK\3\4"
//!     20  version needed, flags, method, time, date, CRC-32, packed length, length: 2 2 2 2 2 4 4 4 bytes,
//!         but for the last two of 4 + 4; zeros for the last three of a file, whose bytes tell them
//!    2+2  lengths of the name and of the extra fields
//!         name, extra fields: the time since 1970; of a huge file room for lengths of 8 bytes
//!         bytes; behind those of a file "PK\7\8", CRC-32, packed length, length: of 4 bytes, if it is huge of 8
//! for each entry again
//!      4  "PK\1\2"
//!      2  version made by: 3 in its high byte, so the mode is read as on Unix
//!         the fields from above with the lengths, 2+2+2 bytes of nothing, 4 bytes of mode, 4 of where it begins
//!         name, extra fields: the time; what does not fit 4 bytes
//! the end
//!         "PK\6\6" and "PK\6\7", if something does not fit, then "PK\5\6" with counts, length and place of the list
//! ```

use std::io::{self, Read, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, CrcReader};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A zip that is being written. All of its files were changed at one time.
pub(super) struct Zip<W> {
    out: Counted<W>,
    stamp: Stamp,
    entries: Vec<Entry>,
}

/// What the list at the end tells of an entry.
struct Entry {
    name: String,
    mode: u32,
    shape: Shape,
    sum: u32,
    packed_len: u64,
    len: u64,
    offset: u64,
}

/// How an entry is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    /// As it is: a link, or a folder.
    Short,
    /// Made small, its lengths behind it.
    File,
    /// The same, and its lengths take 8 bytes.
    Huge,
}

/// A time as zip tells it: in two seconds of somebody's clock, and in seconds since 1970.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Stamp {
    time: u16,
    date: u16,
    seconds: [u8; 4],
}

/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Lengths stand behind the bytes.
const LENGTHS_BEHIND: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const MADE_ON_UNIX: u16 = 3 << 8;
/// Of what reads it: the second knows lengths of 8 bytes.
const VERSION: u16 = 20;
const VERSION_HUGE: u16 = 45;
/// What does not fit stands in an extra field.
const ELSEWHERE: u32 = u32::MAX;
const ELSEWHERE_SHORT: u16 = u16::MAX;
/// A file that is not so long is not so long packed either.
const HUGE_LEN: u64 = 0xf000_0000;

impl<W: Write> Zip<W> {
    /// A zip with nothing in it.
    pub(super) fn new(out: W, changed_ms: u64) -> Self {
        Self { out: Counted { out, count: 0 }, stamp: Stamp::of(changed_ms), entries: Vec::new() }
    }

    /// Adds a file of `len` bytes.
    pub(super) fn file(
        &mut self,
        name: String,
        mode: u32,
        len: u64,
        bytes: impl Read,
    ) -> io::Result<()> {
        let shape = if len >= HUGE_LEN { Shape::Huge } else { Shape::File };
        let offset = self.out.count;
        let mut entry = Entry { name, mode, shape, sum: 0, packed_len: 0, len: 0, offset };
        self.head(&entry)?;
        let begin = self.out.count;
        let mut bytes = CrcReader::new(bytes);
        let mut packed = DeflateEncoder::new(&mut self.out, Compression::default());
        entry.len = io::copy(&mut bytes, &mut packed)?;
        packed.finish()?;
        entry.sum = bytes.crc().sum();
        entry.packed_len = self.out.count - begin;
        self.put(b"PK\x07\x08")?;
        self.put(&entry.sum.to_le_bytes())?;
        for len in [entry.packed_len, entry.len] {
            match shape {
                Shape::Huge => self.put(&len.to_le_bytes())?,
                Shape::Short | Shape::File => self.put(&short(len).to_le_bytes())?,
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Adds something that is no file: a link with its target, or a folder, whose name ends with a slash, with nothing.
    pub(super) fn short(&mut self, name: String, mode: u32, bytes: &[u8]) -> io::Result<()> {
        let mut sum = Crc::new();
        sum.update(bytes);
        let (len, offset) = (bytes.len() as u64, self.out.count);
        let (shape, sum) = (Shape::Short, sum.sum());
        let entry = Entry { name, mode, shape, sum, packed_len: len, len, offset };
        self.head(&entry)?;
        self.put(bytes)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the list of all entries, without which there is none.
    pub(super) fn end(mut self) -> io::Result<W> {
        let begin = self.out.count;
        for entry in std::mem::take(&mut self.entries) {
            self.listed(&entry)?;
            self.entries.push(entry);
        }
        let length = self.out.count - begin;
        let count = self.entries.len() as u64;
        let is_huge = count >= u64::from(ELSEWHERE_SHORT)
            || length >= u64::from(ELSEWHERE)
            || begin >= u64::from(ELSEWHERE);
        if is_huge {
            self.end_huge(count, length, begin)?;
        }
        let count = u16::try_from(count).unwrap_or(ELSEWHERE_SHORT).to_le_bytes();
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend([count, count].concat());
        end.extend(short(length).to_le_bytes());
        end.extend(short(begin).to_le_bytes());
        end.extend([0; 2]);
        self.put(&end)?;
        Ok(self.out.out)
    }

    /// The end in numbers of 8 bytes, and where that is.
    fn end_huge(&mut self, count: u64, length: u64, begin: u64) -> io::Result<()> {
        let at = self.out.count;
        let mut end = b"PK\x06\x06".to_vec();
        end.extend(44_u64.to_le_bytes());
        end.extend((MADE_ON_UNIX | VERSION_HUGE).to_le_bytes());
        end.extend(VERSION_HUGE.to_le_bytes());
        end.extend([0; 8]);
        for number in [count, count, length, begin] {
            end.extend(number.to_le_bytes());
        }
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend(at.to_le_bytes());
        end.extend(1_u32.to_le_bytes());
        self.put(&end)
    }

    /// What stands before the bytes of an entry.
    fn head(&mut self, entry: &Entry) -> io::Result<()> {
        let mut extra = self.stamp.extra();
        if entry.shape == Shape::Huge {
            extra.extend(extra_field(1, &[0; 16]));
        }
        let mut head = b"PK\x03\x04".to_vec();
        head.extend(entry.shape.version().to_le_bytes());
        head.extend(self.told(entry, entry.shape.announced()));
        head.extend(entry.lengths(&extra)?);
        head.extend(entry.name.as_bytes());
        head.extend(extra);
        self.put(&head)
    }

    /// An entry in the list at the end.
    fn listed(&mut self, entry: &Entry) -> io::Result<()> {
        let long = [entry.len, entry.packed_len, entry.offset];
        let long = long.into_iter().filter(|number| *number >= u64::from(ELSEWHERE));
        let long: Vec<u8> = long.flat_map(u64::to_le_bytes).collect();
        let mut extra = self.stamp.extra();
        if !long.is_empty() {
            extra.extend(extra_field(1, &long));
        }
        let version = if long.is_empty() { entry.shape.version() } else { VERSION_HUGE };
        let mut row = b"PK\x01\x02".to_vec();
        row.extend((MADE_ON_UNIX | version).to_le_bytes());
        row.extend(version.to_le_bytes());
        row.extend(self.told(entry, None));
        row.extend(entry.lengths(&extra)?);
        row.extend([0; 6]);
        row.extend((entry.mode << 16).to_le_bytes());
        row.extend(short(entry.offset).to_le_bytes());
        row.extend(entry.name.as_bytes());
        row.extend(extra);
        self.put(&row)
    }

    /// Flags, method, time, date, sum and lengths: those of the entry, unless others stand for them.
    fn told(&self, entry: &Entry, announced: Option<u32>) -> Vec<u8> {
        let (flags, method) = match entry.shape {
            Shape::Short => (UTF8, STORED),
            Shape::File | Shape::Huge => (UTF8 | LENGTHS_BEHIND, DEFLATED),
        };
        let sum = if announced.is_some() { 0 } else { entry.sum };
        let lens = [entry.packed_len, entry.len].map(|len| announced.unwrap_or(short(len)));
        let mut told = Vec::new();
        for field in [flags, method, self.stamp.time, self.stamp.date] {
            told.extend(field.to_le_bytes());
        }
        for field in [sum, lens[0], lens[1]] {
            told.extend(field.to_le_bytes());
        }
        told
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }
}

impl Entry {
    fn lengths(&self, extra: &[u8]) -> io::Result<[u8; 4]> {
        let name = u16::try_from(self.name.len()).map_err(io::Error::other)?.to_le_bytes();
        let extra = u16::try_from(extra.len()).expect("it is some bytes").to_le_bytes();
        Ok([name[0], name[1], extra[0], extra[1]])
    }
}

impl Shape {
    const fn version(self) -> u16 {
        match self {
            Self::Short | Self::File => VERSION,
            Self::Huge => VERSION_HUGE,
        }
    }

    /// What stands for lengths that are not known yet.
    const fn announced(self) -> Option<u32> {
        match self {
            Self::Short => None,
            Self::File => Some(0),
            Self::Huge => Some(ELSEWHERE),
        }
    }
}

impl Stamp {
    /// The clock of nobody in particular is that of UTC. It knows the years from 1980 to 2107.
    fn of(ms: u64) -> Self {
        let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
        let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let at = at.to_zoned(TimeZone::UTC).datetime();
        let part = |number: i8| u16::try_from(number).expect("clocks count from zero");
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).to_le_bytes();
        let (time, date) = match u16::try_from(at.year()) {
            Ok(year @ 1980..=2107) => (
                time_of(part(at.hour()), part(at.minute()), part(at.second())),
                date_of(year, part(at.month()), part(at.day())),
            ),
            Ok(2108..) => (time_of(23, 59, 58), date_of(2107, 12, 31)),
            Ok(_) | Err(_) => (time_of(0, 0, 0), date_of(1980, 1, 1)),
        };
        Self { time, date, seconds }
    }

    fn extra(self) -> Vec<u8> {
        let [a, b, c, d] = self.seconds;
        extra_field(0x5455, &[1, a, b, c, d])
    }
}

/// 5, 6 and 5 bits.
const fn time_of(hour: u16, minute: u16, second: u16) -> u16 {
    (hour << 11) + (minute << 5) + second / 2
}

/// 7, 4 and 5 bits.
const fn date_of(year: u16, month: u16, day: u16) -> u16 {
    ((year - 1980) << 9) + (month << 5) + day
}

fn extra_field(kind: u16, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("it is some bytes");
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), bytes].concat()
}

/// The number, unless it stands elsewhere.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// What is written, and how many bytes that were.
struct Counted<W> {
    out: W,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_these() {
        let mut zip = Zip::new(Vec::new(), 1_700_000_001_000);
        zip.short("l".to_owned(), 0o120_777, b"to").unwrap();
        zip.file("ü".to_owned(), 0o100_644, 3, &b"abc"[..]).unwrap();
        let bytes = zip.end().unwrap();
        // 2023-11-14 22:13:20, in steps of two seconds.
        let (time, date) = (0xb1aa_u16, 0x576e_u16);
        let when = [time.to_le_bytes(), date.to_le_bytes()].concat();
        let stamp = b"UT\x05\0\x01\x01\xf1\x53\x65";
        let mut sum = Crc::new();
        sum.update(b"to");
        let link_sum = sum.sum().to_le_bytes();
        let file_sum = 0x3524_41c2_u32.to_le_bytes();
        let mut expected: Vec<u8> = Vec::new();
        let mut put = |parts: &[&[u8]]| {
            let at = expected.len();
            parts.iter().for_each(|part| expected.extend(*part));
            u32::try_from(at).unwrap().to_le_bytes()
        };
        let link =
            [&b"\0\x08\0\0"[..], &when, &link_sum, b"\x02\0\0\0\x02\0\0\0\x01\0\x09\0"].concat();
        put(&[b"PK\x03\x04\x14\0", &link, b"l", stamp, b"to"]);
        let head = [&b"\x08\x08\x08\0"[..], &when, &[0; 12], b"\x02\0\x09\0"].concat();
        let at = put(&[b"PK\x03\x04\x14\0", &head, "ü".as_bytes(), stamp, b"KLJ\x06\0"]);
        put(&[b"PK\x07\x08", &file_sum, b"\x05\0\0\0\x03\0\0\0"]);
        let mode = |mode: u32| (mode << 16).to_le_bytes();
        let list = put(&[b"PK\x01\x02\x14\x03\x14\0", &link, &[0; 6], &mode(0o120_777), &[0; 4]]);
        put(&[b"l", stamp]);
        let row = [&b"\x08\x08\x08\0"[..], &when, &file_sum].concat();
        put(&[b"PK\x01\x02\x14\x03\x14\0", &row, b"\x05\0\0\0\x03\0\0\0\x02\0\x09\0", &[0; 6]]);
        let end = put(&[&mode(0o100_644), &at, "ü".as_bytes(), stamp]);
        let end = u32::from_le_bytes(end) + 4 + 4 + 2 + 9;
        let length = (end - u32::from_le_bytes(list)).to_le_bytes();
        put(&[b"PK\x05\x06\0\0\0\0\x02\0\x02\0", &length, &list, &[0; 2]]);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn what_does_not_fit_stands_elsewhere() {
        let mut zip = Zip::new(Vec::new(), 0);
        zip.file("a".to_owned(), 0o100_644, HUGE_LEN, &b"abc"[..]).unwrap();
        let behind = zip.out.out.clone();
        let lengths = [5_u64.to_le_bytes(), 3_u64.to_le_bytes()].concat();
        assert!(behind.ends_with(&lengths), "they take 8 bytes behind a file that said so");
        for number in 0..70_000 {
            zip.short(number.to_string(), 0o120_777, b"a").unwrap();
        }
        let at = zip.out.count;
        let bytes = zip.end().unwrap();
        let [huge, _, end] = [98, 42, 22].map(|back| &bytes[bytes.len() - back..]);
        let count = 70_001_u64.to_le_bytes();
        assert_eq!(
            (&huge[..4], &huge[24..32], &huge[48..56]),
            (&b"PK\x06\x06"[..], &count[..], &at.to_le_bytes()[..])
        );
        assert_eq!(&end[..12], b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff");
    }

    #[test]
    fn times_that_no_zip_knows_are_the_nearest_that_it_does() {
        assert_eq!((Stamp::of(0).date, Stamp::of(0).time), (0x21, 0));
        let last = Stamp::of(u64::MAX);
        assert_eq!((last.date >> 9, last.time >> 11), (127, 23));
    }
}
