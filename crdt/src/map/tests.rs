use alloc::vec;

use super::*;
use crate::actor::ActorId;
use crate::delta::Delta;
use crate::doc::Doc;
use crate::doc::JoinError;
use crate::ends::Ends;
use crate::flag::DwFlag;
use crate::flag::EwFlag;
use crate::leaf::Few;
use crate::leaf::Version;
use crate::span::Span;

type Nested = AwMap<u8, AwMap<u8, EwFlag>>;

const SOUTH: ActorId = ActorId::from_bytes([4; 16]);
const EAST: ActorId = ActorId::from_bytes([1; 16]);
const WEST: ActorId = ActorId::from_bytes([2; 16]);
const LIAR: ActorId = ActorId::from_bytes([3; 16]);

/// What a copy went on to write under the old name was believed to lie where that name had written
/// last, and news of its key were filed there.
#[test]
fn a_key_named_by_what_a_copy_wrote_is_never_taken_for_another() {
    let mut east: Doc<AwMap<u8, DwFlag>> = Doc::new(EAST);
    (0..40).for_each(|key| east.edit().entry(key).enable());
    let mut west = east.clone();
    west.take_actor(WEST);
    east.edit().entry(7).disable();
    let mut south: Doc<AwMap<u8, DwFlag>> = Doc::new(SOUTH);
    south.merge(&east).unwrap();
    south.edit().entry(7).enable();
    east.edit().entry(7).enable();
    // West never holds what both wrote over: it has ended by then.
    west.merge(&east).unwrap();

    let named = south.delta_with(&west.version(), Keys::Named).unwrap();
    match west.join(named) {
        Ok(()) => {}
        Err(JoinError::Unnamed(_)) => west.merge(&south).unwrap(),
        Err(error) => panic!("an honest delta was refused: {error}"),
    }
    east.merge(&south).unwrap();
    assert_eq!(west.to_bytes(), east.to_bytes());
}

/// A liar told of one key twice. The first child made its map sweep, and the second went to a
/// slot that was gone.
#[test]
fn a_delta_that_tells_of_one_key_twice_is_refused() {
    let mut east: Doc<Nested> = Doc::new(EAST);
    (0..90).for_each(|key| east.edit().entry(0).entry(key).enable());
    let mut west: Doc<Nested> = Doc::new(WEST);
    west.merge(&east).unwrap();
    (0..88).for_each(|key| assert!(west.edit().entry(0).remove(&key)));
    east.merge(&west).unwrap();
    let before = east.to_bytes();

    let the_last_key = Mark::new(0, 90);
    let child = |counter| {
        let mark = Mark::new(1, counter);
        let flag = Few::One(Version { mark, content: () });
        (
            KeyRef::Spelled(0),
            MapDelta { children: vec![(KeyRef::<u8>::Beside(the_last_key), flag)] },
        )
    };
    let lie: Delta<Nested> = Delta {
        subject: "".into(),
        span: Span { actors: vec![EAST, LIAR], from: vec![90, 0], to: vec![90, 2] },
        ends: Ends::Listed(vec![]),
        root: Some(MapDelta { children: vec![child(1), child(2)] }),
    };
    let lie: Delta<Nested> = Delta::from_bytes(&lie.to_bytes()).expect("a lie that can be read");

    assert!(matches!(east.join(lie), Err(JoinError::Repeated(dot)) if dot.actor == LIAR));
    assert_eq!(east.to_bytes(), before);
}
