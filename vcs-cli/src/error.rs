//! What can go wrong in a command, and how it is told.

use std::error::Error;
use std::fmt;
use std::io;
use std::io::Write;
use std::io::stderr;
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum CliError {
    /// Standard output could not be written. What the command did before that stays done.
    Output(io::Error),
}

impl CliError {
    /// Tells the user, and answers with the exit code. A reader that closed the pipe had enough:
    /// that is no failure and gets no message.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Output(source) => {
                // When standard error is gone too, the exit code is all that is left to say.
                let _unprinted = writeln!(stderr(), "error: {self}: {source}");
                ExitCode::FAILURE
            }
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(_) => write!(f, "standard output cannot be written"),
        }
    }
}

impl Error for CliError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Output(source) => Some(source),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(source: io::Error) -> Self {
        Self::Output(source)
    }
}
