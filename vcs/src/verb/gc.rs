//! Letting go of what nobody uses and nobody can take back any more.

use std::time::Duration;

use selkie_store::{Amount, Collected, Garbage, GcError, OperationsError, Progress};
use thiserror::Error;

use crate::repository::PerformError;
use crate::workspace::{Doer, Workspace};

/// For how long things are kept that are used no more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keep {
    /// What is found unused is removed so much later at the earliest.
    pub grace: Duration,
    /// What was done so long ago can be taken back, with all objects that this takes.
    pub operations: Duration,
}

/// What became of what nobody uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cleared {
    /// Operations that can not be taken back any more.
    pub forgotten: u64,
    /// The objects.
    pub collected: Collected,
}

/// Why nothing was let go, or not all. What is used is where it was.
#[derive(Debug, Error)]
pub enum ClearError {
    /// What is unused can not be told or removed.
    #[error(transparent)]
    Objects(#[from] GcError),
    /// Old operations can not be forgotten.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// What an earlier command began can not be finished.
    #[error(transparent)]
    Perform(#[from] PerformError),
}

/// The newest operations are kept whatever their age: a clone that nobody touched for a year can still take back
/// what was done last.
const OPERATIONS_MIN: usize = 100;

/// Forgets old operations, and collects the objects that nothing leads to then.
///
/// Other commands may run meanwhile. What they use stays.
///
/// # Errors
///
/// See [`ClearError`].
pub fn clear(
    workspace: &mut Workspace,
    doer: &Doer,
    keep: Keep,
    progress: impl FnMut(Progress),
) -> Result<Cleared, ClearError> {
    let operations_ms = u64::try_from(keep.operations.as_millis()).unwrap_or(u64::MAX);
    let since_ms = doer.now_ms.saturating_sub(operations_ms);
    let forgotten = {
        let (mut hand, _) = workspace.take(doer)?;
        hand.forget(OPERATIONS_MIN, since_ms)?
    };
    // Not in hand: a collection takes its time, and others need not wait for it.
    let collected = match workspace.repository_mut().collect(keep.grace, doer.now_ms, progress) {
        // A clone without a seal, in which something was begun and given up: it is too little to clear away.
        Err(GcError::NothingUsed) => {
            let none = Amount::default();
            Collected::Done { removed: none, rescued: none, condemned: none }
        }
        collected => collected?,
    };
    Ok(Cleared { forgotten, collected })
}

/// Looks for what a collection would find. Nothing is changed, and no operation forgotten.
///
/// # Errors
///
/// See [`ClearError`].
pub fn look(
    workspace: &mut Workspace,
    progress: impl FnMut(Progress),
) -> Result<Garbage, ClearError> {
    Ok(workspace.repository_mut().garbage(progress)?)
}

#[cfg(test)]
mod tests {
    use selkie_store::{Author, Kind, SecretKey};

    use super::*;

    #[test]
    fn where_nothing_was_ever_used_there_is_nothing_to_let_go() {
        let place = tempfile::tempdir().unwrap();
        let author = Author { name: "Ann".into(), contact: String::new() };
        let doer = Doer { author, now_ms: 1_000, zone_minutes: 0 };
        let key = SecretKey::from_bytes(&[7; 32]);
        let mut clone = Workspace::forge(place.path(), "main", key, &doer, || 0).unwrap();
        {
            let (hand, _) = clone.take(&doer).unwrap();
            let batch = hand.batch();
            batch.put(Kind::Blob, b"given up", selkie_store::Hint::NONE).unwrap();
            batch.finish().unwrap();
        }
        let keep = Keep { grace: Duration::ZERO, operations: Duration::ZERO };
        let cleared = clear(&mut clone, &doer, keep, |_| ()).unwrap();
        let none = Amount::default();
        let nothing = Collected::Done { removed: none, rescued: none, condemned: none };
        assert_eq!((cleared.forgotten, cleared.collected), (0, nothing));
    }
}
