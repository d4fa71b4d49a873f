//! A small ordered collection whose items can be moved.
//!
//! State: under the name of each item its place and its content, in an add-wins map. A place is a
//! last-write register of a position, so a move writes where an item stands and cannot make two of
//! it, and of concurrent moves the last one by hybrid time holds. Positions have room between any
//! two; what is put into one gap at the same time stays, in the same order everywhere.
//!
//! Removing an item ends what its author saw of it. A concurrent change of its content brings back
//! what was changed, at its place, because whoever opens an item for changes says once more that
//! it is there. A concurrent move does not: nothing of the content would be left.
//!
//! Kleppmann, *Moving elements in list CRDTs* (2020), section 3: position as a register.

use alloc::vec::Vec;
use core::fmt;

use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Refusal;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::map::AwMap;
use crate::mark::Mark;
use crate::register::LwwRegister;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

mod cast;
mod contest;
pub(crate) mod item;
pub(crate) mod observe;
mod place;
mod position;

use self::item::ItemId;
use self::place::Place;
use self::position::Line;
use self::position::Position;

/// A list of replicated values, where moving never doubles and concurrent inserts all stay.
///
/// Made for up to some thousand items: an insert, a move, a removal and an item of a delta each
/// take a search and shift the items behind. Reading in order sorts nothing.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, List, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<List<LwwRegister<String>>> = Doc::new(east);
/// let mut west: Doc<List<LwwRegister<String>>> = Doc::new(west);
/// let milk = east.edit().push("milk".into(), Hlc::from_ms(1));
/// let eggs = east.edit().push("eggs".into(), Hlc::from_ms(2));
/// west.merge(&east)?;
///
/// east.edit().move_to(eggs, 0, Hlc::from_ms(3));
/// west.edit().move_to(eggs, 0, Hlc::from_ms(4));
/// west.edit().write(milk, "oat milk".into(), Hlc::from_ms(5));
/// east.merge(&west)?;
/// assert_eq!(east.root().values().collect::<Vec<_>>(), ["eggs", "oat milk"]);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct List<C> {
    items: AwMap<ItemId, Item<C>>,
    order: Vec<ItemId>, // invariant: those that are there, ascending by position and name
}

type Item<C> = (Place, C);

/// How many items a join may tell of, and one more for each so many in the list, before sorting
/// all is quicker than seating each.
const SEATED_MAX: usize = 16;

impl<C> Default for List<C> {
    fn default() -> Self {
        Self { items: AwMap::default(), order: Vec::new() }
    }
}

impl<C: Causal> List<C> {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The names and contents of the items, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ItemId, &C)> {
        self.order.iter().filter_map(|item| Some((*item, self.item(*item)?)))
    }

    /// The content of the item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&C> {
        self.item(self.id_at(index)?)
    }

    /// The name of the item at `index`.
    #[must_use]
    pub fn id_at(&self, index: usize) -> Option<ItemId> {
        self.order.get(index).copied()
    }

    /// The content of `item`.
    #[must_use]
    pub fn item(&self, item: ItemId) -> Option<&C> {
        let (place, content) = self.items.get(&item)?;
        place.position().map(|_| content)
    }

    /// At which index `item` stands.
    #[must_use]
    pub fn index_of(&self, item: ItemId) -> Option<usize> {
        self.position(item).map(|position| self.seat_of(item, position))
    }

    fn position(&self, item: ItemId) -> Option<&Position> {
        self.items.get(&item).and_then(|(place, _)| place.position())
    }

    /// Where in the order an item of this position belongs.
    fn seat_of(&self, item: ItemId, position: &Position) -> usize {
        let stands_before =
            |other: &ItemId| (self.position(*other), *other) < (Some(position), item);
        self.order.partition_point(stands_before)
    }

    /// Takes `item` out of the order; before its place changes.
    fn unseat(&mut self, item: ItemId) {
        if let Some(index) = self.index_of(item) {
            self.order.remove(index);
        }
    }

    /// Puts `item` into the order, if it is there; after its place has changed.
    fn seat(&mut self, item: ItemId) {
        if let Some(index) = self.index_of(item) {
            self.order.insert(index, item);
        }
    }

    fn seat_all(&mut self) {
        let position = |(item, (place, _)): (&ItemId, &Item<C>)| {
            place.position().map(|position| (position.clone(), *item))
        };
        let mut seats: Vec<_> = self.items.iter().filter_map(position).collect();
        seats.sort_unstable();
        self.order = seats.into_iter().map(|(_, item)| item).collect();
    }

    /// A position for what shall stand at `index`, in a line of `line`.
    fn position_at(&self, index: usize, line: Line) -> Position {
        let (before, after) = self.order.split_at(index.min(self.order.len()));
        let lower = before.last().and_then(|item| self.position(*item));
        // Between items that share a position there is no room: it stands behind them.
        let mut after = after.iter().filter_map(|item| self.position(*item));
        let upper = after.find(|upper| lower.is_none_or(|lower| *upper > lower));
        Position::between(lower, upper, line)
    }
}

impl<V: Value> List<LwwRegister<V>> {
    /// The values of the items, in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().filter_map(|(_, register)| register.read())
    }
}

