//! What members say of themselves and of others.

use std::fmt;

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::identity::node_id::NodeId;
use crate::identity::signed::Statement;

/// How often a member answered to being taken for dead. Only the member itself counts it up.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Incarnation(u64);

/// What a member says of itself. Of two the greater is the newer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Life {
    /// Which life it is.
    pub incarnation: Incarnation,
    /// Whether it goes on.
    pub standing: Standing,
}

/// Whether a life goes on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Standing {
    /// The member takes part.
    Here,
    /// It said goodbye.
    Left,
}

/// What a member says of another: in this life it did not answer me.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Accusation {
    /// Who did not answer.
    pub whom: NodeId,
    /// In which of its lives. A later one is not accused by it.
    pub incarnation: Incarnation,
}

impl Incarnation {
    /// The first life.
    pub const FIRST: Self = Self(0);
    /// The last: far from where a counter ends, and further than anybody lives.
    pub const LAST: Self = Self(1 << 48);
    /// How many lives a member may have had between two words from it. Who skips more is not believed, so
    /// that nobody comes near the last life in one step.
    pub const SKIPPED_MAX: u64 = 1 << 16;

    /// The life with this number.
    #[must_use]
    pub const fn of(number: u64) -> Self {
        Self(number)
    }

    /// The number of the life.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The one after it. After the last there is none.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        (self < Self::LAST).then_some(Self(self.0 + 1))
    }

    /// Whether a member that was in life `known` may be in this one.
    pub(crate) const fn is_near(self, known: Self) -> bool {
        self.0 <= known.0.saturating_add(Self::SKIPPED_MAX)
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Coded for Life {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 11;

    fn is_valid(&self) -> bool {
        self.incarnation <= Incarnation::LAST
    }
}

impl Statement for Life {
    const PURPOSE: &'static str = "membership: my own life";
}

impl Coded for Accusation {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 42;

    fn is_valid(&self) -> bool {
        self.incarnation <= Incarnation::LAST
    }
}

impl Statement for Accusation {
    const PURPOSE: &'static str = "membership: another did not answer";
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    #[test]
    fn statements_keep_their_bytes() {
        let life = Life { incarnation: Incarnation::of(300), standing: Standing::Left };
        assert_eq!(encode(&life).unwrap(), [1, 251, 44, 1, 1]);
        let whom = NodeId::from_bytes([9; 32]);
        let accusation = Accusation { whom, incarnation: Incarnation::of(2) };
        let bytes = [&[1][..], &[9; 32], &[2]].concat();
        assert_eq!(encode(&accusation).unwrap(), bytes);
        assert_eq!(decode::<Accusation>(&bytes).unwrap(), accusation);
    }

    #[test]
    fn a_life_after_the_last_is_none() {
        let ended = Life { incarnation: Incarnation::of(u64::MAX), standing: Standing::Here };
        assert!(encode(&ended).is_err());
        assert!(encode(&Life { incarnation: Incarnation::LAST, ..ended }).is_ok());
    }

    #[test]
    fn a_goodbye_ends_its_life_and_no_later_one() {
        let life = |number, standing| Life { incarnation: Incarnation::of(number), standing };
        assert!(life(3, Standing::Left) > life(3, Standing::Here));
        assert!(life(4, Standing::Here) > life(3, Standing::Left));
    }

    #[test]
    fn lives_are_not_skipped_by_the_thousand() {
        let known = Incarnation::of(7);
        assert!(Incarnation::of(7 + (1 << 16)).is_near(known));
        assert!(!Incarnation::of(8 + (1 << 16)).is_near(known));
    }
}
