//! The ids of a set in a row, so that ranges of it can be compared.

use std::ops::Range;

use blake3::Hasher;
use selkie_store::ObjectId;
use serde::{Deserialize, Serialize};

use crate::repair::digest::feed;
use crate::repair::inventory::{Images, Inventory};

/// By what ids stand in a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum By {
    /// Their images. Ranges are compared by sums, which are there already.
    Image,
    /// Themselves. Ranges are compared by hashes, with a salt that the two sides drew just now. Slower, and beyond doubt.
    Id,
}

impl By {
    /// Bytes of a key that are sent.
    pub(crate) const fn key_len(self) -> usize {
        match self {
            Self::Image => size_of::<u64>(),
            Self::Id => ObjectId::LEN,
        }
    }
}

/// What ids are ordered by; an image is the first bytes of it, and the others are zero.
pub(crate) type Key = [u8; ObjectId::LEN];

/// The key of an image.
pub(crate) fn key_of(image: u64) -> Key {
    let mut key = [0; ObjectId::LEN];
    key[..size_of::<u64>()].copy_from_slice(&image.to_be_bytes());
    key
}

/// The image of which this is the key.
pub(crate) fn image_of(key: &Key) -> u64 {
    u64::from_be_bytes(*key.first_chunk().expect("a key is longer than an image"))
}

/// What tells two ranges apart.
pub(crate) type Sum = [u8; 16];

/// The ids of an inventory in one of the two orders.
pub(crate) enum Order<'a> {
    Image(&'a Images),
    Id(&'a [ObjectId], FreshKey),
}

/// What the hashes of ranges are keyed with.
pub(crate) type FreshKey = [u8; 32];

impl<'a> Order<'a> {
    /// None if ids have no images to stand by.
    pub(crate) fn new(inventory: &'a Inventory, by: By, fresh: FreshKey) -> Option<Self> {
        match by {
            By::Image => inventory.images().map(Order::Image),
            By::Id => Some(Order::Id(inventory.ids(), fresh)),
        }
    }

    /// Which of the orders it is.
    pub(crate) const fn by(&self) -> By {
        match self {
            Self::Image(_) => By::Image,
            Self::Id(..) => By::Id,
        }
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Image(images) => images.all().len(),
            Self::Id(ids, _) => ids.len(),
        }
    }

    /// What stands at a rank.
    pub(crate) fn key(&self, rank: usize) -> Key {
        match self {
            Self::Image(images) => key_of(images.all()[rank]),
            Self::Id(ids, _) => *ids[rank].as_bytes(),
        }
    }

    /// Where the id of a rank stands among the ids.
    pub(crate) fn place(&self, rank: usize) -> u32 {
        match self {
            Self::Image(images) => images.place(rank),
            Self::Id(..) => u32::try_from(rank).expect("an inventory has fewer than 2^32 ids"),
        }
    }

    /// The rank of the first key that is not before this one.
    pub(crate) fn rank(&self, key: &Key) -> usize {
        match self {
            Self::Image(images) => {
                let image = image_of(key);
                // An image is before every longer key that begins with it.
                let is_longer = key_of(image) < *key;
                images.all().partition_point(|own| *own < image || (is_longer && *own == image))
            }
            Self::Id(ids, _) => ids.partition_point(|id| id.as_bytes() < key),
        }
    }

    /// What tells the ids of these ranks from others.
    pub(crate) fn sum(&self, ranks: Range<usize>) -> Sum {
        match self {
            Self::Image(images) => {
                let mut sum = [0; 16];
                sum[..8].copy_from_slice(&images.sum(ranks.clone()).to_le_bytes());
                sum[8..].copy_from_slice(&(ranks.len() as u64).to_le_bytes());
                sum
            }
            Self::Id(ids, key) => {
                let mut hasher = Hasher::new_keyed(key);
                feed(&mut hasher, &ids[ranks]);
                *hasher.finalize().as_bytes().first_chunk().expect("a hash is longer than a sum")
            }
        }
    }

    /// The shortest key after that of the rank before this one and not after that of this one.
    pub(crate) fn bound(&self, rank: usize) -> Key {
        let (before, mut bound) = (self.key(rank - 1), self.key(rank));
        let shared = before.iter().zip(&bound).take_while(|(left, right)| left == right).count();
        bound[(shared + 1).min(ObjectId::LEN)..].fill(0);
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::salt::Salt;

    fn inventory() -> Inventory {
        let ids = (0..200_u32).map(|n| blake3::hash(&n.to_le_bytes()).into());
        Inventory::new(ids.map(ObjectId::from_bytes).collect(), &Salt::from_bytes([7; 32]))
    }

    fn orders(inventory: &Inventory) -> [Order<'_>; 2] {
        [By::Image, By::Id]
            .map(|by| Order::new(inventory, by, [1; 32]).expect("no image is met twice"))
    }

    #[test]
    fn every_key_has_its_rank() {
        let inventory = inventory();
        for order in orders(&inventory) {
            for rank in 0..order.len() {
                assert_eq!(order.rank(&order.key(rank)), rank);
                let mut longer = order.key(rank);
                longer[31] |= 1;
                let is_longer = longer > order.key(rank);
                assert_eq!(order.rank(&longer), rank + usize::from(is_longer));
            }
        }
    }

    #[test]
    fn a_bound_stands_between_two_neighbours_and_is_short() {
        let inventory = inventory();
        for order in orders(&inventory) {
            for rank in 1..order.len() {
                let bound = order.bound(rank);
                assert!(order.key(rank - 1) < bound && bound <= order.key(rank));
                assert_eq!(order.rank(&bound), rank);
                assert!(bound[4..].iter().all(|byte| *byte == 0), "two hundred keys differ early");
            }
        }
    }

    #[test]
    fn different_ranges_have_different_sums() {
        let inventory = inventory();
        for order in orders(&inventory) {
            assert_ne!(order.sum(0..10), order.sum(0..11));
            assert_ne!(order.sum(0..10), order.sum(1..11));
            assert_eq!(order.sum(5..5), order.sum(9..9));
        }
    }
}
