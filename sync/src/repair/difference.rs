//! What a repair comes to.

use std::time::Duration;

use selkie_store::ObjectId;
use thiserror::Error;

/// In what two sets of ids differ. Both sides of a repair get the same, seen from their side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// What we have and the other has not, ascending.
    pub only_here: Vec<ObjectId>,
    /// What the other says it has and we have not, ascending. Whether it has them shows when it gives them.
    pub only_there: Vec<ObjectId>,
    /// Whether the members should take another salt.
    pub salt: SaltStanding,
}

/// What a repair tells of the salt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SaltStanding {
    /// It did what it is for.
    Good,
    /// The other has another one, so that whole ids were compared.
    Differs,
    /// The images misled: two ids have one, by chance or by somebody's doing. Another salt ends that.
    Doubtful,
}

/// Why a repair came to nothing. What was said so far means nothing then.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RepairError {
    /// The other says what does not belong here.
    #[error("the peer says what does not belong here")]
    Unexpected,
    /// What the other says is not true of any set that it may have.
    #[error("what the peer says of its objects contradicts itself")]
    Untrue,
    /// The other asks or tells more than this can come to.
    #[error("the peer goes on for longer than a repair takes")]
    Endless,
    /// The other has so much more than we that a clone is the better way.
    #[error("the peer has more than {max} objects that are missing here")]
    TooMuch {
        /// Ids that may be missing.
        max: usize,
    },
    /// The other says nothing.
    #[error("the peer said nothing for {} s", .0.as_secs())]
    Silent(Duration),
}

/// Ids that may be missing here: what they take is all that a repair keeps of what the other says.
pub(crate) const MISSING_MAX: usize = 1 << 20;

/// Refuses what is too much.
pub(crate) const fn bounded(missing: usize) -> Result<(), RepairError> {
    if missing > MISSING_MAX { Err(RepairError::TooMuch { max: MISSING_MAX }) } else { Ok(()) }
}
