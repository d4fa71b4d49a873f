//! A replica: one root, and what it takes to change it and to agree with others about it.

use alloc::vec::Vec;
use core::cmp::min;
use core::fmt;

use crate::actor::ActorId;
use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Keys;
use crate::causal::Refusal;
use crate::delta::Delta;
use crate::dot::Dot;
use crate::edit::Cx;
use crate::edit::Edit;
use crate::ends::Ends;
use crate::ends::KILLS_MAX;
use crate::kills::Kills;
use crate::mark::Mark;
use crate::mark::Run;
use crate::roster::Roster;
use crate::span::Span;
use crate::version::VersionVector;
use crate::wire::DecodeError;

/// One replica of a value of type `T`, written to by one actor.
///
/// Replicas that have seen the same changes hold the same value and [the same
/// bytes](Doc::to_bytes), whatever way and order the changes took.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwSet<String>> = Doc::new(east);
/// let mut west: Doc<AwSet<String>> = Doc::new(west);
/// east.edit().add("pear".into());
/// west.edit().add("plum".into());
/// east.merge(&west)?;
/// west.merge(&east)?;
/// assert_eq!(east.root().sorted(), ["pear", "plum"]);
/// assert_eq!(east.to_bytes(), west.to_bytes());
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct Doc<T> {
    cx: Cx,
    root: T,
}

/// Why a delta was not joined. The document is as it was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JoinError {
    /// The delta begins beyond what this document has seen: ask for one from
    /// [`Doc::version`] on.
    Gap {
        /// An actor of whom something is missing in between.
        actor: ActorId,
        /// How many changes of that actor this document has seen.
        have: u64,
        /// How many the delta takes for seen.
        from: u64,
    },
    /// The delta knows changes of this document's own actor that it does not know itself. Its
    /// memory was lost, or another replica writes under its name: go on with
    /// [`Doc::take_actor`].
    Amnesia {
        /// How many changes this document made, as far as it knows.
        have: u64,
        /// How many the delta has seen.
        told: u64,
    },
    /// One dot stands for two different changes. Two replicas write under one name.
    Reused(Dot),
    /// A key is named by a dot of which this document remembers nothing: ask for a delta with
    /// [`Keys::Spelled`].
    Unnamed(Dot),
    /// More actors took part than a document can number.
    Crowded,
}

/// How many ends of dots a document remembers. A peer that lacks older ones is told what is
/// alive instead.
const KILLS_KEPT: usize = 1 << 16;
const _: () = assert!(KILLS_KEPT <= KILLS_MAX);

impl<T: Causal> Doc<T> {
    /// An empty document that `actor` writes to.
    ///
    /// An actor writes to one replica only, and to none that has lost changes it once shared: a
    /// document that was restored from a backup goes on under a new actor.
    #[must_use]
    pub fn new(actor: ActorId) -> Self {
        let mut roster = Roster::default();
        let me = roster.admit(actor);
        Self { cx: Cx { me, roster, kills: Kills::keeping(KILLS_KEPT) }, root: T::default() }
    }

    /// The document whose state these bytes hold, for `actor` to write to.
    ///
    /// # Errors
    /// If they are not what [`Doc::to_bytes`] makes of some document of this type.
    pub fn load(actor: ActorId, bytes: &[u8]) -> Result<Self, DecodeError> {
        let delta = Delta::from_bytes(bytes)?;
        let mut doc = Self::new(actor);
        if delta.span.from.iter().any(|from| *from > 0) {
            return Err(DecodeError::Contradiction);
        }
        doc.admit_and_join(delta).map_err(|_no_state| DecodeError::Contradiction)?;
        Ok(doc)
    }

    /// The value.
    #[must_use]
    pub fn root(&self) -> &T {
        &self.root
    }

