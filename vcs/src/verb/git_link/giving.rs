//! Doing for git what was done here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use selkie_store::{ObjectId, SealId};

use crate::chronicle::folded;
use crate::git::export::conflicts::Conflicts;
use crate::git::export::{Exported, Laid, Reach, Source, Staged, export};
use crate::git::id::GitId;
use crate::git::import::writing::Pace;
use crate::git::linked::{Link, Stood, write_merging};
use crate::git::locks::Alone;
use crate::git::moves::{HeadMove, RefMove, perform};
use crate::git::objects::Objects;
use crate::git::pairs::Pairs;
use crate::git::place::GitPlace;
use crate::git::problem::{GitError, Problem};
use crate::git::refs::is_name;
use crate::git::stage::{Held, Row, Stage, rows_of};
use crate::graph::grow::GrowError;
use crate::graph::rows::RowSet;
use crate::repository::Repository;
use crate::verb::git_link::taking::Seen;
use crate::verb::git_link::told::{Note, Told};
use crate::workspace::Workspace;

/// What is to stand in a repository of git, not yet as commits.
struct Wanted {
    refs: BTreeMap<String, (SealId, Option<ObjectId>)>,
    /// The branch of `HEAD`, if it is on one.
    branch: Option<String>,
    bases: Vec<SealId>,
}

/// Writes into the repository of git what it has not, or has otherwise.
pub(super) fn give_out(
    workspace: &Workspace,
    place: &GitPlace,
    link: &mut Link,
    told: &mut Told,
) -> Result<(), GitError> {
    let repository = workspace.repository();
    let tree = workspace.known()?;
    let wanted = Wanted::of(repository, place, link, told)?;
    let is_fusing = wanted.bases.len() > 1;
    if link.goal.is_none() && link.known == Some(tree) && wanted.is_there(link, workspace)? {
        return Ok(());
    }
    // What is read stays while it is read.
    let _hold = repository.hold()?;
    let alone = Alone::take(place)?;
    let held = Held::take(&alone, place)?;
    let seen = Seen::of(place)?;
    if !seen.is_as(link) {
        return Err(GitError::Moved("git moved HEAD or its index".to_owned()));
    }
    let mut open = Vec::new();
    if is_fusing {
        let index = workspace.copy().index(repository.store(), tree)?;
        let conflicts = index.conflicts().into_iter();
        open = conflicts.map(|(path, id)| (path.to_string(), id)).collect();
    }
    let staged = Staged { base: wanted.bases.first().copied(), tree, open };
    let exported = exported(workspace, place, link, &wanted, staged)?;
    let goal = wanted.goal(link, &exported, place)?;
    link.goal = Some(goal.stood.clone());
    link.write(&**workspace.disk())?;
    held.write(&seen.stage, &goal.rows)?;
    if !goal.gone.is_empty() {
        perform(&alone, place, &goal.gone, None)?;
    }
    let head = (goal.stood.head != seen.head).then_some(&goal.head);
    if !goal.moves.is_empty() || head.is_some() {
        perform(&alone, place, &goal.moves, head)?;
    }
    if goal.stood.merging != seen.merging {
        write_merging(place, &goal.stood.merging).map_err(GitError::Target)?;
    }
    exported.end()?;
    told.given = goal.gone.len() + goal.moves.len();
    link.stood = goal.stood;
    link.goal = None;
    link.known = Some(tree);
    Ok(())
}

/// What is to be written.
struct Goal {
    stood: Stood,
    rows: Vec<Row>,
    /// Names that go. They go first: another may need their place.
    gone: Vec<RefMove>,
    moves: Vec<RefMove>,
    head: HeadMove,
}

