//! Structs that became replicated types by `#[derive(Crdt)]`.

use std::hash::Hash;

use selkie_crdt::{
    ActorId, AwMap, AwSet, Causal, Counter, Crdt, DecodeError, Delta, Doc, EntryChange, EwFlag,
    Fate, Hlc, Keys, LwwRegister, MapChange, Model, Reader, SetChange, Shape, Step, Value, Writer,
};

#[derive(Clone, Crdt, Debug, Eq, PartialEq)]
struct Task {
    /// What is to be done.
    title: LwwRegister<String>,
    done: EwFlag,
    tags: AwSet<String>,
}

/// A derived struct in a derived struct, beside a map of others.
#[derive(Clone, Crdt, Debug, Eq, PartialEq)]
struct Project {
    about: Task,
    tasks: AwMap<u32, Task>,
}

/// Parameters that are bounded nowhere but where the fields need it.
#[derive(Crdt)]
struct Shelf<K: Eq + Hash, C, const N: usize>
where
    C: Causal,
{
    r#type: LwwRegister<[u8; N]>,
    items: AwMap<K, C>,
}

fn twins<T: Causal>() -> (Doc<T>, Doc<T>) {
    let doc = |n| Doc::new(ActorId::from_bytes([n; 16]));
    (doc(1), doc(2))
}

/// Each side tells the other what it lacks, in bytes.
fn sync<T: Causal>(east: &mut Doc<T>, west: &mut Doc<T>) {
    tell(east, west, Keys::Named);
    tell(west, east, Keys::Spelled);
    assert_eq!(east.to_bytes(), west.to_bytes());
}

fn tell<T: Causal>(from: &Doc<T>, to: &mut Doc<T>, keys: Keys) {
    if let Some(delta) = from.delta_with(&to.version(), keys) {
        let read = Delta::from_bytes(&delta.to_bytes()).expect("we wrote it");
        to.join(read).expect("nothing lies between");
    }
}

fn ms(n: u64) -> Hlc {
    Hlc::from_ms(n)
}

#[test]
fn changes_of_different_fields_both_stay() {
    let (mut east, mut west) = twins::<Task>();
    east.edit().title().write("plants".into(), ms(1));
    west.edit().tags().add("home".into());
    sync(&mut east, &mut west);
    assert_eq!(east.root().title.read().map(String::as_str), Some("plants"));
    assert_eq!(east.root().tags.sorted(), ["home"]);
    assert_eq!(east.root(), west.root());
}

#[test]
fn a_change_of_one_field_survives_the_removal_of_its_struct_and_the_others_do_not() {
    let (mut east, mut west) = twins::<AwMap<u32, Task>>();
    east.edit().entry(1).title().write("plants".into(), ms(1));
    east.edit().entry(1).tags().add("home".into());
    sync(&mut east, &mut west);
    east.edit().remove(&1);
    west.edit().entry(1).done().enable();
    sync(&mut east, &mut west);
    let task = east.root().get(&1).expect("west's change keeps the task");
    assert!(task.done.is_enabled());
    assert_eq!((task.title.read(), task.tags.len()), (None, 0));
}

#[test]
fn a_struct_is_gone_when_its_last_field_is() {
    let (mut east, mut west) = twins::<AwMap<u32, Task>>();
    east.edit().entry(1).done().enable();
    sync(&mut east, &mut west);
    west.edit().entry(1).done().disable();
    sync(&mut east, &mut west);
    assert!(east.root().is_empty());
}

#[test]
fn structs_nest_to_any_depth() {
    let (mut east, mut west) = twins::<AwMap<String, Project>>();
    let mut projects = east.edit();
    let mut garden = projects.entry("garden".into());
    garden.about().title().write("the garden".into(), ms(1));
    garden.tasks().entry(7).tags().add("soon".into());
    west.edit().entry("garden".into()).tasks().entry(7).tags().add("outdoors".into());
    sync(&mut east, &mut west);
    let garden = west.root().get("garden").expect("both made it");
    assert_eq!(garden.about.title.read().map(String::as_str), Some("the garden"));
    assert_eq!(garden.tasks.get(&7).map(|task| task.tags.sorted().len()), Some(2));
}

