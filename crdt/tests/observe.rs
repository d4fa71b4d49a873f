//! What a join tells of itself, and what a guard can refuse.

use selkie_crdt::{
    ActorId, AwMap, AwSet, Causal, Counter, CounterChange, Doc, Entity, EntryChange, EwFlag, Fate,
    FlagChange, Guard, Hlc, JoinError, LwwRegister, MapChange, RegisterChange, SetChange,
};

#[test]
fn an_element_that_comes_and_one_that_goes_are_told() {
    let (mut east, mut west) = twins::<AwSet<String>>();
    west.edit().add("pear".into());
    west.edit().add("plum".into());
    east.merge(&west).unwrap();

    west.edit().remove("pear");
    west.edit().add("fig".into());
    let change = observed(&mut east, &west);

    let (added, removed) = (vec!["fig".into()], vec!["pear".into()]);
    assert_eq!(change, Some(SetChange { added, removed }));
}

#[test]
fn an_add_that_is_renewed_changes_nothing_to_be_seen() {
    let (mut east, mut west) = twins::<AwSet<String>>();
    west.edit().add("pear".into());
    east.merge(&west).unwrap();

    west.edit().add("pear".into());

    assert_eq!(observed(&mut east, &west), None);
}

#[test]
fn a_removal_that_a_concurrent_add_survives_is_not_told() {
    let (mut east, mut west) = twins::<AwSet<String>>();
    west.edit().add("pear".into());
    east.merge(&west).unwrap();

    west.edit().remove("pear");
    east.edit().add("pear".into());

    assert_eq!(observed(&mut east, &west), None);
}

#[test]
fn concurrent_writes_are_told_as_rivals() {
    let (mut east, mut west) = twins::<LwwRegister<u32>>();
    east.edit().write(1, Hlc::from_ms(1));
    west.edit().write(2, Hlc::from_ms(2));

    let change = observed(&mut east, &west);

    assert_eq!(change, Some(RegisterChange { before: vec![1], after: vec![2, 1] }));
}

#[test]
fn a_key_is_told_with_its_fate_and_what_changed_below() {
    let (mut east, mut west) = twins::<AwMap<String, Counter>>();
    west.edit().entry("kept".into()).add(1);
    west.edit().entry("gone".into()).add(1);
    east.merge(&west).unwrap();

    west.edit().entry("kept".into()).add(1);
    west.edit().remove("gone");
    west.edit().entry("new".into()).add(5);
    let MapChange { mut entries } = observed(&mut east, &west).unwrap();

    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let entry = |key: &str, fate, before, after| EntryChange {
        key: key.to_owned(),
        fate,
        change: Some(CounterChange { before, after }),
    };
    let expected = [
        entry("gone", Fate::Removed, 1, 0),
        entry("kept", Fate::Kept, 1, 2),
        entry("new", Fate::Added, 0, 5),
    ];
    assert_eq!(entries, expected);
}

/// Who lists entities by kind was not told that one became, or ceased to be, of a kind.
#[test]
fn a_kind_that_reads_differently_is_told_and_can_be_refused() {
    let (mut east, mut west) = twins::<Entity<u32>>();
    west.edit().found("voter");
    let change = observed(&mut east, &west).unwrap();
    assert_eq!(change.kind, Some(RegisterChange { before: vec![], after: vec!["voter".into()] }));

    west.edit().touch();
    assert_eq!(observed(&mut east, &west), None);

    west.edit().found("candidate");
    let delta = west.delta_since(&east.version()).unwrap();
    let refused = east.join_guarded(delta, |change| match &change.kind {
        Some(_) => Guard::Forbid,
        None => Guard::Allow,
    });
    assert_eq!(refused, Err(JoinError::Forbidden));
    assert_eq!(east.root().kind(), Some("voter"));
}

#[test]
fn what_is_told_of_a_whole_state_is_only_what_is_new_here() {
    let (mut east, mut west) = twins::<AwSet<u32>>();
    west.edit().add(1);
    west.edit().add(2);
    east.merge(&west).unwrap();
    west.edit().remove(&1);
    west.edit().add(3);

    let change = east.join_observed(west.state()).unwrap();

    assert_eq!(change, Some(SetChange { added: vec![3], removed: vec![1] }));
}

#[test]
fn a_change_that_the_guard_forbids_leaves_all_as_it_was() {
    let (mut east, mut west) = twins::<EwFlag>();
    west.edit().enable();
    let before = (east.to_bytes(), east.version());

    let delta = west.delta_since(&east.version()).unwrap();
    let refused = east.join_guarded(delta, |FlagChange { is_enabled }| match is_enabled {
        true => Guard::Forbid,
        false => Guard::Allow,
    });

    assert_eq!(refused, Err(JoinError::Forbidden));
    assert_eq!((east.to_bytes(), east.version()), before);
}

fn twins<T: Causal>() -> (Doc<T>, Doc<T>) {
    let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
    (Doc::new(east), Doc::new(west))
}

fn observed<T: selkie_crdt::Observe>(to: &mut Doc<T>, from: &Doc<T>) -> Option<T::Change> {
    to.join_observed(from.delta_since(&to.version()).unwrap()).unwrap()
}
