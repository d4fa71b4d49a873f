//! What two nodes say to begin, keep and end a session.

use std::fmt;

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::identity::delegation::Delegation;
use crate::identity::invitation::Proof;
use crate::identity::network::NetworkId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::wire::lane::Lane;

/// A message on [`Lane::Control`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Control {
    /// The first message in each direction, and never a later one.
    Hello(Box<Hello>),
    /// Are you there? With a number that comes back.
    Ping(u64),
    /// Yes.
    Pong(u64),
    /// Nodes that I know of, with what they said of themselves.
    Records(Vec<Signed<NodeRecord>>),
    /// The last message.
    Goodbye(Goodbye),
}

/// Who I am beside my key, and what I can do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hello {
    /// The network that I am of.
    pub network: NetworkId,
    /// The versions of the protocol that I speak.
    pub versions: Versions,
    /// What I can do beyond what the version says, a bit each. Bits that nobody knows mean nothing.
    pub features: u64,
    /// Whose device I am, if not a person's first.
    pub delegation: Option<Signed<Delegation>>,
    /// That I was invited.
    pub proof: Option<Proof>,
    /// Where I listen.
    pub record: Option<Signed<NodeRecord>>,
}

/// Versions of the protocol, both ends included.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Versions {
    /// The oldest.
    pub least: u16,
    /// The newest.
    pub most: u16,
}

/// Why a session ends, said by who ends it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Goodbye {
    /// The node is being stopped.
    Done,
    /// There are enough peers. Come again after so many seconds.
    Full(u16),
    /// I do not know you.
    Stranger,
    /// Your device was revoked.
    Revoked,
    /// I am of another network.
    OtherNetwork,
    /// I speak these versions, and you speak none of them.
    OtherVersion(Versions),
    /// You are me.
    Yourself,
    /// We have another connection.
    Double,
    /// You said nothing for too long.
    Silent,
    /// You broke the protocol.
    Rude,
}

impl Versions {
    /// What this code speaks.
    pub const OURS: Self = Self { least: 1, most: 1 };

    /// The newest version that both speak.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u16> {
        let newest = self.most.min(other.most);
        (newest >= self.least.max(other.least)).then_some(newest)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most } = self;
        if least == most { write!(f, "{least}") } else { write!(f, "{least} to {most}") }
    }
}

/// Records in one message.
pub(super) const RECORDS_MAX: usize = 64;

impl Coded for Control {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = Lane::Control.len_max();

    fn is_valid(&self) -> bool {
        match self {
            Self::Hello(hello) => hello.versions.least <= hello.versions.most,
            Self::Records(records) => records.len() <= RECORDS_MAX,
            Self::Goodbye(Goodbye::OtherVersion(versions)) => versions.least <= versions.most,
            Self::Ping(_) | Self::Pong(_) | Self::Goodbye(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{SecretKey, decode, encode};

    use super::*;
    use crate::identity::node_id::NodeId;

    fn hello() -> Hello {
        let network = NetworkId::named("home");
        let (delegation, proof, record) = (None, None, None);
        Hello { network, versions: Versions::OURS, features: 5, delegation, proof, record }
    }

    #[test]
    fn messages_keep_their_bytes() {
        let network = hex(hello().network.as_bytes());
        let other = Goodbye::OtherVersion(Versions { least: 2, most: 3 });
        let table = [
            (Control::Hello(Box::new(hello())), format!("0100{network}010105000000")),
            (Control::Ping(300), "0101fb2c01".to_owned()),
            (Control::Pong(7), "010207".to_owned()),
            (Control::Records(Vec::new()), "010300".to_owned()),
            (Control::Goodbye(Goodbye::Full(60)), "0104013c".to_owned()),
            (Control::Goodbye(other), "0104050203".to_owned()),
            (Control::Goodbye(Goodbye::Rude), "010409".to_owned()),
        ];
        for (control, golden) in table {
            let bytes = encode(&control).unwrap();
            assert_eq!(hex(&bytes), golden, "{control:?}");
            assert_eq!(decode::<Control>(&bytes).unwrap(), control);
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn versions_meet_at_the_newest_that_both_speak() {
        let speaks = |least, most| Versions { least, most };
        assert_eq!(speaks(1, 3).common(speaks(2, 5)), Some(3));
        assert_eq!(speaks(2, 5).common(speaks(1, 3)), Some(3));
        assert_eq!(speaks(1, 1).common(speaks(2, 5)), None);
    }

    #[test]
    fn what_breaks_a_rule_is_no_message() {
        let versions = Versions { least: 2, most: 1 };
        assert!(encode(&Control::Hello(Box::new(Hello { versions, ..hello() }))).is_err());
        let key = SecretKey::from_bytes(&[1; 32]);
        let record = NodeRecord { sequence: 1, expires_ms: 1, addresses: Vec::new() };
        let record = Signed::new(&record, &hello().network, &key).unwrap();
        assert_eq!(record.by(), NodeId::of(key.public()));
        assert!(encode(&Control::Records(vec![record.clone(); RECORDS_MAX])).is_ok());
        assert!(encode(&Control::Records(vec![record; RECORDS_MAX + 1])).is_err());
    }
}
