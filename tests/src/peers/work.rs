//! Work on a store that takes its time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::ObjectId;
use selkie_sync::{Dice, Evidence, Moment, NodeId, ObjectsOutput, Run, Salt, Ticket};

/// What the core wants done, and when it is done.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    jobs: BinaryHeap<Reverse<Due>>,
    serial: u64,
    objects_until: Moment,
}

/// A piece of work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Job {
    Read(Ticket, Vec<(ActorId, u64)>, usize, usize, usize),
    Look(Ticket, Vec<ObjectId>),
    Objects(ObjectsOutput),
    Apply(Ticket, Vec<Run>),
    Examine(Ticket, Evidence),
    Recall(NodeId, ActorId),
    /// Tell what is here.
    List(Salt),
}

#[derive(Debug, Eq, PartialEq)]
struct Due {
    at: Moment,
    serial: u64,
    job: Job,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Agenda {
    /// Something is to be done; a disk may take some milliseconds for it.
    pub(super) fn plan(&mut self, now: Moment, job: Job, dice: &mut Dice) {
        let most = match job {
            Job::Read(..) | Job::Look(..) | Job::Recall(..) => Duration::from_micros(300),
            Job::Apply(..) | Job::Examine(..) | Job::List(_) => Duration::from_millis(3),
            Job::Objects(_) => Duration::from_micros(600),
        };
        self.serial += 1;
        let mut at = now + dice.span(Duration::ZERO, most);
        if matches!(job, Job::Objects(_)) {
            // One thing after the other.
            at = at.max(self.objects_until);
            self.objects_until = at;
        }
        self.jobs.push(Reverse(Due { at, serial: self.serial, job }));
    }

    /// The next piece of work that is done by now.
    pub(super) fn done(&mut self, now: Moment) -> Option<Job> {
        if self.due() > now {
            return None;
        }
        self.jobs.pop().map(|Reverse(due)| due.job)
    }

    /// When the next one is done.
    pub(super) fn due(&self) -> Moment {
        self.jobs.peek().map_or(Moment::NEVER, |Reverse(due)| due.at)
    }
}
