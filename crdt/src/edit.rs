//! A place in a document that is being changed.

use crate::kills::Kills;
use crate::mark::Mark;
use crate::roster::Roster;

/// A value inside a [`Doc`](crate::Doc), open for changes.
///
/// Each type adds the methods that change it; a container's lead on to its children. A change
/// takes its dot at once, so there is nothing to commit and nothing to forget.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Counter, Doc, Edit};
/// /// Counts in whatever map, wherever that lies.
/// fn visit(mut pages: Edit<'_, AwMap<String, Counter>>, page: &str) {
///     pages.entry(page.into()).add(1);
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::new(east), Doc::new(west));
/// visit(east.edit(), "home");
/// visit(west.edit(), "home");
/// east.merge(&west)?;
/// assert_eq!(east.root().get("home").map(Counter::value), Some(2));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Debug)]
pub struct Edit<'a, T> {
    pub(crate) at: &'a mut T,
    pub(crate) cx: &'a mut Cx,
}

/// What a document knows besides its root: who acts, who was seen, what ended what.
#[derive(Clone, Debug)]
pub(crate) struct Cx {
    pub(crate) me: u32,
    pub(crate) roster: Roster,
    pub(crate) kills: Kills,
}

impl<'a, T> Edit<'a, T> {
    /// The value as it is now.
    #[must_use]
    pub fn read(&self) -> &T {
        self.at
    }

    /// The part of this value that `part` chooses: a field of a struct.
    ///
    /// `#[derive(Crdt)]` makes a method for each field out of this. `part` chooses and must not
    /// change: what it put there would have no dot, so no other replica would learn of it.
    pub fn part<P>(&mut self, part: impl FnOnce(&mut T) -> &mut P) -> Edit<'_, P> {
        Edit { at: part(self.at), cx: self.cx }
    }

    /// As [`Edit::part`], for the whole life of this edit.
    pub fn into_part<P>(self, part: impl FnOnce(&'a mut T) -> &'a mut P) -> Edit<'a, P> {
        Edit { at: part(self.at), cx: self.cx }
    }
}

impl Cx {
    /// Takes the dot of the next change.
    #[inline]
    pub(crate) fn next(&mut self) -> Mark {
        self.roster.next(self.me)
    }

    /// The dot that the next change will take.
    #[inline]
    pub(crate) fn upcoming(&self) -> Mark {
        Mark::new(self.me, self.roster.seen()[self.me as usize] + 1)
    }

    /// Remembers that the change `by` ended `dead`.
    #[inline]
    pub(crate) fn kill(&mut self, by: Mark, dead: Mark) {
        self.kills.log(by, dead);
    }
}
