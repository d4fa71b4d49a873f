//! What came before anybody was asked.

use std::collections::BTreeSet;

use super::Fetch;
use crate::identity::node_id::NodeId;
use crate::objects::desk::Desk;
use crate::objects::effect::{Failure, Output};
use crate::objects::intake::Along;
use crate::objects::message::Why;
use crate::objects::offer::Wanted;

impl Fetch {
    /// Looks whether a parcel is all that is wanted, and asks nobody if so.
    pub(crate) fn begin_along(&mut self, from: NodeId, parcel: Vec<u8>, desk: &mut Desk) {
        let names = match &self.request.wanted {
            Wanted::Behind(names) => names,
            // Then it is not known beforehand what that is.
            Wanted::News | Wanted::Exactly(_) => return self.begin(desk),
        };
        let wanted = names.iter().map(|name| name.id()).collect();
        self.along = Some(from);
        desk.out.push(Output::TakeAlong { fetch: self.number, parcel, wanted });
    }

    pub(crate) fn took_along(&mut self, along: Along, desk: &mut Desk) {
        let Some(from) = self.along.take() else { return };
        match along {
            Along::Whole(..) => {
                self.is_over = true;
                desk.out.push(Output::Fetched(self.number, BTreeSet::new()));
            }
            Along::Short => self.begin(desk),
            Along::Lie => {
                self.blame(from, Why::Lie, desk);
                self.lost(from, desk);
                self.begin(desk);
            }
            Along::Unwritten => self.fail(Failure::Store, desk),
        }
    }
}
