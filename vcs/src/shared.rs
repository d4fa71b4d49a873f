//! What all replicas of a repository have in common: timelines and tags.
//!
//! An entity for each, with its name in its id. A replica that runs an older version keeps attributes
//! that it does not know, and passes them on.

use std::collections::BTreeSet;
use std::fmt;

use selkie_crdt::{Edit, Entities, Entity, Hlc, LwwRegister, Name};
use selkie_store::{ObjectId, SealId};
use serde::{Deserialize, Serialize};

/// The replicated state, as the store's view folds it.
pub type State = Entities<Vec<u8>>;

/// The state, read as timelines and tags.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a>(&'a State);

/// One timeline as the replicas know it.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'a>(&'a Entity<Vec<u8>>);

/// A change of one thing that all share. Told before and after, so that it can be taken back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Move {
    /// Which thing.
    pub subject: Named,
    /// What of it.
    pub attribute: Attribute,
    /// What it was; nothing if it was not there.
    pub before: Option<Vec<u8>>,
    /// What it becomes; nothing if it goes.
    pub after: Option<Vec<u8>>,
}

/// A thing that all share.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Named {
    /// The timeline of this name.
    Timeline(String),
    /// The tag of this name.
    Tag(String),
    /// How an open part of a text was settled, by a hash over the part.
    Settlement(String),
}

/// What is told of a timeline or a tag.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Attribute {
    /// Its newest seals, or the seal of a tag.
    Heads,
    /// What it is for.
    Note,
    /// How a divergence is settled.
    Strategy,
    /// Whether its heads may be moved back.
    Protection,
    /// The lines that came into the place of an open part: the id of a blob.
    Settlement,
    /// The words of a tag that git has, as git spells them: the id of a blob.
    Words,
}

impl<'a> Shared<'a> {
    /// The state, read so.
    #[must_use]
    pub const fn of(state: &'a State) -> Self {
        Self(state)
    }

    /// All timelines by name.
    pub fn timelines(&self) -> impl Iterator<Item = (&'a str, Timeline<'a>)> {
        self.named(Named::TIMELINE)
    }

    /// The timeline of this name.
    #[must_use]
    pub fn timeline(&self, name: &str) -> Option<Timeline<'a>> {
        let id = Named::Timeline(name.to_owned()).id();
        self.0.get(&*id).map(Timeline)
    }

    /// All tags by name, with the seals they stand at: more than one where two replicas set one at once.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, BTreeSet<SealId>)> {
        self.named(Named::TAG).map(|(name, tag)| (name, tag.heads()))
    }

    /// The seals that the tag of this name stands at.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<BTreeSet<SealId>> {
        let id = Named::Tag(name.to_owned()).id();
        self.0.get(&*id).map(|tag| Timeline(tag).heads())
    }

    /// The words of the tag of this name, as git spells them.
    pub(crate) fn words(self, tag: &str) -> Option<ObjectId> {
        blob(&self.value(&Named::Tag(tag.to_owned()), Attribute::Words)?)
    }

    /// Every object that the state must not lose.
    pub fn objects(&self, visit: &mut dyn FnMut(ObjectId)) {
        for (_, entity) in self.0.iter() {
            Timeline(entity).heads().into_iter().for_each(|head| visit(head.object()));
            let blobs = [Attribute::Settlement, Attribute::Words].map(Attribute::name);
            let values = blobs.into_iter().filter_map(|name| entity.attribute(name));
            values.filter_map(|value| blob(value)).for_each(&mut *visit);
        }
    }

    /// What an attribute is, where replicas disagree the one that was written last.
    #[must_use]
    pub fn value(&self, subject: &Named, attribute: Attribute) -> Option<Vec<u8>> {
        let entity = self.0.get(&*subject.id())?;
        match attribute {
            Attribute::Heads => Some(spelled(&Timeline(entity).heads())),
            Attribute::Note
            | Attribute::Strategy
            | Attribute::Protection
            | Attribute::Settlement
            | Attribute::Words => entity.attribute(attribute.name()).cloned(),
        }
    }

    fn named(&self, kind: &'static str) -> impl Iterator<Item = (&'a str, Timeline<'a>)> {
        let sorted = self.0.sorted().into_iter();
        sorted.filter_map(move |(id, entity)| Some((id.strip_prefix(kind)?, Timeline(entity))))
    }
}

