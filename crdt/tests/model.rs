//! A model replicates by bytes, and its conflicts are settled once for everyone.

use selkie_crdt::{
    ActorId, AwMap, Doc, Entity, Hlc, JoinError, LwwRegister, Model, ModelError, MvRegister, Step,
    Value,
};

#[test]
fn a_conflict_that_one_person_settles_is_settled_for_everyone() {
    let [mut east, mut west] = twins::<Entity<String>>("voter-17");
    east.edit().set("town", "Ghent".into(), Hlc::from_ms(1));
    west.edit().set("town", "Bruges".into(), Hlc::from_ms(2));

    let conflicts = sync(&mut east, &west);
    let rivals = ["Bruges", "Ghent"].map(|town| town.to_owned().to_bytes());
    assert_eq!(conflicts[0].rivals, rivals);
    east.resolve(&conflicts[0], 1, Hlc::from_ms(3)).unwrap();
    sync(&mut west, &east);

    assert!(east.conflicts().is_empty() && west.conflicts().is_empty());
    assert_eq!(west.root().attribute("town").map(String::as_str), Some("Ghent"));
}

#[test]
fn a_conflict_tells_the_way_to_its_place() {
    let [mut east, mut west] = twins::<AwMap<String, AwMap<u32, MvRegister<bool>>>>("flags");
    east.edit().entry("lamps".into()).entry(7).write(true);
    west.edit().entry("lamps".into()).entry(7).write(false);

    let conflicts = sync(&mut east, &west);

    let way = [Step::Key("lamps".to_owned().to_bytes()), Step::Key(vec![7])];
    assert_eq!(conflicts[0].place, way);
}

#[test]
fn changes_that_touch_nothing_contested_bring_no_conflict() {
    let [mut east, mut west] = twins::<AwMap<u32, LwwRegister<u32>>>("prices");
    east.edit().entry(1).write(10, Hlc::from_ms(1));
    west.edit().entry(1).write(20, Hlc::from_ms(1));
    sync(&mut east, &west);

    west.edit().entry(2).write(30, Hlc::from_ms(2));

    assert!(sync(&mut east, &west).is_empty());
    assert_eq!(east.conflicts().len(), 1);
}

#[test]
fn a_conflict_that_is_gone_cannot_be_settled_again() {
    let [mut east, mut west] = twins::<MvRegister<u32>>("one");
    east.edit().write(1);
    west.edit().write(2);
    let conflicts = sync(&mut east, &west);
    east.edit().write(3);

    let version = east.version();
    let late = [0, 1].map(|chosen| east.resolve(&conflicts[0], chosen, Hlc::from_ms(1)));

    assert_eq!(late, [Err(ModelError::NoRival), Err(ModelError::NoRival)]);
    assert_eq!(east.version(), version);
}

/// The choice was a number among those that waited when it was made, so that a rival that came
/// meanwhile put another value in the place of the one that was chosen, and was gone itself.
#[test]
fn a_rival_that_nobody_was_shown_is_not_settled_away() {
    let [mut east, mut west] = twins::<LwwRegister<u32>>("one");
    east.edit().write(1, Hlc::from_ms(1));
    west.edit().write(2, Hlc::from_ms(2));
    let shown = sync(&mut east, &west);
    west.edit().write(3, Hlc::from_ms(3));
    let [_, mut north] = twins::<LwwRegister<u32>>("one");
    north.take_actor(ActorId::from_bytes([9; 16]));
    north.edit().write(4, Hlc::from_ms(4));
    let more = sync(&mut east, &north);

    let refused = east.resolve(&shown[0], 1, Hlc::from_ms(5));

    assert_eq!(refused, Err(ModelError::NoRival));
    assert_eq!(east.root().values().copied().collect::<Vec<_>>(), [4, 2, 1]);
    east.resolve(&more[0], 2, Hlc::from_ms(5)).unwrap();
    assert_eq!(east.root().values().copied().collect::<Vec<_>>(), [1]);
}

#[test]
fn what_was_not_yet_synced_survives_a_restore() {
    let [mut east, mut west] = twins::<AwMap<u32, LwwRegister<u32>>>("prices");
    west.edit().entry(1).write(10, Hlc::from_ms(1));
    let snapshot = west.snapshot();
    east.edit().entry(2).write(20, Hlc::from_ms(1));

    east.restore(&snapshot).unwrap();

    assert_eq!(east.root().len(), 2);
}

#[test]
fn another_models_changes_are_refused() {
    let [mut east, _] = twins::<MvRegister<u32>>("one");
    let [_, mut west] = twins::<MvRegister<u32>>("other");
    west.edit().write(2);

    let refused = east.apply(&west.snapshot());

    let (ours, theirs) = ("one".into(), "other".into());
    assert_eq!(refused, Err(ModelError::Join(JoinError::OtherSubject { ours, theirs })));
}

fn twins<T: selkie_crdt::Causal>(subject: &str) -> [Doc<T>; 2] {
    [1, 2].map(|n| Doc::about(subject, ActorId::from_bytes([n; 16])))
}

fn sync(to: &mut impl Model, from: &impl Model) -> Vec<selkie_crdt::Conflict> {
    to.apply(&from.changes_since(&to.version()).unwrap()).unwrap()
}
