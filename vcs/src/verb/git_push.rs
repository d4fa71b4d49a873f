//! What goes to another repository of git by way of the linked one.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use selkie_store::{Node, RepoPath, Seal, SealId, Store, TreeId};

use crate::git::pairs::Pairs;
use crate::git::problem::GitError;
use crate::git::twin::COMMIT;
use crate::graph::grow::GrowError;
use crate::graph::rows::RowSet;
use crate::graph::trees::TreeReader;
use crate::workspace::Workspace;

/// A seal that would go, and the trees in which something may be new: its own, and that of the seal it first came from.
struct Going {
    seal: SealId,
    tree: TreeId,
    before: Option<TreeId>,
}

/// The first seal with a conflict in it that would go to this repository with these timelines and tags, and where it is: git has it as text
/// with markers. What that repository has already, as far as it was fetched, is not looked at.
///
/// # Errors
///
/// See [`GitError`].
pub fn conflict_toward(
    workspace: &Workspace,
    remote: &str,
    names: &[String],
) -> Result<Option<(SealId, String)>, GitError> {
    let repository = workspace.repository();
    let going = going(workspace, remote, names)?;
    if going.is_empty() {
        return Ok(None);
    }
    let pairs = Pairs::read(&**workspace.disk()).map_err(GitError::Pairs)?;
    let mut trees = TreeReader::new(repository.store());
    for Going { seal, tree, before } in going {
        // What was committed with git has no conflict of its own.
        if before == Some(tree) || is_gits(repository.store(), &pairs, seal)? {
            continue;
        }
        if let Some(path) = new_conflict(&mut trees, before, tree)? {
            return Ok(Some((seal, path)));
        }
    }
    Ok(None)
}

/// What leads to these names and not to what was fetched, parents before their children.
fn going(workspace: &Workspace, remote: &str, names: &[String]) -> Result<Vec<Going>, GitError> {
    let repository = workspace.repository();
    let (shared, desk) = (repository.shared(), repository.desk());
    let folder = format!("refs/remotes/{remote}/");
    let there = shared.timelines().filter(|(name, _)| name.starts_with(&folder));
    let there: Vec<SealId> = there.flat_map(|(_, timeline)| timeline.heads()).collect();
    let mut tips = BTreeSet::new();
    for name in names {
        // The branch of a timeline that is stood on is where the files are.
        if desk.timeline.as_deref() == Some(name) {
            tips.extend(desk.bases.first());
        } else if let Some(timeline) = shared.timeline(name) {
            tips.extend(timeline.heads());
        } else {
            tips.extend(shared.tag(name).unwrap_or_default());
        }
    }
    let mut chronicle = repository.chronicle()?;
    let going = chronicle.ask(|graph| {
        let rows = |seals: &mut dyn Iterator<Item = &SealId>| {
            let mut rows = RowSet::default();
            for seal in seals {
                graph.row(*seal)?.into_iter().for_each(|row| _ = rows.insert(row));
            }
            graph.ancestors(&rows)
        };
        let (all, there) = (rows(&mut tips.iter())?, rows(&mut there.iter())?);
        let mut going = Vec::new();
        for row in all.iter().filter(|row| !there.contains(*row)) {
            // What is not here can not go.
            let Some(tree) = graph.tree(row)? else { continue };
            let before = match graph.parents(row)?.next() {
                Some(parent) => graph.tree(parent)?,
                None => None,
            };
            going.push(Going { seal: graph.id(row)?, tree, before });
        }
        going.reverse();
        Ok::<_, GrowError>(going)
    })?;
    Ok(going)
}

/// Whether git made it: it has the commit that it says it was.
fn is_gits(store: &Store, pairs: &Pairs, id: SealId) -> Result<bool, GitError> {
    let Some(commit) = pairs.commit(id) else { return Ok(false) };
    let seal: Seal = store.load(id)?;
    Ok(seal.labels.get(COMMIT).is_some_and(|label| label == commit.as_bytes()))
}

/// A path that is in conflict in the tree and was not so in the one before.
fn new_conflict(
    trees: &mut TreeReader<'_>,
    before: Option<TreeId>,
    after: TreeId,
) -> Result<Option<String>, GitError> {
    let mut paths = Vec::new();
    let _to_the_end = trees.differences([before, Some(after), None], |differing| {
        if differing.is_file() {
            paths.push(differing.path.clone());
        }
        ControlFlow::Continue(())
    })?;
    for path in paths {
        let Ok(place) = RepoPath::new(&path) else { continue };
        if let Some(Node::Conflict(_)) = trees.node(after, &place)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
