//! A text that somebody writes on the screen.

use unicode_segmentation::UnicodeSegmentation;

use crate::settle::action::Stroke;

/// Lines, and a cursor between two letters. What was there and was not touched stays byte for byte.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TextBox {
    lines: Vec<String>, // never empty
    line: usize,
    at: usize, // a byte of the line, between two letters
    end: &'static str,
}

impl TextBox {
    /// One with this text in it, the cursor at the beginning. None if it is no text.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let lines = text.split('\n').map(str::to_owned).collect();
        Some(Self { lines, line: 0, at: 0, end })
    }

    /// One for a single line, the cursor at its end.
    pub(crate) fn line(text: &str) -> Self {
        let line = text.replace(['\n', '\r'], "");
        let at = line.len();
        Self { lines: vec![line], line: 0, at, end: "" }
    }

    /// What was written.
    pub(crate) fn text(&self) -> Vec<u8> {
        self.lines.join("\n").into_bytes()
    }

    /// The lines.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The line of the cursor, and the bytes before it there.
    pub(crate) const fn cursor(&self) -> (usize, usize) {
        (self.line, self.at)
    }

    /// Writes what stands in the first line of a text, and nothing of the others.
    pub(crate) fn write_line(&mut self, text: &str) {
        self.write(text.split(['\n', '\r']).next().unwrap_or_default());
    }

    /// Writes text where the cursor is.
    pub(crate) fn write(&mut self, text: &str) {
        let rest = self.lines[self.line].split_off(self.at);
        for (number, piece) in text.split('\n').enumerate() {
            if number > 0 {
                self.line += 1;
                self.lines.insert(self.line, String::new());
            }
            self.lines[self.line].push_str(piece);
        }
        self.at = self.lines[self.line].len();
        self.lines[self.line].push_str(&rest);
    }

    /// Does what a key does.
    pub(crate) fn press(&mut self, stroke: Stroke) {
        match stroke {
            Stroke::Enter => self.write(self.end),
            Stroke::Tab => self.write("\t"),
            Stroke::Backspace => {
                if self.back() {
                    self.take_away();
                }
            }
            Stroke::Delete => self.take_away(),
            Stroke::Up => self.go(self.line.saturating_sub(1)),
            Stroke::Down => self.go((self.line + 1).min(self.lines.len() - 1)),
            Stroke::Left => {
                self.back();
            }
            Stroke::Right => match self.letter_behind() {
                Some(length) => self.at += length,
                None if self.line + 1 < self.lines.len() => {
                    (self.line, self.at) = (self.line + 1, 0);
                }
                None => {}
            },
            Stroke::Home => self.at = 0,
            Stroke::End => self.at = self.edge(self.line),
        }
    }

    /// A letter back. Whether there was one.
    fn back(&mut self) -> bool {
        let before = self.lines[self.line][..self.at].graphemes(true).next_back();
        if let Some(letter) = before {
            self.at -= letter.len();
        } else if self.line > 0 {
            self.line -= 1;
            self.at = self.edge(self.line);
        } else {
            return false;
        }
        true
    }

    /// Takes away the letter behind the cursor.
    fn take_away(&mut self) {
        if let Some(length) = self.letter_behind() {
            self.lines[self.line].drain(self.at..self.at + length);
        } else if self.line + 1 < self.lines.len() {
            let below = self.lines.remove(self.line + 1);
            self.lines[self.line].truncate(self.at);
            self.lines[self.line].push_str(&below);
        }
    }

    fn letter_behind(&self) -> Option<usize> {
        self.lines[self.line][self.at..self.edge(self.line)].graphemes(true).next().map(str::len)
    }

    /// Where a line ends for whoever writes: a carriage return belongs to its end.
    fn edge(&self, line: usize) -> usize {
        let line = &self.lines[line];
        line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// To a line, as near to the same letter as it has one.
    fn go(&mut self, line: usize) {
        let letters = self.lines[self.line][..self.at].graphemes(true).count();
        self.line = line;
        let there = self.lines[line][..self.edge(line)].graphemes(true).take(letters).map(str::len);
        self.at = there.sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, strokes: &[Stroke]) -> (String, (usize, usize)) {
        let mut written = TextBox::of(text.as_bytes()).unwrap();
        strokes.iter().for_each(|stroke| written.press(*stroke));
        (String::from_utf8(written.text()).unwrap(), written.cursor())
    }

    #[test]
    fn strokes_change_letters_as_people_see_them() {
        use Stroke::{Backspace, Delete, Down, End, Enter, Home, Left, Right, Tab, Up};
        for (text, strokes, expected, cursor) in [
            ("ab\n", &[Right, Enter][..], "a\nb\n", (1, 0)),
            ("ab\r\n", &[End, Left, Enter], "a\r\nb\r\n", (1, 0)),
            ("a\r\nb", &[End, Delete], "ab", (0, 1)),
            ("ne\u{301}e", &[End, Backspace, Backspace], "n", (0, 1)),
            ("a\nb", &[Delete, Delete], "b", (0, 0)),
            ("a\nb", &[Down, Backspace], "ab", (0, 1)),
            ("日本\nx", &[End, Down, Up, Home, Tab], "\t日本\nx", (0, 1)),
            ("", &[Backspace, Delete, Up, Down, Left, Right], "", (0, 0)),
        ] {
            assert_eq!(after(text, strokes), (expected.to_owned(), cursor), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_stands_before_the_cursor() {
        let mut written = TextBox::of(b"ad").unwrap();
        written.press(Stroke::Right);
        written.write("b\nc");
        assert_eq!((written.text(), written.cursor()), (b"ab\ncd".to_vec(), (1, 1)));
        assert!(TextBox::of(b"caf\xe9").is_none());
    }
}
