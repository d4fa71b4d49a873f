//! History that goes to a git repository.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use selkie_store::{ObjectId, Progress, SealId};

pub use crate::git::export::conflicts::Conflicts;
use crate::git::export::{Exported, Reach, Source, export};
use crate::git::id::GitId;
use crate::git::import::writing::Pace;
use crate::git::locks::Alone;
use crate::git::moves::{RefMove, perform};
use crate::git::place::GitPlace;
use crate::git::problem::GitError;
use crate::graph::grow::GrowError;
use crate::heads::fold_heads;
use crate::repository::Repository;
use crate::verb::bundling::{Names, named};
use crate::verb::git_import::from_bundle;
use crate::workspace::Workspace;

/// What is to be exported, and where to.
#[derive(Clone, Debug)]
pub struct GitExport {
    /// The repository.
    pub place: GitPlace,
    /// What of ours.
    pub names: Names,
    /// What becomes of seals with conflicts in them.
    pub conflicts: Conflicts,
    /// What becomes of names that would lose commits.
    pub losses: Losses,
}

/// What becomes of names there that would lose what only they lead to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Losses {
    /// Nothing is moved.
    #[default]
    Refused,
    /// They are moved.
    Accepted,
}

/// What an export did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Given {
    /// Refs that are new.
    pub new: Vec<String>,
    /// Refs that went on, or were moved.
    pub moved: Vec<String>,
    /// Refs that are as they were.
    pub same: usize,
    /// Commits that were written.
    pub commits: usize,
}

/// A name there, and the seal that it is to stand at.
struct Wanted {
    name: String,
    seal: SealId,
    words: Option<ObjectId>,
}

/// Gives timelines and tags to a git repository, as branches and tags. Seals that were commits become these commits again; the
/// commits of others follow from the seals alone. Names there move all together, or none does.
///
/// # Errors
///
/// See [`GitError`].
pub fn give(
    workspace: &Workspace,
    wanted: &GitExport,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Given, GitError> {
    let repository = workspace.repository();
    // What is read stays while it is read.
    let _hold = repository.hold()?;
    let names = names(repository, &wanted.names)?;
    let source = Source {
        store: repository.store(),
        disk: &**workspace.disk(),
        pace: Pace::USUAL,
        conflicts: wanted.conflicts,
        reach: Reach::Looked,
        tips: names.iter().map(|name| name.seal).collect(),
        words: names.iter().filter_map(|name| Some((name.seal, name.words?))).collect(),
        staged: None,
    };
    let exported = export(&source, &wanted.place, watch)?;
    let mut given = Given { commits: exported.count, ..Given::default() };
    let moves = moves(repository, wanted, &names, &exported, &mut given)?;
    let alone = Alone::take(&wanted.place)?;
    // One that was killed may have moved a name, and not have let go of it.
    alone.sweep(names.iter().map(|name| name.name.as_str()))?;
    if !moves.is_empty() {
        perform(&alone, &wanted.place, &moves, None)?;
    }
    exported.end()?;
    Ok(given)
}

/// What is exported, by the names that it has there.
fn names(repository: &Repository, names: &Names) -> Result<Vec<Wanted>, GitError> {
    let contents = named(repository, names).map_err(from_bundle)?;
    let mut chronicle = repository.chronicle()?;
    let mut wanted = Vec::new();
    for (name, heads) in contents.timelines {
        let heads = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &heads)?))?;
        let mut heads = heads.into_iter();
        let (Some(seal), None) = (heads.next(), heads.next()) else {
            return Err(GitError::Diverged(name.to_string()));
        };
        // What was no branch there kept its whole name.
        let is_whole = name.as_str().starts_with("refs/");
        let name = if is_whole { name.to_string() } else { format!("refs/heads/{name}") };
        wanted.push(Wanted { name, seal, words: None });
    }
    for (name, seals) in contents.tags {
        let mut seals = seals.into_iter();
        let (Some(seal), None) = (seals.next(), seals.next()) else {
            return Err(GitError::Diverged(name.to_string()));
        };
        let words = repository.shared().words(name.as_str());
        wanted.push(Wanted { name: format!("refs/tags/{name}"), seal, words });
    }
    Ok(wanted)
}

/// Decides which names move.
fn moves(
    repository: &Repository,
    wanted: &GitExport,
    names: &[Wanted],
    exported: &Exported,
    given: &mut Given,
) -> Result<Vec<RefMove>, GitError> {
    let (mut moves, mut losing) = (BTreeMap::new(), Vec::new());
    for Wanted { name, seal, words } in names {
        let tag = words.and_then(|words| exported.tags.get(&(*seal, words)));
        let after = *tag.unwrap_or(&exported.commits[seal]);
        let before = exported.refs.get(name).copied();
        match before {
            Some(before) if before == after => {
                given.same += 1;
                continue;
            }
            Some(before) => {
                let is_tag = name.starts_with("refs/tags/");
                if is_tag || !leads(repository, exported, before, *seal)? {
                    losing.push(name.clone());
                }
                given.moved.push(name.clone());
            }
            None => given.new.push(name.clone()),
        }
        let after = Some(after);
        moves.insert(name.clone(), RefMove { name: name.clone(), before, after });
    }
    if !losing.is_empty() && wanted.losses == Losses::Refused {
        return Err(GitError::Losing(losing));
    }
    let heads = wanted.place.heads()?;
    // A branch that is not there yet has no files that would lag behind.
    let is_out = |name: &String| moves.get(name).is_some_and(|told| told.before.is_some());
    let mut out: Vec<_> = heads.into_iter().filter(is_out).collect();
    out.sort_unstable();
    out.dedup();
    if out.is_empty() { Ok(moves.into_values().collect()) } else { Err(GitError::CheckedOut(out)) }
}

/// Whether a seal came from the one that a commit is.
fn leads(
    repository: &Repository,
    exported: &Exported,
    commit: GitId,
    seal: SealId,
) -> Result<bool, GitError> {
    let Some(before) = exported.pairs.seal(commit) else { return Ok(false) };
    let found =
        repository.chronicle()?.ask(|graph| match (graph.row(before)?, graph.row(seal)?) {
            (Some(before), Some(seal)) => Ok::<_, GrowError>(graph.is_ancestor(before, seal)?),
            _ => Ok(false),
        })?;
    Ok(found)
}
