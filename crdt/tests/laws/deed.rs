//! Operations as the model knows them.

use selkie_crdt::ActorId;

use crate::bits::Bits;

/// One operation that a replica has seen: who did it, and what they had seen then.
#[derive(Clone, Debug)]
pub(crate) struct Deed<'a, S> {
    pub(crate) id: usize,
    pub(crate) author: ActorId,
    pub(crate) seen: &'a Bits,
    pub(crate) act: Act<S>,
}

/// What was done to one value.
#[derive(Clone, Debug)]
pub(crate) enum Act<S> {
    /// A step of the value's own type.
    Step(S),
    /// What holds the value took it away.
    Wipe,
}

impl<'a, S> Deed<'a, S> {
    /// The same operation as a part of the value sees it.
    pub(crate) fn as_seen_below<P>(&self, act: Act<P>) -> Deed<'a, P> {
        Deed { id: self.id, author: self.author, seen: self.seen, act }
    }

    pub(crate) fn happened_after<P>(&self, other: &Deed<'_, P>) -> bool {
        self.seen.contains(other.id)
    }
}

/// The deeds of `deeds` that are `wanted` and that no deed which `ends` them happened after.
pub(crate) fn standing<'d, 'a, S>(
    deeds: &'d [Deed<'a, S>],
    wanted: impl Fn(&Act<S>) -> bool,
    ends: impl Fn(&Act<S>) -> bool,
) -> Vec<&'d Deed<'a, S>> {
    let ended = |deed: &Deed<'a, S>| {
        deeds.iter().any(|other| ends(&other.act) && other.happened_after(deed))
    };
    deeds.iter().filter(|deed| wanted(&deed.act) && !ended(deed)).collect()
}
