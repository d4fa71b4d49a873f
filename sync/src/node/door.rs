//! Who is let in of those who knock.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use quinn::{ConnectionId, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::channel_id::ChannelId;
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::node::watchword::Watchword;
use crate::session::gate::Gate;
use crate::session::limits::Limits;

/// The door of a node, before any handshake, which costs a millisecond.
#[derive(Debug)]
pub(super) struct Door {
    node: NodeId,
    network: NetworkId,
    gate: Gate,
    /// What those say who know a channel of this node.
    words: BTreeMap<ChannelId, Watchword>,
    /// For those who said such a word, so that strangers do not keep them out.
    known: Lobby,
    /// For everybody.
    strange: Lobby,
    /// Connections in all that are used.
    lines_max: usize,
}

/// Handshakes that others began, at once. Each costs a millisecond.
#[derive(Debug)]
struct Lobby {
    places: Arc<Semaphore>,
    /// From so few free ones on, a caller has to show first that it is where it says.
    few: usize,
}

/// Somebody who knocks, as far as the first packet tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    ip: IpAddr,
    /// What it calls the connection.
    name: ConnectionId,
    /// Whether it may be asked to show that it is where it says.
    may_show: bool,
}

/// What becomes of somebody who knocks.
#[derive(Debug)]
pub(super) enum Answer {
    /// It learns nothing, and costs one packet.
    Nothing,
    /// It has to show first that it is where it says.
    ShowWhere,
    /// It may begin a handshake, for as long as it holds this.
    Enter(OwnedSemaphorePermit),
}

/// Connections that are used beside those of peers and those on which no hello came yet: their calls, and what a newer one takes the place of.
const LINES_MORE: usize = 14;

/// Handshakes at once of those who know a channel. Who heard somebody say the word can say it again, and takes one of these.
const KNOWN: usize = 8;

/// Connections that QUIC holds beside those, on their way up or down. One whose first packet says that it is over already is held for
/// a minute, costs the caller that packet, and is no handshake that could be counted.
const STRAYS_MAX: usize = 1_024;
/// So many more are held where callers say the word.
const STRAYS_KNOWN: usize = 64;
/// From so many on, a caller has to show first that it is where it says: then a neighbourhood makes a third of the rest at most.
const STRAYS_FEW: usize = 64;

impl Door {
    /// The door of this node behind this gate, if the node takes so much.
    pub(super) fn behind(node: NodeId, network: NetworkId, gate: Gate, limits: Limits) -> Self {
        let Limits { peers, greeting, .. } = limits;
        Self {
            node,
            network,
            gate,
            words: BTreeMap::new(),
            known: Lobby::of(KNOWN),
            strange: Lobby::of(greeting),
            lines_max: peers.saturating_add(greeting).saturating_add(LINES_MORE),
        }
    }

    /// The node has this channel from here on.
    pub(super) fn open(&mut self, channel: ChannelId) {
        self.words.insert(channel, Watchword::of(&self.network, &channel));
    }

    /// And not any more.
    pub(super) fn shut(&mut self, channel: ChannelId) {
        self.words.remove(&channel);
    }

    /// What to say to another: the word of one of our channels. Which of them the other has is not known, so each call takes the next.
    pub(super) fn word(&self, turn: u64) -> Option<&Watchword> {
        let count = u64::try_from(self.words.len()).ok()?;
        let at = usize::try_from(turn.checked_rem(count)?).ok()?;
        self.words.values().nth(at)
    }

    /// Whether there may be a connection with this address at all.
    pub(super) fn allows(&self, ip: IpAddr) -> bool {
        self.gate.allows(ip)
    }

    /// Somebody knocks, while so many lines are there, and so many connections in all.
    pub(super) fn knock(
        &mut self,
        now: Moment,
        caller: Caller,
        lines: usize,
        connections: usize,
    ) -> Answer {
        let strays = connections.saturating_sub(lines);
        if !self.gate.allows(caller.ip) || lines >= self.lines_max {
            return Answer::Nothing;
        }
        let is_known = self.words.values().any(|word| word.is_in(&caller.name, self.node));
        if is_known && strays < STRAYS_MAX + STRAYS_KNOWN {
            // However often its neighbours knock.
            match self.known.answer(caller, strays) {
                Answer::Nothing => {}
                answer => return answer,
            }
        }
        if !self.gate.knock(now, caller.ip) || strays >= STRAYS_MAX {
            return Answer::Nothing;
        }
        self.strange.answer(caller, strays)
    }
}

impl Lobby {
    fn of(places: usize) -> Self {
        let few = places.saturating_mul(3).div_ceil(4);
        Self { places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))), few }
    }

    fn answer(&self, caller: Caller, strays: usize) -> Answer {
        let is_busy = self.places.available_permits() < self.few || strays >= STRAYS_FEW;
        if is_busy && caller.may_show {
            return Answer::ShowWhere;
        }
        let permit = Arc::clone(&self.places).try_acquire_owned();
        permit.map_or(Answer::Nothing, Answer::Enter)
    }
}

