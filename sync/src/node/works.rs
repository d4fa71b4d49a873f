//! The work on the store of one channel, on threads of its own.
//!
//! Objects go through one thread, one thing after the other, and entries through another: a long transfer does not hold up what is
//! new, and no disk holds up the driver.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use selkie_crdt::{ActorId, Causal};
use selkie_store::{ObjectId, Store, View, ViewError};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::channel_id::ChannelId;
use crate::core::Input;
use crate::gossip::evidence::{Evidence, Finding};
use crate::gossip::message::{ALONG_LEN_MAX, Run};
use crate::gossip::stand::{Stand, Stands};
use crate::gossip::ticket::Ticket;
use crate::identity::node_id::NodeId;
use crate::logs::{TakenIn, along, examine, read_logs, recall, stands, take_in};
use crate::node::care::{Keeper, Look};
use crate::node::done::Done;
use crate::node::notice::Notice;
use crate::node::worker::{Post, Worker, employ};
use crate::objects::effect::{Input as ObjectsInput, Loaded, Output as ObjectsOutput};
use crate::objects::intake::{Along, Taken};
use crate::objects::porter::Porter;
use crate::repair::salt::Salt;

/// What a node shares in a channel: a store, the state that its logs add up to, and which of the logs are its own.
///
/// The state is there to check what comes. Whoever wants to see it opens a [`View`] of the same store, and refreshes it when it
/// hears of [`Notice::TookIn`](crate::Notice::TookIn).
pub struct Share {
    store: Arc<Store>,
    state: Box<dyn State>,
    own: Option<(ActorId, Reborn)>,
}

/// The state of a channel, of whatever type it is.
trait State: Send {
    /// Takes entries into the logs of its store.
    fn take_in(&mut self, store: &Arc<Store>, runs: Vec<Run>) -> Result<TakenIn, ViewError>;

    /// What a peer says of a log, held against it.
    fn examine(&mut self, store: &Arc<Store>, evidence: Evidence) -> Result<Finding, ViewError>;

    /// The proof that a log ended.
    fn recall(&self, stream: ActorId) -> Option<Vec<u8>>;

    /// Where its logs stand, as far as they count.
    fn stands(&self, store: &Store) -> Result<Stands, ViewError>;

    /// Whether a log has ended.
    fn is_over(&self, stream: ActorId) -> bool;

    /// The objects that it names by now, and those that entries reach which wait.
    fn roots(&mut self) -> Result<Vec<ObjectId>, ViewError>;
}

/// Gives a clone that lost its memory a new name, under which it writes from then on.
pub type Reborn = Box<dyn FnMut() -> io::Result<ActorId> + Send>;

/// What is to be done with logs.
#[derive(Debug)]
pub(super) enum Job {
    /// Read them for a peer.
    Read(Ticket, Vec<(ActorId, u64)>, Most),
    /// Look which of these objects are not here.
    Look(Ticket, Vec<ObjectId>),
    /// Take these in.
    Apply(Ticket, Vec<Run>),
    /// Hold this against a log.
    Examine(Ticket, Evidence),
    /// Read the proof that this log ended, for this peer.
    Recall(NodeId, ActorId),
    /// Look what others on this machine wrote into them, and tell under this number when that is done.
    Refresh(u64),
    /// List what they lead to, for a comparison with this salt.
    List(Salt),
    /// What is here may not be whole: the next list is to be made by somebody who reads it.
    Doubt,
    /// Others were asked for what was not whole: tell what is still so.
    LookAgain,
}

/// How much is read at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// Bytes of entries.
    pub(super) len: usize,
    /// Entries.
    pub(super) items: usize,
    /// Bytes of a parcel of what they reach.
    pub(super) along: usize,
}

/// The threads of a channel. They end when this is dropped and all that was to be done is done.
#[derive(Debug)]
pub(super) struct Works {
    objects: Option<UnboundedSender<ObjectsOutput>>,
    logs: Option<UnboundedSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

/// Those who work for a channel.
pub(super) struct Staff {
    pub(super) carrier: Post<Carrier>,
    pub(super) scribe: Post<Scribe>,
    pub(super) keeper: Post<Keeper>,
}

/// What moved, since the node was started.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) entries_in: AtomicU64,
    pub(super) entries_out: AtomicU64,
    pub(super) objects_in: AtomicU64,
    pub(super) object_bytes_in: AtomicU64,
    pub(super) bulk_out: AtomicU64,
}

