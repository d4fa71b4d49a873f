//! Looking for the seal with which something went wrong, half of what is left at a time.
//!
//! What was said of seals is on the desk, so every step is an operation: it survives, and can be taken back.

use std::collections::BTreeSet;

use selkie_store::SealId;
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::graph::error::GraphError;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::hunt::{Hunt, Narrowed, narrow};
use crate::repository::{Hand, Repository};
use crate::verb::crossing::{CrossingError, Shelved, Unfinished};
use crate::verb::switch::{Goal, SwitchError, go};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::workspace::{Doer, Workspace};

/// What somebody says of a seal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// All is well in it.
    Good,
    /// It is wrong in it.
    Bad,
    /// Nobody can tell.
    Skip,
}

/// Where the search is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// A seal is missing in which it is wrong, or one in which all is well.
    Waits {
        /// Whether it is the bad one.
        for_bad: bool,
    },
    /// This seal is to be looked at. With it so many may be the one.
    Look {
        /// Which one.
        seal: SealId,
        /// How many are left.
        left: usize,
    },
    /// With this seal it went wrong.
    Found(SealId),
    /// It was one of these, the oldest first; of all but the last nobody can tell.
    Unclear(Vec<SealId>),
}

/// What became of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Where the search is now. The clone stands on the seal to be looked at.
    pub progress: Progress,
    /// What became of unfinished work.
    pub shelved: Shelved,
}

/// Why a search does not go on. All is as it was.
#[derive(Debug, Error)]
pub enum BisectError {
    /// None is under way.
    #[error("no bisect is under way")]
    None,
    /// One is.
    #[error("a bisect is under way")]
    Underway,
    /// There is no seal here to begin at.
    #[error("there is no seal here yet")]
    NoSeal,
    /// No program can look before both are known.
    #[error("a bad seal and a good one have to be known first")]
    Vague,
    /// The bad seal is a good one, or came before one.
    #[error("what is wrong in a seal can not have been well in one that came from it")]
    Senseless,
    /// Unfinished work keeps the clone where it stands.
    #[error(transparent)]
    Work(CrossingError),
    /// The timeline that it came from is gone.
    #[error(transparent)]
    Back(Box<SwitchError>),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for BisectError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How many seals have to be looked at yet, at most, if halves are halves.
#[must_use]
pub const fn looks_left(left: usize) -> u32 {
    usize::BITS - left.saturating_sub(1).leading_zeros()
}

/// Begins a search with what is known already.
///
/// # Errors
///
/// See [`BisectError`].
pub fn start(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    (bad, good): (Option<SealId>, BTreeSet<SealId>),
    unfinished: Unfinished,
) -> Result<Step, BisectError> {
    let (mut hand, copy) = workspace.take(doer)?;
    if hand.desk().hunt.is_some() {
        return Err(BisectError::Underway);
    }
    let home = *hand.desk().bases.first().ok_or(BisectError::NoSeal)?;
    let (timeline, skipped) = (hand.desk().timeline.clone(), BTreeSet::new());
    let hunt = Hunt { good, bad, skipped, timeline, home };
    go_on(&mut hand, copy, typed, hunt, unfinished)
}

/// Says something of a seal, and goes on to the next one to be looked at.
///
/// # Errors
///
/// See [`BisectError`].
pub fn mark(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    (mark, seals): (Mark, &[SealId]),
    unfinished: Unfinished,
) -> Result<Step, BisectError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let mut hunt = hand.desk().hunt.clone().ok_or(BisectError::None)?;
    let here = *hand.desk().bases.first().ok_or(BisectError::NoSeal)?;
    let seals = if seals.is_empty() { &[here][..] } else { seals };
    for seal in seals {
        match mark {
            Mark::Good => drop(hunt.good.insert(*seal)),
            Mark::Bad => hunt.bad = Some(*seal),
            Mark::Skip => drop(hunt.skipped.insert(*seal)),
        }
    }
    go_on(&mut hand, copy, typed, hunt, unfinished)
}

