//! What rots at one is brought by another.

use std::collections::BTreeSet;
use std::sync::Arc;

use selkie_store::{Kind, ObjectId, SimDisk, Store};
use selkie_sync::{Event, Notice};

use crate::house::{HOME, House, content, id};

/// A house, and the disk that it stands on.
fn on_disk(number: u8) -> (SimDisk, House) {
    let disk = SimDisk::default();
    let store = Store::open(Arc::new(disk.clone())).unwrap();
    (disk, House::with(number, Arc::new(store)))
}

/// Two who have the same fruits, and are connected.
fn two_with(fruits: &[String]) -> [(SimDisk, House); 2] {
    let [east, west] = [1, 2].map(on_disk);
    east.1.add(fruits);
    west.1.meet(&east.1);
    west.1.wait_until_it_has(fruits);
    // Nothing is under way any more that would be told of later.
    west.1.wait_for_event("agreement", |event| matches!(event, Event::Agreed(..)));
    [east, west]
}

fn fruits() -> Vec<String> {
    ["pear", "plum", "fig", "date"].map(|fruit| format!("{fruit}-3000")).to_vec()
}

fn object(fruit: &str) -> ObjectId {
    ObjectId::of(Kind::Blob, &content(fruit))
}

/// Spoils every copy of a fruit.
fn rot(disk: &SimDisk, fruit: &str) {
    let content = content(fruit);
    for path in disk.paths() {
        let mut bytes = disk.bytes(&path).unwrap();
        let found = bytes.windows(content.len()).position(|window| window == content);
        if let Some(at) = found {
            bytes[at + content.len() / 2] ^= 1;
            disk.rot(&path, bytes);
        }
    }
}

fn is_whole(house: &House, fruit: &str) -> bool {
    house.store.read(&object(fruit)).is_ok_and(|object| object.bytes == content(fruit))
}

fn broken(fruits: &[&str]) -> BTreeSet<ObjectId> {
    fruits.iter().map(|fruit| object(fruit)).collect()
}

#[test]
fn what_rots_at_one_is_brought_by_the_other() {
    let [(_, east), (disk, west)] = two_with(&fruits());
    rot(&disk, "plum-3000");
    west.node.heal(HOME);
    let told = west.wait_for("damage", |notice| matches!(notice, Notice::Broken(..)));
    assert!(matches!(told, Notice::Broken(HOME, ids) if *ids == broken(&["plum-3000"])));
    west.wait_for_event("healing", |event| *event == Event::Healed(HOME, id(1), 1));
    west.wait_for("wholeness", |notice| matches!(notice, Notice::Whole(HOME)));
    assert!(fruits().iter().all(|fruit| is_whole(&west, fruit) && is_whole(&east, fruit)));
}

#[test]
fn what_nobody_has_is_told_and_the_rest_is_healed() {
    let [easts, wests] = two_with(&fruits()).map(|(disk, house)| {
        house.node.close();
        disk
    });
    for disk in [&easts, &wests] {
        rot(disk, "pear-3000");
    }
    rot(&wests, "date-3000");
    // Nothing of it is remembered from before.
    let [east, west] = [(1, &easts), (2, &wests)].map(|(number, disk)| {
        House::with(number, Arc::new(Store::open(Arc::new(disk.clone())).unwrap()))
    });
    west.meet(&east);
    west.wait_for_event("agreement", |event| matches!(event, Event::Agreed(..)));
    // She who is asked believes that she has it, until she is to send it.
    west.node.heal(HOME);
    let told = west.wait_for("loss", |notice| matches!(notice, Notice::Unhealed(..)));
    let lost = broken(&["pear-3000", "date-3000"]);
    assert!(matches!(told, Notice::Unhealed(HOME, ids) if *ids == lost));
    // Then she looks.
    west.node.heal(HOME);
    west.wait_for_event("healing", |event| *event == Event::Healed(HOME, id(1), 1));
    let told = west.wait_for("loss", |notice| matches!(notice, Notice::Unhealed(..)));
    assert!(matches!(told, Notice::Unhealed(HOME, ids) if *ids == broken(&["pear-3000"])));
    assert!(is_whole(&west, "date-3000") && !is_whole(&west, "pear-3000"));
    let told = east.wait_for("loss", |notice| matches!(notice, Notice::Broken(..)));
    assert!(matches!(told, Notice::Broken(HOME, ids) if *ids == broken(&["pear-3000"])));
}

#[test]
fn where_nothing_is_broken_nothing_is_told_of_it() {
    let [(_, east), (_, west)] = two_with(&fruits());
    west.node.heal(HOME);
    let alike = Event::Compared { peer: id(1), channel: HOME, lacked: 0, lent: 0 };
    let told = west.wait_for("a comparison", |notice| match notice {
        Notice::Event(event) => *event == alike,
        other => matches!(other, Notice::Broken(..) | Notice::Uncared(..)),
    });
    assert!(matches!(told, Notice::Event(_)), "{told:?}");
    drop(east);
}

#[test]
fn two_find_each_other_by_a_third() {
    let [first, second, third] = [1, 2, 3].map(House::new);
    first.befriend(3);
    third.befriend(1);
    for house in [&first, &third] {
        house.node.locate(vec![house.node.address()]).unwrap();
        house.meet(&second);
    }
    first
        .wait_for_event("a session", |event| matches!(event, Event::Up(node, _) if *node == id(3)));
    third.add(&["pear".to_owned()]);
    first.wait_until_it_has(&["pear".to_owned()]);
}
