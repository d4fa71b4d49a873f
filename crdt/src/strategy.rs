//! How concurrent writes are settled without anybody writing.
//!
//! A strategy is a function from the claims at a place to a value, or to the answer that a person
//! must decide. Every replica that holds the same claims computes the same, whatever order they
//! came in, so nothing needs to be written: the claims stay, and what is read from them is a
//! view. Only a person's decision is a write. It ends all that the person saw, and so settles
//! the place for everyone.
//!
//! What a function of the caller's returns must depend on nothing but its arguments, and all
//! replicas must use the same: no clock, no chance, no setting of one machine.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::actor::ActorId;
use crate::claim::Claim;
use crate::value::Value;

/// A rule that settles concurrent writes.
///
/// Claims that all say the same are settled under every strategy, also under
/// [`Strategy::Person`]: nobody disagrees.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister, Strategy};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut at_east: Doc<LwwRegister<u32>> = Doc::new(east);
/// let mut at_west: Doc<LwwRegister<u32>> = Doc::new(west);
/// at_east.edit().write(7, Hlc::from_ms(1));
/// at_west.edit().write(9, Hlc::from_ms(2));
/// at_east.merge(&at_west)?;
/// at_west.merge(&at_east)?;
///
/// let settle = |strategy: &Strategy<u32>, doc: &Doc<LwwRegister<u32>>| {
///     strategy.settle(doc.claims(doc.root())).and_then(|verdict| verdict.settled().copied())
/// };
/// let most = Strategy::merge(|values| **values.iter().max().expect("two at least"));
/// for doc in [&at_east, &at_west] {
///     assert_eq!(settle(&Strategy::FirstWrite, doc), Some(7));
///     assert_eq!(settle(&Strategy::authority([east]), doc), Some(7));
///     assert_eq!(settle(&most, doc), Some(9));
///     assert_eq!(settle(&Strategy::Person, doc), None);
/// }
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub enum Strategy<V> {
    /// The last write, by hybrid time, then actor, then bytes: what the register itself reads.
    LastWrite,
    /// The first write, in the same order.
    FirstWrite,
    /// One value made of all: see [`Strategy::merge`].
    Merge(Arc<MergeFn<V>>),
    /// What the first of these actors wrote that wrote at all; of several writes the last. Open
    /// if none of them did.
    ///
    /// An actor is one incarnation of a replica, so the list names those that a person had.
    Authority(Vec<ActorId>),
    /// What a function of the caller's chooses: see [`Strategy::custom`].
    Custom(Arc<CustomFn<V>>),
    /// The first of these that settles it.
    InTurn(Vec<Self>),
    /// A person decides.
    Person,
}

/// Makes one value of several. They come with the earliest claim first, at least two of them
/// different.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister, MergeFn, Strategy};
/// use std::sync::Arc;
/// let longest: Arc<MergeFn<String>> = Arc::new(|names| {
///     names.iter().max_by_key(|name| name.len()).map(|name| (*name).clone()).unwrap_or_default()
/// });
/// let strategy = Strategy::Merge(longest);
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<LwwRegister<String>>::new(east), Doc::<LwwRegister<String>>::new(west));
/// east.edit().write("Elizabeth".into(), Hlc::from_ms(1));
/// west.edit().write("Liz".into(), Hlc::from_ms(2));
/// east.merge(&west)?;
/// let verdict = strategy.settle(east.claims(east.root()));
/// assert_eq!(verdict.and_then(|verdict| verdict.settled().cloned()).as_deref(), Some("Elizabeth"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub type MergeFn<V> = dyn Fn(&[&V]) -> V + Send + Sync;

/// Chooses or makes a value, or leaves the claims to a person. They come with the earliest
/// first, at least two of them different.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister, Strategy};
/// /// Small differences are settled, large ones wait for a person.
/// let close = Strategy::<u64>::custom(|claims| {
///     let (least, most) = (claims.iter().map(|c| *c.value).min()?, claims.iter().map(|c| *c.value).max()?);
///     (most - least < 10).then_some(most)
/// });
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<LwwRegister<u64>>::new(east), Doc::<LwwRegister<u64>>::new(west));
/// east.edit().write(95, Hlc::from_ms(1));
/// west.edit().write(99, Hlc::from_ms(1));
/// east.merge(&west)?;
/// let verdict = close.settle(east.claims(east.root())).expect("two claim");
/// assert_eq!(verdict.settled(), Some(&99));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub type CustomFn<V> = dyn Fn(&[Claim<'_, V>]) -> Option<V> + Send + Sync;

