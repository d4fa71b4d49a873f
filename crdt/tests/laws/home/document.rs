//! Documents, whose steps are taken in transactions, of which some are given up.

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Document;
use selkie_crdt::Draft;
use selkie_crdt::Entities;
use selkie_crdt::EntitiesChange;
use selkie_crdt::Guard;
use selkie_crdt::Hlc;
use selkie_crdt::JoinError;
use selkie_crdt::Name;
use selkie_crdt::Transaction;
use selkie_crdt::VersionVector;

use super::Home;
use crate::dice::Dice;
use crate::subject::EntityStep;
use crate::subject::MapStep;
use crate::subject::SetStep;
use crate::subject::Subject;
use crate::subject::Word;

type Step<V> = MapStep<Name, EntityStep<V>>;

impl<V: Word> Home<Entities<V>> for Document<V> {
    fn new(actor: ActorId) -> Self {
        Document::new(actor)
    }

    fn load(actor: ActorId, bytes: &[u8]) -> Self {
        Document::load(actor, bytes).expect("the bytes of a state can be loaded")
    }

    fn doc(&self) -> &Doc<Entities<V>> {
        self.doc()
    }

    /// A transaction has one time.
    fn draw(steps: usize, dice: &mut Dice) -> Vec<Step<V>> {
        let now = Hlc::from_ms(dice.below(4));
        (0..steps).map(|_| in_transactions(Entities::draw(dice), now)).collect()
    }

    fn change(&mut self, steps: &[Step<V>], dice: &mut Dice) -> Option<Delta<Entities<V>>> {
        let now = steps.iter().find_map(time_of).unwrap_or_default();
        if dice.chance(30) {
            give_up(self, &Self::draw(steps.len(), dice));
        }
        let done = |tx: &mut Transaction<'_, V>| {
            steps.iter().for_each(|step| take(tx, step));
            Ok::<_, GivenUp>(())
        };
        if dice.chance(50) {
            return self.transact(now, done).expect("nobody gave up").1;
        }
        let before = self.version();
        self.change(now, done).expect("nobody gave up");
        self.delta_since(&before)
    }

    fn join(&mut self, delta: Delta<Entities<V>>) -> Result<(), JoinError> {
        self.join(delta)
    }

    fn join_guarded(
        &mut self,
        delta: Delta<Entities<V>>,
        guard: impl FnOnce(&EntitiesChange<V>) -> Guard,
    ) -> Result<Option<EntitiesChange<V>>, JoinError> {
        self.join_guarded(delta, guard)
    }

    fn take_actor(&mut self, actor: ActorId) {
        self.take_actor(actor);
    }

    fn forget_stable(&mut self, stable: &VersionVector) {
        self.forget_stable(stable);
    }

    /// A document keeps as many as a [`Doc`] does of itself.
    fn keep_kills(&mut self, _kills_max: usize) {}
}

#[derive(Debug, Eq, PartialEq)]
struct GivenUp;

/// A transaction that takes all these steps and then is none.
fn give_up<V: Word>(document: &mut Document<V>, steps: &[Step<V>]) {
    let before = (document.version(), document.to_bytes(), document.entities().told());
    let result = document.transact(Hlc::from_ms(9), |tx| {
        steps.iter().for_each(|step| take(tx, step));
        Err::<(), _>(GivenUp)
    });
    assert_eq!(result.err(), Some(GivenUp));
    let after = (document.version(), document.to_bytes(), document.entities().told());
    assert_eq!(after, before, "a transaction that fails leaves no trace");
}

/// The step that a transaction can take instead: entities go one by one, at one time, and whoever
/// takes an element out leaves a touch.
fn in_transactions<V: Word>(step: Step<V>, now: Hlc) -> Step<V> {
    let MapStep::Change(id, step, way) = step else {
        return match step {
            MapStep::Clear => MapStep::Remove(Name::nth(0)),
            step => step,
        };
    };
    let step = match step {
        EntityStep::Set(name, value, _) => EntityStep::Set(name, value, now),
        EntityStep::Collect(name, SetStep::Remove(element)) => EntityStep::TakeOut(name, element),
        EntityStep::Collect(_, SetStep::Clear) => EntityStep::Touch,
        step => step,
    };
    MapStep::Change(id, step, way)
}

fn time_of<V>(step: &Step<V>) -> Option<Hlc> {
    match step {
        MapStep::Change(_, EntityStep::Set(_, _, at), _) => Some(*at),
        MapStep::Change(..) | MapStep::Remove(_) | MapStep::Clear => None,
    }
}

fn take<V: Word>(tx: &mut Transaction<'_, V>, step: &Step<V>) {
    match step {
        MapStep::Change(id, step, _) => change(&mut tx.entity(id), step),
        MapStep::Remove(id) => {
            let mut entity = tx.entity(id);
            let was_there = entity.exists();
            assert_eq!(entity.remove(), was_there);
            assert!(!entity.exists());
        }
        MapStep::Clear => unreachable!("a transaction does not clear"),
    }
}

/// Makes the change, and reads it back.
fn change<V: Word>(entity: &mut Draft<'_, V>, step: &EntityStep<V>) {
    match step {
        EntityStep::Touch => drop(entity.touch().exists()),
        EntityStep::Found(kind) => assert_eq!(entity.found(kind).kind(), Some(&**kind)),
        EntityStep::Set(name, value, _) => {
            assert_eq!(entity.set(name, value.clone()).attribute(name), Some(value));
        }
        EntityStep::Unset(name) => {
            let was_there = entity.attribute(name).is_some();
            assert_eq!(entity.unset(name), was_there);
            assert_eq!(entity.attribute(name), None);
        }
        EntityStep::Collect(name, SetStep::Add(element)) => {
            assert!(entity.add(name, element.clone()).contains(name, element));
        }
        EntityStep::TakeOut(name, element) => {
            let was_there = entity.contains(name, element);
            assert_eq!(entity.remove_from(name, element), was_there);
            assert!(!entity.contains(name, element));
        }
        EntityStep::Collect(_, SetStep::Remove(_) | SetStep::Clear) => {
            unreachable!("a transaction takes elements out one by one")
        }
    }
}
