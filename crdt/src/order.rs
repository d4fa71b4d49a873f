//! Which change went to which slot.
//!
//! Changes of one actor reach a replica in the order of their counters, and neighbours go to the
//! same slot (an entity being filled) or to slots in a row (a set being filled). So the whole
//! history of a column is a few runs, and all three questions are short: where is this dot, what
//! came after this version, in which order were the slots made.

use alloc::vec;
use alloc::vec::Vec;

use crate::mark::Mark;

#[cfg(test)]
mod tests;

/// For each actor, ascending runs of counters with the slots they went to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    lanes: Vec<Lane>, // ascending by actor
}

#[derive(Clone, Debug)]
struct Lane {
    actor: u32,
    runs: Vec<Run>,     // ascending by start, each up to the next
    open: Option<Open>, // beyond all runs
}

/// A slot that takes all changes from `start` on, until told otherwise.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: u64,
    slot: u32,
}

/// Counters from `start` on, up to the start of the next run.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: u64,
    slot: u32, // of the first counter, or NOWHERE
    way: Way,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// All counters went to one slot.
    Stay,
    /// Each counter went one slot further than the one before.
    Step,
}

const NOWHERE: u32 = u32::MAX;

impl Order {
    /// Remembers that the changes of this actor from `mark` on go to `slot`, until told otherwise.
    ///
    /// `mark` must be newer than all that its actor did here.
    pub(crate) fn open(&mut self, mark: Mark, slot: u32) {
        let lane = self.lane(mark.actor());
        lane.close(mark.counter());
        lane.open = Some(Open { start: mark.counter(), slot });
    }

    /// Remembers that the change `mark` went to `slot`.
    pub(crate) fn note(&mut self, mark: Mark, slot: u32) {
        self.lane(mark.actor()).note(mark.counter(), slot);
    }

    /// The slot that the change `mark` went to, if that is known.
    pub(crate) fn find(&self, mark: Mark) -> Option<u32> {
        let at = self.lanes.binary_search_by_key(&mark.actor(), |lane| lane.actor).ok()?;
        self.lanes[at].find(mark.counter())
    }

    /// How many runs there are of one actor.
    #[inline]
    pub(crate) fn len_of(&self, actor: u32) -> usize {
        let at = self.lanes.binary_search_by_key(&actor, |lane| lane.actor);
        at.map_or(0, |at| self.lanes[at].runs.len())
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.lanes.iter().map(|lane| lane.runs.len()).sum()
    }

    /// The slots that changes beyond `since` may have gone to, at least once each.
    pub(crate) fn slots_since(&self, since: &[u64], seen: &[u64]) -> Vec<u32> {
        let mut slots = Vec::new();
        for lane in &self.lanes {
            let actor = lane.actor as usize;
            lane.slots_between(since[actor] + 1, seen[actor], &mut slots);
        }
        if !slots.is_sorted() {
            slots.sort_unstable();
        }
        slots.dedup();
        slots
    }

    fn lane(&mut self, actor: u32) -> &mut Lane {
        let at = match self.lanes.binary_search_by_key(&actor, |lane| lane.actor) {
            Ok(at) => at,
            Err(at) => {
                self.lanes.insert(at, Lane { actor, runs: vec![], open: None });
                at
            }
        };
        &mut self.lanes[at]
    }
}

impl Lane {
    fn find(&self, counter: u64) -> Option<u32> {
        match self.open {
            Some(open) if open.start <= counter => Some(open.slot),
            Some(_) | None => {
                let upto = self.runs.partition_point(|run| run.start <= counter);
                self.runs[..upto].last()?.slot_at(counter)
            }
        }
    }

    /// Ends the open slot before `counter`. Changes elsewhere in the document may lie in between;
    /// nobody asks for those here.
    fn close(&mut self, counter: u64) {
        let Some(Open { start, slot }) = self.open.take() else { return };
        if start < counter {
            self.note(start, slot);
        }
        if start + 1 < counter {
            self.note(start + 1, slot);
            self.runs.last_mut().expect("a note ends in a run to nowhere").start = counter;
        }
    }

