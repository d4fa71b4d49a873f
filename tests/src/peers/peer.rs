//! A core with a store, as a node of the network.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{Action, Batch, Hint, Kind, ObjectId, SimDisk, Store, View, Writer, repair};
use selkie_sync::{
    ChannelId, Core, Dice, Event, Input as CoreInput, Inventory, MemberState, Moment, NetworkId,
    NodeId, NodeRecord, Notary, Output as CoreOutput, Own, Porter, Right, Run, Salt, Scope,
    SessionInput, Settings, Signed, Stands, Trust, Unreached, along, examine, read_logs, recall,
    stands, take_in,
};

use crate::members::{Names, verifies};
use crate::net::{Input, Node, Output};
use crate::peers::calls::{Calls, Sent, address};
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
    dice: Dice,
    rogue: Option<Rogue>,
    life: Option<Life>,
}

/// A peer that runs.
struct Life {
    core: Core,
    store: Arc<Store>,
    view: View<AwSet<String>>,
    writer: Writer,
    porter: Porter,
    calls: Calls,
    agenda: Agenda,
    wake_at: Moment,
}

/// The network that all peers are of.
fn network() -> NetworkId {
    NetworkId::named("a village")
}

/// The object of each item, which must not be missing where the item is.
fn name(items: &AwSet<String>, visit: &mut dyn FnMut(ObjectId)) {
    let ids = items.sorted().into_iter().map(|item| ObjectId::of(Kind::Blob, &content(item)));
    ids.for_each(visit);
}

