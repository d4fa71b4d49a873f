//! The program in which people write.

use std::fs;
use std::io::{self, IsTerminal, stderr, stdin};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use thiserror::Error;

/// A program that lets somebody edit a file, and ends when they are done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Editor {
    command: String,
}

/// Where a person would be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// At a terminal.
    Terminal,
    /// Nobody knows.
    Elsewhere,
}

/// Why nothing was written. The file is as the editor left it.
#[derive(Debug, Error)]
pub(crate) enum EditorError {
    /// Nobody said which program it is, or nobody is there to use it.
    #[error("there is no terminal to write in")]
    Nowhere,
    /// It names no program.
    #[error("'{0}' is no command of an editor")]
    Command(String),
    /// It could not be started.
    #[error("the editor '{command}' can not be started")]
    Start { command: String, source: io::Error },
    /// It ended and said that nothing shall come of it.
    #[error("the editor '{command}' gave up: {status}")]
    GaveUp { command: String, status: ExitStatus },
    /// The file between us can not be used.
    #[error("'{}' can not be used", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl Editor {
    /// The one that somebody wants: of this program, then of all programs, then of the system. `setting` is what
    /// the settings say.
    ///
    /// What is said of this program alone is followed anywhere. The others need a terminal: few of them say
    /// so when they have none.
    pub(crate) fn of(
        setting: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
        place: Place,
    ) -> Result<Self, EditorError> {
        let is_one = |command: &String| !command.trim().is_empty();
        let ours = variable("SELKIE_EDITOR").filter(is_one);
        let ours = ours.or_else(|| setting.map(str::to_owned).filter(is_one));
        let of_all = || variable("VISUAL").or_else(|| variable("EDITOR")).filter(is_one);
        let of_system = || if cfg!(windows) { "notepad" } else { "vi" }.to_owned();
        match (ours, place) {
            (Some(command), _) => Ok(Self { command }),
            (None, Place::Terminal) => Ok(Self { command: of_all().unwrap_or_else(of_system) }),
            (None, Place::Elsewhere) => Err(EditorError::Nowhere),
        }
    }

    /// Writes `text` to the file, lets somebody edit it, and answers with what is in it then.
    pub(crate) fn edit(&self, path: &Path, text: &[u8]) -> Result<Vec<u8>, EditorError> {
        let file = |source| EditorError::File { path: path.to_owned(), source };
        fs::write(path, text).map_err(file)?;
        let words = shlex::split(&self.command);
        let words = words.filter(|words| !words.is_empty());
        let Some([program, args @ ..]) = words.as_deref() else {
            return Err(EditorError::Command(self.command.clone()));
        };
        let command = || self.command.clone();
        let status = Command::new(program).args(args).arg(path).status();
        let status = status.map_err(|source| EditorError::Start { command: command(), source })?;
        if !status.success() {
            return Err(EditorError::GaveUp { command: command(), status });
        }
        fs::read(path).map_err(file)
    }
}

impl Place {
    /// Where this process is.
    pub(crate) fn here() -> Self {
        let is_terminal = stdin().is_terminal() && stderr().is_terminal();
        if is_terminal { Self::Terminal } else { Self::Elsewhere }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_this_program_goes_first_and_is_followed_anywhere() {
        let all = [("SELKIE_EDITOR", "a"), ("VISUAL", "c"), ("EDITOR", "d")];
        let system = if cfg!(windows) { "notepad" } else { "vi" };
        let table = [
            (&all[..], Some("b"), Place::Elsewhere, Some("a")),
            (&all[1..], Some("b"), Place::Elsewhere, Some("b")),
            (&all[1..], None, Place::Terminal, Some("c")),
            (&all[2..], Some(" "), Place::Terminal, Some("d")),
            (&all[2..], None, Place::Elsewhere, None),
            (&[], None, Place::Terminal, Some(system)),
        ];
        for (variables, setting, place, expected) in table {
            let said = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = Editor::of(setting, said, place).ok().map(|editor| editor.command);
            assert_eq!(found.as_deref(), expected, "{variables:?} {setting:?} {place:?}");
        }
    }
}
