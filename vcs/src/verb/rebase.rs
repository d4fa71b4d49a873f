//! Seals moved onto another one.

use std::collections::BTreeSet;

use selkie_store::{Seal, SealId};

use crate::chronicle::Chronicle;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::walk::Line;
use crate::repository::Hand;
use crate::verb::crossing::{CrossingError, Unfinished};
use crate::verb::replay::{Emptied, Footing, Played, Replay, Standing};
use crate::verb::rewrite::{Others, RewriteError, Rewritten, Scope, land, standing, tips};
use crate::workspace::{Doer, Workspace};

/// What is to be moved, and where to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// What.
    pub what: What,
    /// Onto which seal.
    pub onto: SealId,
    /// What becomes of seals whose change is there already.
    pub emptied: Emptied,
    /// What becomes of other timelines that lead to the seals.
    pub others: Others,
}

/// What is moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// All that a timeline has and the place it goes to has not; without a name that of the clone.
    Timeline(Option<String>),
    /// These seals of the timeline that the clone stands on, with all that came from them.
    Seals(BTreeSet<SealId>),
}

/// Says what a rebase would do, and does nothing.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn preview(
    workspace: &mut Workspace,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<Rewritten, RewriteError> {
    let (hand, _) = workspace.take(doer)?;
    let Planned { replay, scope, left, forward } = plan(&hand, doer, wanted)?;
    let played = replay.preview();
    scope.check(&hand, &played)?;
    Ok(told(scope, &played, left, forward))
}

/// Moves seals onto another one. They keep their names, and others see the new ones in the place of the old.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn rebase(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    wanted: &Wanted,
    unfinished: Unfinished,
) -> Result<Rewritten, RewriteError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let Planned { replay, scope, left, forward } = plan(&hand, doer, wanted)?;
    let played = replay.finish()?;
    scope.check(&hand, &played)?;
    let mut became = played.became.clone();
    became.extend(forward.iter().flat_map(|(heads, to)| heads.iter().map(|head| (*head, *to))));
    let went = (&became, &scope.timelines[..]);
    let (_, shelved) = land(&mut hand, copy, typed, went, unfinished)?;
    Ok(Rewritten { shelved, ..told(scope, &played, left, forward) })
}

/// Seals on their way.
struct Planned<'h, 'r> {
    replay: Replay<'h, 'r>,
    scope: Scope,
    left: Vec<SealId>,
    forward: Option<Forward>,
}

/// The newest seals of a timeline that has nothing of its own, and where it goes.
type Forward = (BTreeSet<SealId>, SealId);

fn told(scope: Scope, played: &Played, left: Vec<SealId>, forward: Option<Forward>) -> Rewritten {
    let forward = forward.map(|(_, to)| to);
    Rewritten { left, forward, ..scope.told(played) }
}

