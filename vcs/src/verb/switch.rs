//! Standing somewhere else.

use std::collections::BTreeSet;

use selkie_store::{ReadError, Seal, SealId};
use thiserror::Error;

use crate::chronicle::folded;
use crate::desk::Desk;
use crate::journal::{Logged, Outcome};
use crate::repository::{Hand, PerformError, RepositoryError};
use crate::verb::crossing::{Crossing, CrossingError, Shelved, Shore, Unfinished, cross};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::workspace::{Doer, Workspace};

/// Where the clone stands now, and what became of unfinished work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// The seal it stands on.
    pub seal: SealId,
    /// The other newest seals of its timeline, if that has diverged.
    pub others: Vec<SealId>,
    /// What became of unfinished work.
    pub shelved: Shelved,
}

/// Why the clone stands where it stood.
#[derive(Debug, Error)]
pub enum SwitchError {
    /// There is no such timeline.
    #[error("there is no timeline '{0}'")]
    Unknown(String),
    /// The clone stands there, at its newest seal.
    #[error("this is timeline '{0}'")]
    Here(String),
    /// The clone stands on that seal and on no timeline.
    #[error("this is that seal, on no timeline")]
    There,
    /// Unfinished work keeps it there.
    #[error(transparent)]
    Work(CrossingError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for SwitchError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Goes to the newest seal of a timeline, also of this one, where others moved it on. Of one that diverged it is the head on which the
/// clone stood last, else the earliest. Work that a switch laid aside there comes back.
///
/// # Errors
///
/// See [`SwitchError`].
pub fn switch(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
    unfinished: Unfinished,
) -> Result<Arrival, SwitchError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let stands_on_it = hand.desk().timeline.as_deref() == Some(name);
    let Some(heads) = hand.heads_of(name) else {
        let name = name.to_owned();
        return Err(if stands_on_it {
            SwitchError::Here(name)
        } else {
            SwitchError::Unknown(name)
        });
    };
    let heads = folded(heads, || hand.chronicle())?;
    let stands_at_it = matches!(hand.desk().bases[..], [base] if heads.contains(&base));
    let seal = head_meant(&hand, name, &heads)?.filter(|_| !(stands_on_it && stands_at_it));
    let seal = seal.ok_or_else(|| SwitchError::Here(name.to_owned()))?;
    let goal = Goal { timeline: Some(name), seal };
    let arrival = go(&mut hand, copy, typed, goal, unfinished, |_| ())?;
    let others = heads.into_iter().filter(|head| *head != seal).collect();
    Ok(Arrival { others, ..arrival })
}

/// The head that somebody means who names the timeline: where it diverged, the one on which the clone stood last, so that they find
/// what they left; else the earliest, which is the first when heads are brought together.
fn head_meant(
    hand: &Hand<'_>,
    name: &str,
    heads: &BTreeSet<SealId>,
) -> Result<Option<SealId>, SwitchError> {
    if heads.len() < 2 {
        return Ok(heads.first().copied());
    }
    let unreadable = |error| PerformError::from(RepositoryError::from(error));
    for logged in hand.operations().map_err(unreadable)? {
        let Logged { operation, outcome, .. } = logged.map_err(unreadable)?;
        let Desk { timeline, bases, .. } = operation.after;
        let stood_at = bases.first().filter(|base| heads.contains(base));
        if let (Outcome::Done, Some(base)) = (outcome, stood_at)
            && timeline.as_deref() == Some(name)
        {
            return Ok(Some(*base));
        }
    }
    let time = |head: &SealId| Ok((hand.store().load::<Seal>(*head)?.time, *head));
    let times = heads.iter().map(time).collect::<Result<Vec<_>, ReadError>>()?;
    Ok(times.into_iter().min().map(|(_, head)| head))
}

/// Goes to a seal, to stand on no timeline.
///
/// # Errors
///
/// See [`SwitchError`].
pub fn travel(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    seal: SealId,
    unfinished: Unfinished,
) -> Result<Arrival, SwitchError> {
    let (mut hand, copy) = workspace.take(doer)?;
    if hand.desk().timeline.is_none() && hand.desk().bases == [seal] {
        return Err(SwitchError::There);
    }
    go(&mut hand, copy, typed, Goal { timeline: None, seal }, unfinished, |_| ())
}

/// Where somebody goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'a> {
    pub(crate) timeline: Option<&'a str>,
    pub(crate) seal: SealId,
}

/// Goes there. `change` is done to the desk besides.
pub(crate) fn go(
    hand: &mut Hand<'_>,
    copy: &Copy,
    typed: String,
    Goal { timeline, seal }: Goal<'_>,
    unfinished: Unfinished,
    change: impl FnOnce(&mut Desk),
) -> Result<Arrival, SwitchError> {
    let shore = Shore { timeline, tree: hand.store().load::<Seal>(seal)?.tree };
    let crossing = cross(hand, copy, &shore, unfinished).map_err(SwitchError::Work)?;
    let Crossing { files, gathered, shelves, told } = crossing;
    let timeline = timeline.map(str::to_owned);
    let mut desk = Desk { timeline, bases: vec![seal], gathered, shelves, ..hand.desk().clone() };
    change(&mut desk);
    let mut operation = hand.operation(typed, desk);
    operation.files = Some(files);
    hand.perform(&operation)?;
    Ok(Arrival { seal, others: Vec::new(), shelved: told })
}
