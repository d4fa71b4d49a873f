//! All parts of a node's protocol as one.
//!
//! It knows which messages belong to which part, who may have which channel, and what one part has to know of another. Each part
//! decides for itself; this one only passes on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{CodecError, ObjectId, decode};

use crate::channel_id::ChannelId;
use crate::core::company::Company;
use crate::core::event::Event;
use crate::core::mend::Mend;
use crate::core::mending::Mending;
use crate::core::pending::Fetching;
use crate::core::settings::Settings;
use crate::dice::Dice;
use crate::discovery::step::Step as Came;
use crate::gossip::evidence::{Evidence, Finding};
use crate::gossip::message::{Message, Run};
use crate::gossip::stand::{Stand, Stands};
use crate::gossip::ticket::Ticket;
use crate::gossip::{self, Gossip};
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::rights::{Right, Rights};
use crate::identity::signed::Signed;
use crate::identity::trust::Trust;
use crate::membership::notary::Notary;
use crate::membership::statement::Incarnation;
use crate::membership::{self, Membership};
use crate::moment::Moment;
use crate::objects::{self, Objects};
use crate::repair::inventory::Inventory;
use crate::repair::salt::Salt;
use crate::session::call::CallId;
use crate::session::{self, Own, Session};
use crate::wire::lane::Lane;

mod company;
pub(crate) mod event;
mod fetching;
mod finding;
mod healing;
mod members;
pub(crate) mod mend;
mod mending;
mod openings;
mod pending;
mod repairing;
mod sessions;
pub(crate) mod settings;
mod spreading;
pub(crate) mod topology;
#[cfg(test)]
mod tests;

/// The protocol of one node: events in, effects out, the time an argument.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    notary: Notary,
    session: Session,
    membership: Membership,
    company: Company,
    gossip: Gossip,
    objects: Objects,
    fetching: Fetching,
    mending: Mending,
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
    /// This node added entries to a log of its own, which stands so now; and [`along`](crate::along) for who has all
    /// before them.
    Wrote(ChannelId, Run, Stand, Vec<u8>),
    /// What an [`Output::Read`] asked for, and [`along`](crate::along).
    Read(Ticket, Vec<Run>, Vec<u8>),
    /// What an [`Output::Look`] asked for: those that are not here.
    Absent(Ticket, BTreeSet<ObjectId>),
    /// What an [`Output::Apply`] asked for is done as far as it can be.
    Applied(Ticket, Vec<(ActorId, Stand)>),
    /// It showed meanwhile that logs of a channel have ended: so all of them stand now.
    Stood(ChannelId, Stands),
    /// What came of an [`Output::Examine`]: see [`examine`](crate::examine).
    Examined(Ticket, Finding),
    /// What an [`Output::Recall`] asked for: see [`recall`](crate::recall).
    Recalled(NodeId, ChannelId, ActorId, Vec<u8>),
    /// Somebody suspects that objects of this channel are damaged or gone: what is here is compared with what others have.
    Repair(ChannelId),
    /// What an [`Output::Inventory`] asked for.
    Inventory {
        /// The channel.
        channel: ChannelId,
        /// The objects. None if they can not be told.
        inventory: Option<Arc<Inventory>>,
        /// Bytes that nobody can guess, other ones each time.
        nonce: [u8; 32],
    },
    /// This node is to be found so from here on: what it signed itself.
    Located(Signed<NodeRecord>),
    /// A node that knows the channel was heard of at this address, in the local network.
    Found(NodeId, ChannelId, SocketAddr, Came),
    /// It is heard of no more.
    Lost(NodeId),
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
        /// Bytes of a parcel of what they reach.
        along_max: usize,
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
    /// Look which objects of the channel are here, and make an [`Inventory`] of them with this salt: of those that its entries
    /// reach, and of no others. Who may have the channel learns their ids.
    Inventory(ChannelId, Salt),
    /// Objects of the channel came back. What its entries reach may be here now: look at its logs again.
    Refresh(ChannelId),
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
    /// Hold this against a log, see [`gossip::Output::Examine`].
    Examine {
        /// To be named in the answer.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// What to look at.
        evidence: Evidence,
    },
    /// Read the proof that a log ended, see [`gossip::Output::Recall`].
    Recall {
        /// Whom to show it to.
        peer: NodeId,
        /// The channel.
        channel: ChannelId,
        /// Whose log.
        stream: ActorId,
    },
    /// Something happened that people or programs may want to know.
    Event(Event),
    /// Be back with a [`Input::Tick`] by then.
    WakeAt(Moment),
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
    Members(membership::Input),
    Gossip(gossip::Input),
    Objects(objects::effect::Input),
    Mend(NodeId, Mend),
    Agreed(NodeId, ChannelId),
}

