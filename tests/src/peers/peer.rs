//! A core with a store, as a node of the network.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{SealId, SimDisk, Writer, repair};
use selkie_sync::{
    ChannelId, Core, Dice, Event, Input as CoreInput, Inventory, MemberState, Moment, NetworkId,
    NodeId, NodeRecord, Notary, Output as CoreOutput, Own, Porter, Right, Run, Scope, SessionInput,
    Settings, Signed, Ticket, Trust, Unreached, along, read_logs,
};
use selkie_vcs::TimelineStrategy;

use crate::members::{Names, verifies};
use crate::net::{Input, Node, Output};
use crate::peers::calls::{Calls, Sent, address};
use crate::peers::clone::BareClone;
use crate::peers::home::{Home, Keeps, Sort};
use crate::peers::letter::{Kind as LetterKind, Letter};
use crate::peers::rogue::{Rogue, Trick};
use crate::peers::word::{Command, News};
use crate::peers::work::{Agenda, Job};

mod again;

/// What all peers of a village have in common.
const HOME: ChannelId = ChannelId::from_bytes([0x40; ChannelId::LEN]);

/// What each has is compared this often, though nobody asks.
const COMPARED: Duration = Duration::from_secs(2 * 3_600);

/// The peer of one place, from its start to its end. What outlives it is its disk.
pub struct Peer {
    names: Rc<Names>,
    place: usize,
    disk: SimDisk,
    nonce: [u8; 16],
    run: u64,
    friends: BTreeSet<usize>,
    sort: Sort,
    dice: Dice,
    rogue: Option<Rogue>,
    life: Option<Life>,
}

/// A peer that runs.
struct Life {
    core: Core,
    home: Home,
    porter: Porter,
    calls: Calls,
    agenda: Agenda,
    wake_at: Moment,
}

/// The network that all peers are of.
fn network() -> NetworkId {
    NetworkId::named("a village")
}

impl Peer {
    /// The peer of a place, with this on its disk and these friends in its settings, in a run with this number. It goes by
    /// this nonce.
    #[must_use]
    pub fn new(
        names: Rc<Names>,
        place: usize,
        (disk, friends): (SimDisk, BTreeSet<usize>),
        nonce: [u8; 16],
        run: u64,
        dice: Dice,
    ) -> Self {
        let (sort, rogue, life) = (Sort::default(), None, None);
        Self { names, place, disk, nonce, run, friends, sort, dice, rogue, life }
    }

    /// The same, which keeps something of this sort.
    #[must_use]
    pub fn keeping(self, sort: Sort) -> Self {
        Self { sort, ..self }
    }

    /// The same, which does these things besides.
    #[must_use]
    pub fn with_tricks(mut self, tricks: Vec<Trick>) -> Self {
        let (key, dice) = (self.names.key(self.place), Dice::of(self.dice.roll()));
        self.rogue = Some(Rogue::new(tricks, key, network(), HOME, dice));
        self
    }

    /// Its disk.
    #[must_use]
    pub const fn disk(&self) -> &SimDisk {
        &self.disk
    }