    /// The value, open for changes.
    #[inline]
    pub fn edit(&mut self) -> Edit<'_, T> {
        Edit { at: &mut self.root, cx: &mut self.cx }
    }

    /// Lets `change` work on the value, and returns what a peer lacks who saw all before it;
    /// `None` if nothing was changed.
    pub fn update(&mut self, change: impl FnOnce(Edit<'_, T>)) -> Option<Delta<T>> {
        let before: Vec<u64> = self.cx.roster.seen().to_vec();
        change(self.edit());
        self.cut(&before, Keys::Spelled)
    }

    /// Who writes to this document.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        *self.cx.roster.actor(self.cx.me)
    }

    /// Goes on under a new name. What was written under the old one stays.
    pub fn take_actor(&mut self, actor: ActorId) {
        self.cx.me = self.cx.roster.admit(actor);
    }

    /// What this document has seen. Documents with equal versions are equal.
    #[must_use]
    pub fn version(&self) -> VersionVector {
        self.cx.roster.version()
    }

    /// What somebody lacks who has seen `since`; `None` if nothing.
    #[must_use]
    pub fn delta_since(&self, since: &VersionVector) -> Option<Delta<T>> {
        self.delta_with(since, Keys::Spelled)
    }

    /// As [`Doc::delta_since`], with keys as `keys` says.
    #[must_use]
    pub fn delta_with(&self, since: &VersionVector, keys: Keys) -> Option<Delta<T>> {
        self.cut(&self.cx.roster.column(since), keys)
    }

    /// All of this document, as a delta for somebody who has seen nothing.
    #[must_use]
    pub fn state(&self) -> Delta<T> {
        self.whole(&alloc::vec![0; self.cx.roster.len()])
    }

    /// The state in bytes: equal for equal states.
    ///
    /// They do not hold the memory of what ended, so a document loaded from them tells peers who
    /// are behind it what is alive instead.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.state().to_bytes()
    }

    /// Joins what a peer has told.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn join(&mut self, delta: Delta<T>) -> Result<(), JoinError> {
        let me = delta.span.actors.binary_search(&self.actor());
        let told = me.map_or(0, |at| delta.span.to[at]);
        let have = self.cx.roster.seen()[self.cx.me as usize];
        if told > have {
            return Err(JoinError::Amnesia { have, told });
        }
        self.admit_and_join(delta)
    }

    /// Joins all that `other` has seen.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn merge(&mut self, other: &Self) -> Result<(), JoinError> {
        other.delta_since(&self.version()).map_or(Ok(()), |delta| self.join(delta))
    }

    /// Forgets what all replicas are known to have seen: their deltas will not need it.
    pub fn forget_stable(&mut self, stable: &VersionVector) {
        self.cx.kills.drop_stable(&self.cx.roster.column(stable));
    }
}

/// Making deltas.
impl<T: Causal> Doc<T> {
    fn cut(&self, since: &[u64], keys: Keys) -> Option<Delta<T>> {
        let seen = self.cx.roster.seen();
        let since: Vec<u64> = since
            .iter()
            .chain(core::iter::repeat(&0))
            .zip(seen)
            .map(|(a, b)| min(*a, *b))
            .collect();
        if since == seen {
            return None;
        }
        if !self.cx.kills.reach_back_to(&since) {
            return Some(self.whole(&since));
        }
        let numbering = Numbering::of(&self.cx.roster);
        let mut kills: Vec<_> = self
            .cx
            .kills
            .since(&since)
            .map(|(by, dead)| (numbering.outside(by), numbering.outside(dead)))
            .collect();
        if !kills.is_sorted() {
            kills.sort_unstable();
        }
        Some(self.delta(&since, &numbering, Ends::Listed(kills), keys))
    }

    /// A delta that tells what is alive instead of what has ended.
    fn whole(&self, since: &[u64]) -> Delta<T> {
        let numbering = Numbering::of(&self.cx.roster);
        let mut alive = Vec::new();
        if since.iter().any(|counter| *counter > 0) {
            self.root.each_mark(&mut |mark| {
                if mark.counter() <= since[mark.actor() as usize] {
                    alive.push(numbering.outside(mark));
                }
            });
            alive.sort_unstable();
        }
        self.delta(since, &numbering, Ends::AllBut(Run::all_of(&alive)), Keys::Spelled)
    }

    fn delta(&self, since: &[u64], numbering: &Numbering, ends: Ends, keys: Keys) -> Delta<T> {
        let roster = &self.cx.roster;
        let cut = Cut {
            since,
            seen: roster.seen(),
            renumbered: &numbering.outside,
            kills: &self.cx.kills,
            keys,
        };
        let root = self.root.cut(&cut);
        let actors = numbering.actors.iter().map(|number| *roster.actor(*number)).collect();
        let column = |counters: &[u64]| {
            numbering.actors.iter().map(|number| counters[*number as usize]).collect()
        };
        Delta { span: Span { actors, from: column(since), to: column(roster.seen()) }, ends, root }
    }
}

/// Numbers for the actors of a delta: those who did something, ascending.
struct Numbering {
    actors: Vec<u32>,  // by the delta's number, ours
    outside: Vec<u32>, // by our number, the delta's
}

impl Numbering {
    fn of(roster: &Roster) -> Self {
        let did_something = |number: &u32| roster.seen()[*number as usize] > 0;
        let actors: Vec<u32> = roster.sorted().iter().copied().filter(did_something).collect();
        let mut outside = alloc::vec![0; roster.len()];
        for (at, number) in actors.iter().enumerate() {
            outside[*number as usize] = at as u32;
        }
        Self { actors, outside }
    }

