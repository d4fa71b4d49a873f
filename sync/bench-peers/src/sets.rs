//! What is reconciled.

use selkie_sync::Dice;

/// An id as bytes: each crate has a type of its own.
pub type Bytes = [u8; 32];

/// Two sets of ids.
pub struct Sets {
    /// Of the side that opens.
    pub opener: Vec<Bytes>,
    /// Of the other.
    pub answerer: Vec<Bytes>,
    /// Ids that only one of them has.
    pub differences: usize,
}

impl Sets {
    /// So many in common, and so many more on each side.
    pub fn new(shared: usize, left: usize, right: usize) -> Self {
        let mut dice = Dice::of(1);
        let mut ids = |count: usize| (0..count).map(|_| id(&mut dice)).collect::<Vec<_>>();
        let shared = ids(shared);
        let [opener, answerer] =
            [left, right].map(|alone| sorted([&shared[..], &ids(alone)].concat()));
        Self { opener, answerer, differences: left + right }
    }
}

/// A store tells its ids in order.
fn sorted(mut ids: Vec<Bytes>) -> Vec<Bytes> {
    ids.sort_unstable();
    ids
}

fn id(dice: &mut Dice) -> Bytes {
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(8).for_each(|some| some.copy_from_slice(&dice.roll().to_le_bytes()));
    bytes
}