/// When each part wants to be woken.
#[derive(Debug)]
struct Wakes {
    session: Moment,
    members: Moment,
    gossip: Moment,
    objects: Moment,
}

impl Core {
    /// With no peer and no channel yet. The notary is of the node and the network that `own` names.
    #[must_use]
    pub fn new(
        now: Moment,
        own: Own,
        notary: Notary,
        trust: Trust,
        settings: Settings,
        seed: u64,
    ) -> Self {
        let dice = |turn| Dice::of(seed.rotate_left(turn));
        let (first, pace) = (Incarnation::FIRST, settings.pace);
        let membership = Membership::over_connections(now, notary.clone(), first, pace, dice(16));
        let record = own.record.clone().map(membership::Input::Located);
        let mut core = Self {
            session: Session::new(own, trust, settings.limits, seed),
            membership,
            company: Company::default(),
            gossip: Gossip::new(settings.timing, seed.rotate_left(32)),
            objects: Objects::default(),
            fetching: Fetching::default(),
            mending: Mending::new(dice(48)),
            rights: Rights::default(),
            up: BTreeMap::new(),
            peers: BTreeMap::new(),
            queue: VecDeque::new(),
            outbox: Vec::new(),
            wakes: Wakes {
                session: Moment::NEVER,
                members: now,
                gossip: Moment::NEVER,
                objects: Moment::NEVER,
            },
            wake_at: Moment::NEVER,
            settings,
            notary,
        };
        core.queue.extend(record.map(Step::Members));
        core.review_circle();
        core
    }

    /// Takes in what happened, and drains what is to be done now, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        self.take(now, input);
        while let Some(step) = self.queue.pop_front() {
            match step {
                Step::Session(input) => self.step_session(now, input),
                Step::Members(input) => self.step_members(now, input),
                Step::Gossip(input) => self.step_gossip(now, input),
                Step::Objects(input) => self.step_objects(now, input),
                Step::Mend(peer, mend) => self.hear_mend(now, peer, mend),
                Step::Agreed(peer, channel) => self.agreed(now, peer, channel),
            }
        }
        let due = self.wakes.next().min(self.mending.wake_at()).max(now);
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// Who takes part, as far as this node can tell.
    #[must_use]
    pub const fn membership(&self) -> &Membership {
        &self.membership
    }

