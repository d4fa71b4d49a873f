//! The conflict screen of the real binary, at a pseudo-terminal.

use std::env;
use std::fs;
use std::path::Path;

use crate::clone::Clone;
use crate::pty::Pty;

/// A clone with a conflict of two parts, and a removed file.
fn in_conflict() -> Clone {
    let clone = Clone::forge();
    clone.write("a.txt", "one\ntwo\nthree\nfour\nfive\n");
    clone.write("gone", "1\n");
    clone.seal("base");
    clone.must(&["timeline", "new", "side"]);
    clone.write("a.txt", "ONE side\ntwo\nthree\nfour\nFIVE side\n");
    clone.write("gone", "2\n");
    clone.seal("side");
    clone.must(&["timeline", "switch", "main"]);
    clone.write("a.txt", "ONE main\ntwo\nthree\nfour\nFIVE main\n");
    fs::remove_file(clone.folder.join("gone")).unwrap();
    clone.must(&["seal", "-m", "main"]);
    clone.must(&["fuse", "side"]);
    clone
}

/// Runs a command in another folder, which must succeed.
fn must_in(clone: &Clone, folder: &Path, args: &[&str]) {
    let output = clone.command(args).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
}

/// Every file in a folder with its bytes.
fn all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        } else {
            found.push((path.to_string_lossy().into_owned(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn opening_looking_and_leaving_change_no_byte() {
    let clone = in_conflict();
    let before = all(&clone.folder);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["a.txt  1 of 2", "3 open", "nothing decided"]);
    pty.press("nnji");
    pty.shows(&["Why"]);
    pty.press("q?");
    pty.shows(&["Keys"]);
    pty.press("qq");
    assert_eq!(pty.ends().code, 0);
    assert_eq!(all(&clone.folder), before);
}

#[test]
fn what_is_decided_is_kept_written_and_taken_back() {
    let clone = in_conflict();
    let marked = clone.read("a.txt");
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["3 open"]);
    pty.press("b");
    pty.shows(&["2 open", "draft ✓"]);
    pty.press("q");
    let left = pty.ends();
    assert!(left.text.contains("The draft is kept: 1 decided, 2 open."), "{}", left.text);
    assert_eq!(clone.read("a.txt"), marked);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["a.txt  1 of 2", "2 open", "draft ✓", "ONE side"]);
    pty.press("n2n2");
    pty.shows(&["0 open", "draft ✓"]);
    pty.press("Wy");
    let left = pty.ends();
    assert!(
        left.text.contains("Settled a.txt") && left.text.contains("Settled gone"),
        "{}",
        left.text
    );
    assert_eq!(clone.read("a.txt"), "ONE main\nONE side\ntwo\nthree\nfour\nFIVE side\n");
    assert_eq!(clone.read("gone"), "2\n");
    assert!(clone.must(&["--json", "conflicts"]).stdout.is_empty());
    clone.must(&["undo"]);
    assert_eq!(clone.read("a.txt"), marked);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["0 open", "draft ✓"]);
    pty.press("q");
    pty.ends();
    clone.must(&["redo"]);
    clone.must(&["seal", "-m", "settled"]);
    clone.must(&["verify"]);
}

#[test]
fn a_file_that_is_decided_in_part_keeps_markers_for_the_rest() {
    let clone = in_conflict();
    let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
    pty.shows(&["2 open"]);
    pty.press("1");
    pty.shows(&["draft ✓"]);
    pty.press("Wy");
    let left = pty.ends();
    assert!(left.text.contains("Begun a.txt"), "{}", left.text);
    let text = clone.read("a.txt");
    assert!(text.starts_with("ONE main\ntwo\nthree\nfour\n<<<<<<< "), "{text}");
    assert_eq!(clone.told(&["conflicts", "show", "a.txt"])["open"], 1);
    let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
    pty.shows(&["a.txt  1 of 1", "1 open"]);
    pty.press("2Wy");
    pty.ends();
    assert_eq!(clone.read("a.txt"), "ONE main\ntwo\nthree\nfour\nFIVE side\n");
}

