//! What once went wrong.

use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Causal;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::EwFlag;

/// Replicas that know nothing of each other, with ascending names.
fn docs<T: Causal, const N: usize>() -> [Doc<T>; N] {
    let mut n = 0;
    [(); N].map(|()| {
        n += 1;
        Doc::new(ActorId::from_bytes([n; 16]))
    })
}

/// Brings `to` all that `from` has, by bytes.
fn tell<T: Causal>(from: &Doc<T>, to: &mut Doc<T>) {
    let delta = from.delta_since(&to.version()).expect("there is something to tell");
    to.join(Delta::from_bytes(&delta.to_bytes()).expect("an honest delta is read"))
        .expect("an honest delta is joined");
}

/// A delta that ended one new dot twice was taken for a contradiction, so a newcomer could not
/// read the history of a concurrent removal.
#[test]
fn a_newcomer_reads_of_one_element_that_two_removed() {
    let [mut east, mut west, mut north] = docs::<AwSet<u8>, 3>();
    east.edit().add(7);
    tell(&east, &mut west);
    east.edit().remove(&7);
    west.edit().remove(&7);
    tell(&west, &mut east);
    tell(&east, &mut north);
    assert_eq!(north.version(), east.version());
    assert!(north.root().is_empty());
}

/// An index was made over the first dot of each element alone, so the others could be neither
/// ended nor told of.
#[test]
fn an_element_that_two_added_can_be_removed_after_the_set_has_grown() {
    let [mut east, mut west] = docs::<AwSet<u8>, 2>();
    east.edit().add(0);
    west.edit().add(0);
    tell(&west, &mut east);
    tell(&east, &mut west);
    (1..100).for_each(|element| east.edit().add(element));
    west.edit().remove(&0);
    tell(&west, &mut east);
    assert!(!east.root().contains(&0));
}

#[test]
fn an_element_that_two_added_is_told_of_whole_after_the_set_has_grown() {
    let [mut east, mut west, mut north] = docs::<AwSet<u8>, 3>();
    east.edit().add(0);
    tell(&east, &mut north);
    west.edit().add(0);
    tell(&west, &mut east);
    (1..100).for_each(|element| east.edit().add(element));
    tell(&east, &mut north);
    assert_eq!(north.to_bytes(), east.to_bytes());
}

/// A replica that went on under a new name took what it had once written under the old one, and
/// had lost, for changes of the key that it had open when it did.
#[test]
fn what_a_restored_replica_had_lost_comes_back_under_its_own_key() {
    let [mut east, mut west] = docs::<AwMap<u8, EwFlag>, 2>();
    (0..100).for_each(|key| east.edit().entry(key).enable());
    let mut restored = east.clone();
    east.edit().entry(3).enable();
    tell(&east, &mut west);
    restored.take_actor(ActorId::from_bytes([9; 16]));
    tell(&west, &mut restored);
    west.edit().remove(&3);
    tell(&west, &mut restored);
    assert!(!restored.root().contains_key(&3));
}
