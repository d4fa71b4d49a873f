//! Seals brought together along their history.
//!
//! Of several seals the first two are fused, then what that makes and the third, and so on. Each time the base is
//! what both sides came from. If that is several seals, because merges crossed, they are fused first: the
//! base is then a tree that may hold conflicts, and no side is mistaken for it.

use selkie_store::{Batch, ReadError, Seal, SealId, Store};

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::memory::Memory;
use crate::merge::part::MergeSide;
use crate::seal_name::SealName;
use crate::tree::edit::{Edits, empty_tree};
use crate::tree::fuse::fuse_trees;
use crate::tree::fuse::fused::{Fused, FusingError};
use crate::tree::fuse::source::{Arbiter, Following, Fusing, Source};

#[cfg(test)]
mod tests;

/// How seals are related: all of the history that it takes to fuse them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Lineage {
    first: SealId,
    /// Each other one, and what it and all before it came from.
    others: Vec<(SealId, Stem)>,
}

/// How seals are fused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How<'a> {
    /// Who says how it is settled what both sides changed.
    pub(crate) arbiter: Arbiter,
    /// What was settled before.
    pub(crate) memory: Memory<'a>,
}

/// What two sides came from.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Stem {
    /// Nothing: their histories have no seal in common.
    Nothing,
    /// One seal.
    Seal(SealId),
    /// Several, none of which came from another: they are fused first.
    Crossed(Box<Lineage>),
}

/// Crossings that are followed. Whose histories cross more often has the newest of the seals for a base.
const CROSSINGS_MAX: usize = 8;

/// Seals that are fused to make one base. The oldest ones of more are left out.
const BASES_MAX: usize = 8;

impl Lineage {
    /// How these seals are related, in this order. None if one of them is not in the graph.
    pub(crate) fn trace(graph: &Graph, seals: &[SealId]) -> Result<Option<Self>, GraphError> {
        let mut rows = Vec::new();
        for seal in seals {
            let Some(row) = graph.row(*seal)? else { return Ok(None) };
            rows.push(row);
        }
        let mut crossings = 0;
        trace(graph, &rows, &mut crossings)
    }

    /// The way from a seal to one that came from it.
    pub(crate) fn of(from: SealId, to: SealId) -> Self {
        Self { first: from, others: vec![(to, Stem::Seal(from))] }
    }

    /// The one seal that both of two came from. None if there are more of either, or none.
    pub(crate) fn base(&self) -> Option<SealId> {
        match &self.others[..] {
            [(_, Stem::Seal(base))] => Some(*base),
            _ => None,
        }
    }

    /// The second of two whose histories have nothing in common, if there is one.
    pub(crate) fn stranger(&self) -> Option<SealId> {
        self.others.iter().find(|(_, stem)| *stem == Stem::Nothing).map(|(seal, _)| *seal)
    }

    /// Fuses them. `begin` makes the batches for what comes before the last tree. `notes` say what they are called, if not by the names of the seals. The last tree is in the store once the batch is finished.
    pub(crate) fn fuse<'b>(
        &self,
        store: &Store,
        batch: &Batch,
        begin: &dyn Fn() -> Batch<'b>,
        notes: &[String],
        how: How,
    ) -> Result<Fused, FusingError> {
        let mut notes = notes.iter();
        let mut ours = source(store, self.first, notes.next())?;
        let mut sum = Fused::whole(ours.tree, Edits::new());
        for (at, (seal, stem)) in self.others.iter().enumerate() {
            let theirs = source(store, *seal, notes.next())?;
            let base = stem.source(store, begin)?;
            let (base, ours_is, theirs, first) = (&base, &ours, &theirs, MergeSide::Ours);
            let How { arbiter, memory } = how;
            let following = Following::Moves;
            let fusing = Fusing { base, ours: ours_is, theirs, first, arbiter, memory, following };
            let fused = if at + 1 == self.others.len() {
                fuse_trees(store, batch, fusing)?
            } else {
                let batch = begin();
                let fused = fuse_trees(store, &batch, fusing)?;
                batch.finish()?;
                fused
            };
            ours = Source {
                tree: fused.tree,
                seal: None,
                seals: ours.seals.iter().chain(&theirs.seals).copied().collect(),
                note: format!("{}, {}", ours.note, theirs.note),
            };
            sum.then(fused);
        }
        Ok(sum)
    }
}

impl Stem {
    fn source<'b>(
        &self,
        store: &Store,
        begin: &dyn Fn() -> Batch<'b>,
    ) -> Result<Source, FusingError> {
        match self {
            Self::Nothing => {
                let (seals, note) = (Vec::new(), "nothing".to_owned());
                Ok(Source { tree: empty_tree(), seal: None, seals, note })
            }
            Self::Seal(seal) => Ok(source(store, *seal, None)?),
            Self::Crossed(lineage) => {
                let batch = begin();
                // A base in which a rule had settled something would make the side that it took look as if it had changed nothing.
                let how = How { arbiter: Arbiter::Nobody, memory: Memory::default() };
                let fused = lineage.fuse(store, &batch, begin, &[], how)?;
                batch.finish()?;
                let note = "what both came from, along several ways".to_owned();
                Ok(Source { tree: fused.tree, seal: None, seals: Vec::new(), note })
            }
        }
    }
}

fn trace(
    graph: &Graph,
    rows: &[Row],
    crossings: &mut usize,
) -> Result<Option<Lineage>, GraphError> {
    let Some((first, rest)) = rows.split_first() else { return Ok(None) };
    let mut others = Vec::new();
    for (at, row) in rest.iter().enumerate() {
        let mut bases = graph.merge_bases(&rows[..=at], &[*row])?;
        bases.truncate(BASES_MAX);
        let stem = match bases[..] {
            [] => Stem::Nothing,
            [base] => Stem::Seal(graph.id(base)?),
            [newest, ..] if *crossings >= CROSSINGS_MAX => Stem::Seal(graph.id(newest)?),
            [_, _, ..] => {
                *crossings += 1;
                let crossed = trace(graph, &bases, crossings)?;
                crossed.map_or(Stem::Nothing, |crossed| Stem::Crossed(Box::new(crossed)))
            }
        };
        others.push((graph.id(*row)?, stem));
    }
    Ok(Some(Lineage { first: graph.id(*first)?, others }))
}

fn source(store: &Store, id: SealId, note: Option<&String>) -> Result<Source, ReadError> {
    let seal: Seal = store.load(id)?;
    let note = note.cloned().unwrap_or_else(|| SealName::of(seal.change).to_string());
    Ok(Source { tree: seal.tree, seal: Some(id), seals: vec![id], note })
}