#[test]
fn many_structs_with_different_fields_stand_in_one_column() {
    let (mut east, mut west) = twins::<AwMap<u32, Task>>();
    for n in 0..40 {
        if n % 2 == 0 {
            east.edit().entry(n).title().write(n.to_string(), ms(1));
        }
        if n % 3 > 0 {
            east.edit().entry(n).tags().add("soon".into());
        }
        if n % 5 > 0 {
            east.edit().entry(n).done().enable();
        }
    }
    sync(&mut east, &mut west);
    assert_eq!(east.root(), west.root());
    let [seven, fifteen] = [7, 15].map(|n| west.root().get(&n));
    assert!(seven.is_some_and(|task| task.title.read().is_none() && task.done.is_enabled()));
    assert!(fifteen.is_none());
}

#[test]
fn keys_are_named_beside_a_change_of_another_field() {
    let (mut east, mut west) = twins::<AwMap<String, Task>>();
    let id = "a rather long key for a task";
    for n in 0..20 {
        east.edit().entry(format!("{id} {n}")).title().write("plants".into(), ms(1));
    }
    sync(&mut east, &mut west);
    east.edit().entry(format!("{id} 3")).done().enable();
    let len = |keys| east.delta_with(&west.version(), keys).map_or(0, |d| d.to_bytes().len());
    assert!(len(Keys::Named) + id.len() < len(Keys::Spelled));
    tell(&east, &mut west, Keys::Named);
    assert_eq!(west.root().get(&*format!("{id} 3")).map(|task| task.done.is_enabled()), Some(true));
}

#[test]
fn a_struct_with_parameters_is_replicated_where_its_fields_are() {
    let (mut east, mut west) = twins::<Shelf<String, Counter, 2>>();
    east.edit().r#type().write(*b"oa", ms(1));
    east.edit().items().entry("pears".into()).add(3);
    west.edit().items().entry("pears".into()).add(4);
    sync(&mut east, &mut west);
    assert_eq!(east.root().items.get("pears").map(Counter::value), Some(7));
}

#[test]
fn a_place_in_a_struct_can_be_opened_by_code_that_knows_its_parameters_only() {
    fn stock<K: Value + Hash>(shelf: &mut Doc<Shelf<K, Counter, 1>>, item: K) {
        shelf.edit().items().entry(item).add(1);
    }
    let (mut east, _) = twins();
    stock(&mut east, 5_u32);
    assert_eq!(east.root().items.len(), 1);
}

#[test]
fn one_byte_tells_which_of_a_few_fields_follow_by_name() {
    let (mut east, _) = twins::<Task>();
    east.edit().done().enable();
    east.edit().title().write("ok".into(), ms(1));
    let mask = [0b101]; // done, not tags, title
    let done = [0, 0, 0];
    let title = [0, 0, 4, 2, b'o', b'k'];
    let root = [&mask[..], &done, &title].concat();
    assert!(east.to_bytes().ends_with(&root), "{:?}", east.to_bytes());
}

#[test]
fn a_join_tells_which_fields_it_changes() {
    let (mut east, mut west) = twins::<AwMap<u32, Task>>();
    east.edit().entry(1).title().write("plants".into(), ms(1));
    sync(&mut east, &mut west);
    west.edit().entry(1).tags().add("home".into());
    let delta = west.delta_since(&east.version()).expect("the tag is new");
    let change = east.join_observed(delta).expect("nothing lies between");
    let tags = SetChange { added: vec!["home".to_owned()], removed: vec![] };
    let task = TaskChange { title: None, done: None, tags: Some(tags) };
    let entry = EntryChange { key: 1, fate: Fate::Kept, change: Some(task) };
    assert_eq!(change, Some(MapChange { entries: vec![entry] }));
}

#[test]
fn a_conflict_in_a_field_of_a_field_is_settled_for_everyone() {
    let (mut east, mut west) = twins::<Project>();
    east.edit().about().title().write("garden".into(), ms(1));
    west.edit().about().title().write("yard".into(), ms(2));
    sync(&mut east, &mut west);
    let conflicts = east.conflicts();
    assert_eq!(conflicts.len(), 1);
    // `about` is the first field of a project, and `title` the last of a task, by name.
    assert_eq!(conflicts[0].place, [Step::Part(0), Step::Part(2)]);
    east.resolve(&conflicts[0], 1, ms(3)).expect("both rivals wait");
    sync(&mut east, &mut west);
    assert_eq!(west.root().about.title.read().map(String::as_str), Some("garden"));
    assert!(west.conflicts().is_empty());
}

