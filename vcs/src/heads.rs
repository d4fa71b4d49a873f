//! Which heads of a timeline count, computed alike by every replica.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::SealId;

use crate::graph::ancestry::COLOURS;
use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::unasked::Unasked;

#[cfg(test)]
mod tests;

/// The heads of a timeline that are left when those are dropped that another one *covers*.
///
/// A head covers another if it came from it, or came from a seal that says it rewrites it. What a seal
/// rewrites is all that its versions rewrote, so only seals that the heads came from are asked, and
/// every replica that holds the heads holds those.
///
/// A seal that nobody asked for is covered too by what covers all the seals that it settles: it only decided between these. Of
/// two that settle the same seals neither covers the other, unless it is a lot and the other is, or could have been, in it.
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
            Some(row) => known.push(Head { id: *head, row, unasked: None, covers: Vec::new() }),
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
    /// What it settles, if nobody asked for it. Looked for where there is another head.
    unasked: Option<Unasked>,
    /// The places of the heads that this one covers.
    covers: Vec<usize>,
}

/// What it shows that a head came from a seal.
#[derive(Clone, Copy)]
enum Shows {
    /// That it covers the head in this place.
    Whole(usize),
    /// That it covers one seal, of this number, of those that the head in this place settles.
    Part(usize, usize),
}

/// Asks for each head which others came from it or from one that rewrites it, or from all that it settles.
fn find_covers(graph: &Graph, heads: &mut [Head]) -> Result<(), GraphError> {
    for head in &mut *heads {
        head.unasked = Unasked::of(graph, head.row)?;
    }
    let mut seals = Vec::new();
    let mut shows = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        let question = head.unasked.iter().flat_map(|unasked| &unasked.question);
        let parts = question.enumerate().map(|(number, id)| (*id, Shows::Part(at, number)));
        for (id, what) in [(head.id, Shows::Whole(at))].into_iter().chain(parts) {
            for row in graph.row(id)?.into_iter().chain(graph.replaced_by(id)?) {
                seals.push(row);
                shows.push(what);
            }
        }
    }
    let rows: Vec<_> = heads.iter().map(|head| head.row).collect();
    let mut parts: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
    for (group, tips) in rows.chunks(COLOURS).enumerate() {
        let reached = graph.reached(tips, &seals)?;
        for (colours, what) in reached.into_iter().zip(&shows) {
            for bit in (0..tips.len()).filter(|bit| colours >> bit & 1 == 1) {
                let tip = group * COLOURS + bit;
                match *what {
                    Shows::Whole(at) if tip != at => heads[tip].covers.push(at),
                    Shows::Part(at, number) if tip != at => {
                        parts.entry((tip, at)).or_default().insert(number);
                    }
                    Shows::Whole(_) | Shows::Part(..) => {}
                }
            }
        }
    }
    for ((tip, at), parts) in parts {
        if heads[at].is_settled_by(&heads[tip], parts.len()) {
            heads[tip].covers.push(at);
        }
    }
    Ok(())
}

impl Head {
    /// Whether the other one, which came from so many of the seals that this one settles, makes it superfluous.
    fn is_settled_by(&self, other: &Self, parts: usize) -> bool {
        let Some(unasked) = &self.unasked else { return false };
        match &other.unasked {
            Some(twin) if twin.question == unasked.question => twin.outdoes(unasked),
            Some(_) | None => parts == unasked.question.len(),
        }
    }
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
