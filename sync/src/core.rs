//! All parts of a node's protocol as one.
//!
//! It knows which messages belong to which part, who may have which channel, and what one part has to know of another. Each part
//! decides for itself; this one only passes on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use selkie_crdt::ActorId;
use selkie_store::{CodecError, ObjectId, decode, encode};

use crate::channel_id::ChannelId;
use crate::core::pending::{Fetching, Pending};
use crate::gossip::message::{Message, Run};
use crate::gossip::stand::{Stand, Stands};
use crate::gossip::ticket::Ticket;
use crate::gossip::{self, Gossip, Timing};
use crate::identity::invitation::Word;
use crate::identity::node_id::NodeId;
use crate::identity::rights::{Right, Rights};
use crate::identity::trust::Trust;
use crate::moment::Moment;
use crate::objects::effect::Failure;
use crate::objects::message::Why;
use crate::objects::{self, Objects};
use crate::session::call::{CallId, Facts};
use crate::session::why;
use crate::session::{self, Limits, Own, Session};
use crate::wire::lane::Lane;

mod fetching;
mod pending;
#[cfg(test)]
mod tests;

/// The protocol of one node: events in, effects out, the time an argument.
#[derive(Debug)]
pub struct Core {
    session: Session,
    gossip: Gossip,
    objects: Objects,
    fetching: Fetching,
    rights: Rights,
    up: BTreeMap<NodeId, Up>,
    peers: BTreeMap<CallId, NodeId>,
    queue: VecDeque<Step>,
    outbox: Vec<Output>,
    wakes: Wakes,
    wake_at: Moment,
}

/// What happens to a node.
#[derive(Clone, Debug)]
pub enum Input {
    /// What concerns sessions, trust and connections.
    Session(session::Input),
    /// This person may do so much in the channel.
    Grant(ChannelId, NodeId, Right),
    /// This person may do nothing there any more.
    Deny(ChannelId, NodeId),
    /// This node has the channel, and its logs stand so.
    Opened(ChannelId, Stands),
    /// It does not have it any more.
    Closed(ChannelId),
    /// A message came over a connection.
    Message(CallId, Lane, Vec<u8>),
    /// This node added entries to a log of its own, which stands so now.
    Wrote(ChannelId, Run, Stand),
    /// What an [`Output::Read`] asked for.
    Read(Ticket, Vec<Run>),
    /// What an [`Output::Look`] asked for: those that are not here.
    Absent(Ticket, BTreeSet<ObjectId>),
    /// What an [`Output::Apply`] asked for is done as far as it can be.
    Applied(Ticket, Vec<(ActorId, Stand)>),
    /// What an [`Output::Objects`] asked for is done: one of the inputs that name work.
    Objects(objects::effect::Input),
    /// More waits to be sent on this connection than its peer reads.
    Stalled(CallId),
    /// It has read.
    Drained(CallId),
    /// Time has passed.
    Tick,
}

/// What a node is to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Call this node there, and nobody else who answers.
    Call(NodeId, SocketAddr),
    /// From here on read what comes over all lanes of this connection, and not only over [`Lane::Control`].
    Listen(CallId),
    /// Send this message, after all before it on that lane.
    Send(CallId, Lane, Vec<u8>),
    /// End the connection, when what was to be sent is sent.
    HangUp(CallId),
    /// Read logs, see [`gossip::Output::Read`].
    Read {
        /// To be named in the answer.
        ticket: Ticket,
        /// Who wants them.
        peer: NodeId,
        /// The channel.
        channel: ChannelId,
        /// From where.
        after: Vec<(ActorId, u64)>,
        /// Bytes of payloads and signatures.
        len_max: usize,
        /// Entries.
        items_max: usize,
    },
    /// Look which of these objects are not in the store of the channel. What is behind one that is here is here, too.
    Look {
        /// To be named in the answer.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// The objects, ascending.
        ids: Vec<ObjectId>,
    },
    /// Work on the objects of the channel: one of the outputs that name work, or the end of a fetch or of a way.
    Objects(ChannelId, objects::effect::Output),
    /// Take entries in, see [`gossip::Output::Apply`].
    Apply {
        /// To be named in the answer.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// Who sent them.
        from: NodeId,
        /// The entries.
        runs: Vec<Run>,
    },
    /// Something happened that people or programs may want to know.
    Event(Event),
    /// Be back with a [`Input::Tick`] by then.
    WakeAt(Moment),
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// There is a session with a device of this person.
    Up(NodeId, NodeId),
    /// There is none any more.
    Down(NodeId, why::Why),
    /// This person was invited with this word, or invited us, and is trusted from now on.
    Paired(NodeId, Word),
    /// A node that nobody here trusts called from there.
    Knocked(NodeId, SocketAddr),
    /// The peer has another history of one log than we have.
    Forked(NodeId, ChannelId, ActorId),
    /// Our logs and those of the peer stand alike.
    Agreed(NodeId, ChannelId),
    /// The peer does not have the channel, or not for us.
    Closed(NodeId, ChannelId),
    /// The peer did not send in time what it was asked for.
    Slow(NodeId, ChannelId),
    /// The peer sent objects that were not what they were said to be, or did so too slowly.
    Blamed(NodeId, Why),
    /// The peer says that objects that it was sent were not what they were said to be: the store may be damaged.
    Accused(NodeId),
    /// Objects that entries of the channel reach could not be had. The entries wait.
    Unfetched(ChannelId, Failure),
}

