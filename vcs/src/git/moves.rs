//! Names of a git repository that are moved, all together.
//!
//! Gitoxide does the same, with locks that are empty, or hold what a name is about to become: of whoever is killed they tell nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use gix_ref::{FullName, Target};

use crate::git::durable::{Durable, place_at};
use crate::git::id::GitId;
use crate::git::locks::{Alone, LONG_PATIENCE, Lock, PATIENCE};
use crate::git::packed::without;
use crate::git::place::GitPlace;
use crate::git::problem::GitError;
use crate::git::refs::{list, open, unread};

/// A name that is to be moved, if it is where it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RefMove {
    pub(crate) name: String,
    pub(crate) before: Option<GitId>,
    /// Where to; nothing if it goes.
    pub(crate) after: Option<GitId>,
}

/// Where `HEAD` is to stand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HeadMove {
    /// On the branch of this whole name.
    Branch(String),
    /// At a commit.
    At(GitId),
}

/// Each name is a file of its own, and ten thousand that are made durable one by one take half a minute. Where so many move at once, as when a
/// repository begins, whoever brought them brings them again.
const SYNCED_MAX: usize = 64;

/// The file of all packed names.
const PACKED: &str = "packed-refs";

/// Moves all of these names, or none; `HEAD` of this working copy too, if somebody says where to.
pub(crate) fn perform(
    alone: &Alone<'_>,
    place: &GitPlace,
    moves: &[RefMove],
    head: Option<&HeadMove>,
) -> Result<(), GitError> {
    let gone: BTreeSet<&str> =
        moves.iter().filter(|it| it.after.is_none()).map(|it| it.name.as_str()).collect();
    let mut locks = Vec::with_capacity(moves.len());
    for RefMove { name, .. } in moves {
        FullName::try_from(name.as_str()).map_err(|error| GitError::Moved(error.to_string()))?;
        locks.push(
            alone.lock(&place.file_of(name), PATIENCE).map_err(|error| blocked(name, error))?,
        );
    }
    let head_file = place.own.join("HEAD");
    let head_lock = head.map(|_| alone.lock(&head_file, PATIENCE)).transpose()?;
    // Whoever packs names would put one that goes back into its file.
    let packed = place.common.join(PACKED);
    let packed_lock =
        if gone.is_empty() { None } else { Some(alone.lock(&packed, LONG_PATIENCE)?) };
    check(place, moves)?;
    let when = if moves.len() > SYNCED_MAX { Durable::Soon } else { Durable::Now };
    for RefMove { name, after, .. } in moves {
        if let Some(after) = after {
            let file = place.file_of(name);
            write(place, &file, &format!("{after}\n"), when).map_err(GitError::Target)?;
        }
    }
    if let Some(head) = head {
        let text = match head {
            HeadMove::Branch(name) => format!("ref: {name}\n"),
            HeadMove::At(id) => format!("{id}\n"),
        };
        write(place, &head_file, &text, Durable::Now).map_err(GitError::Target)?;
    }
    drop(head_lock);
    // The file of a name goes before that of all: where both are there, git goes by the former, which stands where the name stood.
    unpack(place, &packed, &gone).map_err(GitError::Target)?;
    drop(packed_lock);
    for (RefMove { name, after, .. }, lock) in moves.iter().zip(locks) {
        if after.is_none() {
            remove(place, name, lock).map_err(GitError::Target)?;
        }
    }
    Ok(())
}

/// Where a name is, no folder can be for another.
fn blocked(name: &str, error: GitError) -> GitError {
    match error {
        GitError::Target(source) if source.kind() == ErrorKind::NotADirectory => {
            GitError::Moved(format!("'{name}' needs a place that another name has"))
        }
        other => other,
    }
}

/// Asserts that names which are to be moved are where they were, and that new ones have the place that they need.
fn check(place: &GitPlace, moves: &[RefMove]) -> Result<(), GitError> {
    let is_new = |it: &RefMove| it.before.is_none();
    let names = if moves.iter().any(is_new) { list(place)? } else { BTreeMap::new() };
    let store = open(place);
    for RefMove { name, before, after } in moves {
        let moved = |why: &str| Err(GitError::Moved(format!("'{name}' {why}")));
        let found = store.try_find(name.as_str()).map_err(|error| unread(&error))?;
        match found.map(|found| found.target) {
            Some(Target::Symbolic(_)) => return moved("is another name for one"),
            Some(Target::Object(id)) => {
                let id = GitId::of_sha1(&id);
                // Whoever is to make it is content with one that is there and says the same.
                if id == *before || before.is_none() && id == *after {
                    continue;
                }
                return moved("stands elsewhere");
            }
            None if before.is_some() => return moved("is gone"),
            None => {}
        }
        let (below, mut above) =
            (format!("{name}/"), name.match_indices('/').map(|(at, _)| &name[..at]));
        let mut from = names.range(below.clone()..);
        if above.any(|above| names.contains_key(above))
            || from.next().is_some_and(|(other, _)| other.starts_with(&below))
        {
            return moved("needs a place that another name has");
        }
    }
    Ok(())
}

/// Takes names out of the file of all that are packed.
fn unpack(place: &GitPlace, packed: &Path, gone: &BTreeSet<&str>) -> io::Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    // It may be a link to one that several repositories share.
    let packed = match packed.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        packed => packed?,
    };
    match without(&fs::read(&packed)?, gone) {
        Some(rest) => place_at(&new(place), &packed, &rest, Durable::Now),
        None => Ok(()),
    }
}