impl<C: Causal> Edit<'_, List<C>> {
    /// Makes an item without content at `index`, or at the end if that is beyond it.
    pub fn insert_item(&mut self, index: usize, at: Hlc) -> ItemId {
        let line = Line::of(self.cx.roster.actor(self.cx.me));
        let position = self.at.position_at(index, line);
        let item = ItemId::of(self.cx.roster.dot(self.cx.upcoming()));
        // A liar may have told of an item by this name before it was made.
        self.at.unseat(item);
        let mut items = self.part(|list| &mut list.items);
        items.entry(item).part(|(place, _)| place).make(position, at);
        self.at.seat(item);
        item
    }

    /// Makes an item without content at the end.
    pub fn push_item(&mut self, at: Hlc) -> ItemId {
        self.insert_item(self.at.len(), at)
    }

    /// The content of `item`, open for changes; it then survives a concurrent removal.
    ///
    /// Opening it takes a change, also if nothing is changed afterwards.
    pub fn item(&mut self, item: ItemId) -> Option<Edit<'_, C>> {
        self.at.position(item)?;
        let items = Edit { at: &mut self.at.items, cx: &mut *self.cx };
        let mut parts = items.into_entry(item);
        parts.part(|(place, _)| place).renew();
        Some(parts.into_part(|(_, content)| content))
    }

    /// Moves `item` to where it has `index` afterwards, or to the end if that is beyond it. Tells
    /// whether the item is there. If it stands there already, nothing changes.
    pub fn move_to(&mut self, item: ItemId, index: usize, at: Hlc) -> bool {
        let Some(stood_at) = self.at.index_of(item) else { return false };
        if stood_at == index.min(self.at.len() - 1) {
            return true;
        }
        self.at.order.remove(stood_at);
        let line = Line::of(self.cx.roster.actor(self.cx.me));
        let position = self.at.position_at(index, line);
        if let Some(mut parts) = self.part(|list| &mut list.items).existing(&item) {
            parts.part(|(place, _)| place).move_to(position, at);
        }
        self.at.seat(item);
        true
    }

    /// Removes `item`. Tells whether it was there.
    pub fn remove(&mut self, item: ItemId) -> bool {
        let Some(index) = self.at.index_of(item) else { return false };
        self.at.order.remove(index);
        self.part(|list| &mut list.items).remove(&item);
        self.sweep();
        true
    }

    /// Removes all items, by one change.
    pub fn clear(&mut self) {
        self.at.order.clear();
        self.part(|list| &mut list.items).clear();
    }

    /// Ends what concurrent moves have left of items that were removed.
    fn sweep(&mut self) {
        if self.at.items.len() == self.at.order.len() {
            return;
        }
        let mut left: Vec<_> = self.at.items.keys().copied().collect();
        left.retain(|item| self.at.position(*item).is_none());
        // By name, or the changes would depend on the order of a table.
        left.sort_unstable();
        for item in left {
            self.part(|list| &mut list.items).remove(&item);
        }
    }
}

/// Lists of plain values.
impl<V: Value> Edit<'_, List<LwwRegister<V>>> {
    /// Inserts `value` at `index`, or at the end if that is beyond it.
    pub fn insert(&mut self, index: usize, value: V, at: Hlc) -> ItemId {
        let item = self.insert_item(index, at);
        if let Some(mut parts) = self.part(|list| &mut list.items).existing(&item) {
            parts.part(|(_, content)| content).write(value, at);
        }
        item
    }

    /// Appends `value`.
    pub fn push(&mut self, value: V, at: Hlc) -> ItemId {
        self.insert(self.at.len(), value, at)
    }

    /// Writes `value` over that of `item`. Tells whether the item is there.
    pub fn write(&mut self, item: ItemId, value: V, at: Hlc) -> bool {
        self.item(item).map(|mut content| content.write(value, at)).is_some()
    }
}

impl<C: Causal> Causal for List<C> {
    type Delta = <AwMap<ItemId, Item<C>> as Causal>::Delta;
    const SHAPE: Shape = Shape::of("list", &[<AwMap<ItemId, Item<C>> as Causal>::SHAPE]);

    fn is_bottom(&self) -> bool {
        self.items.is_bottom()
    }

    fn each_mark(&self, visit: &mut dyn FnMut(Mark)) {
        self.items.each_mark(visit);
    }

    fn holds(&self, mark: Mark) -> bool {
        self.items.holds(mark)
    }

    fn kill(&mut self, mark: Mark) -> bool {
        let Some(item) = self.items.key_of(mark).copied() else { return false };
        self.unseat(item);
        let was_here = self.items.kill(mark);
        self.seat(item);
        was_here
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta> {
        self.items.cut(cut)
    }

    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal> {
        self.items.check(delta, join)
    }

    fn join(&mut self, delta: Self::Delta, join: &Join<'_>) {
        let mut told: Vec<ItemId> = self.items.keys_in(&delta).copied().collect();
        // A liar may tell of a new item twice.
        told.sort_unstable();
        told.dedup();
        if told.len() > SEATED_MAX + self.len() / SEATED_MAX {
            self.items.join(delta, join);
            return self.seat_all();
        }
        told.iter().for_each(|item| self.unseat(*item));
        self.items.join(delta, join);
        told.iter().for_each(|item| self.seat(*item));
    }

    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark)) {
        AwMap::<ItemId, Item<C>>::each_delta_mark(delta, visit);
    }

    fn first_mark(delta: &Self::Delta) -> Mark {
        AwMap::<ItemId, Item<C>>::first_mark(delta)
    }

    fn write_column(deltas: &[&Self::Delta], out: &mut Writer) {
        AwMap::<ItemId, Item<C>>::write_column(deltas, out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError> {
        AwMap::<ItemId, Item<C>>::read_column(count, input)
    }
}

impl<C: Causal + fmt::Debug> fmt::Debug for List<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(_, content)| content)).finish()
    }
}

impl<C: Causal + PartialEq> PartialEq for List<C> {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order && self.items == other.items
    }
}

impl<C: Causal + Eq> Eq for List<C> {}
