//! What became of a change: its versions, and what each rewrote.

use std::collections::BTreeSet;

use selkie_store::{ChangeId, SealId};

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;

#[cfg(test)]
mod tests;

/// A version of a change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    /// The seal.
    pub seal: SealId,
    /// Its row.
    pub row: Row,
    /// What it rewrites, whether it is known or not.
    pub predecessors: BTreeSet<SealId>,
    /// The known seals that rewrite it.
    pub successors: BTreeSet<SealId>,
}

/// All that is known of a change: its versions, and those of other changes that went into them or that
/// they went into. Newest first.
///
/// # Errors
///
/// The graph can not be read.
pub fn evolution(graph: &Graph, change: ChangeId) -> Result<Vec<Version>, GraphError> {
    let mut open = graph.rows_by_change(&(change..=change))?;
    let mut seen: BTreeSet<Row> = open.iter().copied().collect();
    let mut versions = Vec::new();
    while let Some(row) = open.pop() {
        let seal = graph.id(row)?;
        let predecessors: BTreeSet<_> = graph.replaces(row)?.collect();
        let rewritten = graph.replaced_by(seal)?;
        for id in &predecessors {
            open.extend(graph.row(*id)?.filter(|row| seen.insert(*row)));
        }
        open.extend(rewritten.iter().copied().filter(|row| seen.insert(*row)));
        let mut successors = BTreeSet::new();
        for row in rewritten {
            successors.insert(graph.id(row)?);
        }
        versions.push((graph.order(row)?, Version { seal, row, predecessors, successors }));
    }
    versions.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
    Ok(versions.into_iter().map(|(_, version)| version).collect())
}
