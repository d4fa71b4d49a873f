//! Which change ended which.
//!
//! A dot that is gone leaves nothing where it lay, so a replica that still holds it learns of
//! its end from this log alone. The log is bounded: what falls out is counted in `forgotten`,
//! and a peer that has not seen all of that is told instead which dots are alive.

use alloc::vec::Vec;

use crate::mark::Mark;

/// Ends of dots, by the change that brought them.
#[derive(Clone, Debug)]
pub(crate) struct Kills {
    lanes: Vec<Vec<Kill>>, // by actor of the change; ascending by its counter
    forgotten: Vec<u64>,   // by actor: no kill up to here is known to be in the log
    total: usize,
    kept_max: usize,
}

#[derive(Clone, Copy, Debug)]
struct Kill {
    by: u64,
    dead: Mark,
}

impl Kills {
    /// A log that keeps at most `kept_max` kills.
    pub(crate) fn keeping(kept_max: usize) -> Self {
        Self { lanes: Vec::new(), forgotten: Vec::new(), total: 0, kept_max }
    }

    /// Keeps at most `kept_max` kills from now on.
    pub(crate) fn keep(&mut self, kept_max: usize) {
        self.kept_max = kept_max;
        while self.total > kept_max {
            self.forget_some();
        }
    }

    /// Remembers that the change `by` ended `dead`. Changes of one actor come in order.
    #[inline]
    pub(crate) fn log(&mut self, by: Mark, dead: Mark) {
        self.lane(by.actor()).push(Kill { by: by.counter(), dead });
        self.total += 1;
        if self.total > self.kept_max {
            self.forget_some();
        }
    }

    /// Whether all kills are known that somebody who saw `since` may lack.
    pub(crate) fn reach_back_to(&self, since: &[u64]) -> bool {
        self.forgotten.iter().zip(since).all(|(forgotten, since)| forgotten <= since)
    }

    /// All kills by changes beyond `since`: by whom, and what.
    pub(crate) fn since<'a>(&'a self, since: &'a [u64]) -> impl Iterator<Item = (Mark, Mark)> + 'a {
        self.lanes.iter().enumerate().flat_map(move |(actor, lane)| {
            let known = lane.partition_point(|kill| kill.by <= since[actor]);
            let by = move |kill: &Kill| (Mark::new(actor as u32, kill.by), kill.dead);
            lane[known..].iter().map(by)
        })
    }

    /// What the change `by` ended.
    pub(crate) fn of(&self, by: Mark) -> impl Iterator<Item = Mark> + '_ {
        let lane = self.lanes.get(by.actor() as usize).map_or(&[][..], |lane| lane);
        let first = lane.partition_point(|kill| kill.by < by.counter());
        let of = move |kill: &&Kill| kill.by == by.counter();
        lane[first..].iter().take_while(of).map(|kill| kill.dead)
    }

    /// The change that ended `dead`, if the log still tells. Looks through the whole log.
    pub(crate) fn killer_of(&self, dead: Mark) -> Option<Mark> {
        self.lanes.iter().enumerate().find_map(|(actor, lane)| {
            let kill = lane.iter().rev().find(|kill| kill.dead == dead)?;
            Some(Mark::new(actor as u32, kill.by))
        })
    }

    /// Drops what everybody has seen: nobody will ask for it.
    pub(crate) fn drop_stable(&mut self, stable: &[u64]) {
        for (actor, lane) in self.lanes.iter_mut().enumerate() {
            let known = lane.partition_point(|kill| kill.by <= stable[actor]);
            self.total -= known;
            lane.drain(..known);
        }
        self.forget(stable);
    }

    /// Counts all kills by changes up to `seen` as unknown.
    pub(crate) fn forget(&mut self, seen: &[u64]) {
        if self.forgotten.len() < seen.len() {
            self.forgotten.resize(seen.len(), 0);
        }
        self.forgotten.iter_mut().zip(seen).for_each(|(old, new)| *old = (*old).max(*new));
    }

    /// Drops the older half of the longest lane.
    fn forget_some(&mut self) {
        let longest = (0..self.lanes.len()).max_by_key(|&actor| self.lanes[actor].len());
        let actor = longest.expect("a full log has a lane");
        let lane = &mut self.lanes[actor];
        let last = lane[lane.len() / 2].by;
        // Kills by one change stay or go together.
        let count = lane.partition_point(|kill| kill.by <= last);
        lane.drain(..count);
        self.total -= count;
        if self.forgotten.len() <= actor {
            self.forgotten.resize(actor + 1, 0);
        }
        self.forgotten[actor] = self.forgotten[actor].max(last);
    }

    fn lane(&mut self, actor: u32) -> &mut Vec<Kill> {
        let actor = actor as usize;
        if self.lanes.len() <= actor {
            self.lanes.resize_with(actor + 1, Vec::new);
        }
        &mut self.lanes[actor]
    }
}
