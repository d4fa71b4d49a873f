//! Programs in which people bring three versions of a file together.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use selkie_vcs::resolve::Texts;
use tempfile::{Builder, TempDir};
use thiserror::Error;

/// A program that lets somebody settle a conflict, and ends when they are done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MergeTool {
    command: String,
}

/// Why nothing came of it. No file of the clone is changed.
#[derive(Debug, Error)]
pub(crate) enum MergeToolError {
    /// It names no program, or would not write what it makes.
    #[error("'{0}' is no command of a merge tool: it names no program, or no $OUT")]
    Command(String),
    /// It could not be started.
    #[error("the merge tool '{program}' can not be started")]
    Start { program: String, source: io::Error },
    /// It ended and said that nothing shall come of it.
    #[error("the merge tool '{program}' gave up: {status}")]
    GaveUp { program: String, status: ExitStatus },
    /// The files between us can not be used.
    #[error("files for the merge tool can not be written or read")]
    Files(#[source] io::Error),
    /// It left the file as it was.
    #[error("the merge tool left '{0}' as it was")]
    Untouched(String),
    /// What it left stands in the file, with markers.
    #[error("'{0}' is in conflict still: what the merge tool left has markers")]
    Open(String),
}

/// Tools that need no more than their name.
pub(crate) const KNOWN: [(&str, &str); 7] = [
    ("bcompare", "bcompare $OURS $THEIRS $BASE $OUT"),
    ("kdiff3", "kdiff3 $BASE $OURS $THEIRS -o $OUT"),
    ("meld", "meld $OURS $OUT $THEIRS"),
    ("nvimdiff", "nvim -f -d $OUT $OURS $BASE $THEIRS"),
    ("opendiff", "opendiff $OURS $THEIRS -ancestor $BASE -merge $OUT"),
    ("vimdiff", "vim -f -d $OUT $OURS $BASE $THEIRS"),
    ("vscode", "code --wait --merge $OURS $THEIRS $BASE $OUT"),
];

impl MergeTool {
    /// The one of this name, or with this command.
    pub(crate) fn of(said: &str) -> Result<Self, MergeToolError> {
        let known = KNOWN.iter().find(|(name, _)| *name == said);
        let command = known.map_or(said, |(_, command)| command).to_owned();
        let wrong = || MergeToolError::Command(said.to_owned());
        let words = shlex::split(&command).ok_or_else(wrong)?;
        let writes = words.iter().skip(1).any(|word| word.contains("$OUT"));
        if writes { Ok(Self { command }) } else { Err(wrong()) }
    }

    /// Lets somebody make one text of three, in files that nobody else reads. Answers with it.
    pub(crate) fn run(&self, name: &str, texts: &Texts) -> Result<Vec<u8>, MergeToolError> {
        let folder = private().map_err(MergeToolError::Files)?;
        let place = |kind| folder.path().join(named(name, kind));
        let [base, ours, theirs, out] = ["base", "ours", "theirs", ""].map(place);
        let all = [(&base, &texts.base), (&ours, &texts.ours), (&theirs, &texts.theirs)];
        for (path, text) in all.into_iter().chain([(&out, &texts.here)]) {
            fs::write(path, text).map_err(MergeToolError::Files)?;
        }
        let words = shlex::split(&self.command).unwrap_or_default();
        let words: Vec<OsString> =
            words.iter().map(|word| filled(word, [&base, &ours, &theirs, &out])).collect();
        let Some((program, arguments)) = words.split_first() else {
            return Err(MergeToolError::Command(self.command.clone()));
        };
        let shown = || program.to_string_lossy().into_owned();
        let status = Command::new(program).args(arguments).status();
        let status = status.map_err(|source| MergeToolError::Start { program: shown(), source })?;
        if !status.success() {
            return Err(MergeToolError::GaveUp { program: shown(), status });
        }
        let text = fs::read(&out).map_err(MergeToolError::Files)?;
        folder.close().map_err(MergeToolError::Files)?;
        Ok(text)
    }
}

/// A folder that only this user may enter.
pub(crate) fn private() -> io::Result<TempDir> {
    let mut builder = Builder::new();
    builder.prefix("selkie-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// The name of a file of a kind: its ending stays, since editors go by it.
pub(crate) fn named(name: &str, kind: &str) -> String {
    match (name.rsplit_once('.'), kind) {
        (_, "") => name.to_owned(),
        (Some((stem, ending)), kind) if !stem.is_empty() => format!("{stem}.{kind}.{ending}"),
        (Some(_) | None, kind) => format!("{name}.{kind}"),
    }
}

/// A word of a command, with the files in it. What a file is called is no part of the command.
fn filled(word: &str, [base, ours, theirs, out]: [&Path; 4]) -> OsString {
    let files = [("$BASE", base), ("$OURS", ours), ("$THEIRS", theirs), ("$OUT", out)];
    let (mut filled, mut rest) = (OsString::new(), word);
    while let Some(at) = rest.find('$') {
        filled.push(&rest[..at]);
        rest = &rest[at..];
        let found = files.iter().find(|(name, _)| rest.starts_with(name));
        let length = found.map_or(1, |(name, _)| name.len());
        match found {
            Some((_, path)) => filled.push(path),
            None => filled.push("$"),
        }
        rest = &rest[length..];
    }
    filled.push(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_known_by_its_name_or_said_as_a_command() {
        for (name, command) in KNOWN {
            assert_eq!(MergeTool::of(name).unwrap().command, command);
        }
        assert!(MergeTool::of("mine --result $OUT").is_ok());
        for wrong in ["", "meldd", "tool $BASE", "'tool $OUT", "$OUT"] {
            assert!(matches!(MergeTool::of(wrong), Err(MergeToolError::Command(_))), "{wrong}");
        }
    }

    #[test]
    fn names_keep_their_ending() {
        let table = [
            ("lib.rs", "ours", "lib.ours.rs"),
            ("lib.rs", "", "lib.rs"),
            ("a.b.c", "base", "a.b.base.c"),
            ("Makefile", "base", "Makefile.base"),
            (".profile", "ours", ".profile.ours"),
        ];
        for (name, kind, expected) in table {
            assert_eq!(named(name, kind), expected);
        }
    }

    #[test]
    fn files_stand_where_the_command_names_them() {
        let files = ["/b", "/o", "/t", "/$BASE"].map(Path::new);
        let table = [("--x=$OUT", "--x=/$BASE"), ("$OURS$BASE", "/o/b"), ("$5 $", "$5 $")];
        for (word, expected) in table {
            assert_eq!(filled(word, files), expected);
        }
    }
}
