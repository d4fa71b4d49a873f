//! What the other repository has already.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::git::commit::Commit;
use crate::git::durable::sync_folder;
use crate::git::id::{GitId, GitKind};
use crate::git::objects::Objects;
use crate::git::place::GitPlace;
use crate::git::tag::Stand;

/// Commits that are there with all that they lead to.
#[derive(Debug)]
pub(super) struct There {
    note: PathBuf,
    packs: PathBuf,
    commits: HashSet<GitId>,
}

/// What an export that was interrupted had written, beside git's own files: a line for each pack with the number of its commits,
/// and a line for each of these.
const NOTE: &str = "selkie-export";

impl There {
    /// What refs lead to, and what an export wrote that did not come to its end.
    pub(super) fn look(
        place: &GitPlace,
        objects: &Objects,
        tips: impl Iterator<Item = GitId>,
    ) -> io::Result<Self> {
        let packs = place.common.join("objects/pack");
        let mut there = Self { note: place.common.join(NOTE), packs, commits: HashSet::new() };
        there.walk(objects, tips);
        match fs::read_to_string(&there.note) {
            Ok(note) => there.take_up(&note),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Somebody else's file, or a damaged one: all is written again.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
            Err(error) => return Err(error),
        }
        Ok(there)
    }

    pub(super) fn has(&self, commit: GitId) -> bool {
        self.commits.contains(&commit)
    }

    /// Writes down that a pack is durable, with these commits.
    pub(super) fn note(&self, pack: &str, commits: &[GitId]) -> io::Result<()> {
        let mut text = format!("{pack} {}\n", commits.len());
        text.extend(commits.iter().map(|commit| format!("{commit}\n")));
        let mut file = OpenOptions::new().create(true).append(true).open(&self.note)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// All of it has a name now.
    pub(super) fn forget(&self) -> io::Result<()> {
        match fs::remove_file(&self.note) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| sync_folder(&self.packs)),
        }
    }

    fn walk(&mut self, objects: &Objects, tips: impl Iterator<Item = GitId>) {
        // A tag with words is an object of its own before its commit.
        let commits = tips.filter_map(|tip| Some(Stand::of(objects, tip).ok()?.commit));
        let (mut open, mut buffer): (Vec<_>, _) = (commits.collect(), Vec::new());
        while let Some(id) = open.pop() {
            if self.commits.contains(&id) {
                continue;
            }
            // What is not there, or is no commit, leads nowhere.
            let Ok(bytes) = objects.read(id, GitKind::Commit, &mut buffer) else { continue };
            if let Some(commit) = Commit::parse(bytes) {
                self.commits.insert(id);
                open.extend(commit.parents);
            }
        }
    }

    fn take_up(&mut self, note: &str) {
        let mut lines = note.lines();
        while let Some((pack, count)) = lines.next().and_then(|line| line.split_once(' ')) {
            let Ok(count) = count.parse() else { return };
            let commits: Vec<_> = lines.by_ref().take(count).collect();
            let commits = commits.iter().map(|line| GitId::spelled(line.as_bytes()));
            let Some(commits) = commits.collect::<Option<Vec<_>>>() else { return };
            let is_there = ["pack", "idx"]
                .iter()
                .all(|end| self.packs.join(format!("{pack}.{end}")).is_file());
            if commits.len() == count && is_there {
                self.commits.extend(commits);
            }
        }
    }
}
