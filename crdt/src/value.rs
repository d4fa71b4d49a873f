//! What registers, sets and maps can hold.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::Hash;

use crate::shape::Shape;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;
use crate::wire::number_len;

mod stems;

/// Data that is replaced as a whole and has one spelling in bytes.
///
/// Equality is total and goes by bytes: two values are equal if and only if they are written
/// alike. That is why there is no `f64` here: NaN is not equal to itself, and zero has two
/// spellings; keep its bits as a `u64`.
///
/// Every value takes at least one byte, so that counts can be checked against what is left.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, DecodeError, Doc, Reader, Shape, Value, Writer};
/// #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
/// enum Suit {
///     Hearts,
///     Spades,
/// }
/// impl Value for Suit {
///     const SHAPE: Shape = Shape::of("suit", &[]);
///     fn write(&self, out: &mut Writer) {
///         out.byte(*self as u8);
///     }
///     fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
///         match input.byte()? {
///             0 => Ok(Self::Hearts),
///             1 => Ok(Self::Spades),
///             _ => Err(DecodeError::Range),
///         }
///     }
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<Suit>>::new(east), Doc::<AwSet<Suit>>::new(west));
/// east.edit().add(Suit::Hearts);
/// west.edit().add(Suit::Spades);
/// east.merge(&west)?;
/// assert!(east.root().contains(&Suit::Spades));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not data that registers, sets and maps can hold",
    label = "has no one spelling in bytes",
    note = "implement `Value` for it, or keep it as a number, a text or bytes",
    note = "a float is kept as its bits, in a `u64`"
)]
pub trait Value: Clone + Eq {
    /// What tells this type from others, so that a delta of another type is refused.
    const SHAPE: Shape;

    /// Writes this value.
    fn write(&self, out: &mut Writer);

    /// Reads a value.
    ///
    /// # Errors
    /// If the bytes are not what [`Value::write`] wrote for some value.
    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// This value in bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::for_actors(0);
        self.write(&mut out);
        out.into_bytes()
    }

    /// The value that these bytes, all of them, spell.
    ///
    /// # Errors
    /// If they are not what [`Value::to_bytes`] makes of some value.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::of(bytes);
        let value = Self::read(&mut input)?;
        input.finish()?;
        Ok(value)
    }

    /// Writes many values, in whatever way is shortest for all of them.
    fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer)
    where
        Self: 'a,
    {
        values.for_each(|value| value.write(out));
    }

    /// Reads as many values as [`Value::write_column`] wrote.
    ///
    /// # Errors
    /// As [`Value::read`].
    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut values = Vec::with_capacity(count.min(input.left()));
        for _ in 0..count {
            values.push(Self::read(input)?);
        }
        Ok(values)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Value for $number {
            const SHAPE: Shape = Shape::of(stringify!($number), &[]);

            fn write(&self, out: &mut Writer) {
                out.number(u64::from(*self));
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Self::try_from(input.number()?).map_err(|_too_large| DecodeError::Range)
            }
        }
    )*};
}

numbers! { u8 u16 u32 }

macro_rules! signed_numbers {
    ($($number:ty)*) => {$(
        impl Value for $number {
            const SHAPE: Shape = Shape::of(stringify!($number), &[]);

            fn write(&self, out: &mut Writer) {
                out.signed(i64::from(*self));
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Self::try_from(input.signed()?).map_err(|_too_large| DecodeError::Range)
            }
        }
    )*};
}

signed_numbers! { i8 i16 i32 i64 }

/// In a column, numbers are all of eight bytes or all of as few as they need, whichever is
/// shorter: ids drawn at random are long, amounts are short.
impl Value for u64 {
    const SHAPE: Shape = Shape::of("u64", &[]);