    /// What is in the set that all have in common, as this one sees it.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        self.life().home.items()
    }

    /// Whether this is in the set, as this one sees it.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn has(&self, item: &str) -> bool {
        self.life().home.has(item)
    }

    /// Items whose objects are not here, or are damaged.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn hollow(&self) -> Vec<String> {
        self.life().home.hollow()
    }

    /// How much it keeps in memory, as it would be shown, in characters.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn weight(&self) -> usize {
        format!("{:?}", self.life().core).len()
    }

    /// All that it knows, in bytes: equal for those that know the same.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        self.life().home.state()
    }

    /// The newest seals of its repository.
    ///
    /// # Panics
    ///
    /// It was never started, or keeps none.
    #[must_use]
    pub fn heads(&self) -> Vec<SealId> {
        self.clone_of_it().heads()
    }

    /// How heads are brought together, if somebody said so.
    ///
    /// # Panics
    ///
    /// It was never started, or keeps no repository.
    #[must_use]
    pub fn strategy(&self) -> Option<TimelineStrategy> {
        self.clone_of_it().strategy()
    }

    /// All seals that its heads lead to.
    ///
    /// # Panics
    ///
    /// It was never started, or keeps no repository.
    #[must_use]
    pub fn past(&self) -> BTreeSet<SealId> {
        let clone = self.clone_of_it();
        clone.past(&clone.heads())
    }

    fn clone_of_it(&self) -> &BareClone {
        match &self.life().home.keeps {
            Keeps::Repository(clone) => clone,
            Keeps::Set(_) => panic!("seals are asked for where there is a repository"),
        }
    }

    /// With whom it talks.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn peers(&self) -> Vec<NodeId> {
        self.life().core.session().peers().collect()
    }

    /// How the peer of a place stands, as this one sees it.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn sees(&self, place: usize) -> Option<MemberState> {
        self.life().core.membership().state(&self.names.id(place))
    }

    fn life(&self) -> &Life {
        self.life.as_ref().expect("a peer is asked after it was started")
    }

    fn start(&mut self, now: Moment) -> Vec<Sent> {
        let home = Home::open(&self.disk, self.writer(), self.sort);
        let network = network();
        let node = self.names.id(self.place);
        let key = self.names.key(self.place);
        let addresses = vec![address(self.place)];
        let record = NodeRecord { sequence: self.run, expires_ms: u64::MAX, addresses };
        let record = Signed::new(&record, &network, &key).expect("a record keeps its rules");
        let own = Own { node, network, features: 0, delegation: None, record: Some(record) };
        let notary = Notary::new(key, network, verifies);
        let trust = Trust::new(network);
        let settings = Settings { compared: COMPARED, ..Settings::default() };
        let core = Core::new(now, own, notary, trust, settings, self.dice.roll());
        let calls = Calls::of_run(self.place, self.run);
        let (agenda, wake_at) = (Agenda::default(), Moment::NEVER);
        let (stood, porter) = (home.stands(), Porter::new(Arc::clone(home.store())));
        self.life = Some(Life { core, home, porter, calls, agenda, wake_at });
        let mut sent = Vec::new();
        self.tell(now, CoreInput::Opened(HOME, stood), &mut sent);
        // Power may have failed before what ended was said again.
        self.retell(now, &mut sent);
        for friend in self.friends.clone() {
            self.befriend(now, friend, &mut sent);
        }
        sent
    }

    /// Trusts the peer of a place, and lets it have everything.
    fn befriend(&mut self, now: Moment, place: usize, sent: &mut Vec<Sent>) {
        let node = self.names.id(place);
        self.tell(now, CoreInput::Session(SessionInput::Trust(node)), sent);
        self.tell(now, CoreInput::Grant(HOME, node, Right::Write(Scope::All)), sent);
    }

    fn writer(&self) -> Writer {
        Writer::new(self.names.secret(self.place), self.nonce)
    }

    /// Goes on under another name: under the old one it might say two things in one place.
    fn rename(&mut self, sent: &mut Vec<Sent>) {
        self.dice.shuffle(&mut self.nonce);
        self.nonce[0] ^= 0xff;
        sent.push(Output::Tell(News::Outlived));
        let writer = self.writer();
        if let Some(life) = &mut self.life {
            life.home.writer = writer;
        }
    }

    fn lay_aside(&mut self) {
        let Some(life) = &self.life else { return };
        repair(life.home.store(), &[], |_| None).expect("a disk that works");
    }

    /// Does what an honest peer does not.
    fn strike(&mut self, now: Moment) -> Vec<Sent> {
        let (Some(rogue), Some(life)) = (&mut self.rogue, &self.life) else { return Vec::new() };
        let stood = life.home.stands();
        let members: Vec<_> = (0..self.names.len()).map(|place| self.names.id(place)).collect();
        let said = rogue.strike(now, &life.calls.open_ones(), &stood, &members);
        said.into_iter()
            .filter_map(|(call, lane, bytes)| life.calls.say(call, lane, bytes))
            .collect()
    }

    /// Tells the core something, and does what it wants.
    fn tell(&mut self, now: Moment, input: CoreInput, sent: &mut Vec<Sent>) {
        let mut inputs = vec![input];
        while !inputs.is_empty() {
            let Some(life) = &mut self.life else { return };
            let outputs: Vec<_> = life.core.handle(now, inputs.remove(0)).collect();
            let own = life.home.writer.replica();
            let is_doubled = |output: &CoreOutput| matches!(output, CoreOutput::Event(Event::Forked(_, _, stream)) if *stream == own);
            let is_doubled = outputs.iter().any(is_doubled);
            for output in outputs {
                inputs.extend(life.perform(now, output, &self.names, &mut self.dice, sent));
            }
            if is_doubled {
                self.rename(sent);
            }
        }
    }

    fn ask(&mut self, now: Moment, command: Command, sent: &mut Vec<Sent>) {
        match command {
            Command::Want(place) => {
                let node = self.names.id(place);
                self.tell(now, CoreInput::Session(SessionInput::Want(node)), sent);
                let found = SessionInput::Found(node, vec![address(place)]);
                self.tell(now, CoreInput::Session(found), sent);
            }
            Command::Befriend(place) => {
                self.friends.insert(place);
                self.befriend(now, place, sent);
            }
            Command::LayAside => self.lay_aside(),
            Command::Repair => {
                // The core is told what is here, and not what once was.
                self.lay_aside();
                self.tell(now, CoreInput::Repair(HOME), sent);
            }
            Command::Deny(place) => {
                self.tell(now, CoreInput::Deny(HOME, self.names.id(place)), sent);
            }
            Command::Add(item) => {
                self.write(now, sent, |home, now_ms| home.add(now_ms, &item));
                sent.push(Output::Tell(News::Added(item)));
            }
            Command::Equivocate(items) => self.equivocate(now, items, sent),
            Command::Remove(item) => {
                self.write(now, sent, |home, now_ms| home.remove(now_ms, &item));
            }
            Command::Clone(deed) => {
                self.write(now, sent, |home, now_ms| home.does(now_ms, &deed));
            }
        }
    }

    /// Does something that writes into the log of this peer, and lets the core spread it.
    fn write(&mut self, now: Moment, sent: &mut Vec<Sent>, write: impl FnOnce(&mut Home, u64)) {
        let Some(life) = &mut self.life else { return };
        let before = life.home.written();
        write(&mut life.home, now.us() / 1_000);
        self.tell_of_own(now, before, sent);
    }

    /// Tells the core what is in the log of this peer behind a position.
    fn tell_of_own(&mut self, now: Moment, after: u64, sent: &mut Vec<Sent>) {
        let Some(life) = &self.life else { return };
        let Some((run, stand)) = life.home.wrote(after) else { return };
        let known = [(run.stream, after)];
        let along = along(life.home.store(), &known, std::slice::from_ref(&run), usize::MAX);
        self.tell(now, CoreInput::Wrote(HOME, run, stand, along), sent);
    }

    fn work(&mut self, now: Moment, sent: &mut Vec<Sent>) {
        while let Some(job) = self.life.as_mut().and_then(|life| life.agenda.done(now)) {
            let Some(life) = &mut self.life else { return };
            let input = match job {
                Job::Read(ticket, after, len_max, items_max, along_max) => {
                    let store = life.home.store();
                    let runs = read_logs(store, &after, len_max, items_max);
                    let along = along(store, &after, &runs, along_max);
                    CoreInput::Read(ticket, runs, along)
                }
                Job::Look(ticket, ids) => {
                    let absent = life.home.store().missing(ids).expect("a disk that works");
                    CoreInput::Absent(ticket, absent.into_iter().collect())
                }
                Job::List(salt) => {
                    let listed = life.home.listed();
                    let inventory = listed.map(|ids| Arc::new(Inventory::new(ids, &salt)));
                    let channel = HOME;
                    let nonce = *blake3::hash(&self.dice.roll().to_le_bytes()).as_bytes();
                    CoreInput::Inventory { channel, inventory, nonce }
                }
                Job::Objects(output) => match life.porter.work(output) {
                    Some(done) => CoreInput::Objects(done),
                    None => continue,
                },
                Job::Apply(ticket, runs) => {
                    self.apply(now, ticket, runs, sent);
                    self.retell(now, sent);
                    continue;
                }
                Job::Examine(ticket, evidence) => {
                    CoreInput::Examined(ticket, life.home.examine(evidence))
                }
                Job::Recall(peer, stream) => match life.home.recall(stream) {
                    Some(proof) => CoreInput::Recalled(peer, HOME, stream, proof),
                    None => continue,
                },
            };
            self.tell(now, input, sent);
            self.retell(now, sent);
        }
    }

    /// Takes in what others wrote.
    fn apply(&mut self, now: Moment, ticket: Ticket, runs: Vec<Run>, sent: &mut Vec<Sent>) {
        if self.life.as_ref().is_some_and(|life| life.home.is_outlived(&runs)) {
            self.rename(sent);
        }
        let Some(life) = &mut self.life else { return };
        let before = life.home.written();
        let taken = life.home.take_in(now.us() / 1_000, runs);
        sent.push(Output::Tell(News::Took));
        self.tell(now, CoreInput::Applied(ticket, taken.stands), sent);
        if let Some(stood) = taken.stood {
            self.tell(now, CoreInput::Stood(HOME, stood), sent);
        }
        // A clone may have done something of its own at that.
        self.tell_of_own(now, before, sent);
    }
}

