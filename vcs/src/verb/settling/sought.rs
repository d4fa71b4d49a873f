//! Looking for a text in what is in conflict.

use std::ops::Range;

use crate::verb::settling::case::Case;
use crate::verb::settling::part::Open;

impl Case {
    /// Whether this text stands in the name of the file, or in what a version of the part has.
    #[must_use]
    pub fn has(&self, open: Option<&Open>, text: &str) -> bool {
        let has = |bytes: &[u8]| sought(bytes, text).next().is_some();
        let names = std::iter::once(&self.path).chain(self.sides.iter().map(|side| &side.path));
        let texts =
            open.map(|Open { versions, .. }| [&versions.base, &versions.ours, &versions.theirs]);
        names.into_iter().any(|name| has(name.as_str().as_bytes()))
            || has(self.name().as_bytes())
            || texts.into_iter().flatten().any(|text| has(text))
    }
}

/// Where a text has this, without counting it twice. Small letters mean large ones as well.
#[must_use = "it is looked for where somebody asks"]
pub fn sought<'t>(text: &'t [u8], sought: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let is_exact = sought.chars().any(char::is_uppercase);
    let sought = sought.as_bytes();
    let is_first = move |byte: &u8| match sought.first() {
        Some(first) if is_exact => byte == first,
        Some(first) => byte.eq_ignore_ascii_case(first),
        None => false,
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += text.get(at..)?.iter().position(is_first)?;
            let here = text.get(at..at + sought.len())?;
            let is_it = if is_exact { here == sought } else { here.eq_ignore_ascii_case(sought) };
            if is_it {
                at += sought.len();
                return Some(at - sought.len()..at);
            }
            at += 1;
        }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn small_letters_mean_large_ones_and_large_ones_themselves() {
        for (text, sought, expected) in [
            ("Ab aB ab", "ab", &[0..2, 3..5, 6..8][..]),
            ("Ab aB aB", "aB", &[3..5, 6..8]),
            ("aaaa", "aa", &[0..2, 2..4]),
            ("日本本", "本", &[3..6, 6..9]),
            ("abc", "", &[]),
            ("", "a", &[]),
            ("ab", "abc", &[]),
        ] {
            let found: Vec<_> = super::sought(text.as_bytes(), sought).collect();
            assert_eq!(found, expected, "{text} {sought}");
        }
    }
}
