//! Lists whose items are moved while others change and remove them.

use selkie_crdt::{
    ActorId, AwMap, AwSet, Contested, Counter, Delta, Doc, Hlc, ItemChange, ItemId, Keys, List,
    ListChange, LwwRegister, RegisterChange,
};

type Words = List<LwwRegister<String>>;

#[test]
fn values_stand_where_they_were_inserted() {
    let mut east = doc(1);
    push(&mut east, ["a", "c"]);
    east.edit().insert(1, "b".into(), ms(2));
    east.edit().insert(99, "d".into(), ms(3));
    assert_eq!(words(&east), ["a", "b", "c", "d"]);
}

#[test]
fn an_item_keeps_its_name_wherever_it_is_moved() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let c = east.root().id_at(2).unwrap();
    assert!(east.edit().move_to(c, 0, ms(2)));
    west.merge(&east).unwrap();
    assert_eq!(words(&west), ["c", "a", "b"]);
    assert_eq!(west.root().index_of(c), Some(0));
}

#[test]
fn two_concurrent_moves_leave_one_item_where_the_later_put_it() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let a = east.root().id_at(0).unwrap();
    east.edit().move_to(a, 1, ms(9));
    west.edit().move_to(a, 2, ms(8));
    agree([&mut east, &mut west]);
    assert_eq!(words(&east), ["b", "a", "c"]);
}

#[test]
fn a_move_by_a_clock_that_is_behind_still_moves() {
    let [mut east, _] = twins(["a", "b"]);
    let b = east.root().id_at(1).unwrap();
    east.edit().move_to(b, 0, ms(0));
    assert_eq!(words(&east), ["b", "a"]);
}

#[test]
fn a_move_to_where_an_item_stands_takes_no_dot() {
    let [mut east, _] = twins(["a", "b"]);
    let before = east.version();
    let b = east.root().id_at(1).unwrap();
    assert!(east.edit().move_to(b, 7, ms(2)));
    assert_eq!(east.version(), before);
}

#[test]
fn a_change_of_the_value_survives_a_concurrent_removal_and_keeps_its_place() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let b = east.root().id_at(1).unwrap();
    east.edit().remove(b);
    west.edit().write(b, "B".into(), ms(2));
    agree([&mut east, &mut west]);
    assert_eq!(words(&east), ["a", "B", "c"]);
}

#[test]
fn a_removal_beats_a_concurrent_move() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let b = east.root().id_at(1).unwrap();
    east.edit().remove(b);
    west.edit().move_to(b, 0, ms(2));
    agree([&mut east, &mut west]);
    assert_eq!(words(&east), ["a", "c"]);
    assert_eq!((east.root().len(), east.root().item(b)), (2, None));
}

#[test]
fn what_a_removed_move_left_ends_with_the_next_removal() {
    let [mut east, mut west] = twins(["a", "b"]);
    let [a, b] = [0, 1].map(|at| east.root().id_at(at).unwrap());
    east.edit().remove(b);
    west.edit().move_to(b, 0, ms(2));
    agree([&mut east, &mut west]);
    east.edit().remove(a);
    agree([&mut east, &mut west]);
    assert_eq!(west.root(), &Words::default());
    assert!(east.version_of(east.root()).is_empty());
}

#[test]
fn a_change_of_the_value_does_not_take_back_a_concurrent_move() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let a = east.root().id_at(0).unwrap();
    east.edit().move_to(a, 2, ms(2));
    west.edit().write(a, "A".into(), ms(3));
    agree([&mut east, &mut west]);
    assert_eq!(words(&west), ["b", "c", "A"]);
}

#[test]
fn a_moved_item_that_was_changed_comes_back_where_it_was_moved_to() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let a = east.root().id_at(0).unwrap();
    east.edit().move_to(a, 2, ms(2));
    west.merge(&east).unwrap();
    east.edit().remove(a);
    west.edit().write(a, "A".into(), ms(3));
    agree([&mut east, &mut west]);
    assert_eq!(words(&east), ["b", "c", "A"]);
}

#[test]
fn runs_of_three_authors_at_one_gap_stand_one_after_the_other() {
    let mut replicas = [1, 2, 3].map(doc);
    push(&mut replicas[0], ["first", "last"]);
    let start = replicas[0].state();
    replicas[1].join(start.clone()).unwrap();
    replicas[2].join(start).unwrap();
    for (who, replica) in replicas.iter_mut().enumerate() {
        for n in 0..3 {
            let forward = if who == 1 { 1 } else { 1 + n };
            replica.edit().insert(forward, format!("{who}"), ms(5));
        }
    }
    agree(replicas.each_mut());
    let mut middle = words(&replicas[0])[1..10].to_vec();
    middle.dedup();
    assert_eq!(middle.len(), 3);
}

