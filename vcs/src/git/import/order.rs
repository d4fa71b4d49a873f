//! The commits that are to be translated, each behind those that it came from.

use std::collections::{HashMap, HashSet};

use crate::git::commit::Commit;
use crate::git::id::{GitId, GitKind};
use crate::git::objects::Objects;
use crate::git::problem::Unkept;

/// Commits in the order in which they can be translated, and those that can not be read.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    pub(super) commits: Vec<GitId>,
    pub(super) broken: HashMap<GitId, Unkept>,
}

/// Everything that leads to `tips`, as far as it is not known.
pub(super) fn order(
    objects: &Objects,
    tips: impl Iterator<Item = GitId>,
    mut is_known: impl FnMut(GitId) -> bool,
) -> Ordered {
    let (mut ordered, mut seen) = (Ordered::default(), HashSet::new());
    let mut buffer = Vec::new();
    // Each with its parents that were not looked at yet, the last of them first.
    let mut open: Vec<(GitId, Vec<GitId>)> = Vec::new();
    for tip in tips {
        let mut next = Some(tip);
        loop {
            if let Some(id) = next.take().filter(|id| seen.insert(*id) && !is_known(*id)) {
                let parents = parents(objects, id, &mut buffer);
                let parents = parents.unwrap_or_else(|why| {
                    ordered.broken.insert(id, why);
                    Vec::new()
                });
                open.push((id, parents.into_iter().rev().collect()));
            }
            let Some((id, parents)) = open.last_mut() else { break };
            next = parents.pop();
            if next.is_none() {
                ordered.commits.push(*id);
                open.pop();
            }
        }
    }
    ordered
}

fn parents(objects: &Objects, id: GitId, buffer: &mut Vec<u8>) -> Result<Vec<GitId>, Unkept> {
    let bytes = objects.read(id, GitKind::Commit, buffer)?;
    let commit = Commit::parse(bytes).ok_or(Unkept::Senseless(GitKind::Commit, id))?;
    Ok(commit.parents)
}
