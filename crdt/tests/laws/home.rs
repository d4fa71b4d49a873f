//! Where a replica keeps its value.

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Guard;
use selkie_crdt::JoinError;
use selkie_crdt::VersionVector;

use crate::dice::Dice;
use crate::subject::Subject;

mod document;

/// A replica of a value of type `T`: a [`Doc`], or what is built on one.
pub(crate) trait Home<T: Subject>: Clone {
    fn new(actor: ActorId) -> Self;

    fn load(actor: ActorId, bytes: &[u8]) -> Self;

    fn doc(&self) -> &Doc<T>;

    /// Draws as many steps, such as can be taken together.
    fn draw(steps: usize, dice: &mut Dice) -> Vec<T::Step>;

    /// Takes steps, and returns what a peer lacks who saw all before.
    fn change(&mut self, steps: &[T::Step], dice: &mut Dice) -> Option<Delta<T>>;

    fn join(&mut self, delta: Delta<T>) -> Result<(), JoinError>;

    fn join_guarded(
        &mut self,
        delta: Delta<T>,
        guard: impl FnOnce(&T::Change) -> Guard,
    ) -> Result<Option<T::Change>, JoinError>;

    fn take_actor(&mut self, actor: ActorId);

    fn forget_stable(&mut self, stable: &VersionVector);

    fn keep_kills(&mut self, kills_max: usize);
}

impl<T: Subject> Home<T> for Doc<T> {
    fn new(actor: ActorId) -> Self {
        Doc::new(actor)
    }

    fn load(actor: ActorId, bytes: &[u8]) -> Self {
        Doc::load(actor, bytes).expect("the bytes of a state can be loaded")
    }

    fn doc(&self) -> &Doc<T> {
        self
    }

    fn draw(steps: usize, dice: &mut Dice) -> Vec<T::Step> {
        (0..steps).map(|_| T::draw(dice)).collect()
    }

    fn change(&mut self, steps: &[T::Step], _dice: &mut Dice) -> Option<Delta<T>> {
        self.update(|mut edit| {
            for step in steps {
                T::take(edit.part(|root| root), step);
            }
        })
    }

    fn join(&mut self, delta: Delta<T>) -> Result<(), JoinError> {
        self.join(delta)
    }

    fn join_guarded(
        &mut self,
        delta: Delta<T>,
        guard: impl FnOnce(&T::Change) -> Guard,
    ) -> Result<Option<T::Change>, JoinError> {
        self.join_guarded(delta, guard)
    }

    fn take_actor(&mut self, actor: ActorId) {
        self.take_actor(actor);
    }

    fn forget_stable(&mut self, stable: &VersionVector) {
        self.forget_stable(stable);
    }

    fn keep_kills(&mut self, kills_max: usize) {
        self.keep_kills(kills_max);
    }
}
