//! The files by which programs that write to one git repository keep out of each other's way.
//!
//! Whoever is killed leaves them behind. One that holds what a command of ours was about to write is ours, and goes; of any other
//! nobody knows whether its owner lives, so it stays and is told of, as git does it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::git::place::{GitPlace, PATH_FILE_MAX, read};
use crate::git::problem::{GitError, GitPlaceError};

/// Who lives is done with the lock of a name sooner.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// The lock of the file of all packed names is held while that is written anew.
pub(super) const PACKED_PATIENCE: Duration = Duration::from_secs(1);

/// The lock that is in the way of moving these names, if there is one.
pub(super) fn in_the_way<'n>(
    place: &GitPlace,
    names: impl Iterator<Item = &'n str>,
) -> Option<PathBuf> {
    let mut locks = names.chain(["packed-refs"]).map(|name| lock_of(place, name));
    locks.find(|path| path.exists())
}

/// Takes away the locks that a command left which was killed while it gave these names these values.
pub(crate) fn let_go<'n>(
    place: &GitPlace,
    wanted: impl Iterator<Item = (&'n str, String)>,
) -> Result<(), GitError> {
    let mut left = Vec::new();
    for (name, value) in wanted {
        let path = lock_of(place, name);
        if holds(&path, &value)? {
            left.push((path, value));
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    // Another program may be about to write the same, and is given the time for it.
    thread::sleep(PATIENCE);
    for (path, value) in left {
        if holds(&path, &value)? {
            remove(path)?;
        }
    }
    Ok(())
}

/// Whether this is all that stands in a file.
pub(super) fn holds(path: &Path, text: &str) -> Result<bool, GitPlaceError> {
    Ok(read(path, PATH_FILE_MAX)?.is_some_and(|found| found.trim_end() == text))
}

/// Takes away a lock that nobody holds.
pub(super) fn remove(path: PathBuf) -> Result<(), GitPlaceError> {
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(GitPlaceError::Io { path, source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn lock_of(place: &GitPlace, name: &str) -> PathBuf {
    let folder = if name == "HEAD" { &place.own } else { &place.common };
    folder.join(format!("{name}.lock"))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_a_killed_command_left_goes_and_what_others_hold_stays() {
        let folder = TempDir::new().unwrap();
        let place = GitPlace::open_or_begin(folder.path(), "main").unwrap();
        let (value, line) = ("1".repeat(40), format!("{}\n", "1".repeat(40)));
        let value = value.as_str();
        let wanted = [("HEAD", "ref: refs/heads/b"), ("refs/heads/a", value)];
        let wanted = || wanted.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let table = [
            ("HEAD.lock", "ref: refs/heads/b\n", false),
            ("HEAD.lock", "ref: refs/heads/c\n", true),
            ("HEAD.lock", "", true),
            ("refs/heads/a.lock", line.as_str(), false),
            ("refs/heads/a.lock", value, false),
            ("refs/heads/a.lock", &value[1..], true),
            ("refs/heads/other.lock", value, true),
            ("packed-refs.lock", "", true),
        ];
        for (name, text, stays) in table {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let_go(&place, wanted()).unwrap();
            assert_eq!(path.exists(), stays, "{name} {text:?}");
            let names = ["HEAD", "refs/heads/a", "refs/heads/other"].into_iter();
            assert_eq!(in_the_way(&place, names), stays.then(|| path.clone()));
            remove(path).unwrap();
        }
    }
}