#[test]
fn a_file_that_changed_meanwhile_is_not_written() {
    let clone = in_conflict();
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["3 open"]);
    pty.press("1n1");
    pty.shows(&["1 open", "draft ✓"]);
    clone.write("a.txt", "by hand\n");
    pty.press("Wy");
    pty.shows(&["nothing was written: 'a.txt' changed meanwhile"]);
    pty.press("q");
    pty.ends();
    assert_eq!(clone.read("a.txt"), "by hand\n");
}

#[test]
fn what_others_send_meanwhile_moves_nothing_and_stops_nobody() {
    let clone = in_conflict();
    let there = clone.root.join("there");
    let run = |folder: &Path, args: &[&str]| must_in(&clone, folder, args);
    run(&clone.root, &["clone", "here", "there"]);
    fs::write(there.join("new.txt"), "from afar\n").unwrap();
    fs::write(there.join("a.txt"), "all\nelse\n").unwrap();
    run(&there, &["gather", "."]);
    run(&there, &["seal", "-m", "from afar"]);
    run(&there, &["bundle", "create", "../news.bundle"]);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["a.txt  1 of 2", "3 open", "nothing decided"]);
    pty.press("1nj");
    let scrolled = ["a.txt  2 of 2", "2 open", "draft ✓", "┐\n│A ▌ FIVE main", "x drop"];
    pty.shows(&scrolled);
    let before = pty.seen();
    let timelines = clone.must(&["timeline", "list"]).stdout;
    clone.must(&["bundle", "take", "../news.bundle"]);
    clone.must(&["timeline", "new", "another"]);
    assert_ne!(clone.must(&["timeline", "list"]).stdout, timelines, "something came");
    // All is drawn anew, and a key comes after it that can be waited for.
    pty.press("\u{c}?");
    pty.shows(&["Keys"]);
    pty.press("q");
    pty.shows(&scrolled);
    assert_eq!(pty.seen(), before);
    pty.press("2n1");
    pty.shows(&["0 open", "draft ✓"]);
    pty.press("Wy");
    let left = pty.ends();
    assert!(left.text.contains("Settled a.txt"), "{}", left.text);
    assert_eq!(clone.read("a.txt"), "ONE main\ntwo\nthree\nfour\nFIVE side\n");
    clone.must(&["verify"]);
}

#[test]
fn heads_are_fused_and_what_that_leaves_open_is_settled_next() {
    let clone = Clone::forge();
    clone.write("a.txt", "one\ntwo\n");
    clone.seal("base");
    let there = clone.root.join("there");
    let run = |folder: &Path, args: &[&str]| must_in(&clone, folder, args);
    run(&clone.root, &["clone", "here", "there"]);
    fs::write(there.join("a.txt"), "one theirs\ntwo\n").unwrap();
    run(&there, &["seal", "-m", "theirs"]);
    run(&there, &["bundle", "create", "../news.bundle"]);
    clone.write("a.txt", "one ours\ntwo\n");
    clone.must(&["seal", "-m", "ours"]);
    clone.must(&["bundle", "take", "../news.bundle"]);
    let before = all(&clone.folder);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["timeline main  1 of 1", "1 open", "a fuse would leave 1 file in conflict: a.txt"]);
    pty.press("t");
    pty.shows(&["heads", "+1 ", "stands"]);
    pty.press("q");
    assert_eq!(pty.ends().code, 0);
    assert_eq!(all(&clone.folder), before);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["a fuse would leave 1 file in conflict: a.txt"]);
    pty.press("m");
    pty.shows(&["0 open", "draft ✓", "all heads are fused"]);
    pty.press("Wy");
    let left = pty.ends();
    assert!(left.text.contains("Settle what is open with selkie resolve"), "{}", left.text);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["a.txt  1 of 1", "1 open"]);
    pty.press("b");
    pty.shows(&["0 open", "draft ✓"]);
    pty.press("Wy");
    let left = pty.ends();
    assert!(left.text.contains("Settled a.txt"), "{}", left.text);
    clone.must(&["seal", "-m", "both"]);
    let listed = clone.must(&["timeline", "list"]).stdout;
    assert!(!String::from_utf8_lossy(&listed).contains("diverged"));
    clone.must(&["verify"]);
}

