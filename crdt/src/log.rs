//! What each author did, in the order they did it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::context::Context;
use crate::dot::Dot;
use crate::hlc::Hlc;
use crate::log::base::Base;
use crate::log::entry::{Entry, Position};
use crate::log::error::{AppendError, Compacted, RejectReason, RestoreError};
use crate::log::kept::Kept;
use crate::log::outcome::{Compaction, MergeOutcome, Rejection};
use crate::log::retention::Retention;
use crate::log::unmentioned::Unmentioned;
use crate::log::waiting::{Limits, Waiting};
use crate::version::VersionVector;

pub(crate) mod base;
pub(crate) mod entry;
pub(crate) mod error;
mod kept;
pub(crate) mod materialised;
pub(crate) mod outcome;
pub(crate) mod retention;
mod unmentioned;
pub(crate) mod waiting;

#[cfg(test)]
mod tests;

/// The entries of all authors, each author's without a hole.
///
/// An author appends; everybody merges. An entry is taken in when it is the next of its author and
/// all that it depends on is here; until then it waits, within [`Limits`]. Two authors may write at
/// the same time, and both entries stay. Two entries at one position of one author never do: the
/// second is refused, whatever it says, and handed back.
///
/// Replicas that hold the same entries fold them in the same order: by time, then author, then
/// sequence ([`Position`]). Old entries go by a [`Retention`]; what stays is counted from a
/// [`Base`], and a reader from before it is told so.
///
/// The log reads no clock. Who merges what others wrote first asks the own
/// [`HlcClock`](crate::HlcClock) whether it receives the time of each entry, and leaves out what it
/// refuses: an entry of the year 2999 would stay the newest for a thousand years.
///
/// To keep a log, write down its [`Log::base`] and its entries; an empty log that restores the one
/// and merges the others is the same again.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Log, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "hello")?;
/// there.append(west, Hlc::from_ms(10), "anybody?")?;
///
/// let sent: Vec<_> = here.since(there.version())?.cloned().collect();
/// let outcome = there.merge(sent);
/// assert_eq!(outcome.new.len(), 1);
/// assert!(there.iter().map(|entry| entry.payload).eq(["hello", "anybody?"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Log<P> {
    kept: Kept<P>,
    waiting: Waiting<P>,
    unmentioned: Option<Unmentioned>,
}

impl<P> Log<P> {
    /// The empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// The empty log in which so many entries may wait for their turn.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { kept: Kept::new(), waiting: Waiting::new(limits), unmentioned: None }
    }

    /// How many entries of each author were taken in.
    #[must_use]
    pub const fn version(&self) -> &VersionVector {
        self.kept.version()
    }

    /// What was cut off the front.
    #[must_use]
    pub const fn base(&self) -> &Base {
        self.kept.base()
    }

    /// All that arrived: what was taken in and what waits for its turn.
    ///
    /// Who sends us entries may leave these out; [`Context::missing`] is what holds them up.
    #[must_use]
    pub fn received(&self) -> Context {
        let mut received = Context::from(self.version().clone());
        for dot in self.waiting.dots() {
            // The limits may let more runs wait than a context keeps. What is left out comes twice.
            if received.insert(dot).is_err() {
                break;
            }
        }
        received
    }

    /// How many entries are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether no entry is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries wait for their turn.
    #[must_use]
    pub const fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The entries that are here, in the order in which they are folded.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry<P>> + ExactSizeIterator {
        self.kept.iter()
    }

    /// The entries that are folded after this position; all, after none.
    pub fn iter_after(&self, position: Option<Position>) -> impl Iterator<Item = &Entry<P>> {
        self.kept.iter_after(position)
    }

    /// The entry with this name, unless it was cut off or never came.
    #[must_use]
    pub fn entry(&self, dot: &Dot) -> Option<&Entry<P>> {
        self.kept.entry(dot)
    }

    /// Where the entry with this name is folded, unless it was cut off or never came.
    #[must_use]
    pub fn position(&self, dot: &Dot) -> Option<Position> {
        self.kept.position(dot)
    }

    /// The entries that a reader lacks who has `version`, in the order in which they are folded.
    ///
    /// An entry comes before those that depend on it wherever clocks receive what they merge, so a
    /// reader may take the entries in batches.
    ///
    /// # Errors
    ///
    /// Refuses a reader who lacks what was cut off: it must first restore a snapshot.
    pub fn since<'a>(
        &'a self,
        version: &VersionVector,
    ) -> Result<impl ExactSizeIterator<Item = &'a Entry<P>> + use<'a, P>, Compacted> {
        self.kept.since(version)
    }

    /// What holds `entry` up, though it is the next of its author.
    fn awaited(&self, entry: &Entry<P>) -> Option<Dot> {
        let mut dependencies = entry.dependencies.iter();
        let (actor, counter) =
            dependencies.find(|(actor, upto)| self.version().get(actor) < *upto)?;
        Some(Dot { actor, counter })
    }
}

