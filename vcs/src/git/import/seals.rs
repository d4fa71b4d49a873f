//! Commits of git, made seals.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use selkie_store::{Canonical, Kind, ObjectId, Progress, Seal, SealId, Store};

use crate::git::commit::Commit;
use crate::git::id::{GitId, GitKind};
use crate::git::import::order::Ordered;
use crate::git::import::trees::{Beside, Halt, Trees};
use crate::git::import::writing::{Desk, Gone, Job};
use crate::git::objects::Objects;
use crate::git::pairs::Pairs;
use crate::git::problem::{Problem, Unkept};
use crate::git::twin::{Arrived, TREES, seal_of};

/// Translates commits, one after the other.
pub(super) struct Seals<'a> {
    objects: &'a Objects,
    pub(super) trees: Trees<'a>,
    // The trees of commits that were translated.
    tops: HashMap<GitId, GitId>,
    pub(super) found: Found,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) pairs: Pairs,
    /// Commits that can not be kept, themselves or what they came from.
    pub(super) tainted: HashSet<GitId>,
    pub(super) problems: Vec<Problem>,
}

/// Why it ended too early.
pub(super) enum Ended {
    /// Whoever watched wanted no more.
    Stopped,
    /// Whoever stores gave up.
    Gone,
}

/// So many problems are told of; whoever has more has the same ones again and again.
const PROBLEMS_MAX: usize = 100;

/// A commit may be in its seal three times: as text, as bytes, and in what git has beside.
const COMMIT_MAX: usize = 16 << 20;

/// A seal has a byte for the number of its parents.
const PARENTS_MAX: usize = u8::MAX as usize;

impl<'a> Seals<'a> {
    pub(super) fn new(objects: &'a Objects, store: &'a Store, desk: Desk, pairs: Pairs) -> Self {
        let trees = Trees::new(objects, store, desk);
        Self { objects, trees, tops: HashMap::new(), found: Found { pairs, ..Found::default() } }
    }

    /// Translates all of these.
    pub(super) fn translate(
        &mut self,
        ordered: &Ordered,
        watch: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(), Ended> {
        let (total, mut buffer) = (ordered.commits.len(), Vec::new());
        for (done, id) in ordered.commits.iter().enumerate() {
            if watch(Progress { done, total }).is_break() {
                return Err(Ended::Stopped);
            }
            let made = match ordered.broken.get(id) {
                Some(why) => Err(Halt::Unkept(String::new(), why.clone())),
                None => self.commit(*id, &mut buffer),
            };
            match made {
                Ok(()) => {}
                Err(Halt::Gone) => return Err(Ended::Gone),
                Err(Halt::Unkept(path, why)) => self.taint(*id, &path, why),
            }
            if self.found.problems.len() == PROBLEMS_MAX {
                // What was not looked at can not be kept as far as anybody knows.
                self.found.tainted.extend(&ordered.commits[done..]);
                break;
            }
        }
        Ok(())
    }

    /// Stores the words of a tag.
    pub(super) fn words(&self, bytes: Vec<u8>) -> Result<ObjectId, Gone> {
        let id = ObjectId::of(Kind::Blob, &bytes);
        self.trees.desk.give(Job::Tag { bytes })?;
        Ok(id)
    }

    fn taint(&mut self, id: GitId, path: &str, why: Unkept) {
        self.found.tainted.insert(id);
        // Where it begins is told, and not each commit that has it after.
        if why != Unkept::Leads {
            let place = if path.is_empty() {
                format!("commit {id}")
            } else {
                format!("commit {id}, '{path}'")
            };
            self.found.problems.push(Problem { place, why });
        }
    }

    fn commit(&mut self, id: GitId, buffer: &mut Vec<u8>) -> Result<(), Halt> {
        let unkept = |why| Halt::Unkept(String::new(), why);
        let bytes = self.objects.read(id, GitKind::Commit, buffer).map_err(unkept)?;
        let commit = Commit::parse(bytes);
        let commit = commit.ok_or_else(|| unkept(Unkept::Senseless(GitKind::Commit, id)))?;
        if bytes.len() > COMMIT_MAX {
            return Err(unkept(Unkept::Large(GitKind::Commit, id)));
        }
        if commit.parents.len() > PARENTS_MAX {
            return Err(unkept(Unkept::Parents(commit.parents.len())));
        }
        let seal = |parent: &GitId| self.found.pairs.seal(*parent);
        let parents: Option<Vec<SealId>> = commit.parents.iter().map(seal).collect();
        let parents = parents.ok_or_else(|| unkept(Unkept::Leads))?;
        let beside = self.beside(&commit, &parents);
        let (tree, odd) = self.trees.top(commit.tree, beside)?;
        self.tops.insert(id, commit.tree);
        let seal = seal_of(&Arrived { id, commit, tree, parents, odd });
        let spelled = seal.encode();
        let bytes = spelled.map_err(|_large| unkept(Unkept::Large(GitKind::Commit, id)))?;
        let seal = SealId::from(ObjectId::of(Kind::Seal, &bytes));
        self.trees.desk.give(Job::Seal { bytes, seal, commit: id })?;
        self.found.pairs.note(id, seal);
        Ok(())
    }

    /// The tree of the first parent, beside which only what changed has to be looked at.
    fn beside(&self, commit: &Commit<'_>, parents: &[SealId]) -> Option<Beside> {
        let (parent, seal) = (commit.parents.first()?, parents.first()?);
        if let Some(git) = self.tops.get(parent) {
            return Some(Beside { git: *git, tree: self.trees.remembered(*git) });
        }
        // It was here before. What can not be read is only a hint less.
        let mut buffer = Vec::new();
        let bytes = self.objects.read(*parent, GitKind::Commit, &mut buffer).ok()?;
        let git = Commit::parse(bytes)?.tree;
        let seal: Seal = self.trees.store.load(*seal).ok()?;
        let tree = (!seal.labels.contains_key(TREES)).then_some(seal.tree);
        Some(Beside { git, tree })
    }
}
