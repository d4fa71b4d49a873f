//! What holds for patches: they make the one text into the other, here and in git.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use selkie_store::RepoPath;

use super::parse::{PatchProblem, parse_patch};
use super::{FileMode, FilePatch, FileVersion, PatchBody};
use crate::rename::Origin;
use crate::text::apply::apply_hunks;
use crate::text::compare::{Algorithm, BlankLines, Comparing};
use crate::text::dice::Dice;
use crate::text::hunk::{CONTEXT_LINES, Hunk};
use crate::text::lines::Text;
use crate::text::space::Space;

fn version<'a>(path: &str, mode: FileMode, bytes: &'a str) -> FileVersion<'a> {
    FileVersion { path: RepoPath::new(path).unwrap(), mode, bytes: bytes.as_bytes() }
}

#[expect(clippy::unnecessary_wraps, reason = "the other side of a patch may be missing")]
fn plain<'a>(path: &str, bytes: &'a str) -> Option<FileVersion<'a>> {
    Some(version(path, FileMode::Plain, bytes))
}

fn between<'a>(before: &'a str, after: &'a str, how: Comparing, context: usize) -> Vec<Hunk<'a>> {
    let (before, after) = (plain("a.txt", before), plain("a.txt", after));
    let patch = FilePatch::between(before, after, Origin::Same, how, context).pop();
    match patch.map(|patch| patch.body) {
        None => Vec::new(),
        Some(PatchBody::Hunks(hunks)) => hunks,
        Some(PatchBody::Binary) => panic!("these are texts"),
    }
}

fn applied(before: &str, hunks: &[Hunk]) -> String {
    let before = Text::new(before.as_bytes()).unwrap();
    String::from_utf8(apply_hunks(&before, hunks, Space::Exact).unwrap()).unwrap()
}

fn pairs(seed: u64, count: usize) -> impl Iterator<Item = (String, String)> {
    let mut dice = Dice(seed);
    (0..count).map(move |_| {
        let before = dice.text();
        let after = if dice.below(4) == 0 { dice.text() } else { dice.edited(&before) };
        (before, after)
    })
}

#[test]
fn a_patch_applied_is_the_other_text_and_reversed_the_first() {
    for (before, after) in pairs(1, 1000) {
        for algorithm in [Algorithm::Histogram, Algorithm::Myers] {
            for context in [0, 1, 3, 100] {
                let how = Comparing { algorithm, ..Comparing::default() };
                let hunks = between(&before, &after, how, context);
                assert_eq!(applied(&before, &hunks), after, "{before:?}");
                let back: Vec<_> = hunks.iter().map(Hunk::reversed).collect();
                assert_eq!(applied(&after, &back), before, "{after:?}");
                let again: Vec<_> = back.iter().map(Hunk::reversed).collect();
                assert_eq!(again, hunks);
            }
        }
    }
}

#[test]
fn a_patch_that_ignores_white_space_makes_the_other_text_up_to_it() {
    for (before, after) in pairs(2, 1000) {
        for space in
            [Space::IgnoreCarriageReturn, Space::IgnoreAtEnd, Space::IgnoreAmount, Space::IgnoreAll]
        {
            let how = Comparing { space, ..Comparing::default() };
            let hunks = between(&before, &after, how, 3);
            let before = Text::new(before.as_bytes()).unwrap();
            let made = apply_hunks(&before, &hunks, space).unwrap();
            let (made, after) = (Text::new(&made).unwrap(), Text::new(after.as_bytes()).unwrap());
            assert_eq!(made.len(), after.len());
            let same = made.lines().zip(after.lines()).all(|(one, other)| space.same(one, other));
            assert!(same, "{before:?} {after:?} {made:?}");
        }
    }
}

#[test]
fn a_patch_that_ignores_blank_lines_makes_the_other_text_up_to_them() {
    let full =
        |text: &str| text.lines().filter(|l| !l.trim().is_empty()).collect::<Vec<_>>().concat();
    for (before, after) in pairs(3, 1000) {
        let how = Comparing { blank_lines: BlankLines::Ignore, ..Comparing::default() };
        for context in [0, 3] {
            let hunks = between(&before, &after, how, context);
            assert_eq!(full(&applied(&before, &hunks)), full(&after), "{before:?} {after:?}");
        }
    }
}

