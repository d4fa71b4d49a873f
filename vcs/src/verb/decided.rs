//! What a fuse decided without asking, as its seal lists it.

use std::collections::BTreeMap;

use selkie_store::{Seal, SealId, Store};

use crate::graph::grow::GrowError;
use crate::lineage::Lineage;
use crate::merge::rules::MergeRules;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::tree::fuse::fused::Decision;
use crate::verb::trouble::Trouble;

/// The label of a seal that lists what was decided without asking, a line for each.
pub const DECISIONS: &str = "decisions";

/// The labels of a seal for which this was decided.
pub(crate) fn listed(decisions: &[Decision]) -> BTreeMap<String, Vec<u8>> {
    let lines: Vec<String> = decisions.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        return BTreeMap::new();
    }
    BTreeMap::from([(DECISIONS.to_owned(), lines.join("\n").into_bytes())])
}

/// The labels of the seal that ends the fuse that is under way: what was decided follows from what is fused.
pub(crate) fn of_fuse(hand: &Hand<'_>) -> Result<BTreeMap<String, Vec<u8>>, Trouble> {
    let seals = &hand.desk().bases;
    if seals.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let mut chronicle = hand.chronicle()?;
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, seals)?))?;
    let Some(lineage) = lineage else { return Ok(BTreeMap::new()) };
    // Nothing of this is kept: what it would store is in the store or was settled otherwise.
    let batch = hand.batch();
    let (begin, rules) = (|| hand.batch(), MergeRules::default());
    let fused = lineage.fuse(hand.store(), &batch, &begin, &[], &rules)?;
    Ok(listed(&fused.decisions))
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
