//! Lists among peers that lie about names and places of items: replicas that believed the same
//! lies agree, and none of them contradicts itself.

use selkie_crdt::{ActorId, Delta, Doc, Hlc, List, LwwRegister};

type Words = List<LwwRegister<String>>;

/// Our next item then stood in the order twice.
#[test]
fn an_item_told_of_under_our_next_name_is_where_ours_then_is() {
    let lie = renamed(&told_by(LIAR, ["lie"]), LIAR, US);
    let mut ours = doc(US);
    ours.join(read(&lie)).unwrap();
    assert_eq!(ours.root().id_at(0).map(|item| item.dot().actor), Some(US));

    let item = ours.edit().push("truth".into(), ms(2));

    assert_eq!(ours.root().id_at(0), Some(item));
    assert_eq!(words(&ours), ["truth"]);
    is_sound(&ours);
}

/// As above, among others and inserted in front.
#[test]
fn whoever_hears_of_the_lie_and_of_our_item_agrees_in_either_order() {
    let lie = renamed(&told_by(LIAR, ["lie", "more"]), LIAR, US);
    let [mut ours, mut east, mut west] = [US, EAST, WEST].map(doc);
    ours.join(read(&lie)).unwrap();
    let before = ours.version();
    ours.edit().insert(0, "truth".into(), ms(2));
    let truth = ours.delta_since(&before).unwrap();
    east.join(read(&lie)).unwrap();
    east.join(truth.clone()).unwrap();
    west.join(ours.state()).unwrap();

    for other in [&mut east, &mut west] {
        is_sound(other);
        assert_eq!(other.to_bytes(), ours.to_bytes());
        assert_eq!(words(other), words(&ours));
    }
    let first = ours.root().id_at(0).unwrap();
    assert!(ours.edit().remove(first));
    is_sound(&ours);
}

#[test]
fn an_item_told_of_twice_in_one_delta_is_one_item() {
    let honest = told_by(LIAR, ["a", "b"]);
    let at = author_at(&honest, LIAR) + 16;
    // The second item's distance from the counter that would come next: one on, or two back.
    assert_eq!(honest[at..at + 2], [0, 4]);
    let lie = [&honest[..=at], &[2], &honest[at + 2..]].concat();
    let [mut ours, mut east] = [US, EAST].map(doc);
    ours.join(read(&lie)).unwrap();
    east.merge(&ours).unwrap();

    assert_eq!(ours.root().len(), 1);
    assert_eq!(words(&east), words(&ours));
    is_sound(&ours);
    is_sound(&east);
    assert_eq!(east.to_bytes(), ours.to_bytes());
}

#[test]
fn items_that_share_a_position_by_a_lie_stand_by_name_and_leave_no_room_between() {
    let honest = told_by(EAST, ["east"]);
    let copied = everywhere(&honest, EAST, WEST);
    let mut ours = doc(US);
    ours.join(read(&honest)).unwrap();
    ours.join(read(&copied)).unwrap();
    let by_name = |ours: &Doc<Words>| ours.root().iter().map(|(item, _)| item).collect::<Vec<_>>();
    assert!(by_name(&ours).is_sorted());

    let item = ours.edit().insert(1, "ours".into(), ms(2));

    assert_eq!(ours.root().index_of(item), Some(2));
    is_sound(&ours);
    let mut north = doc(LIAR);
    north.join(read(&copied)).unwrap();
    north.join(ours.state()).unwrap();
    assert_eq!(by_name(&north), by_name(&ours));
    for _ in 0..40 {
        let first = ours.root().id_at(0).unwrap();
        ours.edit().move_to(first, 1, ms(3));
        ours.edit().insert(1, "more".into(), ms(3));
        is_sound(&ours);
    }
    north.merge(&ours).unwrap();
    assert_eq!(by_name(&north), by_name(&ours));
}

/// A lie ends an honest item's place and leaves its content: it is not there, and is swept.
#[test]
fn an_item_that_only_its_name_is_left_of_can_be_made_again() {
    let lie = renamed(&told_by(LIAR, ["lie"]), LIAR, US);
    let [mut ours, mut liar] = [US, EAST].map(doc);
    liar.join(read(&lie)).unwrap();
    let item = liar.root().id_at(0).unwrap();
    ours.join(read(&lie)).unwrap();
    liar.edit().remove(item);
    assert_eq!(ours.edit().push("truth".into(), ms(2)), item);
    ours.merge(&liar).unwrap();
    liar.merge(&ours).unwrap();
    assert_eq!(words(&ours), ["truth"]);
    assert_eq!(ours.to_bytes(), liar.to_bytes());
    is_sound(&ours);
    is_sound(&liar);
}

/// What a list says of itself is one story, and the same after loading.
fn is_sound(doc: &Doc<Words>) {
    let list = doc.root();
    assert_eq!((list.iter().count(), list.values().count()), (list.len(), list.len()));
    for (index, (item, _)) in list.iter().enumerate() {
        assert_eq!((list.index_of(item), list.id_at(index)), (Some(index), Some(item)));
    }
    let loaded = Doc::<Words>::load(ActorId::from_bytes([9; 16]), &doc.to_bytes()).unwrap();
    assert_eq!(loaded.root(), list);
}

fn told_by<const N: usize>(actor: ActorId, words: [&str; N]) -> Vec<u8> {
    let mut doc = doc(actor);
    for word in words {
        doc.edit().push(word.into(), ms(1));
    }
    doc.to_bytes()
}

/// Where the author of the items is spelled: behind the list of all actors.
fn author_at(bytes: &[u8], actor: ActorId) -> usize {
    let mut found = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(actor.as_bytes()));
    found.nth(1).expect("the author of an item is spelled")
}

/// The same of items that another made.
fn renamed(bytes: &[u8], from: ActorId, to: ActorId) -> Vec<u8> {
    let at = author_at(bytes, from);
    [&bytes[..at], to.as_bytes(), &bytes[at + 16..]].concat()
}

/// The same as if another had done it, but for the line of the positions.
fn everywhere(bytes: &[u8], from: ActorId, to: ActorId) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(16).position(|window| window == from.as_bytes()) {
        bytes[at..at + 16].copy_from_slice(to.as_bytes());
    }
    bytes
}

fn read(bytes: &[u8]) -> Delta<Words> {
    Delta::from_bytes(bytes).expect("a lie is spelled well")
}

fn words(doc: &Doc<Words>) -> Vec<&str> {
    doc.root().values().map(String::as_str).collect()
}

fn doc(actor: ActorId) -> Doc<Words> {
    Doc::new(actor)
}

fn ms(ms: u64) -> Hlc {
    Hlc::from_ms(ms)
}

const US: ActorId = ActorId::from_bytes([0x05; 16]);
const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const WEST: ActorId = ActorId::from_bytes([0x3e; 16]);
const LIAR: ActorId = ActorId::from_bytes([0x11; 16]);