/// Entries that are told at once of what others on this machine wrote.
const REFRESH_LEN: usize = 256 << 10;
const REFRESH_ITEMS: usize = 1_024;

impl Share {
    /// Shares this store.
    #[must_use]
    pub fn new<T: Causal + Clone + Send + 'static>(store: Arc<Store>, view: View<T>) -> Self {
        Self { store, state: Box::new(view), own: None }
    }

    /// This is the log that this node writes. If a peer knows more of it than is here, the memory of the node was lost, and what
    /// it would write next may have been written before: then `reborn` gives it another name, before anything is taken in.
    #[must_use]
    pub fn written_by(mut self, own: ActorId, reborn: Reborn) -> Self {
        self.own = Some((own, reborn));
        self
    }

    /// Where its logs stand.
    pub(super) fn stands(&self) -> Result<Stands, ViewError> {
        self.state.stands(&self.store)
    }
}

impl<T: Causal + Clone + Send> State for View<T> {
    fn take_in(&mut self, store: &Arc<Store>, runs: Vec<Run>) -> Result<TakenIn, ViewError> {
        take_in(self, store, runs)
    }

    fn examine(&mut self, store: &Arc<Store>, evidence: Evidence) -> Result<Finding, ViewError> {
        examine(self, store, evidence)
    }

    fn recall(&self, stream: ActorId) -> Option<Vec<u8>> {
        recall(self, stream)
    }

    fn stands(&self, store: &Store) -> Result<Stands, ViewError> {
        stands(store, &self.endings())
    }

    fn is_over(&self, stream: ActorId) -> bool {
        Self::is_over(self, stream)
    }

    fn roots(&mut self) -> Result<Vec<ObjectId>, ViewError> {
        self.refresh()?;
        Self::roots(self)
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.own.as_ref().map(|(own, _)| own);
        f.debug_struct("Share").field("own", &own).finish_non_exhaustive()
    }
}

impl Works {
    /// Starts the threads of a channel, whose logs stand so.
    pub(super) fn start(
        channel: ChannelId,
        share: Share,
        stood: Stands,
        done: UnboundedSender<Done>,
        counters: &Arc<Counters>,
    ) -> io::Result<Self> {
        let (mut works, staff) = Self::staffed(channel, share, stood, done, counters);
        works.threads =
            vec![employ("selkie-objects", staff.carrier)?, employ("selkie-logs", staff.scribe)?];
        // Nobody waits for its end: it reads long, and what it writes a crash may cut off.
        employ("selkie-care", staff.keeper)?;
        Ok(works)
    }

    /// The same, with workers that nobody employs yet.
    pub(super) fn staffed(
        channel: ChannelId,
        share: Share,
        stood: Stands,
        done: UnboundedSender<Done>,
        counters: &Arc<Counters>,
    ) -> (Self, Staff) {
        let (objects, objects_wanted) = mpsc::unbounded_channel();
        let (logs, logs_wanted) = mpsc::unbounded_channel();
        let (looks, looks_wanted) = mpsc::unbounded_channel();
        let carrier = Carrier {
            porter: Porter::new(Arc::clone(&share.store)),
            looks: looks.clone(),
            done: done.clone(),
            counters: Arc::clone(counters),
        };
        let keeper = Keeper::new(channel, Arc::clone(&share.store), done.clone());
        let counters = Arc::clone(counters);
        let scribe = Scribe { channel, share, stood, looks, done, counters };
        let staff = Staff {
            carrier: (carrier, objects_wanted),
            scribe: (scribe, logs_wanted),
            keeper: (keeper, looks_wanted),
        };
        (Self { objects: Some(objects), logs: Some(logs), threads: Vec::new() }, staff)
    }

    /// Has something done with objects.
    pub(super) fn carry(&self, output: ObjectsOutput) {
        // A thread that is gone has panicked, which was told where it did.
        if let Some(objects) = &self.objects {
            let _gone = objects.send(output);
        }
    }

    /// Has something done with logs.
    pub(super) fn write(&self, job: Job) {
        if let Some(logs) = &self.logs {
            let _gone = logs.send(job);
        }
    }