#[test]
fn any_choice_of_lines_is_a_text_and_the_rest_is_left_to_choose() {
    let mut dice = Dice(4);
    for (before, after) in pairs(5, 1500) {
        let hunks = between(&before, &after, Comparing::default(), 3);
        let chosen: Vec<_> =
            hunks.iter().filter_map(|hunk| hunk.chosen(|_| dice.below(2) == 0)).collect();
        let middle = applied(&before, &chosen);
        let lines: Vec<_> = middle.split_inclusive('\n').collect();
        let bare = |line: &str| line.trim_end_matches(['\n', '\r']).to_owned();
        let known: HashSet<_> = before.split('\n').chain(after.split('\n')).map(bare).collect();
        assert!(lines.iter().all(|line| known.contains(&bare(line))), "{before:?} {middle:?}");
        let rest = between(&middle, &after, Comparing::default(), 3);
        assert_eq!(applied(&middle, &rest), after);
    }
}

#[test]
fn choosing_all_is_the_hunk_and_choosing_none_is_nothing() {
    for (before, after) in pairs(6, 300) {
        for hunk in between(&before, &after, Comparing::default(), 3) {
            assert_eq!(hunk.chosen(|_| true), Some(hunk.clone()));
            assert_eq!(hunk.chosen(|_| false), None);
        }
    }
}

#[test]
fn the_parts_of_a_hunk_do_together_what_it_does() {
    for (before, after) in pairs(7, 1000) {
        let hunks = between(&before, &after, Comparing::default(), 3);
        let parts: Vec<_> = hunks.iter().flat_map(Hunk::split).collect();
        assert!(parts.len() >= hunks.len());
        assert_eq!(applied(&before, &parts), after, "{before:?}");
        for part in &parts {
            applied(&before, std::slice::from_ref(part));
        }
    }
}

#[test]
fn a_hunk_is_what_a_person_makes_of_its_lines() {
    let hunks = between("a\nb\nc\n", "a\nB\nc\n", Comparing::default(), 1);
    let edited = b"@@ -1,3 +1,3 @@\n# Lines below are yours.\n a\n-b\n+bee\n+bees\n c\n";
    let hunk = super::parse::parse_edited(&hunks[0], edited).unwrap();
    assert_eq!(applied("a\nb\nc\n", &[hunk]), "a\nbee\nbees\nc\n");
    let error = super::parse::parse_edited(&hunks[0], b" a\nb\n").unwrap_err();
    assert_eq!((error.line, error.problem), (2, PatchProblem::Length));
}

#[test]
fn a_line_without_a_newline_gets_one_when_another_comes_below() {
    for (before, after, chosen, expected) in [
        ("x", "x\ny\n", &[2][..], "x\ny\n"),
        ("x", "x\r\ny\r\n", &[2], "x\r\ny\r\n"),
        ("x\ny\n", "x", &[2], "x\ny\nx"),
        ("x\ny\n", "x", &[0, 1], ""),
        ("", "x", &[0], "x"),
    ] {
        let hunks = between(before, after, Comparing::default(), 3);
        let hunk = hunks[0].chosen(|at| chosen.contains(&at)).unwrap();
        assert_eq!(applied(before, &[hunk]), expected, "{before:?} {after:?} {chosen:?}");
    }
}

#[test]
fn a_hunk_is_found_where_it_moved_to() {
    let hunks = between("a\nb\nc\n", "a\nB\nc\n", Comparing::default(), 1);
    assert_eq!(applied("x\ny\nz\na\nb\nc\n", &hunks), "x\ny\nz\na\nB\nc\n");
    let other = Text::new(b"a\nc\n").unwrap();
    let error = apply_hunks(&other, &hunks, Space::Exact).unwrap_err();
    assert_eq!(error.to_string(), "hunk 1 does not fit: the lines it starts from are not there");
}

