//! Words that somebody wrote, until what they are about is done: a command that fails does not take them along.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use selkie_vcs::Workspace;

use crate::editor::Editor;
use crate::error::CliError;
use crate::words::{Page, on_page};

/// A file in the clone with words for one kind of command.
#[derive(Debug)]
pub(crate) struct Kept(PathBuf);

impl Kept {
    /// Those of the next seal.
    pub(crate) fn of_seal(workspace: &Workspace) -> Self {
        Self::called(workspace, "words.txt")
    }

    /// Those of seals that become one.
    pub(crate) fn of_squash(workspace: &Workspace) -> Self {
        Self::called(workspace, "squash.txt")
    }

    fn called(workspace: &Workspace, name: &str) -> Self {
        Self(Workspace::control(workspace.copy().folder()).join("local").join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Lets somebody write on the page, which begins with these words, or else with what was written for something that
    /// failed, or else with `other`. No words are not kept.
    pub(crate) fn write(
        &self,
        editor: &Editor,
        page: &Page,
        given: Option<&str>,
        other: &str,
    ) -> Result<String, CliError> {
        let before = match fs::read(&self.0) {
            Ok(page) => on_page(&page).ok().filter(|words| !words.is_empty()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(self.unreadable(error)),
        };
        let begin = given.or(before.as_deref()).unwrap_or(other);
        let written = editor.edit(&self.0, &page.with(begin))?;
        let words = on_page(&written).map_err(|error| self.unreadable(io::Error::other(error)))?;
        if words.is_empty() {
            self.forget()?;
        }
        Ok(words)
    }

    /// Lets go of words that were used, or are not wanted.
    pub(crate) fn forget(&self) -> Result<(), CliError> {
        match fs::remove_file(&self.0) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(CliError::Write { path: self.0.to_string_lossy().into_owned(), source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn unreadable(&self, source: io::Error) -> CliError {
        CliError::Unreadable { path: self.0.to_string_lossy().into_owned(), source }
    }
}
