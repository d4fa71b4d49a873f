//! The bytes of the file `graph`, version 1. No other file names an offset.
//!
//! ```text
//! offset  size  field                                     (integers little-endian)
//!      0     4  magic  "SLKG"
//!      4     1  version 1
//!      5     4  pages of each kind, p: the seals of the base are 256p
//!      9     4  length of the directory, d
//!     13     8  checksum of the directory
//!     21     d  directory:
//!                 for each kind of page, in the order below, for each page:
//!                   length: 4, checksum: 8
//!                 for each table (by id, by change, by what was replaced):
//!                   pairs: 4, then for each 1024 of them: first key: 8, checksum: 8
//!                 absent seals of the base: count: 4, rows: 4 each, ascending
//!   21+d        pages, kind by kind; then the pairs of the tables
//!               then seals that were added later, one after the other:
//!                 length: 4, entry, checksum: 8
//!
//! links    rank: 8n, tie: 4n, first parent: 4n, second parent: 4n,
//!          those with more: count: 2, then place: 2, parents: 2, the second and later: 4 each
//! names    id: 32n, change: 16n
//! trees    id: 32n
//! faces    time: 8n, zone: 2n, author: 2n, end of title: 4n,
//!          authors: 2, then name and contact: text each; the titles, one after the other
//! touches  end of list: 4n, numbers of paths: 8 each, ascending in each list
//! rewrites pairs: 4, then place: 2, id: 32 each
//! table    key: 8 (the first bytes of the id), row: 4
//! entry    id: 32, present: 1; if so change: 16, tree: 32, time: 8, zone: 2, parents: 2 + 4 each,
//!          name, contact, title: text each, replaces: 4 + 32 each,
//!          numbers of paths: 2 + 8 each (0 alone: nobody looked)
//! text     length: 2, UTF-8
//! ```
//!
//! A parent's row is less than its child's: a file that says otherwise is damaged, so what can be
//! read has no circle. A checksum is the first bytes of BLAKE3. Numbers above 2^32 - 16 in the place
//! of a parent stand for none, an absent seal, and more than two.

use std::collections::BTreeMap;

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, ObjectId, SealId};

use crate::graph::page::{ABSENT, Faces, Links, MORE, Names, ROWS_MAX, Rewrites, Touches, Trees};
use crate::graph::row::{Entry, Facts, Known, Row};
use crate::graph::touched::Touched;

#[cfg(test)]
mod tests;

const MAGIC: [u8; 4] = *b"SLKG";
const VERSION: u8 = 1;
pub(super) const HEADER_LEN: usize = 21;
const _: () = assert!(HEADER_LEN == MAGIC.len() + 1 + 4 + 4 + CHECKSUM_LEN);

pub(super) const CHECKSUM_LEN: usize = 8;
/// Pairs on a page of a table.
pub(super) const TABLE_PAIRS: usize = 1024;
/// Bytes of a pair in a table.
pub(super) const PAIR_LEN: usize = 12;
/// Bytes before an entry that was added later, and after it.
pub(super) const ENTRY_FRAME: (usize, usize) = (4, CHECKSUM_LEN);
/// A length in the file beyond this is damage.
const LENGTH_MAX: u32 = 1 << 28;
/// Clocks end below 2^63 and a rank is at most the count of seals beyond. More is damage.
const RANK_MAX: u64 = 3 << 62;

pub(super) type Checksum = [u8; CHECKSUM_LEN];

/// The first bytes of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) pages: u32,
    pub(super) directory_len: u32,
    pub(super) directory: Checksum,
}

/// Where everything is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Directory {
    /// For each kind, for each page.
    pub(super) pages: [Vec<(u32, Checksum)>; KINDS],
    pub(super) tables: [TableSpan; TABLES],
    pub(super) absent: Vec<u32>,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct TableSpan {
    pub(super) pairs: u32,
    pub(super) pages: Vec<(u64, Checksum)>,
}

pub(super) const KINDS: usize = 6;
pub(super) const TABLES: usize = 3;

/// A page as bytes. `rows` is how many seals are on it, `first` the row of the first of them.
pub(super) trait Coded: Sized {
    fn encode(&self) -> Vec<u8>;
    fn decode(bytes: &[u8], rows: usize, first: u32) -> Option<Self>;
}

pub(super) fn checksum(bytes: &[u8]) -> Checksum {
    let hash = blake3::hash(bytes);
    *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
}

