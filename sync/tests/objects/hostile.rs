//! What comes of nodes that lie, stall or ask for too much.

use std::collections::BTreeSet;

use selkie_store::{Bases, Batch, Hint, Kind, ObjectId};
use selkie_sync::{
    After, Dice, Name, Note, ObjectsFailure, ObjectsMessage, ObjectsOutput, ObjectsWhy as Why,
    Offer, Outlet, Part, Request, Wanted,
};

use crate::garden::{CHANNEL, Garden, noise};
use crate::net::{Net, seeds};

fn fetched() -> ObjectsOutput {
    ObjectsOutput::Fetched(1, BTreeSet::new())
}

/// East, and north with all that east has.
fn twins(garden: Garden) -> (Garden, Garden) {
    let north = Garden::empty();
    Net::of(0, &[&north, &garden]).fetch(&[1], north.request());
    north.hear(&garden);
    (garden, north)
}

/// A parcel with one blob that has nothing to do with anything.
fn strange_parcel(length: usize) -> Vec<u8> {
    let garden = Garden::empty();
    let batch = Batch::new(&garden.store);
    let id = batch.put(Kind::Blob, &noise(99, length), Hint::NONE).unwrap();
    batch.finish().unwrap();
    let request =
        Request { channel: CHANNEL, have: Vec::new(), wanted: Wanted::Exactly(vec![Name::of(id)]) };
    let mut outlet = Outlet::plan(&garden.store, &request).unwrap();
    outlet.load(&garden.store, 0, Bases::Nothing).unwrap().unwrap()
}

/// What a liar does to the parts that it sends.
type Lie = fn(Part) -> Vec<Part>;

const LIES: [(&str, Lie); 8] = [
    ("a byte of a content is another", |mut part| {
        let last = part.bytes.len() - 1;
        part.bytes[last] ^= 1;
        vec![part]
    }),
    ("a byte of a label is another", |mut part| {
        part.bytes[7] ^= 0x55;
        vec![part]
    }),
    ("another object comes instead", |part| vec![Part { bytes: strange_parcel(500_000), ..part }]),
    ("other objects come as well", |part| {
        let more = Part { bytes: strange_parcel(1_000), rest: 0, ..part.clone() };
        vec![part, more]
    }),
    ("a parcel has no end", |part| vec![Part { rest: u32::MAX, ..part }]),
    ("a part has no bytes", |part| vec![Part { bytes: Vec::new(), rest: 5, ..part }]),
    ("a piece comes that nobody asked for", |part| vec![Part { piece: part.piece + 3, ..part }]),
    ("the same comes for ever", |part| vec![part; 9]),
];

#[test]
fn a_liar_is_found_out_told_and_replaced() {
    let (east, north) = twins(Garden::noisy(5, 600_000));
    for (what, lie) in LIES {
        for seed in 0..seeds(1) {
            let west = Garden::empty();
            let mut net = Net::of(seed, &[&west, &east, &north]);
            net.tampers.insert(
                1,
                Box::new(move |message| match message {
                    ObjectsMessage::Part(part) => {
                        lie(part).into_iter().map(ObjectsMessage::Part).collect()
                    }
                    other => vec![other],
                }),
            );
            assert_eq!(net.fetch(&[1, 2], west.request()), fetched(), "{what}");
            assert!(west.ids().is_superset(&east.ids()) && west.is_whole(), "{what}");
            assert_eq!(net.blamed(), [(1, Why::Lie)], "{what}");
            assert!(net.is_accused(1), "{what}");
        }
    }
}

#[test]
fn a_liar_alone_achieves_nothing() {
    let east = Garden::noisy(3, 600_000);
    for (what, lie) in LIES {
        let west = Garden::empty();
        let mut net = Net::of(1, &[&west, &east]);
        net.tampers.insert(
            1,
            Box::new(move |message| match message {
                ObjectsMessage::Part(part) => {
                    lie(part).into_iter().map(ObjectsMessage::Part).collect()
                }
                other => vec![other],
            }),
        );
        let failed = ObjectsOutput::Failed(1, ObjectsFailure::NoSource);
        assert_eq!(net.fetch(&[1], west.request()), failed, "{what}");
        assert!(west.is_whole(), "{what}");
    }
}

#[test]
fn nonsense_of_any_kind_never_breaks_a_store() {
    let (east, north) = twins(Garden::grown(4, 150, 5));
    for seed in 0..seeds(2) {
        let west = Garden::empty();
        let mut net = Net::of(seed, &[&west, &east, &north]);
        let mut dice = Dice::of(seed);
        net.tampers.insert(
            1,
            Box::new(move |mut message| {
                if let ObjectsMessage::Part(part) = &mut message {
                    let at = dice.index(part.bytes.len());
                    match dice.below(8) {
                        0 => part.bytes[at] ^= 1 << dice.below(8),
                        1 => part.bytes.truncate(at),
                        2 => part.bytes.extend([0; 9]),
                        3 => return Vec::new(),
                        _ => {}
                    }
                }
                vec![message]
            }),
        );
        assert_eq!(net.fetch(&[1, 2], west.request()), fetched());
        assert!(west.ids().is_superset(&east.ids()));
        assert!(west.is_whole());
    }
}

#[test]
fn an_offer_of_too_much_is_refused() {
    let east = Garden::noisy(1, 1000);
    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east]);
    net.tampers.insert(
        1,
        Box::new(|message| match message {
            ObjectsMessage::Offer { transfer, offer, .. } => {
                let offer = Offer { bytes: u64::MAX, ..offer };
                vec![ObjectsMessage::Offer { transfer, offer, comes: false }]
            }
            other => vec![other],
        }),
    );
    let failed = ObjectsOutput::Failed(1, ObjectsFailure::NoSource);
    assert_eq!(net.fetch(&[1], west.request()), failed);
    assert_eq!(net.blamed(), [(1, Why::TooMuch)]);
}

