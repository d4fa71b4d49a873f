//! Differences in a program of somebody's choice.
//!
//! It gets copies in a folder that nobody else may enter and that goes with the command. They can not be written, so no
//! edit is lost with them; a file of the clone is given as it is, and edits of that stay.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use selkie_store::RepoPath;
use selkie_vcs::diff::{Contents, Diff};
use selkie_vcs::{FileVersion, PathChange};
use tempfile::TempDir;
use thiserror::Error;

use crate::config::Config;
use crate::config::key::DIFF_TOOL;
use crate::nearest::nearest;

/// A program that shows differences.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tool {
    name: String,
    words: Vec<String>,
}

/// What a program takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Takes {
    /// Two files: it is started for each that differs.
    Files,
    /// Two folders with all that differ.
    Folders,
}

/// Why nothing is shown.
#[derive(Debug, Error)]
pub(crate) enum ToolError {
    /// Nobody said what this is.
    #[error("there is no tool '{name}'")]
    Unknown { name: String, near: Option<String> },
    /// Its command is none.
    #[error("'{command}' is no command of a tool")]
    Command { name: String, command: String },
    /// It can not be started.
    #[error("the tool '{name}' can not be started")]
    Start { name: String, source: io::Error },
    /// A copy for it can not be made.
    #[error("'{}' can not be written", path.display())]
    Copy { path: PathBuf, source: io::Error },
}

/// Tools that need no setting.
const PRESETS: [(&str, &str); 8] = [
    ("code", "code --wait --diff $left $right"),
    ("difft", "difft $left $right"),
    ("kdiff3", "kdiff3 $left-folder $right-folder"),
    ("meld", "meld $left-folder $right-folder"),
    ("nvim", "nvim -d $left $right"),
    ("opendiff", "opendiff $left $right"),
    ("vim", "vim -d $left $right"),
    ("vimdiff", "vimdiff $left $right"),
];

impl Tool {
    /// The tool of this name, as the settings tell it, or as we know it.
    pub(crate) fn named(config: &Config, name: &str) -> Result<Self, ToolError> {
        let family = DIFF_TOOL.name.trim_end_matches(".*");
        let preset = PRESETS.iter().find(|(known, _)| *known == name).map(|(_, command)| *command);
        let Some(command) = config.member(family, name).or(preset) else {
            let known = PRESETS.iter().map(|(known, _)| *known);
            let near = nearest(name, known.chain(config.members(family).map(|(known, _)| known)));
            return Err(ToolError::Unknown {
                name: name.to_owned(),
                near: near.map(str::to_owned),
            });
        };
        let words = shlex::split(command).filter(|words| !words.is_empty());
        let wrong = || ToolError::Command { name: name.to_owned(), command: command.to_owned() };
        let mut words = words.ok_or_else(wrong)?;
        if !words.iter().any(|word| word.contains("$left") || word.contains("$right")) {
            words.extend(["$left".to_owned(), "$right".to_owned()]);
        }
        Ok(Self { name: name.to_owned(), words })
    }

    /// What it takes.
    pub(crate) fn takes(&self) -> Takes {
        let is_folder =
            |word: &String| word.contains("$left-folder") || word.contains("$right-folder");
        if self.words.iter().any(is_folder) { Takes::Folders } else { Takes::Files }
    }

    /// Starts it with two files or folders, and waits for its end. What it ends with is its own: many say so that
    /// there is a difference.
    pub(crate) fn show(&self, left: &Path, right: &Path) -> Result<ExitStatus, ToolError> {
        let filled = |word: &String| -> std::ffi::OsString {
            // A name from elsewhere is a word of its own or a part of one, and never read by a shell.
            match word.as_str() {
                "$left" | "$left-folder" => left.into(),
                "$right" | "$right-folder" => right.into(),
                word => word
                    .replace("$left-folder", &left.to_string_lossy())
                    .replace("$right-folder", &right.to_string_lossy())
                    .replace("$left", &left.to_string_lossy())
                    .replace("$right", &right.to_string_lossy())
                    .into(),
            }
        };
        let mut words = self.words.iter().map(filled);
        let program = words.next().unwrap_or_default();
        let started = Command::new(program).args(words).status();
        started.map_err(|source| ToolError::Start { name: self.name.clone(), source })
    }
}

/// Copies of what differs, on both sides. They go with this value.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: TempDir,
}

impl Kept {
    /// A folder for them.
    pub(crate) fn new() -> Result<Self, ToolError> {
        let made = tempfile::Builder::new().prefix("selkie-diff-").tempdir();
        let kept = Self {
            folder: made
                .map_err(|source| ToolError::Copy { path: std::env::temp_dir(), source })?,
        };
        for side in [kept.left(), kept.right()] {
            fs::create_dir(&side)
                .map_err(|source| ToolError::Copy { path: side.clone(), source })?;
        }
        Ok(kept)
    }

    /// Where the earlier side is.
    pub(crate) fn left(&self) -> PathBuf {
        self.folder.path().join("left")
    }

    /// Where the later side is.
    pub(crate) fn right(&self) -> PathBuf {
        self.folder.path().join("right")
    }

    /// Puts a file on the sides that it is on, and tells whether it did: one may be too large.
    pub(crate) fn put(&self, contents: &Contents) -> Result<bool, ToolError> {
        let Some([before, after]) = contents.versions() else { return Ok(false) };
        for (side, version) in [(self.left(), before), (self.right(), after)] {
            if let Some(version) = version {
                write(&side, &version.path, version.bytes)?;
            }
        }
        Ok(true)
    }

    /// The two files for a program that takes files: one that is not there is empty. A file of the clone is itself.
    pub(crate) fn pair(
        &self,
        diff: &Diff,
        change: &PathChange,
        contents: &Contents,
    ) -> Result<Option<[PathBuf; 2]>, ToolError> {
        let Some([before, after]) = contents.versions() else { return Ok(None) };
        let bytes = |version: Option<FileVersion<'_>>| {
            version.map_or(Vec::new(), |version| version.bytes.to_vec())
        };
        let left = write(&self.left(), &change.from, &bytes(before))?;
        let right = match diff.file_on_disk(change) {
            Some(path) => path,
            None => write(&self.right(), &change.path, &bytes(after))?,
        };
        Ok(Some([left, right]))
    }
}

/// Writes a copy that nobody can write again.
fn write(side: &Path, path: &RepoPath, bytes: &[u8]) -> Result<PathBuf, ToolError> {
    let place = path.names().fold(side.to_owned(), |place, name| place.join(name));
    let write = || {
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = File::create_new(&place)?;
        file.write_all(bytes)?;
        // Elsewhere a folder with such files could not be removed.
        if cfg!(unix) {
            let mut may = file.metadata()?.permissions();
            may.set_readonly(true);
            file.set_permissions(may)?;
        }
        io::Result::Ok(())
    };
    write().map_err(|source| ToolError::Copy { path: place.clone(), source })?;
    Ok(place)
}
