//! What travels.

use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use crate::bits::Bits;
use crate::dice::Dice;

/// A delta on its way, and what its sender had seen.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: usize,
    pub(crate) from: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) keys: Keys,
    pub(crate) seen: Bits,
}

/// From where on a sender tells.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    /// From the version that the receiver has now.
    Theirs,
    /// From a version that some replica once had.
    Some(VersionVector),
    /// All, as what is alive.
    State,
}

/// Letters under way: taken out in any order, at times twice, at times lost.
#[derive(Debug, Default)]
pub(crate) struct Network {
    under_way: Vec<Letter>,
}

impl Network {
    pub(crate) fn send(&mut self, letter: Letter) {
        self.under_way.push(letter);
    }

    pub(crate) fn next(&mut self, dice: &mut Dice) -> Option<Letter> {
        if self.under_way.is_empty() {
            return None;
        }
        let at = dice.index(self.under_way.len());
        if dice.chance(20) {
            return Some(self.under_way[at].clone());
        }
        let letter = self.under_way.swap_remove(at);
        (!dice.chance(15)).then_some(letter)
    }
}