impl Life {
    /// Does what the core wants; tells what it has to hear at once.
    fn perform(
        &mut self,
        now: Moment,
        output: CoreOutput,
        names: &Names,
        dice: &mut Dice,
        sent: &mut Vec<Sent>,
    ) -> Vec<CoreInput> {
        match output {
            CoreOutput::Call(node, at) => {
                let Some(ring) = self.calls.call(names, node, at) else {
                    let unreached = SessionInput::Unreached(node, at, Unreached::NoRoute);
                    return vec![CoreInput::Session(unreached)];
                };
                sent.push(ring);
            }
            CoreOutput::Listen(call) => return self.calls.read(call),
            CoreOutput::Send(call, lane, bytes) => sent.extend(self.calls.say(call, lane, bytes)),
            CoreOutput::HangUp(call) => sent.extend(self.calls.hang_up(call)),
            CoreOutput::Read { ticket, after, len_max, items_max, along_max, .. } => {
                let job = Job::Read(ticket, after, len_max, items_max, along_max);
                self.agenda.plan(now, job, dice);
            }
            CoreOutput::Look { ticket, ids, .. } => {
                self.agenda.plan(now, Job::Look(ticket, ids), dice);
            }
            CoreOutput::Inventory(_, salt) => {
                self.agenda.plan(now, Job::List(salt), dice);
            }
            CoreOutput::Refresh(_) => self.home.refresh(),
            CoreOutput::Objects(_, output) => {
                self.agenda.plan(now, Job::Objects(output), dice);
            }
            CoreOutput::Apply { ticket, runs, .. } => {
                self.agenda.plan(now, Job::Apply(ticket, runs), dice);
            }
            CoreOutput::Examine { ticket, evidence, .. } => {
                self.agenda.plan(now, Job::Examine(ticket, evidence), dice);
            }
            CoreOutput::Recall { peer, stream, .. } => {
                self.agenda.plan(now, Job::Recall(peer, stream), dice);
            }
            CoreOutput::Event(event) => sent.push(Output::Tell(News::Event(event))),
            CoreOutput::WakeAt(at) => self.wake_at = at,
        }
        Vec::new()
    }
}

