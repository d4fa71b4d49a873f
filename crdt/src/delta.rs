//! What one replica tells another.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::causal::Causal;
use crate::ends::Ends;
use crate::span::Span;
use crate::value::Value;
use crate::version::VersionVector;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// The changes of a document beyond one version and up to another.
///
/// It is an interval: a replica that has not seen all of [`Delta::from`] cannot join it, since it
/// would take what it lacks for removed.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Delta, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwSet<u64>> = Doc::new(east);
/// let mut west: Doc<AwSet<u64>> = Doc::new(west);
/// east.edit().add(7);
/// let delta = east.delta_since(&west.version()).expect("west lacks the seven");
/// west.join(Delta::from_bytes(&delta.to_bytes())?)?;
/// assert!(west.root().contains(&7));
/// assert!(east.delta_since(&west.version()).is_none());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Delta<T: Causal> {
    pub(crate) subject: Box<str>,
    pub(crate) span: Span,
    pub(crate) ends: Ends,
    pub(crate) root: Option<T::Delta>,
}

impl<T: Causal> Delta<T> {
    /// What the document is about: see [`Doc::about`](crate::Doc::about).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What a replica must have seen to join this.
    #[must_use]
    pub fn from(&self) -> VersionVector {
        self.span.version(&self.span.from)
    }

    /// What a replica has seen at least once it joined this.
    #[must_use]
    pub fn to(&self) -> VersionVector {
        self.span.version(&self.span.to)
    }

    /// The one spelling of this delta in bytes: see [`Delta::from_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::for_actors(self.span.actors.len());
        out.raw(&MAGIC);
        out.byte(VERSION);
        out.raw(&T::SHAPE.to_bytes());
        self.subject.write(&mut out);
        self.span.write(&mut out);
        self.ends.write(&mut out);
        out.byte(u8::from(self.root.is_some()));
        if let Some(root) = &self.root {
            T::write_column(&[root], &mut out);
        }
        out.into_bytes()
    }

    /// The delta that these bytes spell.
    ///
    /// ```text
    /// offset  size  field                              (numbers as in `Writer::number`)
    ///      0     3  magic    "SkD"
    ///      3     1  version  1
    ///      4     4  shape    fingerprint of the type
    ///      8        subject  length and text, empty if the document has none
    ///               actors   count, 16 bytes each, ascending
    ///               span     for each actor `to`, and `to - from`
    ///               ends     0: count; 0, a change each; or 1, changes, how many ends each; ends
    ///                        1: count, runs of live dots
    ///               root     0, or 1 and the root's column
    /// ```
    ///
    /// # Errors
    /// If they are not exactly what [`Delta::to_bytes`] makes of some delta of this type. Memory
    /// and time are bounded by the length of the bytes, and by 2^20 ends that a few may tell of.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::of(bytes);
        if input.raw(MAGIC.len())? != MAGIC {
            return Err(DecodeError::Foreign);
        }
        let version = input.byte()?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        if input.raw(4)? != T::SHAPE.to_bytes() {
            return Err(DecodeError::Shape);
        }
        let subject = Box::read(&mut input)?;
        let span = Span::read(&mut input)?;
        input.expect_actors(span.to.clone());
        let ends = Ends::read(&mut input)?;
        let root = match input.byte()? {
            0 => None,
            1 => T::read_column(1, &mut input)?.pop(),
            _ => return Err(DecodeError::NotCanonical),
        };
        input.finish()?;
        let delta = Self { subject, span, ends, root };
        if delta.is_sound() { Ok(delta) } else { Err(DecodeError::Contradiction) }
    }

    /// Whether no dot is told of twice or both alive and ended, and all that is new lies within
    /// the span.
    fn is_sound(&self) -> bool {
        // Nearly as many dots come as go.
        let mut told = Vec::with_capacity(self.ends.listed().len());
        if let Some(root) = &self.root {
            T::each_delta_mark(root, &mut |mark| told.push(mark));
        }
        if !told.iter().all(|mark| self.span.is_new(*mark)) {
            return false;
        }
        match &self.ends {
            Ends::Listed(kills) => {
                if !kills.iter().all(|(by, _)| self.span.is_new(*by)) {
                    return false;
                }
                let dead = kills.iter().map(|(_, dead)| *dead);
                let mut dead: Vec<_> = dead.filter(|dead| self.span.is_new(*dead)).collect();
                // Several writers may have ended one dot, each without knowing of the other.
                dead.sort_unstable();
                dead.dedup();
                told.extend(dead);
            }
            Ends::AllBut(alive) => {
                if alive.iter().any(|run| self.span.is_new(run.last)) {
                    return false;
                }
            }
        }
        if !told.is_sorted() {
            told.sort_unstable();
        }
        told.is_sorted_by(|a, b| a < b)
    }
}

const MAGIC: [u8; 3] = *b"SkD";
const VERSION: u8 = 1;

impl<T: Causal> fmt::Debug for Delta<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delta({:?} to {:?})", self.from(), self.to())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActorId;
    use crate::doc::Doc;
    use crate::set::AwSet;

    // Went wrong: the dot was listed twice, and the bytes were refused as a contradiction.
    #[test]
    fn two_writers_may_end_one_dot() {
        let [mut north, mut east, mut west, mut south] =
            [1, 2, 3, 4].map(|n| Doc::<AwSet<u64>>::new(ActorId::from_bytes([n; 16])));
        north.edit().add(7);
        east.merge(&north).unwrap();
        west.merge(&north).unwrap();
        east.edit().remove(&7);
        west.edit().remove(&7);
        east.merge(&west).unwrap();

        let told = east.delta_since(&south.version()).unwrap().to_bytes();
        south.join(Delta::from_bytes(&told).unwrap()).unwrap();
        assert!(south.root().is_empty());
    }
}
