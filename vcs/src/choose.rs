//! A changed file in parts, and what it is when only some of them are taken.

use crate::patch::{FileMode, FilePatch, FileVersion, PatchBody};
use crate::rename::Origin;
use crate::text::apply::{HunkError, apply_hunks};
use crate::text::compare::Comparing;
use crate::text::hunk::{CONTEXT_LINES, Hunk};
use crate::text::lines::Text;
use crate::text::space::Space;

/// A part of what became of a file, to be taken or left.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part<'a> {
    /// All of it: the file came, is gone, became something else, or is no text.
    Whole,
    /// It may be run now, or no longer.
    Mode,
    /// These lines.
    Hunk(Hunk<'a>),
}

/// What is said of a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It is meant.
    Yes,
    /// It is not.
    No,
}

/// What becomes of the parts that are meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// They are taken: without any, the file is as before.
    Take,
    /// They are taken back: without any, the file is as after.
    TakeBack,
}

/// What a file is once all is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Chosen {
    /// As before.
    Before,
    /// As after.
    After,
    /// Something in between.
    Between {
        /// What it is.
        mode: FileMode,
        /// What it holds.
        bytes: Vec<u8>,
    },
}

/// The parts of what became of a file, the first first. A file that is on one side only has one part.
///
/// ```
/// use selkie_store::RepoPath;
/// use selkie_vcs::{Answer, FileMode, FileVersion, Chosen, Way, chosen, parts};
/// let file = |bytes| FileVersion { path: RepoPath::new("song").unwrap(), mode: FileMode::Plain, bytes };
/// let (before, after) = (file(b"a\nb\nc\nd\ne\nf\ng\nh\ni\n"), file(b"A\nb\nc\nd\ne\nf\ng\nh\nI\n"));
/// let found = parts(Some(&before), Some(&after));
/// assert_eq!(found.len(), 2);
/// let said: Vec<_> = found.into_iter().zip([Answer::Yes, Answer::No]).collect();
/// let taken = chosen(Some(&before), Some(&after), &said, Way::Take).unwrap();
/// let bytes = b"A\nb\nc\nd\ne\nf\ng\nh\ni\n".to_vec();
/// assert_eq!(taken, Chosen::Between { mode: FileMode::Plain, bytes });
/// ```
#[must_use]
pub fn parts<'a>(
    before: Option<&FileVersion<'a>>,
    after: Option<&FileVersion<'a>>,
) -> Vec<Part<'a>> {
    let Some((before, after)) = before.zip(after).filter(|(one, other)| is_file(one, other)) else {
        return vec![Part::Whole];
    };
    let mode = (before.mode != after.mode).then_some(Part::Mode);
    let (old, new) = (Some(before.clone()), Some(after.clone()));
    let found = FilePatch::between(old, new, Origin::Same, Comparing::default(), CONTEXT_LINES);
    let hunks = match found.into_iter().next().map(|patch| patch.body) {
        Some(PatchBody::Hunks(hunks)) => hunks,
        Some(PatchBody::Binary) => return vec![Part::Whole],
        None => Vec::new(),
    };
    mode.into_iter().chain(hunks.into_iter().map(Part::Hunk)).collect()
}

/// Whether both are files of which a part can be taken.
fn is_file(one: &FileVersion, other: &FileVersion) -> bool {
    let is_file = |side: &FileVersion| matches!(side.mode, FileMode::Plain | FileMode::Executable);
    is_file(one) && is_file(other)
}

