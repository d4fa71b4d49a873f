//! Everything that may happen to a node.

use serde::{Deserialize, Serialize};

/// What happens.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Matter {
    Listening,
    Connected,
    Disconnected,
    Paired,
    Refused,
    Received,
    Agreed,
    Closed,
    Forked,
    Ended,
    Slow,
    Blamed,
    Accused,
    Unfetched,
    Rejected,
    Reborn,
    Trouble,
    Compared,
    Uncompared,
    Broken,
    Healed,
    Unhealed,
    Whole,
    Missed,
    Closing,
    Discovered,
    Lost,
    Unheard,
    Updated,
    Settled,
    Diverged,
    Syncing,
    Synced,
    Unsynced,
}

impl Matter {
    /// All of them.
    pub(crate) const ALL: [Self; 34] = [
        Self::Listening,
        Self::Connected,
        Self::Disconnected,
        Self::Paired,
        Self::Refused,
        Self::Received,
        Self::Agreed,
        Self::Closed,
        Self::Forked,
        Self::Ended,
        Self::Slow,
        Self::Blamed,
        Self::Accused,
        Self::Unfetched,
        Self::Rejected,
        Self::Reborn,
        Self::Trouble,
        Self::Compared,
        Self::Uncompared,
        Self::Broken,
        Self::Healed,
        Self::Unhealed,
        Self::Whole,
        Self::Missed,
        Self::Closing,
        Self::Discovered,
        Self::Lost,
        Self::Unheard,
        Self::Updated,
        Self::Settled,
        Self::Diverged,
        Self::Syncing,
        Self::Synced,
        Self::Unsynced,
    ];

    /// Whether it tells how it goes with what is damaged or lost.
    pub(crate) const fn is_of_healing(self) -> bool {
        match self {
            Self::Compared
            | Self::Uncompared
            | Self::Broken
            | Self::Healed
            | Self::Unhealed
            | Self::Unfetched
            | Self::Trouble
            | Self::Whole => true,
            Self::Listening
            | Self::Connected
            | Self::Disconnected
            | Self::Paired
            | Self::Refused
            | Self::Received
            | Self::Agreed
            | Self::Closed
            | Self::Forked
            | Self::Ended
            | Self::Slow
            | Self::Blamed
            | Self::Accused
            | Self::Rejected
            | Self::Reborn
            | Self::Missed
            | Self::Closing
            | Self::Discovered
            | Self::Lost
            | Self::Unheard
            | Self::Updated
            | Self::Settled
            | Self::Diverged
            | Self::Syncing
            | Self::Synced
            | Self::Unsynced => false,
        }
    }

    /// The word that programs read.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Listening => "listening",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Paired => "paired",
            Self::Refused => "refused",
            Self::Received => "received",
            Self::Agreed => "agreed",
            Self::Closed => "closed",
            Self::Forked => "forked",
            Self::Ended => "ended",
            Self::Slow => "slow",
            Self::Blamed => "blamed",
            Self::Accused => "accused",
            Self::Unfetched => "unfetched",
            Self::Rejected => "rejected",
            Self::Reborn => "reborn",
            Self::Trouble => "trouble",
            Self::Compared => "compared",
            Self::Uncompared => "uncompared",
            Self::Broken => "broken",
            Self::Healed => "healed",
            Self::Unhealed => "unhealed",
            Self::Whole => "whole",
            Self::Missed => "missed",
            Self::Closing => "closing",
            Self::Discovered => "discovered",
            Self::Lost => "lost",
            Self::Unheard => "unheard",
            Self::Updated => "updated",
            Self::Settled => "settled",
            Self::Diverged => "diverged",
            Self::Syncing => "syncing",
            Self::Synced => "synced",
            Self::Unsynced => "unsynced",
        }
    }

    /// What has happened then, and which fields tell of it besides who and when.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Listening => "The node has begun, and listens at `address`",
            Self::Connected => "A peer is connected",
            Self::Disconnected => "A peer is not connected any more; `detail` is why",
            Self::Paired => "Somebody came who was invited, with the key `key`",
            Self::Refused => "A device that is not listed called from `address`",
            Self::Received => "So many entries of logs came, in `count`",
            Self::Agreed => "A peer has the same as this clone",
            Self::Closed => "A peer does not share this repository with you",
            Self::Forked => {
                "A peer has another history of the log of the replica in `detail`: a clone was copied"
            }
            Self::Ended => "The log of the replica in `detail` forked, and has ended",
            Self::Slow => "A peer did not send in time what it was asked for",
            Self::Blamed => "A peer sent what it should not have sent",
            Self::Accused => "A peer says that objects from here are damaged",
            Self::Unfetched => "Objects could not be had of a peer; another one is asked",
            Self::Rejected => "What came was not taken in; `detail` is why",
            Self::Reborn => {
                "Others know more of what this clone did than it does itself: it goes by the new name in `detail`"
            }
            Self::Trouble => "Something failed here; `detail` is what",
            Self::Compared => "What is here was compared with a peer; `count` objects were lacked",
            Self::Uncompared => "What is here could not be compared with a peer",
            Self::Broken => "`count` objects here are damaged or lost; peers are asked for them",
            Self::Healed => "A peer gave `count` objects back",
            Self::Unhealed => "`count` objects are still damaged or lost; `detail` names some",
            Self::Whole => "All that was damaged or lost is back",
            Self::Missed => "`count` events went by untold: more happened than this listener took",
            Self::Closing => "The node has ended",
            Self::Discovered => "A peer was found, at `address`",
            Self::Lost => "A peer that was found is heard of no more",
            Self::Unheard => "Peers near here may not be found; `detail` is why",
            Self::Updated => "The timeline in `detail` has a new seal, or `count` newest ones",
            Self::Settled => {
                "A timeline that diverged was settled; `detail` says which one, and by what strategy"
            }
            Self::Diverged => {
                "A timeline diverged and is left to you; `detail` says which one, and why"
            }
            Self::Syncing => "A sync that a command asked for has begun, with `count` peers",
            Self::Synced => "A sync came to its end: a peer has the same",
            Self::Unsynced => "A sync did not come to its end with a peer; `detail` is why",
        }
    }
}
