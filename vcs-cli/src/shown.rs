//! Text from elsewhere, made safe for a terminal.
//!
//! File names, messages and names of peers are written by strangers. Nothing in them may move the
//! cursor, change the title, hide or reorder what stands beside it.

use std::borrow::Cow;
use std::fmt::Write;

use selkie_tui::is_obeyed;

/// The text on one line: whatever a terminal would obey is spelled out.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    spelled(text, is_obeyed)
}

/// A line of a file: tabs stay, and bytes that are no text are spelled out as well.
pub(crate) fn shown_content(line: &[u8]) -> String {
    let mut out = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        out.push_str(&spelled(chunk.valid(), |c| c != '\t' && is_obeyed(c)));
        for byte in chunk.invalid() {
            write!(out, "\\x{byte:02x}").expect("a string takes every byte");
        }
    }
    out
}

/// The JSON, with what a terminal would obey spelled as JSON spells it.
pub(crate) fn shown_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_obeyed(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a string takes every byte");
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn spelled(text: &str, obeyed: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            _ if !obeyed(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a string takes every byte"),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(shown("Ærø – 海豹.rs"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        let table = [
            ("\x1b]0;root\x07", "\\u{1b}]0;root\\u{7}"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("safe\u{202e}fdp.exe", "safe\\u{202e}fdp.exe"),
            ("a\u{200b}b", "a\\u{200b}b"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_line_of_a_file_keeps_its_tabs() {
        let table = [
            (&b"\tfn \xc3\x84()"[..], "\tfn Ä()"),
            (b"caf\xe9\r", "caf\\xe9\\r"),
            (b"\x1b[31m", "\\u{1b}[31m"),
        ];
        for (line, expected) in table {
            assert_eq!(shown_content(line), expected);
        }
    }

    #[test]
    fn json_stays_json() {
        assert_eq!(shown_json("\"a\u{202e}\u{e0001}\""), "\"a\\u202e\\udb40\\udc01\"");
    }
}
