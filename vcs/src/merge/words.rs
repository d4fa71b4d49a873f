//! Changes within lines: both sides changed a line, each in another place of it.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::knot::{knots, shown};
use super::part::{Decided, MergeStep};
use super::version::{compare_versions, version_len};
use crate::text::words::{TokenChange, compare_tokens, words};

/// Bytes of a line up to which it is compared word by word. Longer ones are written by programs, and what stands
/// next to what in them says nothing.
const LINE_MAX: usize = 1000;

/// Bytes of each text up to which it is compared word by word. So many changed lines at one place are no edits within
/// lines.
const LEN_MAX: usize = 64 << 10;

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
pub(super) fn merge_words(
    base: &[u8],
    one: &[u8],
    other: &[u8],
    versions: Versions,
) -> Option<Decided> {
    let is_long = |text: &[u8]| text.split(|byte| *byte == b'\n').any(|line| line.len() > LINE_MAX);
    let is_large = |text: &[u8]| text.len() > LEN_MAX || is_long(text);
    if base.is_empty() || [base, one, other].into_iter().any(is_large) {
        return None;
    }
    let sources = [base, one, other];
    let [base, one, other] = sources.map(tokens);
    let (ones, others) = (compare_tokens(&base, &one), compare_tokens(&base, &other));
    // Texts that have less than half in common are no versions of the same lines.
    if !is_akin(&base, &ones) || !is_akin(&base, &others) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut at = 0;
    let mut step = MergeStep::Words;
    for knot in knots([&base, &one, &other], &ones, &others) {
        bytes.extend(base[at..knot.base.start].concat());
        at = knot.base.end;
        let is_notice = is_notice(&base[..knot.base.start]);
        let (before, mine, yours) = (&base[knot.base], &one[knot.one], &other[knot.other]);
        if mine == before || mine == yours {
            bytes.extend(yours.concat());
        } else if yours == before {
            bytes.extend(mine.concat());
        } else if versions == Versions::Higher {
            let counted = if is_notice { is_year } else { is_version };
            bytes.extend(higher(before, mine, yours, counted)?);
            step = MergeStep::HigherVersion;
        } else {
            return None;
        }
    }
    bytes.extend(base[at..].concat());
    is_credible(&bytes, sources).then_some(Decided { bytes, step })
}

/// Words, but version numbers whole.
fn tokens(text: &[u8]) -> Vec<&[u8]> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while at < rest.len() {
        let goes_on = |before: u8| before.is_ascii_digit() || matches!(before, b'.' | b'_');
        let starts = rest[at].is_ascii_digit() && !(at > 0 && goes_on(rest[at - 1]));
        if let Some(len) = version_len(&rest[at..]).filter(|_| starts) {
            tokens.extend(words(&rest[..at]));
            tokens.push(&rest[at..at + len]);
            rest = &rest[at + len..];
            at = 0;
        } else {
            at += 1;
        }
    }
    tokens.extend(words(rest));
    tokens
}

/// Whether the lines look like such as one of the sides wrote: none stands there more often than in any of the texts, and
/// quotes that were closed in each line still are. Words that were put together from both sides need not be.
fn is_credible(merged: &[u8], sources: [&[u8]; 3]) -> bool {
    let had = sources.map(line_counts);
    let is_doubled = |(line, count): (&[u8], usize)| {
        let most = had.iter().filter_map(|had| had.get(line)).max();
        line.iter().any(u8::is_ascii_alphanumeric) && most.is_some_and(|most| *most < count)
    };
    let is_quoted = |text| {
        let is_even =
            |line: &[u8], quote| line.iter().filter(|byte| **byte == quote).count() % 2 == 0;
        trimmed_lines(text).all(|line| is_even(line, b'"') && is_even(line, b'\''))
    };
    (is_quoted(merged) || !sources.into_iter().all(is_quoted))
        && !line_counts(merged).into_iter().any(is_doubled)
}

fn trimmed_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)
}

/// How often each line stands in a text.
fn line_counts(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut counts = HashMap::new();
    trimmed_lines(text).for_each(|line| *counts.entry(line).or_insert(0) += 1);
    counts
}

fn is_akin(base: &[&[u8]], changes: &[TokenChange]) -> bool {
    let gone: usize = changes.iter().map(|change| shown(&base[change.before.clone()])).sum();
    gone * 2 <= shown(base)
}

/// The same words with the higher of each two numbers, if both sides raised them and did the same else.
fn higher(
    base: &[&[u8]],
    one: &[&[u8]],
    other: &[&[u8]],
    is_counted: fn(&[u8]) -> bool,
) -> Option<Vec<u8>> {
    let counted = |words: &[&[u8]]| words.iter().filter(|word| is_counted(word)).count();
    if one.len() != other.len() || counted(base) != counted(one) || counted(one) != counted(other) {
        return None;
    }
    let mut before = base.iter().filter(|word| is_counted(word));
    let mut bytes = Vec::new();
    for (one, other) in one.iter().zip(other) {
        let base = if is_counted(one) { before.next() } else { None };
        let is_raised = |side: &[u8], base: &[u8]| {
            side == base || compare_versions(side, base) == Some(Ordering::Greater)
        };
        let taken = if one == other {
            one
        } else {
            let base = base
                .filter(|base| is_counted(other) && is_raised(one, base) && is_raised(other, base));
            base?;
            if compare_versions(one, other)?.is_gt() { one } else { other }
        };
        bytes.extend_from_slice(taken);
    }
    Some(bytes)
}

fn is_version(word: &[u8]) -> bool {
    version_len(word) == Some(word.len())
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && word.iter().all(u8::is_ascii_digit) && matches!(word[0], b'1' | b'2')
}

/// Whether the line that the words end in says whose the text is: its years are raised as versions are.
fn is_notice(words: &[&[u8]]) -> bool {
    let line = words.rsplit(|word| word.contains(&b'\n')).next().unwrap_or_default();
    line.iter().any(|word| word.eq_ignore_ascii_case(b"copyright"))
}
