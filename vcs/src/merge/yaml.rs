//! Whether the indentation of a YAML file can be read.
//!
//! A merge puts lines of two files below each other, and in YAML a line belongs to what its indentation says. This is no
//! parser: it knows three ways in which lines that were fine apart can not be read together, and calls everything
//! else readable.

use super::shape::{indent_len, is_blank};

/// Whether a line stands at an indentation that nothing above it has, a key where the line above has a value already, or a
/// key among items.
pub(super) fn is_broken(text: &[u8]) -> bool {
    let mut levels: Vec<Level> = Vec::new();
    let mut above = Above { opens: true, indent: 0 };
    let mut literal: Option<usize> = None;
    for line in text.split(|byte| *byte == b'\n') {
        let (indent, ink) = (indent_len(line), line.trim_ascii());
        if is_blank(line) || literal.is_some_and(|depth| indent > depth) {
            continue;
        }
        literal = None;
        if ink.starts_with(b"#") {
            continue;
        }
        if ink.starts_with(b"---") || ink.starts_with(b"...") || ink.starts_with(b"%") {
            levels.clear();
            above = Above { opens: true, indent: 0 };
            continue;
        }
        // Quotes and brackets over several lines have rules of their own.
        if !is_plain(ink) {
            return false;
        }
        let is_item = matches!(ink, [b'-'] | [b'-', b' ', ..]);
        let is_deeper = levels.last().is_none_or(|level| indent > level.indent);
        if is_deeper && !above.opens {
            if ends_key(ink) {
                return true;
            }
            // A value that goes on.
            continue;
        }
        levels.retain(|level| level.indent <= indent);
        match levels.last() {
            // Items may stand as deep as the key that they are of, but keys not among items.
            Some(level) if level.indent == indent && level.is_list && !is_item => return true,
            Some(level) if level.indent == indent => {}
            Some(_) | None if indent < above.indent => return true,
            Some(_) | None => levels.push(Level { indent, is_list: is_item }),
        }
        // What stands behind a dash is a level of its own.
        let mut inner = (indent, ink);
        while let (depth, [b'-', rest @ ..]) = inner
            && rest.first().is_none_or(|byte| *byte == b' ')
        {
            let item = rest.trim_ascii_start();
            inner = (depth + 1 + rest.len() - item.len(), item);
            if !item.is_empty() {
                let is_list = matches!(item, [b'-'] | [b'-', b' ', ..]);
                levels.push(Level { indent: inner.0, is_list });
            }
        }
        if ends_literal(ink) {
            literal = Some(indent);
        }
        let is_open = inner.1.is_empty() || inner.1.ends_with(b":") || has_mark(inner.1);
        above = Above { opens: is_open, indent: inner.0 };
    }
    false
}

/// An indentation that lines stand at.
struct Level {
    indent: usize,
    is_list: bool, // whether all of them are items
}

/// The line above the one that is read.
struct Above {
    opens: bool, // whether what is below may be deeper
    indent: usize,
}

/// Whether nothing in a line goes on in the next.
fn is_plain(ink: &[u8]) -> bool {
    let is_even = |quote| ink.iter().filter(|byte| **byte == quote).count() % 2 == 0;
    is_even(b'"') && is_even(b'\'') && super::shape::is_closed(ink)
}

fn ends_key(ink: &[u8]) -> bool {
    ink.ends_with(b":") || ink.windows(2).any(|pair| pair == b": ")
}

/// Whether the lines below that are deeper are the value as it stands there.
fn ends_literal(ink: &[u8]) -> bool {
    let mark = ink.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    matches!(mark, [b'|' | b'>', rest @ ..] if rest.iter().all(|byte| b"+-123456789".contains(byte)))
}

/// Whether an anchor or a tag stands before what is below.
fn has_mark(ink: &[u8]) -> bool {
    let last = ink.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    matches!(last, [b'&' | b'!', ..]) || ends_literal(ink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_can_not_be_read_together_are_told() {
        for (text, broken) in [
            ("a:\n  b: 1\n  c: 2\nd: 3\n", false),
            ("a:\n- b: 1\n  c: 2\n- d\n", false),
            ("a: |\n  any: thing\n    - here\nb: 1\n", false),
            ("a: some\n  more words\nb: 1\n", false),
            ("a:\n    b: 1\n  c: 2\n", true),
            ("a: 1\n  b: 2\n", true),
            ("a:\n  - b: 1\n   c: 2\n", true),
            ("a:\n  - b: 1\n  c: 2\n", true),
            ("a: [1,\n 2]\n", false),
            ("a: &x\n  b: 1\n", false),
            ("# c\n---\n- a\n-\n  b: 1\n", false),
            ("", false),
        ] {
            assert_eq!(is_broken(text.as_bytes()), broken, "{text}");
        }
    }
}