    #[inline]
    fn note(&mut self, counter: u64, slot: u32) {
        // What this actor wrote under the same name elsewhere, or before its memory was lost.
        if self.open.is_some_and(|open| open.start <= counter) {
            self.close(counter);
        }
        // The newest run is closed by a run to nowhere, which the next change moves on.
        if self.runs.last().is_some_and(|close| close.closes(counter)) {
            self.append(counter, slot);
        } else {
            self.assign(counter, slot);
        }
    }

    #[inline]
    fn append(&mut self, counter: u64, slot: u32) {
        match &mut self.runs[..] {
            [.., last, close] if last.slot != NOWHERE => {
                if last.takes(counter, slot) {
                    close.start += 1;
                    return;
                }
                (close.slot, close.way) = (slot, Way::Stay);
            }
            [.., close] => (close.slot, close.way) = (slot, Way::Stay),
            [] => {}
        }
        self.runs.push(Run::close(counter + 1));
    }

    fn assign(&mut self, counter: u64, slot: u32) {
        let at = self.runs.partition_point(|run| run.start <= counter);
        let after = counter + 1;
        let ends_here = self.runs.get(at).is_some_and(|next| next.start == after);
        let rest = match self.runs[..at].last() {
            Some(run) => run.from(after),
            None => Run::close(after),
        };
        if !ends_here {
            self.runs.insert(at, rest);
        }
        let new = Run { start: counter, slot, way: Way::Stay };
        match self.runs[..at].last_mut() {
            Some(run) if run.start == counter => *run = new,
            Some(_) | None => self.runs.insert(at, new),
        }
    }

    fn slots_between(&self, first: u64, last: u64, slots: &mut Vec<u32>) {
        if last < first {
            return;
        }
        let from = self.runs.partition_point(|run| run.start <= first).saturating_sub(1);
        for (at, run) in self.runs.iter().enumerate().skip(from) {
            if run.start > last {
                break;
            }
            let next = self.runs.get(at + 1).map_or(u64::MAX, |next| next.start);
            run.slots_between(first, last.min(next - 1), slots);
        }
        slots.extend(self.open.filter(|open| open.start <= last).map(|open| open.slot));
    }
}

impl Run {
    fn close(counter: u64) -> Self {
        Self { start: counter, slot: NOWHERE, way: Way::Stay }
    }

    fn closes(&self, counter: u64) -> bool {
        self.start == counter && self.slot == NOWHERE
    }

    fn slot_at(&self, counter: u64) -> Option<u32> {
        match (self.slot, self.way) {
            (NOWHERE, _) => None,
            (slot, Way::Stay) => Some(slot),
            (slot, Way::Step) => Some(slot + (counter - self.start) as u32),
        }
    }

    /// Whether the change right after this run goes on in its way; a run of one may still turn.
    fn takes(&mut self, counter: u64, slot: u32) -> bool {
        let fresh = counter == self.start + 1;
        match self.way {
            _ if self.slot == NOWHERE => false,
            Way::Stay if self.slot == slot => true,
            Way::Stay if fresh && self.slot + 1 == slot => {
                self.way = Way::Step;
                true
            }
            Way::Stay => false,
            Way::Step => u64::from(self.slot) + (counter - self.start) == u64::from(slot),
        }
    }

    /// What is left of this run from `counter` on.
    fn from(&self, counter: u64) -> Self {
        let slot = self.slot_at(counter).unwrap_or(NOWHERE);
        Self { start: counter, slot, way: self.way }
    }

    fn slots_between(&self, first: u64, last: u64, slots: &mut Vec<u32>) {
        let first = first.max(self.start);
        let Some(slot) = self.slot_at(first) else { return };
        match self.way {
            Way::Stay => slots.push(slot),
            Way::Step => slots.extend(slot..=slot + (last - first) as u32),
        }
    }
}
