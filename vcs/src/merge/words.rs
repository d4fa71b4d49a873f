//! Changes within lines: both sides changed a line, each in another place of it.

use std::cmp::Ordering;
use std::ops::Range;

use super::part::{Decided, MergeStep};
use super::version::{compare_versions, version_len};
use crate::text::words::{TokenChange, compare_tokens, words};

/// Unchanged words that must stand between changes of the two sides.
///
/// Fewer, and one change may have been made in view of the other: a call whose name one side changed and whose only
/// argument the other did.
const APART: usize = 4;

/// Bytes of a line up to which it is compared word by word. Longer ones are written by programs, and what stands
/// next to what in them says nothing.
const LINE_MAX: usize = 1000;

/// Whether a higher version is better than a lower one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Versions {
    /// It is: people write this file.
    Higher,
    /// A program wrote this file, and what belongs to a version stands beside it.
    AsTheyAre,
}

/// The merge of two texts word by word, if all changes of one side are far enough from those of the other.
///
/// Where both sides raised the same version number, the higher one: who raised it further did what the
/// other did, and more.
pub(super) fn merge_words(base: &[u8], one: &[u8], other: &[u8], versions: Versions) -> Option<Decided> {
    let is_long = |text: &[u8]| text.split(|byte| *byte == b'\n').any(|line| line.len() > LINE_MAX);
    if base.is_empty() || [base, one, other].into_iter().any(is_long) {
        return None;
    }
    let sources = [base, one, other];
    let [base, one, other] = sources.map(tokens);
    let (ones, others) = (compare_tokens(&base, &one), compare_tokens(&base, &other));
    // Texts that have less than half in common are no versions of the same lines.
    if !is_akin(&base, &ones) || !is_akin(&base, &others) {
        return None;
    }
    let mut walk = Walk { ones: &ones, others: &others, shift_one: 0, shift_other: 0 };
    let mut bytes = Vec::new();
    let mut at = 0;
    let mut step = MergeStep::Words;
    while let Some(knot) = walk.next_knot([&base, &one, &other]) {
        bytes.extend(base[at..knot.base.start].concat());
        at = knot.base.end;
        let knot_start = knot.base.start;
        let (mine, yours) = (&one[knot.one], &other[knot.other]);
        let before = &base[knot.base];
        if mine == before || mine == yours {
            bytes.extend(yours.concat());
        } else if yours == before {
            bytes.extend(mine.concat());
        } else {
            let years = || is_notice(&base[..knot_start]);
            if let Some(raised) = higher(before, mine, yours, years).filter(|_| versions == Versions::Higher) {
                bytes.extend(raised);
                step = MergeStep::HigherVersion;
            } else {
                bytes.extend(both_items(before, mine, yours)?);
                step = MergeStep::BothInline;
            }
        }
    }
    bytes.extend(base[at..].concat());
    is_credible(&bytes, sources).then_some(Decided { bytes, step })
}

/// Whether the lines look like such as one of the sides wrote: none stands there more often than in any of the texts, and
/// quotes that were closed in each line still are. Words that were put together from both sides need not be.
fn is_credible(merged: &[u8], sources: [&[u8]; 3]) -> bool {
    let lines = |text| <[u8]>::split_inclusive(text, |byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let count = |text, line: &[u8]| lines(text).filter(|other| *other == line).count();
    let is_quoted = |text| {
        let is_even = |line: &[u8], quote| line.iter().filter(|byte| **byte == quote).count() % 2 == 0;
        lines(text).all(|line| is_even(line, b'"') && is_even(line, b'\''))
    };
    let is_doubled = |line: &[u8]| {
        line.iter().any(u8::is_ascii_alphanumeric)
            && sources.into_iter().all(|source| count(source, line) < count(merged, line))
    };
    (is_quoted(merged) || !sources.into_iter().all(is_quoted)) && !lines(merged).any(is_doubled)
}

/// Words, but version numbers whole.
fn tokens(text: &[u8]) -> Vec<&[u8]> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while at < rest.len() {
        let starts_number = rest[at].is_ascii_digit()
            && !at.checked_sub(1).is_some_and(|before| {
                let before = rest[before];
                before.is_ascii_digit() || before == b'.' || before == b'_'
            });
        match version_len(&rest[at..]).filter(|_| starts_number) {
            Some(len) => {
                tokens.extend(words(&rest[..at]));
                tokens.push(&rest[at..at + len]);
                rest = &rest[at + len..];
                at = 0;
            }
            None => at += 1,
        }
    }
    tokens.extend(words(rest));
    tokens
}

fn is_akin(base: &[&[u8]], changes: &[TokenChange]) -> bool {
    let gone: usize = changes.iter().map(|change| shown(&base[change.before.clone()])).sum();
    gone * 2 <= shown(base)
}

/// How many words are more than white space.
fn shown(words: &[&[u8]]) -> usize {
    words.iter().filter(|word| !word.trim_ascii().is_empty()).count()
}

/// Changes that are too near each other to be judged one by one: places in all three.
struct Knot {
    base: Range<usize>,
    one: Range<usize>,
    other: Range<usize>,
}