/// What belongs to an item: some hundred bytes or some thousand, that do not shrink.
#[must_use]
pub fn content(item: &str) -> Vec<u8> {
    let hash = blake3::hash(item.as_bytes());
    let len = 100 + usize::from(hash.as_bytes()[0]) * 20;
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(item.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
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
        Self { names, place, disk, nonce, run, friends, dice, rogue: None, life: None }
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
        self.life().view.root().sorted().into_iter().cloned().collect()
    }

    /// Whether this is in the set, as this one sees it.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn has(&self, item: &str) -> bool {
        self.life().view.root().contains(item)
    }

    /// Items whose objects are not here, or are damaged.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn hollow(&self) -> Vec<String> {
        let is_here = |item: &String| {
            let id = ObjectId::of(Kind::Blob, &content(item));
            self.life().store.read(&id).is_ok()
        };
        self.items().into_iter().filter(|item| !is_here(item)).collect()
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
        self.life().view.doc().to_bytes()
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
        let store = Store::open(Arc::new(self.disk.clone())).expect("a disk that works");
        let store = Arc::new(store);
        let view = View::open(Arc::clone(&store), name).expect("logs that can be read");
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
        let writer = self.writer();
        let calls = Calls::of_run(self.place, self.run);
        let (agenda, wake_at) = (Agenda::default(), Moment::NEVER);
        let stood = stands(&store, &view.endings()).expect("logs that can be read");
        let porter = Porter::new(Arc::clone(&store));
        self.life = Some(Life { core, store, view, writer, porter, calls, agenda, wake_at });
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
            life.writer = writer;
        }
    }

    fn lay_aside(&mut self) {
        let Some(life) = &self.life else { return };
        repair(&life.store, &[], |_| None).expect("a disk that works");
    }

    /// Does what an honest peer does not.
    fn strike(&mut self, now: Moment) -> Vec<Sent> {
        let (Some(rogue), Some(life)) = (&mut self.rogue, &self.life) else { return Vec::new() };
        let stood = life.stands();
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
            let own = life.writer.replica();
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
                let Some(life) = &mut self.life else { return };
                let batch = Batch::new(&life.store);
                let id = batch.put(Kind::Blob, &content(&item), Hint::NONE);
                let id = id.expect("a disk that works");
                batch.finish().expect("a disk that works");
                self.edit(now, &[id], |mut items| items.add(item.clone()), sent);
                sent.push(Output::Tell(News::Added(item)));
            }
            Command::Equivocate(items) => self.equivocate(now, items, sent),
            Command::Remove(item) => {
                let remove = |mut items: Edit<'_, AwSet<String>>| {
                    items.remove(&item);
                };
                self.edit(now, &[], remove, sent);
            }
        }
    }

    /// Changes the set by an entry of this peer, and lets the core spread it.
    fn edit(
        &mut self,
        now: Moment,
        roots: &[ObjectId],
        change: impl FnOnce(Edit<'_, AwSet<String>>),
        sent: &mut Vec<Sent>,
    ) {
        let Some(life) = &mut self.life else { return };
        let stream = life.writer.replica();
        let stood = life.stands();
        let after = stood.get(&stream).map_or(0, |stand| stand.position);
        let action = Action { time: Hlc::from_ms(now.us() / 1_000), note: "edit", roots };
        let change = |items: Edit<'_, AwSet<String>>| {
            change(items);
            Ok::<_, Infallible>(())
        };
        let head = life.view.edit(&life.writer, action, change).expect("a disk that works");
        if head.is_none() {
            return;
        }
        let mut runs = read_logs(&life.store, &[(stream, after)], usize::MAX, usize::MAX);
        let stood = life.stands();
        let (run, stand) = (runs.remove(0), stood[&stream]);
        let along = along(&life.store, &[(stream, after)], std::slice::from_ref(&run), usize::MAX);
        self.tell(now, CoreInput::Wrote(HOME, run, stand, along), sent);
    }

    fn work(&mut self, now: Moment, sent: &mut Vec<Sent>) {
        while let Some(job) = self.life.as_mut().and_then(|life| life.agenda.done(now)) {
            let Some(life) = &mut self.life else { return };
            let input = match job {
                Job::Read(ticket, after, len_max, items_max, along_max) => {
                    let runs = read_logs(&life.store, &after, len_max, items_max);
                    let along = along(&life.store, &after, &runs, along_max);
                    CoreInput::Read(ticket, runs, along)
                }
                Job::Look(ticket, ids) => {
                    let absent = life.store.missing(ids).expect("a disk that works");
                    CoreInput::Absent(ticket, absent.into_iter().collect())
                }
                Job::List(salt) => {
                    let (channel, inventory) = (HOME, Some(life.list(&salt)));
                    let nonce = *blake3::hash(&self.dice.roll().to_le_bytes()).as_bytes();
                    CoreInput::Inventory { channel, inventory, nonce }
                }
                Job::Objects(output) => match life.porter.work(output) {
                    Some(done) => CoreInput::Objects(done),
                    None => continue,
                },
                Job::Apply(ticket, runs) => {
                    if life.is_outlived(&runs) {
                        self.rename(sent);
                    }
                    let Some(life) = &mut self.life else { return };
                    let taken = take_in(&mut life.view, &life.store, runs);
                    let taken = taken.expect("a disk that works");
                    sent.push(Output::Tell(News::Took));
                    self.tell(now, CoreInput::Applied(ticket, taken.stands), sent);
                    let Some(stood) = taken.stood else { continue };
                    CoreInput::Stood(HOME, stood)
                }
                Job::Examine(ticket, evidence) => {
                    let found = examine(&mut life.view, &life.store, evidence);
                    CoreInput::Examined(ticket, found.expect("a disk that works"))
                }
                Job::Recall(peer, stream) => match recall(&life.view, stream) {
                    Some(proof) => CoreInput::Recalled(peer, HOME, stream, proof),
                    None => continue,
                },
            };
            self.tell(now, input, sent);
            self.retell(now, sent);
        }
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
            CoreOutput::Refresh(_) => self.view.refresh().expect("logs that can be read"),
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

    /// The objects of its items that are here.
    fn list(&self, salt: &Salt) -> Arc<Inventory> {
        let mut ids = Vec::new();
        name(self.view.root(), &mut |id| ids.push(id));
        let absent = self.store.missing(ids.iter().copied()).expect("a disk that works");
        ids.retain(|id| !absent.contains(id));
        Arc::new(Inventory::new(ids, salt))
    }

    fn stands(&self) -> Stands {
        stands(&self.store, &self.view.endings()).expect("logs that can be read")
    }

    /// Whether others know more of its own log than it does.
    fn is_outlived(&self, runs: &[Run]) -> bool {
        let stream = self.writer.replica();
        let ours = self.view.applied().get(&stream);
        runs.iter().any(|run| run.stream == stream && run.end() > ours)
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
