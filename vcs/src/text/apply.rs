//! A text after hunks.

use thiserror::Error;

use super::hunk::{Fate, Hunk};
use super::lines::Text;
use super::space::Space;

/// The text that hunks make of another.
///
/// Each hunk is looked for where it says, moved by as much as the hunk before it was, and else nearest to
/// there; its old lines must all stand there, compared as `space` says. Lines that stay are left as they
/// are in the text. A line that comes to stand above another gets a newline if it has none.
///
/// ```
/// use selkie_vcs::{CONTEXT_LINES, Comparing, Heading, Space, Text, apply_hunks, compare_lines};
/// let before = Text::new(b"fish\nkelp\n").unwrap();
/// let after = Text::new(b"fish\nsalt\nkelp\n").unwrap();
/// let found = compare_lines(&before, &after, Comparing::default());
/// let hunks = found.hunks(&before, &after, CONTEXT_LINES, Heading::Letter);
/// assert_eq!(apply_hunks(&before, &hunks, Space::Exact).unwrap(), b"fish\nsalt\nkelp\n");
/// ```
///
/// # Errors
///
/// The first hunk whose old lines do not stand in the text below those of the hunks before it.
pub fn apply_hunks(text: &Text, hunks: &[Hunk], space: Space) -> Result<Vec<u8>, HunkError> {
    let mut made = Made { bytes: Vec::with_capacity(text.bytes().len()) };
    let mut looked = 0;
    // Lines of the text that are copied or gone, and how far the last hunk was from where it said.
    let mut done = 0;
    let mut moved = 0;
    for (number, hunk) in hunks.iter().enumerate() {
        let place = Place { text, hunk, space, done }.find(moved, &mut looked);
        let start = place.ok_or(HunkError { hunk: number })?;
        moved = start.cast_signed() - hunk.before.cast_signed();
        let mut at = start;
        for line in &hunk.lines {
            match line.fate {
                Fate::Kept => at += 1,
                Fate::Removed => {
                    made.push(text.span(done..at));
                    at += 1;
                    done = at;
                }
                Fate::Added => {
                    made.push(text.span(done..at));
                    made.push(line.bytes);
                    done = at;
                }
            }
        }
    }
    made.push(text.span(done..text.len()));
    Ok(made.bytes)
}

/// A hunk does not fit the text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("hunk {} does not fit: the lines it starts from are not there", .hunk + 1)]
pub struct HunkError {
    /// Its place among the hunks, the first at 0.
    pub hunk: usize,
}

/// Lines that are compared before a hunk is given up. A hunk that fits is found long before.
const LOOKED_MAX: usize = 16 << 20;

/// A hunk in search of its place.
struct Place<'a, 'b> {
    text: &'a Text<'b>,
    hunk: &'a Hunk<'b>,
    space: Space,
    done: usize,
}

impl Place<'_, '_> {
    fn find(&self, moved: isize, looked: &mut usize) -> Option<usize> {
        let old = self.hunk.old_lines().count();
        let last = self.text.len().checked_sub(old)?;
        let lead = self.hunk.lines.iter().take_while(|line| line.fate == Fate::Kept).count();
        let first = self.done.saturating_sub(lead);
        let wanted = self.hunk.before.checked_add_signed(moved)?;
        if old == 0 {
            // Nothing to look for: the place is what the hunk says or none.
            return Some(wanted).filter(|at| (first..=last).contains(at));
        }
        if first > last {
            return None;
        }
        // A place beyond the text is as good as its end.
        let wanted = wanted.clamp(first, last);
        let furthest = (wanted - first).max(last - wanted);
        for distance in 0..=furthest {
            for at in [wanted.checked_sub(distance), wanted.checked_add(distance)] {
                let at = at.filter(|at| (first..=last).contains(at));
                if at.is_some_and(|at| self.fits(at, looked)) {
                    return at;
                }
            }
            if *looked > LOOKED_MAX {
                break;
            }
        }
        None
    }

    fn fits(&self, at: usize, looked: &mut usize) -> bool {
        self.hunk.old_lines().zip(at..).all(|(line, at)| {
            *looked += 1;
            self.space.same(line, self.text.line(at))
        })
    }
}

/// A text in the making, in which each line but the last ends in a newline.
struct Made {
    bytes: Vec<u8>,
}

impl Made {
    fn push(&mut self, lines: &[u8]) {
        if lines.is_empty() {
            return;
        }
        let first = lines.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        match self.bytes.last() {
            None | Some(b'\n') => {}
            // The newline of the line below, but for what is there of it.
            Some(last) if *last != b'\r' && first.ends_with(b"\r\n") => {
                self.bytes.extend_from_slice(b"\r\n");
            }
            Some(_) => self.bytes.push(b'\n'),
        }
        self.bytes.extend_from_slice(lines);
    }
}
