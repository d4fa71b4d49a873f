//! The seals that are to be translated, each behind those that it came from.

use std::collections::HashSet;

use selkie_store::{ReadError, Seal, SealId, Store};

/// Everything that leads to `tips`, as far as it is not known.
pub(super) fn order(
    store: &Store,
    tips: impl Iterator<Item = SealId>,
    is_known: impl Fn(SealId) -> bool,
) -> Result<Vec<SealId>, ReadError> {
    let (mut ordered, mut seen) = (Vec::new(), HashSet::new());
    // Each with its parents that were not looked at yet, the last of them first.
    let mut open: Vec<(SealId, Vec<SealId>)> = Vec::new();
    for tip in tips {
        let mut next = Some(tip);
        loop {
            if let Some(id) = next.take().filter(|id| seen.insert(*id) && !is_known(*id)) {
                let seal: Seal = store.load(id)?;
                open.push((id, seal.parents.into_iter().rev().collect()));
            }
            let Some((id, parents)) = open.last_mut() else { break };
            next = parents.pop();
            if next.is_none() {
                ordered.push(*id);
                open.pop();
            }
        }
    }
    Ok(ordered)
}
