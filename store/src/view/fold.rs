//! From entries to state.

use std::collections::{BTreeMap, BTreeSet};

use selkie_crdt::{ActorId, Causal, Delta, Doc, Hlc, VersionVector};

use crate::identity::binding::Binding;
use crate::log::error::LogError;
use crate::log::format::Entry;
use crate::log::place::{Head, Place};
use crate::object::key::PublicKey;
use crate::view::error::{Obstacle, Stop};
use crate::view::step::{Deed, Step};

/// The state that entries add up to, and how far in each log they go.
#[derive(Clone, Debug)]
pub(super) struct Fold<T: Causal> {
    pub(super) doc: Doc<T>,
    pub(super) logs: BTreeMap<ActorId, Track>,
    /// The latest time of any entry.
    pub(super) time: Hlc,
    pub(super) seen: VersionVector, // invariant: the version of `doc`
}

/// Where logs end that said two things in one place: the last entry before it.
pub(super) type Cuts = BTreeMap<ActorId, Head>;

/// How far one log was followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Track {
    pub(super) place: Place,
    pub(super) key: PublicKey,
}

/// Who writes to the document while nobody does. No replica has this name, since names are hashes.
pub(super) const NOBODY: ActorId = ActorId::from_bytes([0; 16]);

/// An entry that was understood.
struct Understood<T: Causal> {
    entry: Entry,
    time: Hlc,
    body: Body<T>,
}

enum Body<T: Causal> {
    Key(PublicKey),
    Delta(Changes<T>),
}

/// A delta that brings changes of one replica alone.
pub(super) struct Changes<T: Causal> {
    delta: Delta<T>,
    pub(super) from: VersionVector,
    upto: u64,
}

/// Logs that wait for changes of others.
struct Waiting<T: Causal> {
    // By whom they wait for: how many changes it takes, and who waits.
    by_actor: BTreeMap<ActorId, BTreeSet<(u64, ActorId)>>,
    entries: BTreeMap<ActorId, Understood<T>>,
}

impl<T: Causal> Fold<T> {
    /// Of nothing.
    pub(super) fn new() -> Self {
        Self::of(Doc::new(NOBODY), BTreeMap::new(), Hlc::default())
    }

    pub(super) fn of(doc: Doc<T>, logs: BTreeMap<ActorId, Track>, time: Hlc) -> Self {
        let seen = doc.version();
        Self { doc, logs, time, seen }
    }

    pub(super) fn place(&self, replica: ActorId) -> Place {
        self.logs.get(&replica).map_or(Place::START, |track| track.place)
    }

    /// Bytes of entries in it.
    pub(super) fn len(&self) -> u64 {
        self.logs.values().map(|track| track.place.end).sum()
    }

    /// Whether it has nothing of what these logs say after their end.
    pub(super) fn is_within(&self, cuts: &Cuts) -> bool {
        // What builds upon it was applied after it, so nothing of that is in it either.
        cuts.iter().all(|(replica, end)| self.place(*replica).head.position <= end.position)
    }

    /// Applies what the sources give, each the entries of one log from its place on, in whatever order
    /// they build upon each other. Returns what stopped a log before its end. A source goes no farther than its cut.
    pub(super) fn run<S>(
        &mut self,
        mut sources: BTreeMap<ActorId, S>,
        cuts: &Cuts,
    ) -> BTreeMap<ActorId, Stop>
    where
        S: Iterator<Item = Result<Entry, LogError>>,
    {
        let mut stops = BTreeMap::new();
        let mut waiting = Waiting::new();
        let mut ready: Vec<_> = sources.keys().copied().collect();
        while let Some(replica) = ready.pop() {
            let source = sources.get_mut(&replica).expect("who is ready has a source");
            if let Err(stop) = self.follow(replica, source, &mut waiting, &mut ready) {
                stops.insert(replica, stop);
            }
        }
        let mut over = self.over(cuts, &stops);
        waiting.end(&self.seen, &mut over);
        stops.extend(waiting.into_stops(self, &over));
        for (replica, end) in cuts.iter().filter(|(replica, _)| over.contains(*replica)) {
            let (position, why) = (end.position + 1, Obstacle::Forked);
            // It may end even before, where it builds upon another that ended.
            stops.entry(*replica).or_insert(Stop { replica: *replica, position, why });
        }
        stops
    }

