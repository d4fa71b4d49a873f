//! Where a command's words go.

use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin, stdout};

use crate::line::{Line, Paint};
use crate::meter::Watcher;
use crate::out::pager::Pager;

pub(crate) mod pager;

/// The two streams of a command: what was asked for on standard output, everything said about it
/// on standard error.
pub(crate) struct Out {
    data: Data,
    // The command that will show the data, until there is some.
    pager: Option<String>,
    // What stands before each line of the data.
    margin: Line,
    about: Box<dyn Write>,
    data_paint: Paint,
    about_paint: Paint,
    reader: Reader,
    volume: Volume,
}

/// Who reads what was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reader {
    /// A person: bytes from elsewhere are made safe to look at.
    Person,
    /// A program or a file: bytes are what they are.
    Program,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Volume {
    /// Errors alone.
    Quiet,
    /// What changed and what to type next.
    Normal,
    /// Also what was done on the way.
    Verbose,
}

/// When colours are shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Colour {
    /// On a terminal that wants them.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What the environment says of colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// `NO_COLOR`, or a terminal that knows none.
    Plain,
    /// `CLICOLOR_FORCE`.
    Forced,
    /// Nothing.
    Silent,
}

enum Data {
    Direct(Box<dyn Write>),
    Paged(Pager),
}

impl Out {
    /// The streams of this process.
    pub(crate) fn of_process(colour: Colour, wish: Wish, volume: Volume) -> Self {
        let data_paint = paint(colour, wish, stdout().is_terminal());
        Self {
            data: Data::Direct(Box::new(io::BufWriter::new(stdout()))),
            pager: None,
            margin: Line::default(),
            about: Box::new(stderr()),
            data_paint,
            reader: match data_paint {
                Paint::Plain if !stdout().is_terminal() => Reader::Program,
                Paint::Plain | Paint::Coloured => Reader::Person,
            },
            about_paint: paint(colour, wish, stderr().is_terminal()),
            volume,
        }
    }

    /// Shows what follows on standard output through `pager` if a person reads it there.
    pub(crate) fn page(&mut self, pager: &str) {
        let reads = stdout().is_terminal() && std::io::stdin().is_terminal();
        self.pager = reads.then(|| pager.to_owned());
    }

    /// Whether somebody wants to see also what is done on the way.
    pub(crate) fn is_verbose(&self) -> bool {
        self.volume == Volume::Verbose
    }

    /// Who reads what was asked for. Colours are for people, wherever they go, and so is what stands beside a picture.
    pub(crate) fn reader(&self) -> Reader {
        if self.margin == Line::default() { self.reader } else { Reader::Person }
    }

    /// Puts this before each line of what was asked for, from now on.
    pub(crate) fn beside(&mut self, margin: Line) {
        self.margin = margin;
    }

    /// Whether what was asked for is in colours.
    pub(crate) const fn paint(&self) -> Paint {
        self.data_paint
    }

    /// Who sees how far something has come: nobody who wants quiet, or whose terminal can not take a line back.
    pub(crate) fn watcher(&self) -> Watcher {
        let can_take_back = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let watches = self.volume > Volume::Quiet && can_take_back && stderr().is_terminal();
        if watches { Watcher::Person } else { Watcher::Nobody }
    }

