//! What a collection asks of a clone, and what entries ask of a collection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::VersionVector;
use selkie_store::{
    Batch, Collected, EditError, GcError, Hint, Kind, ObjectId, Operations, Store, View, gc, roots,
};

use crate::meddle::{Deed, Listing, Meddled};
use crate::replica::{Replica, id, named, object};

fn put(store: &Store, fruits: &[u64]) {
    let batch = Batch::new(store);
    for fruit in fruits {
        batch.put(Kind::Blob, &object(*fruit), Hint::NONE).expect("the disk is well");
    }
    batch.finish().expect("the disk is well");
}

/// A replica that names the fruit 100, and where the fruits 100 and 101 are, the last one condemned.
fn with_garbage(number: u8) -> Replica {
    let mut here = Replica::new(number);
    put(&here.store, &[100]);
    name(&mut here, 100).expect("it is here");
    put(&here.store, &[101]);
    let Collected::Done { condemned, .. } = collect(&mut here).expect("all is here") else {
        panic!("nothing was condemned before");
    };
    assert_eq!(condemned.objects, 1);
    here
}

fn name(here: &mut Replica, fruit: u64) -> Result<(), EditError<std::convert::Infallible>> {
    here.edit_reaching(&[id(fruit)], |mut baskets| baskets.entry("a".into()).add(fruit)).map(drop)
}

fn collect(here: &mut Replica) -> Result<Collected, GcError> {
    let operations = Operations::new(Arc::new(here.disk.clone()));
    let roots = || Ok(roots(&mut here.view, &operations)?);
    gc(&here.store, Duration::ZERO, 1, roots, |_| ())
}

fn ids(store: &Store) -> BTreeSet<ObjectId> {
    store.refresh().expect("the disk is well");
    store.ids().expect("the packs are sound").into_iter().map(|(id, _)| id).collect()
}

#[test]
fn an_edit_takes_back_what_is_condemned() {
    let mut here = with_garbage(1);
    name(&mut here, 101).expect("it is here, if only just");
    collect(&mut here).expect("all is here");
    assert_eq!(here.store.read(&id(101)).expect("it is named").bytes, object(101));
    assert_eq!(ids(&here.store), [id(100), id(101)].into());
}

#[test]
fn what_a_collection_removed_is_absent() {
    let mut here = with_garbage(1);
    collect(&mut here).expect("all is here");
    assert!(matches!(name(&mut here, 101), Err(EditError::Absent(absent)) if absent == id(101)));
}

#[test]
fn entries_of_a_peer_take_back_what_is_condemned() {
    let mut here = with_garbage(1);
    let mut peer = Replica::new(2);
    put(&peer.store, &[101]);
    name(&mut peer, 101).expect("it is here");
    assert!(here.take(peer.since(&VersionVector::new())).is_empty());
    collect(&mut here).expect("all is here");
    assert_eq!(ids(&here.store), [id(100), id(101)].into());
}

/// What is condemned while an edit is under way stays until it is done, and then it is named.
#[test]
fn a_collection_waits_for_an_edit() {
    let mut here = with_garbage(1);
    let mut other = Replica::on(here.disk.clone(), 1);
    let edited = here.edit_reaching(&[id(101)], |mut baskets| {
        // What the edit took back is garbage once more, as far as anybody knows.
        for _ in 0..3 {
            collect(&mut other).expect("all is here");
        }
        baskets.entry("a".into()).add(101);
    });
    edited.expect("it is held");
    assert_eq!(here.store.read(&id(101)).expect("it is named").bytes, object(101));
    collect(&mut here).expect("all is here");
    assert_eq!(ids(&here.store), [id(100), id(101)].into());
}

#[test]
fn a_record_that_can_not_be_read_stops_every_collection() {
    let mut here = with_garbage(1);
    let operations = Operations::new(Arc::new(here.disk.clone()));
    for at_ms in 0..3 {
        operations.append(at_ms, b"seal", &[id(100)]).expect("there is room");
    }
    let mut bytes = here.disk.bytes("local/operations").expect("it was written");
    bytes[40] ^= 1;
    here.disk.rot("local/operations", bytes);
    assert!(matches!(collect(&mut here), Err(GcError::Roots(_))));
    assert_eq!(here.store.read(&id(101)).expect("it waits").bytes, object(101));
}

/// A command records what it is about to take out of the view, and then takes it out.
#[test]
fn what_moves_from_the_view_to_an_operation_is_never_missed() {
    for call in 0.. {
        let mut here = Replica::new(1);
        put(&here.store, &[100]);
        name(&mut here, 100).expect("it is here");
        let disk = here.disk.clone();
        let meddled = disk.clone();
        let moves: Deed = Box::new(move || {
            let operations = Operations::new(Arc::new(disk));
            operations.append(1, b"remove", &[id(100)]).expect("there is room");
            here.edit(|mut baskets| baskets.remove("a")).expect("the disk is well");
        });
        let meddled = Arc::new(Meddled::new(meddled, Listing::Blurred, vec![(call, moves)]));
        let store = Store::open(meddled.clone()).expect("the disk is well");
        let mut view = View::open(Arc::new(store), named).expect("the disk is well");
        let found = roots(&mut view, &Operations::new(meddled.clone()));
        assert_eq!(found.expect("the disk is well"), [id(100)], "before call {call}");
        if meddled.calls() <= call {
            assert!(call > 7, "{call}");
            return;
        }
    }
}