fn plan<'h, 'r>(
    hand: &'h Hand<'r>,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<Planned<'h, 'r>, RewriteError> {
    let mut chronicle = hand.chronicle()?;
    chronicle.enter(&BTreeSet::from([wanted.onto]))?;
    let timeline = match &wanted.what {
        What::Timeline(Some(name)) => name.clone(),
        What::Timeline(None) | What::Seals(_) => standing(hand)?.0,
    };
    if hand.desk().is_fusing() && hand.desk().timeline.as_ref() == Some(&timeline) {
        return Err(RewriteError::Work(CrossingError::Underway));
    }
    let heads = tips(hand, &mut chronicle, &timeline)?;
    let replay = Replay::new(hand, doer, wanted.emptied);
    let begun = match &wanted.what {
        What::Timeline(_) => beyond(&mut chronicle, &heads, &BTreeSet::from([wanted.onto]))?,
        What::Seals(seals) => seals.clone(),
    };
    if begun.is_empty() && matches!(wanted.what, What::Timeline(_)) {
        // All that the timeline has is there already, so it just goes there.
        let forward = (!heads.contains(&wanted.onto)).then_some((heads, wanted.onto));
        let scope = Scope { seals: Vec::new(), timelines: vec![timeline], stayed: Vec::new() };
        return Ok(Planned { replay, scope, left: Vec::new(), forward });
    }
    let scope = Scope::of(hand, &mut chronicle, &begun, &timeline, wanted.others)?;
    let course = Course::of(hand, &mut chronicle, &scope, wanted.onto)?;
    let mut replay = replay;
    for (seal, parents) in &course.seals {
        let footings = course.footings(&replay, parents);
        replay.again(*seal, &footings)?;
    }
    let left = course.left(&mut chronicle, &heads)?;
    Ok(Planned { replay, scope, left, forward: None })
}

/// All that the heads came from and these seals did not.
fn beyond(
    chronicle: &mut Chronicle,
    heads: &BTreeSet<SealId>,
    there: &BTreeSet<SealId>,
) -> Result<BTreeSet<SealId>, GrowError> {
    let rows = |graph: &Graph, seals: &BTreeSet<SealId>| {
        seals
            .iter()
            .filter_map(|seal| graph.row(*seal).transpose())
            .collect::<Result<Vec<Row>, _>>()
    };
    chronicle.ask(|graph| {
        let walk = graph.walk(&rows(graph, heads)?, &rows(graph, there)?, Line::All)?;
        walk.map(|row| Ok(graph.id(row?)?)).collect()
    })
}

/// Which way seals go.
struct Course {
    onto: SealId,
    /// The seals, each with its parents.
    seals: Vec<(SealId, Vec<SealId>)>,
    moving: BTreeSet<SealId>,
    /// What `onto` came from, of what the seals are made from.
    inside: BTreeSet<SealId>,
    /// What they are made from and stay made from.
    kept: BTreeSet<SealId>,
}

impl Course {
    fn of(
        hand: &Hand<'_>,
        chronicle: &mut Chronicle,
        scope: &Scope,
        onto: SealId,
    ) -> Result<Self, RewriteError> {
        let moving: BTreeSet<SealId> = scope.seals.iter().copied().collect();
        if leads(chronicle, &moving, onto)? {
            return Err(RewriteError::Circle);
        }
        let (seals, inside, kept) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut course = Self { onto, seals, moving, inside, kept };
        for seal in &scope.seals {
            let parents = hand.store().load::<Seal>(*seal)?.parents;
            for (at, parent) in parents.iter().enumerate() {
                if course.moving.contains(parent) {
                    continue;
                }
                if leads(chronicle, &BTreeSet::from([*parent]), onto)? {
                    course.inside.insert(*parent);
                } else if at > 0 || !course.is_root(&parents) {
                    course.kept.insert(*parent);
                }
            }
            course.seals.push((*seal, parents));
        }
        Ok(course)
    }

    /// Whether nothing that a seal is made from moves.
    fn is_root(&self, parents: &[SealId]) -> bool {
        !parents.iter().any(|parent| self.moving.contains(parent))
    }

    /// What a seal came from, and what that is now. The first parent of those at the bottom is where all goes; what that has
    /// already is no parent beside it.
    fn footings(&self, replay: &Replay, parents: &[SealId]) -> Vec<Footing> {
        let (onto, moves) = (self.onto, |parent: &SealId| self.moving.contains(parent));
        let is_root = self.is_root(parents);
        if parents.is_empty() {
            return vec![Footing { old: None, new: onto, standing: Standing::Parent }];
        }
        let footing = |(at, parent): (usize, &SealId)| {
            let (new, standing) = if moves(parent) {
                (replay.now(*parent), Standing::Parent)
            } else if is_root && at == 0 {
                (onto, Standing::Parent)
            } else if self.inside.contains(parent) {
                (onto, Standing::Inside)
            } else {
                (*parent, Standing::Parent)
            };
            Footing { old: Some(*parent), new, standing }
        };
        parents.iter().enumerate().map(footing).collect()
    }

    /// What the timeline had and nothing was made of.
    fn left(
        &self,
        chronicle: &mut Chronicle,
        heads: &BTreeSet<SealId>,
    ) -> Result<Vec<SealId>, GrowError> {
        let mut there = self.kept.clone();
        there.insert(self.onto);
        let had = beyond(chronicle, heads, &there)?;
        Ok(had.difference(&self.moving).copied().collect())
    }
}

/// Whether a seal is one of these, or came from one.
fn leads(
    chronicle: &mut Chronicle,
    seals: &BTreeSet<SealId>,
    to: SealId,
) -> Result<bool, GrowError> {
    let came_from = |graph: &Graph| {
        let Some(to) = graph.row(to)? else { return Ok(false) };
        for seal in seals {
            if let Some(row) = graph.row(*seal)?
                && graph.is_ancestor(row, to)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    };
    chronicle.ask(came_from)
}
