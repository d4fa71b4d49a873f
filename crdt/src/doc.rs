//! A replica: one root, and what it takes to change it and to agree with others about it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::actor::ActorId;
use crate::causal::Causal;
use crate::causal::Keys;
use crate::delta::Delta;
use crate::dot::Dot;
use crate::edit::Cx;
use crate::edit::Edit;
use crate::ends::Ends;
use crate::ends::KILLS_MAX;
use crate::kills::Kills;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::roster::Roster;
use crate::version::VersionVector;
use crate::wire::DecodeError;

mod joining;
mod making;

/// One replica of a value of type `T`, written to by one actor.
///
/// Replicas that have seen the same changes hold the same value and [the same
/// bytes](Doc::to_bytes), whatever way and order the changes took.
///
/// A clone writes under the same name: before both are written to, one of them must
/// [take another](Doc::take_actor).
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
    subject: Box<str>,
    cx: Cx,
    root: T,
}

/// Why a delta was not joined. The document is as it was before.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc, JoinError};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<u64>>::new(east), Doc::<AwSet<u64>>::new(west));
/// east.edit().add(1);
/// let seen = east.version();
/// east.edit().add(2);
/// let second = east.delta_since(&seen).expect("it was added");
/// // West never heard of the first: it is told so, and stays as it was.
/// assert!(matches!(west.join(second), Err(JoinError::Gap { have: 0, from: 1, .. })));
/// assert!(west.root().is_empty());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JoinError {
    /// The delta is of a document about something else.
    OtherSubject {
        /// What this document is about.
        ours: Box<str>,
        /// What the delta is about.
        theirs: Box<str>,
    },
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
    ///
    /// It is found out where both changes lie in the state. A dot that has ended, or that was
    /// a removal, leaves nothing to compare with.
    Reused(Dot),
    /// A key is named by a dot of which this document remembers nothing: ask for a delta with
    /// [`Keys::Spelled`].
    Unnamed(Dot),
    /// The delta tells of one key twice, the second time with this dot. No document makes such a
    /// delta.
    Repeated(Dot),
    /// More actors took part than a document can number.
    Crowded,
    /// The guard forbade the change.
    Forbidden,
}