#[test]
fn changes_of_other_fields_bring_no_conflict() {
    let (mut east, mut west) = twins::<Task>();
    east.edit().title().write("plants".into(), ms(1));
    west.edit().title().write("flowers".into(), ms(1));
    sync(&mut east, &mut west);
    west.edit().tags().add("home".into());
    let changes = west.changes_since(&Model::version(&east)).expect("the tag is new");
    assert_eq!(east.apply(&changes), Ok(vec![]));
    assert_eq!(east.conflicts().len(), 1);
}

mod elsewhere {
    use super::*;

    /// The fields of a task in another order, under another name.
    #[derive(Clone, Crdt)]
    pub(super) struct Chore {
        pub(super) tags: AwSet<String>,
        pub(super) title: LwwRegister<String>,
        pub(super) done: EwFlag,
    }

    #[derive(Crdt)]
    pub(super) struct Renamed {
        done: EwFlag,
        tags: AwSet<String>,
        headline: LwwRegister<String>,
    }

    #[derive(Crdt)]
    pub(super) struct Grown {
        done: EwFlag,
        tags: AwSet<String>,
        title: LwwRegister<String>,
        votes: Counter,
    }
}

#[test]
fn the_format_knows_neither_the_order_of_the_fields_nor_the_name_of_the_struct() {
    let (mut east, _) = twins::<Task>();
    east.edit().title().write("plants".into(), ms(1));
    east.edit().tags().add("home".into());
    let chore = Doc::<elsewhere::Chore>::load(east.actor(), &east.to_bytes());
    let chore = chore.expect("a chore is a task");
    assert_eq!(chore.root().title.read(), east.root().title.read());
    assert_eq!(chore.root().tags, east.root().tags);
    assert!(!chore.root().done.is_enabled());
}

#[test]
fn a_struct_of_other_fields_refuses_the_bytes() {
    let (mut east, _) = twins::<Task>();
    east.edit().done().enable();
    let bytes = east.to_bytes();
    let renamed = Delta::<elsewhere::Renamed>::from_bytes(&bytes).err();
    let grown = Delta::<elsewhere::Grown>::from_bytes(&bytes).err();
    assert_eq!((renamed, grown), (Some(DecodeError::Shape), Some(DecodeError::Shape)));
}

#[test]
fn damaged_bytes_are_refused_or_spell_another_delta() {
    let (mut east, _) = twins::<AwMap<u32, Task>>();
    for n in 0..9 {
        east.edit().entry(n).tags().add("soon".into());
        east.edit().entry(n / 2).done().enable();
    }
    let bytes = east.to_bytes();
    for at in 0..bytes.len() {
        assert!(Delta::<AwMap<u32, Task>>::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(delta) = Delta::<AwMap<u32, Task>>::from_bytes(&damaged) {
                assert_eq!(delta.to_bytes(), damaged);
            }
        }
    }
}

/// Data without `Debug`.
#[derive(Clone, Eq, PartialEq)]
struct Secret(u64);

impl Value for Secret {
    const SHAPE: Shape = u64::SHAPE;

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        u64::read(input).map(Self)
    }
}

#[derive(Crdt)]
struct Account {
    pin: LwwRegister<Secret>,
}

/// That this compiles is half of it: the change of an account has no `Debug`, and is no error.
#[test]
fn data_that_cannot_be_printed_can_be_a_field() {
    let (mut east, mut west) = twins::<Account>();
    east.edit().pin().write(Secret(1234), ms(1));
    sync(&mut east, &mut west);
    assert!(west.root().pin.read() == Some(&Secret(1234)));
}

mod shop {
    use super::*;

    /// What others read and only this module changes.
    #[derive(Clone, Crdt)]
    pub(super) struct Stock {
        count: Counter,
        pub(super) label: LwwRegister<String>,
    }

    impl Stock {
        pub(super) fn count(&self) -> i128 {
            self.count.value()
        }
    }

    pub(super) fn deliver(stock: &mut Doc<Stock>, pieces: u32) {
        stock.edit().count().add(pieces.into());
    }
}

#[test]
fn a_private_field_keeps_its_struct_from_changes_by_others() {
    let (mut east, mut west) = twins::<shop::Stock>();
    shop::deliver(&mut east, 12);
    sync(&mut east, &mut west);
    assert_eq!((west.root().count(), west.root().label.read()), (12, None));
}
