//! Timelines that diverged, settled by what somebody says of their heads: one operation, and an undo brings all back.

use selkie_store::{Seal, SealId};
use selkie_vcs::settling::{
    Case, Change, Declined, Draft, Finished, Note, Outcome, SettlingError, Stands, Verdict, Would,
    diverged, finish, foresee,
};
use selkie_vcs::timeline::{Protection, protect};
use selkie_vcs::undo::undo;

use crate::fuse::{BASE, Clone, hear};

/// A clone that stands on the later one of two heads of `one`, of which each changed a line.
fn parted(folder: &std::path::Path, lines: [char; 2]) -> (Clone<'_>, [SealId; 2]) {
    let mut clone = Clone::forge(folder);
    let base = clone.sealed(&[("a", BASE), ("b", "b\n")]);
    clone.begin("other", base);
    let theirs = clone.sealed(&[("a", &BASE.replace(lines[0], "theirs"))]);
    clone.begin("one", base);
    clone.sealed(&[("c", "c\n")]);
    let ours = clone.sealed(&[("a", &BASE.replace(lines[1], "ours"))]);
    hear(&mut clone, "one", &[ours, theirs]);
    (clone, [theirs, ours])
}

/// The one timeline that diverged, with what a fuse of its heads would be.
fn case(clone: &Clone) -> Case {
    let mut cases = diverged(&clone.workspace).unwrap();
    assert_eq!(cases.len(), 1);
    let mut case = cases.remove(0);
    let told = case.diverged().unwrap().clone();
    case.foreseen(told.part, &foresee(&clone.workspace, &told).unwrap());
    case
}

fn finished(clone: &mut Clone, case: &Case, verdict: Verdict) -> Result<Finished, SettlingError> {
    let part = case.diverged().unwrap().part;
    let said = Note::Said(vec![Change { part, verdict: Some(verdict) }]);
    let (doer, draft) = (clone.doer(), Draft::of([said]));
    finish(&mut clone.workspace, &doer, "resolve".into(), std::slice::from_ref(case), &draft)
}

fn heads(clone: &Clone, timeline: &str) -> Vec<SealId> {
    let shared = clone.workspace.repository().shared();
    let heads = shared.timeline(timeline).map(|timeline| timeline.heads());
    heads.unwrap_or_default().into_iter().collect()
}

fn undone(clone: &mut Clone) {
    let doer = clone.doer();
    let (mut hand, _) = clone.workspace.take(&doer).unwrap();
    let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
    hand.perform(&back.operation).unwrap();
}

fn sealed(clone: &Clone, finished: &Finished) -> (SealId, Seal) {
    let Outcome::Sealed(id) = finished.turned[0].outcome else { panic!("{finished:?}") };
    (id, clone.workspace.repository().store().load(id).unwrap())
}

#[test]
fn what_is_told_of_heads_is_who_they_are_and_what_a_fuse_would_be() {
    let place = tempfile::tempdir().unwrap();
    let (clone, [theirs, ours]) = parted(place.path(), ['8', '2']);
    let case = case(&clone);
    let told = case.diverged().unwrap();
    let tips: Vec<_> = told.tips.iter().map(|tip| (tip.seal, tip.ahead)).collect();
    assert_eq!(tips, [(theirs, 1), (ours, 2)], "the earlier one is first");
    assert_eq!(told.tips[1].newest.len(), 2);
    assert_eq!((told.stands, told.would.clone()), (Stands::Here, Some(Would::Clean)));
    assert_eq!((case.name().as_str(), case.sides.len()), ("timeline one", 2));
    assert!(case.base.is_some());
}

#[test]
fn a_clean_fuse_is_a_seal_of_all_heads_and_files_go_along() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, parents) = parted(place.path(), ['8', '2']);
    clone.write("b", "mine\n");
    let case = case(&clone);
    let done = finished(&mut clone, &case, Verdict::Fuse).unwrap();
    let (id, seal) = sealed(&clone, &done);
    assert_eq!((seal.parents, heads(&clone, "one")), (parents.to_vec(), vec![id]));
    assert_eq!(seal.message, "Fuse the heads of one");
    assert!(seal.signature.is_some());
    assert_eq!(clone.read("a"), BASE.replace('2', "ours").replace('8', "theirs"));
    assert_eq!(clone.read("b"), "mine\n");
    assert!(diverged(&clone.workspace).unwrap().is_empty());
    undone(&mut clone);
    assert_eq!(clone.read("a"), BASE.replace('2', "ours"));
    assert_eq!(clone.workspace.repository().desk().bases, [parents[1]]);
    assert_eq!(heads(&clone, "one").len(), 2);
}

#[test]
fn a_head_that_is_taken_gives_its_content_to_a_seal_of_all() {
    for (side, expected) in [(0, "theirs"), (1, "ours")] {
        let place = tempfile::tempdir().unwrap();
        let (mut clone, parents) = parted(place.path(), ['2', '2']);
        let case = case(&clone);
        let done = finished(&mut clone, &case, Verdict::Side(side)).unwrap();
        let (id, seal) = sealed(&clone, &done);
        assert_eq!(heads(&clone, "one"), [id]);
        let winner = parents[usize::from(side)];
        assert_eq!((seal.parents[0], seal.parents.len()), (winner, 2));
        assert_eq!(clone.read("a"), BASE.replace('2', expected));
        undone(&mut clone);
        assert_eq!(clone.read("a"), BASE.replace('2', "ours"));
    }
}