#[test]
fn an_offer_of_other_things_is_given_up_for_one_that_can_be_had() {
    let (east, north) = twins(Garden::noisy(5, 500_000));
    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east, &north]);
    // East promises what nobody has, and sends nothing.
    net.tampers.insert(
        1,
        Box::new(|message| match message {
            ObjectsMessage::Offer { transfer, mut offer, comes } => {
                for Note { check, .. } in &mut offer.pieces {
                    *check = [9; 16];
                }
                vec![ObjectsMessage::Offer { transfer, offer, comes }]
            }
            other => vec![other],
        }),
    );
    assert_eq!(net.fetch(&[1, 2], west.request()), fetched());
    assert_eq!(west.ids(), east.ids());
    assert_eq!(net.blamed(), [(1, Why::Lie)]);
}

#[test]
fn who_is_silent_is_replaced_in_time() {
    let (east, north) = twins(Garden::noisy(5, 500_000));
    for silent_after in [0, 1, 3, 6] {
        let west = Garden::empty();
        let mut net = Net::of(1, &[&west, &east, &north]);
        let mut said = 0;
        net.tampers.insert(
            1,
            Box::new(move |message| {
                said += 1;
                if said > silent_after { Vec::new() } else { vec![message] }
            }),
        );
        assert_eq!(net.fetch(&[1, 2], west.request()), fetched());
        assert_eq!(west.ids(), east.ids());
        assert_eq!(net.blamed(), [(1, Why::Slow)]);
        assert!(net.now.us() < 30_000_000, "{:?}", net.now);
    }
}

#[test]
fn what_links_to_nothing_there_is_not_kept() {
    // East says that its newest seal is all there is: the tree below it never comes.
    let east = Garden::grown(1, 20, 0);
    let seal = *east.seals.last().unwrap();
    let west = Garden::empty();
    let request = Request {
        channel: CHANNEL,
        have: Vec::new(),
        wanted: Wanted::Exactly(vec![Name::of(seal.object())]),
    };
    let mut net = Net::of(1, &[&west, &east]);
    // The tree is asked for by its id, and what is in it, and so on: an honest source has it all.
    assert_eq!(net.fetch(&[1], request.clone()), fetched());
    assert_eq!(west.ids(), east.ids());

    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east]);
    let mut offers = 0;
    net.tampers.insert(
        1,
        Box::new(move |message| match message {
            ObjectsMessage::Offer { transfer, .. } => {
                offers += 1;
                let refused = ObjectsMessage::Refuse { transfer, why: Why::Busy };
                vec![if offers > 2 { refused } else { message }]
            }
            other => vec![other],
        }),
    );
    let outcome = net.fetch(&[1], request);
    assert!(matches!(outcome, ObjectsOutput::Failed(1, ObjectsFailure::Unmet(_))));
    assert_eq!(west.ids(), BTreeSet::<ObjectId>::new());
}

#[test]
fn a_flood_of_wants_and_asks_fills_no_memory() {
    let east = Garden::noisy(20, 500_000);
    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east]);
    for transfer in 0..1000 {
        let request = west.request();
        net.send(0, 1, ObjectsMessage::Want { transfer, request, credit: 0 });
    }
    for transfer in 0..8 {
        for piece in 0..400 {
            let after = After::Nothing;
            net.send(0, 1, ObjectsMessage::Ask { transfer, piece: piece % 5, after });
        }
        net.send(0, 1, ObjectsMessage::Grant { transfer, bytes: 1 });
    }
    net.run(4_500);
    assert!(net.outlets(1) <= 8);
    // A parcel waits for each transfer that may send a byte, and none is on its way.
    assert!(net.sent[&1] < 20_000, "refusals and offers alone");
    net.cut(0, 1);
    net.run(usize::MAX);
    assert_eq!(net.outlets(1), 0);
}

#[test]
fn who_asks_and_never_takes_is_dropped_after_a_while() {
    let east = Garden::noisy(4, 500_000);
    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east]);
    let request = west.request();
    net.send(0, 1, ObjectsMessage::Want { transfer: 1, request, credit: 10 });
    net.run(usize::MAX);
    assert_eq!(net.outlets(1), 0);
    assert!(net.now.us() >= 60_000_000);
}

#[test]
fn answers_to_nobody_are_not_heard() {
    let east = Garden::noisy(1, 1000);
    let west = Garden::empty();
    let mut net = Net::of(1, &[&west, &east]);
    let part = Part { transfer: 7, piece: 0, rest: 0, bytes: vec![1; 100] };
    net.send(1, 0, ObjectsMessage::Part(part));
    let offer = Offer { objects: 1, bytes: 1, pieces: Vec::new(), absent: Vec::new() };
    net.send(1, 0, ObjectsMessage::Offer { transfer: 7, offer, comes: true });
    net.send(1, 0, ObjectsMessage::Refuse { transfer: 7, why: Why::Lie });
    net.send(0, 1, ObjectsMessage::Grant { transfer: 7, bytes: 5 });
    net.send(0, 1, ObjectsMessage::Stop { transfer: 7, why: Why::Lie });
    net.run(usize::MAX);
    assert_eq!((net.sent[&1] < 300, net.blamed(), net.is_accused(1)), (true, vec![], false));
}
