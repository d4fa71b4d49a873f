//! A repository of git that goes with a clone: where both stood when they were last alike.
//!
//! Nothing of a history hangs on it. Without it the two have to be linked anew, which brings their names together.
//!
//! ```text
//! selkie link 1
//! token HEX                         the same as in the repository of git
//! git HEX                           what a glimpse showed there
//! ours NUMBER NUMBER                length and time of the operation log
//! known SEAL                        the tree of the index
//! head TEXT                         the place, and what it was once it was written
//! stage HEX
//! at COMMIT
//! merging COMMIT
//! ref COMMIT SEAL NAME              - for a seal that can not be kept
//! goal ...                          the last five again, for what is being written
//! sum HEX                           BLAKE3 of all before it
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use blake3::Hasher;
use selkie_store::{Disk, ObjectId, SealId, TreeId};

use crate::git::durable::replace;
use crate::git::id::{GitId, from_hex, to_hex};
use crate::git::place::{GitPlace, PATH_FILE_MAX, read};
use crate::git::problem::{GitError, GitPlaceError};
use crate::git::stage::{path as stage_path, trailer};

/// Where both stood.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Link {
    pub(crate) token: [u8; 16],
    /// What a glimpse at git showed; another one means that git did something.
    pub(crate) git: [u8; 32],
    /// The same of the operation log here.
    pub(crate) ours: (u64, u128),
    /// The tree that the index was made of.
    pub(crate) known: Option<TreeId>,
    /// What stands in the repository of git.
    pub(crate) stood: Stood,
    /// What is being written there: after a crash any of it may stand there, or what stood before.
    pub(crate) goal: Option<Stood>,
}

/// What stands in a repository of git.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Stood {
    /// What `HEAD` says, without a line end.
    pub(crate) head: String,
    /// The commit that it leads to.
    pub(crate) at: Option<GitId>,
    /// What is being merged into it.
    pub(crate) merging: Vec<GitId>,
    /// What tells the content of the index.
    pub(crate) stage: [u8; 32],
    /// Its names, and the seals that they stand at. None at what can not be kept, which is left alone.
    pub(crate) refs: BTreeMap<String, Entry>,
}

/// Where a name of git stands, and the seal that this is.
pub(crate) type Entry = (GitId, Option<SealId>);

const FILE: &str = "local/git/link";

/// Held by whoever brings the two together.
const LOCK: &str = "local/git/link.lock";

/// The file in a repository of git that tells with which clone it goes.
const TOKEN: &str = "selkie-link";

const FIRST: &str = "selkie link 1";

impl Link {
    /// Whether a clone may be linked, by a look at one file.
    #[must_use]
    pub(crate) fn is_at(control: &Path) -> bool {
        control.join(FILE).is_file()
    }

    /// What is remembered. None of a clone that is not linked.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Option<Self>, GitError> {
        let file = match disk.open(FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(GitError::Pairs)?,
        };
        let length = file.size().and_then(|size| usize::try_from(size).map_err(io::Error::other));
        let mut bytes = vec![0; length.map_err(GitError::Pairs)?];
        file.read_at(0, &mut bytes).map_err(GitError::Pairs)?;
        let text = String::from_utf8(bytes).ok();
        // A damaged one is as good as none: what stood where is not known.
        text.and_then(|text| Self::parse(&text)).map(Some).ok_or(GitError::Gone)
    }

    /// Remembers it.
    pub(crate) fn write(&self, disk: &dyn Disk) -> Result<(), GitError> {
        let temporary = format!("{FILE}.tmp");
        let written = || {
            disk.create_folder("local/git")?;
            let mut file = match disk.create(&temporary) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    disk.remove_abandoned(&temporary)?;
                    disk.create(&temporary)?
                }
                file => file?,
            };
            file.append(self.spell().as_bytes())?;
            file.sync()?;
            disk.rename(&temporary, FILE)
        };
        written().map_err(GitError::Pairs)
    }

    /// Forgets it.
    pub(crate) fn forget(disk: &dyn Disk) -> Result<(), GitError> {
        match disk.remove(FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(GitError::Pairs),
        }
    }

    /// Waits until nobody else brings the two together.
    pub(crate) fn hold(disk: &dyn Disk) -> Result<impl Sized + use<>, GitError> {
        disk.create_folder("local/git").map_err(GitError::Pairs)?;
        disk.open_locked(LOCK).map_err(GitError::Pairs)
    }

    /// Whether git, or a command that did not come to its end, put this there.
    pub(crate) fn is_ours<T: PartialEq>(&self, now: &T, part: impl Fn(&Stood) -> &T) -> bool {
        part(&self.stood) == now || self.goal.as_ref().is_some_and(|goal| part(goal) == now)
    }

    fn spell(&self) -> String {
        let mut text = format!("{FIRST}\ntoken {}\n", to_hex(&self.token));
        let _ = writeln!(text, "git {}\nours {} {}", to_hex(&self.git), self.ours.0, self.ours.1);
        if let Some(known) = self.known {
            let _ = writeln!(text, "known {}", to_hex(known.object().as_bytes()));
        }
        self.stood.spell(&mut text);
        if let Some(goal) = &self.goal {
            text.push_str("goal\n");
            goal.spell(&mut text);
        }
        let sum = blake3::hash(text.as_bytes());
        let _ = writeln!(text, "sum {}", to_hex(sum.as_bytes()));
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let (told, sum) = text.trim_end_matches('\n').rsplit_once("\nsum ")?;
        if to_hex(blake3::hash(format!("{told}\n").as_bytes()).as_bytes()) != sum {
            return None;
        }
        let mut lines = told.lines();
        if lines.next() != Some(FIRST) {
            return None;
        }
        let mut link = Self::default();
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let stood = link.goal.as_mut().unwrap_or(&mut link.stood);
            match word {
                "token" => link.token = bytes(rest)?,
                "git" => link.git = bytes(rest)?,
                "ours" => {
                    let (length, time) = rest.split_once(' ')?;
                    link.ours = (length.parse().ok()?, time.parse().ok()?);
                }
                "known" => link.known = Some(ObjectId::from_bytes(bytes(rest)?).into()),
                "goal" => link.goal = Some(Stood::default()),
                _ => stood.parse(word, rest)?,
            }
        }
        Some(link)
    }
}