/// Ends the search, and goes back to where it began.
///
/// # Errors
///
/// See [`BisectError`].
pub fn reset(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    unfinished: Unfinished,
) -> Result<Shelved, BisectError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let hunt = hand.desk().hunt.clone().ok_or(BisectError::None)?;
    // Where the timeline went on meanwhile, or is gone, the seal itself is where it began.
    let stands = hunt.timeline.as_deref().and_then(|name| hand.heads_of(name));
    let timeline = hunt.timeline.as_deref();
    let timeline = timeline.filter(|_| stands.is_some_and(|heads| heads.contains(&hunt.home)));
    let goal = Goal { timeline, seal: hunt.home };
    let arrival = go(&mut hand, copy, typed, goal, unfinished, |desk| desk.hunt = None);
    Ok(arrival.map_err(refused)?.shelved)
}

/// Where the search is that is under way.
///
/// # Errors
///
/// See [`BisectError`].
pub fn progress(repository: &Repository) -> Result<(Hunt, Progress), BisectError> {
    let hunt = repository.desk().hunt.clone().ok_or(BisectError::None)?;
    let progress = follow(repository.chronicle()?, &hunt)?;
    Ok((hunt, progress))
}

fn go_on(
    hand: &mut Hand<'_>,
    copy: &Copy,
    typed: String,
    hunt: Hunt,
    unfinished: Unfinished,
) -> Result<Step, BisectError> {
    let progress = follow(hand.chronicle()?, &hunt)?;
    let is_there = |seal| hand.desk().timeline.is_none() && hand.desk().bases == [seal];
    let shelved = match progress {
        Progress::Look { seal, .. } if !is_there(seal) => {
            let goal = Goal { timeline: None, seal };
            let arrival =
                go(hand, copy, typed, goal, unfinished, |desk| desk.hunt = Some(hunt.clone()));
            arrival.map_err(refused)?.shelved
        }
        Progress::Look { .. }
        | Progress::Waits { .. }
        | Progress::Found(_)
        | Progress::Unclear(_) => {
            let mut desk = hand.desk().clone();
            desk.hunt = Some(hunt);
            let operation = hand.operation(typed, desk);
            hand.perform(&operation)?;
            Shelved::default()
        }
    };
    Ok(Step { progress, shelved })
}

fn refused(error: SwitchError) -> BisectError {
    match error {
        SwitchError::Work(error) => BisectError::Work(error),
        SwitchError::Failed(trouble) => BisectError::Failed(trouble),
        error @ (SwitchError::Unknown(_) | SwitchError::Here(_) | SwitchError::There) => {
            BisectError::Back(Box::new(error))
        }
    }
}

/// What follows from what is known.
fn follow(mut chronicle: Chronicle, hunt: &Hunt) -> Result<Progress, BisectError> {
    // Since something was said of a seal, all names may have left it.
    chronicle.enter(&hunt.marks().collect())?;
    let progress = chronicle.ask(|graph| Ok::<_, GrowError>(told(graph, hunt)?))?;
    progress.ok_or(BisectError::Senseless)
}

/// What follows from what is known; nothing if it makes no sense.
fn told(graph: &Graph, hunt: &Hunt) -> Result<Option<Progress>, GraphError> {
    let (Some(bad), false) = (hunt.bad, hunt.good.is_empty()) else {
        return Ok(Some(Progress::Waits { for_bad: hunt.bad.is_none() }));
    };
    let rows = |seals: &BTreeSet<SealId>| -> Result<RowSet, GraphError> {
        let rows = seals.iter().map(|seal| graph.row(*seal));
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    };
    let Some(bad) = graph.row(bad)? else { return Ok(None) };
    let seal = |row: Row| graph.id(row);
    Ok(match narrow(graph, bad, &rows(&hunt.good)?, &rows(&hunt.skipped)?)? {
        Narrowed::Look { row, left } => Some(Progress::Look { seal: seal(row)?, left }),
        Narrowed::Found(row) => Some(Progress::Found(seal(row)?)),
        Narrowed::Unclear(rows) => {
            let seals = rows.into_iter().map(seal).collect::<Result<_, _>>()?;
            Some(Progress::Unclear(seals))
        }
        Narrowed::Senseless => None,
    })
}
