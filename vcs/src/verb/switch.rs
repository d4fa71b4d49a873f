//! Standing somewhere else.

use selkie_store::{Seal, SealId};
use thiserror::Error;

use crate::chronicle::folded;
use crate::desk::Desk;
use crate::operation::Files;
use crate::repository::Hand;
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::work::write::plan::Blocked;
use crate::workspace::{Doer, Workspace, known};

/// Why the clone stands where it stood.
#[derive(Debug, Error)]
pub enum SwitchError {
    /// There is no such timeline.
    #[error("there is no timeline '{0}'")]
    Unknown(String),
    /// The clone stands there.
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
    /// What is gathered belongs to the place that would be left.
    #[error("something is gathered")]
    Gathered,
    /// Files have changes that the other place has other contents for.
    #[error("{} files are changed that are different there", .0.len())]
    Blocked(Vec<Blocked>),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for SwitchError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Goes to the newest seal of a timeline. Changes of files that are the same in both places are carried.
///
/// # Errors
///
/// See [`SwitchError`].
pub fn switch(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<SealId, SwitchError> {
    let (mut hand, copy) = workspace.take(doer)?;
    if hand.desk().timeline.as_deref() == Some(name) {
        return Err(SwitchError::Here(name.to_owned()));
    }
    let timeline = hand.shared().timeline(name);
    let heads = timeline.ok_or_else(|| SwitchError::Unknown(name.to_owned()))?.heads();
    let heads = folded(heads, || hand.chronicle())?;
    let [seal] = heads.iter().copied().collect::<Vec<_>>()[..] else {
        return Err(SwitchError::Diverged { name: name.to_owned(), count: heads.len() });
    };
    go(&mut hand, copy, typed, Some(name.to_owned()), seal)
}

/// Goes to a seal, to stand on no timeline. Changes are carried as with a switch.
///
/// # Errors
///
/// See [`SwitchError`].
pub fn travel(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    seal: SealId,
) -> Result<SealId, SwitchError> {
    let (mut hand, copy) = workspace.take(doer)?;
    if hand.desk().timeline.is_none() && hand.desk().bases == [seal] {
        return Err(SwitchError::There);
    }
    go(&mut hand, copy, typed, None, seal)
}

fn go(
    hand: &mut Hand<'_>,
    copy: &Copy,
    typed: String,
    timeline: Option<String>,
    seal: SealId,
) -> Result<SealId, SwitchError> {
    if hand.desk().gathered.is_some() {
        return Err(SwitchError::Gathered);
    }
    let before = known(hand.store(), hand.desk())?;
    let after = hand.store().load::<Seal>(seal)?.tree;
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Err(SwitchError::Blocked(plan.blocked));
    }
    let desk = Desk { timeline, bases: vec![seal], ..hand.desk().clone() };
    let mut operation = hand.operation(typed, desk);
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    Ok(seal)
}