impl<P: PartialEq> Log<P> {
    /// Writes the next entry of `author`, after all that is here. Entries that waited for it are
    /// taken in with it.
    ///
    /// `time` is a fresh tick of the author's clock, which received the times of what was merged.
    /// One id writes from one place only: a replica that was copied, or that lost what it last
    /// wrote, goes on under a new id, or two entries would bear one name.
    ///
    /// # Errors
    ///
    /// Refuses a time before the author's last, an author that has written all it can, and one of
    /// whom later entries are known than are here. Nothing was written.
    #[expect(clippy::missing_panics_doc, reason = "what was just taken in is there")]
    pub fn append(
        &mut self,
        author: ActorId,
        time: Hlc,
        payload: P,
    ) -> Result<&Entry<P>, AppendError> {
        let sequence = self.version().get(&author) + 1;
        if sequence > Dot::COUNTER_MAX {
            return Err(AppendError::Exhausted { author });
        }
        // Only what bears the author's own name counts: that somebody depends on a later entry of
        // it is a claim, with which anybody could silence anybody.
        if let Some(known) = self.waiting.last_of(&author) {
            return Err(AppendError::Overtaken { known });
        }
        if let Some(last) = self.kept.last_time(&author).filter(|last| *last > time) {
            return Err(AppendError::TimeBackwards { last });
        }
        let dependencies = self.mention(author);
        let entry = Entry { author, sequence, time, dependencies, payload };
        let dot = entry.dot();
        self.settle(entry, &mut MergeOutcome::new());
        Ok(self.entry(&dot).expect("what was just taken in is there"))
    }

    /// Takes in what others wrote, in whatever order and however often it comes.
    ///
    /// A reason to refuse one entry never holds up another.
    pub fn merge(&mut self, entries: impl IntoIterator<Item = Entry<P>>) -> MergeOutcome<P> {
        let mut outcome = MergeOutcome::new();
        let mut offered: Vec<_> = entries.into_iter().collect();
        // In the order of folding nearly all entries are ready when they are looked at. The sort
        // keeps equal ones as they came, so the first of them stands.
        offered.sort_by_key(Entry::position);
        let mut held = BTreeSet::new();
        for entry in offered {
            self.offer(entry, &mut held, &mut outcome);
        }
        held.retain(|dot| self.waiting.entry(dot).is_some());
        outcome.dropped = self.drop_excess(&mut held);
        outcome.buffered = held.len();
        outcome
    }

    /// Cuts off what need not be kept, oldest first, and hands it over for materialisers to fold
    /// into their base.
    ///
    /// `stable` is what every known peer has, the meet of their versions. Unless the policy says
    /// otherwise, the cut ends before the first entry that a peer still lacks.
    pub fn compact(
        &mut self,
        retention: &Retention,
        stable: &VersionVector,
        now_ms: u64,
    ) -> Compaction<P> {
        let before = self.base().version().clone();
        let removable = retention.removable(&self.kept.positions(), now_ms);
        let mut removed = Vec::new();
        while removed.len() < removable {
            let may_go = |oldest: &Entry<P>| retention.may_remove(&oldest.dot(), stable);
            let Some(oldest) = self.kept.cut_first(may_go) else { break };
            removed.push(oldest);
        }
        Compaction { before, base: self.base().version().clone(), removed }
    }

    /// Goes on from the base of somebody's snapshot, in place of all that it covers.
    ///
    /// What the snapshot does not cover stays, so nothing that was not yet synced is lost. What
    /// waited is offered again: the outcome tells what the base made ready.
    ///
    /// # Errors
    ///
    /// Refuses a base that does not cover what was cut off here, and one that puts an entry here
    /// before an earlier one of its author. The log is as it was.
    pub fn restore(&mut self, base: &Base) -> Result<MergeOutcome<P>, RestoreError> {
        self.kept.restore(base)?;
        self.unmentioned = None;
        let waited = self.waiting.take();
        Ok(self.merge(waited))
    }

    fn offer(&mut self, entry: Entry<P>, held: &mut BTreeSet<Dot>, outcome: &mut MergeOutcome<P>) {
        match self.judge(&entry) {
            Verdict::Ready => self.settle(entry, outcome),
            Verdict::Early => {
                held.insert(entry.dot());
                self.hold(entry);
            }
            Verdict::Known => outcome.duplicate += 1,
            Verdict::Refused(reason) => outcome.rejected.push(Rejection { entry, reason }),
        }
    }

