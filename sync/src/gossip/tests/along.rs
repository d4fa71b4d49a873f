//! What comes along with entries.

use super::room::{HOME, Room, node, stream};
use super::{BLINK, MINUTES, written};
use crate::gossip::coming::PASSED_ON_LEN_MAX;
use crate::gossip::message::{ALONG_LEN_MAX, Message, Says};
use crate::gossip::{Input, Output, ROOM};

/// Bytes that came along with what a node took in, where any did.
fn came(room: &Room, number: usize) -> Vec<usize> {
    room.nodes[number].along.iter().copied().filter(|len| *len > 0).collect()
}

#[test]
fn objects_that_were_not_all_are_passed_on_by_nobody() {
    let mut room = written(4, 1);
    room.meet_all();
    room.run(MINUTES);
    room.write_along(3, stream(3), "second", b"a parcel");
    room.run(BLINK);
    assert!(room.is_one());
    let with = room.sent.iter().filter(|sent| along(&sent.message) > 0);
    assert!(with.clone().all(|sent| sent.from == 3) && with.count() == 3);
}

#[test]
fn a_short_parcel_that_was_all_is_passed_on() {
    for (len, passed_on) in [(PASSED_ON_LEN_MAX, 7), (PASSED_ON_LEN_MAX + 1, 0)] {
        let mut room = written(9, 1);
        room.are_whole = true;
        // Eight know one, and not each other.
        (1..9).for_each(|number| room.meet(0, number));
        room.run(MINUTES);
        room.forget();
        room.write_along(3, stream(3), "second", &vec![7; len]);
        room.run(BLINK);
        assert!(room.is_one());
        let with = |from: usize| {
            let sent = room.sent.iter().filter(|sent| along(&sent.message) == len);
            sent.filter(|sent| sent.from == from).count()
        };
        assert_eq!((with(3), with(0)), (1, passed_on));
    }
}

#[test]
fn who_lacks_something_else_is_sent_no_objects() {
    let mut room = written(2, 2);
    room.meet(0, 1);
    // Where the logs of the other stand was not heard yet.
    room.write_along(0, stream(0), "second", b"a parcel");
    room.run(BLINK);
    assert!(room.is_one());
    assert!(came(&room, 1).is_empty());
}

#[test]
fn an_answer_comes_with_its_objects() {
    let mut room = written(2, 3);
    room.answers_along = 700;
    room.meet(0, 1);
    room.run(BLINK);
    assert_eq!((came(&room, 0), came(&room, 1)), (vec![700], vec![700]));
}

#[test]
fn no_more_goes_along_than_there_is_room_for() {
    let mut room = written(2, 4);
    room.meet(0, 1);
    room.run(MINUTES);
    room.happens(0, Input::Received(node(1), Message { channel: HOME, says: Says::Room(20) }));
    for text in ["second", "third", "fourth"] {
        room.write_along(0, stream(0), text, b"a parcel");
    }
    room.run(BLINK);
    assert_eq!(came(&room, 1), [8, 8]);
}

#[test]
fn who_reads_lets_others_send_on() {
    let mut room = written(2, 5);
    room.meet(0, 1);
    room.run(MINUTES);
    let count = 20 * ROOM as usize / ALONG_LEN_MAX;
    for number in 0..count {
        room.write_along(0, stream(0), &number.to_string(), &vec![7; ALONG_LEN_MAX]);
        room.run(BLINK);
    }
    assert_eq!(came(&room, 1).len(), count);
    assert!(!room.told.iter().any(|(_, output)| matches!(output, Output::Rude(_))));
}

#[test]
fn who_sends_more_along_than_it_may_is_rude() {
    let mut room = written(2, 6);
    room.meet(0, 1);
    room.run(MINUTES);
    room.forget();
    // It does not wait for what it may, and the store takes nothing in.
    room.happens(
        0,
        Input::Received(node(1), Message { channel: HOME, says: Says::Room(u32::MAX) }),
    );
    for number in 0..=2 * ROOM as usize / ALONG_LEN_MAX {
        assert_eq!(room.told, [], "after {number}");
        room.write_along(0, stream(0), &number.to_string(), &vec![7; ALONG_LEN_MAX]);
        let sent = room.sent.last().unwrap().message.clone();
        room.happens(1, Input::Received(node(0), sent));
    }
    assert_eq!(room.told, [(1, Output::Rude(node(0)))]);
}

#[test]
fn what_comes_a_second_time_is_counted_and_let_go() {
    let mut room = written(2, 7);
    room.meet(0, 1);
    room.run(MINUTES);
    room.write_along(0, stream(0), "second", &vec![7; ALONG_LEN_MAX]);
    let sent = room.sent.last().unwrap().message.clone();
    room.run(BLINK);
    room.forget();
    for _ in 0..5 * ROOM as usize / ALONG_LEN_MAX {
        room.happens(1, Input::Received(node(0), sent.clone()));
        room.run(BLINK);
    }
    assert_eq!(came(&room, 1), [ALONG_LEN_MAX]);
    assert_eq!(room.told, [], "it is let send on as it is read");
}

fn along(message: &Message) -> usize {
    match &message.says {
        Says::Entries(_, _, along) => along.len(),
        _ => 0,
    }
}