#[test]
fn three_replicas_that_shuffle_remove_and_change_agree_whatever_the_order() {
    let mut dice = Dice(5);
    for _ in 0..150 {
        let mut replicas = [1, 2, 3].map(doc);
        for round in 0..24 {
            let who = dice.roll(3);
            let replica = &mut replicas[who];
            let (len, at) = (replica.root().len(), ms(round + dice.roll(4) as u64));
            let item = replica.root().id_at(dice.roll(len.max(1)));
            let mut edit = replica.edit();
            let to = dice.roll(len + 1);
            match (dice.roll(6), item) {
                (0 | 1, _) | (_, None) => _ = edit.insert(to, "x".into(), at),
                (2 | 3, Some(item)) => _ = edit.move_to(item, to, at),
                (4, Some(item)) => _ = edit.write(item, "y".into(), at),
                (_, Some(item)) => _ = edit.remove(item),
            }
            let from = replicas[dice.roll(3)].state();
            let to = dice.roll(3);
            replicas[to].join(from).unwrap_or_else(|_| panic!("a state has no gap"));
            assert_sorted_alike(&replicas[to]);
        }
        agree(replicas.each_mut());
    }
}

#[test]
fn the_order_is_the_same_whether_told_item_by_item_or_at_once() {
    let mut east = doc(1);
    let mut west = doc(2);
    for n in 0..100 {
        east.edit().insert(n / 2, n.to_string(), ms(1));
        west.merge(&east).unwrap();
    }
    let loaded = Doc::<Words>::load(ActorId::from_bytes([3; 16]), &east.to_bytes()).unwrap();
    assert_eq!(words(&west), words(&east));
    assert_eq!(words(&loaded), words(&east));
    assert_eq!(loaded.to_bytes(), west.to_bytes());
}

#[test]
fn ten_thousand_values_appended_a_second_apart_take_ten_bytes_each_beyond_the_value() {
    let mut east = doc(1);
    // Values that begin unlike those before them, so that each is spelled whole.
    for n in 0..10_000 {
        let value = if n % 2 == 0 { "eight by" } else { "the next" };
        east.edit().push(value.into(), ms(1_000 * n));
    }
    let beyond = east.to_bytes().len() - 10_000 * 9;
    assert_eq!(beyond / 10_000, 10);
}

#[test]
fn one_append_and_one_change_are_small_deltas() {
    let [mut east, _] = twins(["a", "b"]);
    let append = east.update(|mut list| _ = list.push("c".into(), ms(1_700_000_000_000)));
    let b = east.root().id_at(1).unwrap();
    let change = east.update(|mut list| _ = list.write(b, "B".into(), ms(1_700_000_000_001)));
    let sizes = [append, change].map(|delta| delta.unwrap().to_bytes().len());
    assert_eq!(sizes, [81, 79]);
}

#[test]
fn an_item_can_be_any_replicated_type() {
    let mut east: Doc<List<AwSet<u32>>> = Doc::new(actor(1));
    let mut west: Doc<List<AwSet<u32>>> = Doc::new(actor(2));
    let item = east.edit().push_item(ms(1));
    west.merge(&east).unwrap();
    east.edit().item(item).unwrap().add(1);
    west.edit().item(item).unwrap().add(2);
    east.merge(&west).unwrap();
    assert_eq!(east.root().get(0).unwrap().sorted(), [&1, &2]);
}

#[test]
fn an_item_without_content_is_there() {
    let mut east: Doc<List<Counter>> = Doc::new(actor(1));
    let item = east.edit().push_item(ms(1));
    assert_eq!(east.root().item(item).map(Counter::value), Some(0));
}

#[test]
fn a_list_lies_in_a_map_as_well() {
    let mut east: Doc<AwMap<String, Words>> = Doc::new(actor(1));
    let mut west: Doc<AwMap<String, Words>> = Doc::new(actor(2));
    east.edit().entry("shop".into()).push("milk".into(), ms(1));
    west.edit().entry("shop".into()).push("eggs".into(), ms(1));
    east.edit().entry("home".into()).push("sweep".into(), ms(1));
    east.merge(&west).unwrap();
    west.merge(&east).unwrap();
    let shop = east.root().get("shop").unwrap();
    assert_eq!(shop.len(), 2);
    assert!(shop.values().eq(west.root().get("shop").unwrap().values()));
    assert_eq!(east.to_bytes(), west.to_bytes());
}

#[test]
fn clearing_spares_what_was_inserted_meanwhile() {
    let [mut east, mut west] = twins(["a", "b"]);
    east.edit().clear();
    west.edit().insert(1, "new".into(), ms(2));
    agree([&mut east, &mut west]);
    assert_eq!(words(&east), ["new"]);
}