    /// Waits until all is done that was to be done.
    pub(super) fn finish(mut self) {
        (self.objects, self.logs) = (None, None);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// Who works on objects.
pub(super) struct Carrier {
    porter: Porter,
    /// To who looks after the objects.
    looks: UnboundedSender<Look>,
    done: UnboundedSender<Done>,
    counters: Arc<Counters>,
}

impl Worker for Carrier {
    type Task = ObjectsOutput;

    fn work(&mut self, output: ObjectsOutput) {
        if self.done.is_closed() {
            // The node is gone, and with it whoever wanted this.
            return;
        }
        let Some(input) = self.porter.work(output) else { return };
        if let ObjectsInput::Took(_, Taken::Objects(count, len))
        | ObjectsInput::TookAlong(_, Along::Whole(count, len)) = input
        {
            self.counters.objects_in.fetch_add(u64::from(count), Ordering::Relaxed);
            self.counters.object_bytes_in.fetch_add(len, Ordering::Relaxed);
        }
        if matches!(input, ObjectsInput::Loaded(_, Loaded::Unreadable)) {
            // What was believed to be here is not.
            let _gone = self.looks.send(Look::Doubt);
        }
        let _gone = self.done.send(Done::Tell(Input::Objects(input)));
    }
}

/// Who works on logs.
pub(super) struct Scribe {
    channel: ChannelId,
    share: Share,
    /// Where the logs stand as far as the core was told.
    stood: Stands,
    /// To who looks after the objects. It ends with this.
    looks: UnboundedSender<Look>,
    done: UnboundedSender<Done>,
    counters: Arc<Counters>,
}

impl Worker for Scribe {
    type Task = Job;

    fn work(&mut self, job: Job) {
        match job {
            Job::Read(ticket, after, most) => {
                let store = &self.share.store;
                let runs = read_logs(store, &after, most.len, most.items);
                let along = along(store, &after, &runs, most.along);
                self.count(&runs);
                self.tell(Input::Read(ticket, runs, along));
            }
            Job::Look(ticket, ids) => self.look(ticket, ids),
            Job::Apply(ticket, runs) => self.apply(ticket, runs),
            Job::Examine(ticket, evidence) => self.examine(ticket, evidence),
            Job::Recall(peer, stream) => {
                let proof = self.share.state.recall(stream);
                let recalled =
                    proof.map(|proof| Input::Recalled(peer, self.channel, stream, proof));
                recalled.into_iter().for_each(|recalled| self.tell(recalled));
            }
            Job::Refresh(number) => {
                self.refresh();
                self.send(Done::Refreshed(number));
            }
            Job::List(salt) => self.list(salt),
            Job::Doubt => self.care(Look::Doubt),
            Job::LookAgain => self.care(Look::Again),
        }
    }
}

impl Scribe {
    /// What must be here is told by the state, and whether it is by who reads it.
    fn list(&mut self, salt: Salt) {
        match self.share.state.roots() {
            Ok(roots) => self.care(Look::List(roots, salt)),
            Err(error) => {
                self.trouble(error);
                let (channel, inventory, nonce) = (self.channel, None, [0; 32]);
                self.tell(Input::Inventory { channel, inventory, nonce });
            }
        }
    }

    fn care(&self, look: Look) {
        // A thread that is gone has panicked, which was told where it did.
        let _gone = self.looks.send(look);
    }

    fn look(&mut self, ticket: Ticket, ids: Vec<ObjectId>) {
        match self.share.store.missing(ids.clone()) {
            Ok(absent) => self.tell(Input::Absent(ticket, absent.into_iter().collect())),
            Err(error) => {
                self.trouble(error.into());
                // What can not be read is as good as not here.
                self.tell(Input::Absent(ticket, ids.into_iter().collect()));
            }
        }
    }

    fn apply(&mut self, ticket: Ticket, runs: Vec<Run>) {
        self.be_reborn_if_outlived(&runs);
        let before = self.stood.clone();
        let Share { store, state, .. } = &mut self.share;
        let taken = match state.take_in(store, runs) {
            Ok(taken) => taken,
            Err(error) => {
                self.trouble(error);
                return self.tell(Input::Applied(ticket, Vec::new()));
            }
        };
        let mut count = 0;
        for (stream, stand) in &taken.stands {
            let position = before.get(stream).map_or(0, |stand| stand.position);
            count += stand.position.saturating_sub(position);
            self.raise(*stream, *stand);
        }
        self.counters.entries_in.fetch_add(count, Ordering::Relaxed);
        for (stream, refusal) in taken.refused {
            self.notify(Notice::Refused(self.channel, stream, Arc::new(refusal)));
        }
        self.tell(Input::Applied(ticket, taken.stands));
        if let Some(stood) = taken.stood {
            self.stood.clone_from(&stood);
            self.tell(Input::Stood(self.channel, stood));
            self.be_reborn_if_over();
        }
        self.notify(Notice::TookIn(self.channel, count));
    }

    fn examine(&mut self, ticket: Ticket, evidence: Evidence) {
        let Share { store, state, .. } = &mut self.share;
        let finding = state.examine(store, evidence).unwrap_or_else(|error| {
            self.trouble(error);
            Finding::Nothing
        });
        let has_ended = matches!(finding, Finding::Ended { .. });
        if let Finding::Ended { stands, .. } = &finding {
            self.stood.clone_from(stands);
        }
        self.tell(Input::Examined(ticket, finding));
        if has_ended {
            self.be_reborn_if_over();
        }
    }

    /// What it would say under the name of a log that has ended would count for nobody.
    fn be_reborn_if_over(&mut self) {
        let own = self.share.own.as_ref().map(|(own, _)| *own);
        if own.is_some_and(|own| self.share.state.is_over(own)) {
            self.be_reborn();
        }
    }

    /// Under its old name it might say two things in one place.
    fn be_reborn_if_outlived(&mut self, runs: &[Run]) {
        let own = self.share.own.as_ref().map(|(own, _)| *own);
        let is_beyond = |run: &Run| {
            let ours = self.stood.get(&run.stream).map_or(0, |stand| stand.position);
            Some(run.stream) == own && run.end() > ours
        };
        if runs.iter().any(is_beyond) {
            self.be_reborn();
        }
    }

    fn be_reborn(&mut self) {
        let Some((own, reborn)) = &mut self.share.own else { return };
        let named = reborn();
        named.iter().for_each(|name| *own = *name);
        self.notify(match named {
            Ok(name) => Notice::Reborn(self.channel, name),
            Err(error) => Notice::NotReborn(self.channel, Arc::new(error)),
        });
    }

    /// Tells of what others on this machine wrote.
    fn refresh(&mut self) {
        let now = match self.share.stands() {
            Ok(now) => now,
            Err(error) => return self.trouble(error),
        };
        for (stream, stand) in now {
            let position = self.stood.get(&stream).map_or(0, |stood| stood.position);
            if stand.position > position {
                self.tell_of(stream, position, stand);
            }
        }
    }

    fn tell_of(&mut self, stream: ActorId, mut after: u64, stand: Stand) {
        while after < stand.position {
            let runs = read_logs(&self.share.store, &[(stream, after)], REFRESH_LEN, REFRESH_ITEMS);
            // What can not be read now is told of with the next look.
            let Some(run) = runs.into_iter().next() else { return };
            after = run.end();
            if after >= stand.position {
                let run = run.until(stand.position);
                self.raise(stream, stand);
                let Some(run) = run else { return };
                let before = [(stream, run.after)];
                let runs = std::slice::from_ref(&run);
                let along = along(&self.share.store, &before, runs, ALONG_LEN_MAX);
                self.count(runs);
                self.tell(Input::Wrote(self.channel, run, stand, along));
                return;
            }
        }
    }

    fn raise(&mut self, stream: ActorId, stand: Stand) {
        let stood = self.stood.entry(stream).or_default();
        if stand.position > stood.position {
            *stood = stand;
        }
    }

    fn count(&self, runs: &[Run]) {
        let count = runs.iter().map(|run| run.items.len() as u64).sum();
        self.counters.entries_out.fetch_add(count, Ordering::Relaxed);
    }

    fn trouble(&self, error: ViewError) {
        self.notify(Notice::Trouble(self.channel, Arc::new(error)));
    }

    fn notify(&self, notice: Notice) {
        self.send(Done::Notice(notice));
    }

    fn tell(&self, input: Input) {
        self.send(Done::Tell(input));
    }

    fn send(&self, done: Done) {
        // Nobody wants to hear it any more only if the node is gone.
        let _gone = self.done.send(done);
    }
}
