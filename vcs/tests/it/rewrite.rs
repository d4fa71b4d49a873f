//! Histories written anew in real clones: what a seal keeps, what it becomes, what others make of it.

use std::collections::BTreeSet;

use selkie_store::{RepoPath, Seal, SealId};
use selkie_vcs::conflicts::{Choice, Pick, settle};
use selkie_vcs::rebase::What;
use selkie_vcs::seal::seal;
use selkie_vcs::squash::Words;
use selkie_vcs::timeline::{Protection, protect};
use selkie_vcs::{
    Again, Became, Emptied, Others, RewriteError, Rewritten, Rule, rebase, reverse, squash,
};

mod clone;

use clone::{CARRY, Clone};

/// Main has `base` and `main`, side has `base`, `one` and `two`. The clone stands on side.
fn two_timelines(main: &str, one: &str, two: &str) -> (Clone, [SealId; 4]) {
    let mut clone = Clone::forge(1, "main");
    let base = clone.seal("base", "a=1,2,3,4,5,6,7,8,9 b=b c=c");
    clone.begin("side");
    let (one, two) = (clone.seal("one", one), clone.seal("two", two));
    clone.go("main");
    let main = clone.seal("main", main);
    clone.go("side");
    (clone, [base, main, one, two])
}

fn name(rewritten: &Rewritten, at: usize) -> SealId {
    match &rewritten.seals[at].became {
        Became::Seal(id, _) => *id,
        Became::Nothing => panic!("nothing came of {at}"),
    }
}

#[test]
fn a_seal_that_is_rebased_keeps_its_name_its_author_and_its_date() {
    let (mut clone, [_, main, one, two]) = two_timelines("c=main", "b=1", "b=2");
    let rebased = clone.rebase(main);
    assert_eq!(clone.story("side"), "base main one two");
    assert_eq!(clone.here(), clone.head("side"));
    let (old, new) = (clone.load(one), clone.load(name(&rebased, 0)));
    let kept = |seal: &Seal| (seal.change, seal.time, seal.zone_minutes, seal.author.clone());
    assert_eq!(kept(&new), kept(&old));
    assert_eq!((new.parents, new.replaces), (vec![main], BTreeSet::from([one])));
    let again = Again::of(&clone.load(name(&rebased, 1))).unwrap();
    assert!(again.time > clone.load(two).time);
    assert_eq!((clone.read("b"), clone.read("c")), ("2".to_owned(), "main".to_owned()));
}

#[test]
fn an_undo_takes_back_all_of_it() {
    let (mut clone, [_, main, _, two]) = two_timelines("c=main", "b=1", "b=2");
    clone.rebase(main);
    clone.undo();
    assert_eq!((clone.here(), clone.head("side")), (two, two));
    assert_eq!((clone.read("b"), clone.read("c")), ("2".to_owned(), "c".to_owned()));
}

#[test]
fn a_conflict_is_sealed_and_the_next_seal_is_made_on_top_of_it() {
    let (mut clone, [_, main, ..]) = two_timelines(
        "a=main,2,3,4,5,6,7,8,9",
        "a=one,2,3,4,5,6,7,8,9",
        "a=two,2,3,4,5,6,7,8,9 d=d",
    );
    let rebased = clone.rebase(main);
    let open = rebased.seals.iter().map(|seal| seal.conflicts.len());
    assert_eq!(open.collect::<Vec<_>>(), [1, 1]);
    assert_eq!((clone.conflicts(), clone.read("d")), (vec!["a".to_owned()], "d".to_owned()));
    // What was a way and no end is in the conflict no more.
    let text = clone.read("a");
    assert!(text.contains("main") && text.contains("two") && !text.contains("one,"), "{text}");
}

#[test]
fn what_one_seal_undoes_of_another_is_in_conflict_in_between_alone() {
    let (mut clone, [_, main, ..]) =
        two_timelines("a=main,2,3,4,5,6,7,8,9", "a=one,2,3,4,5,6,7,8,9", "a=1,2,3,4,5,6,7,8,9 d=d");
    let rebased = clone.rebase(main);
    assert_eq!(rebased.seals[0].conflicts.len(), 1);
    assert_eq!((clone.conflicts().len(), clone.read("a")), (0, "main,2,3,4,5,6,7,8,9".to_owned()));
}