#[test]
fn hunks_have_the_shape_that_git_gives_them() {
    let numbers = |range: std::ops::RangeInclusive<u32>| -> String {
        range.map(|number| format!("{number}\n")).collect::<Vec<_>>().concat()
    };
    let titles = |before: &str, after: &str, context| {
        let hunks = between(before, after, Comparing::default(), context);
        let titles = hunks.iter().map(|hunk| String::from_utf8(hunk.title()).unwrap());
        titles.collect::<Vec<_>>()
    };
    let ten = numbers(1..=10);
    for (after, context, expected) in [
        (ten.replace("5\n", "five\n"), 3, vec!["@@ -2,7 +2,7 @@"]),
        (ten.replace("5\n", "five\n"), 0, vec!["@@ -5 +5 @@"]),
        (ten.replace("5\n", "5\nnew\n"), 0, vec!["@@ -5,0 +6 @@"]),
        (ten.replace("5\n", ""), 0, vec!["@@ -5 +4,0 @@"]),
        (ten.replace("1\n2\n", "2\n"), 3, vec!["@@ -1,4 +1,3 @@"]),
        (ten.replace("10\n", "10"), 3, vec!["@@ -7,4 +7,4 @@"]),
        (String::new(), 3, vec!["@@ -1,10 +0,0 @@"]),
        // Two kept lines a side touch, and one more parts them.
        (ten.replace("3\n", "three\n").replace("8\n", "eight\n"), 2, vec!["@@ -1,10 +1,10 @@"]),
        (
            ten.replace("2\n", "two\n").replace("8\n", "eight\n"),
            2,
            vec!["@@ -1,4 +1,4 @@", "@@ -6,5 +6,5 @@"],
        ),
    ] {
        assert_eq!(titles(&ten, &after, context), expected, "{after:?}");
    }
    assert_eq!(titles("", &ten, 3), ["@@ -0,0 +1,10 @@"]);
}

#[test]
fn a_patch_is_spelled_as_git_spells_it() {
    let before = version("old name", FileMode::Plain, "fn otter() {\n1\n2\n3\n4\n5\n");
    let after = version("say \"hi\"", FileMode::Executable, "fn otter() {\n1\n2\n3\n4\n5!");
    let origin = Origin::Renamed { percent: 90 };
    let patches =
        FilePatch::between(Some(before), Some(after), origin, Comparing::default(), CONTEXT_LINES);
    let expected = r#"diff --git a/old name "b/say \"hi\""
old mode 100644
new mode 100755
similarity index 90%
rename from old name
rename to "say \"hi\""
--- a/old name	
+++ "b/say \"hi\""
@@ -3,4 +3,4 @@ fn otter() {
 2
 3
 4
-5
+5!
\ No newline at end of file
"#;
    assert_eq!(String::from_utf8(patches[0].to_bytes()).unwrap(), expected);
    assert_eq!(parse_patch(expected.as_bytes()).unwrap(), patches);
}

#[test]
fn a_patch_that_was_spelled_reads_the_same() {
    for (before, after) in pairs(8, 500) {
        let (before, after) = (plain("dir/a b", &before), plain("dir/a b", &after));
        for (before, after) in
            [(before.clone(), after.clone()), (None, after.clone()), (before, None)]
        {
            let how = Comparing::default();
            let patches = FilePatch::between(before, after, Origin::Same, how, 3);
            let mut expected = patches.clone();
            for patch in &mut expected {
                // A mode that does not change stands nowhere but in a line about ids.
                if let (Some(one), Some(other)) = (&mut patch.before, &mut patch.after) {
                    (one.mode, other.mode) = (None, None);
                }
            }
            let text: Vec<_> = patches.iter().flat_map(FilePatch::to_bytes).collect();
            assert_eq!(parse_patch(&text).unwrap(), expected);
        }
    }
}

#[test]
fn what_is_no_patch_is_refused_with_its_line() {
    for (text, line, problem) in [
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n", 4, PatchProblem::Length),
        ("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n a\n-b\n", 5, PatchProblem::Length),
        ("--- a/x\n+++ b/x\n@@ -1 +x @@\n", 3, PatchProblem::Title),
        ("--- a/x\n+++ b/x\n@@ -99999999999 +1 @@\n", 3, PatchProblem::Title),
        ("diff --git a/x b/y\n", 1, PatchProblem::Name),
        ("diff --git a/x b/x\nold mode 9\n", 2, PatchProblem::Number),
        ("--- /dev/null\n+++ /dev/null\n", 2, PatchProblem::Name),
    ] {
        let error = parse_patch(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.problem), (line, problem), "{text:?}");
    }
    for path in ["../x", "/etc/passwd", "a/.git/config", "b/a//b"] {
        let text = format!("--- {path}\n+++ {path}\n");
        let error = parse_patch(text.as_bytes()).unwrap_err();
        assert!(matches!(error.problem, PatchProblem::Path(_)), "{path}: {error}");
    }
}

