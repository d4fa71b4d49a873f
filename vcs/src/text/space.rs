//! Which differences in white space count.

use std::borrow::Cow;

/// How lines are compared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Space {
    /// Byte by byte.
    #[default]
    Exact,
    /// A carriage return before the newline counts for nothing.
    IgnoreCarriageReturn,
    /// Neither does any white space at the end of a line, nor whether it ends in a newline.
    IgnoreAtEnd,
    /// Nor how much white space there is in a line, as long as there is some.
    IgnoreAmount,
    /// Nor whether there is any.
    IgnoreAll,
}

impl Space {
    /// What is left of a line when that which does not count is taken away. Lines with equal keys are
    /// equal.
    pub(crate) fn key(self, line: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Exact => Cow::Borrowed(line),
            Self::IgnoreCarriageReturn => match line.strip_suffix(b"\r\n") {
                Some(stem) => Cow::Owned([stem, b"\n"].concat()),
                None => Cow::Borrowed(line),
            },
            Self::IgnoreAtEnd => Cow::Borrowed(line.trim_ascii_end()),
            Self::IgnoreAmount => {
                let words = line.trim_ascii_end().chunk_by(|a, b| is_space(*a) == is_space(*b));
                let words = words.map(|word| if is_space(word[0]) { b" " } else { word });
                Cow::Owned(words.collect::<Vec<_>>().concat())
            }
            Self::IgnoreAll => {
                Cow::Owned(line.iter().copied().filter(|byte| !is_space(*byte)).collect())
            }
        }
    }

    /// Whether two lines are equal.
    pub(crate) fn same(self, one: &[u8], other: &[u8]) -> bool {
        one == other || (self != Self::Exact && self.key(one) == self.key(other))
    }
}

/// Whether a line has nothing but white space.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| is_space(*byte))
}

const fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_ignores_more() {
        use Space::{Exact, IgnoreAll, IgnoreAmount, IgnoreAtEnd, IgnoreCarriageReturn};
        let steps = [Exact, IgnoreCarriageReturn, IgnoreAtEnd, IgnoreAmount, IgnoreAll];
        for (one, other, first_equal) in [
            ("a b\n", "a b\n", Some(Exact)),
            ("a b\r\n", "a b\n", Some(IgnoreCarriageReturn)),
            ("a b", "a b \t\n", Some(IgnoreAtEnd)),
            ("a \tb\n", "a b\n", Some(IgnoreAmount)),
            ("\ta b\n", "  a b\n", Some(IgnoreAmount)),
            ("ab\n", " a b\n", Some(IgnoreAll)),
            ("ab\n", "ac\n", None),
        ] {
            let equal = steps.into_iter().find(|s| s.same(one.as_bytes(), other.as_bytes()));
            assert_eq!(equal, first_equal, "{one:?} {other:?}");
        }
    }
}
