//! Who made a seal again, and when.
//!
//! A seal that is made again on other parents keeps its author and its date, since what it changes is as old as it was. Who
//! did that stands in a label.

use std::collections::BTreeMap;

use selkie_crdt::Hlc;
use selkie_store::{Author, Seal};

/// What the label of a seal that was made again tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Again {
    /// When that was.
    pub time: Hlc,
    /// Minutes that the clock on the wall was ahead of UTC.
    pub zone_minutes: i16,
    /// Who it was.
    pub by: Author,
}

/// The label of a seal that tells who made it again: a line for each field.
const AGAIN: &str = "again";

impl Again {
    /// What a seal tells of it.
    #[must_use]
    pub fn of(seal: &Seal) -> Option<Self> {
        // What is no text was written by no version of this program.
        let text = str::from_utf8(seal.labels.get(AGAIN)?).ok()?;
        let [time, zone, name, contact] = *text.splitn(4, '\n').collect::<Vec<_>>() else {
            return None;
        };
        Some(Self {
            time: Hlc::from_u64(time.parse().ok()?),
            zone_minutes: zone.parse().ok()?,
            by: Author { name: name.to_owned(), contact: contact.to_owned() },
        })
    }

    /// Writes it among the labels of a seal.
    pub(crate) fn label(&self, labels: &mut BTreeMap<String, Vec<u8>>) {
        let Self { time, zone_minutes, by } = self;
        // A name has one line here, so that it is read back.
        let line = |text: &str| text.replace('\n', " ");
        let (name, contact) = (line(&by.name), line(&by.contact));
        let text = format!("{}\n{zone_minutes}\n{name}\n{contact}", time.to_u64());
        labels.insert(AGAIN.to_owned(), text.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use selkie_store::{ChangeId, ObjectId};

    use super::*;

    fn seal(labels: BTreeMap<String, Vec<u8>>) -> Seal {
        Seal {
            tree: ObjectId::from_bytes([1; 32]).into(),
            parents: Vec::new(),
            change: ChangeId::from_bytes([2; 16]),
            time: Hlc::from_ms(3),
            zone_minutes: 0,
            author: Author::default(),
            message: String::new(),
            replaces: BTreeSet::new(),
            labels,
            signature: None,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (name, read) in [("Ann", "Ann"), ("", ""), ("Ann\nor Bo", "Ann or Bo")] {
            let by = Author { name: name.to_owned(), contact: "a@b".to_owned() };
            let again = Again { time: Hlc::from_ms(7), zone_minutes: -90, by };
            let mut labels = BTreeMap::new();
            again.label(&mut labels);
            let by = Author { name: read.to_owned(), contact: "a@b".to_owned() };
            assert_eq!(Again::of(&seal(labels)), Some(Again { by, ..again }));
        }
    }

    #[test]
    fn other_bytes_tell_nothing() {
        for bytes in [&b""[..], b"1\n2\nAnn", b"x\n2\nAnn\n", b"1\n99999\nAnn\n", b"1\n2\n\xff\n"] {
            let labels = BTreeMap::from([(AGAIN.to_owned(), bytes.to_vec())]);
            assert_eq!(Again::of(&seal(labels)), None, "{bytes:?}");
        }
    }
}
