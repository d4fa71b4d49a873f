//! What a touch says of an entity: of which kind it is.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::contest::never_contested;
use crate::leaf::Content;
use crate::leaf::Leaf;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// The kind that somebody founded an entity with, if the touch was a founding.
///
/// Among concurrent foundings the first name in order stands first, and any name before none.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kind(pub(super) Option<Arc<str>>);

impl Content for Kind {
    fn rank(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Some(ours), Some(theirs)) => ours.cmp(theirs),
            (ours, theirs) => theirs.is_some().cmp(&ours.is_some()),
        }
    }
}

/// In a column, a thousand entities of a kind spell it once:
///
/// ```text
/// 0      no touch names a kind
/// 1      all name this one: the name
/// 2      the names, in the order of first use; for each touch the number of its name among
///        them, from one, or zero
/// ```
impl Value for Kind {
    const SHAPE: Shape = Shape::of("kind", &[]);

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Value::read(input).map(Self)
    }

    fn write_column<'a>(kinds: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer)
    where
        Self: 'a,
    {
        let (names, numbers) = numbered(kinds);
        match &names[..] {
            [] => out.byte(NONE),
            [name] if !numbers.contains(&0) => {
                out.byte(ONE);
                name.write(out);
            }
            names => {
                out.byte(MIXED);
                out.count(names.len());
                Value::write_column(names.iter().copied(), out);
                numbers.iter().for_each(|number| out.count(*number));
            }
        }
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        match input.byte()? {
            NONE => Ok(alloc::vec![Self(None); count]),
            ONE => Ok(alloc::vec![Self(Some(Value::read(input)?)); count]),
            MIXED => read_mixed(count, input),
            _ => Err(DecodeError::NotCanonical),
        }
    }
}

const NONE: u8 = 0;
const ONE: u8 = 1;
const MIXED: u8 = 2;

/// The names in the order of first use, and for each kind its name's number among them from one,
/// or zero.
fn numbered<'a>(kinds: impl Iterator<Item = &'a Kind>) -> (Vec<&'a Arc<str>>, Vec<usize>) {
    let mut names = Vec::new();
    let mut numbers_by_name = BTreeMap::new();
    let mut number = |name: &'a Arc<str>| {
        *numbers_by_name.entry(&**name).or_insert_with(|| {
            names.push(name);
            names.len()
        })
    };
    let numbers = kinds.map(|kind| kind.0.as_ref().map_or(0, &mut number)).collect();
    (names, numbers)
}

fn read_mixed(count: usize, input: &mut Reader<'_>) -> Result<Vec<Kind>, DecodeError> {
    let names = input.count()?;
    let names: Vec<Arc<str>> = Value::read_column(names, input)?;
    let mut kinds = Vec::with_capacity(count.min(input.left()));
    for _ in 0..count {
        let number = input.number_below(names.len() + 1)?;
        kinds.push(Kind(number.checked_sub(1).map(|at| Arc::clone(&names[at]))));
    }
    let (used, numbers) = numbered(kinds.iter());
    let is_uniform = used.len() == 1 && !numbers.contains(&0);
    let are_in_order = used.iter().copied().eq(&names);
    if names.is_empty() || is_uniform || !are_in_order {
        return Err(DecodeError::NotCanonical);
    }
    Ok(kinds)
}

// Of several kinds all replicas read the same one.
never_contested! { [] Leaf<Kind> }