#[test]
fn a_file_of_keys_is_settled_in_the_table() {
    let clone = Clone::forge();
    let with = |port: u16, tag: &str| {
        let text =
            format!("{{\n  \"port\": {port},\n  \"host\": \"h\",\n  \"tag\": \"{tag}\"\n}}\n");
        clone.write("app.json", &text);
    };
    clone.write("selkie.toml", "[[rule]]\npath = '*.json'\nkey = 'port'\nstrategy = 'manual'\n");
    with(1, "one");
    clone.seal("base");
    clone.must(&["timeline", "new", "side"]);
    with(3, "three");
    clone.seal("side");
    clone.must(&["timeline", "switch", "main"]);
    with(2, "two");
    clone.seal("main");
    clone.must(&["fuse", "side"]);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["app.json  1 of 2", "2 open"]);
    pty.press("t");
    pty.shows(&["Table", ">? port", "? tag", "a rule says manual, line 1"]);
    pty.press("2");
    pty.shows(&["✓ port", "1 open", "draft ✓"]);
    pty.press("n1");
    pty.shows(&[">✓ tag", "0 open", "draft ✓"]);
    pty.press("Wy");
    pty.ends();
    assert_eq!(
        clone.read("app.json"),
        "{\n  \"port\": 3,\n  \"host\": \"h\",\n  \"tag\": \"two\"\n}\n"
    );
}

#[test]
fn a_file_that_both_moved_has_the_lines_of_one_and_the_name_of_the_other() {
    let clone = Clone::forge();
    let below = "two seals swim\nthree seals sleep\nfour seals sing\n";
    clone.write("song", &format!("one\n{below}"));
    clone.seal("base");
    clone.must(&["timeline", "new", "side"]);
    clone.must(&["move", "song", "ballad"]);
    clone.write("ballad", &format!("ONE side\n{below}"));
    clone.seal("side");
    clone.must(&["timeline", "switch", "main"]);
    clone.must(&["move", "song", "aria"]);
    clone.write("aria", &format!("ONE main\n{below}"));
    clone.seal("main");
    clone.must(&["fuse", "side"]);
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["aria  1 of 2", "1 open"]);
    pty.press("]2");
    pty.shows(&["aria  its name  2 of 2", "at ballad", "draft ✓"]);
    pty.press("q");
    pty.ends();
    assert!(!clone.folder.join("ballad").exists(), "it is a draft");
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["aria  its name  2 of 2", "decided: B"]);
    pty.press("t");
    pty.shows(&["Table", "? lines 1", ">✓ name"]);
    pty.press("n1");
    pty.shows(&["0 open · 2 decided", "draft ✓"]);
    pty.press("Wy");
    assert!(pty.ends().text.contains("Settled ballad"));
    assert_eq!(clone.read("ballad"), format!("ONE main\n{below}"));
    assert!(!clone.folder.join("aria").exists());
    clone.must(&["undo"]);
    assert!(clone.read("aria").starts_with("<<<<<<< ") && !clone.folder.join("ballad").exists());
}

