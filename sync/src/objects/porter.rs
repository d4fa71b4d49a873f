//! Who does the work on a store.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use selkie_store::Store;

use crate::objects::effect::{Input, Loaded, Output, Way};
use crate::objects::intake::{Along, Intake, Kept, Taken};
use crate::objects::outlet::Outlet;

/// Does on one store what [`Objects`](crate::Objects) asks for, one thing after the other, and holds what is open between them.
#[derive(Debug)]
pub struct Porter {
    store: Arc<Store>,
    intakes: BTreeMap<u32, Intake<'static>>,
    outlets: BTreeMap<Way, Outlet>,
}

impl Porter {
    /// With nothing open.
    #[must_use]
    pub const fn new(store: Arc<Store>) -> Self {
        Self { store, intakes: BTreeMap::new(), outlets: BTreeMap::new() }
    }

    /// Does what is wanted, and returns what is to be told of it, if anything is.
    pub fn work(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Look(fetch, samples) => {
                let look = |intake: &mut Intake<'_>| intake.look(&samples).ok();
                Some(Input::Looked(fetch, self.intake(fetch).and_then(look)))
            }
            Output::TakeAlong { fetch, parcel, wanted } => {
                let take = |intake: &mut Intake<'_>| intake.take_along(&parcel, &wanted);
                Some(Input::TookAlong(fetch, self.intake(fetch).map_or(Along::Unwritten, take)))
            }
            Output::Take { fetch, piece, parcel } => {
                let take = |intake: &mut Intake<'_>| intake.take(piece, &parcel);
                Some(Input::Took(fetch, self.intake(fetch).map_or(Taken::Unwritten, take)))
            }
            Output::Keep { fetch, piece, check } => {
                let keep = |intake: &mut Intake<'_>| intake.keep(piece, check);
                Some(Input::Kept(fetch, self.intake(fetch).map_or(Kept::Unwritten, keep)))
            }
            Output::Forget { fetch, piece } => {
                self.intake(fetch).into_iter().for_each(|intake| intake.forget(piece));
                None
            }
            Output::Plan(way, request) => {
                let outlet = Outlet::plan(&self.store, &request).ok();
                let offer = outlet.as_ref().map(Outlet::offer);
                self.outlets.extend(outlet.map(|outlet| (way, outlet)));
                Some(Input::Planned(way, offer))
            }
            Output::Load { way, piece, bases } => {
                let outlet = self.outlets.get_mut(&way);
                let loaded = outlet.map(|outlet| outlet.load(&self.store, piece, bases));
                let loaded = match loaded {
                    Some(Ok(Some(parcel))) => Loaded::Parcel(parcel),
                    Some(Ok(None)) => Loaded::End,
                    Some(Err(_)) | None => Loaded::Unreadable,
                };
                Some(Input::Loaded(way, loaded))
            }
            Output::Close(way) => {
                self.outlets.remove(&way);
                None
            }
            Output::Fetched(fetch, _) | Output::Failed(fetch, _) => {
                self.intakes.remove(&fetch);
                None
            }
            // These are for who runs the core.
            Output::Send(..) | Output::WakeAt(_) | Output::Blamed(..) | Output::Accused(_) => None,
        }
    }

    /// How many ways are open on which others are sent objects.
    #[must_use]
    pub fn outlet_count(&self) -> usize {
        self.outlets.len()
    }

    /// What comes in of a fetch; none if nothing can be written.
    fn intake(&mut self, fetch: u32) -> Option<&mut Intake<'static>> {
        match self.intakes.entry(fetch) {
            Entry::Occupied(open) => Some(open.into_mut()),
            Entry::Vacant(place) => Some(place.insert(Intake::new(Arc::clone(&self.store)).ok()?)),
        }
    }
}
