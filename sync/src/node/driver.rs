//! Does what the core wants, and tells it what happens. It decides nothing.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc as plain;
use std::time::Duration;

use quinn::Incoming;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::channel_id::ChannelId;
use crate::core::event::Event;
use crate::core::{Core, Input, Output};
use crate::identity::invitation::Word;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::node::ask::{Ask, Guest, OpenShareError};
use crate::node::done::Done;
use crate::node::door::{Answer, Door};
use crate::node::handshakes::Handshakes;
use crate::node::line::{Heard, talk};
use crate::node::lines::Lines;
use crate::node::lookouts::Lookouts;
use crate::node::notice::{Notice, Subscribers, gave_all};
use crate::node::transport::{Transport, finish};
use crate::node::works::{Counters, Job, Most, Works};
use crate::objects::effect::Output as Wanted;
use crate::session;
use crate::session::call::{CallId, Side};
use crate::session::why::Unreached;
use crate::wire::lane::Lane;

/// A core, and what it moves: connections, and the stores of channels.
pub(super) struct Driver {
    core: Core,
    door: Door,
    transport: Transport,
    began: Instant,
    wake_at: Moment,
    lines: Lines,
    /// Lines on which more waits than is good, as the core was told.
    stalled: BTreeSet<CallId>,
    /// What is to be loaded for peers once they have read what waits for them.
    parked: BTreeMap<NodeId, VecDeque<(ChannelId, Wanted)>>,
    works: BTreeMap<ChannelId, Works>,
    guests: VecDeque<Guest>,
    /// Connections of which the core hears once it knows how far the logs here are, each with how many channels that is still
    /// asked of. Else a peer might be told that it has all, and go, right after somebody here wrote.
    held: BTreeMap<u64, (usize, CallId, session::Input)>,
    helds: u64,
    /// Those that wait until it is known what was written here.
    looks: BTreeMap<u64, plain::Sender<()>>,
    subscribers: Arc<Subscribers>,
    counters: Arc<Counters>,
    /// What looks for others, if anything does.
    pub(super) lookouts: Lookouts,
    inbox: Sender<Heard>,
    tasks: JoinSet<()>,
    handshakes: Handshakes,
    calls: u64,
}

/// What comes to a driver.
pub(super) struct Mail {
    pub(super) asks: UnboundedReceiver<Ask>,
    pub(super) done: UnboundedReceiver<Done>,
    pub(super) heard: Receiver<Heard>,
}

/// Messages that wait for the driver, of all connections together. Each lane holds one more, and then its peer waits.
pub(super) const HEARD_MAX: usize = 32;

/// Words that wait for a guest: as many as a session remembers, and those that we were given.
const GUESTS_MAX: usize = 64;

/// As long as peers may take to hear that this node ends.
const FAREWELL: Duration = Duration::from_secs(3);

impl Driver {
    pub(super) fn new(
        core: Core,
        door: Door,
        (transport, lines): (Transport, Lines),
        subscribers: Arc<Subscribers>,
        counters: Arc<Counters>,
        inbox: Sender<Heard>,
    ) -> Self {
        Self {
            core,
            door,
            transport,
            began: Instant::now(),
            wake_at: Moment::NEVER,
            lines,
            stalled: BTreeSet::new(),
            parked: BTreeMap::new(),
            works: BTreeMap::new(),
            guests: VecDeque::new(),
            held: BTreeMap::new(),
            helds: 0,
            looks: BTreeMap::new(),
            subscribers,
            counters,
            lookouts: Lookouts::default(),
            inbox,
            tasks: JoinSet::new(),
            handshakes: Handshakes::new(),
            calls: 0,
        }
    }

