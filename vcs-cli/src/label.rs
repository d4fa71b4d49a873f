//! What a piece of output is. How it looks is decided elsewhere, once.

use anstyle::{AnsiColor, Style};

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Label {
    /// The sentence around the rest.
    Plain,
    /// A command to type, a key, a file of ours.
    Code,
    /// What is new.
    Added,
    /// What is another.
    Changed,
    /// What is gone.
    Removed,
    /// The name of a seal.
    Seal,
    /// The name of a timeline.
    Timeline,
    /// The name of a shelf.
    Shelf,
    /// What is said beside the point.
    Aside,
    /// The word before an error.
    Error,
    /// The word before a hint or a note.
    Note,
    /// The name of a command or an option in help.
    Verb,
    /// A picture of light and dark dots.
    Picture,
}

impl Label {
    /// How it looks where colours are shown. Colour never says anything that the text does not.
    pub(crate) const fn style(self) -> Style {
        let plain = Style::new();
        match self {
            Self::Plain => plain,
            Self::Code => plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan))),
            Self::Added => plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green))),
            Self::Changed | Self::Note => {
                plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)))
            }
            Self::Removed => plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))),
            Self::Shelf => plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Blue))),
            Self::Seal => plain.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Magenta))),
            Self::Timeline => plain.bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan))),
            Self::Aside => plain.dimmed(),
            Self::Error => plain.bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))),
            Self::Verb => plain.bold(),
            // Light is light and dark is dark, whatever the colours of the terminal are.
            Self::Picture => plain
                .fg_color(Some(anstyle::Color::Ansi(AnsiColor::BrightWhite)))
                .bg_color(Some(anstyle::Color::Ansi(AnsiColor::Black))),
        }
    }
}
