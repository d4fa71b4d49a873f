//! Bringing the history of a git repository here.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::thread;

use selkie_store::{Batch, Disk, ObjectId, Progress, Store};

use crate::bundle::contents::Contents;
use crate::git::id::{GitId, GitKind};
use crate::git::import::order::order;
use crate::git::import::seals::{Ended, Found, Seals};
use crate::git::import::writing::{Desk, Pace, store};
use crate::git::objects::Objects;
use crate::git::pairs::{Pairs, put_together};
use crate::git::place::GitPlace;
use crate::git::problem::{GitError, Problem, Unkept};
use crate::git::refs::list;
use crate::git::tag::Stand;
use crate::rev::name::{TagName, TimelineName};

mod order;
mod seals;
#[cfg(test)]
mod tests;
mod trees;
pub(crate) mod writing;

/// Which names of a git repository are brought.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum GitRefs {
    /// Branches, tags and notes.
    #[default]
    Usual,
    /// Whatever else has a name as well, such as what is known of other repositories.
    All,
}

/// What becomes of an import that can not keep all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Incomplete {
    /// Nothing is brought.
    #[default]
    Refused,
    /// Names that lead to what can not be kept are left out.
    LeftOut,
}

/// What is to be brought, and from where.
#[derive(Clone, Debug)]
pub struct GitImport {
    /// The repository.
    pub place: GitPlace,
    /// Which of its names.
    pub refs: GitRefs,
    /// What becomes of what can not be kept.
    pub incomplete: Incomplete,
}

/// What is here now, and waits for its names.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub(crate) contents: Contents,
    /// The words of tags.
    pub(crate) words: BTreeMap<TagName, ObjectId>,
    /// What was left out.
    pub(crate) problems: Vec<Problem>,
    /// Names that nobody asked for.
    pub(crate) passed_over: usize,
    /// Commits that were translated now.
    pub(crate) commits: usize,
}

/// Where what is brought goes.
pub(crate) struct Home<'a, B> {
    pub(crate) store: &'a Store,
    pub(crate) disk: &'a dyn Disk,
    pub(crate) batch: B,
    pub(crate) pace: Pace,
}

/// What a ref is called here.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Called {
    Timeline(TimelineName),
    Tag(TagName),
}

