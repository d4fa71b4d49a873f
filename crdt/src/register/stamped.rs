//! What the registers hold.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::times;
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

/// In a column, all times, then all values.
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
        times::write(values.clone().map(|stamped| stamped.at), out);
        V::write_column(values.map(|stamped| &stamped.value), out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let times = times::read(count, input)?;
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
