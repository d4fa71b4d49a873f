//! Entries on their way into logs.

use std::collections::BTreeMap;

use selkie_crdt::ActorId;

use crate::gossip::message::Run;
use crate::gossip::ticket::Ticket;
use crate::identity::node_id::NodeId;

/// Entries of one channel that were received and are not in the logs yet: those that are being taken in,
/// and those that came before what they follow.
#[derive(Debug, Default)]
pub(super) struct Coming {
    taken: BTreeMap<Ticket, Taken>,
    ends: BTreeMap<ActorId, u64>, // how far the logs go once all that is taken is in
    early: BTreeMap<ActorId, Early>,
    early_len: usize,
}

/// What one peer sent at once.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) from: NodeId,
    pub(super) runs: Vec<Run>,
    pub(super) along: Parcel,
}

/// Objects that came along with entries.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    len: usize,
    /// All of it, if it is short.
    short: Vec<u8>,
    /// Whether it was all that the entries reach and was not here.
    is_whole: bool,
}

#[derive(Debug)]
struct Early {
    from: NodeId,
    run: Run,
}

/// Bytes of one peer that are being taken in.
const TAKEN_LEN_MAX: usize = 4 << 20;

/// Bytes that are being taken in, from all.
const TAKEN_LEN_MAX_IN_ALL: usize = 32 << 20;

/// Bytes of a parcel that is passed on. Where all push to all it comes from each of them.
pub(super) const PASSED_ON_LEN_MAX: usize = 1 << 10;

/// Bytes that came early, from all. There is one run for each log at most, and a longer one is let go.
const EARLY_LEN_MAX: usize = 1 << 20;

impl Coming {
    /// How far this log will go that now goes to `position`.
    pub(super) fn reach(&self, stream: &ActorId, position: u64) -> u64 {
        self.ends.get(stream).map_or(position, |end| position.max(*end))
    }

    /// Whether nothing is on its way.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.early.is_empty()
    }

    /// Whether this ticket is out.
    pub(super) fn has(&self, ticket: Ticket) -> bool {
        self.taken.contains_key(&ticket)
    }

    /// Whether there is room for what this peer sent.
    pub(super) fn has_room(&self, fresh: &Taken) -> bool {
        let from = fresh.from;
        let len = |taken: &Taken| taken.along.len + taken.runs.iter().map(Run::len).sum::<usize>();
        let fresh = len(fresh);
        let of_peer =
            self.taken.values().filter(|taken| taken.from == from).map(len).sum::<usize>();
        let in_all = self.taken.values().map(len).sum::<usize>();
        // One message is taken whatever its length, which the wire bounds.
        (of_peer == 0 || of_peer + fresh <= TAKEN_LEN_MAX) && in_all + fresh <= TAKEN_LEN_MAX_IN_ALL
    }

    /// Takes runs that follow what is there.
    pub(super) fn take(&mut self, ticket: Ticket, taken: Taken) {
        for run in &taken.runs {
            self.ends.insert(run.stream, run.end());
        }
        self.taken.insert(ticket, taken);
    }

    /// What came along under this ticket is in the store now, and was all that was absent.
    pub(super) fn is_whole(&mut self, ticket: Ticket) {
        self.taken.get_mut(&ticket).into_iter().for_each(|taken| taken.along.is_whole = true);
    }

    /// What was taken under this ticket, which is done with; `refused` of its logs did not take it to the end.
    pub(super) fn finish(
        &mut self,
        ticket: Ticket,
        refused: impl Fn(&Run) -> bool,
    ) -> Option<Taken> {
        let done = self.taken.remove(&ticket)?;
        for run in &done.runs {
            if refused(run) {
                // What follows it will be refused as well.
                self.ends.remove(&run.stream);
                self.let_go(&run.stream);
            } else if self.ends.get(&run.stream) == Some(&run.end()) {
                self.ends.remove(&run.stream);
            }
        }
        Some(done)
    }

    /// Keeps a run that came before what it follows, if there is room.
    pub(super) fn hold(&mut self, from: NodeId, run: Run) {
        let kept = self.early.get(&run.stream).map_or(0, |early| early.run.len());
        let is_nearer = self.early.get(&run.stream).is_none_or(|early| run.after < early.run.after);
        if is_nearer && self.early_len - kept + run.len() <= EARLY_LEN_MAX {
            self.early_len = self.early_len - kept + run.len();
            self.early.insert(run.stream, Early { from, run });
        }
    }

    /// The run that came early and now follows, if there is one.
    pub(super) fn follower(&mut self, stream: &ActorId, position: u64) -> Option<(NodeId, Run)> {
        if self.early.get(stream)?.run.after > self.reach(stream, position) {
            return None;
        }
        let early = self.let_go(stream)?;
        let run = early.run.behind(self.reach(stream, position))?;
        Some((early.from, run))
    }

    fn let_go(&mut self, stream: &ActorId) -> Option<Early> {
        let early = self.early.remove(stream)?;
        self.early_len -= early.run.len();
        Some(early)
    }
}

impl Parcel {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let is_short = bytes.len() <= PASSED_ON_LEN_MAX;
        let short = if is_short { bytes.to_vec() } else { Vec::new() };
        Self { len: bytes.len(), short, is_whole: false }
    }

    /// What of it may be passed on: nobody passes on what was not checked.
    pub(super) fn passed_on(self) -> Vec<u8> {
        if self.is_whole { self.short } else { Vec::new() }
    }
}