    fn judge(&self, entry: &Entry<P>) -> Verdict {
        if let Err(reason) = entry.check() {
            return Verdict::Refused(reason);
        }
        let dot = entry.dot();
        // An entry that was cut off can no longer be compared; it counts as the one it names.
        if self.base().version().contains(&dot) {
            return Verdict::Known;
        }
        match self.entry(&dot).or_else(|| self.waiting.entry(&dot)) {
            Some(ours) if ours == entry => Verdict::Known,
            Some(_) => Verdict::Refused(RejectReason::Conflict),
            None => self.judge_turn(entry),
        }
    }

    fn judge_turn(&self, entry: &Entry<P>) -> Verdict {
        let is_next = entry.sequence == self.version().get(&entry.author) + 1;
        if !is_next || self.awaited(entry).is_some() {
            return Verdict::Early;
        }
        // `>`, not `>=`: a clock that stands still is no lie, and the sequence keeps the order.
        match self.kept.last_time(&entry.author).filter(|last| *last > entry.time) {
            Some(last) => Verdict::Refused(RejectReason::TimeBackwards { last }),
            None => Verdict::Ready,
        }
    }

    /// Takes in an entry that is ready, and then all that waited for it.
    fn settle(&mut self, entry: Entry<P>, outcome: &mut MergeOutcome<P>) {
        let mut due = self.take_in(entry, outcome);
        while let Some(author) = due.pop() {
            let next = Dot { actor: author, counter: self.version().get(&author) + 1 };
            let Some(entry) = self.waiting.remove(&next) else { continue };
            match self.judge_turn(&entry) {
                Verdict::Ready => due.extend(self.take_in(entry, outcome)),
                Verdict::Refused(reason) => outcome.rejected.push(Rejection { entry, reason }),
                Verdict::Early | Verdict::Known => self.hold(entry),
            }
        }
    }

    /// Takes in an entry that is ready and answers whose next entry may be ready now.
    fn take_in(&mut self, entry: Entry<P>, outcome: &mut MergeOutcome<P>) -> Vec<ActorId> {
        let (dot, position) = (entry.dot(), entry.position());
        if let Some(unmentioned) = &mut self.unmentioned {
            unmentioned.note(&entry);
        }
        outcome.new.push(dot);
        outcome.late += usize::from(self.base().end().is_some_and(|end| position < end));
        self.kept.push(entry);
        let mut due = self.waiting.wake(&dot);
        if self.waiting.len() > 0 {
            due.push(dot.actor);
        }
        due
    }

    /// Lets an entry wait, and if it is the next of its author, for the first thing it lacks.
    fn hold(&mut self, entry: Entry<P>) {
        let is_next = entry.sequence == self.version().get(&entry.author) + 1;
        let awaited = self.awaited(&entry).filter(|_| is_next);
        self.waiting.insert(entry, awaited);
    }

    /// Drops what waits beyond the limits, of those in `held`, and answers how many entries that is.
    /// What is nearest its turn stays.
    fn drop_excess(&mut self, held: &mut BTreeSet<Dot>) -> usize {
        let mut dropped = 0;
        let authors: BTreeSet<_> = held.iter().map(|dot| dot.actor).collect();
        for author in authors {
            while let Some(last) = self.waiting.excess_of(&author) {
                held.remove(&last);
                dropped += self.drop_waiting(&last);
            }
        }
        while self.waiting.is_overfull() {
            let Some(last) = held.pop_last() else { break };
            dropped += self.drop_waiting(&last);
        }
        dropped
    }

    fn drop_waiting(&mut self, dot: &Dot) -> usize {
        let Some(entry) = self.waiting.remove(dot) else { return 0 };
        let is_next = dot.counter == self.version().get(&dot.actor) + 1;
        // Nothing it waited for has come since, or it would not wait any more.
        if let Some(awaited) = self.awaited(&entry).filter(|_| is_next) {
            self.waiting.forget(awaited, dot.actor);
        }
        1
    }

    /// What the next entry of `author` comes after besides its last.
    fn mention(&mut self, author: ActorId) -> VersionVector {
        let remembered = self.unmentioned.take().filter(|known| known.author() == author);
        let known = remembered.unwrap_or_else(|| Unmentioned::look_back(author, &self.kept));
        self.unmentioned.insert(known).take()
    }
}

impl<P> Default for Log<P> {
    fn default() -> Self {
        Self::new()
    }
}

/// What is to be done with an entry.
enum Verdict {
    /// Take it in: it is the next of its author, and what it depends on is here.
    Ready,
    /// Let it wait.
    Early,
    /// Nothing: it was here before.
    Known,
    Refused(RejectReason),
}