impl Node for Peer {
    type Message = Letter;
    type Command = Command;
    type News = News;

    fn handle(&mut self, now: Moment, input: Input<Letter, Command>) -> Vec<Sent> {
        let mut sent = Vec::new();
        match input {
            Input::Started => sent = self.start(now),
            Input::Tick => {
                self.work(now, &mut sent);
                self.tell(now, CoreInput::Tick, &mut sent);
                sent.extend(self.strike(now));
            }
            Input::Received(from, lane, letter) => {
                let names = Rc::clone(&self.names);
                if let Some(rogue) = self.rogue.as_mut().filter(|_| letter.kind == LetterKind::Says)
                {
                    rogue.hear(lane, letter.says());
                }
                let Some(life) = &mut self.life else { return sent };
                let (answer, input) = life.calls.receive(&names, from, lane, letter);
                sent.extend(answer);
                input.into_iter().for_each(|input| self.tell(now, input, &mut sent));
            }
            Input::Lost(place) => {
                let Some(life) = &mut self.life else { return sent };
                let lost = life.calls.lose(place);
                lost.into_iter().for_each(|input| self.tell(now, input, &mut sent));
            }
            Input::Asked(command) => self.ask(now, command, &mut sent),
        }
        let strikes = self.rogue.as_ref().map_or(Moment::NEVER, Rogue::next);
        let wakes = self.life.as_ref();
        let wakes = wakes.map(|life| life.wake_at.min(life.agenda.due()).min(strikes));
        sent.extend(wakes.map(Output::WakeAt));
        sent
    }
}