/// The changes of both sides that are not yet done, and how far each side is shifted against the base by those that are.
struct Walk<'a> {
    ones: &'a [TokenChange],
    others: &'a [TokenChange],
    shift_one: isize,
    shift_other: isize,
}

impl Walk<'_> {
    fn next_knot(&mut self, texts: [&[&[u8]]; 3]) -> Option<Knot> {
        let [base, one, other] = texts;
        let starts = [self.ones.first(), self.others.first()];
        let start = starts.into_iter().flatten().map(|change| change.before.start).min()?;
        let mut end = start;
        let (mut ones, mut others) = (0, 0);
        // Whether either side has changed more than white space so far.
        let (mut one_inked, mut other_inked) = (false, false);
        loop {
            let near = |change: &TokenChange, side: &[&[u8]], foreign_ink: bool, is_foreign: bool| {
                let place = &change.before;
                let inked = shown(&base[place.clone()]) + shown(&side[change.after.clone()]) > 0;
                let between = base.get(end..place.start).unwrap_or_default();
                let is_one_place = place.is_empty() && place.start == end && start == end && is_foreign;
                let is_near = ones + others == 0 && place.start == start
                    || place.start < end
                    || is_one_place
                    || inked && foreign_ink && shown(between) < APART;
                is_near.then_some((place.end, inked))
            };
            let mine = self.ones.get(ones).and_then(|c| near(c, one, other_inked, others > 0));
            let yours = self.others.get(others).and_then(|c| near(c, other, one_inked, ones > 0));
            if let Some((further, inked)) = mine {
                ones += 1;
                one_inked |= inked;
                end = end.max(further);
            } else if let Some((further, inked)) = yours {
                others += 1;
                other_inked |= inked;
                end = end.max(further);
            } else {
                break;
            }
        }
        let one = take(&mut self.ones, ones, &mut self.shift_one, start..end);
        let other = take(&mut self.others, others, &mut self.shift_other, start..end);
        Some(Knot { base: start..end, one, other })
    }
}

/// Where a side has what stands at `place` in the base, its first `count` changes within.
fn take(
    changes: &mut &[TokenChange],
    count: usize,
    shift: &mut isize,
    place: Range<usize>,
) -> Range<usize> {
    let start = place.start.strict_add_signed(*shift);
    let (done, rest) = changes.split_at(count);
    for change in done {
        *shift += change.after.len().cast_signed() - change.before.len().cast_signed();
    }
    *changes = rest;
    start..place.end.strict_add_signed(*shift)
}

/// The same words with the higher of each two versions, if both sides raised them and changed nothing else.
fn higher(
    base: &[&[u8]],
    one: &[&[u8]],
    other: &[&[u8]],
    years: impl Fn() -> bool,
) -> Option<Vec<u8>> {
    if base.len() != one.len() || base.len() != other.len() {
        return None;
    }
    let mut bytes = Vec::new();
    for ((base, one), other) in base.iter().zip(one).zip(other) {
        bytes.extend_from_slice(if one == base || one == other {
            other
        } else if other == base {
            one
        } else {
            let is_raised = |side| {
                let is_version = |text: &[u8]| version_len(text) == Some(text.len());
                let is_counted = |text: &[u8]| is_version(text) || is_year(text) && years();
                is_counted(base)
                    && is_counted(side)
                    && compare_versions(side, base) == Some(Ordering::Greater)
            };
            if !is_raised(one) || !is_raised(other) {
                return None;
            }
            match compare_versions(one, other)? {
                Ordering::Less | Ordering::Equal => other,
                Ordering::Greater => one,
            }
        });
    }
    Some(bytes)
}

fn is_year(text: &[u8]) -> bool {
    text.len() == 4 && text.iter().all(u8::is_ascii_digit) && matches!(text[0], b'1' | b'2')
}

/// Whether the line that the words end in says who owns the text: its years are raised like versions.
fn is_notice(words: &[&[u8]]) -> bool {
    let line = words.rsplit(|word| word.contains(&b'\n')).next().unwrap_or_default();
    line.iter().any(|word| word.eq_ignore_ascii_case(b"copyright"))
}

/// Both insertions, if they are items of a list within a line: each begins, or each ends, with the same separator.
fn both_items(base: &[&[u8]], one: &[&[u8]], other: &[&[u8]]) -> Option<Vec<u8>> {
    let is_plain = |words: &[&[u8]]| {
        let mut words = words.iter();
        words.all(|word| !matches!(word.first(), Some(b'\n' | b'\r' | b'(' | b')' | b'{' | b'}' | b'=' | b';' | b':')))
    };
    if !base.is_empty() || !is_plain(one) || !is_plain(other) {
        return None;
    }
    let is_separator = |word: Option<&&[u8]>| word.is_some_and(|word| *word == b"," || *word == b"|");
    let separated = is_separator(one.first()) && is_separator(other.first())
        || is_separator(one.iter().rfind(|word| !word.trim_ascii().is_empty()))
            && is_separator(other.iter().rfind(|word| !word.trim_ascii().is_empty()));
    let (a, b) = (one.concat(), other.concat());
    (separated && a != b).then(|| [a, b].concat())
}
