//! Who may do what in a channel.

use std::collections::{BTreeMap, BTreeSet};

use crate::channel_id::ChannelId;
use crate::identity::node_id::NodeId;

/// What each person may do in each channel, by decisions made here. Nobody may do anything else.
#[derive(Clone, Debug, Default)]
pub struct Rights(BTreeMap<(ChannelId, NodeId), Right>);

/// What a person may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Right {
    /// Have what is there.
    Read,
    /// And change it, within these bounds.
    Write(Scope),
    /// And say who else may.
    Admin,
}

/// What a person may change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Everything.
    All,
    /// What has one of these names: the timelines of a repository. What a name stands for is not for this crate to know.
    Named(BTreeSet<String>),
}

impl Rights {
    /// Lets a person do so much in a channel, and no more.
    pub fn grant(&mut self, channel: ChannelId, person: NodeId, right: Right) {
        self.0.insert((channel, person), right);
    }

    /// Lets a person do nothing there any more.
    pub fn take(&mut self, channel: ChannelId, person: NodeId) {
        self.0.remove(&(channel, person));
    }

    /// Whether the person may have the channel.
    #[must_use]
    pub fn reads(&self, channel: ChannelId, person: NodeId) -> bool {
        self.0.contains_key(&(channel, person))
    }

    /// Whether the person may change what has this name.
    #[must_use]
    pub fn writes(&self, channel: ChannelId, person: NodeId, name: &str) -> bool {
        match self.0.get(&(channel, person)) {
            None | Some(Right::Read) => false,
            Some(Right::Admin | Right::Write(Scope::All)) => true,
            Some(Right::Write(Scope::Named(names))) => names.contains(name),
        }
    }

    /// Whether the person may change anything.
    #[must_use]
    pub fn changes(&self, channel: ChannelId, person: NodeId) -> bool {
        match self.0.get(&(channel, person)) {
            None | Some(Right::Read) => false,
            Some(Right::Admin | Right::Write(Scope::All)) => true,
            Some(Right::Write(Scope::Named(names))) => !names.is_empty(),
        }
    }

    /// The channels that the person may have.
    pub fn channels(&self, person: NodeId) -> impl Iterator<Item = ChannelId> {
        let theirs =
            move |(channel, holder): &(ChannelId, NodeId)| (*holder == person).then_some(*channel);
        self.0.keys().filter_map(theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: ChannelId = ChannelId::from_bytes([1; 16]);
    const OTHER: ChannelId = ChannelId::from_bytes([2; 16]);
    const ADA: NodeId = NodeId::from_bytes([3; 32]);
    const BOB: NodeId = NodeId::from_bytes([4; 32]);

    #[test]
    fn a_right_is_for_one_person_and_one_channel() {
        let mut rights = Rights::default();
        let draft = Scope::Named(["draft".to_owned()].into());
        rights.grant(HOME, ADA, Right::Write(draft));
        rights.grant(HOME, BOB, Right::Read);
        assert!(rights.writes(HOME, ADA, "draft") && rights.reads(HOME, ADA));
        assert!(!rights.writes(HOME, ADA, "main"));
        assert!(rights.changes(HOME, ADA) && !rights.changes(HOME, BOB));
        assert!(!rights.writes(HOME, BOB, "draft") && rights.reads(HOME, BOB));
        assert!(!rights.reads(OTHER, ADA));
        assert_eq!(rights.channels(ADA).collect::<Vec<_>>(), [HOME]);
        rights.take(HOME, ADA);
        assert!(!rights.reads(HOME, ADA));
    }
}
