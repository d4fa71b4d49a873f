//! What one clone says, brought to another by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_crdt::VersionVector;
use selkie_store::{Batch, Hint, View};
use selkie_vcs::{Doer, Shared, Workspace};

/// Has a clone hear all that the other says, and take it in.
pub(crate) fn hear(own: &mut Workspace, other: &Workspace, doer: &Doer) {
    let (ours, theirs) = (own.repository().store(), other.repository().store());
    let batch = Batch::new(ours);
    for (id, kind) in theirs.ids().unwrap() {
        batch.put(kind, &theirs.read(&id).unwrap().bytes, Hint::NONE).unwrap();
    }
    batch.finish().unwrap();
    let logs = other.repository().view().since(&VersionVector::new()).unwrap();
    let entries: BTreeMap<_, _> = logs
        .into_iter()
        .map(|(who, entries)| (who, entries.map(Result::unwrap).collect::<Vec<_>>()))
        .collect();
    let names = |state: &_, visit: &mut dyn FnMut(_)| Shared::of(state).objects(visit);
    let mut view = View::open(Arc::clone(ours), names).unwrap();
    assert!(view.accept(entries).unwrap().is_empty());
    drop(own.take(doer).unwrap());
}
