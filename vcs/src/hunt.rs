//! The search for the seal with which something went wrong: what is known of it, and where to look next.

use std::collections::{BTreeSet, HashMap};

use selkie_store::{ObjectId, SealId};
use serde::{Deserialize, Serialize};

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;

/// A search under way: what was said of seals, and where whoever searches came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hunt {
    /// Seals in which all was well.
    pub good: BTreeSet<SealId>,
    /// The earliest known seal in which it is wrong.
    pub bad: Option<SealId>,
    /// Seals of which nobody can tell.
    pub skipped: BTreeSet<SealId>,
    /// The timeline that the clone stood on before.
    pub timeline: Option<String>,
    /// The seal that it stood on.
    pub home: SealId,
}

/// What follows from what is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Narrowed {
    /// To look at this seal. With it, so many may be the one.
    Look { row: Row, left: usize },
    /// With this seal it went wrong.
    Found(Row),
    /// It was one of these: of all but the last nobody can tell.
    Unclear(Vec<Row>),
    /// The bad seal came before a good one, or is one.
    Senseless,
}

impl Hunt {
    /// Every object that must not go while it is under way.
    pub(crate) fn objects(&self) -> impl Iterator<Item = ObjectId> {
        self.marks().chain([self.home]).map(SealId::object)
    }

    /// The seals of which something was said.
    pub(crate) fn marks(&self) -> impl Iterator<Item = SealId> {
        self.good.iter().chain(&self.bad).chain(&self.skipped).copied()
    }
}

/// The seal to look at next: the one that, whatever comes of it, leaves fewest. What may be the one is what `bad` came
/// from and no `good` one did, `bad` among it.
///
/// # Errors
///
/// The graph can not be read.
pub(crate) fn narrow(
    graph: &Graph,
    bad: Row,
    good: &RowSet,
    skipped: &RowSet,
) -> Result<Narrowed, GraphError> {
    let all = graph.ancestors(&[bad].into_iter().collect())?;
    let maybe = all.minus(&graph.ancestors(good)?);
    let left = maybe.len();
    if !maybe.contains(bad) {
        return Ok(Narrowed::Senseless);
    }
    if left == 1 {
        return Ok(Narrowed::Found(bad));
    }
    let mut weights = HashMap::new();
    let mut best: Option<(usize, Row)> = None;
    // Parents come first, so that their weights are known.
    let mut oldest_first: Vec<Row> = maybe.iter().collect();
    oldest_first.sort_unstable();
    for row in oldest_first.iter().copied() {
        let weight = weigh(graph, &maybe, &weights, row)?;
        weights.insert(row, weight);
        let gain = weight.min(left - weight);
        if row != bad && !skipped.contains(row) && best.is_none_or(|(most, _)| gain > most) {
            best = Some((gain, row));
            if gain == left / 2 {
                break;
            }
        }
    }
    Ok(best
        .map_or_else(|| Narrowed::Unclear(oldest_first), |(_, row)| Narrowed::Look { row, left }))
}

/// How many of these a seal came from, itself among them.
fn weigh(
    graph: &Graph,
    maybe: &RowSet,
    weights: &HashMap<Row, usize>,
    row: Row,
) -> Result<usize, GraphError> {
    let parents: Vec<Row> = graph.parents(row)?.filter(|parent| maybe.contains(*parent)).collect();
    if let [parent] = parents[..] {
        return Ok(weights[&parent] + 1);
    }
    // What several parents have in common counts once.
    let mut seen: RowSet = parents.iter().copied().collect();
    let mut open = parents;
    while let Some(row) = open.pop() {
        for parent in graph.parents(row)? {
            if maybe.contains(parent) && seen.insert(parent) {
                open.push(parent);
            }
        }
    }
    Ok(seen.len() + 1)
}

/// A search as an operation tells it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Told {
    good: Vec<[u8; ObjectId::LEN]>,
    bad: Option<[u8; ObjectId::LEN]>,
    skipped: Vec<[u8; ObjectId::LEN]>,
    timeline: Option<String>,
    home: [u8; ObjectId::LEN],
}