/// Brings what is wanted. It is reached by nothing until somebody tells of it.
pub(crate) fn import<'b, B: Fn() -> Batch<'b> + Send>(
    home: Home<'_, B>,
    wanted: &GitImport,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Imported, GitError> {
    let objects = Objects::open(&wanted.place)?;
    let mut imported = Imported::default();
    let mut stands = stands(&objects, wanted, &mut imported)?;
    if wanted.incomplete == Incomplete::Refused && !imported.problems.is_empty() {
        // What is known before the long part is told before it.
        return Err(GitError::Unkept(imported.problems));
    }
    let tips = stands.values().map(|stand| stand.commit).collect();
    let named = |seals: &Seals<'_>| named(&mut imported, &mut stands, seals);
    let (found, commits) = translate(home, &objects, tips, &mut watch, named)?;
    imported.commits = commits;
    imported.problems.extend(found.problems);
    if wanted.incomplete == Incomplete::Refused && !imported.problems.is_empty() {
        return Err(GitError::Unkept(imported.problems));
    }
    if imported.contents.tips().is_empty() { Err(GitError::Nothing) } else { Ok(imported) }
}

/// Makes seals of what leads to these commits and is not here. Behind the last of them `then` may store what belongs to it. Returns
/// how many commits were translated, too.
fn translate<'b, B: Fn() -> Batch<'b> + Send>(
    home: Home<'_, B>,
    objects: &Objects,
    tips: Vec<GitId>,
    watch: &mut impl FnMut(Progress) -> ControlFlow<()>,
    then: impl FnOnce(&Seals<'_>) -> Result<(), Ended>,
) -> Result<(Found, usize), GitError> {
    let mut pairs = Pairs::read(home.disk).map_err(GitError::Pairs)?;
    // What is here has all that it came from here with it.
    let is_here =
        |id| pairs.seal(id).is_some_and(|seal| home.store.has(&seal.object()).is_ok_and(|has| has));
    let ordered = order(objects, tips.into_iter(), is_here);
    ordered.commits.iter().for_each(|id| pairs.forget(*id));
    let (desk, jobs) = Desk::new();
    let Home { store: ours, disk, batch, pace } = home;
    let found = thread::scope(|scope| {
        let stored = scope.spawn(move || store(batch, disk, pace, &jobs));
        let mut seals = Seals::new(objects, ours, desk, pairs);
        let ended = seals.translate(&ordered, watch);
        let then = ended.and_then(|()| then(&seals));
        let found = seals.found;
        // Whoever stores ends when nobody can give any more.
        drop(seals.trees);
        let stored = stored.join().expect("whoever stores does not panic");
        match (stored, then) {
            (Err(error), _) => Err(error),
            (Ok(()), Err(Ended::Stopped)) => Err(GitError::Stopped),
            (Ok(()), Err(Ended::Gone)) => unreachable!("who stored to the end did not give up"),
            (Ok(()), Ok(())) => Ok(found),
        }
    })?;
    put_together(disk).map_err(GitError::Pairs)?;
    let count = ordered.commits.len() - found.tainted.len();
    Ok((found, count))
}

/// What became of some commits.
pub(crate) struct Brought {
    /// The seals of commits, as far as they are known.
    pub(crate) pairs: Pairs,
    /// What can not be kept.
    pub(crate) problems: Vec<Problem>,
    /// How many were translated.
    pub(crate) count: usize,
}

/// Brings what leads to these commits, whatever names they have. Of those that can not be kept there is no seal.
pub(crate) fn bring<'b, B: Fn() -> Batch<'b> + Send>(
    home: Home<'_, B>,
    objects: &Objects,
    tips: Vec<GitId>,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Brought, GitError> {
    let (found, count) = translate(home, objects, tips, &mut watch, |_| Ok(()))?;
    Ok(Brought { pairs: found.pairs, problems: found.problems, count })
}

/// Where the names that are wanted stand, and what they are called here.
fn stands(
    objects: &Objects,
    wanted: &GitImport,
    imported: &mut Imported,
) -> Result<BTreeMap<Called, Stand>, GitError> {
    let mut stands = BTreeMap::new();
    for (name, id) in list(&wanted.place)? {
        if !is_wanted(&name, wanted.refs) {
            imported.passed_over += 1;
            continue;
        }
        let found = called(&name).and_then(|called| {
            let stand = Stand::of(objects, id)?;
            // Only tags have a place for words.
            match (&called, &stand.words) {
                (Called::Timeline(_), Some(_)) => Err(Unkept::Kind(id, GitKind::Commit)),
                _ => Ok((called, stand)),
            }
        });
        match found {
            Ok((called, stand)) => _ = stands.insert(called, stand),
            Err(why) => imported.problems.push(Problem { place: name, why }),
        }
    }
    Ok(stands)
}

pub(crate) fn is_wanted(name: &str, refs: GitRefs) -> bool {
    let usual = ["refs/heads/", "refs/tags/", "refs/notes/"];
    refs == GitRefs::All || usual.iter().any(|folder| name.starts_with(folder))
}

/// A branch or a tag has the name behind its folder, any other ref its whole name.
pub(crate) fn called(name: &str) -> Result<Called, Unkept> {
    if let Some(tag) = name.strip_prefix("refs/tags/") {
        return Ok(Called::Tag(TagName::new(tag)?));
    }
    match name.strip_prefix("refs/heads/") {
        Some(branch) if branch.starts_with("refs/") => Err(Unkept::Branch),
        Some(branch) => Ok(Called::Timeline(TimelineName::new(branch)?)),
        None => Ok(Called::Timeline(TimelineName::new(name)?)),
    }
}

/// Gives what came its names. Those that lead to what can not be kept are left out.
fn named(
    imported: &mut Imported,
    stands: &mut BTreeMap<Called, Stand>,
    seals: &Seals<'_>,
) -> Result<(), Ended> {
    for (called, Stand { commit, words }) in std::mem::take(stands) {
        let Some(seal) = seals.found.pairs.seal(commit) else {
            let place = match called {
                Called::Timeline(name) => format!("branch '{name}'"),
                Called::Tag(name) => format!("tag '{name}'"),
            };
            imported.problems.push(Problem { place, why: Unkept::Leads });
            continue;
        };
        match called {
            Called::Timeline(name) => {
                imported.contents.timelines.insert(name, [seal].into());
            }
            Called::Tag(name) => {
                if let Some(words) = words {
                    let words = seals.words(words).map_err(|_gone| Ended::Gone)?;
                    imported.words.insert(name.clone(), words);
                }
                imported.contents.tags.insert(name, [seal].into());
            }
        }
    }
    Ok(())
}
