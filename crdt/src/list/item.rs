//! What a program calls an item.

use alloc::vec::Vec;
use core::fmt;
use core::iter;

use super::cast::Cast;
use crate::actor::ActorId;
use crate::dot::Dot;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;
use crate::wire::unzigzag;
use crate::wire::zigzag;

/// The name of an item: the dot of the change that made it.
///
/// It is the same on every replica and for ever, wherever the item is moved. In bytes the author
/// is spelled once for all items of a column, and an item that follows another takes a byte.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, List, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<List<LwwRegister<String>>> = Doc::new(east);
/// let mut west: Doc<List<LwwRegister<String>>> = Doc::new(west);
/// let pear = east.edit().push("pear".into(), Hlc::from_ms(1));
/// west.merge(&east)?;
/// assert_eq!(west.root().index_of(pear), Some(0));
/// assert_eq!(pear.dot().actor, east.actor());
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ItemId(Dot);

impl ItemId {
    /// The item that this change made, if it made one.
    #[must_use]
    pub const fn of(dot: Dot) -> Self {
        Self(dot)
    }

    /// The change that made the item.
    #[must_use]
    pub const fn dot(self) -> Dot {
        self.0
    }
}

/// In a column: the authors, then for each item the distance from the counter that would come
/// next.
impl Value for ItemId {
    const SHAPE: Shape = Shape::of("item", &[]);

    fn write(&self, out: &mut Writer) {
        Self::write_column(iter::once(self), out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::read_column(1, input)?.pop().ok_or(DecodeError::Truncated)
    }

    fn write_column<'a>(items: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer) {
        let mut cast = Cast::write(items.clone().map(|item| *item.0.actor.as_bytes()), out);
        let mut next = 1;
        for Self(Dot { actor, counter }) in items {
            let away = counter.cast_signed() - next;
            cast.write_line(zigzag(away), actor.as_bytes(), out);
            next = counter.cast_signed() + 1;
        }
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut cast = Cast::read(input)?;
        let mut items = Vec::with_capacity(count.min(input.left()));
        let mut next = 1_i64;
        for _ in 0..count {
            let (away, actor) = cast.read_line(input)?;
            let counter = next.checked_add(unzigzag(away)).ok_or(DecodeError::Range)?;
            let in_range = (1..=Dot::COUNTER_MAX.cast_signed()).contains(&counter);
            if !in_range {
                return Err(DecodeError::Range);
            }
            let actor = ActorId::from_bytes(actor);
            items.push(Self(Dot { actor, counter: counter.cast_unsigned() }));
            next = counter + 1;
        }
        cast.finish()?;
        Ok(items)
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