impl Header {
    pub(super) fn encode(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = VERSION;
        bytes[5..9].copy_from_slice(&self.pages.to_le_bytes());
        bytes[9..13].copy_from_slice(&self.directory_len.to_le_bytes());
        bytes[13..].copy_from_slice(&self.directory);
        bytes
    }

    pub(super) fn decode(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let mut rest = Reader(bytes);
        let known = rest.array()? == MAGIC && rest.array()? == [VERSION];
        let header =
            Self { pages: rest.u32()?, directory_len: rest.u32()?, directory: rest.array()? };
        (known && header.directory_len < LENGTH_MAX).then_some(header)
    }
}

impl Directory {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (length, checksum) in self.pages.iter().flatten() {
            bytes.extend(length.to_le_bytes());
            bytes.extend(checksum);
        }
        for table in &self.tables {
            bytes.extend(table.pairs.to_le_bytes());
            for (key, checksum) in &table.pages {
                bytes.extend(key.to_le_bytes());
                bytes.extend(checksum);
            }
        }
        bytes.extend(number(self.absent.len()).to_le_bytes());
        bytes.extend(self.absent.iter().flat_map(|row| row.to_le_bytes()));
        bytes
    }

    pub(super) fn decode(bytes: &[u8], pages: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let mut directory = Self::default();
        for kind in &mut directory.pages {
            for _ in 0..pages {
                let length = rest.u32().filter(|length| *length < LENGTH_MAX)?;
                kind.push((length, rest.array()?));
            }
        }
        for table in &mut directory.tables {
            table.pairs = rest.u32()?;
            for _ in 0..(table.pairs as usize).div_ceil(TABLE_PAIRS) {
                table.pages.push((rest.u64()?, rest.array()?));
            }
        }
        let absent = rest.u32()? as usize;
        directory.absent = rest.u32s(absent)?;
        rest.0.is_empty().then_some(directory)
    }
}

impl Coded for Links {
    fn encode(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.rank.iter().flat_map(|rank| rank.to_le_bytes()).collect();
        for column in [&self.tie, &self.first, &self.second] {
            bytes.extend(column.iter().flat_map(|cell| cell.to_le_bytes()));
        }
        bytes.extend(short_number(self.more.len()).to_le_bytes());
        for (place, parents) in &self.more {
            bytes.extend(place.to_le_bytes());
            bytes.extend(short_number(parents.len()).to_le_bytes());
            bytes.extend(parents.iter().flat_map(|parent| parent.to_le_bytes()));
        }
        bytes
    }

    fn decode(bytes: &[u8], rows: usize, first_row: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let rank = rest.u64s(rows)?;
        let [tie, first, second] = [rest.u32s(rows)?, rest.u32s(rows)?, rest.u32s(rows)?];
        let mut more = BTreeMap::new();
        for _ in 0..rest.u16()? {
            let place = rest.u16()?;
            let count = rest.u16()?;
            more.insert(place, rest.u32s(count.into())?);
        }
        let links = Self { rank, tie, first, second, more };
        (rest.0.is_empty() && links.is_sound(first_row)).then_some(links)
    }
}

impl Links {
    /// Every parent is before its child, which is all that keeps a walk from going in circles.
    fn is_sound(&self, first_row: u32) -> bool {
        let own = |at: usize| first_row + number(at);
        let before = |at: usize, parent: u32| parent >= ROWS_MAX || parent < own(at);
        let columns = (0..self.rank.len())
            .all(|at| before(at, self.first[at]) && before(at, self.second[at]));
        let more = self.more.iter().all(|(place, parents)| {
            let at = usize::from(*place);
            at < self.rank.len() && parents.iter().all(|parent| *parent < own(at))
        });
        let marked = |at: &usize| self.second[*at] == MORE;
        columns
            && more
            && (0..self.rank.len()).filter(marked).count() == self.more.len()
            && self.more.keys().all(|place| marked(&usize::from(*place)))
            && self.first.iter().all(|first| *first < ROWS_MAX || *first >= ABSENT)
            && self.rank.iter().all(|rank| *rank < RANK_MAX)
    }
}

impl Coded for Names {
    fn encode(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.ids.iter().flat_map(|id| *id.object().as_bytes()).collect();
        bytes.extend(self.changes.iter().flat_map(ChangeId::as_bytes));
        bytes
    }

    fn decode(bytes: &[u8], rows: usize, _first: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let ids = rest.ids(rows)?.map(SealId::from).collect();
        let changes = rest.take(rows * ChangeId::LEN)?.as_chunks().0;
        let changes = changes.iter().map(|change| ChangeId::from_bytes(*change)).collect();
        rest.0.is_empty().then_some(Self { ids, changes })
    }
}