impl From<&Incoming> for Caller {
    fn from(it: &Incoming) -> Self {
        let may_show = it.may_retry() && !it.remote_address_validated();
        Self { ip: it.remote_address().ip(), name: it.orig_dst_cid(), may_show }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId::from_bytes([7; 32]);
    const HOME: ChannelId = ChannelId::from_bytes([1; 16]);

    fn door() -> Door {
        let network = NetworkId::named("selkie");
        let mut door = Door::behind(NODE, network, Gate::new(Vec::new()), Limits::default());
        door.open(HOME);
        door
    }

    /// Each from a neighbourhood of its own, who has shown that it is there.
    fn stranger(number: u32) -> Caller {
        let name = ConnectionId::new(&[9; 20]);
        Caller { ip: IpAddr::V4((number << 8).into()), name, may_show: false }
    }

    /// One who knows the channel.
    fn member(number: u32, channel: ChannelId) -> Caller {
        let word = Watchword::of(&NetworkId::named("selkie"), &channel);
        Caller { name: word.says_to(NODE)(), ..stranger(number) }
    }

    fn entered(door: &mut Door, callers: impl Iterator<Item = Caller>) -> Vec<Answer> {
        let answers = callers.map(|caller| door.knock(Moment::START, caller, 0, 0));
        answers.filter(|answer| matches!(answer, Answer::Enter(_))).collect()
    }

    #[test]
    fn strangers_at_all_doors_do_not_keep_out_who_knows_the_channel() {
        let mut door = door();
        let strangers = entered(&mut door, (1..1_000).map(stranger));
        assert_eq!(strangers.len(), 32);
        let other = ChannelId::from_bytes([2; 16]);
        assert_eq!(entered(&mut door, [member(2_000, other)].into_iter()).len(), 0);
        let members = entered(&mut door, (2_000..2_100).map(|number| member(number, HOME)));
        assert_eq!(members.len(), KNOWN, "and those who say the word are bounded as well");
        drop(strangers);
        assert_eq!(entered(&mut door, [member(3_000, HOME)].into_iter()).len(), 1);
    }

    #[test]
    fn neighbours_who_knock_too_often_do_not_keep_out_who_knows_the_channel() {
        let mut door = door();
        let knocks = entered(&mut door, (0..100).map(|_| stranger(1)));
        assert_eq!(knocks.len(), 20);
        assert_eq!(entered(&mut door, [member(1, HOME)].into_iter()).len(), 1);
    }

    #[test]
    fn whoever_comes_where_many_are_has_to_show_where_it_is() {
        let mut door = door();
        let far = |caller| Caller { may_show: true, ..caller };
        let first: Vec<_> = (0..40).map(|number| far(stranger(number))).collect();
        let answers: Vec<_> =
            first.into_iter().map(|it| door.knock(Moment::START, it, 0, 0)).collect();
        let asked = |answers: &[Answer]| {
            answers.iter().filter(|answer| matches!(answer, Answer::ShowWhere)).count()
        };
        assert_eq!(asked(&answers), 31, "nine are let in before");
        let known: Vec<_> = (50..60)
            .map(|number| door.knock(Moment::START, far(member(number, HOME)), 0, 0))
            .collect();
        assert_eq!(asked(&known), 7);
    }

    #[test]
    fn a_word_lets_nobody_in_where_nobody_may_or_there_is_no_room() {
        let network = NetworkId::named("selkie");
        let gate = Gate::new(
            vec!["10.0.0.0/8"]
                .into_iter()
                .filter_map(crate::session::gate::Network::parse)
                .collect(),
        );
        let mut strict = Door::behind(NODE, network, gate, Limits::default());
        strict.open(HOME);
        assert_eq!(entered(&mut strict, [member(1, HOME)].into_iter()).len(), 0);
        let mut door = door();
        let full = door.lines_max;
        let refused = door.knock(Moment::START, member(1, HOME), full, full);
        assert!(matches!(refused, Answer::Nothing));
        let strays = STRAYS_MAX + STRAYS_KNOWN;
        let refused = door.knock(Moment::START, member(1, HOME), 0, strays);
        assert!(matches!(refused, Answer::Nothing));
        door.shut(HOME);
        let strangers = entered(&mut door, (100..140).map(stranger));
        assert_eq!(strangers.len(), 32);
        assert_eq!(
            entered(&mut door, [member(1, HOME)].into_iter()).len(),
            0,
            "it has no such channel"
        );
    }

    #[test]
    fn each_call_says_the_word_of_the_next_channel() {
        let mut door = door();
        let says = |door: &Door, turn| door.word(turn).map(|word| word.clone().says_to(NODE)());
        door.shut(HOME);
        assert_eq!(says(&door, 3), None);
        let channels = [HOME, ChannelId::from_bytes([2; 16])];
        channels.into_iter().for_each(|channel| door.open(channel));
        let network = NetworkId::named("selkie");
        for (turn, channel) in [(0, channels[0]), (1, channels[1]), (2, channels[0])] {
            let name = says(&door, turn).unwrap();
            assert!(Watchword::of(&network, &channel).is_in(&name, NODE));
        }
    }
}