#[test]
fn what_somebody_settled_before_settles_itself() {
    let (mut clone, [_, main, one, _]) =
        two_timelines("a=main,2,3,4,5,6,7,8,9", "a=one,2,3,4,5,6,7,8,9", "b=2");
    clone.go("main");
    clone.pluck(&[one]);
    let (path, now) = (RepoPath::new("a").unwrap(), clone.now());
    settle(&mut clone.workspace, &now, "take".into(), &[path], Choice::Parts(Pick::Both)).unwrap();
    let now = clone.now();
    seal(&mut clone.workspace, &now, "seal".into(), "both".into()).unwrap();
    clone.go("side");
    let rebased = clone.rebase(main);
    assert_eq!(rebased.seals[0].conflicts, []);
    assert_eq!(rebased.seals[0].decisions[0].rule, Rule::Remembered);
    assert_eq!(clone.read("a"), "main,one,2,3,4,5,6,7,8,9");
}

/// What was sealed as a conflict stayed one wherever it was brought, though somebody had settled it in the meantime.
#[test]
fn what_was_settled_after_a_rebase_is_settled_in_the_next_one_where_it_arose() {
    let (mut clone, [_, main, ..]) =
        two_timelines("a=main,2,3,4,5,6,7,8,9", "a=one,2,3,4,5,6,7,8,9", "b=2");
    clone.rebase(main);
    let (path, now) = (RepoPath::new("a").unwrap(), clone.now());
    settle(&mut clone.workspace, &now, "take".into(), &[path], Choice::Parts(Pick::Both)).unwrap();
    let now = clone.now();
    seal(&mut clone.workspace, &now, "seal".into(), "settled".into()).unwrap();
    clone.go("main");
    let newer = clone.seal("newer", "c=newer");
    clone.go("side");
    let rebased = clone.rebase(newer);
    assert_eq!(clone.story("side"), "base main newer one two");
    assert_eq!(rebased.seals[0].decisions[0].rule, Rule::Remembered);
    assert_eq!(rebased.seals[2].became, Became::Nothing, "there is nothing left to settle");
    assert_eq!(clone.read("a"), "main,one,2,3,4,5,6,7,8,9");
}

#[test]
fn merges_among_what_is_rebased_stay_merges() {
    let (mut clone, [_, main, one, _]) = two_timelines("c=main", "b=1", "b=2");
    let now = clone.now();
    let carried = selkie_vcs::switch::travel(&mut clone.workspace, &now, "go".into(), one, CARRY);
    carried.unwrap();
    clone.begin("third");
    let third = clone.seal("third", "d=d");
    clone.go("side");
    clone.fuse(third);
    clone.seal("more", "e=e");
    let rebased = clone.rebase(main);
    assert_eq!(clone.story("side"), "base main one two fuse(third) more");
    let all = ["b", "c", "d", "e"].map(|path| clone.read(path));
    assert_eq!(all, ["2", "main", "d", "e"]);
    assert_eq!((rebased.stayed, clone.head("third")), (vec!["third".to_owned()], third));
}

#[test]
fn a_merge_of_what_all_goes_onto_has_nothing_left_to_say() {
    let (mut clone, [_, main, ..]) = two_timelines("c=main", "b=1", "b=2");
    clone.fuse(main);
    clone.seal("more", "d=d");
    clone.go("main");
    let newer = clone.seal("newer", "c=newer");
    clone.go("side");
    let rebased = clone.rebase(newer);
    assert_eq!(clone.story("side"), "base main newer one two more");
    assert_eq!(rebased.seals[2].became, Became::Nothing);
    assert_eq!((clone.read("b"), clone.read("c")), ("2".to_owned(), "newer".to_owned()));
}

#[test]
fn what_is_there_already_is_left_out_and_what_never_changed_anything_stays() {
    let (mut clone, [_, main, one, _]) = two_timelines("c=main b=1", "b=1", "d=d");
    let rebased = clone.rebase(main);
    assert_eq!(clone.story("side"), "base main two");
    assert_eq!(rebased.seals[0].became, Became::Nothing);
    let new = clone.load(clone.head("side"));
    assert!(new.replaces.contains(&one), "it stands for what was left out as well");
}

