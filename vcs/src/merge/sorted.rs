//! Lists that somebody keeps sorted.

use std::borrow::Cow;
use std::cmp::Ordering;

/// How a list is sorted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    /// By the bytes of its lines.
    Bytes,
    /// The same, upper and lower case alike.
    Letters,
    /// By letters and digits alone.
    Words,
}

/// Lines around an insertion that must be in order before they are called sorted. Three stand in order by chance in one
/// of six places, four in one of 24.
const ENOUGH: usize = 4;

impl Order {
    const ALL: [Self; 3] = [Self::Bytes, Self::Letters, Self::Words];

    /// The order in which the lines above, each of the insertions, and the lines below stand. `above` ends and
    /// `below` begins where something else does, so both may be shortened: what counts is next to the insertions.
    pub(super) fn of(above: &[&[u8]], below: &[&[u8]], insertions: [&[&[u8]]; 2]) -> Option<Self> {
        let upwards: Vec<&[u8]> = above.iter().rev().copied().collect();
        Self::ALL.into_iter().find(|order| {
            let above = &above[above.len() - order.run(&upwards, Ordering::Greater)..];
            let below = &below[..order.run(below, Ordering::Less)];
            above.len() + below.len() >= ENOUGH
                && insertions.iter().all(|lines| {
                    let all = [above, lines, below].concat();
                    order.run(&all, Ordering::Less) == all.len()
                })
        })
    }

    /// How many of the first lines stand in this order to each other.
    fn run(self, lines: &[&[u8]], order: Ordering) -> usize {
        let mut pairs = lines.windows(2);
        let breach = pairs.position(|pair| self.compare(pair[0], pair[1]) != order);
        breach.map_or(lines.len(), |at| at + 1)
    }

    pub(super) fn compare(self, one: &[u8], other: &[u8]) -> Ordering {
        self.key(one).cmp(&self.key(other))
    }

    fn key(self, line: &[u8]) -> Cow<'_, [u8]> {
        let line = line.trim_ascii();
        let line = line.strip_suffix(b",").or_else(|| line.strip_suffix(b";")).unwrap_or(line);
        match self {
            Self::Bytes => Cow::Borrowed(line),
            Self::Letters => Cow::Owned(line.to_ascii_lowercase()),
            Self::Words => {
                let words = line.split(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii());
                let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
                Cow::Owned(words.join(&b' ').to_ascii_lowercase())
            }
        }
    }
}

/// Two sorted runs as one. What both have stands there once.
pub(super) fn sorted_merge<'a>(
    order: Order,
    one: &[&'a [u8]],
    other: &[&'a [u8]],
) -> Vec<&'a [u8]> {
    let (mut one, mut other) = (one, other);
    let mut merged = Vec::with_capacity(one.len() + other.len());
    while let (Some((mine, more)), Some((yours, others))) = (one.split_first(), other.split_first())
    {
        let by_order = order.compare(mine, yours);
        if by_order.is_le() {
            merged.push(*mine);
            one = more;
        }
        if by_order.is_gt() {
            merged.push(*yours);
        }
        if by_order.is_gt() || mine == yours {
            other = others;
        }
    }
    merged.extend_from_slice(one);
    merged.extend_from_slice(other);
    merged
}