#[test]
fn what_is_on_disk_survives_a_kill_at_any_moment() {
    let rounds = env::var("SCREEN_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
    let clone = in_conflict();
    let open = clone.read("a.txt");
    for round in 0..rounds {
        let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
        // Where the draft is decided as a whole, it opens at the last part.
        pty.shows(&["a.txt", " of 2", "Sides"]);
        pty.press(["1", "2"][round % 2]);
        // The round before left something else, so it is this key that is seen.
        let decided = ["decided: A ─", "decided: B ─"][round % 2];
        pty.shows(&[decided, "draft ✓"]);
        // More is on its way when it ends.
        let more = ["", "b", "n1", "Wy"][round % 4];
        pty.press(more);
        pty.kill();
        let code = pty.ends().code;
        // Only what writes comes to an end by itself.
        assert!(code == 128 + 9 || (code == 0 && more == "Wy"), "{more}: {code}");
        let told = clone.told(&["status"]);
        assert!(told.is_object(), "the next command needs no help");
        clone.must(&["verify"]);
        // What came into the files ends the draft: it is taken back by 'undo'.
        let is_written = clone.read("a.txt") != open;
        if is_written {
            clone.must(&["undo"]);
        }
        let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
        pty.shows(if is_written { &[" of 2"] } else { &["draft ✓", " of 2"] });
        pty.press("q");
        pty.ends();
    }
}

#[test]
fn the_terminal_is_given_back_at_every_signal() {
    let clone = in_conflict();
    for (name, number) in [("-TERM", 15), ("-HUP", 1), ("-INT", 2)] {
        let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
        pty.shows(&["a.txt"]);
        pty.press("1");
        pty.signal(name);
        assert_eq!(pty.ends().code, 128 + number, "{name}");
    }
    clone.must(&["verify"]);
}

#[test]
fn it_stops_and_goes_on_and_follows_the_size() {
    let clone = in_conflict();
    let Some(mut pty) = Pty::begin(&clone, "resolve") else { return };
    pty.shows(&["Sides", "3 open"]);
    pty.resize(40, 120);
    pty.shows(&["Conflicts", "Why", "Result"]);
    pty.signal("-TSTP");
    pty.gives_back();
    pty.goes_on();
    pty.shows(&["Conflicts", "Why"]);
    pty.resize(24, 80);
    pty.shows(&["Sides"]);
    pty.press("\u{1a}");
    pty.gives_back();
    pty.goes_on();
    pty.shows(&["Sides"]);
    pty.press("q");
    assert_eq!(pty.ends().code, 0);
}

#[test]
fn an_editor_has_the_terminal_while_it_runs() {
    let clone = in_conflict();
    let editor = clone.root.join("editor");
    fs::write(
        &editor,
        "#!/bin/sh\nread answer\ngrep side \"$1\" | grep -v = > \"$1.new\"\n\
                        echo \"$answer\" >> \"$1.new\"\nmv \"$1.new\" \"$1\"\n",
    )
    .unwrap();
    let run = format!("sh {}", editor.display());
    clone.must(&["config", "set", "--user", "ui.editor", &run]);
    let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
    pty.shows(&["2 open"]);
    pty.press("E");
    pty.gives_back();
    pty.press("typed\n");
    pty.shows(&["decided: written", "draft ✓", "typed"]);
    pty.press("q");
    pty.ends();
}

/// What somebody wrote was thrown away where it was too long for a draft.
#[test]
fn what_is_too_long_for_a_draft_stays_in_its_file() {
    let clone = in_conflict();
    let editor = clone.root.join("editor");
    fs::write(&editor, "#!/bin/sh\nhead -c 1100000 /dev/zero | tr '\\0' x > \"$1\"\n").unwrap();
    let run = format!("sh {}", editor.display());
    clone.must(&["config", "set", "--user", "ui.editor", &run]);
    let Some(mut pty) = Pty::begin(&clone, "resolve a.txt") else { return };
    pty.shows(&["2 open"]);
    pty.press("E");
    pty.shows(&["nothing is decided: ", "a.conflict.txt has it: above 1 MiB"]);
    pty.press("q");
    let left = pty.ends().text;
    let (_, place) = left.rsplit_once("no draft keeps, is in ").expect("it is told once more");
    let place = Path::new(place.lines().next().unwrap().trim());
    assert_eq!(fs::read(place).unwrap(), vec![b'x'; 1_100_000]);
    fs::remove_dir_all(place.parent().unwrap()).unwrap();
}

#[test]
fn without_a_terminal_there_is_no_screen() {
    let clone = in_conflict();
    let said = clone.fails(&["resolve", "--tool", "screen"]);
    assert!(said.contains("there is no terminal to show a screen on"), "{said}");
    let said = clone.fails(&["resolve"]);
    assert!(said.contains("in a tool with --tool"), "{said}");
}