#[test]
fn a_timeline_with_nothing_of_its_own_just_moves_on() {
    let (mut clone, [base, main, ..]) = two_timelines("c=main", "b=1", "b=2");
    let what = || What::Timeline(Some("main".to_owned()));
    let two = clone.head("side");
    let rebased = clone.rebased(two, what(), Others::Stay).unwrap();
    assert_eq!(rebased.seals.len(), 1, "main has a seal of its own");
    clone.undo();
    clone.go("main");
    clone.begin("third");
    let now = clone.now();
    selkie_vcs::switch::travel(&mut clone.workspace, &now, "go".into(), base, CARRY).unwrap();
    clone.begin("old");
    assert_eq!(clone.rebase(main).forward, Some(main));
    assert_eq!((clone.head("old"), clone.here(), clone.read("c")), (main, main, "main".to_owned()));
    assert_eq!(clone.rebase(main), Rewritten::default());
}

#[test]
fn seals_move_with_all_that_came_from_them_and_what_stays_behind_is_told() {
    let (mut clone, [base, _, one, two]) = two_timelines("c=main", "b=1", "d=2");
    clone.seal("three", "e=3");
    let what = What::Seals(BTreeSet::from([two]));
    let rebased = clone.rebased(base, what, Others::Stay).unwrap();
    assert_eq!(clone.story("side"), "base two three");
    assert_eq!(rebased.left, [one]);
    assert_eq!(
        (clone.read("b"), clone.read("d"), clone.read("e")),
        ("b".into(), "2".into(), "3".into())
    );
}

#[test]
fn seals_do_not_move_onto_what_came_from_them() {
    let (mut clone, [_, _, one, two]) = two_timelines("c=main", "b=1", "b=2");
    for onto in [one, two] {
        let what = What::Seals(BTreeSet::from([one]));
        let refused = clone.rebased(onto, what, Others::Stay);
        assert!(matches!(refused, Err(RewriteError::Circle)), "{refused:?}");
    }
}

#[test]
fn other_timelines_are_told_or_come_along() {
    for (others, expected) in
        [(Others::Stay, "base one two more"), (Others::Come, "base main one two more")]
    {
        let (mut clone, [_, main, ..]) = two_timelines("c=main", "b=1", "b=2");
        clone.begin("more");
        clone.seal("more", "d=d");
        clone.go("side");
        let rebased = clone.rebased(main, What::Timeline(None), others).unwrap();
        assert_eq!(clone.story("side"), "base main one two");
        assert_eq!(clone.story("more"), expected);
        let told =
            if others == Others::Stay { rebased.stayed } else { rebased.moved[1..].to_vec() };
        assert_eq!(told, ["more"]);
    }
}

#[test]
fn a_protected_timeline_keeps_its_seals() {
    let (mut clone, [_, main, one, two]) = two_timelines("c=main", "b=1", "b=2");
    let now = clone.now();
    protect(&mut clone.workspace, &now, "protect".into(), "side", Protection::Protected).unwrap();
    let refused = [
        clone.rebased(main, What::Timeline(None), Others::Stay),
        clone.squash(squash::What::WithBefore(two), Words::All),
        clone.split(one, "b"),
    ];
    for refused in &refused[..2] {
        assert!(refused.as_ref().unwrap_err().to_string().contains("protected"), "{refused:?}");
    }
    assert!(matches!(refused[2], Err(RewriteError::Whole)));
    clone.reverse(&[two]);
    assert_eq!(clone.load(clone.head("side")).parents, [two], "what only adds is done");
}

#[test]
fn others_see_the_new_seals_in_the_place_of_the_old() {
    let (mut east, [_, main, ..]) = two_timelines("c=main", "b=1", "b=2");
    let mut west = Clone::forge(2, "west");
    west.hear(&east);
    west.go("side");
    east.rebase(main);
    // West says the old seal again, without having heard of that.
    west.seal("of west", "d=west");
    west.undo();
    west.hear(&east);
    east.hear(&west);
    for clone in [&east, &west] {
        assert_eq!(clone.story("side"), "base main one two");
    }
}

