//! What a protected timeline refuses.

use std::collections::BTreeSet;

use selkie_store::SealId;

use crate::chronicle::Chronicle;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::shared::{Attribute, Move, Named, Shared, ids};

/// The first protected timeline from which these moves would take a seal away: one that a head of it came
/// from, or is, and that no head after them came from, or is. Going, it loses all of them.
///
/// What rewrites a head takes it away too. A history is opened only for a protected timeline.
///
/// # Errors
///
/// The history can not be read.
pub(crate) fn breach(
    shared: Shared<'_>,
    moves: &[Move],
    open: impl Fn() -> Result<Chronicle, GrowError>,
) -> Result<Option<String>, GrowError> {
    for told in moves {
        let Named::Timeline(name) = &told.subject else { continue };
        let protected = shared.timeline(name).is_some_and(|timeline| timeline.is_protected());
        if protected && told.attribute == Attribute::Heads && loses(told, &open)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

fn loses(told: &Move, open: &impl Fn() -> Result<Chronicle, GrowError>) -> Result<bool, GrowError> {
    let heads = |value: &Option<Vec<u8>>| -> BTreeSet<SealId> {
        value.iter().flat_map(|value| ids(value)).collect()
    };
    let (before, after) = (heads(&told.before), heads(&told.after));
    if before.is_subset(&after) {
        return Ok(false);
    }
    let mut chronicle = open()?;
    chronicle.enter(&after)?;
    chronicle.ask(|graph| any_is_lost(graph, &before, &after))
}

fn any_is_lost(
    graph: &Graph,
    before: &BTreeSet<SealId>,
    after: &BTreeSet<SealId>,
) -> Result<bool, GrowError> {
    for old in before.difference(after) {
        let mut kept = false;
        for new in after {
            if let (Some(old), Some(new)) = (graph.row(*old)?, graph.row(*new)?) {
                kept |= graph.is_ancestor(old, new)?;
            }
        }
        if !kept {
            return Ok(true);
        }
    }
    Ok(false)
}
