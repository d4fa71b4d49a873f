//! Single lines of an open part, in the order in which somebody chose them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::tree::fuse::content::Versions;

/// Whose version of an open part.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Whose {
    /// That of the first side.
    Ours,
    /// That of the last side.
    Theirs,
    /// What there was before.
    Base,
}

/// A line of a version.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PickedLine {
    /// Whose version.
    pub whose: Whose,
    /// Which line of it, the first at 0.
    pub at: u32,
}

/// Lines of the versions of a part, in the order in which they come. Each is there once.
///
/// As text it is what people type: `A1-2,B3,base1` are the first two lines of A, the third of B and the first of those before.
///
/// ```
/// use selkie_vcs::settling::Picked;
/// let picked: Picked = "B2,A1-2".parse().unwrap();
/// assert_eq!(picked.lines().len(), 3);
/// assert_eq!(picked.to_string(), "B2,A1-2");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Picked(Vec<PickedLine>);

/// Why a text names no lines.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum PickedError {
    /// It is spelled in another way.
    #[error("lines are spelled like A1,B2-3,base1")]
    Spelling,
    /// Nobody chooses so many one by one.
    #[error("at most {} lines can be chosen one by one", Picked::LEN_MAX)]
    Long,
}

impl Picked {
    /// The most lines that are chosen one by one, so that a draft can keep them.
    pub const LEN_MAX: usize = 100_000;

    /// These lines, each where it comes first. None if there are too many.
    pub fn of(lines: impl IntoIterator<Item = PickedLine>) -> Option<Self> {
        let (mut met, mut picked) = (BTreeSet::new(), Vec::new());
        for line in lines {
            if met.insert(line) {
                picked.push(line);
            }
            if picked.len() > Self::LEN_MAX {
                return None;
            }
        }
        Some(Self(picked))
    }

    /// The first lines of some versions, as many as they have. None if those are too many.
    pub(super) fn whole(versions: &Versions, order: &[Whose]) -> Option<Self> {
        let all = order.iter().flat_map(|whose| {
            let count = text(*whose, versions).split_inclusive(|byte| *byte == b'\n').count();
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            (0..count).map(|at| PickedLine { whose: *whose, at })
        });
        Self::of(all)
    }

    /// The lines.
    #[must_use]
    pub fn lines(&self) -> &[PickedLine] {
        &self.0
    }

    /// At which place a line comes, the first at 0.
    #[must_use]
    pub fn place(&self, line: PickedLine) -> Option<usize> {
        self.0.iter().position(|own| *own == line)
    }

    /// The same with this line at the end, or without it if it is there. None if that is too many.
    #[must_use]
    pub fn toggled(&self, line: PickedLine) -> Option<Self> {
        let mut lines = self.0.clone();
        match self.place(line) {
            Some(place) => {
                lines.remove(place);
            }
            None => lines.push(line),
        }
        (lines.len() <= Self::LEN_MAX).then_some(Self(lines))
    }

    /// Whether the part has all these lines.
    #[must_use]
    pub fn is_of(&self, versions: &Versions) -> bool {
        let counts = [Whose::Ours, Whose::Theirs, Whose::Base].map(|whose| {
            (whose, text(whose, versions).split_inclusive(|byte| *byte == b'\n').count())
        });
        let has = |line: &PickedLine| {
            counts.iter().any(|(whose, count)| *whose == line.whose && (line.at as usize) < *count)
        };
        self.0.iter().all(has)
    }

    /// The lines as a text. One without an end gets one if something comes below it.
    pub(super) fn text(&self, versions: &Versions) -> Vec<u8> {
        let split = |whose| -> Vec<&[u8]> {
            text(whose, versions).split_inclusive(|byte| *byte == b'\n').collect()
        };
        let (ours, theirs, base) = (split(Whose::Ours), split(Whose::Theirs), split(Whose::Base));
        let line = |line: &PickedLine| {
            let of = match line.whose {
                Whose::Ours => &ours,
                Whose::Theirs => &theirs,
                Whose::Base => &base,
            };
            // A draft is read from a disk: what the part has not is no line.
            of.get(line.at as usize).copied()
        };
        let mut whole = Vec::new();
        for line in self.0.iter().filter_map(line) {
            if !whole.is_empty() && !whole.ends_with(b"\n") {
                whole.push(b'\n');
            }
            whole.extend(line);
        }
        whole
    }
}

