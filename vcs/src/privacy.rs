//! Timelines that stay in one clone.
//!
//! Where they end is on the desk and nowhere else. Only what is in a log is told to others, and no desk is, so whatever
//! carries logs and what they reach can not tell of a private timeline, and need not know that there is such a thing.

use std::collections::BTreeSet;

use selkie_store::SealId;

use crate::desk::Desk;
use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::shared::Shared;

/// Who knows a timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Privacy {
    /// Every replica.
    Shared,
    /// This clone.
    Private,
}

impl Privacy {
    /// Who knows the timeline of this name. One of our own goes before one of others that is called the same.
    pub(crate) fn of(desk: &Desk, name: &str) -> Self {
        if desk.private.contains_key(name) { Self::Private } else { Self::Shared }
    }
}

/// The newest seals of a timeline, as this clone knows them: ancestors may be among them. None if it has no such
/// timeline.
pub(crate) fn heads_of(shared: Shared<'_>, desk: &Desk, name: &str) -> Option<BTreeSet<SealId>> {
    let own = desk.private.get(name).map(|head| BTreeSet::from([*head]));
    own.or_else(|| shared.timeline(name).map(|timeline| timeline.heads()))
}

/// Whether nothing that others know leads to a seal. No graph is asked if nothing is private.
///
/// # Errors
///
/// The graph can not be read.
pub(crate) fn is_private(
    graph: &Graph,
    shared: Shared<'_>,
    seal: SealId,
) -> Result<bool, GraphError> {
    let Some(row) = graph.row(seal)? else { return Ok(true) };
    let tips = shared.timelines().flat_map(|(_, timeline)| timeline.heads());
    for tip in tips.chain(shared.tags().flat_map(|(_, seals)| seals)) {
        if let Some(tip) = graph.row(tip)?
            && graph.is_ancestor(row, tip)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}
