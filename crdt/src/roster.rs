//! Small numbers for actors, and what was seen of each.

use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::dot::Dot;
use crate::mark::Mark;
use crate::version::VersionVector;

/// The actors of one document, numbered as they are met, and how many changes of each it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    actors: Vec<ActorId>,
    seen: Vec<u64>,        // as long as `actors`
    sorted: Vec<u32>,      // the numbers, ascending by actor
    left: Vec<(u32, u64)>, // actors this document wrote as, and how many changes it made as each
}

impl Roster {
    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }

    /// The number of `actor`, if it was met.
    pub(crate) fn number(&self, actor: &ActorId) -> Option<u32> {
        self.find(actor).ok().map(|at| self.sorted[at])
    }

    /// The number of `actor`, given now if it is new.
    pub(crate) fn admit(&mut self, actor: ActorId) -> u32 {
        match self.find(&actor) {
            Ok(at) => self.sorted[at],
            Err(at) => {
                let number = self.actors.len() as u32;
                self.actors.push(actor);
                self.seen.push(0);
                self.sorted.insert(at, number);
                number
            }
        }
    }

    /// Remembers that this document made all changes that were seen of this actor, and no more.
    pub(crate) fn leave(&mut self, number: u32) {
        if self.left.iter().all(|(left, _)| *left != number) {
            self.left.push((number, self.seen[number as usize]));
        }
    }

    /// Whether somebody else may have made this change under a name that this document had: a
    /// copy that went on, or this document before its memory was lost.
    pub(crate) fn may_be_of_a_double(&self, mark: Mark) -> bool {
        let beyond = |left: &(u32, u64)| left.0 == mark.actor() && mark.counter() > left.1;
        self.left.iter().any(beyond)
    }

    /// Takes back the numbers from `first` on.
    pub(crate) fn dismiss_from(&mut self, first: usize) {
        self.actors.truncate(first);
        self.seen.truncate(first);
        self.sorted.retain(|number| (*number as usize) < first);
    }

    pub(crate) fn actor(&self, number: u32) -> &ActorId {
        &self.actors[number as usize]
    }

    /// The numbers of all actors, ascending by actor.
    pub(crate) fn sorted(&self) -> &[u32] {
        &self.sorted
    }

    /// For each number, how many changes of that actor were seen.
    pub(crate) fn seen(&self) -> &[u64] {
        &self.seen
    }

    pub(crate) fn has_seen(&self, mark: Mark) -> bool {
        mark.counter() <= self.seen[mark.actor() as usize]
    }

    pub(crate) fn raise(&mut self, number: u32, counter: u64) {
        let seen = &mut self.seen[number as usize];
        *seen = counter.max(*seen);
    }

    /// Counts one more change of the actor with this number.
    pub(crate) fn next(&mut self, number: u32) -> Mark {
        let seen = &mut self.seen[number as usize];
        *seen += 1;
        assert!(*seen <= Dot::COUNTER_MAX, "an actor makes no more than 2^44 changes");
        Mark::new(number, *seen)
    }

    pub(crate) fn dot(&self, mark: Mark) -> Dot {
        Dot { actor: *self.actor(mark.actor()), counter: mark.counter() }
    }

    /// What was seen, in the form that travels.
    pub(crate) fn version(&self) -> VersionVector {
        let mut version = VersionVector::new();
        for &number in &self.sorted {
            version.raise(*self.actor(number), self.seen[number as usize]);
        }
        version
    }

    /// `version` by number, without the actors that are not met here.
    pub(crate) fn column(&self, version: &VersionVector) -> Vec<u64> {
        self.actors.iter().map(|actor| version.get(actor)).collect()
    }

    fn find(&self, actor: &ActorId) -> Result<usize, usize> {
        self.sorted.binary_search_by_key(actor, |&number| self.actors[number as usize])
    }
}
