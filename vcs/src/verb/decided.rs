//! What a fuse decided without asking, as its seal lists it.

use std::collections::BTreeMap;

use selkie_store::{Batch, Conflict, Node, RepoPath, Seal, SealId, Store, TreeId};

use crate::graph::grow::GrowError;
use crate::journal::{Logged, Outcome};
use crate::lineage::{How, Lineage};
use crate::memory::{Memory, learn};
use crate::operation::{Kind, Operation};
use crate::repository::{Hand, PerformError, RepositoryError};
use crate::seal_name::SealName;
use crate::shared::Move;
use crate::tree::fuse::fused::{Decision, Fused, Rule};
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::source::Arbiter;
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;

/// The label of a seal that lists what was decided without asking, a line for each.
pub(crate) const DECISIONS: &str = "decisions";

/// What was decided without asking for this seal, a line for each.
#[must_use]
pub fn decisions(seal: &Seal) -> Vec<String> {
    let lines = seal.labels.get(DECISIONS).map(|lines| String::from_utf8_lossy(lines));
    lines.iter().flat_map(|lines| lines.lines()).map(str::to_owned).collect()
}

/// The labels of a seal for which this was decided.
pub(crate) fn listed(decisions: &[Decision]) -> BTreeMap<String, Vec<u8>> {
    let lines: Vec<String> = decisions.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        return BTreeMap::new();
    }
    BTreeMap::from([(DECISIONS.to_owned(), lines.join("\n").into_bytes())])
}

/// What a seal that ends a fuse tells beside its content, and what all replicas are to remember of it.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) labels: BTreeMap<String, Vec<u8>>,
    pub(crate) learned: Vec<Move>,
}

/// What is to be told of a seal of this tree. What a fuse decided follows from what is fused, and how somebody
/// settled its conflicts from the tree; the same goes for conflicts that the base holds.
pub(crate) fn ended(
    hand: &Hand<'_>,
    copy: &Copy,
    batch: &Batch,
    base: TreeId,
    tree: TreeId,
) -> Result<Ended, Trouble> {
    let (store, shared) = (hand.store(), hand.shared());
    let mut conflicts: BTreeMap<RepoPath, Conflict> = BTreeMap::new();
    for (path, id) in copy.index(store, base)?.conflicts() {
        conflicts.insert(path, store.load(id)?);
    }
    let mut labels = BTreeMap::new();
    if let Some(mut fused) = under_way(hand)? {
        fused.decisions.extend(commanded(hand, &fused.commands, tree)?);
        fused.decisions.sort_unstable();
        labels = listed(&fused.decisions);
        conflicts.extend(fused.conflicts);
    }
    let learned = learn(store, shared, batch, &conflicts, tree)?;
    Ok(Ended { labels, learned })
}

/// What commands settled when the fuse that is under way was opened, of what is still so in this tree: whoever changed it since
/// decided otherwise. It does not follow from what is fused, but the tree that the fuse gathered tells it.
fn commanded(
    hand: &Hand<'_>,
    commands: &BTreeMap<RepoPath, String>,
    tree: TreeId,
) -> Result<Vec<Decision>, Trouble> {
    let Some(opened) = opened(hand)?.filter(|_| !commands.is_empty()) else { return Ok(vec![]) };
    let mut decisions = Vec::new();
    for (path, command) in commands {
        let node = node_at(hand.store(), opened, path)?;
        let is_settled = matches!(node, Some(Node::File(_) | Node::Executable(_)));
        if is_settled && node == node_at(hand.store(), tree, path)? {
            let rule = Rule::Commanded { command: command.clone() };
            decisions.push(Decision { path: path.clone(), rule });
        }
    }
    Ok(decisions)
}

/// What was gathered by the command with which the fuse began that is under way.
fn opened(hand: &Hand<'_>) -> Result<Option<TreeId>, Trouble> {
    let bases = &hand.desk().bases;
    let unread = |error| PerformError::from(RepositoryError::from(error));
    for logged in hand.operations().map_err(unread)? {
        let Logged { operation, outcome, .. } = logged.map_err(unread)?;
        let Operation { before, after, kind, .. } = operation;
        // An undo comes to a desk as well, but to one on which people settled something since.
        let begins = before.bases != *bases && after.bases == *bases && kind == Kind::Command;
        if begins && outcome == Outcome::Done {
            return Ok(after.gathered);
        }
    }
    Ok(None)
}

/// What the fuse that is under way made of its own.
fn under_way(hand: &Hand<'_>) -> Result<Option<Fused>, Trouble> {
    if !hand.desk().is_fusing() {
        return Ok(None);
    }
    let (seals, mut chronicle) = (&hand.desk().bases, hand.chronicle()?);
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, seals)?))?;
    let Some(lineage) = lineage else { return Ok(None) };
    let (store, begin) = (hand.store(), || hand.batch());
    let arbiter = hand.desk().asked.map_or(Arbiter::Trees, Arbiter::Asked);
    let how = How { arbiter, memory: Memory::of(store, hand.shared()) };
    // Nothing of this is kept: what it would store is in the store or was settled otherwise.
    Ok(Some(lineage.fuse(store, &begin(), &begin, &[], how)?))
}

/// What sides are called beside markers and in lists: what people call them, and the names of the seals.
pub(crate) fn notes(
    store: &Store,
    seals: &[SealId],
    called: &[String],
) -> Result<Vec<String>, Trouble> {
    let note = |(seal, called): (&SealId, &String)| {
        let name = SealName::of(store.load::<Seal>(*seal)?.change).to_string();
        Ok(if *called == name { name } else { format!("{called} at {name}") })
    };
    seals.iter().zip(called).map(note).collect()
}