    fn write(&self, out: &mut Writer) {
        out.number(*self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.number()
    }

    fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer) {
        let plain = is_plain(values.clone());
        out.byte(u8::from(plain));
        for value in values {
            if plain {
                out.raw(&value.to_le_bytes());
            } else {
                out.number(*value);
            }
        }
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let spelling = input.byte()?;
        let values: Vec<Self> = match spelling {
            0 => (0..count.min(input.left() + 1))
                .map(|_| input.number())
                .collect::<Result<_, _>>()?,
            1 => plain_column(input.raw(count.checked_mul(8).ok_or(DecodeError::Truncated)?)?),
            _ => return Err(DecodeError::NotCanonical),
        };
        let plain = is_plain(values.iter());
        if u8::from(plain) == spelling { Ok(values) } else { Err(DecodeError::NotCanonical) }
    }
}

fn is_plain<'a>(values: impl Iterator<Item = &'a u64>) -> bool {
    let (count, len) = values.fold((0, 0), |(count, len), n| (count + 1, len + number_len(*n)));
    len > count * 8
}

fn plain_column(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().expect("eight"))).collect()
}

impl Value for bool {
    const SHAPE: Shape = Shape::of("bool", &[]);

    fn write(&self, out: &mut Writer) {
        out.byte(u8::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::NotCanonical),
        }
    }
}

impl Value for char {
    const SHAPE: Shape = Shape::of("char", &[]);

    fn write(&self, out: &mut Writer) {
        u32::from(*self).write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::from_u32(u32::read(input)?).ok_or(DecodeError::Range)
    }
}

/// Written as one zero byte: see the trait's last sentence.
impl Value for () {
    const SHAPE: Shape = Shape::of("()", &[]);

    fn write(&self, out: &mut Writer) {
        out.byte(0);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if input.byte()? == 0 { Ok(()) } else { Err(DecodeError::NotCanonical) }
    }
}

macro_rules! texts {
    ($($text:ty)*) => {$(
        impl Value for $text {
            const SHAPE: Shape = Shape::of("text", &[]);

            fn write(&self, out: &mut Writer) {
                stems::write_alone(self.as_bytes(), out);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                text(stems::read_alone(input)?).map(Self::from)
            }

            fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer) {
                stems::write(values.map(|text| text.as_bytes()), out);
            }

            fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
                stems::read(count, input, |bytes| text(bytes).map(Self::from))
            }
        }
    )*};
}

texts! { String Box<str> alloc::sync::Arc<str> }

fn text(bytes: &[u8]) -> Result<&str, DecodeError> {
    core::str::from_utf8(bytes).map_err(|_not_utf8| DecodeError::Text)
}

macro_rules! bytes {
    ($($bytes:ty)*) => {$(
        impl Value for $bytes {
            const SHAPE: Shape = Shape::of("bytes", &[]);

            fn write(&self, out: &mut Writer) {
                stems::write_alone(self, out);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                stems::read_alone(input).map(Self::from)
            }

            fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer) {
                stems::write(values.map(|bytes| &bytes[..]), out);
            }

            fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
                stems::read(count, input, |bytes| Ok(Self::from(bytes)))
            }
        }
    )*};
}

bytes! { Vec<u8> Box<[u8]> }

impl<const N: usize> Value for [u8; N] {
    const SHAPE: Shape = Shape::of("array", &[Shape::number(N)]);

    fn write(&self, out: &mut Writer) {
        const { assert!(N > 0, "a value takes at least one byte") };
        out.raw(self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(input.raw(N)?.try_into().expect("as many bytes as asked for"))
    }
}

impl<V: Value> Value for Option<V> {
    const SHAPE: Shape = Shape::of("option", &[V::SHAPE]);

    fn write(&self, out: &mut Writer) {
        out.byte(u8::from(self.is_some()));
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.byte()? {
            0 => Ok(None),
            1 => V::read(input).map(Some),
            _ => Err(DecodeError::NotCanonical),
        }
    }
}

impl<A: Value, B: Value> Value for (A, B) {
    const SHAPE: Shape = Shape::of("pair", &[A::SHAPE, B::SHAPE]);

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok((A::read(input)?, B::read(input)?))
    }
}

/// A value that sets and maps can find: every [`Value`] that can be hashed.
pub trait Element: Value + Hash {}

impl<V: Value + Hash> Element for V {}
