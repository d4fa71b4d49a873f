//! Each name once.

use alloc::sync::Arc;
use core::hash::Hash;
use core::hash::Hasher;
use core::ptr;

use crate::entity::Name;
use crate::table::Table;
use crate::table::unmarked;

/// The names that a document uses, so that equal ones are one allocation.
#[derive(Clone, Debug)]
pub(super) struct Names(Table<Name, ()>);

/// A name out of [`Names`]: equal ones are in one place, and are told apart by that.
#[derive(Clone, Debug)]
pub(super) struct Shared(Name);

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
        self.0.find(name).map(|slot| self.at(slot))
    }

    /// The shared name that is spelled so.
    pub(super) fn of(&mut self, name: &str) -> Shared {
        self.find(name).unwrap_or_else(|| self.keep(name.into()))
    }

    /// Puts the shared name in the place of `name`, which becomes the shared one if it is new.
    pub(super) fn share(&mut self, name: &mut Name) {
        *name = self.keep(Arc::clone(name)).0;
    }

    fn keep(&mut self, name: Name) -> Shared {
        let slot = self.0.find_or_add(name, (), &unmarked);
        self.at(slot)
    }

    fn at(&self, slot: u32) -> Shared {
        Shared(Arc::clone(self.0.key(slot)))
    }
}

impl Shared {
    pub(super) fn name(&self) -> &Name {
        &self.0
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(Arc::as_ptr(&self.0).cast::<u8>(), state);
    }
}
