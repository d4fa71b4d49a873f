//! Where a repository of git is, and whether it can be understood.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::git::config::Settings;
use crate::git::durable::{NEW, replace, sync_folder};
use crate::git::problem::GitPlaceError;

/// A repository of git.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GitPlace {
    /// Where objects and refs are, which all of its working copies have in common.
    pub(super) common: PathBuf,
    /// Where this working copy of it keeps its `HEAD` and its index.
    pub(super) own: PathBuf,
    /// Whether no files are checked out of it beside those of other working copies.
    is_bare: bool,
}

/// What is not longer is a path in a file.
pub(super) const PATH_FILE_MAX: u64 = 64 << 10;

/// More than anybody has to say of one repository.
const SETTINGS_MAX: u64 = 4 << 20;

impl GitPlace {
    /// The repository in this folder: a working copy with `.git` in it, be that a folder or a file that tells of one, or a
    /// bare one.
    ///
    /// # Errors
    ///
    /// There is none, or its history can not be told from what is there.
    pub fn open(folder: &Path) -> Result<Self, GitPlaceError> {
        let none = || GitPlaceError::None(folder.to_owned());
        let own = Self::own(folder)?.ok_or_else(none)?;
        let common = match read(&own.join("commondir"), PATH_FILE_MAX)? {
            Some(text) => own.join(text.trim()),
            None => own.clone(),
        };
        if !common.join("objects").is_dir() || !own.join("HEAD").exists() {
            return Err(none());
        }
        let settings = read(&common.join("config"), SETTINGS_MAX)?.unwrap_or_default();
        let settings = Settings::parse(&settings);
        refuse(&settings, &common)?;
        // As git guesses where nothing is said.
        let is_beside_files = own.file_name().is_some_and(|name| name == ".git");
        let is_said = settings.value("core.bare").is_some();
        let is_bare = if is_said { settings.is_yes("core.bare") } else { !is_beside_files };
        Ok(Self { common, own, is_bare })
    }

    /// Whether a folder has a repository of git in it.
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        folder.join(".git").exists()
    }

    /// The repository in this folder, which nothing else is in. Where there is none yet, or one that was killed while it
    /// began, a bare one begins, and its `HEAD` is this branch.
    ///
    /// # Errors
    ///
    /// It can not be written, or something else is there.
    pub fn open_or_begin(folder: &Path, branch: &str) -> Result<Self, GitPlaceError> {
        if is_free(folder) {
            Self::lay(folder, branch, "true")?;
        }
        Self::open(folder)
    }

    /// The repository beside the files in this folder. Where there is none yet, or one that was killed while it began, one
    /// begins, and its `HEAD` is this branch, which has no commit.
    ///
    /// # Errors
    ///
    /// It can not be written, or not be understood.
    pub fn open_or_begin_beside(folder: &Path, branch: &str) -> Result<Self, GitPlaceError> {
        let own = folder.join(".git");
        if is_free(&own) {
            Self::lay(&own, branch, "false")?;
        }
        Self::open(folder)
    }

    fn lay(folder: &Path, branch: &str, bare: &str) -> Result<(), GitPlaceError> {
        let config = format!(
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = {}\n\tbare = {bare}\n",
            cfg!(unix)
        );
        let at = |path: PathBuf| move |source| GitPlaceError::Io { path, source };
        for inner in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
            let inner = folder.join(inner);
            fs::create_dir_all(&inner).map_err(at(inner))?;
        }
        let head = format!("ref: refs/heads/{branch}\n");
        // Git takes a folder for a repository once it has a HEAD, so that comes last.
        for (name, text) in [("config", &config), ("HEAD", &head)] {
            let path = folder.join(name);
            replace(&path, text.as_bytes()).map_err(at(path))?;
        }
        sync_folder(folder).map_err(at(folder.to_owned()))
    }

    fn own(folder: &Path) -> Result<Option<PathBuf>, GitPlaceError> {
        let inner = folder.join(".git");
        let Ok(found) = fs::metadata(&inner) else {
            let is_bare = folder.join("HEAD").is_file() || folder.join("commondir").is_file();
            return Ok(is_bare.then(|| folder.to_owned()));
        };
        if found.is_dir() {
            return Ok(Some(inner));
        }
        let text = read(&inner, PATH_FILE_MAX)?.unwrap_or_default();
        Ok(text
            .trim_end_matches(['\n', '\r'])
            .strip_prefix("gitdir: ")
            .map(|path| folder.join(path)))
    }

    /// The branch that this working copy is on, if it is on one.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn branch(&self) -> Result<Option<String>, GitPlaceError> {
        let head = read(&self.own.join("HEAD"), PATH_FILE_MAX)?.unwrap_or_default();
        Ok(head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned))
    }

    /// The file of a name. Some names are those of one working copy alone.
    pub(super) fn file_of(&self, name: &str) -> PathBuf {
        let of_one = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"];
        let is_of_one = of_one.iter().any(|folder| name.starts_with(folder));
        if is_of_one { self.own.join(name) } else { self.common.join(name) }
    }

    /// The working copies that were made beside the first: each has a `HEAD` of its own.
    pub(crate) fn heads(&self) -> Result<Vec<String>, GitPlaceError> {
        let mut places = Vec::new();
        if !self.is_bare {
            places.push(self.common.clone());
        }
        let beside = self.common.join("worktrees");
        match fs::read_dir(&beside) {
            Ok(found) => places.extend(found.flatten().map(|entry| entry.path())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(GitPlaceError::Io { path: beside, source }),
        }
        Self::branches(places)
    }

    /// The branches that other working copies of it have checked out.
    pub(crate) fn elsewhere(&self) -> Result<Vec<String>, GitPlaceError> {
        let mut places = vec![self.common.clone()];
        let beside = self.common.join("worktrees");
        if let Ok(found) = fs::read_dir(&beside) {
            places.extend(found.flatten().map(|entry| entry.path()));
        }
        // One is named by another path where it was moved, or stands behind a link.
        let own = self.own.canonicalize().unwrap_or_else(|_gone| self.own.clone());
        places.retain(|place| place.canonicalize().map_or(true, |place| place != own));
        Self::branches(places)
    }

    fn branches(places: Vec<PathBuf>) -> Result<Vec<String>, GitPlaceError> {
        let mut heads = Vec::new();
        for place in places {
            let head = read(&place.join("HEAD"), PATH_FILE_MAX)?.unwrap_or_default();
            heads.extend(head.trim().strip_prefix("ref: ").map(str::to_owned));
        }
        Ok(heads)
    }
}

