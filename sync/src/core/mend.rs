//! What two nodes say of repairs.

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::channel_id::ChannelId;
use crate::repair::message::RepairMessage;
use crate::wire::lane::Lane;

/// A message on [`Lane::Repair`]. Of two nodes each may have one repair open with the other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Mend {
    /// Let us compare what we have of this channel: here is my first message.
    Open(ChannelId, RepairMessage),
    /// The next message of a repair.
    Says(Opener, RepairMessage),
    /// That repair is over, or was never begun.
    Over(Opener, Refusal),
}

/// Who opened a repair.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Opener {
    /// I did.
    Me,
    /// You did.
    You,
}

/// Why one has no repair.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Refusal {
    /// You may not have that channel, or there is none.
    Closed,
    /// There are enough, or you had one not long ago.
    Busy,
    /// Something went wrong.
    Failed,
}

impl Opener {
    /// The same one, as the other node says it.
    pub(super) const fn for_other(self) -> Self {
        match self {
            Self::Me => Self::You,
            Self::You => Self::Me,
        }
    }
}

impl Coded for Mend {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = Lane::Repair.len_max();

    fn is_valid(&self) -> bool {
        match self {
            Self::Open(_, message) | Self::Says(_, message) => message.is_valid(),
            Self::Over(..) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    #[test]
    fn messages_keep_their_bytes() {
        let table = [
            (Mend::Over(Opener::Me, Refusal::Closed), [1, 2, 0, 0]),
            (Mend::Over(Opener::You, Refusal::Failed), [1, 2, 1, 2]),
        ];
        for (mend, golden) in table {
            assert_eq!(encode(&mend).unwrap(), golden);
            assert_eq!(decode::<Mend>(&golden).unwrap(), mend);
        }
    }
}