impl From<&Hunt> for Told {
    fn from(hunt: &Hunt) -> Self {
        let bytes = |seal: &SealId| *seal.object().as_bytes();
        Self {
            good: hunt.good.iter().map(bytes).collect(),
            bad: hunt.bad.as_ref().map(bytes),
            skipped: hunt.skipped.iter().map(bytes).collect(),
            timeline: hunt.timeline.clone(),
            home: bytes(&hunt.home),
        }
    }
}

impl From<Told> for Hunt {
    fn from(told: Told) -> Self {
        let seal = |bytes| SealId::from(ObjectId::from_bytes(bytes));
        Self {
            good: told.good.into_iter().map(seal).collect(),
            bad: told.bad.map(seal),
            skipped: told.skipped.into_iter().map(seal).collect(),
            timeline: told.timeline,
            home: seal(told.home),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::toy::{graph, naive_ancestors, names, random, row, rows};
    use crate::lots::Lots;

    fn next(history: &str, bad: &str, good: &str, skipped: &str) -> String {
        let graph = graph(history);
        let set = |text| rows(&graph, text).into_iter().collect::<RowSet>();
        match narrow(&graph, row(&graph, bad), &set(good), &set(skipped)).unwrap() {
            Narrowed::Look { row, left } => format!("{} of {left}", names(&graph, [row])),
            Narrowed::Found(row) => format!("found {}", names(&graph, [row])),
            Narrowed::Unclear(rows) => format!("one of {}", names(&graph, rows)),
            Narrowed::Senseless => "senseless".to_owned(),
        }
    }

    #[test]
    fn the_seal_to_look_at_halves_what_is_left() {
        let line = "a, b:a, c:b, d:c, e:d, f:e, g:f, h:g, i:h";
        let fork = "a, b:a, c:b, d:c, x:a, y:x, z:y, m:d+z, n:m";
        let table = [
            (line, "i", "a", "", "e of 8"),
            (line, "e", "a", "", "c of 4"),
            (line, "i", "e", "", "g of 4"),
            (line, "c", "a", "", "b of 2"),
            (line, "b", "a", "", "found b"),
            (line, "i", "a", "e", "d of 8"),
            (line, "c", "a", "b", "one of b c"),
            (line, "a", "c", "", "senseless"),
            (line, "c", "c", "", "senseless"),
            (fork, "n", "a", "", "d of 8"),
            (fork, "n", "d", "", "y of 5"),
            (fork, "n", "z d", "", "m of 2"),
            (fork, "d", "", "", "b of 4"),
        ];
        for (history, bad, good, skipped, expected) in table {
            assert_eq!(next(history, bad, good, skipped), expected, "{bad} {good} {skipped}");
        }
    }

    /// Whoever tells of each seal whether it came from the one with which it went wrong is led to that one.
    #[test]
    fn every_history_leads_to_the_seal_with_which_it_went_wrong() {
        let mut lots = Lots(7);
        for _ in 0..60 {
            let graph = random(&mut lots, 60);
            let tips: Vec<Row> = (0..graph.len()).map(Row::at).collect();
            let present = naive_ancestors(&graph, &tips);
            let bad = *present.iter().next_back().unwrap();
            let all: Vec<Row> = naive_ancestors(&graph, &[bad]).into_iter().collect();
            let culprit = all[lots.below(all.len())];
            let (mut bad, mut good, mut looks) = (bad, RowSet::default(), 0);
            let found = loop {
                match narrow(&graph, bad, &good, &RowSet::default()).unwrap() {
                    Narrowed::Look { row, .. } => {
                        looks += 1;
                        if naive_ancestors(&graph, &[row]).contains(&culprit) {
                            bad = row;
                        } else {
                            good.insert(row);
                        }
                    }
                    other => break other,
                }
            };
            assert_eq!(found, Narrowed::Found(culprit));
            // Merges can make it longer than halves would, and not by much.
            assert!(looks <= 12, "{looks} looks at {} seals", all.len());
        }
    }
}