impl<'a> Timeline<'a> {
    /// A thing that has heads.
    pub(crate) const fn of(entity: &'a Entity<Vec<u8>>) -> Self {
        Self(entity)
    }

    /// Every seal that some replica has for its newest and that no replica knows to be outdated. Ancestors
    /// may be among them: whoever knows the history drops them.
    #[must_use]
    pub fn heads(&self) -> BTreeSet<SealId> {
        let register = self.0.register(Attribute::Heads.name());
        let lists = register.into_iter().flat_map(LwwRegister::values);
        lists.flat_map(|list| ids(list)).collect()
    }

    /// What it is for.
    #[must_use]
    pub fn note(&self) -> Option<&'a str> {
        self.text(Attribute::Note)
    }

    /// How a divergence is settled, if somebody said.
    #[must_use]
    pub fn strategy(&self) -> Option<&'a str> {
        self.text(Attribute::Strategy)
    }

    /// Whether its heads may not be moved back.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.0.attribute(Attribute::Protection.name()).is_some_and(|value| !value.is_empty())
    }

    fn text(self, attribute: Attribute) -> Option<&'a str> {
        // What is no text was written by no version of this program.
        self.0.attribute(attribute.name()).and_then(|value| str::from_utf8(value).ok())
    }
}

impl Move {
    /// Writes what it becomes.
    pub fn carry_out(&self, state: &mut Edit<'_, State>, at: Hlc) {
        let id = self.subject.id();
        match &self.after {
            Some(value) => state.entry(id).set(self.attribute.name(), value.clone(), at),
            // A timeline without heads is none: all of it goes, and what others add meanwhile stays.
            None if self.attribute == Attribute::Heads => {
                state.remove(&id);
            }
            None => {
                if let Some(mut entity) = state.existing(&id) {
                    entity.unset(self.attribute.name());
                }
            }
        }
    }

    /// The move that takes it back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { before: self.after, after: self.before, ..self }
    }

    /// The objects that it names newly: they have to be there before it is told.
    pub fn reaches(&self) -> impl Iterator<Item = ObjectId> {
        self.named(self.after.as_deref())
    }

    /// The objects that it names, before and after.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> {
        self.named(self.before.as_deref()).chain(self.reaches())
    }

    fn named<'a>(&self, value: Option<&'a [u8]>) -> impl Iterator<Item = ObjectId> + use<'a> {
        let seals = value.filter(|_| self.attribute == Attribute::Heads);
        let is_blob = matches!(self.attribute, Attribute::Settlement | Attribute::Words);
        let lines = value.filter(|_| is_blob);
        let seals = seals.into_iter().flat_map(ids).map(SealId::object);
        seals.chain(lines.into_iter().filter_map(blob))
    }
}

impl Named {
    const TIMELINE: &'static str = "timeline/";
    const TAG: &'static str = "tag/";
    const SETTLEMENT: &'static str = "settlement/";

    /// The name of its entity.
    fn id(&self) -> Name {
        match self {
            Self::Timeline(name) => format!("{}{name}", Self::TIMELINE).into(),
            Self::Tag(name) => format!("{}{name}", Self::TAG).into(),
            Self::Settlement(name) => format!("{}{name}", Self::SETTLEMENT).into(),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeline(name) => write!(f, "timeline '{name}'"),
            Self::Tag(name) => write!(f, "tag '{name}'"),
            Self::Settlement(name) => write!(f, "settlement {name}"),
        }
    }
}

impl Attribute {
    /// Its name in the state. These never change.
    const fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Note => "note",
            Self::Strategy => "strategy",
            Self::Protection => "protected",
            Self::Settlement => "lines",
            Self::Words => "words",
        }
    }
}

/// Whether the attribute of this name holds seals.
pub(crate) fn is_heads(name: &str) -> bool {
    name == Attribute::Heads.name()
}

/// Whether the attribute of this name holds the id of a blob: the lines of a settlement, or the words of a tag.
pub(crate) fn is_blob(name: &str) -> bool {
    [Attribute::Settlement, Attribute::Words].iter().any(|attribute| name == attribute.name())
}

/// The blob that a value names.
pub(crate) fn blob(value: &[u8]) -> Option<ObjectId> {
    value.try_into().ok().map(ObjectId::from_bytes)
}