    /// Goes on until it is told to stop, or nobody can tell it anything any more.
    pub(super) async fn run(mut self, mut mail: Mail) {
        let mut is_callers_turn = false;
        loop {
            // What no clock shows is a year from now, and then looked at again.
            let sleep = (self.wake_at - self.now()).min(Duration::from_secs(365 * 86_400));
            let wake = Instant::now() + sleep;
            // In an order, and not by chance: first what no other machine can make more of, then peers and callers by turns, so
            // that neither keeps the others waiting.
            tokio::select! {
                biased;
                ask = mail.asks.recv() => match ask {
                    Some(Ask::Stop) | None => break,
                    Some(ask) => self.ask(ask),
                },
                () = sleep_until(wake) => self.tell(Input::Tick),
                Some(_) = self.tasks.join_next() => {}
                Some(done) = mail.done.recv() => self.finished(done),
                Some(incoming) = self.transport.incoming(), if is_callers_turn => {
                    is_callers_turn = false;
                    self.knocked(incoming);
                }
                Some(heard) = mail.heard.recv() => {
                    is_callers_turn = true;
                    self.hear(heard);
                }
                Some(incoming) = self.transport.incoming() => self.knocked(incoming),
            }
        }
        self.stop(mail).await;
    }

    async fn stop(mut self, mail: Mail) {
        self.tell(Input::Session(session::Input::Stop));
        // What still comes has no meaning, and nobody waits until it is taken.
        drop(mail.heard);
        self.lines.clear();
        let close = self.handshakes.end();
        let tasks = &mut self.tasks;
        let _late = timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
        tasks.abort_all();
        self.transport.close(close).await;
        let works = std::mem::take(&mut self.works);
        let finish = move || works.into_values().for_each(Works::finish);
        // It fails only if a thread panicked, which was told where it did.
        let _panicked = tokio::task::spawn_blocking(finish).await;
    }

    fn now(&self) -> Moment {
        Moment::START + self.began.elapsed()
    }

