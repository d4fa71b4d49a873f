//! Between those that are heard of near here and sessions.

use std::net::SocketAddr;

use crate::channel_id::ChannelId;
use crate::core::Core;
use crate::discovery::step::Step;
use crate::identity::node_id::NodeId;
use crate::identity::trust::Verdict;
use crate::session;

impl Core {
    /// A node says that it is there, and knows the channel. Who has been let in there is called, as far as there is room for peers; of
    /// everybody else who may be wanted it is remembered.
    pub(super) fn found(
        &mut self,
        node: NodeId,
        channel: ChannelId,
        address: SocketAddr,
        step: Step,
    ) {
        self.tell_session(session::Input::Found(node, vec![address]));
        if step == Step::Begins {
            // However long it was to be waited for after the last call: it was not there then, or not there.
            self.tell_session(session::Input::Back(node));
        }
        let Verdict::Trusted(person) = self.session.trust().judge(&node) else { return };
        let absent = self.company.sought.iter().filter(|node| !self.up.contains_key(node)).count();
        let is_room = self.up.len() + absent < self.settings.limits.peers;
        let is_wanted = self.session.wants(&node) || self.up.contains_key(&node);
        let is_other = node != self.notary.id();
        if self.rights.reads(channel, person) && is_room && !is_wanted && is_other {
            self.company.sought.insert(node);
            self.tell_session(session::Input::Want(node));
        }
    }

    /// The node is heard of no more. If it was called for nothing but that, it is not called on.
    pub(super) fn lost(&mut self, node: NodeId) {
        if !self.up.contains_key(&node) {
            self.let_go(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selkie_store::{PublicKey, SecretKey};

    use super::*;
    use crate::core::settings::Settings;
    use crate::core::{Input, Output};
    use crate::identity::network::NetworkId;
    use crate::identity::rights::{Right, Scope};
    use crate::identity::trust::Trust;
    use crate::membership::notary::Notary;
    use crate::moment::Moment;
    use crate::session::Own;
    use crate::session::limits::Limits;
    use crate::session::why::Unreached;

    const HOME: ChannelId = ChannelId::from_bytes([1; 16]);
    const OTHER: ChannelId = ChannelId::from_bytes([2; 16]);

    fn id(number: u8) -> NodeId {
        NodeId::of(SecretKey::from_bytes(&[number; 32]).public())
    }

    fn place(number: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, number], 7_355))
    }

    /// A node that lets these have [`HOME`], and has room for so many peers.
    fn node(friends: &[u8], peers: usize) -> Core {
        let network = NetworkId::named("home");
        let key = Arc::new(SecretKey::from_bytes(&[99; 32]));
        let own = Own { node: id(99), network, features: 0, delegation: None, record: None };
        let notary = Notary::new(key, network, PublicKey::verifies);
        let limits = Limits { peers, ..Limits::default() };
        let settings = Settings { limits, ..Settings::default() };
        let mut core = Core::new(Moment::START, own, notary, Trust::new(network), settings, 1);
        for friend in friends {
            tell(&mut core, Input::Session(session::Input::Trust(id(*friend))));
            tell(&mut core, Input::Grant(HOME, id(*friend), Right::Write(Scope::All)));
        }
        core
    }

    /// Who is called, and where.
    fn tell(core: &mut Core, input: Input) -> Vec<(NodeId, SocketAddr)> {
        let call = |output| match output {
            Output::Call(node, at) => Some((node, at)),
            _ => None,
        };
        core.handle(Moment::START, input).filter_map(call).collect()
    }

    fn found(core: &mut Core, number: u8, channel: ChannelId) -> Vec<(NodeId, SocketAddr)> {
        tell(core, Input::Found(id(number), channel, place(number), Step::Begins))
    }

    #[test]
    fn who_may_have_the_channel_is_called_and_nobody_else() {
        let mut core = node(&[1], 50);
        assert_eq!(found(&mut core, 1, OTHER), [], "not for another channel");
        assert_eq!(found(&mut core, 1, HOME), [(id(1), place(1))]);
        assert_eq!(found(&mut core, 2, HOME), [], "a stranger is heard and not called");
        assert_eq!(found(&mut core, 99, HOME), [], "nor the node itself");
        tell(&mut core, Input::Deny(HOME, id(1)));
        let mut core = node(&[1], 50);
        tell(&mut core, Input::Deny(HOME, id(1)));
        assert_eq!(found(&mut core, 1, HOME), []);
    }

    #[test]
    fn no_more_are_called_than_there_is_room_for() {
        let friends: Vec<u8> = (1..=9).collect();
        let mut core = node(&friends, 3);
        let called = friends.iter().flat_map(|friend| found(&mut core, *friend, HOME));
        assert_eq!(called.collect::<Vec<_>>(), [1, 2, 3].map(|number| (id(number), place(number))));
    }

    #[test]
    fn to_be_heard_again_shortens_no_pause_but_to_begin_does() {
        let mut core = node(&[1], 50);
        assert_eq!(found(&mut core, 1, HOME).len(), 1);
        let missed = session::Input::Unreached(id(1), place(1), Unreached::Silence);
        assert_eq!(tell(&mut core, Input::Session(missed)), []);
        let stays = Input::Found(id(1), HOME, place(1), Step::Stays);
        assert_eq!(tell(&mut core, stays), []);
        assert_eq!(found(&mut core, 1, HOME), [(id(1), place(1))]);
    }

    #[test]
    fn who_is_heard_of_no_more_is_called_no_more() {
        let mut core = node(&[1, 2], 50);
        tell(&mut core, Input::Session(session::Input::Want(id(2))));
        (1..=2).for_each(|number| drop(found(&mut core, number, HOME)));
        (1..=2).for_each(|number| drop(tell(&mut core, Input::Lost(id(number)))));
        assert!(!core.session().wants(&id(1)));
        assert!(core.session().wants(&id(2)), "somebody asked for it");
    }
}
