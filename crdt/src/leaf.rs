//! A place that holds contents: one, or the concurrent ones until somebody decides.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::iter;
use core::mem;
use core::slice;

use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Refusal;
use crate::contest::never_contested;
use crate::edit::Cx;
use crate::mark::Mark;
use crate::roster::Roster;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// The live dots of one place with their contents, best first: by rank, then by actor.
///
/// Of two variants and no third: a mark has one spare bit pattern, which tells two apart for
/// nothing.
#[derive(Clone)]
pub enum Leaf<S> {
    /// The usual case.
    One(Version<S>),
    /// Nothing, or at least two.
    Else(Option<Several<S>>),
}

/// Boxed, a word instead of three, so that the rare case does not widen the usual one.
type Several<S> = Box<Vec<Version<S>>>;

// A register of numbers is a dot, a time and a number, and nothing besides.
const _: () = assert!(size_of::<Leaf<[u64; 2]>>() == 24);

/// A dot and what its change wrote.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version<S> {
    pub(crate) mark: Mark,
    pub(crate) content: S,
}

/// What a place holds, with the order in which concurrent ones stand.
pub trait Content: Value {
    /// `Less` stands first. Equal ones stand by actor, the greatest first.
    fn rank(&self, other: &Self) -> Ordering;
}

impl<S> Leaf<S> {
    /// All versions, best first.
    pub(crate) fn versions(&self) -> &[Version<S>] {
        match self {
            Self::One(version) => slice::from_ref(version),
            Self::Else(Some(versions)) => versions,
            Self::Else(None) => &[],
        }
    }

    /// All contents, best first.
    pub(crate) fn contents(&self) -> impl DoubleEndedIterator<Item = &S> {
        self.versions().iter().map(|version| &version.content)
    }

    #[inline]
    pub(crate) fn best(&self) -> Option<&S> {
        self.contents().next()
    }

    pub(crate) fn last(&self) -> Option<&S> {
        self.contents().next_back()
    }

    /// Writes `content` over all that lies here.
    #[inline]
    pub(crate) fn write(&mut self, content: S, cx: &mut Cx) {
        let mark = cx.next();
        self.end_all(mark, cx);
        *self = Self::One(Version { mark, content });
    }

    /// Ends all that lies here, by a change of its own if there is something.
    pub(crate) fn erase(&mut self, cx: &mut Cx) {
        if !self.versions().is_empty() {
            let by = cx.next();
            self.end_all(by, cx);
            *self = Self::default();
        }
    }

    #[inline]
    fn end_all(&mut self, by: Mark, cx: &mut Cx) {
        self.versions().iter().for_each(|version| cx.kill(by, version.mark));
    }

    /// Takes out the version of `mark`.
    fn take(&mut self, mark: Mark) -> Option<Version<S>> {
        let at = self.versions().iter().position(|version| version.mark == mark)?;
        match mem::take(self) {
            Self::One(version) => Some(version),
            Self::Else(None) => None,
            Self::Else(Some(mut versions)) => {
                let taken = versions.remove(at);
                *self = match versions.len() {
                    1 => versions.pop().map_or(Self::default(), Self::One),
                    _ => Self::Else(Some(versions)),
                };
                Some(taken)
            }
        }
    }

    fn find(&self, mark: Mark) -> Option<&Version<S>> {
        self.versions().iter().find(|version| version.mark == mark)
    }
}

impl<S: Content> Leaf<S> {
    /// Writes what `change` makes of this actor's own content over that alone: what others wrote
    /// stays. `change` gets the default if there is none.
    pub(crate) fn amend_own(&mut self, change: impl FnOnce(&mut S), cx: &mut Cx)
    where
        S: Default,
    {
        let own = self.versions().iter().find(|version| version.mark.actor() == cx.me);
        let own = own.map(|version| version.mark);
        let mut content = own.and_then(|own| self.take(own)).map_or_else(S::default, |v| v.content);
        change(&mut content);
        let mark = cx.next();
        if let Some(own) = own {
            cx.kill(mark, own);
        }
        self.put(Version { mark, content }, &cx.roster);
    }

