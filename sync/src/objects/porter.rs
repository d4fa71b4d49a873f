//! Who does the work on a store.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_store::Store;

use crate::objects::effect::{Input, Loaded, Output, Way};
use crate::objects::intake::Intake;
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
                Some(Input::Looked(fetch, self.intake(fetch).look(&samples).ok()))
            }
            Output::Take { fetch, piece, parcel } => {
                Some(Input::Took(fetch, self.intake(fetch).take(piece, &parcel)))
            }
            Output::Keep { fetch, piece, check } => {
                Some(Input::Kept(fetch, self.intake(fetch).keep(piece, check)))
            }
            Output::Forget { fetch, piece } => {
                self.intake(fetch).forget(piece);
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

    fn intake(&mut self, fetch: u32) -> &mut Intake<'static> {
        let store = &self.store;
        self.intakes.entry(fetch).or_insert_with(|| Intake::new(Arc::clone(store)))
    }
}
