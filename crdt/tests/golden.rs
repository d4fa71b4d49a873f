//! The bytes of every type: what one release wrote, all later ones read and write again.
//!
//! Each row is what follows the header: the span, the ends, the root. A change of an expectation
//! is a change of the format and wants a new version in it.

use selkie_crdt::{
    ActorId, AwMap, AwSet, Causal, Counter, Delta, Doc, DwFlag, Entity, EwFlag, FwwRegister,
    GrowSet, Hlc, Keys, List, LwwRegister, MaxRegister, MinRegister, MvRegister, RwSet,
};

#[test]
fn a_set_of_numbers() {
    check::<AwSet<u64>>("0ecad748", "04 04  01 00  01 02  00 08  00 07 ac02", |set| {
        set.edit().add(7);
        set.edit().add(9);
        set.edit().add(300);
        set.edit().remove(&9);
    });
}

#[test]
fn a_set_of_texts() {
    check::<AwSet<String>>(
        "41132d4c",
        "02 02  01 00  01 02  02 00  00 04 70656172 03 666967",
        |set| {
            set.edit().add("pear".into());
            set.edit().add("fig".into());
        },
    );
}

/// Each text without what it shares with the one before: four bits each for how long the stem and the rest are.
#[test]
fn a_set_of_texts_that_begin_alike() {
    let texts = "01 0c 656c656d656e742030303431 a2 3137 b1 38";
    let expected = format!("03 03  01 00  01 03  02 01  {texts}");
    check::<AwSet<String>>("41132d4c", &expected, |set| {
        set.edit().add("element 0041".into());
        set.edit().add("element 0017".into());
        set.edit().add("element 0018".into());
    });
}

#[test]
fn a_set_where_removes_win() {
    check::<RwSet<u8>>("b5a9d2ce", "03 03  01 00  01 02  00 02 01  00 0a 00  01 00", |set| {
        set.edit().add(1);
        set.edit().add(2);
        set.edit().remove(1);
    });
}

#[test]
fn registers() {
    check::<LwwRegister<String>>("67b03f36", "01 01  01 00  01 00  00 0c 01 78", |register| {
        register.edit().write("x".into(), AT);
    });
    check::<FwwRegister<bool>>("58091898", "01 01  01 00  01 00  00 0c 01", |register| {
        register.edit().write(true, AT);
    });
    check::<MvRegister<i32>>("a48748dd", "01 01  01 00  01 00  00 03", |register| {
        register.edit().write(-2);
    });
}

#[test]
fn flags() {
    check::<EwFlag>("1822219e", "01 01  01 00  01 00  00 00", |flag| flag.edit().enable());
    check::<DwFlag>("8b298599", "01 01  01 00  01 00  00 00", |flag| flag.edit().disable());
}

#[test]
fn a_counter() {
    check::<Counter>("f3bef1c8", "02 02  01 00  01 00  08 05 03", |counter| {
        counter.edit().add(5);
        counter.edit().add(-3);
    });
}

#[test]
fn largest_and_smallest() {
    check::<MaxRegister<u8>>("19ec23cf", "01 01  01 00  01 00  00 07", |register| {
        assert!(register.edit().raise(7));
    });
    check::<MinRegister<u8>>("075aaf0c", "01 01  01 00  01 00  00 07", |register| {
        assert!(register.edit().lower(7));
    });
}

#[test]
fn a_set_that_only_grows() {
    check::<GrowSet<u8>>("e1520251", "02 02  01 00  01 02  02 00  01 02", |set| {
        set.edit().add(1);
        set.edit().add(2);
    });
}

#[test]
fn a_list() {
    let items = format!("02 00 01 {} 00 04", "ea".repeat(16));
    let places = "03 00 03 010000 080c00 01 4557d550 01 02 01 0a";
    let moves = "00 080c 01 4557d550 01 12";
    let values = "00 1c08 0c00 00 04 70656172 03 666967";
    let expected = format!("05 05  01 00  01 {items} {places} {moves} {values}");
    check::<List<LwwRegister<String>>>("cd127f68", &expected, |list| {
        let pear = list.edit().push("pear".into(), AT);
        list.edit().push("fig".into(), AT);
        list.edit().move_to(pear, 1, AT);
    });
}

#[test]
fn a_map_of_maps_lists_keys_that_repeat_once() {
    let outer = "02 00 00 01 61 01 62";
    let inner = "03 03 00 01 03 01 02 03 00 01 02 00 01 02";
    let leaves = "00 02 04 01 02 03 01 02 03";
    let expected = format!("06 06  01 00  01 {outer} {inner} {leaves}");
    check::<AwMap<String, AwMap<u8, MvRegister<u8>>>>("2a8ed875", &expected, |map| {
        for (outer, inner) in [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)] {
            map.edit().entry(outer.into()).entry(inner).write(inner);
        }
    });
}

#[test]
fn an_entity() {
    let touch = "03 00 00 00";
    let attributes = "03 01 00 04 6e616d65 00 00 0c 03 416e6e";
    let collections = "01 00 04 74616773 01 00 03 6e6577";
    let expected = format!("03 03  01 00  01 {touch} {attributes} {collections}");
    check::<Entity<String>>("fb18b4d8", &expected, |entity| {
        entity.edit().touch();
        entity.edit().set("name", "Ann".into(), AT);
        entity.edit().collection("tags").add("new".into());
    });
}

#[test]
fn a_delta_spells_a_key_or_names_it_by_what_was_replaced() {
    let mut east: Doc<AwMap<String, LwwRegister<u8>>> = Doc::about("it", EAST);
    east.edit().entry("k".into()).write(1, AT);
    east.edit().entry("l".into()).write(1, AT);
    let before = east.version();
    east.edit().entry("k".into()).write(2, AT);
    east.edit().remove("l");

    let spelled = east.delta_with(&before, Keys::Spelled).unwrap();
    let named = east.delta_with(&before, Keys::Named).unwrap();

    let ends = "00 02 00 1200 1e00";
    let expected = format!("04 02  {ends}  01 01 00 01 6b 00 00 0c 02");
    assert_eq!(hex(&spelled.to_bytes()), header("2f4b0e67") + &packed(&expected));
    let expected = format!("04 02  {ends}  01 01 02 00 00 0c 02");
    assert_eq!(hex(&named.to_bytes()), header("2f4b0e67") + &packed(&expected));
}

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const AT: Hlc = Hlc::from_ms(3);

fn check<T: Causal>(shape: &str, expected: &str, change: impl FnOnce(&mut Doc<T>)) {
    let mut east: Doc<T> = Doc::about("it", EAST);
    change(&mut east);
    let bytes = east.to_bytes();
    assert_eq!(hex(&bytes), header(shape) + &packed(expected));
    assert_eq!(Delta::<T>::from_bytes(&bytes).unwrap().to_bytes(), bytes);
}

/// Magic and version, the shape, what it is about, and its one actor.
fn header(shape: &str) -> String {
    format!("536b4401{shape}02697401{}", "ea".repeat(16))
}

fn packed(hex: &str) -> String {
    hex.split_whitespace().collect()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).expect("half a byte is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
