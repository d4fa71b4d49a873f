//! What one side found and the other has to be told.

use crate::repair::context::Context;
use crate::repair::difference::RepairError;
use crate::repair::digest::Digest;
use crate::repair::message::Part;
use crate::repair::order::{By, Key};
use crate::repair::script::Saying;

/// In what the two sets differ, as one side knows it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) by: By,
    /// The ranks of our keys that they have not, ascending.
    ours: Vec<usize>,
    /// Their keys that we have not, ascending.
    theirs: Vec<Key>,
    /// Where our ids stand that they have not, ascending.
    places: Vec<u32>,
}

impl Found {
    /// None if it can not be all, by the number of ids that they have.
    pub(crate) fn new(
        cx: &Context,
        by: By,
        ours: Vec<usize>,
        theirs: Vec<Key>,
    ) -> Result<Option<Self>, RepairError> {
        if cx.count() - ours.len() + theirs.len() != cx.peer_count {
            return Ok(None);
        }
        let order = cx.order(by)?;
        let mut places: Vec<_> = ours.iter().map(|rank| order.place(*rank)).collect();
        places.sort_unstable();
        Ok(Some(Self { by, ours, theirs, places }))
    }

    /// Where our ids stand that they have not, ascending.
    pub(crate) fn places(&self) -> &[u32] {
        &self.places
    }

    /// Their keys that we have not, ascending.
    pub(crate) fn theirs(&self) -> &[Key] {
        &self.theirs
    }

    /// The digest of what both have.
    pub(crate) fn shared(&self, cx: &Context) -> Digest {
        cx.inventory.digest_without(&self.places)
    }

    /// What the other has to be told.
    pub(crate) fn sayings(&self, cx: &Context) -> Result<Vec<Saying>, RepairError> {
        let order = cx.order(self.by)?;
        let places: Vec<_> = self.ours.iter().map(|rank| order.place(*rank)).collect();
        let alone = cx.inventory.at(&self.places);
        let proof = cx.proof(cx.side, &self.shared(cx), &alone);
        Ok(vec![
            Saying::Ids(places.into_iter()),
            Saying::Gaps(self.gaps(cx)?.into_iter()),
            Saying::Part(Part::Proof(*proof.as_bytes())),
        ])
    }

    /// The ranks that their keys have in their order, which is ours without what is ours alone and with what is theirs
    /// alone.
    fn gaps(&self, cx: &Context) -> Result<Vec<u32>, RepairError> {
        let order = cx.order(self.by)?;
        let mut next = 0;
        let ranks = self.theirs.iter().enumerate().map(|(alone, key)| {
            let rank = order.rank(key);
            rank - self.ours.partition_point(|own| *own < rank) + alone
        });
        let gaps = ranks.map(|rank| {
            let gap = rank - next;
            next = rank + 1;
            u32::try_from(gap)
                .expect("a rank of theirs is below their number, which is sent as 32 bits")
        });
        Ok(gaps.collect())
    }
}
