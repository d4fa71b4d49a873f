//! An order in which members take turns.

use crate::dice::Dice;
use crate::identity::node_id::NodeId;

/// Names in some order, each once a round, in another order each round. Names that are no longer wanted may
/// stand in it, and some twice, until the next round begins.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    order: Vec<NodeId>,
    at: usize,
}

impl Ring {
    /// A newcomer, somewhere in what is left of the round, so that it is neither first for all nor last.
    pub(crate) fn insert(&mut self, id: NodeId, dice: &mut Dice) {
        self.order.push(id);
        let last = self.order.len() - 1;
        let place = self.at + dice.index(last + 1 - self.at);
        self.order.swap(place, last);
    }

    /// The next in this round; none when it is over.
    pub(crate) fn next(&mut self) -> Option<NodeId> {
        let next = self.order.get(self.at).copied()?;
        self.at += 1;
        Some(next)
    }

    /// Begins a round of these.
    pub(crate) fn begin(&mut self, ids: Vec<NodeId>, dice: &mut Dice) {
        (self.order, self.at) = (ids, 0);
        dice.shuffle(&mut self.order);
    }

    /// Any of them.
    pub(crate) fn pick(&self, dice: &mut Dice) -> Option<NodeId> {
        dice.pick(&self.order).copied()
    }

    pub(crate) const fn len(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_turn_once_a_round_and_a_newcomer_in_this_one() {
        let name = |n: u8| NodeId::from_bytes([n; NodeId::LEN]);
        let mut dice = Dice::of(5);
        let mut ring = Ring::default();
        ring.begin((0..9).map(name).collect(), &mut dice);
        let mut met: Vec<_> = (0..4).filter_map(|_| ring.next()).collect();
        ring.insert(name(9), &mut dice);
        met.extend(std::iter::from_fn(|| ring.next()));
        met.sort();
        assert_eq!(met, (0..10).map(name).collect::<Vec<_>>());
    }
}