/// Gives a name, or `HEAD`, what it is to say. Folders that git left there with nothing in them go.
fn write(place: &GitPlace, file: &Path, text: &str, when: Durable) -> io::Result<()> {
    match place_at(&new(place), file, text.as_bytes(), when) {
        Err(_) if file.is_dir() => {
            clear(file)?;
            place_at(&new(place), file, text.as_bytes(), when)
        }
        written => written,
    }
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            clear(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

/// Removes the file of a name, and what git noted of its moves: another name may need the place.
fn remove(place: &GitPlace, name: &str, lock: Lock) -> io::Result<()> {
    let file = place.file_of(name);
    let log = place.common.join("logs").join(name);
    for path in [&log, &file] {
        match fs::remove_file(path) {
            Err(error)
                if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Err(error);
            }
            Ok(()) | Err(_) => {}
        }
    }
    drop(lock);
    // Git keeps `refs/heads`, and so do we.
    let depth = name.matches('/').count().saturating_sub(2);
    for path in [log, file] {
        // One with something in it stays.
        let mut above = path.ancestors().skip(1).take(depth);
        above.try_for_each(|folder| fs::remove_dir(folder).ok());
    }
    Ok(())
}

/// What is being written is called so until it takes its place. Git would take another file beside its names for a name.
fn new(place: &GitPlace) -> PathBuf {
    place.common.join("selkie-new")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn id(n: u8) -> GitId {
        GitId::from_bytes([n; GitId::LEN])
    }

    fn moved(name: &str, before: Option<u8>, after: Option<u8>) -> RefMove {
        RefMove { name: name.to_owned(), before: before.map(id), after: after.map(id) }
    }

    /// A repository with names that are files, and names that are packed.
    fn place(folder: &TempDir) -> GitPlace {
        let place = GitPlace::open_or_begin(folder.path(), "main").unwrap();
        fs::create_dir_all(folder.path().join("refs/heads/team/empty")).unwrap();
        fs::write(folder.path().join("refs/heads/main"), format!("{}\n", id(1))).unwrap();
        let packed = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/old/x\n{} refs/tags/v1\n^{}\n",
            id(2),
            id(3),
            id(1)
        );
        fs::write(folder.path().join(PACKED), packed).unwrap();
        place
    }

    fn names(place: &GitPlace) -> Vec<(String, GitId)> {
        list(place).unwrap().into_iter().collect()
    }

    fn done(place: &GitPlace, moves: &[RefMove], head: Option<&HeadMove>) -> Result<(), GitError> {
        perform(&Alone::take(place).unwrap(), place, moves, head)
    }

    fn locks(folder: &Path) -> usize {
        let inner = |entry: fs::DirEntry| {
            let path = entry.path();
            let own = usize::from(path.extension().is_some_and(|ending| ending == "lock"));
            own + if path.is_dir() { locks(&path) } else { 0 }
        };
        fs::read_dir(folder).unwrap().map(|entry| inner(entry.unwrap())).sum()
    }

    #[test]
    fn names_come_go_and_move_together() {
        let folder = TempDir::new().unwrap();
        let place = place(&folder);
        let moves = [
            moved("refs/heads/main", Some(1), Some(4)),
            moved("refs/heads/old/x", Some(2), None),
            moved("refs/heads/team", None, Some(5)),
            moved("refs/tags/v1", Some(3), None),
            moved("refs/tags/v2", None, Some(6)),
        ];
        done(&place, &moves, Some(&HeadMove::At(id(4)))).unwrap();
        let named = |name: &str, n| (name.to_owned(), id(n));
        let expected =
            [named("refs/heads/main", 4), named("refs/heads/team", 5), named("refs/tags/v2", 6)];
        assert_eq!(names(&place), expected);
        let head = fs::read_to_string(folder.path().join("HEAD")).unwrap();
        assert_eq!(head, format!("{}\n", id(4)));
        // What went leaves its place to another.
        done(&place, &[moved("refs/heads/old", None, Some(7))], None).unwrap();
        assert_eq!(locks(folder.path()), 0);
    }

    #[test]
    fn where_one_name_is_not_as_it_was_none_moves() {
        let folder = TempDir::new().unwrap();
        let place = place(&folder);
        let before = names(&place);
        fs::write(folder.path().join("refs/heads/also"), "ref: refs/heads/main\n").unwrap();
        let table = [
            moved("refs/heads/main", Some(2), Some(4)),
            moved("refs/heads/main", None, Some(4)),
            moved("refs/heads/main/x", None, Some(4)),
            moved("refs/heads/old", None, Some(4)),
            moved("refs/heads/old/x/y", None, Some(4)),
            moved("refs/heads/gone", Some(1), Some(4)),
            moved("refs/heads/gone", Some(1), None),
            moved("refs/heads/also", Some(1), Some(4)),
            moved("refs/heads/../../config", None, Some(4)),
            moved("refs/tags/v1", Some(1), None),
        ];
        for wrong in table {
            let moves = [moved("refs/heads/a", None, Some(1)), wrong.clone()];
            let refused = done(&place, &moves, Some(&HeadMove::At(id(4))));
            assert!(matches!(refused, Err(GitError::Moved(_))), "{wrong:?}: {refused:?}");
            fs::remove_file(folder.path().join("refs/heads/also")).ok();
            assert_eq!(names(&place), before, "{wrong:?}");
            assert_eq!(locks(folder.path()), 0, "{wrong:?}");
            fs::write(folder.path().join("refs/heads/also"), "ref: refs/heads/main\n").unwrap();
        }
    }
}
