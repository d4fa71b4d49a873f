//! Standing somewhere else.

use selkie_store::{Seal, SealId};
use thiserror::Error;

use crate::chronicle::folded;
use crate::desk::Desk;
use crate::repository::Hand;
use crate::verb::crossing::{Crossing, CrossingError, Shelved, Shore, Unfinished, cross};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::workspace::{Doer, Workspace};

/// Where the clone stands now, and what became of unfinished work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// The seal it stands on.
    pub seal: SealId,
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
    /// The timeline has several newest seals.
    #[error("timeline '{name}' has {count} newest seals")]
    Diverged {
        /// Which one.
        name: String,
        /// How many.
        count: usize,
    },
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

/// Goes to the newest seal of a timeline, also of this one, where others moved it on. Work that a switch laid aside
/// there comes back.
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
    let [seal] = heads.iter().copied().collect::<Vec<_>>()[..] else {
        return Err(SwitchError::Diverged { name: name.to_owned(), count: heads.len() });
    };
    if stands_on_it && hand.desk().bases == [seal] {
        return Err(SwitchError::Here(name.to_owned()));
    }
    go(&mut hand, copy, typed, Goal { timeline: Some(name), seal }, unfinished, |_| ())
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
    Ok(Arrival { seal, shelved: told })
}