    /// Tells the core something, and does what it wants.
    fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.now();
            let outputs: Vec<_> = self.core.handle(now, input).collect();
            outputs.into_iter().for_each(|output| inputs.extend(self.perform(output)));
        }
    }

    /// Does what the core wants, and returns what it has to hear at once.
    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Call(node, at) => self.call(node, at),
            Output::Listen(call) => {
                self.lines.listen(call);
                None
            }
            Output::Send(call, lane, bytes) => self.send(call, lane, bytes),
            Output::HangUp(call) => {
                self.forget(call);
                None
            }
            Output::Read { ticket, channel, after, len_max, items_max, along_max, .. } => {
                let most = Most { len: len_max, items: items_max, along: along_max };
                self.write(channel, Job::Read(ticket, after, most))
            }
            Output::Look { ticket, channel, ids } => self.write(channel, Job::Look(ticket, ids)),
            Output::Apply { ticket, channel, runs, .. } => {
                self.write(channel, Job::Apply(ticket, runs))
            }
            Output::Examine { ticket, channel, evidence } => {
                self.write(channel, Job::Examine(ticket, evidence))
            }
            Output::Recall { peer, channel, stream } => {
                self.write(channel, Job::Recall(peer, stream))
            }
            Output::Inventory(channel, salt) => self.write(channel, Job::List(salt)),
            Output::Refresh(channel) => self.write(channel, Job::Refresh(0)),
            Output::Objects(channel, wanted) => {
                self.carry(channel, wanted);
                None
            }
            Output::Event(event) => self.event(event),
            Output::WakeAt(at) => {
                self.wake_at = at;
                None
            }
        }
    }

    fn call(&mut self, node: NodeId, at: SocketAddr) -> Option<Input> {
        if !self.door.allows(at.ip()) {
            let unreached = session::Input::Unreached(node, at, Unreached::Forbidden);
            return Some(Input::Session(unreached));
        }
        let (call, inbox, transport) =
            (self.next_call(), self.inbox.clone(), self.transport.clone());
        let flow = Arc::clone(&self.lines.flow);
        let word = self.door.word(call.0).cloned();
        let called = self.handshakes.begin(async move { transport.call(node, at, word).await });
        self.tasks.spawn(async move {
            match called.await {
                Some(Ok(reached)) => talk(call, Side::Calls, reached, flow, inbox).await,
                // Nobody wants to hear it any more only if the node is gone.
                Some(Err(why)) => drop(inbox.send(Heard::Unreached(node, at, why)).await),
                None => {}
            }
        });
        None
    }

    fn next_call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }

    /// Somebody knocks.
    fn knocked(&mut self, incoming: Incoming) {
        let (now, connections) = (self.now(), self.transport.connections());
        let permit = match self.door.knock(now, (&incoming).into(), self.lines.count(), connections)
        {
            Answer::Nothing => return incoming.ignore(),
            Answer::ShowWhere => {
                // It can be asked, since it was not asked yet.
                let _asked = incoming.retry();
                return;
            }
            Answer::Enter(permit) => permit,
        };
        // One that can not be accepted was told so.
        let Ok(connecting) = incoming.accept() else { return };
        let (call, inbox) = (self.next_call(), self.inbox.clone());
        let flow = Arc::clone(&self.lines.flow);
        let finished = self.handshakes.begin(finish(connecting));
        self.tasks.spawn(async move {
            // A caller that does not come to an end with us has its own reasons, and hears ours from TLS.
            let Some(Ok(reached)) = finished.await else { return };
            drop(permit);
            talk(call, Side::IsCalled, reached, flow, inbox).await;
        });
    }

    fn hear(&mut self, heard: Heard) {
        let session = |input| Input::Session(input);
        match heard {
            Heard::Opened { line, peer, side, address, binding } => {
                let call = line.call;
                self.lines.add(peer, line);
                self.opened(call, session::Input::Opened { call, peer, side, address, binding });
            }
            Heard::Unreached(node, at, why) => {
                self.tell(session(session::Input::Unreached(node, at, why)));
            }
            Heard::Message(call, lane, bytes) => self.tell(Input::Message(call, lane, bytes)),
            Heard::Rude(call) => self.tell(session(session::Input::Rude(call))),
            Heard::Drained(call) => self.drained(call),
            Heard::Broken(call) => {
                self.forget(call);
                self.tell(session(session::Input::Broken(call)));
            }
        }
    }

    /// There is a connection: looks how far the logs here are, and tells the core then.
    fn opened(&mut self, call: CallId, opened: session::Input) {
        self.helds += 1;
        self.held.insert(self.helds, (self.works.len(), call, opened));
        self.works.values().for_each(|works| works.write(Job::Refresh(self.helds)));
        self.begin_if_known(self.helds);
    }

    fn refreshed(&mut self, number: u64) {
        // Those that nobody waits for have no number.
        self.held.get_mut(&number).into_iter().for_each(|(left, ..)| *left -= 1);
        // Who asked and did not wait does not want to know.
        if let Some(look) = self.looks.remove(&number) {
            let _gone = look.send(());
        }
        self.begin_if_known(number);
    }

    fn begin_if_known(&mut self, number: u64) {
        if self.held.get(&number).is_none_or(|(left, ..)| *left > 0) {
            return;
        }
        let Some((_, call, opened)) = self.held.remove(&number) else { return };
        // One that broke meanwhile is no news.
        if let Some((_, line)) = self.lines.get(call) {
            line.begin();
            self.tell(Input::Session(opened));
        }
    }

    /// Nothing more is said on this line. What was said before is sent still.
    fn forget(&mut self, call: CallId) {
        self.stalled.remove(&call);
        if let Some(peer) = self.lines.remove(call) {
            self.parked.remove(&peer);
        }
    }

    fn send(&mut self, call: CallId, lane: Lane, bytes: Vec<u8>) -> Option<Input> {
        let (_, line) = self.lines.get(call)?;
        if lane == Lane::Bulk {
            self.counters.bulk_out.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        line.say(lane, bytes);
        if let Some(overfull) = self.lines.overfull(call) {
            return Some(Input::Session(session::Input::Rude(overfull)));
        }
        (line.waiting().is_stalled() && self.stalled.insert(call)).then_some(Input::Stalled(call))
    }

    /// The peer has read.
    fn drained(&mut self, call: CallId) {
        let Some((peer, line)) = self.lines.get(call) else { return };
        let (peer, is_stalled) = (*peer, line.waiting().is_stalled());
        let parked = self.parked.remove(&peer).unwrap_or_default();
        parked.into_iter().for_each(|(channel, wanted)| self.carry(channel, wanted));
        if !is_stalled && self.stalled.remove(&call) {
            self.tell(Input::Drained(call));
        }
    }

    /// Has something done with objects. What would be loaded for a peer that does not read waits.
    fn carry(&mut self, channel: ChannelId, wanted: Wanted) {
        if let Wanted::Load { way, .. } = &wanted
            && self.lines.of(way.to).is_some_and(|line| line.waiting().is_full())
        {
            let parked = self.parked.entry(way.to).or_default();
            return parked.push_back((channel, wanted));
        }
        if let Wanted::Close(closed) = &wanted
            && let Some(parked) = self.parked.get_mut(&closed.to)
        {
            parked.retain(|(_, load)| !matches!(load, Wanted::Load { way, .. } if way == closed));
        }
        if let Some(works) = self.works.get(&channel) {
            works.carry(wanted);
        }
    }

    fn write(&self, channel: ChannelId, job: Job) -> Option<Input> {
        // Of a channel that was shut nothing is wanted any more.
        if let Some(works) = self.works.get(&channel) {
            works.write(job);
        }
        None
    }

    fn event(&mut self, event: Event) -> Option<Input> {
        let grant = match &event {
            Event::Paired(person, word) => self.welcome(*person, word),
            _ => None,
        };
        if let Some(channel) = gave_all(&event) {
            self.write(channel, Job::LookAgain);
        }
        self.notify(&Notice::Event(event));
        grant
    }

    /// A guest came, or was let in: it may have what was said when the word was given.
    fn welcome(&mut self, person: NodeId, word: &Word) -> Option<Input> {
        let at = self.guests.iter().position(|guest| guest.word == *word)?;
        let Guest { channel, right, .. } = self.guests.remove(at)?;
        Some(Input::Grant(channel, person, right))
    }

    fn expect(&mut self, guest: Guest) {
        if self.guests.len() == GUESTS_MAX {
            self.guests.pop_front();
        }
        self.guests.push_back(guest);
    }

    fn finished(&mut self, done: Done) {
        match done {
            Done::Tell(input) => self.tell(input),
            Done::Refreshed(number) => self.refreshed(number),
            Done::Notice(notice) => self.notify(&notice),
        }
    }

    fn notify(&self, notice: &Notice) {
        self.subscribers.tell(notice);
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Tell(input) => self.tell(*input),
            Ask::Open(channel, works, stands, answer) => {
                let opened = match self.works.entry(channel) {
                    Entry::Occupied(_) => Err(OpenShareError::Open),
                    Entry::Vacant(place) => {
                        place.insert(works);
                        self.door.open(channel);
                        self.tell(Input::Opened(channel, stands));
                        Ok(())
                    }
                };
                // Who asked and did not wait does not want to know.
                let _gone = answer.send(opened);
            }
            Ask::Shut(channel) => {
                self.tell(Input::Closed(channel));
                self.works.remove(&channel);
                self.door.shut(channel);
            }
            Ask::Refresh(channel) => drop(self.write(channel, Job::Refresh(0))),
            Ask::Look(channel, answer) => {
                self.helds += 1;
                if self.works.contains_key(&channel) {
                    self.looks.insert(self.helds, answer);
                    self.write(channel, Job::Refresh(self.helds));
                }
            }
            Ask::Heal(channel) => {
                self.write(channel, Job::Doubt);
                self.tell(Input::Repair(channel));
            }
            Ask::Invite(word, time, guest) => {
                self.expect(guest);
                let until = self.now() + time;
                self.tell(Input::Session(session::Input::Invite(word, until)));
            }
            Ask::Accept(invitation, guest) => {
                self.expect(guest);
                self.tell(Input::Session(session::Input::Accept(*invitation)));
            }
            Ask::WhyNot(node, answer) => {
                let _gone = answer.send(self.core.session().why_not(&node));
            }
            Ask::Peers(answer) => {
                let _gone = answer.send(self.core.session().peers().collect());
            }
            Ask::RoundTrips(answer) => {
                let _gone = answer.send(self.lines.round_trips());
            }
            Ask::Topology(answer) => {
                let _gone = answer.send(self.core.topology(self.now()));
            }
            Ask::Room(answer) => {
                let _gone = answer.send(self.lines.share());
            }
            Ask::Again => self.lookouts.again(),
            // It ends the loop that calls this.
            Ask::Stop => {}
        }
    }
}

impl Drop for Driver {
    /// However it ended, nobody waits for more.
    fn drop(&mut self) {
        self.subscribers.end();
    }
}