/// Whether a folder is not there or has no more in it than what a repository begins with before it has a `HEAD`.
fn is_free(folder: &Path) -> bool {
    let is_begun = |name: &OsStr| {
        let name = name.to_str().unwrap_or_default();
        ["objects", "refs", "config"].contains(&name)
            || name.strip_suffix(NEW).is_some_and(|name| ["config", "HEAD"].contains(&name))
    };
    match fs::read_dir(folder) {
        Ok(found) => found.flatten().all(|it| is_begun(&it.file_name())),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn refuse(settings: &Settings, common: &Path) -> Result<(), GitPlaceError> {
    for (name, value) in settings.section("extensions.") {
        match name {
            "objectformat" if value != "sha1" => return Err(GitPlaceError::Hash(value.to_owned())),
            "refstorage" if value != "files" => return Err(GitPlaceError::Refs(value.to_owned())),
            "partialclone" => return Err(GitPlaceError::Partial),
            "objectformat" | "refstorage" | "noop" | "noop-v1" | "preciousobjects"
            | "worktreeconfig" | "relativeworktrees" => {}
            unknown if settings.value("core.repositoryformatversion") != Some("0") => {
                return Err(GitPlaceError::Extension(unknown.to_owned()));
            }
            _ => {}
        }
    }
    let is_promised = |(name, _): (&str, &str)| name.ends_with(".promisor") || name == "promisor";
    if settings.section("remote ").any(is_promised) {
        return Err(GitPlaceError::Partial);
    }
    let is_there =
        |name: &str| Ok(read(&common.join(name), 1)?.is_some_and(|text| !text.is_empty()));
    if is_there("shallow")? {
        return Err(GitPlaceError::Shallow);
    }
    if is_there("info/grafts")? { Err(GitPlaceError::Grafts) } else { Ok(()) }
}

/// The text of a file, as far as it is read; none if it is not there.
pub(super) fn read(path: &Path, length_max: u64) -> Result<Option<String>, GitPlaceError> {
    use io::Read as _;
    let broken = |source| GitPlaceError::Io { path: path.to_owned(), source };
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(broken)?,
    };
    let mut bytes = Vec::new();
    file.take(length_max).read_to_end(&mut bytes).map_err(broken)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_was_killed_while_it_began_begins_again() {
        let whole = ["objects/info/", "objects/pack/", "refs/heads/", "refs/tags/"];
        let files = ["config.selkie-new", "config", "HEAD.selkie-new"];
        let steps: Vec<&str> = whole.into_iter().chain(files).collect();
        for killed_after in 0..=steps.len() {
            let folder = TempDir::new().unwrap();
            for step in &steps[..killed_after] {
                let path = folder.path().join(step);
                if step.ends_with('/') {
                    fs::create_dir_all(path).unwrap();
                } else {
                    fs::write(path, "").unwrap();
                }
            }
            let place = GitPlace::open_or_begin(folder.path(), "west").unwrap();
            assert_eq!(place.branch().unwrap().as_deref(), Some("west"), "{killed_after}");
            // Whoever comes later finds it as it is.
            let again = GitPlace::open_or_begin(folder.path(), "east").unwrap();
            assert_eq!(again.branch().unwrap().as_deref(), Some("west"), "{killed_after}");
        }
    }

    #[test]
    fn what_is_not_git_is_let_be() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("letter.txt"), "Dear").unwrap();
        assert!(GitPlace::open_or_begin(folder.path(), "main").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
