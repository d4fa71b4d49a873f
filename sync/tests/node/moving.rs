//! Entries and objects move.

use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{Loss, SimDisk, Store};
use selkie_sync::{Event, Notice};

use crate::house::{DEADLINE, House, id};

fn items(name: &str, count: usize, len: usize) -> Vec<String> {
    (0..count).map(|number| format!("{name}-{number}-{len}")).collect()
}

#[test]
fn both_get_what_the_other_has_and_what_is_added_later() {
    let (east, west) = (House::new(1), House::new(2));
    let (pears, plums) = (items("pear", 40, 3_000), items("plum", 30, 70_000));
    east.add(&pears);
    west.add(&plums);
    east.meet(&west);
    let mut all = [pears, plums].concat();
    east.wait_until_it_has(&all);
    west.wait_until_it_has(&all);
    let late = items("late", 1, 100);
    west.add(&late);
    all.extend(late);
    east.wait_until_it_has(&all);
    let moved = east.node.moved();
    // The first entry begins the log. The last object went along with its entry.
    assert_eq!((moved.entries_in, moved.objects_in), (32, 31));
    assert_eq!(moved.object_bytes_in, 30 * 70_000 + 100);
    east.wait_for_event("agreement", |event| matches!(event, Event::Agreed(..)));
    east.node.close();
    west.wait_for_event(
        "farewell",
        |event| matches!(event, Event::Down(node, _) if *node == id(1)),
    );
    west.node.close();
}

#[test]
fn two_who_hold_two_histories_of_a_third_find_where_it_ends() {
    let disk = SimDisk::default();
    let open = |disk: &SimDisk| Arc::new(Store::open(Arc::new(disk.clone())).unwrap());
    let both = items("both", 1, 100);
    House::with(1, open(&disk)).add(&both);
    let copy = disk.crashed(disk.steps(), Loss::Nothing);
    House::with(1, open(&disk)).add(&items("one", 3, 100));
    House::with(1, open(&copy)).add(&items("other", 7, 100));
    let (east, west) = (House::with(2, open(&disk)), House::with(3, open(&copy)));
    east.meet(&west);
    for house in [&east, &west] {
        house.wait_for_event("end", |event| matches!(event, Event::Ended(_, _, 2)));
        house.wait_for_event("agreement", |event| matches!(event, Event::Agreed(..)));
        assert_eq!(house.items(), both);
    }
}

#[test]
fn a_third_gets_from_the_second_what_the_first_has() {
    let [first, second, third] = [1, 2, 3].map(House::new);
    let fruits = items("fruit", 20, 5_000);
    first.add(&fruits);
    second.meet(&first);
    third.meet(&second);
    third.wait_until_it_has(&fruits);
}

#[test]
fn who_is_killed_on_the_way_goes_on_where_it_was() {
    let east = House::new(1);
    let blobs = items("blob", 64, 1 << 20);
    east.add(&blobs);
    let west = House::new(2);
    west.meet(&east);
    let until = Instant::now() + DEADLINE;
    while west.node.moved().objects_in < 20 {
        assert!(Instant::now() < until, "{:?} came", west.node.moved());
        let _told = west.notices.next_within(Duration::from_millis(1));
    }
    let House { store, node, .. } = west;
    // No goodbye: as if the power went.
    drop(node);
    let again = House::with(2, Arc::clone(&store));
    again.meet(&east);
    again.wait_until_it_has(&blobs);
    let came = again.node.moved().objects_in;
    assert!(came < 64, "what was here was sent again: {came}");
}

#[test]
fn what_is_shut_is_told_of_no_more() {
    let (east, west) = (House::new(1), House::new(2));
    east.meet(&west);
    east.wait_for_event("a session", |event| matches!(event, Event::Up(..)));
    west.node.shut(crate::house::HOME);
    east.add(&items("pear", 1, 10));
    east.wait_for_event(
        "a closed door",
        |event| matches!(event, Event::Closed(node, _) if *node == id(2)),
    );
    assert!(west.items().is_empty());
}

#[test]
fn nobody_hears_of_a_node_that_was_closed() {
    let east = House::new(1);
    let notices = east.node.notices();
    east.node.close();
    assert!(notices.next_within(Duration::from_secs(600)).is_none());
    assert!(notices.is_over());
}

#[test]
fn a_session_is_told_of_at_both_ends() {
    let (east, west) = (House::new(1), House::new(2));
    east.meet(&west);
    let is_up = |notice: &Notice| matches!(notice, Notice::Event(Event::Up(..)));
    east.wait_for("a session", is_up);
    west.wait_for("a session", is_up);
    assert_eq!(east.node.peers(), [id(2)]);
    assert_eq!(east.node.why_not(id(2)), None);
}