#[test]
fn what_others_built_on_the_old_seals_stays_beside_the_new_ones_until_it_is_rebased() {
    let (mut east, [_, main, ..]) = two_timelines("c=main", "b=1", "b=2");
    let mut west = Clone::forge(2, "west");
    west.hear(&east);
    west.go("side");
    let of_west = west.seal("of west", "d=west");
    east.squash(squash::What::WithBefore(east.here()), Words::First).unwrap();
    east.rebase(main);
    east.hear(&west);
    assert_eq!(east.heads("side").len(), 2);
    let what = What::Seals(BTreeSet::from([of_west]));
    let onto = east.here();
    east.rebased(onto, what, Others::Stay).unwrap();
    assert_eq!(east.story("side"), "base main one of west");
}

#[test]
fn a_pluck_is_a_new_change_that_tells_where_it_came_from() {
    let (mut clone, [_, main, one, two]) = two_timelines("c=main", "b=1", "d=2");
    clone.go("main");
    let plucked = clone.pluck(&[two, one]);
    assert_eq!(clone.story("main"), "base main two one");
    let (old, new) = (clone.load(two), clone.load(name(&plucked, 0)));
    assert_ne!(new.change, old.change);
    assert_ne!(new.change, clone.load(name(&plucked, 1)).change);
    assert_eq!((new.time, new.author, new.parents), (old.time, old.author, vec![main]));
    assert_eq!(new.labels[selkie_vcs::PLUCKED], two.to_string().into_bytes());
    assert!(new.replaces.is_empty());
    let again = clone.pluck(&[one]);
    assert_eq!(again.seals[0].became, Became::Nothing);
    assert_eq!(clone.story("main"), "base main two one");
}

#[test]
fn what_is_reversed_is_as_it_was_and_comes_back_when_that_is_reversed() {
    let (mut clone, [base, _, one, two]) = two_timelines("c=main", "b=1 d=1", "b=2");
    let reversed = clone.reverse(&[two, one]);
    let nothing = clone.reverse(&[one]);
    assert_eq!(nothing.seals[0].became, Became::Nothing);
    let tree = |clone: &Clone, seal| clone.load(seal).tree;
    assert_eq!(tree(&clone, clone.here()), tree(&clone, base));
    assert!(!clone.folder.path().join("d").exists());
    let last = name(&reversed, 1);
    assert_eq!(clone.load(last).message.lines().next(), Some("Reverse \"one\""));
    let back = clone.reverse(&[last, name(&reversed, 0)]);
    assert_eq!(clone.load(name(&back, 0)).message.lines().next(), Some("Bring back \"one\""));
    assert_eq!(tree(&clone, clone.here()), tree(&clone, two));
}

#[test]
fn of_a_merge_is_taken_back_what_it_brought_to_the_parent_that_is_meant() {
    for (parent, expected) in [(None, ["2", "c"]), (Some(2), ["b", "main"])] {
        let (mut clone, [_, main, ..]) = two_timelines("c=main", "b=1", "b=2");
        let merge = clone.fuse(main);
        let (seals, now) = (vec![merge], clone.now());
        let wanted = reverse::Wanted { seals, parent, message: Some("no".to_owned()) };
        reverse::reverse(&mut clone.workspace, &now, "reverse".into(), &wanted, CARRY).unwrap();
        assert_eq!([clone.read("b"), clone.read("c")], expected);
        let wanted = reverse::Wanted { parent: Some(3), ..wanted };
        let refused = reverse::preview(&mut clone.workspace, &now, &wanted);
        assert!(matches!(refused, Err(RewriteError::Parent(_))), "{refused:?}");
    }
}

#[test]
fn squashed_seals_are_one_and_nothing_but_the_history_changes() {
    let (mut clone, [_, _, one, two]) = two_timelines("c=main", "b=1", "d=2");
    let three = clone.seal("three", "e=3");
    let tree = clone.load(three).tree;
    let squashed = clone.squash(squash::What::WithBefore(two), Words::All).unwrap();
    assert_eq!(clone.story("side"), "base one\n\ntwo three");
    let new = clone.load(name(&squashed, 0));
    assert_eq!((new.change, new.time), (clone.load(one).change, clone.load(one).time));
    assert_eq!(new.replaces, BTreeSet::from([one, two]));
    assert_eq!(clone.load(clone.here()).tree, tree);
    let all = BTreeSet::from([name(&squashed, 0), clone.here()]);
    clone.squash(squash::What::Seals(all), Words::These("all".into())).unwrap();
    assert_eq!(clone.story("side"), "base all");
    assert_eq!(clone.load(clone.here()).replaces.len(), 5);
}