/// What a file is when the parts are meant for which it is said. Hunks may be split or edited; they stand in
/// the order of the file.
///
/// # Errors
///
/// The lines that an edited hunk starts from are not in the file.
pub fn chosen<'a>(
    before: Option<&FileVersion<'a>>,
    after: Option<&FileVersion<'a>>,
    said: &[(Part<'a>, Answer)],
    way: Way,
) -> Result<Chosen, HunkError> {
    let is_meant = |part: &Part| said.iter().any(|(p, answer)| p == part && *answer == Answer::Yes);
    let (none, all) = match way {
        Way::Take => (Chosen::Before, Chosen::After),
        Way::TakeBack => (Chosen::After, Chosen::Before),
    };
    if is_meant(&Part::Whole) {
        return Ok(all);
    }
    let texts = before.zip(after);
    let texts = texts.and_then(|(one, other)| {
        Some((one, Text::new(one.bytes).ok()?, other, Text::new(other.bytes).ok()?))
    });
    let Some((before, old, after, new)) = texts else { return Ok(none) };
    let hunks = said.iter().filter_map(|(part, answer)| match (part, answer) {
        (Part::Hunk(hunk), Answer::Yes) => Some(hunk),
        (Part::Hunk(_), Answer::No) | (Part::Whole | Part::Mode, _) => None,
    });
    let (bytes, from, to) = match way {
        Way::Take => {
            let hunks: Vec<_> = hunks.cloned().collect();
            (apply_hunks(&old, &hunks, Space::Exact)?, before, after)
        }
        Way::TakeBack => {
            let hunks: Vec<_> = hunks.map(Hunk::reversed).collect();
            (apply_hunks(&new, &hunks, Space::Exact)?, after, before)
        }
    };
    let mode = if is_meant(&Part::Mode) { to.mode } else { from.mode };
    Ok(if (&*bytes, mode) == (before.bytes, before.mode) {
        Chosen::Before
    } else if (&*bytes, mode) == (after.bytes, after.mode) {
        Chosen::After
    } else {
        Chosen::Between { mode, bytes }
    })
}

#[cfg(test)]
mod tests {
    use selkie_store::RepoPath;

    use super::*;
    use crate::lots::Lots;

    fn file(bytes: &[u8], mode: FileMode) -> FileVersion<'_> {
        FileVersion { path: RepoPath::new("a").unwrap(), mode, bytes }
    }

    /// A few lines of few letters, so that many are alike; the last often without a newline.
    fn text(lots: &mut Lots) -> Vec<u8> {
        let mut text: Vec<u8> =
            (0..lots.below(30)).flat_map(|_| [b"abcd"[lots.below(4)], b'\n']).collect();
        if lots.below(3) == 0 {
            text.pop();
        }
        text
    }

    /// The same with some lines changed.
    fn edited(lots: &mut Lots, text: &[u8]) -> Vec<u8> {
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let mut out = Vec::new();
        for line in lines {
            match lots.below(8) {
                0 => {}
                1 => out.extend_from_slice(b"x\n"),
                2 => out.extend([line, b"y\n"].concat()),
                _ => out.extend_from_slice(line),
            }
        }
        out
    }

    /// Splits some of the hunks as far as it goes.
    fn split<'a>(lots: &mut Lots, parts: Vec<Part<'a>>) -> Vec<Part<'a>> {
        let split = |part: Part<'a>| match part {
            Part::Hunk(hunk) if lots.below(2) == 0 => {
                hunk.split().into_iter().map(Part::Hunk).collect()
            }
            part => vec![part],
        };
        parts.into_iter().flat_map(split).collect()
    }

    #[test]
    fn what_is_taken_and_what_is_left_make_the_file() {
        for seed in 0..400 {
            let mut lots = Lots(seed);
            let old = text(&mut lots);
            let new = edited(&mut lots, &old);
            let modes = [FileMode::Plain, FileMode::Executable];
            let before = file(&old, modes[lots.below(2)]);
            let after = file(&new, modes[lots.below(2)]);
            let found = parts(Some(&before), Some(&after));
            let found = split(&mut lots, found);
            let (one, other) = (Some(&before), Some(&after));
            let say =
                |answers: Vec<Answer>| -> Vec<_> { found.iter().cloned().zip(answers).collect() };
            let every = |answer| say(vec![answer; found.len()]);
            let is_same = (before.bytes, before.mode) == (after.bytes, after.mode);
            let told = |said: &[_], way| chosen(one, other, said, way).unwrap();
            let all = if is_same { Chosen::Before } else { Chosen::After };
            assert_eq!(told(&every(Answer::Yes), Way::Take), all, "{seed}");
            assert_eq!(told(&every(Answer::No), Way::Take), Chosen::Before, "{seed}");
            assert_eq!(told(&every(Answer::Yes), Way::TakeBack), Chosen::Before, "{seed}");
            assert_eq!(told(&every(Answer::No), Way::TakeBack), all, "{seed}");
            // To take some is to take back the others.
            let some: Vec<_> =
                found.iter().map(|_| [Answer::Yes, Answer::No][lots.below(2)]).collect();
            let others = some.iter().map(|answer| match answer {
                Answer::Yes => Answer::No,
                Answer::No => Answer::Yes,
            });
            let others = say(others.collect());
            assert_eq!(told(&say(some), Way::Take), told(&others, Way::TakeBack), "{seed}");
        }
    }

    #[test]
    fn what_has_no_lines_is_one_part() {
        let (text, other) = (file(b"a\n", FileMode::Plain), file(b"b\n", FileMode::Plain));
        let binary = file(b"\0", FileMode::Plain);
        let link = file(b"a", FileMode::Symlink);
        for (before, after) in [
            (None, Some(&text)),
            (Some(&text), None),
            (Some(&text), Some(&binary)),
            (Some(&text), Some(&link)),
        ] {
            assert_eq!(parts(before, after), [Part::Whole], "{before:?} {after:?}");
            let yes = [(Part::Whole, Answer::Yes)];
            let no = [(Part::Whole, Answer::No)];
            assert_eq!(chosen(before, after, &yes, Way::Take), Ok(Chosen::After));
            assert_eq!(chosen(before, after, &no, Way::Take), Ok(Chosen::Before));
            assert_eq!(chosen(before, after, &yes, Way::TakeBack), Ok(Chosen::Before));
            assert_eq!(chosen(before, after, &no, Way::TakeBack), Ok(Chosen::After));
        }
        assert!(matches!(parts(Some(&text), Some(&other))[..], [Part::Hunk(_)]));
    }

    #[test]
    fn the_mode_is_a_part_of_its_own() {
        let (before, after) = (file(b"a\n", FileMode::Plain), file(b"b\n", FileMode::Executable));
        let found = parts(Some(&before), Some(&after));
        assert!(matches!(found[..], [Part::Mode, Part::Hunk(_)]));
        let said: Vec<_> = found.into_iter().zip([Answer::Yes, Answer::No]).collect();
        let taken = chosen(Some(&before), Some(&after), &said, Way::Take);
        let bytes = b"a\n".to_vec();
        assert_eq!(taken, Ok(Chosen::Between { mode: FileMode::Executable, bytes }));
    }

    #[test]
    fn an_edited_hunk_that_fits_nowhere_is_told() {
        let (before, after) = (file(b"a\n", FileMode::Plain), file(b"b\n", FileMode::Plain));
        let found = parts(Some(&before), Some(&after));
        let [Part::Hunk(hunk)] = &found[..] else { panic!("one hunk: {found:?}") };
        let edit = crate::patch::parse::parse_edited(hunk, b"-c\n+b\n").unwrap();
        let said = [(Part::Hunk(edit), Answer::Yes)];
        assert!(chosen(Some(&before), Some(&after), &said, Way::Take).is_err());
    }
}