#[test]
fn patches_of_damaged_text_never_panic() {
    let mut dice = Dice(9);
    for (before, after) in pairs(10, 500) {
        let (before, after) = (plain("x", &before), plain("x", &after));
        let patches = FilePatch::between(before, after, Origin::Same, Comparing::default(), 3);
        let mut text: Vec<_> = patches.iter().flat_map(FilePatch::to_bytes).collect();
        for _ in 0..3 {
            let at = dice.below(text.len().max(1));
            if let Some(byte) = text.get_mut(at) {
                *byte = *dice.pick(b"@-+ \\\n\"09,a");
            }
        }
        let other = dice.text();
        let other = Text::new(other.as_bytes()).unwrap();
        for patch in parse_patch(&text).unwrap_or_default() {
            if let PatchBody::Hunks(hunks) = &patch.body
                && let Ok(made) = apply_hunks(&other, hunks, Space::Exact)
            {
                assert!(Text::new(&made).is_ok());
            }
        }
    }
}

/// Runs a program in a folder with this input, if the program is there.
fn run(folder: &Path, program: &str, args: &[&str], input: &[u8]) -> Option<()> {
    use std::io::Write;
    let child = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let (input, error) = (String::from_utf8_lossy(input), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {error}\n{input}");
    Some(())
}

#[test]
fn git_and_patch_make_the_same_of_a_patch() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names = ["plain", "with space", "日本", "say \"hi\"", "deep/er/x"];
    for (number, (before, after)) in pairs(11, 60).enumerate() {
        let name = names[number % names.len()];
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let how = Comparing::default();
        let patch =
            FilePatch::between(plain(name, &before), plain(name, &after), Origin::Same, how, 3);
        let text: Vec<_> = patch.iter().flat_map(FilePatch::to_bytes).collect();
        if text.is_empty() {
            continue;
        }
        fs::write(&path, &before).unwrap();
        if run(folder, "git", &["apply", "--whitespace=nowarn"], &text).is_none() {
            println!("git is not installed: not compared with it");
            return;
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        fs::write(&path, &before).unwrap();
        if run(folder, "patch", &["-p1", "--binary"], &text).is_some() {
            assert_eq!(fs::read_to_string(&path).unwrap(), after);
        }
    }
}

#[test]
fn git_makes_the_same_of_partial_hunks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut dice = Dice(12);
    for (before, after) in pairs(13, 60) {
        let hunks = between(&before, &after, Comparing::default(), 3);
        let chosen = hunks.iter().filter_map(|hunk| hunk.chosen(|_| dice.below(2) == 0));
        let chosen: Vec<_> = chosen.collect();
        let expected = applied(&before, &chosen);
        if chosen.is_empty() || before.is_empty() || expected.is_empty() {
            continue;
        }
        let side = || plain("a.txt", "");
        let sides = |version: FileVersion| super::PatchSide { path: version.path, mode: None };
        let patch = FilePatch {
            before: side().map(sides),
            after: side().map(sides),
            origin: Origin::Same,
            body: PatchBody::Hunks(chosen),
        };
        fs::write(folder.join("a.txt"), &before).unwrap();
        let args = &["apply", "--whitespace=nowarn"];
        if run(folder, "git", args, &patch.to_bytes()).is_none() {
            println!("git is not installed: not compared with it");
            return;
        }
        assert_eq!(fs::read_to_string(folder.join("a.txt")).unwrap(), expected);
    }
}

