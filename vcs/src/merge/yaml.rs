//! Whether a YAML file can be read.
//!
//! A merge puts lines of two files below each other, and in YAML a line belongs to what its indentation says.

use saphyr_parser::Parser;

/// Whether the text is YAML. A key that stands twice is no matter of the grammar, and people's readers differ in it.
///
/// Takes time in proportion to its length, and no more of the stack for what lies deep.
pub(super) fn is_yaml(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else { return false };
    Parser::new_from_str(text).all(|event| event.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_can_not_be_read_together_are_no_yaml() {
        for (text, is_read) in [
            ("a:\n  b: 1\n  c: 2\nd: 3\n", true),
            ("a:\n- b: 1\n  c: 2\n- d\n", true),
            ("a: |\n  any: thing\n    - here\nb: 1\n", true),
            ("a: some\n  more words\nb: 1\n", true),
            ("a:\n    b: 1\n  c: 2\n", false),
            ("a: 1\n  b: 2\n", false),
            ("a:\n  - b: 1\n   c: 2\n", false),
            ("a:\n  - b: 1\n  c: 2\n", false),
            ("a: [1,\n 2]\n", true),
            ("a: [1,\n 2\nb: 3\n", false),
            ("a: \"one\n  line\"\n", true),
            ("a: \"one\n", false),
            ("a: &x\n  b: 1\nc: *x\n", true),
            ("c: *x\n", false),
            ("# c\n---\n- a\n-\n  b: 1\n", true),
            ("\u{feff}a: 1\r\nb: 2\r\n", true),
            ("{% if a %}\nb: 1\n", false),
            ("", true),
        ] {
            assert_eq!(is_yaml(text.as_bytes()), is_read, "{text}");
        }
        assert!(!is_yaml(b"a: \xff\n"));
    }

    #[test]
    fn what_lies_deep_takes_no_stack() {
        assert!(is_yaml("- ".repeat(100_000).as_bytes()));
        assert!(!is_yaml("[".repeat(100_000).as_bytes()));
    }
}
