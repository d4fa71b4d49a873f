//! Visits every history, and holds what replicas make of it against its definition.

use std::rc::Rc;

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::JoinError;
use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use super::history::History;
use super::history::REPLICAS;
use super::history::Reach;
use super::history::Seen;
use super::history::covers;
use super::history::union;
use crate::deed::Act;
use crate::deed::Deed;
use crate::subject::Subject;

/// How replicas tell each other what they know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Telling {
    Spelled,
    Named,
    /// With no memory of ends: by what is alive.
    Alive,
}

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) steps_of_each: usize,
    pub(crate) steps_of_all: usize,
    pub(crate) reach: Reach,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Covered {
    pub(crate) histories: u64,
    pub(crate) joins: u64,
}

/// Visits every history of steps out of `alphabet`.
pub(crate) fn explore<T: Subject>(
    alphabet: &[T::Step],
    telling: Telling,
    limits: Limits,
) -> Covered {
    let mut doc: Doc<T> = Doc::new(READER);
    if telling == Telling::Alive {
        doc.keep_kills(0);
    }
    let known = vec![Known { seen: [0; REPLICAS], way: Way::Made(Rc::new(doc)) }];
    let covered = Covered::default();
    let mut walk = Walk { alphabet, telling, limits, history: History::default(), known, covered };
    walk.go_on();
    walk.covered
}

/// Not in the order in which they take their first steps.
const NAMES: [ActorId; REPLICAS] = [actor(2), actor(3), actor(1)];
/// Under this name documents are kept and joined, so that any replica can go on from them.
const READER: ActorId = actor(9);

const fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

/// How long a history is of which every two sets that make up the whole are joined. In longer ones
/// it is whoever took the last step and whoever knows all the others.
const ALL_PAIRS_MAX: usize = 6;

/// A set of steps that somebody can have seen, and the document of whoever has.
struct Known<T> {
    seen: Seen,
    way: Way<T>,
}

enum Way<T> {
    /// Somebody who knows this was told of that, when it was asked for.
    Told {
        to: usize,
        of: usize,
    },
    Made(Rc<Doc<T>>),
}

struct Walk<'a, T: Subject> {
    alphabet: &'a [T::Step],
    telling: Telling,
    limits: Limits,
    history: History,
    /// Every set of steps of the history that somebody can have seen; the whole comes last.
    known: Vec<Known<T>>,
    covered: Covered,
}

impl<T: Subject> Walk<'_, T> {
    /// Visits all that begin with this history.
    fn go_on(&mut self) {
        self.covered.histories += 1;
        if self.history.len() == self.limits.steps_of_all {
            return;
        }
        for author in 0..REPLICAS {
            if self.history.made()[author] == self.limits.steps_of_each {
                continue;
            }
            for at in 0..self.known.len() {
                let seen = self.known[at].seen;
                if self.history.goes_on_with(author, &seen, self.limits.reach) {
                    (0..self.alphabet.len()).for_each(|step| self.take(author, at, step));
                }
            }
        }
    }

    /// Lets `author`, who has seen as much as is known `at`, take a step, and visits what follows.
    fn take(&mut self, author: usize, at: usize, step: usize) {
        let base = self.doc(at);
        let mut doc = Doc::clone(&base);
        doc.take_actor(NAMES[author]);
        T::take(doc.edit(), &self.alphabet[step]);
        doc.take_actor(READER);
        let is_idle = doc.version() == base.version();

        let (seen, before) = (self.known[at].seen, self.known.len());
        self.history.push(author, step, seen);
        let mut with_step = seen;
        with_step[author] += 1;
        self.known.push(Known { seen: with_step, way: Way::Made(Rc::new(doc)) });
        for to in (0..before).filter(|to| *to != at) {
            if covers(&self.known[to].seen, &seen) {
                let seen = union(&self.known[to].seen, &with_step);
                self.known.push(Known { seen, way: Way::Told { to, of: before } });
            }
        }
        self.examine(before);
        if is_idle && self.limits.reach != Reach::All {
            self.covered.histories += 1;
        } else {
            self.go_on();
        }
        self.known.truncate(before);
        self.history.pop();
    }

    fn doc(&mut self, at: usize) -> Rc<Doc<T>> {
        match self.known[at].way {
            Way::Made(ref doc) => Rc::clone(doc),
            Way::Told { to, of } => {
                let doc = Rc::new(self.told(to, of));
                self.known[at].way = Way::Made(Rc::clone(&doc));
                doc
            }
        }
    }

    /// The document of whoever knows `to` and is told `of`.
    fn told(&mut self, to: usize, of: usize) -> Doc<T> {
        self.covered.joins += 1;
        let (sender, mut receiver) = (self.doc(of), Doc::clone(&self.doc(to)));
        let keys = if self.telling == Telling::Named { Keys::Named } else { Keys::Spelled };
        if let Some(delta) = sender.delta_with(&receiver.version(), keys) {
            let delta = Delta::from_bytes(&delta.to_bytes()).expect("an honest delta is read");
            match receiver.join(delta) {
                Ok(()) => {}
                Err(JoinError::Unnamed(_)) => {
                    receiver.merge(&sender).expect("an honest replica is merged");
                }
                Err(error) => panic!("an honest delta was refused: {error}"),
            }
        }
        receiver
    }

    /// Compares what it is to know all of the history with its definition, and with what it is by
    /// other ways. The last step is known at `last` by who took it.
    fn examine(&mut self, last: usize) {
        let whole = self.known.len() - 1;
        assert_eq!(self.known[whole].seen, self.history.made());
        let doc = self.doc(whole);
        assert_eq!(doc.root().told(), self.defined(), "{:?}", self.history);
        if self.history.len() > ALL_PAIRS_MAX {
            if last != whole {
                self.compare(&doc, last, last - 1);
            }
            return;
        }
        for of in 0..whole {
            for to in 0..whole {
                if union(&self.known[of].seen, &self.known[to].seen) == self.history.made() {
                    self.compare(&doc, to, of);
                }
            }
        }
    }

    /// Compares the document of whoever knows all with that of who knows `to` and is told `of`.
    fn compare(&mut self, doc: &Doc<T>, to: usize, of: usize) {
        let joined = self.told(to, of);
        let is_same = all_of(&joined) == all_of(doc) && joined.root().told() == doc.root().told();
        assert!(is_same, "{to} told of {of} in {:?}", self.history);
    }

    fn defined(&self) -> Option<T::Told> {
        let steps = self.history.steps().iter().enumerate();
        let deeds = steps.map(|(id, taken)| Deed {
            id,
            author: NAMES[taken.author],
            seen: &taken.ids_seen,
            act: Act::Step(self.alphabet[taken.step].clone()),
        });
        T::defined(&deeds.collect::<Vec<_>>())
    }
}

/// The state, with what is remembered of ends.
fn all_of<T: Subject>(doc: &Doc<T>) -> Vec<u8> {
    doc.delta_since(&VersionVector::new()).map_or_else(Vec::new, |delta| delta.to_bytes())
}