    fn outside(&self, mark: Mark) -> Mark {
        Mark::new(self.outside[mark.actor() as usize], mark.counter())
    }
}

/// Joining deltas.
impl<T: Causal> Doc<T> {
    fn admit_and_join(&mut self, delta: Delta<T>) -> Result<(), JoinError> {
        let span = &delta.span;
        for (actor, from) in span.actors.iter().zip(&span.from) {
            let have = self
                .cx
                .roster
                .number(actor)
                .map_or(0, |number| self.cx.roster.seen()[number as usize]);
            if have < *from {
                return Err(JoinError::Gap { actor: *actor, have, from: *from });
            }
        }
        if self.cx.roster.len() + span.actors.len() > Mark::ACTORS_MAX as usize {
            return Err(JoinError::Crowded);
        }
        let met = self.cx.roster.len();
        let renumbered: Vec<u32> =
            span.actors.iter().map(|actor| self.cx.roster.admit(*actor)).collect();
        self.checked_join(delta, renumbered).inspect_err(|_| self.cx.roster.dismiss_from(met))
    }

    fn checked_join(&mut self, delta: Delta<T>, renumbered: Vec<u32>) -> Result<(), JoinError> {
        let Delta { span, ends, mut root } = delta;
        let join = Join { roster: &self.cx.roster, log: &self.cx.kills, ends: &ends, renumbered };
        if let Some(root) = &mut root {
            self.root.check(root, &join).map_err(|refusal| refusal.told(&self.cx.roster))?;
        }
        let renumbered = join.renumbered;
        match &ends {
            Ends::Listed(kills) => self.end_listed(kills, &renumbered),
            Ends::AllBut(alive) => self.end_all_but(alive, root.as_ref(), &span, &renumbered),
        }
        let join = Join { roster: &self.cx.roster, log: &self.cx.kills, ends: &ends, renumbered };
        if let Some(root) = root {
            self.root.join(root, &join);
        }
        for (number, to) in join.renumbered.iter().zip(&span.to) {
            self.cx.roster.raise(*number, *to);
        }
        Ok(())
    }

    fn end_listed(&mut self, kills: &[(Mark, Mark)], renumbered: &[u32]) {
        for (by, dead) in kills {
            let [by, dead] = [by, dead].map(|mark| mark.renumbered(renumbered));
            if !self.cx.roster.has_seen(by) {
                self.cx.kills.log(by, dead);
                if self.cx.roster.has_seen(dead) {
                    self.root.kill(dead);
                }
            }
        }
    }

    /// Ends every dot that the sender has seen and does not say to be alive.
    fn end_all_but(
        &mut self,
        alive: &[Run],
        root: Option<&T::Delta>,
        span: &Span,
        renumbered: &[u32],
    ) {
        let mut told = Vec::new();
        if let Some(root) = root {
            T::each_delta_mark(root, &mut |mark| told.push(mark));
            told.sort_unstable();
        }
        let mut theirs = alloc::vec![None; self.cx.roster.len()];
        let mut seen = alloc::vec![0; self.cx.roster.len()];
        for (at, number) in renumbered.iter().enumerate() {
            theirs[*number as usize] = Some(at as u32);
            seen[*number as usize] = span.to[at];
        }
        let mut ended = Vec::new();
        self.root.each_mark(&mut |mark| {
            let Some(actor) = theirs[mark.actor() as usize] else { return };
            let outside = Mark::new(actor, mark.counter());
            let spared = mark.counter() > seen[mark.actor() as usize]
                || Run::any_contains(alive, outside)
                || told.binary_search(&outside).is_ok();
            if !spared {
                ended.push(mark);
            }
        });
        for mark in ended {
            self.root.kill(mark);
        }
        // Nobody told by which changes they ended, so nobody can be told from here.
        self.cx.kills.forget(&seen);
    }
}

impl Refusal {
    fn told(self, roster: &Roster) -> JoinError {
        match self {
            Self::Reused(mark) => JoinError::Reused(roster.dot(mark)),
            Self::Unnamed(mark) => JoinError::Unnamed(roster.dot(mark)),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { actor, have, from } => {
                write!(f, "changes {} to {from} of {actor} are missing", have + 1)
            }
            Self::Amnesia { have, told } => {
                write!(f, "a peer knows {told} changes of ours, we know {have}")
            }
            Self::Reused(dot) => write!(f, "two changes are both called {dot:?}"),
            Self::Unnamed(dot) => write!(f, "nothing is known of {dot:?}, by which a key is named"),
            Self::Crowded => f.write_str("too many actors"),
        }
    }
}

impl core::error::Error for JoinError {}

impl<T: fmt::Debug> fmt::Debug for Doc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