/// Whether a change may be joined.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc, Guard, JoinError};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<u64>>::new(east), Doc::<AwSet<u64>>::new(west));
/// west.edit().add(13);
/// let delta = west.delta_since(&east.version()).expect("east lacks it");
/// let no_thirteen = |change: &selkie_crdt::SetChange<u64>| {
///     if change.added.contains(&13) { Guard::Forbid } else { Guard::Allow }
/// };
/// assert_eq!(east.join_guarded(delta, no_thirteen), Err(JoinError::Forbidden));
/// assert!(east.root().is_empty());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Guard {
    /// Join it.
    Allow,
    /// Refuse it.
    Forbid,
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
        Self::about("", actor)
    }

    /// An empty document about `subject`, such as the id of the one entity that it holds.
    ///
    /// Documents about different subjects refuse each other's deltas.
    #[must_use]
    pub fn about(subject: &str, actor: ActorId) -> Self {
        let mut roster = Roster::default();
        let me = roster.admit(actor);
        let cx = Cx { me, roster, kills: Kills::keeping(KILLS_KEPT) };
        Self { subject: subject.into(), cx, root: T::default() }
    }

    /// The document whose state these bytes hold, for `actor` to write to.
    ///
    /// # Errors
    /// If they are not what [`Doc::to_bytes`] makes of some document of this type.
    pub fn load(actor: ActorId, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::of_state(actor, Delta::from_bytes(bytes)?)
    }

    /// The document whose state this is, for `actor` to write to.
    pub(crate) fn of_state(actor: ActorId, delta: Delta<T>) -> Result<Self, DecodeError> {
        let mut doc = Self::about(&delta.subject, actor);
        let is_state = matches!(&delta.ends, Ends::AllBut(alive) if alive.is_empty());
        if !is_state || delta.span.from.iter().any(|from| *from > 0) {
            return Err(DecodeError::Contradiction);
        }
        let made = delta.to().get(&actor);
        if made > Dot::COUNTER_MAX / 2 {
            // No actor gets there by its own work; what claims so would leave it no changes.
            return Err(DecodeError::Range);
        }
        let checked = doc.check(delta).map_err(|_no_state| DecodeError::Contradiction)?;
        doc.apply(checked);
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

    /// What this document is about; empty if nobody said.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who writes to this document.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        *self.cx.roster.actor(self.cx.me)
    }

    /// Goes on under a new name. What was written under the old one stays.
    pub fn take_actor(&mut self, actor: ActorId) {
        let me = self.cx.roster.admit(actor);
        if me != self.cx.me {
            self.cx.roster.leave(self.cx.me);
            self.cx.me = me;
        }
    }

    /// What this document has seen. Documents with equal versions are equal.
    #[must_use]
    pub fn version(&self) -> VersionVector {
        self.cx.roster.version()
    }

    /// The newest change of each actor that lies in `part`, a value of this document.
    ///
    /// Where every change leaves a dot, as in an [`Entity`](crate::Entity), the part is the same
    /// if its version is.
    #[must_use]
    pub fn version_of(&self, part: &impl Causal) -> VersionVector {
        let mut version = VersionVector::new();
        part.each_mark(&mut |mark| {
            let dot = self.cx.roster.dot(mark);
            version.raise(dot.actor, dot.counter);
        });
        version
    }

    /// Who made the change `mark` of this document.
    pub(crate) fn writer_of(&self, mark: Mark) -> ActorId {
        *self.cx.roster.actor(mark.actor())
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
        self.join_settled(delta, |_root| {})
    }

    /// As [`Doc::join`]. `settle` gets what is checked, to change how it is kept: what is still
    /// spelled there is new.
    pub(crate) fn join_settled(
        &mut self,
        delta: Delta<T>,
        settle: impl FnOnce(&mut T::Delta),
    ) -> Result<(), JoinError> {
        self.check_is_ours(&delta)?;
        let mut checked = self.check(delta)?;
        checked.settle(settle);
        self.apply(checked);
        Ok(())
    }

    /// As [`Doc::join`], and tells what it changed; `None` if nothing that can be read.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn join_observed(&mut self, delta: Delta<T>) -> Result<Option<T::Change>, JoinError>
    where
        T: Observe,
    {
        self.join_guarded(delta, |_| Guard::Allow)
    }

    /// As [`Doc::join_observed`], if `guard` allows the change: all of it or nothing.
    ///
    /// # Errors
    /// See [`JoinError`], [`JoinError::Forbidden`] among them. Nothing is joined then.
    pub fn join_guarded(
        &mut self,
        delta: Delta<T>,
        guard: impl FnOnce(&T::Change) -> Guard,
    ) -> Result<Option<T::Change>, JoinError>
    where
        T: Observe,
    {
        self.join_guarded_settled(delta, |_root| {}, guard)
    }

    /// As [`Doc::join_guarded`], with `settle` as in [`Doc::join_settled`].
    pub(crate) fn join_guarded_settled(
        &mut self,
        delta: Delta<T>,
        settle: impl FnOnce(&mut T::Delta),
        guard: impl FnOnce(&T::Change) -> Guard,
    ) -> Result<Option<T::Change>, JoinError>
    where
        T: Observe,
    {
        self.check_is_ours(&delta)?;
        let mut checked = self.check(delta)?;
        checked.settle(settle);
        let change = self.change_by(&checked);
        match change.as_ref().map_or(Guard::Allow, guard) {
            Guard::Allow => self.apply(checked),
            Guard::Forbid => {
                self.drop_checked(&checked);
                return Err(JoinError::Forbidden);
            }
        }
        Ok(change)
    }

    fn check_is_ours(&self, delta: &Delta<T>) -> Result<(), JoinError> {
        if delta.subject != self.subject {
            let ours = self.subject.clone();
            return Err(JoinError::OtherSubject { ours, theirs: delta.subject.clone() });
        }
        let me = delta.span.actors.binary_search(&self.actor());
        let told = me.map_or(0, |at| delta.span.to[at]);
        let have = self.cx.roster.seen()[self.cx.me as usize];
        if told > have {
            return Err(JoinError::Amnesia { have, told });
        }
        Ok(())
    }

    /// Joins all that `other` has seen.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn merge(&mut self, other: &Self) -> Result<(), JoinError> {
        other.delta_since(&self.version()).map_or(Ok(()), |delta| self.join(delta))
    }

    /// Remembers at most `kills_max` ends of dots from now on, 65 536 if nothing is said.
    ///
    /// Each costs sixteen bytes of memory. A peer that lacks an older one is told what is alive
    /// instead: right as well, but it takes the time of the whole value on both sides, and a few
    /// bytes for each run of dots in it.
    pub fn keep_kills(&mut self, kills_max: usize) {
        self.cx.kills.keep(kills_max.min(KILLS_MAX));
    }

    /// Forgets what all replicas are known to have seen: their deltas will not need it.
    pub fn forget_stable(&mut self, stable: &VersionVector) {
        self.cx.kills.drop_stable(&self.cx.roster.column(stable));
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherSubject { ours, theirs } => {
                write!(f, "the delta is about {theirs:?}, the document about {ours:?}")
            }
            Self::Gap { actor, have, from } => {
                write!(f, "changes {} to {from} of {actor} are missing", have + 1)
            }
            Self::Amnesia { have, told } => {
                write!(f, "a peer knows {told} changes of ours, we know {have}")
            }
            Self::Reused(dot) => write!(f, "two changes are both called {dot:?}"),
            Self::Unnamed(dot) => write!(f, "nothing is known of {dot:?}, by which a key is named"),
            Self::Repeated(dot) => write!(f, "a key is told of twice, again with {dot:?}"),
            Self::Crowded => f.write_str("too many actors"),
            Self::Forbidden => f.write_str("the guard forbids this change"),
        }
    }
}

impl core::error::Error for JoinError {}

impl<T: fmt::Debug> fmt::Debug for Doc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
