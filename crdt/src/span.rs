//! From which version a delta leads to which.

use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::dot::Dot;
use crate::mark::Mark;
use crate::version::VersionVector;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// The actors of a delta, and what it leads from and to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Span {
    pub(crate) actors: Vec<ActorId>, // ascending; marks are numbered by it
    pub(crate) from: Vec<u64>,
    pub(crate) to: Vec<u64>, // nowhere less than `from`, nowhere zero
}

impl Span {
    pub(crate) fn version(&self, counters: &[u64]) -> VersionVector {
        let mut version = VersionVector::new();
        for (actor, counter) in self.actors.iter().zip(counters) {
            version.raise(*actor, *counter);
        }
        version
    }

    /// Whether the dot is beyond where the delta leads from.
    pub(crate) fn is_new(&self, mark: Mark) -> bool {
        mark.counter() > self.from[mark.actor() as usize]
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.count(self.actors.len());
        self.actors.iter().for_each(|actor| out.raw(actor.as_bytes()));
        for (from, to) in self.from.iter().zip(&self.to) {
            out.number(*to);
            out.number(to - from);
        }
    }

    pub(crate) fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = input.count()?;
        if count > Mark::ACTORS_MAX as usize {
            return Err(DecodeError::Range);
        }
        let ids = input.raw(16 * count)?.chunks_exact(16);
        let id = |bytes: &[u8]| ActorId::from_bytes(bytes.try_into().expect("sixteen"));
        let actors: Vec<_> = ids.map(id).collect();
        if !actors.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::NotCanonical);
        }
        let mut span =
            Self { actors, from: Vec::with_capacity(count), to: Vec::with_capacity(count) };
        for _ in 0..count {
            let to = input.number()?;
            if to == 0 || to > Dot::COUNTER_MAX {
                return Err(DecodeError::Range);
            }
            span.to.push(to);
            span.from.push(to.checked_sub(input.number()?).ok_or(DecodeError::Range)?);
        }
        Ok(span)
    }
}
