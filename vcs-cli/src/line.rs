//! One line of output: pieces of text, each with its meaning.

use std::io::{self, Write};

use crate::label::Label;
use crate::shown::{shown, shown_content};

/// A line, put together from left to right.
///
/// Whatever is put in is made safe for a terminal there and then, so no caller can forget it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Line {
    pieces: Vec<(Label, String)>,
}

/// Whether colours are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Paint {
    /// They are.
    Coloured,
    /// Text alone.
    Plain,
}

impl Line {
    /// A line that begins with this sentence.
    pub(crate) fn of(text: &str) -> Self {
        Self::default().plain(text)
    }

    /// A line that begins with this word before a colon.
    pub(crate) fn note(word: &str) -> Self {
        Self::default().put(Label::Note, word).plain(": ")
    }

    /// The line with a piece more.
    pub(crate) fn put(mut self, label: Label, text: &str) -> Self {
        self.pieces.push((label, shown(text).into_owned()));
        self
    }

    /// The line with more of its sentence.
    pub(crate) fn plain(self, text: &str) -> Self {
        self.put(Label::Plain, text)
    }

    /// The line with a command to type or the name of something of ours.
    pub(crate) fn code(self, text: &str) -> Self {
        self.put(Label::Code, text)
    }

    /// The line with a piece of a file.
    pub(crate) fn content(mut self, label: Label, bytes: &[u8]) -> Self {
        self.pieces.push((label, shown_content(bytes)));
        self
    }

    /// The line and then another one's pieces.
    pub(crate) fn then(mut self, more: &Self) -> Self {
        self.pieces.extend_from_slice(&more.pieces);
        self
    }

    /// Writes the line with its end.
    pub(crate) fn write(&self, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        self.begin(paint, out)?;
        out.write_all(b"\n")
    }

    /// Writes the line without its end: something more comes on it.
    pub(crate) fn begin(&self, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        for (label, text) in &self.pieces {
            let style = label.style();
            match paint {
                Paint::Coloured if !style.is_plain() => write!(out, "{style}{text}{style:#}")?,
                Paint::Coloured | Paint::Plain => out.write_all(text.as_bytes())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &Line, paint: Paint) -> String {
        let mut out = Vec::new();
        line.write(paint, &mut out).expect("a vector takes every byte");
        String::from_utf8(out).expect("lines are text")
    }

    #[test]
    fn a_line_says_the_same_with_and_without_colour() {
        let line = Line::of("Type ").code("selkie tour").plain(".");
        assert_eq!(written(&line, Paint::Plain), "Type selkie tour.\n");
        assert_eq!(written(&line, Paint::Coloured), "Type \x1b[36mselkie tour\x1b[0m.\n");
    }

    #[test]
    fn what_is_put_in_can_not_command_the_terminal() {
        let line = Line::of("No file ").code("\x1b[2Ja\nb");
        assert_eq!(written(&line, Paint::Plain), "No file \\u{1b}[2Ja\\nb\n");
    }
}