    /// The logs with a cut of which all before it is applied: nothing more comes of them.
    fn over(&self, cuts: &Cuts, stops: &BTreeMap<ActorId, Stop>) -> BTreeSet<ActorId> {
        let is_over = |(replica, end): &(&ActorId, &Head)| {
            self.place(**replica).head == **end && !stops.contains_key(*replica)
        };
        cuts.iter().filter(is_over).map(|(replica, _)| *replica).collect()
    }

    /// Applies the entries of one log until they end or wait, and calls up who waited for them.
    fn follow(
        &mut self,
        replica: ActorId,
        source: &mut impl Iterator<Item = Result<Entry, LogError>>,
        waiting: &mut Waiting<T>,
        ready: &mut Vec<ActorId>,
    ) -> Result<(), Stop> {
        let mut next = waiting.entries.remove(&replica);
        loop {
            let position = self.place(replica).head.position + 1;
            let stop = |why| Stop { replica, position, why };
            let understood = match next.take() {
                Some(held) => held,
                None => match source.next() {
                    None => return Ok(()),
                    Some(Err(error)) => return Err(stop(error.into())),
                    Some(Ok(entry)) => understand(replica, entry).map_err(stop)?,
                },
            };
            if let Some((actor, from)) = self.lacks(replica, &understood).map_err(stop)? {
                waiting.wait(replica, understood, actor, from);
                return Ok(());
            }
            self.apply(replica, understood).map_err(stop)?;
            ready.extend(waiting.called_by(replica, self.seen.get(&replica)));
        }
    }

    /// What an entry builds upon and is not here: of whom, and how many changes.
    fn lacks(
        &self,
        replica: ActorId,
        understood: &Understood<T>,
    ) -> Result<Option<(ActorId, u64)>, Obstacle> {
        let Body::Delta(Changes { from, .. }) = &understood.body else { return Ok(None) };
        let (have, from_own) = (self.seen.get(&replica), from.get(&replica));
        if have != from_own {
            return Err(Obstacle::Order { have, from: from_own });
        }
        Ok(from.diff(&self.seen).next().map(|ahead| (ahead.actor, ahead.upto)))
    }

    fn apply(&mut self, replica: ActorId, understood: Understood<T>) -> Result<(), Obstacle> {
        let Understood { entry, time, body } = understood;
        let place = self.place(replica).after(&entry);
        match body {
            Body::Key(key) => {
                self.logs.insert(replica, Track { place, key });
            }
            Body::Delta(Changes { delta, upto, .. }) => {
                self.doc.join(delta).map_err(Obstacle::Join)?;
                self.seen.raise(replica, upto);
                let track = self.logs.get_mut(&replica).expect("a log begins before it goes on");
                track.place = place;
            }
        }
        self.time = self.time.max(time);
        Ok(())
    }

    /// Takes over a document that was changed beyond this one, and what its writer's log says now.
    pub(super) fn advance(&mut self, doc: Doc<T>, replica: ActorId, track: Track, time: Hlc) {
        self.seen = doc.version();
        self.doc = doc;
        self.logs.insert(replica, track);
        self.time = self.time.max(time);
    }
}

impl<T: Causal> Understood<T> {
    /// One of these, of whom it builds upon more than was seen.
    fn lacks_of(&self, seen: &VersionVector, of: &BTreeSet<ActorId>) -> Option<ActorId> {
        match &self.body {
            Body::Key(_) => None,
            Body::Delta(Changes { from, .. }) => {
                from.diff(seen).map(|ahead| ahead.actor).find(|actor| of.contains(actor))
            }
        }
    }
}

