//! Each name once.

use alloc::sync::Arc;

use crate::causal::Causal;
use crate::entity::Entities;
use crate::entity::Entity;
use crate::entity::Name;
use crate::table::Table;
use crate::table::unmarked;
use crate::value::Element;

/// The names that a document uses, so that equal ones are one allocation.
#[derive(Clone, Debug)]
pub(super) struct Names(Table<Name, ()>);

/// A name by its place in [`Names`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Shared(u32);

impl Default for Names {
    fn default() -> Self {
        let mut names = Table::default();
        // Every attribute of a transaction is looked up here: by an index from the first on.
        names.reserve(NAMES, &unmarked);
        Self(names)
    }
}

/// How many names a document has room for to begin with.
const NAMES: usize = 64;

impl Names {
    /// The shared name that is spelled so, if it is in use.
    pub(super) fn find(&self, name: &str) -> Option<Shared> {
        self.0.find(name).map(Shared)
    }

    /// The shared name that is spelled so.
    pub(super) fn of(&mut self, name: &str) -> Shared {
        self.find(name).unwrap_or_else(|| self.keep(name.into()))
    }

    /// Puts the names in use here in the place of equal ones in `delta`.
    pub(super) fn share_all<V: Element>(&mut self, delta: &mut <Entities<V> as Causal>::Delta) {
        Entity::<V>::share_names(delta, &mut |name| self.share(name));
    }

    /// Puts the shared name in the place of `name`, which becomes the shared one if it is new.
    fn share(&mut self, name: &mut Name) {
        let shared = self.keep(Arc::clone(name));
        *name = Arc::clone(self.name(shared));
    }

    /// How it is spelled.
    pub(super) fn name(&self, shared: Shared) -> &Name {
        self.0.key(shared.0)
    }

    fn keep(&mut self, name: Name) -> Shared {
        Shared(self.0.find_or_add(name, (), &unmarked))
    }
}
