//! What somebody says an open part shall be.

use std::borrow::Cow;

use crate::tree::fuse::content::Versions;
use crate::verb::settling::picked::{Picked, Whose};

/// What comes into the place of an open part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// What this side has, the first at 0. Of a path that is no text, its whole version.
    Side(u8),
    /// What there was before either side.
    Base,
    /// The lines of both sides, one below the other.
    Both(First),
    /// No line at all.
    Nothing,
    /// Single lines of the sides, and of what there was before.
    Lines(Picked),
    /// What a step of the merge made of it.
    Offer {
        /// The name of the step.
        step: String,
        /// The lines.
        text: Vec<u8>,
    },
    /// What somebody wrote.
    Text(Vec<u8>),
    /// Of a timeline that diverged, what each of its heads changed.
    Fuse,
    /// Of a timeline that diverged, each of its heads on a timeline of its own.
    Apart,
}

/// Whose lines stand above those of the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum First {
    /// Those of the first side.
    Ours,
    /// Those of the last side.
    Theirs,
}

impl Verdict {
    /// The lines that it makes of a part.
    #[must_use]
    pub fn lines<'v>(&'v self, versions: &'v Versions) -> Cow<'v, [u8]> {
        let Versions { base, ours, theirs } = versions;
        match self {
            Self::Side(0) => ours.into(),
            Self::Side(_) => theirs.into(),
            Self::Base => base.into(),
            Self::Both(First::Ours) => Cow::Owned(joined(ours, theirs)),
            Self::Both(First::Theirs) => Cow::Owned(joined(theirs, ours)),
            // Heads of timelines have no lines.
            Self::Nothing | Self::Fuse | Self::Apart => Cow::Borrowed(&[]),
            Self::Lines(picked) => Cow::Owned(picked.text(versions)),
            Self::Offer { text, .. } | Self::Text(text) => text.into(),
        }
    }

    /// The lines of the versions that it takes, for whoever wants some of them and not others. None if its lines are of no
    /// version, or too many.
    #[must_use]
    pub fn picked(&self, versions: &Versions) -> Option<Picked> {
        let order: &[Whose] = match self {
            Self::Side(0) => &[Whose::Ours],
            Self::Side(_) => &[Whose::Theirs],
            Self::Base => &[Whose::Base],
            Self::Both(First::Ours) => &[Whose::Ours, Whose::Theirs],
            Self::Both(First::Theirs) => &[Whose::Theirs, Whose::Ours],
            Self::Nothing => &[],
            Self::Lines(picked) => return Some(picked.clone()),
            Self::Offer { .. } | Self::Text(_) | Self::Fuse | Self::Apart => return None,
        };
        Picked::whole(versions, order)
    }
}

/// One text below the other. A last line without an end gets one if something comes below it.
fn joined(above: &[u8], below: &[u8]) -> Vec<u8> {
    let is_cut = !above.is_empty() && !above.ends_with(b"\n") && !below.is_empty();
    [above, if is_cut { b"\n" } else { b"" }, below].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_makes_its_lines_of_a_part() {
        let versions =
            Versions { base: b"b\n".to_vec(), ours: b"o".to_vec(), theirs: b"t\n".to_vec() };
        for (verdict, expected) in [
            (Verdict::Side(0), "o"),
            (Verdict::Side(1), "t\n"),
            (Verdict::Base, "b\n"),
            (Verdict::Both(First::Ours), "o\nt\n"),
            (Verdict::Both(First::Theirs), "t\no"),
            (Verdict::Nothing, ""),
            (Verdict::Lines("B1,A1".parse().unwrap()), "t\no"),
            (Verdict::Text(b"x\n".to_vec()), "x\n"),
            (Verdict::Offer { step: "words".to_owned(), text: b"y".to_vec() }, "y"),
        ] {
            assert_eq!(verdict.lines(&versions), expected.as_bytes(), "{verdict:?}");
        }
    }

    #[test]
    fn the_lines_that_a_verdict_takes_make_what_it_makes() {
        let versions =
            Versions { base: b"b\n".to_vec(), ours: b"o\np\n".to_vec(), theirs: b"t\n".to_vec() };
        for verdict in [
            Verdict::Side(0),
            Verdict::Side(1),
            Verdict::Base,
            Verdict::Both(First::Ours),
            Verdict::Both(First::Theirs),
            Verdict::Nothing,
        ] {
            let picked = Verdict::Lines(verdict.picked(&versions).unwrap());
            assert_eq!(picked.lines(&versions), verdict.lines(&versions), "{verdict:?}");
        }
        assert_eq!(Verdict::Text(Vec::new()).picked(&versions), None);
    }
}
