//! Timelines that diverged, settled in a real clone: files go along where they can, and an undo brings all back.

use selkie_vcs::converge::{Occasion, Place, Settled, converge};
use selkie_vcs::timeline::{settle_by, withdraw};
use selkie_vcs::undo::undo;
use selkie_vcs::{Attribute, Move, Named, TimelineStrategy, is_automatic};

use crate::fuse::{BASE, Clone, hear};

/// A clone that stands on `one`, which has another head that changed the eighth line.
fn diverged<'a>(folder: &'a std::path::Path, strategy: &TimelineStrategy) -> Clone<'a> {
    let mut clone = Clone::forge(folder);
    let base = clone.sealed(&[("a", BASE), ("b", "b\n")]);
    clone.begin("other", base);
    let theirs = clone.sealed(&[("a", &BASE.replace('8', "eighth"))]);
    clone.begin("one", base);
    let ours = clone.sealed(&[("a", &BASE.replace('2', "second"))]);
    hear(&mut clone, "one", &[ours, theirs]);
    let doer = clone.doer();
    settle_by(&mut clone.workspace, &doer, "timeline".into(), "one", strategy).unwrap();
    clone
}

fn settled(clone: &mut Clone) -> Settled {
    let doer = clone.doer();
    let asked = Occasion::Asked;
    converge(&mut clone.workspace, &doer, "fuse".into(), asked, &TimelineStrategy::Manual)
        .unwrap()
        .remove(0)
}

#[test]
fn files_go_along_and_come_back() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = diverged(place.path(), &TimelineStrategy::AutoMerge);
    clone.write("b", "mine\n");
    let told = settled(&mut clone);
    assert_eq!((told.place, told.waiting), (Place::Moved, None));
    assert!(is_automatic(&told.made.as_ref().unwrap().seal));
    assert_eq!(clone.workspace.repository().desk().bases, [told.made.unwrap().id]);
    assert_eq!(clone.read("a"), BASE.replace('2', "second").replace('8', "eighth"));
    assert_eq!(clone.read("b"), "mine\n");
    let doer = clone.doer();
    let (mut hand, _) = clone.workspace.take(&doer).unwrap();
    let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
    hand.perform(&back.operation).unwrap();
    drop(hand);
    assert_eq!(clone.read("a"), BASE.replace('2', "second"));
    let main = clone.workspace.repository().shared().timeline("one").unwrap();
    assert_eq!(main.heads().len(), 2);
}

/// A private timeline of the same name was taken along with what others settled, and so ended elsewhere than where the clone
/// stood.
#[test]
fn a_private_timeline_of_that_name_goes_nowhere() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = diverged(place.path(), &TimelineStrategy::PreferLocal);
    let heads = clone.workspace.repository().shared().timeline("one").unwrap().heads();
    let ours = *clone.workspace.repository().desk().bases.first().unwrap();
    let doer = clone.doer();
    hear(&mut clone, "one", &[ours]);
    withdraw(&mut clone.workspace, &doer, "timeline private one".into(), "one").unwrap();
    hear(&mut clone, "one", &heads.into_iter().collect::<Vec<_>>());
    let (mut hand, _) = clone.workspace.take(&doer).unwrap();
    let (subject, attribute) = (Named::Timeline("one".into()), Attribute::Strategy);
    let after = Some(TimelineStrategy::AutoMerge.spelled().into_bytes());
    let mut said = hand.operation("hear".into(), hand.desk().clone());
    said.moves = vec![Move { subject, attribute, before: None, after }];
    hand.perform(&said).unwrap();
    drop(hand);
    let before = clone.workspace.repository().desk().clone();
    assert_eq!(before.private.get("one"), Some(&ours));
    let told = settled(&mut clone);
    assert_eq!((told.place, told.made.is_some()), (Place::Stayed, true));
    assert_eq!(*clone.workspace.repository().desk(), before);
    assert_eq!(clone.read("a"), BASE.replace('2', "second"));
}

#[test]
fn a_clone_with_changes_in_the_way_stays_where_it_is() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = diverged(place.path(), &TimelineStrategy::AutoMerge);
    clone.write("a", "mine\n");
    let before = clone.workspace.repository().desk().clone();
    let told = settled(&mut clone);
    assert!(matches!(told.place, Place::Blocked(paths) if paths.len() == 1));
    assert_eq!(*clone.workspace.repository().desk(), before);
    assert_eq!(clone.read("a"), "mine\n");
    let heads = clone.workspace.repository().shared().timeline("one").unwrap().heads();
    assert_eq!(heads, [told.made.unwrap().id].into());
}