#[test]
fn a_join_tells_which_items_came_went_moved_and_changed() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let [a, b, c] = [0, 1, 2].map(|at| west.root().id_at(at).unwrap());
    west.edit().remove(a);
    west.edit().move_to(c, 0, ms(2));
    west.edit().write(b, "B".into(), ms(3));
    let d = west.edit().push("d".into(), ms(4));
    let delta = west.delta_since(&east.version()).unwrap();

    let ListChange { mut items } = east.join_observed(delta).unwrap().unwrap();

    items.sort_by_key(|change| change.item);
    let told = |item: ItemId, from, to, before: &[&str], after: &[&str]| {
        let [before, after] = [before, after].map(|w| w.iter().map(ToString::to_string).collect());
        let change = (before != after).then_some(RegisterChange { before, after });
        ItemChange { item, from, to, change }
    };
    let expected = [
        told(a, Some(0), None, &["a"], &[]),
        told(b, Some(1), Some(1), &["b"], &["B"]),
        told(c, Some(2), Some(0), &[], &[]),
        told(d, None, Some(2), &[], &["d"]),
    ];
    assert_eq!(items, expected);
}

#[test]
fn only_values_are_in_conflict_and_whoever_settles_one_spares_the_item() {
    let [mut east, mut west] = twins(["a"]);
    let a = east.root().id_at(0).unwrap();
    east.edit().write(a, "east".into(), ms(2));
    west.edit().write(a, "west".into(), ms(3));
    agree([&mut east, &mut west]);
    let mut conflicts = Vec::new();
    east.root().each_conflict(None, &mut Vec::new(), &mut |conflict| conflicts.push(conflict));
    assert_eq!(conflicts.len(), 1);

    west.edit().remove(a);
    Words::settle(east.edit(), &conflicts[0].place, conflicts[0].choice(1), ms(4)).unwrap();
    agree([&mut east, &mut west]);
    assert_eq!(words(&west), ["east"]);
}

#[test]
fn items_that_a_peer_knows_can_be_named_in_few_bytes() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let b = east.root().id_at(1).unwrap();
    east.edit().write(b, "B".into(), ms(2));
    east.edit().move_to(b, 0, ms(3));
    let named = east.delta_with(&west.version(), Keys::Named).unwrap();
    let spelled = east.delta_since(&west.version()).unwrap();
    assert!(named.to_bytes().len() + 16 < spelled.to_bytes().len());
    west.join(named).unwrap();
    agree([&mut east, &mut west]);
    assert_eq!(words(&west), ["B", "a", "c"]);
}

#[test]
fn changed_bytes_are_refused_or_are_the_one_spelling_of_something_else() {
    let [mut east, mut west] = twins(["a", "b", "c"]);
    let [a, b] = [0, 1].map(|at| east.root().id_at(at).unwrap());
    east.edit().move_to(a, 1, ms(2));
    west.edit().write(b, "B".into(), ms(3));
    agree([&mut east, &mut west]);
    let bytes = east.to_bytes();
    for at in 0..bytes.len() {
        for flipped in [0x01, 0x02, 0x04, 0x10, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= flipped;
            let Ok(delta) = Delta::<Words>::from_bytes(&changed) else { continue };
            assert_eq!(delta.to_bytes(), changed);
            if let Ok(doc) = Doc::<Words>::load(actor(7), &changed) {
                assert_eq!(doc.root().iter().count(), doc.root().len());
            }
        }
    }
}

fn assert_sorted_alike(replica: &Doc<Words>) {
    let other = ActorId::from_bytes([9; 16]);
    let loaded = Doc::<Words>::load(other, &replica.to_bytes()).unwrap();
    assert_eq!(loaded.root(), replica.root());
    assert_eq!(loaded.to_bytes(), replica.to_bytes());
}

fn agree<const N: usize>(mut replicas: [&mut Doc<Words>; N]) {
    for _ in 0..2 {
        for to in 0..N {
            for from in 0..N {
                let delta = replicas[from].delta_since(&replicas[to].version());
                delta.map_or(Ok(()), |delta| replicas[to].join(delta)).unwrap();
            }
        }
    }
    for replica in &replicas {
        assert_eq!(replica.root(), replicas[0].root());
        assert_eq!(replica.to_bytes(), replicas[0].to_bytes());
        assert_sorted_alike(replica);
    }
}

fn twins<const N: usize>(words: [&str; N]) -> [Doc<Words>; 2] {
    let [mut east, mut west] = [1, 2].map(doc);
    push(&mut east, words);
    west.merge(&east).unwrap();
    [east, west]
}

fn push<const N: usize>(doc: &mut Doc<Words>, words: [&str; N]) {
    for word in words {
        doc.edit().push(word.into(), ms(1));
    }
}

fn words(doc: &Doc<Words>) -> Vec<String> {
    doc.root().values().cloned().collect()
}

fn doc(n: u8) -> Doc<Words> {
    Doc::new(actor(n))
}

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

fn ms(ms: u64) -> Hlc {
    Hlc::from_ms(ms)
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % sides
    }
}