#[test]
fn only_a_line_of_this_timeline_is_squashed() {
    let (mut clone, [base, main, one, two]) = two_timelines("c=main", "b=1", "b=2");
    let merge = clone.fuse(main);
    let mut refused = |seals: &[SealId]| {
        let what = squash::What::Seals(seals.iter().copied().collect());
        clone.squash(what, Words::All).unwrap_err()
    };
    assert!(matches!(refused(&[base, two]), RewriteError::NoLine));
    assert!(matches!(refused(&[two, merge]), RewriteError::NoLine));
    assert!(matches!(refused(&[one]), RewriteError::Alone));
    let merge = squash::What::WithBefore(merge);
    assert!(matches!(clone.squash(merge, Words::All), Err(RewriteError::Several(_))));
    let first = squash::What::WithBefore(base);
    assert!(matches!(clone.squash(first, Words::All), Err(RewriteError::First(_))));
    clone.go("main");
    let elsewhere = squash::What::WithBefore(two);
    assert!(matches!(clone.squash(elsewhere, Words::All), Err(RewriteError::Elsewhere { .. })));
}

#[test]
fn a_split_seal_is_two_and_the_rest_keeps_its_name() {
    let (mut clone, [_, _, one, two]) = two_timelines("c=main", "b=1 d/x=1 e=1", "b=2");
    let tree = clone.load(two).tree;
    let made = clone.split(one, "d").unwrap();
    assert_eq!(clone.story("side"), "base part one two");
    let (part, rest) = (clone.load(name(&made, 0)), clone.load(name(&made, 1)));
    let old = clone.load(one);
    assert_eq!(rest.change, old.change);
    assert_ne!(part.change, old.change);
    assert_eq!((rest.tree, clone.load(clone.here()).tree), (old.tree, tree));
    assert_eq!((&part.replaces, &rest.replaces), (&BTreeSet::from([one]), &BTreeSet::from([one])));
    let refused = clone.split(name(&made, 0), "b");
    assert!(matches!(refused, Err(RewriteError::NoPart)));
}

#[test]
fn unfinished_work_comes_along_and_is_merged_with_what_changed_under_it() {
    let (mut clone, [_, main, ..]) = two_timelines("a=main,2,3,4,5,6,7,8,9", "b=1", "b=2");
    clone.write("a=1,2,3,4,5,6,7,8,mine new=new");
    let rebased = clone.rebase(main);
    assert_eq!(rebased.shelved.left, None);
    assert_eq!(clone.read("a"), "main,2,3,4,5,6,7,8,mine");
    assert_eq!(clone.read("new"), "new");
    clone.undo();
    assert_eq!(clone.read("a"), "1,2,3,4,5,6,7,8,mine");
}

#[test]
fn unfinished_work_that_touches_what_changed_waits_on_a_shelf() {
    let (mut clone, [_, main, ..]) = two_timelines("a=main,2,3,4,5,6,7,8,9", "b=1", "b=2");
    clone.write("a=mine,2,3,4,5,6,7,8,9");
    let rebased = clone.rebase(main);
    assert_eq!(rebased.shelved.left.as_deref(), Some("side"));
    assert_eq!(clone.read("a"), "main,2,3,4,5,6,7,8,9");
    clone.undo();
    assert_eq!(clone.read("a"), "mine,2,3,4,5,6,7,8,9");
}

#[test]
fn a_preview_changes_nothing_and_says_what_comes() {
    let (mut clone, [_, main, _, two]) =
        two_timelines("a=main,2,3,4,5,6,7,8,9", "a=one,2,3,4,5,6,7,8,9", "b=2");
    let (what, onto, now) = (What::Timeline(None), main, clone.now());
    let (emptied, others) = (Emptied::Dropped, Others::Stay);
    let wanted = rebase::Wanted { what, onto, emptied, others };
    let planned = rebase::preview(&mut clone.workspace, &now, &wanted).unwrap();
    assert_eq!(clone.head("side"), two);
    let done = rebase::rebase(&mut clone.workspace, &now, "rebase".into(), &wanted, CARRY).unwrap();
    assert_eq!(planned.seals, done.seals);
}
