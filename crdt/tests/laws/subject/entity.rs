//! The entity.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::Entity;
use selkie_crdt::Hlc;
use selkie_crdt::LwwRegister;
use selkie_crdt::Name;

use super::MapStep;
use super::RegisterStep;
use super::SetStep;
use super::Subject;
use super::Way;
use super::Word;
use crate::deed::Act;
use crate::deed::Deed;
use crate::deed::standing;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum EntityStep<V> {
    Touch,
    Set(Name, V, Hlc),
    Unset(Name),
    Collect(Name, SetStep<V>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct EntityTold<V: Ord> {
    is_touched: bool,
    attributes: BTreeMap<Name, Vec<(V, Hlc)>>,
    collections: BTreeMap<Name, BTreeSet<V>>,
}

type Attributes<V> = AwMap<Name, LwwRegister<V>>;
type Collections<V> = AwMap<Name, AwSet<V>>;

impl Word for Name {
    fn nth(n: u64) -> Self {
        format!("name {n}").into()
    }
}

/// A map of registers and a map of sets, and whether somebody touched it or took an attribute
/// away since it was last removed.
impl<V: Word> Subject for Entity<V> {
    type Step = EntityStep<V>;
    type Told = EntityTold<V>;

    fn draw(dice: &mut Dice) -> EntityStep<V> {
        match dice.below(10) {
            0 => EntityStep::Touch,
            1..5 => EntityStep::Collect(Name::draw(dice), AwSet::draw(dice)),
            _ if dice.removes() => EntityStep::Unset(Name::draw(dice)),
            _ => EntityStep::Set(Name::draw(dice), V::draw(dice), super::moment(dice)),
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &EntityStep<V>) {
        match step {
            EntityStep::Touch => edit.touch(),
            EntityStep::Set(name, value, at) if *at == Hlc::from_ms(0) => {
                edit.set_named(name, value.clone(), *at);
            }
            EntityStep::Set(name, value, at) => edit.set(name, value.clone(), *at),
            EntityStep::Unset(name) => {
                let was_there = edit.read().attribute(name).is_some();
                assert_eq!(edit.unset(name), was_there);
            }
            EntityStep::Collect(name, step) => AwSet::take(edit.collection(name), step),
        }
    }

    fn told(&self) -> Option<EntityTold<V>> {
        let told = EntityTold {
            is_touched: !self.is_partial(),
            attributes: self.attributes().told().unwrap_or_default(),
            collections: self.collections().told().unwrap_or_default(),
        };
        (!self.is_bottom()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, EntityStep<V>>]) -> Option<EntityTold<V>> {
        let touches = |act: &Act<EntityStep<V>>| {
            matches!(act, Act::Step(EntityStep::Touch | EntityStep::Unset(_)))
        };
        let touched = standing(deeds, touches, |act| matches!(act, Act::Wipe));
        let is_touched = touched.iter().any(|deed| match &deed.act {
            Act::Step(EntityStep::Unset(name)) => took_away(deed, name, deeds),
            _ => true,
        });
        let told = EntityTold {
            is_touched,
            attributes: Attributes::defined(&to_attributes(deeds)).unwrap_or_default(),
            collections: Collections::defined(&to_collections(deeds)).unwrap_or_default(),
        };
        let is_there = is_touched || !told.attributes.is_empty() || !told.collections.is_empty();
        is_there.then_some(told)
    }
}

/// Whether the author of `unset` saw the attribute.
fn took_away<V: Word>(
    unset: &Deed<'_, EntityStep<V>>,
    name: &Name,
    deeds: &[Deed<'_, EntityStep<V>>],
) -> bool {
    let before = |deed: &&Deed<'_, EntityStep<V>>| unset.happened_after(deed);
    let before: Vec<_> = deeds.iter().filter(before).cloned().collect();
    Attributes::defined(&to_attributes(&before)).is_some_and(|there| there.contains_key(name))
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
            Act::Step(EntityStep::Touch | EntityStep::Collect(..)) => return None,
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
            Act::Step(EntityStep::Touch | EntityStep::Set(..) | EntityStep::Unset(_)) => {
                return None;
            }
            Act::Wipe => Act::Wipe,
        };
        Some(deed.as_seen_below(act))
    };
    deeds.iter().filter_map(below).collect()
}