    /// A line of what was asked for.
    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        let paint = self.data_paint;
        let line = self.margin.clone().then(line);
        line.write(paint, self.stream())
    }

    /// Bytes of what was asked for, as they are.
    pub(crate) fn stream(&mut self) -> &mut dyn Write {
        let pager = self.pager.take().map(|command| Pager::start(&command));
        // Reading on the bare terminal is better than not reading.
        if let Some(Ok(pager)) = pager {
            self.data = Data::Paged(pager);
        }
        match &mut self.data {
            Data::Direct(stream) => stream,
            Data::Paged(pager) => pager.stream(),
        }
    }

    /// Asks, and answers with the line that somebody types. Nothing once standard input has ended. What no terminal
    /// shows, since a program types it, stands behind the question all the same.
    pub(crate) fn ask(&mut self, question: &Line) -> io::Result<Option<String>> {
        let paint = self.data_paint;
        question.begin(paint, self.stream())?;
        self.stream().flush()?;
        let mut answer = Vec::new();
        stdin().lock().read_until(b'\n', &mut answer)?;
        let is_over = answer.is_empty();
        let answer = String::from_utf8_lossy(&answer).trim_end_matches(['\r', '\n']).to_owned();
        if !stdin().is_terminal() || is_over {
            self.line(&Line::of(&answer))?;
            self.stream().flush()?;
        }
        Ok((!is_over).then_some(answer))
    }

    /// A sentence about what happened.
    pub(crate) fn say(&mut self, line: &Line) -> io::Result<()> {
        self.say_at(Volume::Normal, line)
    }

    /// A sentence that no one can turn off.
    pub(crate) fn warn(&mut self, line: &Line) -> io::Result<()> {
        self.say_at(Volume::Quiet, line)
    }

    /// Writes what is still held back: somebody else writes next.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stream().flush()
    }

    /// Writes what is still held back, and waits for the reader to leave the pager.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.data, Data::Direct(Box::new(stdout()))) {
            Data::Direct(mut stream) => stream.flush(),
            Data::Paged(pager) => pager.wait(),
        }
    }

    fn say_at(&mut self, volume: Volume, line: &Line) -> io::Result<()> {
        if volume > self.volume {
            return Ok(());
        }
        line.write(self.about_paint, &mut self.about)
    }
}

/// What was asked on the command line goes first, then the environment, then the terminal.
fn paint(colour: Colour, wish: Wish, terminal: bool) -> Paint {
    match (colour, wish) {
        (Colour::Always, _) | (Colour::Auto, Wish::Forced) => Paint::Coloured,
        (Colour::Auto, Wish::Silent) if terminal => Paint::Coloured,
        (Colour::Never, _) | (Colour::Auto, Wish::Plain | Wish::Silent) => Paint::Plain,
    }
}

impl Wish {
    /// What these variables say. An empty one says nothing.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let says = |name| variable(name).is_some_and(|value| !value.is_empty());
        if says("NO_COLOR") || variable("TERM").is_some_and(|term| term == "dumb") {
            Self::Plain
        } else if variable("CLICOLOR_FORCE").is_some_and(|value| !["", "0"].contains(&&*value)) {
            Self::Forced
        } else {
            Self::Silent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_command_line_then_the_environment_then_the_terminal() {
        let table = [
            (Colour::Always, Wish::Plain, false, Paint::Coloured),
            (Colour::Never, Wish::Forced, true, Paint::Plain),
            (Colour::Auto, Wish::Plain, true, Paint::Plain),
            (Colour::Auto, Wish::Forced, false, Paint::Coloured),
            (Colour::Auto, Wish::Silent, true, Paint::Coloured),
            (Colour::Auto, Wish::Silent, false, Paint::Plain),
        ];
        for (colour, wish, terminal, expected) in table {
            assert_eq!(paint(colour, wish, terminal), expected, "{colour:?} {wish:?} {terminal}");
        }
    }

    #[test]
    fn an_empty_variable_wishes_nothing() {
        let table = [
            (("NO_COLOR", "1"), Wish::Plain),
            (("NO_COLOR", ""), Wish::Silent),
            (("TERM", "dumb"), Wish::Plain),
            (("TERM", "xterm"), Wish::Silent),
            (("CLICOLOR_FORCE", "1"), Wish::Forced),
            (("CLICOLOR_FORCE", "0"), Wish::Silent),
        ];
        for ((name, value), expected) in table {
            let wish = Wish::of(|asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(wish, expected, "{name}={value}");
        }
    }
}
