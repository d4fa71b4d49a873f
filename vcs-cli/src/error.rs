//! What can go wrong in a command, and how it is told.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use thiserror::Error;

use crate::config::ConfigError;
use crate::config::key::ValueError;
use crate::label::Label;
use crate::line::Line;
use crate::out::Out;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// Standard output could not be written. What the command did before that stays done.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
    /// The settings stand in the way. None was changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder given with `-C` can not be entered. Nothing was done.
    #[error("there is no going into '{folder}'")]
    Folder { folder: String, source: io::Error },
    /// A file that was asked for can not be written.
    #[error("'{path}' cannot be written")]
    Write { path: String, source: io::Error },
    /// Nothing has the value that was asked for.
    #[error("'{0}' has no value")]
    Unset(String),
    /// An alias leads back to itself. Nothing was done.
    #[error("the alias '{0}' leads back to itself")]
    AliasCircle(String),
    /// An alias opens a quote that it does not close. Nothing was done.
    #[error("the alias '{0}' opens a quote and does not close it")]
    AliasQuote(String),
}

/// What an exit code says. The help of the program lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    /// It failed.
    Failed = 1,
    /// The command line can not be understood.
    Usage = 2,
}

impl CliError {
    /// Tells the user, and answers with the exit code. A reader that closed the pipe had enough:
    /// that is no failure and gets no message.
    pub(crate) fn report(&self, out: &mut Out) -> ExitCode {
        if self.is_closed_pipe() {
            return ExitCode::SUCCESS;
        }
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let more = cause.to_string();
            // Wrappers that add nothing repeat what they wrap.
            if !text.ends_with(&more) {
                text = format!("{text}: {more}");
            }
            source = cause.source();
        }
        let error = Line::default().put(Label::Error, "error").plain(": ").plain(&text);
        let hint = self.hint().map(|hint| Line::note("hint").then(&hint));
        for line in std::iter::once(error).chain(hint) {
            // When standard error is gone too, the exit code is all that is left to say.
            let _unprinted = out.warn(&line);
        }
        ExitCode::from(self.code() as u8)
    }

    /// What to type next, if that is known.
    fn hint(&self) -> Option<Line> {
        match self {
            Self::Config(error) => config_hint(error),
            Self::Unset(key) => {
                Some(Line::of("set it with ").code(&format!("selkie config set {key} VALUE")))
            }
            Self::AliasCircle(_) | Self::AliasQuote(_) => {
                Some(Line::of("see ").code("selkie config list"))
            }
            Self::Output(_) | Self::Folder { .. } | Self::Write { .. } => None,
        }
    }

    const fn code(&self) -> Code {
        match self {
            Self::Config(ConfigError::Unknown { .. } | ConfigError::NoValue(_)) => Code::Usage,
            Self::Output(_)
            | Self::Config(_)
            | Self::Folder { .. }
            | Self::Write { .. }
            | Self::Unset(_)
            | Self::AliasCircle(_)
            | Self::AliasQuote(_) => Code::Failed,
        }
    }

    fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn config_hint(error: &ConfigError) -> Option<Line> {
    match error {
        ConfigError::Unknown { nearest: Some(nearest), .. } => {
            Some(Line::of("did you mean ").code(nearest).plain("?"))
        }
        ConfigError::Unknown { nearest: None, .. } => {
            Some(Line::of("see all of them with ").code("selkie config keys"))
        }
        ConfigError::Untrusted(key) => {
            let set = format!("selkie config set --user {key} VALUE");
            Some(Line::of("set it for yourself with ").code(&set))
        }
        ConfigError::NoPlace("repository") => Some(Line::of("this is no repository")),
        ConfigError::NoValue(_) => Some(Line::of("write it as ").code("--config NAME=VALUE")),
        ConfigError::Value { source: ValueError::Word(_) | ValueError::Text, .. }
        | ConfigError::Io { .. }
        | ConfigError::Toml { .. }
        | ConfigError::NoPlace(_) => None,
    }
}
