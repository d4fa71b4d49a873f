//! Text from elsewhere as a terminal may be given it.
//!
//! What is in a file, a message or a name was written by strangers. Nothing of it may move the cursor, change the title,
//! or hide or reorder what stands beside it. So all that a terminal would obey is spelled out, and every letter has
//! the width that the screen counts with.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What a person sees as one letter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Glyph {
    /// What the terminal is given.
    pub(crate) text: String,
    /// Columns.
    pub(crate) width: usize,
    /// Where it is in the bytes that were shown.
    pub(crate) at: usize,
    /// Whether it is what was written, or spells out what must not reach a terminal.
    pub(crate) kind: Kind,
}

/// Where a glyph comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// It is what was written.
    Written,
    /// It spells out what was written.
    Spelled,
}

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// The glyphs of a line, from the left. What is not asked for is not looked at, so a line may be as long as it likes.
pub(crate) fn glyphs(line: &[u8]) -> impl Iterator<Item = Glyph> + '_ {
    glyphs_from(line, 0)
}

/// The same of the rest of a line, behind so many bytes that are [plain](plain).
pub(crate) fn glyphs_from(line: &[u8], plain: usize) -> impl Iterator<Item = Glyph> + '_ {
    let (mut at, mut column) = (plain, plain);
    let line = line.get(plain..).unwrap_or_default();
    let chunks = line.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().graphemes(true).map(Piece::Text);
        valid.chain(chunk.invalid().iter().map(|byte| Piece::Byte(*byte)))
    });
    chunks.map(move |piece| {
        let (text, kind) = piece.spelled(column);
        let width = text.width();
        let glyph = Glyph { text, width, at, kind };
        at += piece.len();
        column += width;
        glyph
    })
}

/// How many bytes at the beginning of a line are a letter and a column each, as far as `wanted`. Most of what is ever shown is
/// that, and needs no table of letters.
pub(crate) fn plain(line: &[u8], wanted: usize) -> usize {
    let looked = &line[..line.len().min(wanted.saturating_add(1))];
    let plain = looked.iter().take_while(|byte| matches!(byte, b' '..=b'~')).count();
    // What comes behind may be a mark on the last of them.
    let is_cut = plain < line.len();
    (plain - usize::from(is_cut && plain > 0)).min(wanted)
}

/// The text on one line: a name, a message, the note of a side.
pub(crate) fn visible(text: &str) -> String {
    glyphs(text.as_bytes()).map(|glyph| glyph.text).collect()
}

/// The line without what ends it.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

enum Piece<'a> {
    Text(&'a str),
    Byte(u8),
}

impl Piece<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Byte(_) => 1,
        }
    }

    fn spelled(&self, column: usize) -> (String, Kind) {
        match self {
            Self::Text("\t") => (" ".repeat(TAB - column % TAB), Kind::Written),
            Self::Text("\r") => ("\\r".to_owned(), Kind::Spelled),
            Self::Text(text) if text.chars().any(is_obeyed) || text.width() == 0 => {
                let spell = |c: char| match c {
                    '\n' => "\\n".to_owned(),
                    '\r' => "\\r".to_owned(),
                    c => format!("\\u{{{:x}}}", u32::from(c)),
                };
                (text.chars().map(spell).collect(), Kind::Spelled)
            }
            Self::Text(text) => ((*text).to_owned(), Kind::Written),
            Self::Byte(byte) => (format!("\\x{byte:02x}"), Kind::Spelled),
        }
    }
}

/// Whether a terminal obeys this letter in place of showing it: control characters, and those that reorder or hide their
/// neighbours.
#[must_use]
pub const fn is_obeyed(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Left-to-right and right-to-left marks, embeddings, overrides and isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separators, tags, and what takes no place at all.
        | '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        for (line, expected) in [
            (&b"\x1b]0;root\x07"[..], "\\u{1b}]0;root\\u{7}"),
            ("safe\u{202e}fdp.exe".as_bytes(), "safe\\u{202e}fdp.exe"),
            (b"caf\xe9\r", "caf\\xe9\\r"),
            (b"a\r\nb", "a\\r\\nb"),
            (b"a\tb\tc", "a   b   c"),
            ("日\tb".as_bytes(), "日  b"),
            ("a\u{200b}b\u{9b}31m".as_bytes(), "a\\u{200b}b\\u{9b}31m"),
            ("ne\u{301}e שלום".as_bytes(), "ne\u{301}e שלום"),
        ] {
            let shown: String = glyphs(line).map(|glyph| glyph.text).collect();
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn every_glyph_knows_its_place_and_its_columns() {
        let found: Vec<_> = glyphs("a日\t\u{1b}x".as_bytes()).collect();
        let told: Vec<_> = found.iter().map(|glyph| (glyph.at, glyph.width)).collect();
        assert_eq!(told, [(0, 1), (1, 2), (4, 1), (5, 6), (6, 1)]);
    }

    #[test]
    fn what_is_plain_is_the_same_without_a_table_of_letters() {
        for line in ["", "a", "a b~", "ne\u{301}e", "\u{301}e", "ab\tc", "ab\r", "日b", "a\u{1b}"]
        {
            let line = line.as_bytes();
            for wanted in 0..6 {
                let plain = plain(line, wanted);
                assert!(plain <= wanted);
                let fast = line[..plain].iter().enumerate().map(|(at, byte)| Glyph {
                    text: char::from(*byte).to_string(),
                    width: 1,
                    at,
                    kind: Kind::Written,
                });
                let fast: Vec<Glyph> = fast.chain(glyphs_from(line, plain)).collect();
                assert_eq!(fast, glyphs(line).collect::<Vec<_>>(), "{line:?} {wanted}");
            }
        }
    }

    #[test]
    fn a_long_line_is_looked_at_as_far_as_it_is_shown() {
        let line = vec![b'x'; 1 << 30 >> 4];
        assert_eq!(glyphs(&line).take(80).count(), 80);
    }
}
