//! Checkouts: what they do, what they refuse, and what hostile trees and disks do not make them do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use selkie_store::{
    Batch, Conflict, Content, Foreign, Hint, Kind, Name, Node, RepoPath, Term, Tree, TreeId,
};

use super::apply::{ApplyError, apply, sweep};
use super::plan::{Names, Overwrite, Policy, Why};
use crate::tree::edit::{Edits, edit, empty_tree};
use crate::work::folding::Folding;
use crate::work::index::Index;
use crate::work::status::{AskedIgnored, AskedUnknown};
use crate::work::trial::{CAREFUL, Copy, path};

impl Copy {
    /// The tree that the known one becomes with these paths.
    fn tree(&self, edits: &[(&str, Option<Node>)]) -> TreeId {
        let edits: Edits = edits.iter().map(|(at, node)| (path(at), node.clone())).collect();
        let batch = Batch::new(&self.store);
        let tree = edit(&self.store, &batch, self.index.known(), &edits).unwrap();
        batch.finish().unwrap();
        tree
    }

    #[expect(clippy::unnecessary_wraps, reason = "an edit takes it so")]
    fn file(&self, text: &str) -> Option<Node> {
        let batch = Batch::new(&self.store);
        let content = batch.put_content(text.as_bytes(), Hint::NONE).unwrap();
        batch.finish().unwrap();
        Some(Node::File(content))
    }

    #[expect(clippy::unnecessary_wraps, reason = "an edit takes it so")]
    fn link(&self, target: &str) -> Option<Node> {
        let batch = Batch::new(&self.store);
        let id = batch.put(Kind::Blob, target.as_bytes(), Hint::NONE).unwrap();
        batch.finish().unwrap();
        Some(Node::Symlink(id.into()))
    }

    fn value<T: selkie_store::Canonical>(&self, value: &T) -> T::Id {
        let batch = Batch::new(&self.store);
        let id = batch.put_value(value, Hint::NONE).unwrap();
        batch.finish().unwrap();
        id
    }

    fn blocked(&mut self, to: TreeId, policy: Policy) -> Vec<(String, Why)> {
        let plan = self.plan(to, policy);
        plan.blocked.into_iter().map(|blocked| (blocked.path.to_string(), blocked.why)).collect()
    }

    /// Everything on disk, a line each.
    fn disk(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(""), "", &mut found);
        found.sort();
        found
    }
}

fn walk(folder: &std::path::Path, path: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{path}{}", entry.file_name().to_string_lossy());
        let metadata = fs::symlink_metadata(entry.path()).unwrap();
        if metadata.is_dir() {
            found.push(format!("{path}/"));
            walk(&entry.path(), &format!("{path}/"), found);
        } else if metadata.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            found.push(format!("{path} -> {}", target.display()));
        } else {
            let mark = if metadata.permissions().mode() & 0o111 == 0 { ":" } else { "*" };
            let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
            found.push(format!("{path}{mark} {text}"));
        }
    }
}

#[test]
fn a_switch_makes_the_disk_the_other_tree_and_back() {
    let mut copy = Copy::new();
    let one = copy.tree(&[
        ("same", copy.file("same")),
        ("edit", copy.file("one")),
        ("mode", copy.file("tool")),
        ("kind", copy.file("file")),
        ("below/a/b", copy.file("deep")),
        ("file", copy.file("file")),
        ("dir/x", copy.file("x")),
        ("hollow", copy.file("file")),
        ("void", Some(Node::Directory(copy.value(&Tree::default())))),
    ]);
    copy.switch(one);
    let first = copy.disk();
    let Some(Node::File(content)) = copy.file("tool") else { unreachable!() };
    let two = copy.tree(&[
        ("edit", copy.file("two")),
        ("mode", Some(Node::Executable(content))),
        ("kind", copy.link("same")),
        ("below", None),
        ("file", None),
        ("file/inside", copy.file("now a directory")),
        ("dir", copy.file("now a file")),
        ("hollow", Some(Node::Directory(copy.value(&Tree::default())))),
        ("void", None),
        ("new", copy.file("")),
    ]);
    copy.switch(two);
    let second = [
        "dir: now a file",
        "edit: two",
        "file/",
        "file/inside: now a directory",
        "hollow/",
        "kind -> same",
        "mode* tool",
        "new: ",
        "same: same",
    ];
    assert_eq!(copy.disk(), second);
    assert_eq!(copy.status(), [""; 0]);
    copy.switch(one);
    assert_eq!(copy.disk(), first);
    assert_eq!(copy.status(), [""; 0]);
}