impl Stood {
    fn spell(&self, text: &mut String) {
        let _ = writeln!(text, "head {}\nstage {}", self.head, to_hex(&self.stage));
        for (word, commits) in [("at", self.at.as_slice()), ("merging", self.merging.as_slice())] {
            for commit in commits {
                let _ = writeln!(text, "{word} {commit}");
            }
        }
        for (name, (git, seal)) in &self.refs {
            let seal = seal.map_or_else(|| "-".to_owned(), |seal| to_hex(seal.object().as_bytes()));
            let _ = writeln!(text, "ref {git} {seal} {name}");
        }
    }

    fn parse(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "head" => rest.clone_into(&mut self.head),
            "stage" => self.stage = bytes(rest)?,
            "at" => self.at = Some(GitId::spelled(rest.as_bytes())?),
            "merging" => self.merging.push(GitId::spelled(rest.as_bytes())?),
            "ref" => {
                let (git, rest) = rest.split_once(' ')?;
                let (seal, name) = rest.split_once(' ')?;
                let seal = match seal {
                    "-" => None,
                    seal => Some(ObjectId::from_bytes(bytes(seal)?).into()),
                };
                self.refs.insert(name.to_owned(), (GitId::spelled(git.as_bytes())?, seal));
            }
            _ => return None,
        }
        Some(())
    }
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    from_hex(hex.as_bytes())?.try_into().ok()
}

/// What `HEAD` says, without a line end.
pub(crate) fn head_text(place: &GitPlace) -> Result<String, GitPlaceError> {
    let text = read(&place.own.join("HEAD"), PATH_FILE_MAX)?.unwrap_or_default();
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The commits that are being merged into the one that `HEAD` leads to.
pub(crate) fn merging(place: &GitPlace) -> Result<Vec<GitId>, GitPlaceError> {
    let text = read(&place.own.join("MERGE_HEAD"), PATH_FILE_MAX)?.unwrap_or_default();
    Ok(text.lines().filter_map(|line| GitId::spelled(line.trim().as_bytes())).collect())
}

/// Says what is being merged. Git's next commit has them all for parents.
pub(crate) fn write_merging(place: &GitPlace, merging: &[GitId]) -> io::Result<()> {
    let files = ["MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"].map(|name| place.own.join(name));
    if merging.is_empty() {
        for file in files {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        return Ok(());
    }
    let mut text = String::new();
    for commit in merging {
        let _ = writeln!(text, "{commit}");
    }
    // Git takes it for a merge by the first of them, so that comes last.
    fs::write(&files[2], "Fuse\n")?;
    fs::write(&files[1], "no-ff")?;
    replace(&files[0], text.as_bytes())
}

/// What git began beside a merge and has not ended, in its own word.
pub(crate) fn underway(place: &GitPlace) -> Option<&'static str> {
    let table = [
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("sequencer", "cherry-pick"),
    ];
    table.iter().find(|(name, _)| place.own.join(name).exists()).map(|(_, word)| *word)
}

/// The word that a linked repository of git has for its clone.
pub(crate) fn token(place: &GitPlace) -> Result<Option<[u8; 16]>, GitPlaceError> {
    let text = read(&place.own.join(TOKEN), PATH_FILE_MAX)?;
    Ok(text.and_then(|text| bytes(text.trim())))
}

/// Gives it that word, or takes it away.
pub(crate) fn set_token(place: &GitPlace, token: Option<[u8; 16]>) -> Result<(), GitPlaceError> {
    let path = place.own.join(TOKEN);
    let written = match token {
        Some(token) => replace(&path, format!("{}\n", to_hex(&token)).as_bytes()),
        None => match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        },
    };
    written.map_err(|source| GitPlaceError::Io { path, source })
}