impl Coded for Trees {
    fn encode(&self) -> Vec<u8> {
        self.ids.iter().flat_map(|id| *id.object().as_bytes()).collect()
    }

    fn decode(bytes: &[u8], rows: usize, _first: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let ids = rest.ids(rows)?.map(Into::into).collect();
        rest.0.is_empty().then_some(Self { ids })
    }
}

impl Coded for Faces {
    fn encode(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.time.iter().flat_map(|time| time.to_le_bytes()).collect();
        bytes.extend(self.zone.iter().flat_map(|zone| zone.to_le_bytes()));
        bytes.extend(self.author.iter().flat_map(|author| author.to_le_bytes()));
        bytes.extend(self.title_end.iter().flat_map(|end| end.to_le_bytes()));
        bytes.extend(short_number(self.authors.len()).to_le_bytes());
        for author in &self.authors {
            put_text(&mut bytes, &author.name);
            put_text(&mut bytes, &author.contact);
        }
        bytes.extend(self.titles.as_bytes());
        bytes
    }

    fn decode(bytes: &[u8], rows: usize, _first: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let time = rest.u64s(rows)?;
        let zone = rest.u16s(rows)?.into_iter().map(u16::cast_signed).collect();
        let author = rest.u16s(rows)?;
        let title_end = rest.u32s(rows)?;
        let mut authors = Vec::new();
        for _ in 0..rest.u16()? {
            authors.push(Author { name: rest.text()?, contact: rest.text()? });
        }
        let titles = String::from_utf8(rest.0.to_vec()).ok()?;
        let ends = title_end.is_sorted()
            && title_end.last().copied().unwrap_or(0) as usize == titles.len()
            && title_end.iter().all(|end| titles.is_char_boundary(*end as usize));
        let made = author.iter().all(|author| usize::from(*author) < authors.len());
        (ends && made).then_some(Self { time, zone, author, title_end, titles, authors })
    }
}

