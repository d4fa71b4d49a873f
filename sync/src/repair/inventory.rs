//! A set of ids, ready to be compared with others.

use std::ops::Range;

use selkie_store::ObjectId;

use crate::repair::cells::Cells;
use crate::repair::digest::{Digest, Digests};
use crate::repair::salt::{ImageKey, Salt, SaltName};
use crate::repair::sketch::Sketch;

/// The ids of a store and what repairs need of them: made once, used by any number of them.
///
/// It takes some 45 bytes for an id. Fewer than 2^32 ids fit.
///
/// ```
/// use selkie_store::{Kind, ObjectId};
/// use selkie_sync::{Inventory, Salt};
/// let id = ObjectId::of(Kind::Blob, b"pear");
/// let inventory = Inventory::new(vec![id], &Salt::from_bytes([7; 32]));
/// assert!(inventory.contains(&id));
/// ```
#[derive(Debug)]
pub struct Inventory {
    ids: Vec<ObjectId>,
    digests: Digests,
    images: Option<Images>,
}

impl Inventory {
    /// Of these ids, in any order, with the salt that the members of the repository share.
    #[must_use]
    pub fn new(mut ids: Vec<ObjectId>, salt: &Salt) -> Self {
        if !ids.is_sorted_by(|left, right| left < right) {
            ids.sort_unstable();
            ids.dedup();
        }
        let digests = Digests::of(&ids);
        let images = Images::of(&ids, salt);
        Self { ids, digests, images }
    }

    /// How many ids there are.
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether this is one of them.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.ids.binary_search(id).is_ok()
    }

    /// All of them, ascending.
    pub(crate) fn ids(&self) -> &[ObjectId] {
        &self.ids
    }

    /// The ids in these places.
    pub(crate) fn at(&self, places: &[u32]) -> Vec<ObjectId> {
        places.iter().map(|place| self.ids[*place as usize]).collect()
    }

    /// The digest of all but those in some places, which ascend.
    pub(crate) fn digest_without(&self, places: &[u32]) -> Digest {
        self.digests.without(&self.ids, places)
    }

    /// Their images; none if two ids have the same.
    pub(crate) const fn images(&self) -> Option<&Images> {
        self.images.as_ref()
    }
}

/// The images of the ids of an inventory. No two are the same.
#[derive(Debug)]
pub(crate) struct Images {
    salt: SaltName,
    key: ImageKey,
    /// Ascending.
    all: Vec<u64>,
    /// Where the id of each image stands.
    places: Vec<u32>,
    /// The sum of all images before each [`SUM_STEP`]th one.
    sums: Vec<u64>,
    /// The first cells of the row.
    cells: Cells,
    sketch: Sketch,
}

/// Images that are added up for a sum, at most.
const SUM_STEP: usize = 64;
/// Cells that are made with the inventory: they do for some 2000 differences.
const CELLS_KEPT: usize = 4_096;

impl Images {
    /// None if two ids have one image.
    fn of(ids: &[ObjectId], salt: &Salt) -> Option<Self> {
        let key = salt.key();
        let mut pairs: Vec<_> =
            ids.iter().zip(0_u32..).map(|(id, at)| (key.image(id), at)).collect();
        assert_eq!(pairs.len(), ids.len(), "a store has fewer than 2^32 objects");
        pairs.sort_unstable();
        let (images, places): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        if images.is_sorted_by(|left, right| left < right) {
            let cells = Cells::of(&images, 0..CELLS_KEPT);
            let (sums, sketch) = (sums(&images), Sketch::of(&images));
            Some(Self { salt: salt.name(), key, all: images, places, sums, cells, sketch })
        } else {
            None
        }
    }

    /// The name of the salt that they were made with.
    pub(crate) const fn salt(&self) -> SaltName {
        self.salt
    }

    /// What makes ids of images.
    pub(crate) const fn key(&self) -> &ImageKey {
        &self.key
    }

    /// All of them, ascending.
    pub(crate) fn all(&self) -> &[u64] {
        &self.all
    }

    /// Where the id of an image stands, by the rank of the image.
    pub(crate) fn place(&self, rank: usize) -> u32 {
        self.places[rank]
    }

    /// A guess of how many images differ from those of somebody else's counters.
    pub(crate) const fn sketch(&self) -> &Sketch {
        &self.sketch
    }

    /// Some cells of the row.
    pub(crate) fn cells(&self, range: Range<usize>) -> Cells {
        let kept = range.start.min(CELLS_KEPT)..range.end.min(CELLS_KEPT);
        if kept.is_empty() {
            return Cells::of(&self.all, range);
        }
        let mut cells = self.cells.part(kept.clone());
        if kept.end < range.end {
            cells.append(Cells::of(&self.all, kept.end..range.end));
        }
        cells
    }

    /// The sum of the images of these ranks.
    pub(crate) fn sum(&self, ranks: Range<usize>) -> u64 {
        self.sum_before(ranks.end).wrapping_sub(self.sum_before(ranks.start))
    }

    fn sum_before(&self, rank: usize) -> u64 {
        let kept = rank / SUM_STEP;
        let rest = &self.all[kept * SUM_STEP..rank];
        rest.iter().fold(self.sums[kept], |sum, image| sum.wrapping_add(*image))
    }
}

fn sums(images: &[u64]) -> Vec<u64> {
    let steps = images.chunks_exact(SUM_STEP);
    let steps = steps.map(|step| step.iter().fold(0_u64, |sum, image| sum.wrapping_add(*image)));
    let later = steps.scan(0_u64, |sum, step| {
        *sum = sum.wrapping_add(step);
        Some(*sum)
    });
    std::iter::once(0).chain(later).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(count: u32) -> Inventory {
        let ids = (0..count).map(|n| blake3::hash(&n.to_le_bytes()).into());
        Inventory::new(ids.map(ObjectId::from_bytes).collect(), &Salt::from_bytes([7; 32]))
    }

    #[test]
    fn the_order_in_which_ids_come_is_forgotten() {
        let inventory = inventory(100);
        let again = [inventory.ids(), &inventory.ids()[..7]].concat();
        let again = Inventory::new(again.into_iter().rev().collect(), &Salt::from_bytes([7; 32]));
        assert_eq!(again.ids(), inventory.ids());
        assert_eq!(again.digest_without(&[3]), inventory.digest_without(&[3]));
        assert_eq!(again.images().unwrap().all(), inventory.images().unwrap().all());
    }

    #[test]
    fn sums_are_those_of_the_images() {
        let inventory = inventory(300);
        let images = inventory.images().unwrap();
        for (start, end) in [(0, 0), (0, 300), (63, 64), (64, 65), (1, 299), (128, 192)] {
            let sum =
                images.all()[start..end].iter().fold(0_u64, |sum, image| sum.wrapping_add(*image));
            assert_eq!(images.sum(start..end), sum, "{start}..{end}");
        }
    }

    #[test]
    fn cells_that_are_kept_are_those_that_are_made() {
        let inventory = inventory(300);
        let images = inventory.images().unwrap();
        for (start, end) in [(0, 64), (0, 4_096), (0, 5_000), (64, 5_000), (4_096, 5_000)] {
            assert_eq!(images.cells(start..end), Cells::of(images.all(), start..end));
        }
    }
}