#[test]
fn uncommitted_work_is_carried_or_stops_the_switch() {
    let mut copy = Copy::new();
    for file in ["carried", "edited", "gone", "same-edit"] {
        copy.write(file, "old");
    }
    let one = copy.seal();
    let two = copy.tree(&[
        ("edited", copy.file("new")),
        ("gone", None),
        ("same-edit", copy.file("alike")),
        ("unknown", copy.file("new")),
        ("adopted", copy.file("alike")),
        ("folder", copy.file("new")),
        ("above/file", copy.file("new")),
    ]);
    for (file, text) in [
        ("carried", "mine"),
        ("edited", "mine"),
        ("gone", "mine"),
        ("same-edit", "alike"),
        ("unknown", "mine"),
        ("adopted", "alike"),
        ("folder/mine", "mine"),
        ("above", "mine"),
    ] {
        copy.write(file, text);
    }
    let blocked = copy.blocked(two, CAREFUL);
    let expected = [
        ("above/file", Why::Above(path("above"))),
        ("edited", Why::Changed),
        ("folder", Why::Directory),
        ("gone", Why::Changed),
        ("unknown", Why::Unknown),
    ];
    assert_eq!(blocked, expected.map(|(path, why)| (path.to_owned(), why)));
    let plan = copy.plan(two, CAREFUL);
    assert!(matches!(copy.apply(&plan, two), Err(ApplyError::Blocked(_))));
    copy.remove("above");
    copy.remove("folder/mine");
    let forced = Policy { overwrite: Overwrite::Everything, ..CAREFUL };
    let plan = copy.plan(two, forced);
    assert_eq!(plan.blocked, []);
    copy.apply(&plan, two).unwrap();
    assert_eq!(copy.status(), ["M carried"]);
    assert_eq!(copy.read("edited"), "new");
    assert_ne!(one, two);
}

#[test]
fn changes_are_taken_back_by_writing_known_paths_again() {
    let mut copy = Copy::new();
    copy.write("a/edited", "old");
    copy.write("removed", "old");
    let tree = copy.seal();
    copy.write("a/edited", "new");
    copy.remove("removed");
    let status = copy.scan(AskedUnknown::Nothing, AskedIgnored::Nothing);
    let again = copy.index.again(&status.chosen(&[RepoPath::default()]));
    let top = copy.top();
    let observed = super::observe::observe(&copy.store, &top, &copy.index, &again).unwrap();
    let forced = Policy { overwrite: Overwrite::Everything, ..CAREFUL };
    let plan = super::plan::plan(&observed, Vec::new(), &[], forced);
    copy.apply(&plan, tree).unwrap();
    assert_eq!(copy.status(), [""; 0]);
    assert_eq!((copy.read("a/edited"), copy.read("removed")), ("old".into(), "old".into()));
}

#[test]
fn what_is_unknown_keeps_its_directory() {
    let mut copy = Copy::new();
    copy.write("in/deep/known", "");
    copy.write("in/gone/known", "");
    copy.seal();
    copy.write("in/deep/mine", "mine");
    copy.switch(empty_tree());
    assert_eq!(copy.disk(), ["in/", "in/deep/", "in/deep/mine: mine"]);
}