#[test]
fn a_fuse_with_conflicts_shows_them_in_the_files() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, parents) = parted(place.path(), ['2', '2']);
    let case = case(&clone);
    let paths = match &case.diverged().unwrap().would {
        Some(Would::Conflicts(paths)) => paths.clone(),
        would => panic!("{would:?}"),
    };
    let done = finished(&mut clone, &case, Verdict::Fuse).unwrap();
    assert_eq!(done.turned[0].outcome, Outcome::Open(paths));
    assert_eq!(clone.workspace.repository().desk().bases, parents);
    assert!(clone.read("a").contains("<<<<<<<"));
    assert!(diverged(&clone.workspace).unwrap().is_empty(), "it is settled by the next seal");
    let refused = finished(&mut clone, &case, Verdict::Side(0));
    assert!(matches!(refused, Err(SettlingError::Declined(_, Declined::Busy))), "{refused:?}");
    undone(&mut clone);
    assert_eq!(clone.read("a"), BASE.replace('2', "ours"));
}

#[test]
fn kept_apart_each_head_has_a_timeline_and_the_clone_stays_with_its_own() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, [theirs, ours]) = parted(place.path(), ['2', '2']);
    let case = case(&clone);
    let done = finished(&mut clone, &case, Verdict::Apart).unwrap();
    let name = case.diverged().unwrap().apart(1);
    let each = vec![("one".to_owned(), theirs), (name.clone(), ours)];
    assert_eq!(done.turned[0].outcome, Outcome::Apart(each));
    assert_eq!((heads(&clone, "one"), heads(&clone, &name)), (vec![theirs], vec![ours]));
    let desk = clone.workspace.repository().desk();
    assert_eq!((desk.timeline.as_ref(), &desk.bases[..]), (Some(&name), &[ours][..]));
    assert_eq!(clone.read("a"), BASE.replace('2', "ours"));
    undone(&mut clone);
    assert_eq!((heads(&clone, "one").len(), heads(&clone, &name)), (2, Vec::new()));
    assert_eq!(clone.workspace.repository().desk().timeline.as_deref(), Some("one"));
}

#[test]
fn from_another_timeline_a_clean_fuse_is_made_and_no_file_changes() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, parents) = parted(place.path(), ['8', '2']);
    clone.begin("elsewhere", parents[0]);
    let before = clone.read("a");
    let case = case(&clone);
    assert_eq!(case.diverged().unwrap().stands, Stands::Elsewhere);
    let done = finished(&mut clone, &case, Verdict::Fuse).unwrap();
    let (id, _) = sealed(&clone, &done);
    assert_eq!((heads(&clone, "one"), clone.read("a")), (vec![id], before));
    assert_eq!(clone.workspace.repository().desk().bases, [parents[0]]);
}

#[test]
fn from_another_timeline_no_conflict_comes_into_files() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, parents) = parted(place.path(), ['2', '2']);
    clone.begin("elsewhere", parents[0]);
    let case = case(&clone);
    let refused = finished(&mut clone, &case, Verdict::Fuse);
    assert!(matches!(refused, Err(SettlingError::Declined(_, Declined::Conflicts))));
    assert_eq!(heads(&clone, "one").len(), 2);
}

#[test]
fn what_changed_meanwhile_is_not_settled() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, [_, ours]) = parted(place.path(), ['8', '2']);
    let case = case(&clone);
    hear(&mut clone, "one", &[ours]);
    let refused = finished(&mut clone, &case, Verdict::Fuse);
    assert!(matches!(refused, Err(SettlingError::Diverged(name)) if name == "one"));
}

#[test]
fn changes_of_ones_own_are_not_overwritten() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, _) = parted(place.path(), ['8', '2']);
    clone.write("a", "mine\n");
    let case = case(&clone);
    for verdict in [Verdict::Fuse, Verdict::Side(0)] {
        let refused = finished(&mut clone, &case, verdict);
        assert!(matches!(refused, Err(SettlingError::Blocked(paths)) if paths.len() == 1));
    }
    assert_eq!((clone.read("a").as_str(), heads(&clone, "one").len()), ("mine\n", 2));
}

#[test]
fn no_head_is_taken_from_a_protected_timeline() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, _) = parted(place.path(), ['8', '2']);
    let doer = clone.doer();
    let (protected, typed) = (Protection::Protected, "protect".into());
    protect(&mut clone.workspace, &doer, typed, "one", protected).unwrap();
    let case = case(&clone);
    let told = case.diverged().unwrap();
    assert_eq!(told.accepts(&Verdict::Apart), Err(Declined::Protected));
    assert!(finished(&mut clone, &case, Verdict::Apart).is_err());
    assert_eq!(heads(&clone, "one").len(), 2);
    finished(&mut clone, &case, Verdict::Fuse).unwrap();
    assert_eq!(heads(&clone, "one").len(), 1);
}
