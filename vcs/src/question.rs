//! What the heads of a timeline leave open.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::SealId;

use crate::divergence::lot;
use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::heads::fold_heads;
use crate::unasked::Unasked;

/// What is to be settled of a timeline that diverged.
///
/// Whoever knows the same of what people sealed has the same question, whatever was answered meanwhile to parts of it. There are only so many
/// questions and each clone answers one once; and there are only so many sets of answers, of which each has one lot. So what
/// is made by itself comes to an end, in whatever order clones hear of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Question {
    /// Which content is right.
    Which {
        /// Where these stand beside each other, of which none was made by itself.
        seals: BTreeSet<SealId>,
        /// What they come to so far: of those that were made by themselves one for each question, and which heads it speaks for.
        candidates: BTreeMap<SealId, BTreeSet<SealId>>,
    },
    /// Which of these answers to one question holds.
    Answers(BTreeSet<SealId>),
}

impl Question {
    /// What these heads, of which none covers another, leave open.
    pub(crate) fn of(graph: &Graph, heads: &BTreeSet<SealId>) -> Result<Self, GraphError> {
        let mut candidates = BTreeMap::new();
        let mut asked: BTreeMap<BTreeSet<SealId>, [BTreeSet<SealId>; 2]> = BTreeMap::new();
        for head in heads {
            let row = graph.row(*head)?;
            match row.map(|row| Unasked::of(graph, row)).transpose()?.flatten() {
                Some(unasked) => {
                    let [answers, of] = asked.entry(unasked.question).or_default();
                    answers.extend(unasked.answers);
                    of.insert(*head);
                }
                None => {
                    candidates.insert(*head, BTreeSet::from([*head]));
                }
            }
        }
        if candidates.is_empty() && asked.len() == 1 {
            let answers = asked.into_values().flat_map(|[answers, _]| answers);
            return Ok(Self::Answers(answers.collect()));
        }
        let settled = asked.keys().flatten().chain(candidates.keys());
        let seals = fold_heads(graph, &settled.copied().collect())?;
        // Only of forged seals one is left: an answer has no part that came from another.
        let seals = if seals.len() > 1 { seals } else { heads.clone() };
        candidates.extend(asked.into_values().map(|[answers, of]| (lot(&answers), of)));
        Ok(Self::Which { seals, candidates })
    }
}