    /// With whom there are sessions, whom this node trusts, and why there is no session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    fn take(&mut self, now: Moment, input: Input) {
        match input {
            Input::Session(input) => self.take_session(input),
            Input::Grant(channel, person, right) => {
                self.rights.grant(channel, person, right);
                self.each_device(person, |peer| gossip::Input::Joined(peer, channel));
            }
            Input::Deny(channel, person) => {
                self.rights.take(channel, person);
                self.each_device(person, |peer| gossip::Input::Left(peer, channel));
                self.close_repairs(channel, &self.devices(person));
            }
            Input::Opened(channel, stands) => {
                self.mending.open(now, channel, self.settings.compared);
                self.open(channel, stands);
            }
            Input::Closed(channel) => {
                self.close_channel(channel);
                self.tell_gossip(gossip::Input::Closed(channel));
            }
            Input::Message(call, lane, bytes) => self.receive(call, lane, bytes),
            Input::Wrote(channel, run, stand, along) => {
                self.tell_gossip(gossip::Input::Wrote(channel, run, stand, along));
            }
            Input::Read(ticket, runs, along) => {
                self.tell_gossip(gossip::Input::Read(ticket, runs, along));
            }
            Input::Absent(ticket, absent) => self.fetch(ticket, &absent),
            Input::Repair(channel) => self.repair(channel),
            Input::Inventory { channel, inventory, nonce } => {
                self.list(now, channel, inventory.as_ref(), nonce);
            }
            Input::Located(record) => {
                self.tell_session(session::Input::Located(record.clone()));
                self.tell_members(membership::Input::Located(record));
            }
            Input::Found(node, channel, at, came) => self.found(node, channel, at, came),
            Input::Lost(node) => self.lost(node),
            Input::Objects(input) => self.queue.push_back(Step::Objects(input)),
            Input::Applied(ticket, stands) => {
                self.applied(ticket);
                self.tell_gossip(gossip::Input::Applied(ticket, stands));
            }
            Input::Stood(channel, stands) => {
                self.tell_gossip(gossip::Input::Stood(channel, stands));
            }
            Input::Examined(ticket, finding) => {
                self.tell_gossip(gossip::Input::Examined(ticket, finding));
            }
            Input::Recalled(peer, channel, stream, proof) => {
                self.tell_gossip(gossip::Input::Recalled(peer, channel, stream, proof));
            }
            Input::Stalled(call) => self.read_by(call, false),
            Input::Drained(call) => self.read_by(call, true),
            Input::Tick => self.tick(now),
        }
    }

    fn tick(&mut self, now: Moment) {
        // What is due at the same moment once more is told once more.
        self.wake_at = Moment::NEVER;
        if self.wakes.session <= now {
            self.tell_session(session::Input::Tick);
        }
        if self.wakes.members <= now {
            self.tell_members(membership::Input::Tick);
        }
        if self.wakes.gossip <= now {
            self.tell_gossip(gossip::Input::Tick);
        }
        if self.wakes.objects <= now {
            self.wakes.objects = Moment::NEVER;
            self.queue.push_back(Step::Objects(objects::effect::Input::Tick));
        }
        self.tick_repairs(now);
    }

    fn tell_session(&mut self, input: session::Input) {
        self.queue.push_back(Step::Session(input));
    }

    fn tell_members(&mut self, input: membership::Input) {
        self.queue.push_back(Step::Members(input));
    }

    fn tell_gossip(&mut self, input: gossip::Input) {
        self.queue.push_back(Step::Gossip(input));
    }

    fn read_by(&mut self, call: CallId, reads: bool) {
        let Some(peer) = self.peers.get(&call).copied() else { return };
        self.mending.is_read_by(peer, reads);
        let tells = if reads { gossip::Input::Drained } else { gossip::Input::Stalled };
        self.tell_gossip(tells(peer));
    }

    /// The devices of a person that there are sessions with.
    fn devices(&self, person: NodeId) -> Vec<NodeId> {
        let theirs = self.up.iter().filter(|(_, up)| up.person == person);
        theirs.map(|(peer, _)| *peer).collect()
    }

    fn each_device(&mut self, person: NodeId, input: impl Fn(NodeId) -> gossip::Input) {
        self.devices(person).into_iter().for_each(|peer| self.tell_gossip(input(peer)));
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
            Lane::Datagram | Lane::Members => decode::<membership::message::Message>(&bytes)
                .ok()
                .map(|message| membership::Input::Received(peer, lane, message))
                .map(Step::Members),
            Lane::Repair => decode::<Mend>(&bytes).ok().map(|mend| Step::Mend(peer, mend)),
            Lane::Control => None,
        };
        let is_known = step.is_some();
        let heard = if is_known { session::Input::Heard(call) } else { session::Input::Rude(call) };
        self.queue.push_back(Step::Session(heard));
        self.queue.extend(step);
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

impl Wakes {
    fn next(&self) -> Moment {
        self.session.min(self.members).min(self.gossip).min(self.objects)
    }
}
