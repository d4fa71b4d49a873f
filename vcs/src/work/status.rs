//! What differs between the disk and the known tree.

use std::io;

use selkie_store::{NameError, RepoPath};

/// What a scan found, each list by path.
#[derive(Debug, Default)]
pub struct Status {
    /// Known paths that are not on disk as they are known.
    pub changes: Vec<FileChange>,
    /// What is on disk, not known and not ignored.
    pub unknown: Vec<Unknown>,
    /// What is on disk, not known and ignored; a directory stands for all in it.
    pub ignored: Vec<Unknown>,
    /// Names on disk that no tree can hold. They are passed over.
    pub refused: Vec<Refused>,
    /// Directories and files that can not be read. What is known in them is not among the changes.
    pub unread: Vec<Unread>,
    /// Temporary files that a killed command left. Nobody but us gives such names.
    pub litter: Vec<Litter>,
}

/// A known path that is not as it is known.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct FileChange {
    /// The path.
    pub path: RepoPath,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a known path on disk.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ChangeKind {
    /// Nothing is there, or a directory is.
    Removed,
    /// It has other bytes.
    Modified,
    /// It may be run now, or no longer.
    Mode,
    /// A link became a file, or a file a link or something else.
    Type,
    /// The known tree has a conflict there, whatever is on disk.
    Conflict,
}

/// Something on disk that is not known.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Unknown {
    /// The path.
    pub path: RepoPath,
    /// What it is.
    pub kind: UnknownKind,
}

/// What an unknown path is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum UnknownKind {
    /// A file or a link.
    File,
    /// A directory, named for all that is in it.
    Directory,
    /// A repository of its own.
    Repository,
}

/// A name that no tree can hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The directory it is in.
    pub folder: RepoPath,
    /// The name as the system spells it. Show it escaped.
    pub name: Vec<u8>,
    /// What is wrong with it; nothing if only its path is too long or too deep.
    pub error: Option<NameError>,
}

/// Something that can not be read.
#[derive(Debug)]
pub struct Unread {
    /// Its path.
    pub path: RepoPath,
    /// Why.
    pub error: io::Error,
}

/// A temporary file of a command that was killed.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Litter {
    /// The directory it is in.
    pub folder: RepoPath,
    /// Its name.
    pub name: String,
}

/// What a scan is asked for beside changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asked {
    /// How much of what is unknown.
    pub unknown: AskedUnknown,
    /// Whether of what is ignored.
    pub ignored: AskedIgnored,
}

/// How much a scan tells of what is unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AskedUnknown {
    /// Nothing: directories are not listed.
    Nothing,
    /// A directory with nothing known in it as one.
    Directories,
    /// Every file.
    Files,
}

/// Whether a scan tells what is ignored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AskedIgnored {
    /// No.
    Nothing,
    /// Yes, an ignored directory as one.
    Directories,
}

/// Whether a scan saw what the index did not know, so that writing it saves work next time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Learned {
    /// The index is as it was.
    Nothing,
    /// The index is worth writing.
    Something,
}

impl Status {
    /// Whether nothing known is changed and nothing is unknown.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.unknown.is_empty()
    }

    /// The paths to record for these: everything changed or unknown that is one of them or below it. The top
    /// stands for all. What has a conflict is recorded, and so settled, only by its own name.
    #[must_use]
    pub fn chosen(&self, by: &[RepoPath]) -> Vec<RepoPath> {
        let changes = self.changes.iter().filter(|change| match change.kind {
            ChangeKind::Conflict => by.contains(&change.path),
            _ => by.iter().any(|by| is_in(&change.path, by)),
        });
        let unknown = self.unknown.iter().filter(|unknown| {
            let is_chosen = by.iter().any(|by| is_in(&unknown.path, by));
            unknown.kind == UnknownKind::File && is_chosen
        });
        let mut paths: Vec<_> = changes.map(|change| change.path.clone()).collect();
        paths.extend(unknown.map(|unknown| unknown.path.clone()));
        paths.sort_unstable();
        paths
    }

    pub(super) fn join(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.unknown.extend(other.unknown);
        self.ignored.extend(other.ignored);
        self.refused.extend(other.refused);
        self.unread.extend(other.unread);
        self.litter.extend(other.litter);
    }

    pub(super) fn sort(&mut self) {
        self.changes.sort_unstable();
        self.unknown.sort_unstable();
        self.ignored.sort_unstable();
        self.refused.sort_by(|one, two| (&one.folder, &one.name).cmp(&(&two.folder, &two.name)));
        self.unread.sort_by(|one, two| one.path.cmp(&two.path));
        self.litter.sort_unstable();
    }
}

/// Whether the path is the other one, or below it.
pub(crate) fn is_in(path: &RepoPath, by: &RepoPath) -> bool {
    let rest = path.as_str().strip_prefix(by.as_str());
    by.is_top() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
