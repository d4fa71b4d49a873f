//! Where objects are in the packs of a store, as small numbers.

use std::sync::Arc;

use crate::bits::Bits;
use crate::cursor::index;
use crate::id::ObjectId;
use crate::pack::format::ObjectRecord;
use crate::pack::{Pack, PackError};
use crate::store::Store;

/// One object of one pack.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Spot {
    pub(crate) pack: u32,
    pub(crate) number: u32,
}

/// The packs that were there at one time. They stay readable when they are removed.
#[derive(Debug)]
pub(crate) struct Spots {
    packs: Vec<Arc<Pack>>,
}

/// A bit for each spot.
#[derive(Debug)]
pub(super) struct Marked(Vec<Bits>);

impl Spots {
    pub(super) fn of(store: &Store) -> Self {
        // What is condemned may be used again, and then it has to be told of.
        Self { packs: store.packs().all().cloned().collect() }
    }

    pub(super) fn unmarked(&self) -> Marked {
        Marked(self.packs.iter().map(|pack| Bits::new(index(pack.object_count()))).collect())
    }

    /// The first copy of an object: always the same one.
    pub(crate) fn find(&self, id: &ObjectId) -> Result<Option<(Spot, ObjectRecord)>, PackError> {
        for (pack, number) in self.packs.iter().zip(0..) {
            if let Some((at, object)) = pack.find_numbered(id)? {
                let at = u32::try_from(at).expect("a pack has fewer than 2^32 objects");
                return Ok(Some((Spot { pack: number, number: at }, object)));
            }
        }
        Ok(None)
    }

    pub(crate) fn pack(&self, spot: Spot) -> &Arc<Pack> {
        &self.packs[index(spot.pack)]
    }

    pub(crate) fn object(&self, spot: Spot) -> Result<ObjectRecord, PackError> {
        self.pack(spot).object(index(spot.number))
    }
}

impl Marked {
    /// Marks a spot. False if it was marked before.
    pub(super) fn mark(&mut self, spot: Spot) -> bool {
        self.0[index(spot.pack)].set(index(spot.number))
    }
}
