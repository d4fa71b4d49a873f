//! What a node replicates without knowing what it is.
//!
//! A program that keeps its state elsewhere implements [`Model`] and gains the same sync as the
//! types of this crate, for which [`Doc`] is the ready-made implementation.

use alloc::vec::Vec;
use core::fmt;

use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::delta::Delta;
use crate::doc::Doc;
use crate::doc::JoinError;
use crate::hlc::Hlc;
use crate::version::VersionVector;
use crate::wire::DecodeError;

/// Something that replicates by changes since a version, in bytes of its own.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Doc, Hlc, LwwRegister, Model};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<String, LwwRegister<u32>>> = Doc::about("prices", east);
/// let mut west: Doc<AwMap<String, LwwRegister<u32>>> = Doc::about("prices", west);
/// east.edit().entry("pear".into()).write(3, Hlc::from_ms(1));
/// west.edit().entry("pear".into()).write(4, Hlc::from_ms(2));
///
/// let models: (&mut dyn Model, &dyn Model) = (&mut east, &west);
/// let changes = models.1.changes_since(&models.0.version()).expect("west wrote");
/// let conflicts = models.0.apply(&changes)?;
/// assert_eq!(conflicts[0].rivals, [[4], [3]]);
/// models.0.resolve(&conflicts[0], 1, Hlc::from_ms(3))?;
/// assert_eq!(east.root().get("pear").and_then(|price| price.read()), Some(&3));
/// # Ok::<_, selkie_crdt::ModelError>(())
/// ```
pub trait Model {
    /// What this is: replicas of one thing have one id, and changes of another are refused.
    fn id(&self) -> &str;

    /// What was seen.
    fn version(&self) -> VersionVector;

    /// What somebody lacks who has seen `since`; `None` if nothing.
    fn changes_since(&self, since: &VersionVector) -> Option<Vec<u8>>;

    /// Takes in what [`Model::changes_since`] of another replica made: all of it or nothing.
    /// Returns the conflicts that it met or brought.
    ///
    /// # Errors
    /// If the bytes are none, or do not fit what was seen. Nothing is changed then.
    fn apply(&mut self, changes: &[u8]) -> Result<Vec<Conflict>, ModelError>;

    /// All conflicts that wait.
    fn conflicts(&self) -> Vec<Conflict>;

    /// Settles `conflict` for everyone by its rival number `chosen`, at the time `at`.
    ///
    /// # Errors
    /// If the place or the rival is no longer there, or rivals are that the conflict does not list:
    /// show them first. Nothing is changed then.
    fn resolve(&mut self, conflict: &Conflict, chosen: usize, at: Hlc) -> Result<(), ModelError>;

    /// All of this, for a newcomer or for the disk.
    fn snapshot(&self) -> Vec<u8>;

    /// Takes in a snapshot. What this replica has that the snapshot lacks stays: it may not have
    /// reached anybody yet.
    ///
    /// # Errors
    /// As [`Model::apply`].
    fn restore(&mut self, snapshot: &[u8]) -> Result<Vec<Conflict>, ModelError> {
        self.apply(snapshot)
    }
}

/// Why a model did not do what it was asked. It is as it was before.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc, Model, ModelError};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<u64>>::new(east), Doc::<AwSet<u64>>::new(west));
/// west.edit().add(1);
/// let mut bytes = west.changes_since(&east.version()).expect("east lacks it");
/// bytes.truncate(3);
/// assert!(matches!(east.apply(&bytes), Err(ModelError::Decode(_))));
/// assert!(east.root().is_empty());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are not those of changes or a snapshot of such a model.
    Decode(DecodeError),
    /// The changes do not fit what the model has seen.
    Join(JoinError),
    /// The conflict is settled already, or has fewer rivals.
    NoRival,
}

impl<T: Contested> Model for Doc<T> {
    fn id(&self) -> &str {
        self.subject()
    }

    fn version(&self) -> VersionVector {
        self.version()
    }

    fn changes_since(&self, since: &VersionVector) -> Option<Vec<u8>> {
        self.delta_since(since).map(|delta| delta.to_bytes())
    }

    fn apply(&mut self, changes: &[u8]) -> Result<Vec<Conflict>, ModelError> {
        Ok(self.join_contested(Delta::from_bytes(changes)?, |_root| {})?)
    }

    fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        self.root().each_conflict(None, &mut Vec::new(), &mut |found| conflicts.push(found));
        conflicts
    }

    fn resolve(&mut self, conflict: &Conflict, chosen: usize, at: Hlc) -> Result<(), ModelError> {
        T::settle(self.edit(), &conflict.place, conflict.choice(chosen), at)?;
        Ok(())
    }

    fn snapshot(&self) -> Vec<u8> {
        self.to_bytes()
    }
}

impl<T: Contested> Doc<T> {
    /// Joins `delta`, and tells the conflicts that it met or brought. `settle` is as in
    /// [`Doc::join_settled`].
    pub(crate) fn join_contested(
        &mut self,
        delta: Delta<T>,
        settle: impl FnOnce(&mut T::Delta),
    ) -> Result<Vec<Conflict>, JoinError> {
        let places = delta.root.clone();
        self.join_settled(delta, settle)?;
        let mut conflicts = Vec::new();
        if let Some(places) = places {
            let mut keep = |conflict| conflicts.push(conflict);
            self.root().each_conflict(Some(&places), &mut Vec::new(), &mut keep);
        }
        Ok(conflicts)
    }
}

impl From<DecodeError> for ModelError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<JoinError> for ModelError {
    fn from(error: JoinError) -> Self {
        Self::Join(error)
    }
}

impl From<NoRival> for ModelError {
    fn from(_: NoRival) -> Self {
        Self::NoRival
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(_) => f.write_str("the bytes cannot be read"),
            Self::Join(_) => f.write_str("the changes cannot be joined"),
            Self::NoRival => NoRival.fmt(f),
        }
    }
}

impl core::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Decode(error) => Some(error),
            Self::Join(error) => Some(error),
            Self::NoRival => None,
        }
    }
}
