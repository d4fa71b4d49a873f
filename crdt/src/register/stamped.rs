//! What the registers hold.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::hlc::Hlc;
use crate::leaf::Content;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// A value and when it was written. The latest stands first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stamped<V> {
    pub(super) at: Hlc,
    pub(super) value: V,
}

/// A value that stands by its actor alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plain<V>(pub(super) V);

impl<V: Value> Content for Stamped<V> {
    fn rank(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl<V: Value> Content for Plain<V> {
    fn rank(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

/// In a column, times as the distance from the one before, then the values' column.
impl<V: Value> Value for Stamped<V> {
    const SHAPE: Shape = Shape::of("stamped", &[V::SHAPE]);

    fn write(&self, out: &mut Writer) {
        out.number(self.at.to_u64());
        self.value.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = Hlc::from_u64(input.number()?);
        Ok(Self { at, value: V::read(input)? })
    }

    fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer)
    where
        Self: 'a,
    {
        let mut last = 0;
        for stamped in values.clone() {
            let at = stamped.at.to_u64();
            out.signed(at.wrapping_sub(last).cast_signed());
            last = at;
        }
        V::write_column(values.map(|stamped| &stamped.value), out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut times = Vec::with_capacity(count.min(input.left()));
        let mut last = 0_u64;
        for _ in 0..count {
            last = last.wrapping_add_signed(input.signed()?);
            times.push(Hlc::from_u64(last));
        }
        let values = V::read_column(count, input)?;
        Ok(times.into_iter().zip(values).map(|(at, value)| Self { at, value }).collect())
    }
}

impl<V: Value> Value for Plain<V> {
    const SHAPE: Shape = Shape::of("plain", &[V::SHAPE]);

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        V::read(input).map(Self)
    }

    fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer)
    where
        Self: 'a,
    {
        V::write_column(values.map(|plain| &plain.0), out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        Ok(V::read_column(count, input)?.into_iter().map(Self).collect())
    }
}
