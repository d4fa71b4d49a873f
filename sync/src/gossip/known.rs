//! Who knows that two nodes have the same.

use crate::gossip::message::Turn;

/// Who knows that both stand alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    /// This node: the peer hears of it with the answer that it is sent.
    Here,
    /// Both: the peer said so in its answer. Whoever hangs up now leaves nobody in doubt.
    ByBoth,
}

impl From<Turn> for Known {
    /// Who knows what a sum with this turn shows: who answers one has heard the same of us.
    fn from(turn: Turn) -> Self {
        match turn {
            Turn::Asks => Self::Here,
            Turn::Answers => Self::ByBoth,
        }
    }
}