    /// What will lie here after joining `delta` and ending `ended`; `None` if the same as now.
    pub(crate) fn after(
        &self,
        delta: Option<&<Self as Causal>::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self> {
        let mut after = self.clone();
        ended.iter().for_each(|mark| drop(after.take(*mark)));
        if let Some(delta) = delta {
            after.join(delta.clone(), join);
        }
        let dots = |leaf: &Self| leaf.versions().iter().map(|v| v.mark).collect::<Vec<_>>();
        (dots(self) != dots(&after)).then_some(after)
    }

    /// The versions that the receiver of `cut` lacks, one at least.
    fn news(&self, cut: &Cut<'_>) -> Few<Version<S>> {
        let outside = |version: &Version<S>| Version {
            mark: cut.outside(version.mark),
            content: version.content.clone(),
        };
        if let Self::One(version) = self {
            return Few::One(outside(version));
        }
        let new = self.versions().iter().filter(|version| cut.is_new(version.mark));
        let mut many: Vec<_> = new.map(outside).collect();
        many.sort_unstable_by_key(|version| version.mark);
        Few::of(many)
    }

    /// Adds a version of a delta if it is new here, and ends what it replaces.
    fn join_one(&mut self, version: Version<S>, join: &Join<'_>) {
        let mark = join.inside(version.mark);
        if !join.is_seen(mark) {
            join.each_killed(version.mark, |dead| {
                self.kill(dead);
            });
            self.put(Version { mark, ..version }, join.roster);
        }
    }

    /// Puts `version` where it belongs among the others.
    fn put(&mut self, version: Version<S>, roster: &Roster) {
        *self = match mem::take(self) {
            Self::Else(None) => Self::One(version),
            Self::One(other) if stands_before(&version, &other, roster) => {
                Self::Else(Some(Box::new(vec![version, other])))
            }
            Self::One(other) => Self::Else(Some(Box::new(vec![other, version]))),
            Self::Else(Some(mut versions)) => {
                let at = versions.partition_point(|other| stands_before(other, &version, roster));
                versions.insert(at, version);
                Self::Else(Some(versions))
            }
        };
    }
}

fn stands_before<S: Content>(a: &Version<S>, b: &Version<S>, roster: &Roster) -> bool {
    let actor = |version: &Version<S>| *roster.actor(version.mark.actor());
    let by_actor = || actor(b).cmp(&actor(a)).then(b.mark.counter().cmp(&a.mark.counter()));
    a.content.rank(&b.content).then_with(by_actor) == Ordering::Less
}

impl<S: Content> Causal for Leaf<S> {
    type Delta = Few<Version<S>>;
    const SHAPE: Shape = Shape::of("leaf", &[S::SHAPE]);

    fn is_bottom(&self) -> bool {
        self.versions().is_empty()
    }

    fn each_mark(&self, visit: &mut dyn FnMut(Mark)) {
        self.versions().iter().for_each(|version| visit(version.mark));
    }

    fn holds(&self, mark: Mark) -> bool {
        self.find(mark).is_some()
    }

    fn kill(&mut self, mark: Mark) -> bool {
        match self {
            Self::One(version) if version.mark == mark => {
                self.clear();
                true
            }
            Self::One(_) | Self::Else(None) => false,
            Self::Else(Some(_)) => self.take(mark).is_some(),
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    // Of the many places that a cut looks through few have news: the others cost no call.
    #[inline]
    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta> {
        let is_new = |version: &Version<S>| cut.is_new(version.mark);
        let has_news = match self {
            Self::One(version) => is_new(version),
            Self::Else(versions) => versions.iter().any(|versions| versions.iter().any(is_new)),
        };
        if has_news { Some(self.news(cut)) } else { None }
    }

    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal> {
        for version in delta.as_slice() {
            let mark = join.inside(version.mark);
            if !join.is_seen(mark) {
                join.replaces(version.mark, |dead| self.holds(dead));
                continue;
            }
            match self.find(mark) {
                Some(here) if here.content == version.content => {}
                Some(_) => return Err(Refusal::Reused(mark)),
                None => join.misses(mark),
            }
        }
        Ok(())
    }

    fn join(&mut self, delta: Self::Delta, join: &Join<'_>) {
        match delta {
            Few::One(version) => self.join_one(version, join),
            Few::Many(many) => many.into_iter().for_each(|version| self.join_one(version, join)),
        }
    }

    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark)) {
        delta.as_slice().iter().for_each(|version| visit(version.mark));
    }