/// Makes commits of all that is wanted.
fn exported(
    workspace: &Workspace,
    place: &GitPlace,
    link: &Link,
    wanted: &Wanted,
    staged: Staged,
) -> Result<Exported, GitError> {
    let repository = workspace.repository();
    let mut chronicle = repository.chronicle()?;
    let stood: Vec<SealId> = link.stood.refs.values().filter_map(|(_, seal)| *seal).collect();
    let there = chronicle.ask(|graph| {
        let mut rows = RowSet::default();
        for seal in &stood {
            graph.row(*seal)?.into_iter().for_each(|row| _ = rows.insert(row));
        }
        Ok::<_, GrowError>(graph.ancestors(&rows)?)
    })?;
    let graph = chronicle.graph();
    // What can not be asked is translated once more, to the same commit.
    let is_known =
        |seal| graph.row(seal).is_ok_and(|row| row.is_some_and(|row| there.contains(row)));
    let tips = wanted.refs.values().map(|(seal, _)| *seal).chain(wanted.bases.iter().copied());
    let words = wanted.refs.values().filter_map(|(seal, words)| Some((*seal, (*words)?)));
    let source = Source {
        store: repository.store(),
        disk: &**workspace.disk(),
        pace: Pace::USUAL,
        conflicts: Conflicts::Texts,
        reach: Reach::Known(&is_known),
        tips: tips.collect(),
        words: words.collect(),
        staged: Some(staged),
    };
    export(&source, place, |_| ControlFlow::Continue(()))
}

impl Wanted {
    /// What the names here stand at, by the names that they have there.
    fn of(
        repository: &Repository,
        place: &GitPlace,
        link: &Link,
        told: &mut Told,
    ) -> Result<Self, GitError> {
        let (shared, desk) = (repository.shared(), repository.desk());
        let mut refs = BTreeMap::new();
        let elsewhere: BTreeSet<String> = place.elsewhere()?.into_iter().collect();
        let timelines = shared.timelines().map(|(name, timeline)| (name, timeline.heads()));
        let private = desk.private.iter();
        let private = private.map(|(name, head)| (name.as_str(), BTreeSet::from([*head])));
        // One of our own goes before one of others that is called the same.
        for (name, heads) in timelines.chain(private) {
            let called = name_of(name);
            let stood = link.stood.refs.get(&called).and_then(|(_, seal)| *seal);
            let here = desk.bases.first().filter(|_| desk.timeline.as_deref() == Some(name));
            let heads = match here {
                // Whatever others moved on, the files are those of this seal, and git compares them with its branch.
                Some(base) => BTreeSet::from([*base]),
                None => folded(heads, || repository.chronicle())?,
            };
            let seal = stood.filter(|stood| heads.contains(stood)).or(heads.first().copied());
            let Some(seal) = seal else { continue };
            refs.insert(called, (seal, None));
        }
        for (name, seals) in shared.tags() {
            let called = format!("refs/tags/{name}");
            let stood = link.stood.refs.get(&called).and_then(|(_, seal)| *seal);
            let seal = stood.filter(|stood| seals.contains(stood)).or(seals.first().copied());
            refs.extend(seal.map(|seal| (called, (seal, shared.words(name)))));
        }
        let here = desk.timeline.as_deref().map(name_of);
        let branch = here.filter(|name| name.starts_with("refs/heads/") && is_name(name));
        let branch = branch.filter(|name| !elsewhere.contains(name));
        let mut wanted = Self { refs, branch, bases: desk.bases.clone() };
        wanted.leave_out(link, &elsewhere, told);
        Ok(wanted)
    }

    /// Leaves out what git can not have, and what is not ours to move.
    fn leave_out(&mut self, link: &Link, elsewhere: &BTreeSet<String>, told: &mut Told) {
        let all: BTreeSet<String> = self.refs.keys().cloned().collect();
        // A name of git's that has another below it is taken, and the newcomer yields.
        let is_taken = |name: &str| {
            let mut above = name.match_indices('/').map(|(at, _)| &name[..at]);
            let below = format!("{name}/");
            let mut inner =
                all.range(below.clone()..).take_while(|other| other.starts_with(&below));
            above.any(|above| all.contains(above))
                || inner.any(|other| link.stood.refs.contains_key(other))
        };
        self.refs.retain(|name, (seal, _)| {
            let stood = link.stood.refs.get(name);
            // Where other repositories stand is told by git alone; what can not be kept is left alone.
            if name.starts_with("refs/remotes/") || stood.is_some_and(|(_, seal)| seal.is_none()) {
                return false;
            }
            if let Some((_, Some(own))) = stood {
                if elsewhere.contains(name) && own != seal {
                    told.notes.push(Note::Elsewhere(name.clone()));
                    *seal = *own;
                }
                return true;
            }
            let is_named = is_name(name) && !is_taken(name);
            if !is_named {
                told.notes.push(Note::Unnamed(name.clone()));
            }
            is_named
        });
    }