fn text(whose: Whose, versions: &Versions) -> &[u8] {
    match whose {
        Whose::Ours => &versions.ours,
        Whose::Theirs => &versions.theirs,
        Whose::Base => &versions.base,
    }
}

impl Whose {
    const fn word(self) -> &'static str {
        match self {
            Self::Ours => "A",
            Self::Theirs => "B",
            Self::Base => "base",
        }
    }
}

impl fmt::Display for Picked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.iter().copied().peekable();
        let mut comma = "";
        while let Some(first) = lines.next() {
            let mut last = first;
            while let Some(next) = lines
                .next_if(|next| next.whose == last.whose && last.at.checked_add(1) == Some(next.at))
            {
                last = next;
            }
            write!(f, "{comma}{}{}", first.whose.word(), u64::from(first.at) + 1)?;
            if last != first {
                write!(f, "-{}", u64::from(last.at) + 1)?;
            }
            comma = ",";
        }
        Ok(())
    }
}

impl FromStr for Picked {
    type Err = PickedError;

    fn from_str(text: &str) -> Result<Self, PickedError> {
        let mut lines = Vec::new();
        for run in text.split([',', ' ']).filter(|run| !run.is_empty()) {
            let found = [Whose::Ours, Whose::Theirs, Whose::Base]
                .into_iter()
                .find_map(|whose| Some((whose, run.strip_prefix(whose.word())?)));
            let (whose, numbers) = found.ok_or(PickedError::Spelling)?;
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let number = |digits: &str| {
                let number = digits.parse::<u32>().ok().filter(|_| !digits.starts_with('+'));
                number.and_then(|number| number.checked_sub(1)).ok_or(PickedError::Spelling)
            };
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return Err(PickedError::Spelling);
            }
            if lines.len() + (last - first) as usize >= Self::LEN_MAX {
                return Err(PickedError::Long);
            }
            lines.extend((first..=last).map(|at| PickedLine { whose, at }));
        }
        let picked = Self::of(lines).ok_or(PickedError::Long)?;
        if picked.0.is_empty() { Err(PickedError::Spelling) } else { Ok(picked) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions() -> Versions {
        Versions {
            base: b"b1\nb2\n".to_vec(),
            ours: b"o1\no2\no3".to_vec(),
            theirs: b"t1\n".to_vec(),
        }
    }

    #[test]
    fn lines_come_in_the_order_in_which_they_are_named() {
        for (spelled, expected) in [
            ("A1", "o1\n"),
            ("B1,A2", "t1\no2\n"),
            ("A3,B1", "o3\nt1\n"),
            ("base2,A1-3", "b2\no1\no2\no3"),
            ("A1,A1", "o1\n"),
            ("B9", ""),
        ] {
            let picked: Picked = spelled.parse().unwrap();
            assert_eq!(String::from_utf8(picked.text(&versions())).unwrap(), expected, "{spelled}");
        }
        assert!("A1-3,B1,base2".parse::<Picked>().unwrap().is_of(&versions()));
        assert!(!"B2".parse::<Picked>().unwrap().is_of(&versions()));
    }

    #[test]
    fn they_are_told_as_they_are_typed() {
        for spelled in ["A1", "A1-2,B3,base1", "B2,A1", "A1,A3-4", "A4294967295"] {
            assert_eq!(spelled.parse::<Picked>().unwrap().to_string(), spelled);
        }
        for wrong in ["", "A", "A0", "C1", "A2-1", "A1-", "A-1", "A+1", "a1", "base", "A1;B2"] {
            assert_eq!(wrong.parse::<Picked>(), Err(PickedError::Spelling), "{wrong}");
        }
        for long in ["A1-100001", "A1-4294967295", "A1-60000,B1-60000"] {
            assert_eq!(long.parse::<Picked>(), Err(PickedError::Long), "{long}");
        }
    }

    #[test]
    fn a_line_that_is_chosen_twice_is_not_chosen() {
        let line = |whose, at| PickedLine { whose, at };
        let one = Picked::default().toggled(line(Whose::Theirs, 0)).unwrap();
        let two = one.toggled(line(Whose::Ours, 1)).unwrap();
        assert_eq!(two.to_string(), "B1,A2");
        assert_eq!(two.toggled(line(Whose::Theirs, 0)).unwrap().to_string(), "A2");
        assert_eq!(one.toggled(line(Whose::Theirs, 0)), Some(Picked::default()));
    }
}