    fn first_mark(delta: &Self::Delta) -> Mark {
        delta.as_slice().first().expect("a delta holds at least one dot").mark
    }

    fn write_column(deltas: &[&Self::Delta], out: &mut Writer) {
        // Nearly always one version each: then a zero says so for all.
        let all_one = deltas.iter().all(|delta| delta.as_slice().len() == 1);
        out.byte(u8::from(!all_one));
        if !all_one {
            deltas.iter().for_each(|delta| out.count(delta.as_slice().len()));
        }
        let versions = deltas.iter().flat_map(|delta| delta.as_slice());
        out.marks(versions.clone().map(|version| version.mark));
        S::write_column(versions.map(|version| &version.content), out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError> {
        let counts = match input.byte()? {
            0 => None,
            1 => Some(read_counts(count, input)?),
            _ => return Err(DecodeError::NotCanonical),
        };
        let total = counts.as_ref().map_or(count, |counts| counts.iter().sum());
        let marks = input.marks(total)?;
        let contents = S::read_column(total, input)?;
        if contents.len() < total {
            return Err(DecodeError::Truncated);
        }
        let versions = iter::zip(marks, contents).map(|(mark, content)| Version { mark, content });
        let Some(counts) = counts else { return Ok(versions.map(Few::One).collect()) };
        let mut versions = versions;
        counts.iter().map(|&count| Few::collect(count, &mut versions)).collect()
    }
}

/// Counts of one or more, not all of them one.
fn read_counts(places: usize, input: &mut Reader<'_>) -> Result<Vec<usize>, DecodeError> {
    let mut counts = Vec::with_capacity(places.min(input.left()));
    let mut total = 0_usize;
    for _ in 0..places {
        let count = input.count()?;
        total = total.saturating_add(count);
        counts.push(count);
    }
    if counts.contains(&0) || total == places {
        return Err(DecodeError::NotCanonical);
    }
    if total > input.left() { Err(DecodeError::Truncated) } else { Ok(counts) }
}

impl<S> Default for Leaf<S> {
    fn default() -> Self {
        Self::Else(None)
    }
}

/// By contents: what a place holds does not depend on who put it there.
impl<S: PartialEq> PartialEq for Leaf<S> {
    fn eq(&self, other: &Self) -> bool {
        self.contents().eq(other.contents())
    }
}

impl<S: Eq> Eq for Leaf<S> {}

impl<S: fmt::Debug> fmt::Debug for Leaf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.contents()).finish()
    }
}

/// One or more things; one without a box.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Few<T> {
    /// The usual case.
    One(T),
    /// At least two, ascending by mark.
    Many(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Self::One(one) => slice::from_mut(one),
            Self::Many(many) => many,
        }
    }
}

impl<S> Few<Version<S>> {
    /// These, of which there is one at least.
    fn of(mut many: Vec<Version<S>>) -> Self {
        match many.len() {
            1 => Self::One(many.remove(0)),
            _ => Self::Many(many),
        }
    }

    /// The next `count` of `versions`, one at least.
    fn collect(
        count: usize,
        versions: &mut impl Iterator<Item = Version<S>>,
    ) -> Result<Self, DecodeError> {
        let many: Vec<_> = versions.by_ref().take(count).collect();
        let ascending = many.is_sorted_by(|a, b| a.mark < b.mark);
        if ascending { Ok(Self::of(many)) } else { Err(DecodeError::NotCanonical) }
    }
}

// Touches: any number of them agree.
never_contested! { [] Leaf<()> }