/// A peer that there is a session with.
#[derive(Clone, Copy, Debug)]
struct Up {
    call: CallId,
    person: NodeId,
}

/// What one part has to hear of another.
#[derive(Debug)]
enum Step {
    Session(session::Input),
    Gossip(gossip::Input),
    Objects(objects::effect::Input),
}

/// When each part wants to be woken.
#[derive(Debug)]
struct Wakes {
    session: Moment,
    gossip: Moment,
    objects: Moment,
}

impl Core {
    /// With no peer and no channel yet.
    #[must_use]
    pub fn new(own: Own, trust: Trust, limits: Limits, timing: Timing, seed: u64) -> Self {
        Self {
            session: Session::new(own, trust, limits, seed),
            gossip: Gossip::new(timing, seed.rotate_left(32)),
            objects: Objects::default(),
            fetching: Fetching::default(),
            rights: Rights::default(),
            up: BTreeMap::new(),
            peers: BTreeMap::new(),
            queue: VecDeque::new(),
            outbox: Vec::new(),
            wakes: Wakes { session: Moment::NEVER, gossip: Moment::NEVER, objects: Moment::NEVER },
            wake_at: Moment::NEVER,
        }
    }

    /// Takes in what happened, and drains what is to be done now, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        self.take(now, input);
        while let Some(step) = self.queue.pop_front() {
            match step {
                Step::Session(input) => self.step_session(now, input),
                Step::Gossip(input) => self.step_gossip(now, input),
                Step::Objects(input) => self.step_objects(now, input),
            }
        }
        let due = self.wakes.session.min(self.wakes.gossip).min(self.wakes.objects);
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// With whom there are sessions, whom this node trusts, and why there is no session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    fn take(&mut self, now: Moment, input: Input) {
        match input {
            Input::Session(input) => self.queue.push_back(Step::Session(input)),
            Input::Grant(channel, person, right) => {
                self.rights.grant(channel, person, right);
                self.each_device(person, |peer| gossip::Input::Joined(peer, channel));
            }
            Input::Deny(channel, person) => {
                self.rights.take(channel, person);
                self.each_device(person, |peer| gossip::Input::Left(peer, channel));
            }
            Input::Opened(channel, stands) => self.open(channel, stands),
            Input::Closed(channel) => self.tell_gossip(gossip::Input::Closed(channel)),
            Input::Message(call, lane, bytes) => self.receive(call, lane, bytes),
            Input::Wrote(channel, run, stand) => {
                self.tell_gossip(gossip::Input::Wrote(channel, run, stand));
            }
            Input::Read(ticket, runs) => self.tell_gossip(gossip::Input::Read(ticket, runs)),
            Input::Absent(ticket, absent) => self.fetch(ticket, &absent),
            Input::Objects(input) => self.queue.push_back(Step::Objects(input)),
            Input::Applied(ticket, stands) => {
                self.applied(ticket);
                self.tell_gossip(gossip::Input::Applied(ticket, stands));
            }
            Input::Stalled(call) => self.tell_of(call, gossip::Input::Stalled),
            Input::Drained(call) => self.tell_of(call, gossip::Input::Drained),
            Input::Tick => {
                if self.wakes.session <= now {
                    self.queue.push_back(Step::Session(session::Input::Tick));
                }
                if self.wakes.gossip <= now {
                    self.tell_gossip(gossip::Input::Tick);
                }
                if self.wakes.objects <= now {
                    self.wakes.objects = Moment::NEVER;
                    self.queue.push_back(Step::Objects(objects::effect::Input::Tick));
                }
            }
        }
    }

    fn tell_gossip(&mut self, input: gossip::Input) {
        self.queue.push_back(Step::Gossip(input));
    }

    fn tell_of(&mut self, call: CallId, input: impl Fn(NodeId) -> gossip::Input) {
        let peer = self.peers.get(&call).copied();
        peer.into_iter().for_each(|peer| self.tell_gossip(input(peer)));
    }

    fn each_device(&mut self, person: NodeId, input: impl Fn(NodeId) -> gossip::Input) {
        let theirs = self.up.iter().filter(|(_, up)| up.person == person);
        let peers: Vec<_> = theirs.map(|(peer, _)| *peer).collect();
        peers.into_iter().for_each(|peer| self.tell_gossip(input(peer)));
    }

    fn open(&mut self, channel: ChannelId, stands: Stands) {
        self.tell_gossip(gossip::Input::Opened(channel, stands));
        let may = self.up.iter().filter(|(_, up)| self.rights.reads(channel, up.person));
        let peers: Vec<_> = may.map(|(peer, _)| *peer).collect();
        for peer in peers {
            self.tell_gossip(gossip::Input::Joined(peer, channel));
        }
    }

    fn receive(&mut self, call: CallId, lane: Lane, bytes: Vec<u8>) {
        if lane == Lane::Control {
            let step = match decode(&bytes) {
                Ok(control) => session::Input::Received(call, control),
                Err(_) => session::Input::Rude(call),
            };
            return self.queue.push_back(Step::Session(step));
        }
        // What comes over a connection that no session is on any more has no meaning.
        let Some(peer) = self.peers.get(&call).copied() else { return };
        let step = match lane {
            Lane::Gossip => decode::<Message>(&bytes)
                .ok()
                .map(|message| Step::Gossip(gossip::Input::Received(peer, message))),
            Lane::Bulk => objects::message::Message::from_bytes(bytes)
                .ok()
                .map(|message| Step::Objects(objects::effect::Input::Received(peer, message))),
            Lane::Datagram | Lane::Repair | Lane::Control => None,
        };
        let is_known = step.is_some();
        let heard = if is_known { session::Input::Heard(call) } else { session::Input::Rude(call) };
        self.queue.push_back(Step::Session(heard));
        self.queue.extend(step);
    }

    fn step_session(&mut self, now: Moment, input: session::Input) {
        let outputs: Vec<_> = self.session.handle(now, input).collect();
        for output in outputs {
            match output {
                session::Output::Call(node, address) => {
                    self.outbox.push(Output::Call(node, address));
                }
                session::Output::Send(call, control) => {
                    self.send(call, Lane::Control, encode(&control));
                }
                session::Output::HangUp(call) => self.outbox.push(Output::HangUp(call)),
                session::Output::Up(peer, call, facts) => self.up(peer, call, facts),
                session::Output::Down(peer, why) => self.down(peer, why),
                session::Output::Paired(person, word) => {
                    self.tell(Event::Paired(person, word));
                }
                session::Output::Knocked(node, from) => self.tell(Event::Knocked(node, from)),
                session::Output::RoundTrip(..) | session::Output::Records(..) => {}
                session::Output::WakeAt(at) => self.wakes.session = at,
            }
        }
    }

    fn up(&mut self, peer: NodeId, call: CallId, facts: Facts) {
        let person = facts.person;
        self.up.insert(peer, Up { call, person });
        self.peers.insert(call, peer);
        self.outbox.push(Output::Listen(call));
        self.tell(Event::Up(peer, person));
        let channels: Vec<_> = self.rights.channels(person).collect();
        for channel in channels {
            self.tell_gossip(gossip::Input::Joined(peer, channel));
        }
    }

    fn down(&mut self, peer: NodeId, why: why::Why) {
        if let Some(up) = self.up.remove(&peer) {
            self.peers.remove(&up.call);
        }
        self.tell_gossip(gossip::Input::Lost(peer));
        self.queue.push_back(Step::Objects(objects::effect::Input::Lost(peer)));
        self.tell(Event::Down(peer, why));
    }

    fn step_gossip(&mut self, now: Moment, input: gossip::Input) {
        let outputs: Vec<_> = self.gossip.handle(now, input).collect();
        for output in outputs {
            match output {
                gossip::Output::Send(peer, message) => {
                    let call = self.up.get(&peer).map(|up| up.call);
                    call.into_iter()
                        .for_each(|call| self.send(call, Lane::Gossip, encode(&message)));
                }
                gossip::Output::Read { ticket, peer, channel, after, len_max, items_max } => {
                    let read = Output::Read { ticket, peer, channel, after, len_max, items_max };
                    self.outbox.push(read);
                }
                gossip::Output::Apply { ticket, channel, from, runs } => {
                    self.prepare(ticket, Pending { channel, from, runs });
                }
                gossip::Output::Forked(peer, channel, stream) => {
                    self.tell(Event::Forked(peer, channel, stream));
                }
                gossip::Output::Agreed(peer, channel) => self.tell(Event::Agreed(peer, channel)),
                gossip::Output::Closed(peer, channel) => self.tell(Event::Closed(peer, channel)),
                gossip::Output::Slow(peer, channel) => self.tell(Event::Slow(peer, channel)),
                gossip::Output::WakeAt(at) => self.wakes.gossip = at,
            }
        }
    }

    fn send(&mut self, call: CallId, lane: Lane, bytes: Result<Vec<u8>, CodecError>) {
        // A part that says what no peer would read is wrong, and a peer that hears nothing asks again.
        debug_assert!(bytes.is_ok(), "what a part says keeps the rules of its messages");
        let bytes = bytes.into_iter();
        self.outbox.extend(bytes.map(|bytes| Output::Send(call, lane, bytes)));
    }

    fn tell(&mut self, event: Event) {
        self.outbox.push(Output::Event(event));
    }
}
