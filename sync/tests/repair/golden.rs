//! What is said stays spelled as it is.

use selkie_store::{decode, encode};
use selkie_sync::{Dice, RepairMessage};

use crate::forge::{self, ANSWER, ASK, CELLS, GAPS, IDS, LIST, MORE, OPEN, PROOF, REPLY, Turn};
use crate::forge::{SETTLED, SKETCH, SUM, TAILS, TELL, bytes, number, said};
use crate::pair::{ids, inventory, repair};

#[test]
fn each_message_has_its_bytes() {
    let zeros = vec![0; 2_048];
    let short = [&[1][..], &[9; 8], &number(128), &[2; 128], &bytes(&[5; 640])].concat();
    let span = |end: &[u8], says: u8, body: &[u8]| [&bytes(end)[..], &[says], body].concat();
    let spans = [
        number(4),
        span(&[1], SETTLED, &[]),
        span(&[2], SUM, &[7; 16]),
        span(&[2, 1], LIST, &bytes(&[3; 16])),
        span(&[], TELL, &[]),
    ];
    let spans = spans.concat();
    let cases: [(&str, Vec<u8>); 14] = [
        ("open, 300 ids", said(OPEN, &[&[1; 16], &[251, 44, 1], &[0]], Turn::Ends)),
        ("open, 3 ids", said(OPEN, &[&[1; 16], &[3], &short], Turn::Ends)),
        ("answer, 70000 ids ..", said(ANSWER, &[&[1; 16], &[252, 0x70, 0x11, 1, 0]], Turn::GoesOn)),
        ("sketch ..", said(SKETCH, &[&[251, 0, 8], &zeros], Turn::GoesOn)),
        ("cells, 20 bytes", said(CELLS, &[&[20], &[6; 20]], Turn::Ends)),
        ("200 cells more", said(MORE, &[&[200]], Turn::Ends)),
        ("ask by Image of 4 ranges", said(ASK, &[&[0], &spans], Turn::Ends)),
        ("ask by Id of 4 ranges", said(ASK, &[&[1], &spans], Turn::Ends)),
        ("reply of 4 ranges ..", said(REPLY, &[&spans], Turn::GoesOn)),
        ("2 ids ..", said(IDS, &[&[64], &[8; 64]], Turn::GoesOn)),
        ("3 gaps ..", said(GAPS, &[&[3, 0, 250, 251, 251, 0]], Turn::GoesOn)),
        ("2 tails ..", said(TAILS, &[&[48], &[8; 48]], Turn::GoesOn)),
        ("proof", said(PROOF, &[&[4; 32]], Turn::Ends)),
        ("proof ..", said(PROOF, &[&[4; 32]], Turn::GoesOn)),
    ];
    for (shown, bytes) in cases {
        let message =
            decode::<RepairMessage>(&bytes).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(format!("{message:?}"), shown);
        assert_eq!(encode(&message).unwrap(), bytes, "{shown}");
    }
}

#[test]
fn messages_that_say_nothing_are_none() {
    let bound_with_zero = [&[1][..], &bytes(&[1, 0]), &[SETTLED]].concat();
    let long_bound = [&[1][..], &bytes(&[1; 33]), &[SETTLED]].concat();
    let cases: [(&str, Vec<u8>); 11] = [
        ("no cells", said(CELLS, &[&[0]], Turn::Ends)),
        ("no cells more", said(MORE, &[&[0]], Turn::Ends)),
        ("no ranges", said(ASK, &[&[0], &[0]], Turn::Ends)),
        ("no ids", said(IDS, &[&[0]], Turn::Ends)),
        ("half an id", said(IDS, &[&[31], &[1; 31]], Turn::Ends)),
        ("no gaps", said(GAPS, &[&[0]], Turn::Ends)),
        ("half a tail", said(TAILS, &[&[23], &[1; 23]], Turn::Ends)),
        ("two counters", said(SKETCH, &[&[2, 0, 0]], Turn::Ends)),
        ("a bound with a zero at its end", said(REPLY, &[&bound_with_zero], Turn::Ends)),
        ("a bound longer than a key", said(REPLY, &[&long_bound], Turn::Ends)),
        ("cells that are not there", said(CELLS, &[&[252, 255, 255, 255, 255]], Turn::Ends)),
    ];
    for (what, bytes) in cases {
        assert!(decode::<RepairMessage>(&bytes).is_err(), "{what}");
    }
}

/// Whole talks: a change of a layout, a hash or a rule shows here. It takes another version of the protocol.
#[test]
fn the_same_sets_are_talked_over_in_these_bytes() {
    let talks = [(200, 3, 4, 7), (3_000, 300, 200, 7), (4_000, 2_500, 200, 7), (500, 20, 30, 8)];
    let hashes = talks.map(|(shared, ours, theirs, salt)| {
        let mut dice = Dice::of(11);
        let shared = ids(&mut dice, shared);
        let [east, west] =
            [ours, theirs].map(|alone| [&shared[..], &ids(&mut dice, alone)].concat());
        let course = repair(inventory(&east, 7), inventory(&west, salt));
        let mut hasher = blake3::Hasher::new();
        for said in &course.said {
            hasher.update(&forge::bytes(&said.bytes));
        }
        hasher.finalize().to_hex()[..16].to_owned()
    });
    assert_eq!(
        hashes,
        ["8b1f06a3bea6fbaf", "b8271b41c7787934", "d7fe1221681b11d6", "4fc95412f1274b1e"]
    );
}
