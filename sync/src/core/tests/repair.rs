use selkie_store::encode;

use super::*;
use crate::core::event::Uncompared;
use crate::core::mend::{Opener, Refusal};
use crate::repair::message::RepairMessage;
use crate::repair::session::{Input as Said, Output as Says, Repair};

/// Two that hold the same, but that this one has an object which no entry of the other names.
fn with_more(number: usize, word: &str) -> Pair {
    let mut pair = Pair::met();
    pair.grant(&Right::Write(Scope::All));
    pair.add(0, "pear");
    let batch = Batch::new(&pair.nodes[number].store);
    batch.put(Kind::Blob, word.as_bytes(), Hint::NONE).unwrap();
    batch.finish().unwrap();
    pair.events.clear();
    pair
}

fn repair(pair: &mut Pair, number: usize) {
    pair.happens(number, Input::Repair(HOME));
    pair.run();
}

/// The first message of a repair by somebody who has nothing.
fn first() -> RepairMessage {
    let inventory = Arc::new(Inventory::new(Vec::new(), &Salt::from_bytes([0; 32])));
    let mut repair = Repair::open(inventory, [1; 16]);
    let said = repair.handle(Moment::START, Said::Room).find_map(|output| match output {
        Says::Send(message) => Some(message),
        Says::Done(_) | Says::Failed(_) | Says::WakeAt(_) => None,
    });
    said.unwrap()
}

fn hears(pair: &mut Pair, mend: &Mend) {
    let bytes = encode(mend).unwrap();
    pair.happens(0, Input::Message(CALL, Lane::Repair, bytes));
    pair.run();
}

#[test]
fn whoever_opens_it_each_fetches_what_it_lacks() {
    for (opens, has) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut pair = with_more(has, "plum");
        repair(&mut pair, opens);
        let lacks = 1 - has;
        assert!(pair.nodes[lacks].store.has(&object("plum")).unwrap(), "{opens} {has}");
        assert!(pair.events.contains(&(lacks, Event::Healed(HOME, id(has), 1))));
        for number in 0..2 {
            let (peer, channel) = (id(1 - number), HOME);
            let (lacked, lent) = if number == lacks { (1, 0) } else { (0, 1) };
            let compared = Event::Compared { peer, channel, lacked, lent };
            assert!(pair.events.contains(&(number, compared)), "{:?}", pair.events);
        }
    }
}

#[test]
fn from_who_may_only_read_nothing_is_fetched() {
    let mut pair = with_more(1, "plum");
    pair.happens(0, Input::Grant(HOME, id(1), Right::Read));
    repair(&mut pair, 1);
    let compared = Event::Compared { peer: id(1), channel: HOME, lacked: 1, lent: 0 };
    assert!(pair.events.contains(&(0, compared)), "{:?}", pair.events);
    assert!(!pair.nodes[0].store.has(&object("plum")).unwrap());
    // And it is not asked.
    pair.events.clear();
    repair(&mut pair, 0);
    assert_eq!(pair.events, []);
}

#[test]
fn who_may_not_have_the_channel_is_told_nothing() {
    let mut pair = with_more(0, "plum");
    pair.happens(0, Input::Deny(HOME, id(1)));
    repair(&mut pair, 1);
    let refused = Uncompared::Refused(Refusal::Closed);
    assert_eq!(pair.events, [(1, Event::Uncompared(HOME, id(0), refused))]);
}

/// Whether a repair came to its end at both.
fn is_compared(pair: &Pair) -> bool {
    let at = |number| {
        move |event: &(usize, Event)| event.0 == number && matches!(event.1, Event::Compared { .. })
    };
    (0..2).all(|number| pair.events.iter().any(at(number)))
}

#[test]
fn a_repair_waits_for_a_peer_that_does_not_read() {
    let mut pair = with_more(0, "plum");
    pair.happens(0, Input::Stalled(CALL));
    repair(&mut pair, 0);
    assert!(!is_compared(&pair));
    pair.happens(0, Input::Drained(CALL));
    pair.run();
    assert!(is_compared(&pair));
}

#[test]
fn who_did_not_read_and_comes_again_is_told_all() {
    let mut pair = with_more(0, "plum");
    pair.happens(0, Input::Stalled(CALL));
    for number in 0..2 {
        pair.happens(number, Input::Session(session::Input::Broken(CALL)));
    }
    pair.run();
    pair.now += Duration::from_secs(5);
    pair.happens(0, Input::Tick);
    pair.run();
    pair.add(0, "peach");
    assert_eq!(pair.fruits(1), ["peach", "pear"]);
    pair.events.clear();
    repair(&mut pair, 0);
    assert!(is_compared(&pair));
}

#[test]
fn who_loses_the_channel_amid_a_repair_hears_no_more_of_it() {
    let mut pair = with_more(0, "plum");
    pair.happens(0, Input::Repair(HOME));
    // What is here was listed for it, and the first word of it is on its way.
    let begun = |pair: &Pair| pair.lanes.contains(&Lane::Repair);
    pair.lanes.clear();
    while !begun(&pair) {
        let (number, input) = pair.line.pop_front().unwrap();
        pair.happens(number, input);
    }
    pair.happens(0, Input::Deny(HOME, id(1)));
    pair.run();
    assert!(!is_compared(&pair));
    assert!(!pair.nodes[1].store.has(&object("plum")).unwrap());
}

#[test]
fn who_opens_too_many_waits() {
    let mut pair = with_more(0, "plum");
    pair.lanes.clear();
    for _ in 0..20 {
        hears(&mut pair, &Mend::Open(HOME, first()));
        hears(&mut pair, &Mend::Over(Opener::Me, Refusal::Failed));
    }
    let begun = |(number, event): &&(usize, Event)| {
        *number == 0 && matches!(event, Event::Uncompared(..) | Event::Compared { .. })
    };
    assert_eq!(pair.events.iter().filter(begun).count(), 4, "{:?}", pair.events);
}

#[test]
fn what_belongs_to_no_repair_is_passed_over() {
    let mut pair = with_more(0, "plum");
    for opener in [Opener::Me, Opener::You] {
        hears(&mut pair, &Mend::Says(opener, first()));
        hears(&mut pair, &Mend::Over(opener, Refusal::Busy));
    }
    assert_eq!(pair.events, []);
}

#[test]
fn a_salt_goes_with_where_the_logs_stand() {
    let stand = |position| Stand { position, mark: [7; 8] };
    let stands = |position| Stands::from([(ActorId::from_bytes([1; 16]), stand(position))]);
    let salts = [
        mending::salt(HOME, Some(&stands(1)), 0),
        mending::salt(HOME, Some(&stands(2)), 0),
        mending::salt(HOME, Some(&stands(1)), 1),
        mending::salt(ChannelId::from_bytes([9; 16]), Some(&stands(1)), 0),
    ];
    assert_eq!(salts[0], mending::salt(HOME, Some(&stands(1)), 0));
    for (at, salt) in salts.iter().enumerate() {
        assert!(!salts[..at].contains(salt), "{at}");
    }
}