/// What a strategy makes of the claims at one place.
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc, Rules, Strategy};
/// use std::convert::Infallible;
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<u64>::new(east), Document::<u64>::new(west));
/// for (replica, price) in [(&mut east, 3), (&mut west, 4)] {
///     replica.change(Hlc::from_ms(1), |tx| {
///         tx.entity("tea").set("price", price);
///         Ok::<_, Infallible>(())
///     })?;
/// }
/// east.merge(&west)?;
/// // One rule gives a verdict, another leaves it open.
/// let highest = Rules::new(Strategy::merge(|claims| **claims.iter().max().expect("two claim")));
/// assert_eq!(*east.settle("tea", &highest).expect("it is there").settled["price"], 4);
/// assert_eq!(east.open(&Rules::new(Strategy::Person)).len(), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict<'a, V: Clone> {
    /// The value: one of those that were claimed, or one made of them.
    Settled(Cow<'a, V>),
    /// A person must decide between these, the earliest first. Whoever writes, settles it.
    Open(Vec<Claim<'a, V>>),
}

impl<V: Value> Strategy<V> {
    /// The strategy that makes one value of all that were claimed.
    ///
    /// `merge` must depend on nothing but its argument.
    pub fn merge(merge: impl Fn(&[&V]) -> V + Send + Sync + 'static) -> Self {
        Self::Merge(Arc::new(merge))
    }

    /// The strategy where these actors have the say, the first of them before the others.
    pub fn authority(actors: impl IntoIterator<Item = ActorId>) -> Self {
        Self::Authority(actors.into_iter().collect())
    }

    /// The strategy that `choose` is. It must depend on nothing but its argument.
    pub fn custom(choose: impl Fn(&[Claim<'_, V>]) -> Option<V> + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(choose))
    }

    /// This strategy, and `other` for what it leaves open.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::InTurn(mut strategies) => {
                strategies.push(other);
                Self::InTurn(strategies)
            }
            Self::LastWrite
            | Self::FirstWrite
            | Self::Merge(_)
            | Self::Authority(_)
            | Self::Custom(_)
            | Self::Person => Self::InTurn(alloc::vec![self, other]),
        }
    }

    /// What becomes of `claims`, in whatever order they come. `None` of none.
    #[must_use]
    pub fn settle<'a>(
        &self,
        claims: impl IntoIterator<Item = Claim<'a, V>>,
    ) -> Option<Verdict<'a, V>> {
        let mut claims: Vec<_> = claims.into_iter().collect();
        claims.sort_by(Claim::order);
        let last = claims.last()?.value;
        if claims.iter().all(|claim| claim.value == last) {
            return Some(Verdict::Settled(Cow::Borrowed(last)));
        }
        Some(self.choose(&claims).map_or(Verdict::Open(claims), Verdict::Settled))
    }

    /// The value for `claims`, which are in order and disagree.
    fn choose<'a>(&self, claims: &[Claim<'a, V>]) -> Option<Cow<'a, V>> {
        let borrowed = |claim: &Claim<'a, V>| Cow::Borrowed(claim.value);
        match self {
            Self::LastWrite => claims.last().map(borrowed),
            Self::FirstWrite => claims.first().map(borrowed),
            Self::Merge(merge) => {
                let values: Vec<_> = claims.iter().map(|claim| claim.value).collect();
                Some(Cow::Owned(merge(&values)))
            }
            Self::Authority(actors) => {
                let last_of = |actor: &ActorId| claims.iter().rfind(|claim| claim.actor == *actor);
                actors.iter().find_map(last_of).map(borrowed)
            }
            Self::Custom(choose) => choose(claims).map(Cow::Owned),
            Self::InTurn(strategies) => {
                strategies.iter().find_map(|strategy| strategy.choose(claims))
            }
            Self::Person => None,
        }
    }
}

impl<V: Clone> Verdict<'_, V> {
    /// The value, if there is one.
    #[must_use]
    pub fn settled(&self) -> Option<&V> {
        match self {
            Self::Settled(value) => Some(value),
            Self::Open(_) => None,
        }
    }
}

impl<V> Clone for Strategy<V> {
    fn clone(&self) -> Self {
        match self {
            Self::LastWrite => Self::LastWrite,
            Self::FirstWrite => Self::FirstWrite,
            Self::Merge(merge) => Self::Merge(Arc::clone(merge)),
            Self::Authority(actors) => Self::Authority(actors.clone()),
            Self::Custom(choose) => Self::Custom(Arc::clone(choose)),
            Self::InTurn(strategies) => Self::InTurn(strategies.clone()),
            Self::Person => Self::Person,
        }
    }
}

impl<V> fmt::Debug for Strategy<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastWrite => f.write_str("LastWrite"),
            Self::FirstWrite => f.write_str("FirstWrite"),
            Self::Merge(_) => f.write_str("Merge(..)"),
            Self::Authority(actors) => f.debug_tuple("Authority").field(actors).finish(),
            Self::Custom(_) => f.write_str("Custom(..)"),
            Self::InTurn(strategies) => f.debug_tuple("InTurn").field(strategies).finish(),
            Self::Person => f.write_str("Person"),
        }
    }
}
