//! Which heads of a timeline count, computed alike by every replica.

use std::collections::BTreeSet;

use selkie_store::SealId;

use crate::graph::ancestry::COLOURS;
use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;

#[cfg(test)]
mod tests;

/// The heads of a timeline that are left when those are dropped that another one *covers*.
///
/// A head covers another if it came from it, or came from a seal that says it rewrites it. What a seal
/// rewrites is all that its versions rewrote, so only seals that the heads came from are asked, and
/// every replica that holds the heads holds those.
///
/// A dropped head covers nothing: what only it had come from stays. So the answer does not depend on the
/// order of the heads, folding it again changes nothing, and neither does a head that one of it covers.
/// More than one left means that the timeline has diverged.
///
/// A head that is not in the graph is left: nothing is known that would drop it.
///
/// # Errors
///
/// The graph can not be read.
pub fn fold_heads(graph: &Graph, heads: &BTreeSet<SealId>) -> Result<BTreeSet<SealId>, GraphError> {
    let mut known = Vec::new();
    let mut left = BTreeSet::new();
    for head in heads {
        match graph.row(*head)? {
            Some(row) => known.push(Head { id: *head, row, covers: Vec::new() }),
            None => {
                left.insert(*head);
            }
        }
    }
    if known.len() > 1 {
        find_covers(graph, &mut known)?;
    }
    left.extend(kernel(&known).into_iter().map(|at| known[at].id));
    Ok(left)
}

struct Head {
    id: SealId,
    row: Row,
    /// The places of the heads that this one covers.
    covers: Vec<usize>,
}

/// Asks for each head which others came from it or from one that rewrites it.
fn find_covers(graph: &Graph, heads: &mut [Head]) -> Result<(), GraphError> {
    let mut seals = Vec::new();
    let mut owner = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        let rewritten = graph.replaced_by(head.id)?;
        for row in [head.row].into_iter().chain(rewritten) {
            seals.push(row);
            owner.push(at);
        }
    }
    let rows: Vec<_> = heads.iter().map(|head| head.row).collect();
    for (group, tips) in rows.chunks(COLOURS).enumerate() {
        let reached = graph.reached(tips, &seals)?;
        for (colours, at) in reached.into_iter().zip(&owner) {
            for bit in (0..tips.len()).filter(|bit| colours >> bit & 1 == 1) {
                let tip = group * COLOURS + bit;
                if tip != *at {
                    heads[tip].covers.push(*at);
                }
            }
        }
    }
    Ok(())
}

/// The heads that no head which stays covers.
///
/// To cover a seal one must name its hash, so no two honest heads cover each other, and there is exactly
/// one answer. Only a damaged graph says otherwise; then all heads of the circle stay.
fn kernel(heads: &[Head]) -> Vec<usize> {
    let mut covered_by = vec![0_usize; heads.len()];
    for covered in heads.iter().flat_map(|head| &head.covers) {
        covered_by[*covered] += 1;
    }
    let mut is_dropped = vec![false; heads.len()];
    let mut ready: Vec<_> = (0..heads.len()).filter(|at| covered_by[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for covered in heads[at].covers.iter().copied() {
            is_dropped[covered] |= !is_dropped[at];
            covered_by[covered] -= 1;
            if covered_by[covered] == 0 {
                ready.push(covered);
            }
        }
    }
    (0..heads.len()).filter(|at| !is_dropped[*at] || covered_by[*at] > 0).collect()
}