#[test]
fn a_path_that_changed_since_the_plan_stops_it() {
    let mut copy = Copy::new();
    copy.write("edited", "old");
    copy.write("gone", "old");
    copy.seal();
    let two = copy.tree(&[
        ("edited", copy.file("new")),
        ("gone", None),
        ("new", copy.file("new")),
        ("z/new", copy.file("new")),
    ]);
    for (file, changed) in [("edited", "edited"), ("gone", "gone"), ("new", "new")] {
        let plan = copy.plan(two, CAREFUL);
        copy.write(file, "mine");
        let result = apply(&copy.store, &copy.top(), &plan, |_| ());
        assert!(matches!(&result, Err(ApplyError::Changed(path)) if path.as_str() == changed));
        assert_eq!(copy.read(file), "mine");
        assert!(copy.disk().iter().all(|line| !line.contains('~')), "no litter");
        // The next round begins with the old tree on disk again.
        copy.remove(file);
        for (file, text) in [("edited", "old"), ("gone", "old")] {
            copy.write(file, text);
        }
        for file in ["new", "z/new"] {
            if copy.path(file).exists() {
                copy.remove(file);
            }
        }
    }
    // Touched, but with the content it had: that is what the plan saw.
    let plan = copy.plan(two, CAREFUL);
    copy.write("edited", "old");
    copy.apply(&plan, two).unwrap();
}

#[test]
fn a_directory_swapped_for_a_link_after_the_plan_leads_nowhere() {
    for victim in ["in", "in/deep"] {
        let mut copy = Copy::new();
        copy.write("in/deep/edited", "old");
        copy.write("in/deep/gone", "old");
        copy.seal();
        let two = copy.tree(&[
            ("in/deep/edited", copy.file("new")),
            ("in/deep/gone", None),
            ("in/deep/new/file", copy.file("new")),
        ]);
        let plan = copy.plan(two, CAREFUL);
        let outside = tempfile::tempdir().unwrap();
        fs::rename(copy.path(victim), outside.path().join("moved")).unwrap();
        symlink(outside.path().join("moved"), copy.path(victim)).unwrap();
        let before = listing(outside.path());
        assert!(apply(&copy.store, &copy.top(), &plan, |_| ()).is_err());
        assert_eq!(listing(outside.path()), before, "{victim}");
    }
}

