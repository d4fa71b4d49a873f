//! Blocks that another store made.

use std::borrow::Cow;
use std::ops::Range;

use super::{BLOCK_LEN, Batch, Hint, STEP_MAX, WriteError};
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::format::{BlockRecord, Codec, ObjectRecord, checksum};
use crate::parcel::Prefix;
use crate::store::copies::Link;

/// An object of a strange block, under the id that its bytes hash to.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) id: ObjectId,
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

impl Batch<'_> {
    /// Adds objects that came in one block. It goes into the pack as it came, if enough of it is new and a
    /// pack may hold it.
    pub(crate) fn put_block(
        &self,
        codec: Codec,
        link: Link,
        stored: &[u8],
        raw: &[u8],
        members: &[Placed],
    ) -> Result<(), WriteError> {
        let mut unknown = Vec::new();
        for member in members {
            self.ledger().arrived(member.id);
            if !self.ledger().has(&member.id) && !self.has(&member.id)? {
                unknown.push(member);
            }
        }
        let live: usize = unknown.iter().map(|member| member.range.len()).sum();
        let is_worth_it = match link.base {
            // A small plain block is joined with others.
            None => live >= BLOCK_LEN / 2 && live >= raw.len() / 2,
            Some(base) => live >= raw.len() / 2 && self.is_above(base, link.step),
        };
        if is_worth_it {
            return self.put_as_it_came(codec, link, stored, raw.len(), &unknown);
        }
        let base = link.base;
        unknown.into_iter().try_for_each(|Placed { id, kind, range }| {
            self.put_again(*id, *kind, &raw[range.clone()], Hint { path: "", base })
        })
    }

    /// The bytes of an object of the batch or the store.
    pub(crate) fn bytes_of(&self, id: &ObjectId) -> Option<Vec<u8>> {
        self.read(id)
    }

    /// An object that came in this batch.
    pub(crate) fn arrived(&self, prefix: Prefix) -> Option<ObjectId> {
        self.ledger().with_prefix(prefix)
    }

    fn put_as_it_came(
        &self,
        codec: Codec,
        link: Link,
        stored: &[u8],
        raw_len: usize,
        members: &[&Placed],
    ) -> Result<(), WriteError> {
        let stored = match link.base {
            None => Cow::from(stored),
            Some(base) => Cow::from([base.as_bytes(), stored].concat()),
        };
        let checksum = checksum(&stored);
        let offset = self.append(&stored)?;
        let short = |length| u32::try_from(length).expect("blocks are shorter than 4 GiB");
        let (stored_len, raw_len) = (short(stored.len()), short(raw_len));
        let record = BlockRecord { offset, stored_len, raw_len, codec, step: link.step, checksum };
        let members = members.iter().map(|member| ObjectRecord {
            id: member.id,
            kind: member.kind,
            block: 0, // the ledger numbers it
            start: short(member.range.start),
            length: short(member.range.len()),
        });
        self.ledger().copied(record, link, &members.collect::<Vec<_>>());
        Ok(())
    }

    /// Whether a copy of this step may be made from that object: steps fall along a chain, whatever a stranger
    /// says.
    fn is_above(&self, base: ObjectId, step: u16) -> bool {
        let link = self.link(&base);
        step <= STEP_MAX && link.is_some_and(|link| link.step < step && self.is_shallow(link))
    }
}