impl Coded for Touches {
    fn encode(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.end.iter().flat_map(|end| end.to_le_bytes()).collect();
        bytes.extend(self.numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    fn decode(bytes: &[u8], rows: usize, _first: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let end = rest.u32s(rows)?;
        let numbers = rest.u64s(rest.0.len() / 8)?;
        let ends = end.is_sorted() && end.last().copied().unwrap_or(0) as usize == numbers.len();
        (ends && rest.0.is_empty()).then_some(Self { end, numbers })
    }
}

impl Coded for Rewrites {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = number(self.replaced.len()).to_le_bytes().to_vec();
        for (place, id) in &self.replaced {
            bytes.extend(place.to_le_bytes());
            bytes.extend(id.object().as_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8], rows: usize, _first: u32) -> Option<Self> {
        let mut rest = Reader(bytes);
        let mut replaced = Vec::new();
        for _ in 0..rest.u32()? {
            replaced.push((rest.u16()?, ObjectId::from_bytes(rest.array()?).into()));
        }
        let sound = replaced.is_sorted_by_key(|(place, _)| *place)
            && replaced.last().is_none_or(|(place, _)| usize::from(*place) < rows);
        let rows = u16::try_from(rows).ok()?;
        (sound && rest.0.is_empty()).then_some(Self { replaced, rows })
    }
}

pub(super) fn encode_pairs(pairs: &[(u64, u32)]) -> Vec<u8> {
    let pair = |(key, row): &(u64, u32)| {
        let mut bytes = [0; PAIR_LEN];
        bytes[..8].copy_from_slice(&key.to_le_bytes());
        bytes[8..].copy_from_slice(&row.to_le_bytes());
        bytes
    };
    pairs.iter().flat_map(pair).collect()
}

/// Pairs that ascend, of rows less than `rows`.
pub(super) fn decode_pairs(bytes: &[u8], rows: u32) -> Option<Vec<(u64, u32)>> {
    let mut rest = Reader(bytes);
    let mut pairs = Vec::with_capacity(bytes.len() / PAIR_LEN);
    while !rest.0.is_empty() {
        pairs.push((rest.u64()?, rest.u32()?));
    }
    (pairs.is_sorted() && pairs.iter().all(|(_, row)| *row < rows)).then_some(pairs)
}

/// A seal that is added to the file, with its frame.
pub(super) fn encode_entry(entry: &Entry) -> Vec<u8> {
    let mut bytes = vec![0; ENTRY_FRAME.0];
    bytes.extend(entry.id.object().as_bytes());
    match &entry.known {
        Known::Absent => bytes.push(0),
        Known::Present(facts) => {
            bytes.push(1);
            put_facts(&mut bytes, facts);
        }
    }
    let length = number(bytes.len() - ENTRY_FRAME.0);
    bytes[..ENTRY_FRAME.0].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(&bytes);
    bytes.extend(checksum);
    bytes
}

fn put_facts(bytes: &mut Vec<u8>, facts: &Facts) {
    bytes.extend(facts.change.as_bytes());
    bytes.extend(facts.tree.object().as_bytes());
    bytes.extend(facts.time.to_u64().to_le_bytes());
    bytes.extend(facts.zone_minutes.to_le_bytes());
    bytes.extend(short_number(facts.parents.len()).to_le_bytes());
    bytes.extend(facts.parents.iter().flat_map(|parent| parent.0.to_le_bytes()));
    for text in [&facts.author.name, &facts.author.contact, &facts.title] {
        put_text(bytes, text);
    }
    bytes.extend(number(facts.replaces.len()).to_le_bytes());
    bytes.extend(facts.replaces.iter().flat_map(|id| *id.object().as_bytes()));
    let numbers = match &facts.touched {
        Touched::Unsaid => &[0][..],
        Touched::Paths(numbers) => numbers,
    };
    bytes.extend(short_number(numbers.len()).to_le_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// The seal that the bytes begin with, and what follows it. Its row is `row`.
pub(super) fn decode_entry(bytes: &[u8], row: u32) -> Option<(Entry, &[u8])> {
    let mut framed = Reader(bytes);
    let length = framed.u32().filter(|length| *length < LENGTH_MAX)? as usize;
    let mut rest = Reader(framed.take(length)?);
    let found: Checksum = framed.array()?;
    if checksum(&bytes[..ENTRY_FRAME.0 + length]) != found {
        return None;
    }
    let id = ObjectId::from_bytes(rest.array()?).into();
    let known = match rest.array()? {
        [0] => Known::Absent,
        [1] => Known::Present(Box::new(facts(&mut rest)?)),
        _ => return None,
    };
    let sound = match &known {
        Known::Absent => true,
        Known::Present(facts) => facts.parents.iter().all(|parent| parent.0 < row),
    };
    (sound && rest.0.is_empty()).then_some((Entry { id, known }, framed.0))
}

fn facts(rest: &mut Reader) -> Option<Facts> {
    Some(Facts {
        change: ChangeId::from_bytes(rest.array()?),
        tree: ObjectId::from_bytes(rest.array()?).into(),
        time: Hlc::from_u64(rest.u64()?),
        zone_minutes: rest.u16()?.cast_signed(),
        parents: {
            let count = rest.u16()?;
            rest.u32s(count.into())?.into_iter().map(Row).collect()
        },
        author: Author { name: rest.text()?, contact: rest.text()? },
        title: rest.text()?,
        replaces: {
            let count = rest.u32()? as usize;
            rest.ids(count)?.map(SealId::from).collect()
        },
        touched: {
            let count = rest.u16()?;
            match rest.u64s(count.into())? {
                numbers if numbers == [0] => Touched::Unsaid,
                numbers => Touched::Paths(numbers),
            }
        },
    })
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(short_number(text.len()).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("the file holds less than 4 GiB of each")
}

fn short_number(count: usize) -> u16 {
    u16::try_from(count).expect("short texts, few parents, at most 256 of a page, 512 numbers")
}

/// What is left of some bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn u16s(&mut self, count: usize) -> Option<Vec<u16>> {
        let cells = self.take(count.checked_mul(2)?)?.as_chunks().0;
        Some(cells.iter().map(|cell| u16::from_le_bytes(*cell)).collect())
    }

    fn u32s(&mut self, count: usize) -> Option<Vec<u32>> {
        let cells = self.take(count.checked_mul(4)?)?.as_chunks().0;
        Some(cells.iter().map(|cell| u32::from_le_bytes(*cell)).collect())
    }

    fn u64s(&mut self, count: usize) -> Option<Vec<u64>> {
        let cells = self.take(count.checked_mul(8)?)?.as_chunks().0;
        Some(cells.iter().map(|cell| u64::from_le_bytes(*cell)).collect())
    }

    fn ids(&mut self, count: usize) -> Option<impl Iterator<Item = ObjectId> + use<'a>> {
        let cells = self.take(count.checked_mul(ObjectId::LEN)?)?.as_chunks().0;
        Some(cells.iter().map(|cell| ObjectId::from_bytes(*cell)))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.u16()?;
        String::from_utf8(self.take(length.into())?.to_vec()).ok()
    }
}