fn listing(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

#[test]
fn a_link_in_a_tree_is_never_a_way() {
    let outside = tempfile::tempdir().unwrap();
    let mut copy = Copy::new();
    let linked = copy.tree(&[("way", copy.link(outside.path().to_str().unwrap()))]);
    copy.switch(linked);
    // The link becomes a directory: what is below is written below, not behind.
    let below = copy.tree(&[("way", None), ("way/file", copy.file("text"))]);
    copy.switch(below);
    assert_eq!(copy.disk(), ["way/", "way/file: text"]);
    // And a directory that was made a link by hand is in the way of what is below it.
    copy.remove("way/file");
    fs::remove_dir(copy.path("way")).unwrap();
    symlink(outside.path(), copy.path("way")).unwrap();
    let more = copy.tree(&[("way/other", copy.file("text"))]);
    let blocked = copy.blocked(more, Policy { overwrite: Overwrite::Everything, ..CAREFUL });
    assert_eq!(blocked, [("way/other".to_owned(), Why::Above(path("way")))]);
    assert_eq!(listing(outside.path()), [""; 0]);
}

#[test]
fn hazardous_names_are_refused_where_they_are_hazards() {
    let mut copy = Copy::new();
    let tree = |name: &str| copy.tree(&[(name, copy.file("text"))]);
    let long = "x".repeat(255);
    let cases = [
        ("plain", false, false),
        (".hg/hgrc", true, true),
        (".SVN/config", true, true),
        ("dir/.jj/x", true, true),
        ("nul", false, true),
        ("dir/com1.txt/x", false, true),
        ("a:b", false, true),
        ("what?", false, true),
        ("end.", false, true),
        ("end ", false, true),
        (&long, false, false),
    ];
    let trees = cases.map(|(name, ..)| tree(name));
    for ((name, on_unix, on_windows), tree) in cases.into_iter().zip(trees) {
        for (names, refused) in
            [(Names::OnUnix, on_unix), (Names::OnWindows, on_windows), (Names::All, false)]
        {
            let blocked = copy.blocked(tree, Policy { names, ..CAREFUL });
            assert_eq!(!blocked.is_empty(), refused, "{name:?} {names:?}");
            let is_hazard = |(_, why): &(String, Why)| matches!(why, Why::Hazard(_));
            assert!(blocked.iter().all(is_hazard));
        }
    }
}

#[test]
fn a_file_system_that_folds_names_gets_one_of_two_at_most() {
    let mut copy = Copy::new();
    let two = copy.tree(&[("Readme", copy.file("1")), ("README", copy.file("2"))]);
    assert_eq!(copy.blocked(two, CAREFUL), []);
    let folding = Policy { folding: Folding::AsOne, ..CAREFUL };
    let expected = [("Readme".to_owned(), Why::Clash(path("README")))];
    assert_eq!(copy.blocked(two, folding), expected);
    assert_eq!(Folding::probe(&copy.top()).unwrap(), Folding::Apart);
    copy.write(".selkie/FORMAT", "as a folding file system shows `format`");
    let control = copy.top().enter(b".selkie").unwrap();
    assert_eq!(Folding::probe(&control).unwrap(), Folding::AsOne);
    // A name that changes only in case: there, the old file is seen under the new name.
    let old = copy.tree(&[("Readme", copy.file("1"))]);
    copy.switch(old);
    let renamed = copy.tree(&[("Readme", None), ("README", copy.file("2"))]);
    copy.write("README", "1");
    assert_eq!(copy.blocked(renamed, folding), []);
    assert_eq!(copy.blocked(renamed, CAREFUL), [("README".to_owned(), Why::Unknown)]);
}

#[test]
fn a_path_longer_than_the_system_takes_at_once_is_written() {
    let mut copy = Copy::new();
    let long = vec!["d".repeat(200); 20].join("/");
    let tree = copy.tree(&[(&long, copy.file("far down"))]);
    copy.switch(tree);
    assert_eq!(copy.status(), [""; 0]);
    copy.switch(empty_tree());
    assert_eq!(copy.disk(), [""; 0]);
}

#[test]
fn a_conflict_shows_its_first_side_and_stays_until_it_is_named() {
    let mut copy = Copy::new();
    let term = |node| Term { path: path("a"), node, seal: None, note: String::new() };
    let sides = vec![term(None), term(copy.file("ours")), term(copy.file("theirs"))];
    let conflict = copy.value(&Conflict::new(vec![], sides).unwrap());
    let plain = copy.tree(&[("b", copy.file("b"))]);
    let tree = copy.tree(&[("a", Some(Node::Conflict(conflict))), ("b", copy.file("b"))]);
    copy.switch(tree);
    assert_eq!(copy.read("a"), "ours");
    assert_eq!(copy.status(), ["C a"]);
    assert_eq!(copy.seal(), tree);
    copy.switch(plain);
    assert_eq!(copy.disk(), ["b: b"]);
    copy.switch(tree);
    copy.write("a", "settled");
    assert_eq!(copy.blocked(plain, CAREFUL), [("a".to_owned(), Why::Changed)]);
    copy.seal_paths(&[path("a")]);
    assert_eq!(copy.index.node_at(&path("a")), copy.file("settled"));
}

#[test]
fn a_foreign_thing_is_an_empty_directory_that_is_left_alone() {
    let mut copy = Copy::new();
    let foreign = Foreign { mode: 0o160_000, bytes: [7; 20].into() };
    let tree = copy.tree(&[("lib", Some(Node::Foreign(foreign))), ("a", copy.file("a"))]);
    copy.switch(tree);
    assert_eq!(copy.disk(), ["a: a", "lib/"]);
    copy.write("lib/code", "of another tool");
    assert_eq!(copy.status(), [""; 0]);
    copy.switch(empty_tree());
    assert_eq!(copy.disk(), ["lib/", "lib/code: of another tool"]);
}

#[test]
fn what_a_killed_command_left_is_swept_and_nothing_else() {
    let mut copy = Copy::new();
    copy.write("in/selkie~12345678901234567890", "half");
    copy.write("in/selkie~1", "of somebody");
    copy.write("in/file", "text");
    let status = copy.scan(AskedUnknown::Files, AskedIgnored::Nothing);
    sweep(&copy.top(), &status.litter).unwrap();
    assert_eq!(copy.disk(), ["in/", "in/file: text", "in/selkie~1: of somebody"]);
}

#[test]
fn no_mode_but_the_executable_bit_is_set() {
    let mut copy = Copy::new();
    let Some(Node::File(content)) = copy.file("x") else { unreachable!() };
    let tree = copy.tree(&[("file", copy.file("x")), ("tool", Some(Node::Executable(content)))]);
    copy.switch(tree);
    let mode = |file: &str| fs::metadata(copy.path(file)).unwrap().permissions().mode() & 0o7777;
    let (file, tool) = (mode("file"), mode("tool"));
    assert_eq!(file & !0o666, 0);
    assert_eq!(tool, file | ((file & 0o444) >> 2));
}

#[test]
fn a_content_that_is_missing_stops_before_the_file() {
    let mut copy = Copy::new();
    copy.write("a", "old");
    copy.seal();
    let missing = Content::Whole(selkie_store::ObjectId::of(Kind::Blob, b"nowhere").into());
    let batch = Batch::new(&copy.store);
    let tree = Tree::from_iter([(Name::new("a").unwrap(), Node::File(missing))]);
    let tree = batch.put_value(&tree, Hint::NONE).unwrap();
    batch.finish().unwrap();
    let plan = copy.plan(tree, CAREFUL);
    let result = apply(&copy.store, &copy.top(), &plan, |_| ());
    assert!(matches!(result, Err(ApplyError::Store { .. })));
    assert_eq!(copy.disk(), ["a: old"]);
}

#[test]
fn a_half_applied_plan_is_finished_by_planning_again() {
    let mut copy = Copy::new();
    for number in 0..40 {
        copy.write(&format!("d{}/f{number}", number % 4), "old");
    }
    copy.seal();
    let name = |number: i32| format!("d{}/f{number}", number % 4);
    let edits = (0..60).map(|number| {
        let node = if number % 3 == 0 { None } else { copy.file(&format!("new {number}")) };
        (name(number), node)
    });
    let edits: Vec<_> = edits.collect();
    let edits: Vec<_> = edits.iter().map(|(path, node)| (path.as_str(), node.clone())).collect();
    let two = copy.tree(&edits);
    let mut plan = copy.plan(two, CAREFUL);
    let whole = plan.steps.len();
    plan.steps.truncate(whole / 2);
    apply(&copy.store, &copy.top(), &plan, |_| ()).unwrap();
    // The index still is of the old tree, as after a kill.
    let rest = copy.plan(two, CAREFUL);
    assert_eq!(rest.blocked, []);
    assert_eq!(rest.steps.len(), whole - whole / 2);
    copy.apply(&rest, two).unwrap();
    assert_eq!(copy.status(), [""; 0]);
    assert_eq!(copy.plan(two, CAREFUL).steps, []);
}

#[test]
fn names_in_trees_are_names() {
    // The hostile names that never come this far: no tree can be made or decoded with them.
    for name in
        ["..", ".", "", "a/b", ".git", ".GIT", ".selkie", "git~1", "a\0", "a\\b", "\u{200c}.git"]
    {
        assert!(Name::new(name).is_err(), "{name:?}");
    }
    assert!(Index::empty().is_empty());
}
