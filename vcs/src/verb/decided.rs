//! What a fuse decided without asking, as its seal lists it.

use std::collections::BTreeMap;

use selkie_store::{Batch, Conflict, RepoPath, Seal, SealId, Store, TreeId};

use crate::graph::grow::GrowError;
use crate::lineage::{How, Lineage};
use crate::memory::{Memory, learn};
use crate::merge::rules::MergeRules;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::shared::Move;
use crate::tree::fuse::fused::{Decision, Fused};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;

/// The label of a seal that lists what was decided without asking, a line for each.
const DECISIONS: &str = "decisions";

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
    if let Some(fused) = under_way(hand)? {
        labels = listed(&fused.decisions);
        conflicts.extend(fused.conflicts);
    }
    let learned = learn(store, shared, batch, &conflicts, tree)?;
    Ok(Ended { labels, learned })
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
    let how = How { rules: &MergeRules::default(), memory: Memory::of(store, hand.shared()) };
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