impl<T: Causal> Changes<T> {
    /// The delta that these bytes spell, if it brings changes of `replica` and of nobody else.
    pub(super) fn read(replica: ActorId, bytes: &[u8]) -> Result<Self, Obstacle> {
        let delta = Delta::<T>::from_bytes(bytes).map_err(Obstacle::Delta)?;
        let (from, to) = (delta.from(), delta.to());
        let mut upto = from.get(&replica);
        for ahead in to.diff(&from) {
            if ahead.actor != replica {
                return Err(Obstacle::Foreign(ahead.actor));
            }
            upto = ahead.upto;
        }
        Ok(Self { delta, from, upto })
    }
}

fn understand<T: Causal>(replica: ActorId, entry: Entry) -> Result<Understood<T>, Obstacle> {
    let Step { time, deed, .. } = Step::from_bytes(&entry.payload)?;
    let body = match deed {
        Deed::Begins(binding) => Body::Key(begin(replica, entry.position, &binding)?),
        Deed::Changes(_) if entry.position == 1 => return Err(Obstacle::Unbound),
        Deed::Changes(delta) => Body::Delta(Changes::read(replica, &delta)?),
    };
    Ok(Understood { entry, time, body })
}

/// The key of a log whose entry at `position` says that it begins with it.
pub(super) fn begin(
    replica: ActorId,
    position: u64,
    binding: &Binding,
) -> Result<PublicKey, Obstacle> {
    if position != 1 {
        return Err(Obstacle::Rebound);
    }
    if binding.replica() == replica { Ok(binding.key) } else { Err(Obstacle::Unbound) }
}

impl<T: Causal> Waiting<T> {
    const fn new() -> Self {
        Self { by_actor: BTreeMap::new(), entries: BTreeMap::new() }
    }

    fn wait(&mut self, replica: ActorId, entry: Understood<T>, actor: ActorId, from: u64) {
        self.by_actor.entry(actor).or_default().insert((from, replica));
        self.entries.insert(replica, entry);
    }

    /// Who waited for changes of `actor` and has them now that there are `have`.
    fn called_by(&mut self, actor: ActorId, have: u64) -> Vec<ActorId> {
        let mut called = Vec::new();
        let Some(waiting) = self.by_actor.get_mut(&actor) else { return called };
        while waiting.first().is_some_and(|(from, _)| *from <= have) {
            called.extend(waiting.pop_first().map(|(_, replica)| replica));
        }
        called
    }

    /// Adds to those of which nothing more comes the logs that wait for more of them.
    fn end(&self, seen: &VersionVector, over: &mut BTreeSet<ActorId>) {
        loop {
            let known = over.len();
            let waits = |(replica, entry): (&ActorId, &Understood<T>)| {
                entry.lacks_of(seen, over).map(|_| *replica)
            };
            let more: Vec<_> = self.entries.iter().filter_map(waits).collect();
            over.extend(more);
            if over.len() == known {
                return;
            }
        }
    }

    fn into_stops(
        self,
        fold: &Fold<T>,
        over: &BTreeSet<ActorId>,
    ) -> impl Iterator<Item = (ActorId, Stop)> {
        self.by_actor.into_iter().flat_map(move |(actor, waiting)| {
            let have = fold.seen.get(&actor);
            let entries = &self.entries;
            let stops = waiting.into_iter().map(move |(from, replica)| {
                let position = fold.place(replica).head.position + 1;
                let waits = Obstacle::Waits { actor, have, from };
                let entry = entries.get(&replica);
                let ended = entry.and_then(|entry| entry.lacks_of(&fold.seen, over));
                let why = ended.map_or(waits, Obstacle::Ended);
                (replica, Stop { replica, position, why })
            });
            stops.collect::<Vec<_>>()
        })
    }
}
