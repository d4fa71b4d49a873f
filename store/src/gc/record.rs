//! Since when packs are condemned, and who wrote at that time.
//!
//! ```text
//! offset  size  field                                     (integers little-endian)
//!      0     4  magic  "SLKC"
//!      4     1  version 1
//!      5     8  time of the last visit, milliseconds
//!     13     8  milliseconds between visits, all together
//!     21     8  the longest of them
//!     29     4  count of packs, then 32 each, ascending
//!            4  count of writers, then each (length: 1, name of the temporary file)
//!            8  checksum of all before
//! ```
//!
//! A record that is damaged is none: then the wait begins again.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use crate::cursor::{Cursor, Short};
use crate::disk::Disk;
use crate::pack::FOLDER;
use crate::pack::format::{PackId, checksum};
use crate::pack::temporary::Temporary;

/// What is known of the packs that are condemned.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Record {
    pub(super) packs: BTreeSet<PackId>,
    /// Who may rely on what the packs hold.
    pub(super) writers: BTreeSet<String>,
    visit_ms: u64,
    waited_ms: u64,
    longest_ms: u64,
}

const FILE: &str = "condemned";
const MAGIC: [u8; 5] = *b"SLKC\x01";
const SUM_LEN: usize = 8;

/// More than any record has: what is longer is none.
const LEN_MAX: u64 = 64 << 20;

impl Record {
    /// The wait begins now.
    pub(super) fn new(packs: BTreeSet<PackId>, writers: BTreeSet<String>, now_ms: u64) -> Self {
        Self { packs, writers, visit_ms: now_ms, waited_ms: 0, longest_ms: 0 }
    }

    /// Notes that it is later now. A clock that went back adds nothing.
    pub(super) fn visit(&mut self, now_ms: u64) {
        let since = now_ms.saturating_sub(self.visit_ms);
        self.waited_ms = self.waited_ms.saturating_add(since);
        self.longest_ms = self.longest_ms.max(since);
        self.visit_ms = now_ms;
    }

    /// For how long the packs have waited, at least. The longest time between two visits does not count:
    /// it may be a step of the clock.
    pub(super) const fn waited_ms(&self) -> u64 {
        self.waited_ms - self.longest_ms
    }

    /// The record on disk, if there is a good one.
    pub(super) fn load(disk: &dyn Disk) -> io::Result<Option<Self>> {
        let file = match disk.open(&path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let length = file.size()?;
        if length > LEN_MAX {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_at(0, &mut bytes)?;
        Ok(Self::decode(&bytes))
    }

    /// Makes the record durable, and with it the names of the packs that it tells of.
    pub(super) fn save(&self, disk: &Arc<dyn Disk>) -> io::Result<()> {
        let mut file = Temporary::create(disk)?;
        file.append(&self.encode())?;
        file.keep_as(FILE)
    }

    /// Removes the record from the disk.
    pub(super) fn remove(disk: &dyn Disk) -> io::Result<()> {
        match disk.remove(&path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let count = |count| u32::try_from(count).expect("fewer than 2^32 files").to_le_bytes();
        let mut out = MAGIC.to_vec();
        for time in [self.visit_ms, self.waited_ms, self.longest_ms] {
            out.extend(time.to_le_bytes());
        }
        out.extend(count(self.packs.len()));
        self.packs.iter().for_each(|pack| out.extend(pack.as_bytes()));
        out.extend(count(self.writers.len()));
        for writer in &self.writers {
            out.push(u8::try_from(writer.len()).expect("file names have at most 255 bytes"));
            out.extend(writer.as_bytes());
        }
        out.extend(checksum(&out));
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (fields, sum) = bytes.split_last_chunk::<SUM_LEN>()?;
        if checksum(fields) != *sum {
            return None;
        }
        let mut cursor = Cursor::new(fields);
        let mut record = Self::default();
        let mut read = || -> Result<bool, Short> {
            let known = cursor.array()? == MAGIC;
            record.visit_ms = cursor.u64()?;
            record.waited_ms = cursor.u64()?;
            record.longest_ms = cursor.u64()?;
            for _ in 0..cursor.u32()? {
                record.packs.insert(PackId::from_bytes(cursor.array()?));
            }
            for _ in 0..cursor.u32()? {
                let length = cursor.u8()?;
                let name = cursor.bytes(length.into())?;
                record.writers.insert(String::from_utf8_lossy(name).into_owned());
            }
            Ok(known && cursor.is_empty() && record.longest_ms <= record.waited_ms)
        };
        matches!(read(), Ok(true)).then_some(record)
    }
}

fn path() -> String {
    format!("{FOLDER}/{FILE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let packs = [PackId::from_bytes([1; 32]), PackId::from_bytes([2; 32])];
        Record::new(packs.into(), ["one.tmp".to_owned()].into(), 1_000)
    }

    #[test]
    fn a_record_keeps_its_bytes() {
        let bytes = record().encode();
        let expected = [
            &b"SLKC\x01\xe8\x03\0\0\0\0\0\0"[..],
            &[0; 16],
            b"\x02\0\0\0",
            &[1; 32],
            &[2; 32],
            b"\x01\0\0\0\x07one.tmp",
        ];
        assert_eq!(bytes[..bytes.len() - SUM_LEN], expected.concat());
        assert_eq!(Record::decode(&bytes), Some(record()));
    }

    #[test]
    fn a_damaged_record_is_none() {
        let bytes = record().encode();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Record::decode(&damaged), None);
            assert_eq!(Record::decode(&bytes[..at]), None);
        }
    }

    #[test]
    fn a_step_of_the_clock_is_no_wait() {
        const YEAR: u64 = 365 * 86_400_000;
        for (visits, waited) in [
            (&[][..], 0),
            (&[1_500], 0),
            (&[1_500, 1_700], 200),
            (&[YEAR, YEAR + 300, YEAR + 400], 400),
            (&[0, 500], 0),
            (&[0, YEAR, YEAR + 300], 300),
            (&[0, 1_000, 2_000], 1_000),
            (&[u64::MAX, 0, 10], 10),
        ] {
            let mut record = record();
            visits.iter().for_each(|now| record.visit(*now));
            assert_eq!(record.waited_ms(), waited, "{visits:?}");
        }
    }
}