/// Lets git ignore what is ours.
pub(crate) fn exclude(place: &GitPlace, line: &str) -> Result<(), GitPlaceError> {
    let path = place.common.join("info").join("exclude");
    let at = |source| GitPlaceError::Io { path: path.clone(), source };
    let text = read(&path, EXCLUDE_MAX)?.unwrap_or_default();
    if text.lines().any(|own| own.trim() == line) {
        return Ok(());
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    fs::create_dir_all(place.common.join("info")).map_err(at)?;
    // It may be a link to a list that many share: what is there stays.
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(format!("{gap}{line}\n").as_bytes())).map_err(at)
}

/// More than anybody excludes.
const EXCLUDE_MAX: u64 = 16 << 20;

/// What stands in a repository of git, at a glimpse: names that are files are read, what holds many is known by its size and time.
pub(crate) fn glimpse(place: &GitPlace) -> io::Result<[u8; 32]> {
    let mut hasher = Hasher::new();
    for name in ["HEAD", "MERGE_HEAD"] {
        let text = read(&place.own.join(name), PATH_FILE_MAX).map_err(io::Error::other)?;
        hasher.update(text.unwrap_or_default().as_bytes()).update(b"\n");
    }
    hasher.update(underway(place).unwrap_or_default().as_bytes());
    for path in [stage_path(place), place.common.join("packed-refs")] {
        let (length, time) = size_and_time(&path)?;
        hasher.update(&length.to_le_bytes()).update(&time.to_le_bytes());
    }
    hasher.update(&trailer(place)?);
    glimpse_of(&place.common.join("refs"), &mut hasher)?;
    Ok(*hasher.finalize().as_bytes())
}

fn glimpse_of(folder: &Path, hasher: &mut Hasher) -> io::Result<()> {
    let found = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    let mut found = found.collect::<io::Result<Vec<_>>>()?;
    found.sort_unstable_by_key(fs::DirEntry::file_name);
    for entry in found {
        hasher.update(entry.file_name().as_encoded_bytes()).update(b"\0");
        if entry.file_type()?.is_dir() {
            glimpse_of(&entry.path(), hasher)?;
        } else {
            let text = read(&entry.path(), PATH_FILE_MAX).map_err(io::Error::other)?;
            hasher.update(text.unwrap_or_default().as_bytes());
        }
    }
    Ok(())
}

/// What a change of a file changes; nothing of one that is not there.
pub(crate) fn size_and_time(path: &Path) -> io::Result<(u64, u128)> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, 0)),
        found => found?,
    };
    let time = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((found.len(), time.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        let commit = |n| GitId::from_bytes([n; 20]);
        let seal = |n| SealId::from(ObjectId::from_bytes([n; 32]));
        let refs = [
            ("refs/heads/a b".to_owned(), (commit(1), Some(seal(2)))),
            ("refs/tags/x".to_owned(), (commit(3), None)),
        ];
        let stood = Stood {
            head: "ref: refs/heads/a b".into(),
            at: Some(commit(1)),
            merging: vec![commit(4), commit(5)],
            stage: [6; 32],
            refs: refs.into(),
        };
        let goal = Some(Stood { merging: Vec::new(), at: None, ..stood.clone() });
        let known = Some(ObjectId::from_bytes([7; 32]).into());
        Link { token: [8; 16], git: [9; 32], ours: (10, 11), known, stood, goal }
    }

    #[test]
    fn a_link_comes_back_as_it_went() {
        for link in [link(), Link { goal: None, known: None, ..link() }, Link::default()] {
            assert_eq!(Link::parse(&link.spell()), Some(link));
        }
    }

    #[test]
    fn a_link_that_was_hit_says_nothing() {
        let text = link().spell();
        for at in 0..text.len() {
            let mut hit = text.clone().into_bytes();
            hit[at] ^= 1;
            let hit = String::from_utf8(hit).unwrap();
            assert!(Link::parse(&hit).is_none_or(|read| at + 1 == text.len() && read == link()));
        }
    }
}
