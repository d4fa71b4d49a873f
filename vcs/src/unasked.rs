//! Seals that nobody asked for, as the graph shows them.
//!
//! Such a seal answers a question: which content is right, where these seals stand beside each other? Its parents are the seals of the
//! question, and none that was made by itself. Where one question has several answers a *lot* takes one of them, and these are its
//! parents. So the parents alone say what is settled, and two such seals can be weighed without a look at what they decided.

use std::collections::BTreeSet;

use blake3::Hasher;
use selkie_store::{ChangeId, Seal, SealId, TreeId};

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;

/// What a seal settles that nobody asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unasked {
    /// The seals that stood beside each other.
    pub(crate) question: BTreeSet<SealId>,
    /// The answers to it that are known here: the seal itself, or those that it is the lot of.
    pub(crate) answers: BTreeSet<SealId>,
    is_lot: bool,
}

/// Separates the names of changes that nobody asked for from everything else that is hashed.
const CONTEXT: &str = "selkie 1 change by itself";

/// The name of a change that nobody asked for: what it is made from and of. By this it is known.
pub(crate) fn name(parents: &[SealId], tree: TreeId) -> ChangeId {
    let mut name = [0; ChangeId::LEN];
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    hasher.update(tree.object().as_bytes());
    parents.iter().for_each(|parent| {
        hasher.update(parent.object().as_bytes());
    });
    hasher.finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}

/// Whether nobody asked for a seal. One that somebody rewrote is theirs.
pub(crate) fn is_unasked(seal: &Seal) -> bool {
    let is_rewritten = !seal.replaces.is_empty();
    !is_rewritten && seal.parents.len() > 1 && seal.change == name(&seal.parents, seal.tree)
}

impl Unasked {
    /// What the seal of this row settles, if nobody asked for it.
    pub(crate) fn of(graph: &Graph, row: Row) -> Result<Option<Self>, GraphError> {
        let Some(parents) = settled_by(graph, row)? else { return Ok(None) };
        let ids = |rows: &[Row]| {
            rows.iter().map(|row| graph.id(*row)).collect::<Result<BTreeSet<_>, _>>()
        };
        let mut asked: Option<BTreeSet<SealId>> = None;
        for parent in &parents {
            let question = settled_by(graph, *parent)?;
            let question = question.map(|rows| ids(&rows)).transpose()?;
            let is_same =
                question.is_some() && asked.as_ref().is_none_or(|it| question.as_ref() == Some(it));
            if !is_same {
                asked = None;
                break;
            }
            asked = question;
        }
        let (from, own) = (ids(&parents)?, BTreeSet::from([graph.id(row)?]));
        Ok(Some(match asked {
            Some(question) => Self { question, answers: from, is_lot: true },
            None => Self { question: from, answers: own, is_lot: false },
        }))
    }

    /// Whether it makes the other one superfluous, which settles the same seals: a lot does so with all answers, and with a lot of fewer of them.
    pub(crate) fn outdoes(&self, other: &Self) -> bool {
        let is_of_more =
            other.answers.len() < self.answers.len() && other.answers.is_subset(&self.answers);
        self.is_lot && self.question == other.question && (!other.is_lot || is_of_more)
    }
}

/// The parents of a seal that nobody asked for.
fn settled_by(graph: &Graph, row: Row) -> Result<Option<Vec<Row>>, GraphError> {
    let (Some(change), Some(tree)) = (graph.change(row)?, graph.tree(row)?) else {
        return Ok(None);
    };
    let parents: Vec<Row> = graph.parents(row)?.collect();
    if parents.len() < 2 || graph.replaces(row)?.next().is_some() {
        return Ok(None);
    }
    let ids = parents.iter().map(|row| graph.id(*row)).collect::<Result<Vec<_>, _>>()?;
    Ok((change == name(&ids, tree)).then_some(parents))
}
