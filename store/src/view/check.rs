//! Whether an entry is what it has to be, whatever the state is.

use std::collections::BTreeMap;

use selkie_crdt::{ActorId, Causal, VersionVector};

use super::View;
use crate::id::ObjectId;
use crate::log::Log;
use crate::log::format::Entry;
use crate::log::place::Head;
use crate::object::key::PublicKey;
use crate::view::error::{Obstacle, Refusal, ViewError};
use crate::view::fold::{Changes, begin};
use crate::view::step::{Deed, Step};

impl<T: Causal + Clone> View<T> {
    /// Reads every entry of every log and checks its hash, its signature and that it makes sense. For
    /// each log in which something is wrong, returns the first such thing.
    ///
    /// # Errors
    ///
    /// The logs can not be listed.
    pub fn verify_logs(&self) -> Result<BTreeMap<ActorId, Refusal>, ViewError> {
        let replicas = Log::replicas(&**self.store.disk()).map_err(ViewError::List)?;
        let wrong = |replica| Some((replica, self.verify_log(replica).err()?));
        Ok(replicas.into_iter().filter_map(wrong).collect())
    }

    fn verify_log(&self, replica: ActorId) -> Result<(), Refusal> {
        let (mut head, mut key) = (Head::NONE, None);
        for entry in self.log(replica).entries()? {
            let entry = entry?;
            check::<T>(replica, &head, &mut key, &entry)?;
            head = Head::of(&entry);
        }
        Ok(())
    }
}

/// What an entry needs that is sound in itself.
pub(super) struct Checked {
    /// The objects that it reaches.
    pub(super) roots: Vec<ObjectId>,
    /// What it builds upon.
    pub(super) from: VersionVector,
}

/// What the entry needs, if it is the next one after `head` and can be applied some day.
pub(super) fn check<T: Causal>(
    replica: ActorId,
    head: &Head,
    key: &mut Option<PublicKey>,
    entry: &Entry,
) -> Result<Checked, Refusal> {
    head.check_next(replica, entry)?;
    let position = entry.position;
    let refused = |why| Refusal::Entry { position, why };
    let step = Step::from_bytes(&entry.payload).map_err(|error| refused(error.into()))?;
    let from = match &step.deed {
        Deed::Begins(binding) => {
            *key = Some(begin(replica, position, binding).map_err(refused)?);
            VersionVector::new()
        }
        Deed::Changes(delta) => Changes::<T>::read(replica, delta).map_err(refused)?.from,
    };
    let key = key.as_ref().ok_or(refused(Obstacle::Unbound))?;
    // Each, though the newest would speak for all: it may be the newest for the next peer.
    if !entry.is_signed_by(key) {
        return Err(Refusal::Signature(position));
    }
    Ok(Checked { roots: step.roots, from })
}
