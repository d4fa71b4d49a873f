//! Two definitions at one place: both are kept.
//!
//! A function, a test or a section that is added says nothing of what is added beside it. So both stay, the one
//! first whose side the caller names. Each must be whole, or one would end inside the other: its brackets closed, no
//! line less deep than its first, and a blank line at one of its ends. And neither may define what the other does.

use std::collections::HashSet;

use super::shape::{indent_len, is_blank, is_closed};

/// Whether two insertions are whole definitions of different things.
pub(super) fn are_definitions(one: &[&[u8]], other: &[&[u8]]) -> bool {
    let (Some(first), Some(second)) = (one.first(), other.first()) else { return false };
    // Both bring their blank line at the same end, or two definitions would touch.
    is_whole(one)
        && is_whole(other)
        && is_blank(first) == is_blank(second)
        && outermost(one).collect::<HashSet<_>>().is_disjoint(&outermost(other).collect())
}

/// Lines with ink of which a definition has at least so many: one line is a statement.
const ENOUGH: usize = 2;

fn is_whole(lines: &[&[u8]]) -> bool {
    let is_apart = lines.first().is_some_and(|line| is_blank(line))
        || lines.last().is_some_and(|line| is_blank(line));
    let inked: Vec<&[u8]> = lines.iter().copied().filter(|line| !is_blank(line)).collect();
    let least = inked.iter().map(|line| indent_len(line)).min();
    let is_begun = inked.first().is_some_and(|first| {
        // A comment that goes on is the second half of something.
        Some(indent_len(first)) == least && !first.trim_ascii().starts_with(b"*")
    });
    let has_name = outermost(lines).next().is_some();
    is_apart && is_begun && has_name && inked.len() >= ENOUGH && is_closed(&lines.concat())
}

/// Letters and digits of which a line that names something has at least so many.
const NAME_LEN: usize = 4;

/// The lines that are no deeper than the first and name something: neither comments nor attributes nor brackets.
fn outermost<'a>(lines: &'a [&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let inked = lines.iter().filter(|line| !is_blank(line));
    let least = inked.clone().map(|line| indent_len(line)).min();
    let is_name = move |line: &&&[u8]| {
        Some(indent_len(line)) == least
            && line.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() >= NAME_LEN
            && !matches!(line.trim_ascii(), [b'/' | b'#' | b'@', ..])
    };
    inked.filter(is_name).map(|line| line.trim_ascii())
}
