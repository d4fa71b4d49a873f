//! What a command and the node that serves its clone say to each other.
//!
//! One question a connection, and answers until the node hangs up. Each is spelled by the codec of the store, behind its length.

use std::net::SocketAddr;

use selkie_store::Coded;
use selkie_sync::NodeId;
use serde::{Deserialize, Serialize};

use crate::serving::around::Around;
use crate::serving::happening::Happening;
use crate::serving::topology::Topology;

/// What a command wants.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Ask {
    /// Tell how it goes.
    Status,
    /// End.
    Stop,
    /// The list of peers is another one.
    Reread,
    /// Call this peer, here too.
    Connect(NodeId, Vec<SocketAddr>),
    /// Hang up on this peer, and call it no more.
    Disconnect(NodeId),
    /// Have the same as these; as all of whom it is known where they are, if it is nobody.
    Sync(Vec<NodeId>),
    /// Have peers bring what is broken here.
    Heal,
    /// Let somebody in.
    Invite {
        /// What they are to be called.
        name: Option<String>,
        /// Where this machine can be reached besides.
        at: Vec<SocketAddr>,
        /// For how long it is good.
        seconds: u64,
    },
    /// Tell what happened of late.
    Recent,
    /// Tell what happened of late, and then what happens.
    Follow,
    /// Something may have been written into the logs: look.
    Look,
    /// Tell who was heard of near here.
    Around,
    /// The settings are others: go by them.
    Settings,
    /// Tell who is connected with whom.
    Topology,
}

/// What the node says to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Answer {
    /// It is done; nothing more comes.
    Done,
    /// It is not, for this reason.
    Refused(String),
    /// How it goes.
    Status(Status),
    /// So many objects came so far.
    SoFar(u64),
    /// What came of a sync.
    Synced(Synced),
    /// What to give to whoever is invited, and until when it is good.
    Invited(String, u64),
    /// Something happened.
    Happened(Happening),
    /// What is known of the local network; nothing if nobody is looked for.
    Around(Option<Around>),
    /// Who is connected with whom, as far as the node knows.
    Topology(Topology),
}

/// How it goes with a node.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Status {
    /// Its process.
    pub(crate) process: u32,
    /// The version of this program that it is.
    pub(crate) version: String,
    /// When it began, in milliseconds since 1970.
    pub(crate) began_ms: u64,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Entries and objects that came and went.
    pub(crate) moved: Counts,
    /// Bytes that each connection may hold.
    pub(crate) room_bytes: u64,
    /// Those that may have the repository.
    pub(crate) peers: Vec<PeerStatus>,
    /// Whether nobody looks on.
    pub(crate) unseen: bool,
    /// Where it was told to listen, if not by the settings.
    pub(crate) listen: Option<SocketAddr>,
    /// How it goes with having the same.
    pub(crate) syncing: Syncing,
}

/// How it goes with having the same as peers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Syncing {
    /// Whether it is done without being asked for.
    pub(crate) by_itself: bool,
    /// How often those are called that are not connected, in milliseconds.
    pub(crate) interval_ms: u64,
    /// When that was done last, in milliseconds since 1970.
    pub(crate) called_ms: Option<u64>,
    /// Syncs that commands asked for and that are under way.
    pub(crate) under_way: u64,
    /// Timelines that wait for a person.
    pub(crate) waits: Vec<Waits>,
}

/// A timeline that its strategy leaves to a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Waits {
    pub(crate) timeline: String,
    pub(crate) strategy: String,
    pub(crate) why: String,
}

/// How it goes with a peer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct PeerStatus {
    /// What it is called here.
    pub(crate) name: String,
    /// Its key.
    pub(crate) node: NodeId,
    /// How long it takes there and back, in microseconds; none if it is not connected.
    pub(crate) round_trip_us: Option<u64>,
    /// Why it is not connected.
    pub(crate) why: Option<String>,
    /// When it was last seen that both have the same, in milliseconds since 1970.
    pub(crate) agreed_ms: Option<u64>,
}

/// What moved.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) entries_in: u64,
    pub(crate) entries_out: u64,
    pub(crate) objects_in: u64,
    pub(crate) object_bytes_in: u64,
    pub(crate) bulk_out: u64,
}

/// What came of a sync.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Synced {
    /// What became of each peer.
    pub(crate) ends: Vec<Ended>,
    /// What moved meanwhile.
    pub(crate) moved: Counts,
}

/// What became of one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Ended {
    pub(crate) node: NodeId,
    /// Whether both have the same.
    pub(crate) agreed: bool,
    /// The same in words.
    pub(crate) words: String,
}

impl Coded for Ask {
    const VERSION: u8 = 2;
    const LEN_MAX: usize = 16 << 10;

    fn is_valid(&self) -> bool {
        true
    }
}

impl Coded for Answer {
    const VERSION: u8 = 3;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        true
    }
}

impl Counts {
    /// What moved between then and now.
    pub(crate) const fn since(self, then: Self) -> Self {
        Self {
            entries_in: self.entries_in - then.entries_in,
            entries_out: self.entries_out - then.entries_out,
            objects_in: self.objects_in - then.objects_in,
            object_bytes_in: self.object_bytes_in - then.object_bytes_in,
            bulk_out: self.bulk_out - then.bulk_out,
        }
    }
}

impl From<selkie_sync::Moved> for Counts {
    fn from(moved: selkie_sync::Moved) -> Self {
        let selkie_sync::Moved { entries_in, entries_out, objects_in, object_bytes_in, bulk_out } =
            moved;
        Self { entries_in, entries_out, objects_in, object_bytes_in, bulk_out }
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    /// A change of these bytes is another version.
    #[test]
    fn questions_and_answers_keep_their_bytes() {
        let node = NodeId::from_bytes([7; 32]);
        let sevens = "07".repeat(32);
        let table = [
            (encode(&Ask::Status).unwrap(), "0200".to_owned()),
            (encode(&Ask::Stop).unwrap(), "0201".to_owned()),
            (encode(&Ask::Disconnect(node)).unwrap(), format!("0204{sevens}")),
            (encode(&Answer::Done).unwrap(), "0300".to_owned()),
            (encode(&Answer::Refused("no".to_owned())).unwrap(), "0301026e6f".to_owned()),
            (encode(&Answer::SoFar(5)).unwrap(), "030305".to_owned()),
        ];
        for (bytes, expected) in table {
            let hex = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            assert_eq!(hex, expected);
        }
        assert!(decode::<Ask>(&[1, 0]).is_err(), "of another version");
        assert!(decode::<Ask>(&[2, 99]).is_err(), "no question");
    }
}