    /// Whether all of it stands there, with what is checked out beside it.
    fn is_there(&self, link: &Link, workspace: &Workspace) -> Result<bool, GitError> {
        let stood = &link.stood;
        let is_same = |(name, (seal, _)): (&String, &(SealId, Option<ObjectId>))| match stood
            .refs
            .get(name)
        {
            Some((_, own)) => *own == Some(*seal),
            None => false,
        };
        if !self.refs.iter().all(is_same) || self.gone(link).next().is_some() {
            return Ok(false);
        }
        let pairs = Pairs::read(&**workspace.disk()).map_err(GitError::Pairs)?;
        let commits: Option<Vec<GitId>> =
            self.bases.iter().map(|seal| pairs.commit(*seal)).collect();
        let Some(commits) = commits else { return Ok(false) };
        let (at, merging) = (commits.first().copied(), commits.get(1..).unwrap_or_default());
        let head = self.head(at);
        Ok(stood.at == at && stood.merging == merging && head.is_some_and(|it| it.1 == stood.head))
    }

    /// What stands there and was removed here.
    fn gone<'a>(&'a self, link: &'a Link) -> impl Iterator<Item = &'a String> {
        let stood = link.stood.refs.iter();
        let stood = stood.filter(|(name, (_, seal))| {
            seal.is_some() && !name.starts_with("refs/remotes/") && !self.refs.contains_key(*name)
        });
        stood.map(|(name, _)| name)
    }

    fn head(&self, at: Option<GitId>) -> Option<(HeadMove, String)> {
        match &self.branch {
            Some(name) => Some((HeadMove::Branch(name.clone()), format!("ref: {name}"))),
            None => at.map(|at| (HeadMove::At(at), at.to_string())),
        }
    }

    /// What is to stand there, as commits.
    fn goal(&self, link: &Link, exported: &Exported, place: &GitPlace) -> Result<Goal, GitError> {
        let commit = |seal: &SealId| exported.commits[seal];
        let at = self.bases.first().map(commit);
        let merging = self.bases.iter().skip(1).map(commit).collect();
        let mut refs = link.stood.refs.clone();
        let gone: Vec<(String, GitId)> = self
            .gone(link)
            .filter_map(|name| Some((name.clone(), link.stood.refs.get(name)?.0)))
            .collect();
        let gone = gone.into_iter().map(|(name, before)| {
            refs.remove(&name);
            RefMove { name, before: Some(before), after: None }
        });
        let gone = gone.collect();
        let mut moves = Vec::new();
        for (name, (seal, words)) in &self.refs {
            let tag = words.and_then(|words| exported.tags.get(&(*seal, words)));
            let after = *tag.unwrap_or(&exported.commits[seal]);
            let before = refs.insert(name.clone(), (after, Some(*seal))).map(|(before, _)| before);
            if before != Some(after) {
                moves.push(RefMove { name: name.clone(), before, after: Some(after) });
            }
        }
        let unborn = || {
            let branch = "refs/heads/main".to_owned();
            (HeadMove::Branch(branch.clone()), format!("ref: {branch}"))
        };
        let (head, text) = self.head(at).unwrap_or_else(unborn);
        let laid = exported.laid.as_ref().expect("an index was asked for");
        let rows = rows(place, laid)?;
        let stood = Stood { head: text, at, merging, stage: Stage::mark(&rows), refs };
        Ok(Goal { stood, rows, gone, moves, head })
    }
}

/// What the index is to hold.
fn rows(place: &GitPlace, laid: &Laid) -> Result<Vec<Row>, GitError> {
    let objects = Objects::open(place)?;
    let unkept = |why| GitError::Unkept(vec![Problem { place: laid.tree.to_string(), why }]);
    let mut rows = rows_of(&objects, laid.tree).map_err(unkept)?;
    if laid.open.is_empty() {
        return Ok(rows);
    }
    let open: BTreeMap<&[u8], _> =
        laid.open.iter().map(|(path, versions)| (path.as_bytes(), versions)).collect();
    rows.retain(|row| !open.contains_key(&*row.path));
    for (path, versions) in open {
        for (stage, version) in (1..).zip(versions) {
            rows.extend(version.map(|(form, id)| Row { path: path.to_vec(), stage, form, id }));
        }
    }
    rows.sort_unstable();
    Ok(rows)
}

/// What a timeline is called there.
fn name_of(timeline: &str) -> String {
    let is_whole = timeline.starts_with("refs/");
    if is_whole { timeline.to_owned() } else { format!("refs/heads/{timeline}") }
}
