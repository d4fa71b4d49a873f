//! What one writer holds a value to be, while others hold otherwise.
//!
//! Claims stand in one order on every replica: by hybrid time, then by actor, then by the bytes
//! of the value. Whatever is decided from claims in this order is decided alike everywhere.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::actor::ActorId;
use crate::causal::Causal;
use crate::doc::Doc;
use crate::hlc::Hlc;
use crate::register::LwwRegister;
use crate::value::Value;

/// A value with who wrote it and when, which nobody has overwritten yet.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut at_east: Doc<LwwRegister<u32>> = Doc::new(east);
/// let mut at_west: Doc<LwwRegister<u32>> = Doc::new(west);
/// at_east.edit().write(7, Hlc::from_ms(2));
/// at_west.edit().write(9, Hlc::from_ms(1));
/// at_east.merge(&at_west)?;
///
/// let claims = at_east.claims(at_east.root());
/// let told: Vec<_> = claims.iter().map(|claim| (claim.actor, *claim.value)).collect();
/// assert_eq!(told, [(west, 9), (east, 7)]);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Debug, Eq, PartialEq)]
pub struct Claim<'a, V> {
    /// What was written.
    pub value: &'a V,
    /// When.
    pub at: Hlc,
    /// By whom.
    pub actor: ActorId,
}

impl<V: Value> Claim<'_, V> {
    /// How this stands to `other` in the order that all replicas share: the earliest first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let by_bytes = || self.value.to_bytes().cmp(&other.value.to_bytes());
        self.at.cmp(&other.at).then(self.actor.cmp(&other.actor)).then_with(by_bytes)
    }
}

impl<T: Causal> Doc<T> {
    /// What was written to `register`, a place of this document, and not overwritten yet: the
    /// earliest first, nothing if it is empty.
    #[must_use]
    pub fn claims<'a, V: Value>(&self, register: &'a LwwRegister<V>) -> Vec<Claim<'a, V>> {
        let claim = |(mark, at, value)| Claim { value, at, actor: self.writer_of(mark) };
        let mut claims: Vec<_> = register.writes().map(claim).collect();
        claims.sort_by(Claim::order);
        claims
    }
}

impl<V> Clone for Claim<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Claim<'_, V> {}