#[cfg(unix)]
#[test]
fn git_takes_files_that_come_go_move_and_change_type() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let how = Comparing::default();
    let body = "one\ntwo\nthree\nfour\n";
    let changed = "one\ntwo\n3\nfour\n";
    fs::write(folder.join("gone"), body).unwrap();
    fs::write(folder.join("gone empty"), "").unwrap();
    fs::write(folder.join("from"), body).unwrap();
    fs::write(folder.join("tool"), body).unwrap();
    fs::write(folder.join("link"), body).unwrap();
    let link = Some(version("link", FileMode::Symlink, "target"));
    let tool = Some(version("tool", FileMode::Executable, body));
    let renamed = Origin::Renamed { percent: 75 };
    let patches = [
        FilePatch::between(plain("gone", body), None, Origin::Same, how, 3),
        FilePatch::between(plain("gone empty", ""), None, Origin::Same, how, 3),
        FilePatch::between(None, plain("come", body), Origin::Same, how, 3),
        FilePatch::between(None, plain("come empty", ""), Origin::Same, how, 3),
        FilePatch::between(plain("from", body), plain("in/to", changed), renamed, how, 3),
        FilePatch::between(plain("tool", body), tool, Origin::Same, how, 3),
        FilePatch::between(plain("link", body), link, Origin::Same, how, 3),
    ];
    assert_eq!(patches[6].len(), 2);
    let text: Vec<_> = patches.iter().flatten().flat_map(FilePatch::to_bytes).collect();
    if run(folder, "git", &["apply"], &text).is_none() {
        println!("git is not installed: not compared with it");
        return;
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    assert_eq!((read("gone"), read("gone empty"), read("from")), (None, None, None));
    assert_eq!(read("come").as_deref(), Some(body));
    assert_eq!(read("come empty").as_deref(), Some(""));
    assert_eq!(read("in/to").as_deref(), Some(changed));
    assert_eq!(fs::read_link(folder.join("link")).unwrap(), Path::new("target"));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(folder.join("tool")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o111, 0o111);
}

#[test]
fn a_patch_taken_back_is_the_patch_between_the_other_way_round() {
    let how = Comparing::default();
    for (before, after) in pairs(14, 300) {
        let (one, other) = (plain("a", &before), plain("b", &after));
        let there =
            FilePatch::between(one.clone(), other.clone(), Origin::Renamed { percent: 60 }, how, 3);
        let taken_back = there[0].reversed().unwrap();
        assert_eq!((&taken_back.before, &taken_back.after), (&there[0].after, &there[0].before));
        assert_eq!(taken_back.reversed().as_ref(), Some(&there[0]));
        let copy = FilePatch::between(one, other, Origin::Copied { percent: 60 }, how, 3);
        assert_eq!(copy[0].reversed(), None);
    }
}

#[test]
fn a_hunk_from_far_beyond_the_text_is_found_or_refused_at_once() {
    let text = b"--- a/x\n+++ b/x\n@@ -4294967295 +4294967295 @@\n-a\n+b\n";
    let patches = parse_patch(text).unwrap();
    let PatchBody::Hunks(hunks) = &patches[0].body else { panic!("it has hunks") };
    assert_eq!(applied("a\nz\n", hunks), "b\nz\n");
    assert!(apply_hunks(&Text::new(b"z\n").unwrap(), hunks, Space::Exact).is_err());
}

#[test]
fn what_is_no_text_is_only_told() {
    let before = Some(version("x.bin", FileMode::Plain, "a\0b"));
    let after = Some(version("x.bin", FileMode::Plain, "a\0c"));
    let patches = FilePatch::between(before, after, Origin::Same, Comparing::default(), 3);
    let expected = "diff --git a/x.bin b/x.bin\nBinary files a/x.bin and b/x.bin differ\n";
    assert_eq!(String::from_utf8(patches[0].to_bytes()).unwrap(), expected);
}
