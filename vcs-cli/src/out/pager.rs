//! The program that shows long output a screen at a time.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A pager that runs.
pub(crate) struct Pager {
    child: Child,
    stream: ChildStdin,
}

impl Pager {
    /// Starts `command`, words apart by spaces, on this terminal.
    pub(crate) fn start(command: &str) -> io::Result<Self> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or(io::ErrorKind::NotFound)?;
        let mut child = Command::new(program)
            .args(words)
            // Quit if it fits a screen, keep colours, leave the text on the screen.
            .env("LESS", std::env::var_os("LESS").unwrap_or_else(|| "FRX".into()))
            .stdin(Stdio::piped())
            .spawn()?;
        let stream = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, stream })
    }

    /// Where to write what it shows.
    pub(crate) fn stream(&mut self) -> &mut dyn Write {
        &mut self.stream
    }

    /// Tells it that this was all, and waits until its reader leaves.
    pub(crate) fn wait(self) -> io::Result<()> {
        let Self { mut child, stream } = self;
        drop(stream);
        child.wait().map(drop)
    }
}
