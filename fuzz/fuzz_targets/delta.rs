//! Bytes as a delta of a document, joined by a replica that knows a little already.
//!
//! The seeds in `corpus/delta` are honest deltas. In every build the tests of `selkie-crdt` do the
//! same from a seed; a fuzzer goes on where they stop.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Entity;
use selkie_crdt::Hlc;

type Entities = AwMap<String, Entity<String>>;

fuzz_target!(|bytes: &[u8]| {
    let Ok(delta) = Delta::<Entities>::from_bytes(bytes) else { return };
    assert_eq!(delta.to_bytes(), bytes, "what is read is written alike");
    let mut doc = met();
    let before = doc.to_bytes();
    if doc.join(delta).is_err() {
        assert_eq!(doc.to_bytes(), before, "a refused delta leaves no trace");
    }
    doc.edit().entry("ann".into()).touch();
    doc.edit().remove("bob");
    let after = doc.to_bytes();
    let loaded = Doc::<Entities>::load(doc.actor(), &after).expect("a state is loaded");
    assert_eq!(loaded.to_bytes(), after);
});

/// A replica that holds what the honest seeds speak of.
fn met() -> Doc<Entities> {
    let mut doc: Doc<Entities> = Doc::new(ActorId::from_bytes([1; 16]));
    for name in ["ann", "bob"] {
        doc.edit().entry(name.into()).set("town", "Ghent".into(), Hlc::from_ms(1));
        doc.edit().entry(name.into()).collection("ballots").add("spring".into());
    }
    doc.take_actor(ActorId::from_bytes([9; 16]));
    doc
}
