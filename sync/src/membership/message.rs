//! What members send to each other.

use selkie_store::{Coded, Signature};
use serde::{Deserialize, Serialize};

use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::membership::statement::{Accusation, Incarnation, Life};
use crate::wire::lane::Lane;

/// One message. A member is known by its connection, so none names its sender.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Message {
    /// Are you there? I am in this life.
    Ping(Hail),
    /// I am.
    Ack(Hail),
    /// It does not answer me: does it answer you?
    Ask {
        /// By which the answer is known.
        number: u32,
        /// Who does not answer.
        whom: NodeId,
    },
    /// Whom you asked about answered me.
    Answered {
        /// The number of the question.
        number: u32,
    },
    /// Whom you asked about does not answer me either; but you see that I do.
    Silent {
        /// The number of the question.
        number: u32,
    },
    /// Hear what others said.
    Tell(News),
    /// I do not know the life that you say you are in: show me that it is yours.
    Who,
    /// Do you know of these stretches of names what I know? They lie one after the other.
    Compare {
        /// The name before the first stretch, which begins with all if there is none.
        after: Option<NodeId>,
        /// The stretches, each by its last name.
        stretches: Vec<Stretch>,
    },
    /// Of this stretch I know otherwise: here is all I know. It may be shorter than yours was.
    Differ {
        /// The name before its first.
        after: Option<NodeId>,
        /// Its last name.
        upto: NodeId,
        /// All statements that I hold of it.
        news: News,
    },
}

/// What a ping and its answer say.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hail {
    /// By which the answer is known.
    pub number: u32,
    /// The life of the sender.
    pub incarnation: Incarnation,
    /// What goes along.
    pub news: News,
}

/// Statements that are passed on.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct News {
    /// What members say of themselves.
    pub lives: Vec<Signed<Life>>,
    /// What they say of others.
    pub accusations: Vec<Signed<Accusation>>,
    /// Where they are to be found.
    pub records: Vec<Signed<NodeRecord>>,
}

/// A stretch of names from after the last name of the one before it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Stretch {
    /// Its last name.
    pub upto: NodeId,
    /// A hash over what the sender knows of it.
    pub digest: [u8; Self::DIGEST_LEN],
}

/// Bytes that a statement takes at most in a message: who made it, its own bytes and the signature, two of
/// them with a length before.
const SIGNED_LEN_MAX: usize = NodeId::LEN + 1 + 1 + Signature::LEN;
/// Bytes that a message takes at most beside its statements: a version, a kind, a number, a life, and how
/// many statements of each kind follow.
const HEAD_LEN_MAX: usize = 1 + 1 + 5 + 9 + 3;

impl Message {
    /// Stretches in the longest comparison.
    pub const STRETCHES_MAX: usize = 64;
}

impl News {
    /// Lives in the longest message.
    pub const LIVES_MAX: usize = 64;
    /// Accusations in the longest message.
    pub const ACCUSATIONS_MAX: usize = 256;
    /// Records in the longest message.
    pub const RECORDS_MAX: usize = 64;
    /// Bytes of statements that a datagram has room for.
    pub(crate) const ROOM: usize = Lane::Datagram.len_max() - HEAD_LEN_MAX;
    /// Bytes that a life takes at most.
    pub(crate) const LIFE_LEN_MAX: usize = SIGNED_LEN_MAX + Life::LEN_MAX;
    /// Bytes that an accusation takes at most.
    pub(crate) const ACCUSATION_LEN_MAX: usize = SIGNED_LEN_MAX + Accusation::LEN_MAX;

    /// Bytes that a record takes at most: the length of so long a body takes two bytes more.
    pub(crate) const RECORD_LEN_MAX: usize = SIGNED_LEN_MAX + 2 + NodeRecord::LEN_MAX;

    /// One life, and nothing else.
    pub(crate) fn of_life(life: Signed<Life>) -> Self {
        Self { lives: vec![life], ..Self::default() }
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lives.is_empty() && self.accusations.is_empty() && self.records.is_empty()
    }

    /// How many statements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lives.len() + self.accusations.len() + self.records.len()
    }

    fn is_short(&self) -> bool {
        self.lives.len() <= Self::LIVES_MAX
            && self.accusations.len() <= Self::ACCUSATIONS_MAX
            && self.records.len() <= Self::RECORDS_MAX
    }
}

impl Stretch {
    /// Bytes in a digest.
    pub const DIGEST_LEN: usize = 16;
}

// The longest comparison and the longest difference fit into a frame of their lane.
const _: () = {
    let lives = News::LIVES_MAX * News::LIFE_LEN_MAX;
    let accusations = News::ACCUSATIONS_MAX * News::ACCUSATION_LEN_MAX;
    let ends = 2 * NodeId::LEN + 1;
    let records = News::RECORDS_MAX * News::RECORD_LEN_MAX;
    assert!(lives + accusations + records + ends + HEAD_LEN_MAX <= Message::LEN_MAX);
    let stretches = Message::STRETCHES_MAX * (NodeId::LEN + Stretch::DIGEST_LEN);
    assert!(stretches + ends + HEAD_LEN_MAX <= Message::LEN_MAX);
};

impl Coded for Message {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = Lane::Members.len_max();

    fn is_valid(&self) -> bool {
        match self {
            Self::Ping(hail) | Self::Ack(hail) => {
                hail.incarnation <= Incarnation::LAST && hail.news.is_short()
            }
            Self::Tell(news) => news.is_short(),
            Self::Compare { after, stretches } => {
                let all: Vec<_> = after.iter().chain(stretches.iter().map(|s| &s.upto)).collect();
                let count = stretches.len();
                count > 0 && count <= Self::STRETCHES_MAX && all.is_sorted_by(|a, b| a < b)
            }
            Self::Differ { after, upto, news } => {
                after.is_none_or(|after| after < *upto) && news.is_short()
            }
            Self::Ask { .. } | Self::Answered { .. } | Self::Silent { .. } | Self::Who => true,
        }
    }
}
