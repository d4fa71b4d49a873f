//! A store, for as long as somebody works with it.

use std::ops::Deref;
use std::sync::Arc;

use crate::store::Store;

/// A store that outlives whoever works with it, or a share of one.
///
/// A share is for work that goes from hand to hand: what arrives of a transfer, on whichever thread it does.
#[derive(Clone, Debug)]
pub enum Lent<'a> {
    /// It outlives the work.
    Borrowed(&'a Store),
    /// It lives at least as long.
    Shared(Arc<Store>),
}

impl Deref for Lent<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        match self {
            Self::Borrowed(store) => store,
            Self::Shared(store) => store,
        }
    }
}

impl<'a> From<&'a Store> for Lent<'a> {
    fn from(store: &'a Store) -> Self {
        Self::Borrowed(store)
    }
}

impl From<Arc<Store>> for Lent<'static> {
    fn from(store: Arc<Store>) -> Self {
        Self::Shared(store)
    }
}

impl<'a> From<&'a Arc<Store>> for Lent<'a> {
    fn from(store: &'a Arc<Store>) -> Self {
        Self::Borrowed(store)
    }
}
