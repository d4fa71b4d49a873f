//! The bytes of messages.

use selkie_crdt::ActorId;
use selkie_store::ObjectId;
use selkie_sync::{
    After, Dice, MessageError, Name, Note, ObjectsMessage, ObjectsWhy as Why, Offer, Part, Request,
    Wanted,
};

use crate::garden::CHANNEL;

fn bytes_of(message: &ObjectsMessage) -> Vec<u8> {
    message.clone().into_bytes().unwrap()
}

fn name(byte: u8) -> Name {
    Name::of(ObjectId::from_bytes([byte; 32]))
}

/// One of each, and what it is spelled like.
fn examples() -> Vec<(ObjectsMessage, Vec<u8>)> {
    let have = vec![(ActorId::from_bytes([1; 16]), 300)];
    let request = Request { channel: CHANNEL, have, wanted: Wanted::Behind(vec![name(2)]) };
    let want = ObjectsMessage::Want { transfer: 7, request, credit: 5 };
    let note = Note { objects: 2, bytes: 9, check: [3; 16], samples: vec![name(4)] };
    let pieces = vec![note.clone(), note];
    let offer = Offer { objects: 4, bytes: 18, pieces, absent: vec![name(5)] };
    let offer = ObjectsMessage::Offer { transfer: 7, offer, comes: true };
    let part = Part { transfer: 7, piece: 1, rest: 300, bytes: b"bytes".to_vec() };
    let spelled_note = [&[2, 9][..], &[3; 16], &[1], &[4; 32]].concat();
    let spelled_want =
        [&[1, 0, 7, 5][..], &[5; 16], &[1], &[1; 16], &[251, 44, 1, 1, 1], &[2; 32], &[0]].concat();
    let spelled_offer =
        [&[1, 4, 7, 1, 4, 18, 2][..], &spelled_note, &spelled_note, &[1], &[5; 32], &[0]].concat();
    let ask = ObjectsMessage::Ask { transfer: 7, piece: 3, after: After::Apart };
    vec![
        (want, spelled_want),
        (offer, spelled_offer),
        (ask, vec![1, 1, 7, 3, 1, 0]),
        (ObjectsMessage::Grant { transfer: 7, bytes: 1 << 20 }, vec![1, 2, 7, 252, 0, 0, 16, 0, 0]),
        (ObjectsMessage::Stop { transfer: 7, why: Why::Lie }, vec![1, 3, 7, 5, 0]),
        (ObjectsMessage::Refuse { transfer: 7, why: Why::Busy }, vec![1, 5, 7, 2, 0]),
        (ObjectsMessage::Part(part), [&b"bytes"[..], &[1, 7, 1, 251, 44, 1, 6]].concat()),
    ]
}

#[test]
fn messages_have_these_bytes() {
    for (message, bytes) in examples() {
        assert_eq!(bytes_of(&message), bytes);
        assert_eq!(ObjectsMessage::from_bytes(bytes).unwrap(), message);
    }
}

#[test]
fn changed_messages_are_refused_or_spelled_as_they_came() {
    for (message, bytes) in examples() {
        for seed in 0..2_000 {
            let mut dice = Dice::of(seed);
            let mut changed = bytes.clone();
            let at = dice.index(changed.len());
            match dice.below(3) {
                0 => changed[at] ^= 1 << dice.below(8),
                1 => changed.truncate(at),
                _ => changed[at] = 0xff,
            }
            if let Ok(read) = ObjectsMessage::from_bytes(changed.clone()) {
                assert_eq!(bytes_of(&read), changed, "{message:?}");
            }
        }
    }
}

#[test]
fn what_breaks_a_rule_is_no_message() {
    let twice = Request {
        channel: CHANNEL,
        have: Vec::new(),
        wanted: Wanted::Exactly(vec![name(1), name(1)]),
    };
    assert!(ObjectsMessage::Want { transfer: 1, request: twice, credit: 0 }.into_bytes().is_err());
    let note = Note { objects: 1, bytes: 9, check: [3; 16], samples: vec![name(4)] };
    let offer = Offer { objects: 4, bytes: 9, pieces: vec![note], absent: Vec::new() };
    assert!(ObjectsMessage::Offer { transfer: 1, offer, comes: false }.into_bytes().is_err());
    let long = vec![0; (1 << 20) + (4 << 10) + 1];
    assert!(matches!(ObjectsMessage::from_bytes(long), Err(MessageError::Long(_))));
    assert!(matches!(ObjectsMessage::from_bytes(Vec::new()), Err(MessageError::Short)));
    assert!(matches!(ObjectsMessage::from_bytes(vec![9]), Err(MessageError::Short)));
}
