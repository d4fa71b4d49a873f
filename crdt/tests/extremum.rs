//! Registers of the largest and the smallest, and sets that only grow, inside documents.

use selkie_crdt::{
    ActorId, AwMap, Causal, Doc, GrowSet, MaxRegister, MinRegister, RegisterChange, SetChange,
};

#[test]
fn the_largest_and_the_smallest_of_three_are_read() {
    let mut peaks = [1, 2, 3].map(|n| Doc::<MaxRegister<u32>>::new(actor(n)));
    let mut dips = [1, 2, 3].map(|n| Doc::<MinRegister<u32>>::new(actor(n)));
    for (at, value) in [5, 9, 7].into_iter().enumerate() {
        peaks[at].edit().raise(value);
        dips[at].edit().lower(value);
    }
    agree(&mut peaks);
    agree(&mut dips);
    assert_eq!(peaks.each_ref().map(|peak| peak.root().read().copied()), [Some(9); 3]);
    assert_eq!(dips.each_ref().map(|dip| dip.root().read().copied()), [Some(5); 3]);
}

#[test]
fn an_offer_that_does_not_surpass_takes_no_dot() {
    let mut east: Doc<(MaxRegister<u32>, MinRegister<u32>)> = Doc::new(actor(1));
    assert!(east.edit().part(|pair| &mut pair.0).raise(5));
    assert!(east.edit().part(|pair| &mut pair.1).lower(5));
    let before = east.version();
    for value in [5, 4] {
        assert!(!east.edit().part(|pair| &mut pair.0).raise(value));
    }
    for value in [5, 6] {
        assert!(!east.edit().part(|pair| &mut pair.1).lower(value));
    }
    assert_eq!(east.version(), before);
}

#[test]
fn a_reset_ends_what_was_seen_and_spares_what_was_not() {
    let mut docs = [1, 2].map(|n| Doc::<MaxRegister<u32>>::new(actor(n)));
    docs[0].edit().raise(9);
    agree(&mut docs);
    docs[0].edit().reset();
    docs[1].edit().raise(10);
    docs[0].edit().raise(3);
    agree(&mut docs);
    assert_eq!(docs[0].root().read(), Some(&10));
    docs[0].edit().reset();
    agree(&mut docs);
    assert!(docs[1].root().is_bottom());
}

#[test]
fn an_offer_that_changed_nothing_does_not_outlive_a_reset() {
    let mut docs = [1, 2].map(|n| Doc::<MinRegister<u32>>::new(actor(n)));
    docs[0].edit().lower(3);
    agree(&mut docs);
    docs[0].edit().reset();
    docs[1].edit().lower(3);
    agree(&mut docs);
    assert_eq!(docs[1].root().read(), None);
}

#[test]
fn a_join_tells_the_largest_alone() {
    let mut docs = [1, 2].map(|n| Doc::<MaxRegister<u32>>::new(actor(n)));
    docs[0].edit().raise(5);
    docs[1].edit().raise(4);
    let [east, west] = &mut docs;
    assert_eq!(east.join_observed(west.state()), Ok(None));
    let change = RegisterChange { before: vec![4], after: vec![5] };
    assert_eq!(west.join_observed(east.state()), Ok(Some(change)));
}

#[test]
fn an_element_that_is_there_is_added_without_a_dot() {
    let mut east: Doc<GrowSet<u32>> = Doc::new(actor(1));
    assert!(east.edit().add(1));
    let before = east.version();
    assert!(!east.edit().add(1));
    assert_eq!(east.version(), before);
}

#[test]
fn sets_of_three_grow_together() {
    let mut docs = [1, 2, 3].map(|n| Doc::<GrowSet<u32>>::new(actor(n)));
    for (at, element) in [1, 2, 1].into_iter().enumerate() {
        docs[at].edit().add(element);
    }
    agree(&mut docs);
    assert_eq!(docs[2].root().sorted(), [&1, &2]);
    docs[0].edit().add(3);
    let change = docs[1].join_observed(docs[0].state());
    assert_eq!(change, Ok(Some(SetChange { added: vec![3], removed: vec![] })));
}

#[test]
fn removing_the_key_of_a_set_ends_what_was_seen_of_it() {
    let mut docs = [1, 2].map(|n| Doc::<AwMap<String, GrowSet<u32>>>::new(actor(n)));
    docs[0].edit().entry("k".into()).add(1);
    agree(&mut docs);
    docs[0].edit().remove("k");
    docs[1].edit().entry("k".into()).add(1);
    docs[1].edit().entry("k".into()).add(2);
    agree(&mut docs);
    assert_eq!(docs[0].root().get("k").unwrap().sorted(), [&2]);
}

fn agree<C: Causal + PartialEq + std::fmt::Debug, const N: usize>(docs: &mut [Doc<C>; N]) {
    for _ in 0..2 {
        for to in 0..N {
            for from in 0..N {
                let delta = docs[from].delta_since(&docs[to].version());
                delta.map_or(Ok(()), |delta| docs[to].join(delta)).unwrap();
            }
        }
    }
    for doc in docs.iter() {
        assert_eq!(doc.root(), docs[0].root());
        let bytes = doc.to_bytes();
        assert_eq!(bytes, docs[0].to_bytes());
        assert_eq!(Doc::<C>::load(actor(9), &bytes).unwrap().to_bytes(), bytes);
    }
}

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}
