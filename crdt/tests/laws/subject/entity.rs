//! The entity.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::Entity;
use selkie_crdt::EntityChange;
use selkie_crdt::Hlc;
use selkie_crdt::LwwRegister;
use selkie_crdt::MapChange;
use selkie_crdt::Name;

use super::MapStep;
use super::RegisterStep;
use super::SetStep;
use super::Subject;
use super::Way;
use super::Word;
use super::register::redraw_values;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum EntityStep<V> {
    Touch,
    Found(Name),
    Set(Name, V, Hlc),
    Unset(Name),
    Collect(Name, SetStep<V>),
    /// Removes an element, and touches the entity if it was there: what a transaction does.
    TakeOut(Name, V),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct EntityTold<V: Ord> {
    is_touched: bool,
    kind: Option<Name>,
    attributes: BTreeMap<Name, Vec<(V, Hlc)>>,
    collections: BTreeMap<Name, BTreeSet<V>>,
}

/// The kind, the attributes and the collections.
type EntityShown<V> = (Option<Name>, BTreeMap<Name, Vec<V>>, BTreeMap<Name, BTreeSet<V>>);

type Attributes<V> = AwMap<Name, LwwRegister<V>>;
type Collections<V> = AwMap<Name, AwSet<V>>;

impl Word for Name {
    fn nth(n: u64) -> Self {
        format!("name {n}").into()
    }
}

/// A map of registers and a map of sets, and whether somebody touched it or took an attribute
/// away since it was last removed. Of the kinds that it was founded with, and that nobody who saw
/// them founded anew, the first by name.
impl<V: Word> Subject for Entity<V> {
    type Step = EntityStep<V>;
    type Told = EntityTold<V>;
    type Shown = EntityShown<V>;

    fn draw(dice: &mut Dice) -> EntityStep<V> {
        match dice.below(10) {
            0 if dice.chance(50) => EntityStep::Found(Name::nth(dice.below(3))),
            0 => EntityStep::Touch,
            1 if dice.removes() => EntityStep::TakeOut(Name::draw(dice), V::draw(dice)),
            1..5 => EntityStep::Collect(Name::draw(dice), AwSet::draw(dice)),
            _ if dice.removes() => EntityStep::Unset(Name::draw(dice)),
            _ => EntityStep::Set(Name::draw(dice), V::draw(dice), super::moment(dice)),
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &EntityStep<V>) {
        match step {
            EntityStep::Touch => edit.touch(),
            EntityStep::Found(kind) => edit.found(kind.clone()),
            EntityStep::Set(name, value, at) if *at == Hlc::from_ms(0) => {
                edit.set_named(name, value.clone(), *at);
            }
            EntityStep::Set(name, value, at) => edit.set(name, value.clone(), *at),
            EntityStep::Unset(name) => {
                let was_there = edit.read().attribute(name).is_some();
                assert_eq!(edit.unset(name), was_there);
            }
            EntityStep::Collect(name, step) => AwSet::take(edit.collection(name), step),
            EntityStep::TakeOut(name, element) => {
                if edit.collection(name).remove(element) {
                    edit.touch();
                }
            }
        }
    }

    fn told(&self) -> Option<EntityTold<V>> {
        let told = EntityTold {
            is_touched: !self.is_partial(),
            kind: self.kind().map(Name::from),
            attributes: self.attributes().told().unwrap_or_default(),
            collections: self.collections().told().unwrap_or_default(),
        };
        (!self.is_bottom()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, EntityStep<V>>]) -> Option<EntityTold<V>> {
        let kinds = kinds(deeds);
        let told = EntityTold {
            is_touched: !kinds.is_empty(),
            kind: kinds.into_iter().flatten().min(),
            attributes: Attributes::defined(&to_attributes(deeds)).unwrap_or_default(),
            collections: Collections::defined(&to_collections(deeds)).unwrap_or_default(),
        };
        let is_there =
            told.is_touched || !told.attributes.is_empty() || !told.collections.is_empty();
        is_there.then_some(told)
    }

    fn shown(&self) -> EntityShown<V> {
        let kind = self.kind().map(Name::from);
        (kind, self.attributes().shown(), self.collections().shown())
    }

    fn redraw(shown: &mut EntityShown<V>, change: EntityChange<V>) {
        let EntityChange { kind, attributes, collections } = change;
        assert!(kind.is_some() || !attributes.is_empty() || !collections.is_empty());
        if let Some(kind) = kind {
            let mut kinds: Vec<Name> = shown.0.take().into_iter().collect();
            redraw_values(&mut kinds, kind);
            shown.0 = kinds.pop();
        }
        if !attributes.is_empty() {
            Attributes::redraw(&mut shown.1, MapChange { entries: attributes });
        }
        if !collections.is_empty() {
            Collections::redraw(&mut shown.2, MapChange { entries: collections });
        }
    }
}

/// Of each actor's touches the last, if nothing took it away, with the kind that it stands for: a
/// touch goes on saying what its author's touch before it said, a founding ends all it saw.
fn kinds<V: Word>(deeds: &[Deed<'_, EntityStep<V>>]) -> Vec<Option<Name>> {
    let mut own: Vec<_> = deeds.iter().filter(|deed| is_touch(deed, deeds)).collect();
    own.sort_by_key(|deed| deed.id);
    let ends = |deed: &&Deed<'_, EntityStep<V>>| {
        matches!(deed.act, Act::Wipe | Act::Step(EntityStep::Found(_)))
    };
    let ended = |touch: &Deed<'_, EntityStep<V>>, before: Option<&Deed<'_, EntityStep<V>>>| {
        let known =
            |end: &Deed<'_, EntityStep<V>>| before.is_none_or(|before| before.happened_after(end));
        deeds.iter().filter(ends).any(|end| known(end) && end.happened_after(touch))
    };
    let mut last: BTreeMap<ActorId, (&Deed<'_, EntityStep<V>>, Option<Name>)> = BTreeMap::new();
    for deed in own {
        let kind = if let Act::Step(EntityStep::Found(kind)) = &deed.act {
            Some(kind.clone())
        } else {
            let before = last.get(&deed.author).filter(|(touch, _)| !ended(touch, Some(deed)));
            before.and_then(|(_, kind)| kind.clone())
        };
        last.insert(deed.author, (deed, kind));
    }
    let standing = last.into_values().filter(|(touch, _)| !ended(touch, None));
    standing.map(|(_, kind)| kind).collect()
}

/// Whether `deed` says that the entity is there, by the way or not.
fn is_touch<V: Word>(deed: &Deed<'_, EntityStep<V>>, deeds: &[Deed<'_, EntityStep<V>>]) -> bool {
    let before = || -> Vec<_> {
        let known = |other: &&Deed<'_, EntityStep<V>>| deed.happened_after(other);
        deeds.iter().filter(known).cloned().collect()
    };
    match &deed.act {
        Act::Step(EntityStep::Touch | EntityStep::Found(_)) => true,
        Act::Step(EntityStep::Unset(name)) => {
            let there = Attributes::defined(&to_attributes(&before()));
            there.is_some_and(|there| there.contains_key(name))
        }
        Act::Step(EntityStep::TakeOut(name, element)) => {
            let there = Collections::defined(&to_collections(&before()));
            there.is_some_and(|there| there.get(name).is_some_and(|set| set.contains(element)))
        }
        Act::Step(EntityStep::Set(..) | EntityStep::Collect(..)) | Act::Wipe => false,
    }
}

fn to_attributes<'a, V: Word>(
    deeds: &[Deed<'a, EntityStep<V>>],
) -> Vec<Deed<'a, MapStep<Name, RegisterStep<V>>>> {
    let below = |deed: &Deed<'a, EntityStep<V>>| {
        let act = match &deed.act {
            Act::Step(EntityStep::Set(name, value, at)) => {
                let write = RegisterStep::Write(value.clone(), *at);
                Act::Step(MapStep::Change(name.clone(), write, Way::Entry))
            }
            Act::Step(EntityStep::Unset(name)) => Act::Step(MapStep::Remove(name.clone())),
            Act::Step(
                EntityStep::Touch
                | EntityStep::Found(_)
                | EntityStep::Collect(..)
                | EntityStep::TakeOut(..),
            ) => return None,
            Act::Wipe => Act::Wipe,
        };
        Some(deed.as_seen_below(act))
    };
    deeds.iter().filter_map(below).collect()
}

fn to_collections<'a, V: Word>(
    deeds: &[Deed<'a, EntityStep<V>>],
) -> Vec<Deed<'a, MapStep<Name, SetStep<V>>>> {
    let below = |deed: &Deed<'a, EntityStep<V>>| {
        let act = match &deed.act {
            Act::Step(EntityStep::Collect(name, step)) => {
                Act::Step(MapStep::Change(name.clone(), step.clone(), Way::Entry))
            }
            Act::Step(EntityStep::TakeOut(name, element)) => {
                let step = SetStep::Remove(element.clone());
                Act::Step(MapStep::Change(name.clone(), step, Way::Entry))
            }
            Act::Step(
                EntityStep::Touch
                | EntityStep::Found(_)
                | EntityStep::Set(..)
                | EntityStep::Unset(_),
            ) => return None,
            Act::Wipe => Act::Wipe,
        };
        Some(deed.as_seen_below(act))
    };
    deeds.iter().filter_map(below).collect()
}