/// Seals as a value: their ids in order, one after the other.
#[must_use]
pub fn spelled(seals: &BTreeSet<SealId>) -> Vec<u8> {
    seals.iter().flat_map(|seal| *seal.object().as_bytes()).collect()
}

/// The seals that a value spells. A rest that is no id names nothing.
pub fn ids(value: &[u8]) -> impl Iterator<Item = SealId> {
    let (ids, _rest) = value.as_chunks::<{ ObjectId::LEN }>();
    ids.iter().map(|id| SealId::from(ObjectId::from_bytes(*id)))
}

#[cfg(test)]
mod tests {
    use selkie_crdt::{ActorId, Doc};

    use super::*;

    fn seal(n: u8) -> SealId {
        ObjectId::from_bytes([n; 32]).into()
    }

    fn heads(before: &[u8], after: &[u8]) -> Move {
        let list = |seals: &[u8]| {
            (!seals.is_empty()).then(|| spelled(&seals.iter().copied().map(seal).collect()))
        };
        let (subject, attribute) = (Named::Timeline("main".into()), Attribute::Heads);
        Move { subject, attribute, before: list(before), after: list(after) }
    }

    fn twins() -> [Doc<State>; 2] {
        [1, 2].map(|n| Doc::new(ActorId::from_bytes([n; 16])))
    }

    fn tell(replica: &mut Doc<State>, told: &Move, at_ms: u64) {
        replica.update(|mut state| told.carry_out(&mut state, Hlc::from_ms(at_ms)));
    }

    fn main_of(replica: &Doc<State>) -> Option<Vec<SealId>> {
        let main = Shared::of(replica.root()).timeline("main");
        main.map(|main| main.heads().into_iter().collect())
    }

    #[test]
    fn a_head_that_was_seen_is_replaced() {
        let [mut east, mut west] = twins();
        tell(&mut east, &heads(&[], &[1]), 1);
        west.merge(&east).unwrap();
        tell(&mut west, &heads(&[1], &[2]), 2);
        east.merge(&west).unwrap();
        assert_eq!(main_of(&east), Some(vec![seal(2)]));
    }

    #[test]
    fn two_timelines_of_one_name_are_one_that_diverged() {
        let [mut east, mut west] = twins();
        tell(&mut east, &heads(&[], &[1]), 9);
        tell(&mut west, &heads(&[], &[2]), 1);
        east.merge(&west).unwrap();
        assert_eq!(main_of(&east), Some(vec![seal(1), seal(2)]));
    }

    #[test]
    fn a_removal_leaves_the_head_that_was_added_beside_it() {
        let [mut east, mut west] = twins();
        tell(&mut east, &heads(&[], &[1]), 1);
        west.merge(&east).unwrap();
        tell(&mut east, &heads(&[1], &[]), 2);
        tell(&mut west, &heads(&[1], &[2]), 2);
        east.merge(&west).unwrap();
        assert_eq!(main_of(&east), Some(vec![seal(2)]));
    }

    #[test]
    fn a_move_that_is_taken_back_leaves_what_was() {
        let [mut east, _] = twins();
        tell(&mut east, &heads(&[], &[1]), 1);
        tell(&mut east, &heads(&[1], &[2, 3]), 2);
        tell(&mut east, &heads(&[1], &[2, 3]).reversed(), 3);
        assert_eq!(main_of(&east), Some(vec![seal(1)]));
        tell(&mut east, &heads(&[], &[1]).reversed(), 4);
        assert_eq!(main_of(&east), None);
    }

    #[test]
    fn timelines_and_tags_are_told_apart() {
        let [mut east, _] = twins();
        tell(&mut east, &heads(&[], &[1]), 1);
        tell(&mut east, &Move { subject: Named::Tag("v1".into()), ..heads(&[], &[2]) }, 2);
        let shared = Shared::of(east.root());
        assert_eq!(shared.timelines().map(|(name, _)| name).collect::<Vec<_>>(), ["main"]);
        assert_eq!(shared.tags().collect::<Vec<_>>(), [("v1", BTreeSet::from([seal(2)]))]);
        let mut reached = Vec::new();
        shared.objects(&mut |id| reached.push(id));
        reached.sort_unstable();
        assert_eq!(reached, [seal(1).object(), seal(2).object()]);
    }
}
