//! Each name once.

use alloc::sync::Arc;
use core::hash::Hash;
use core::hash::Hasher;
use core::ptr;

use crate::entity::Name;
use crate::mark::Mark;
use crate::table::Table;

/// The names that a document uses, so that equal ones are one allocation.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Table<Name, ()>);

/// A name out of [`Names`]: equal ones are in one place, and are told apart by that.
#[derive(Clone, Debug)]
pub(super) struct Shared(Name);

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
        let slot = self.0.find_or_add(name, (), &no_marks);
        self.at(slot)
    }

    fn at(&self, slot: u32) -> Shared {
        Shared(Arc::clone(self.0.key(slot)))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a table hands out references")]
fn no_marks(_: u32, _: &(), _: &mut dyn FnMut(Mark)) {}

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
