//! Conflicts settled by programs that stand for merge tools.

use std::fs;

use crate::clone::Clone;

/// A clone with `a.txt` in conflict.
fn in_conflict() -> Clone {
    let clone = Clone::forge();
    clone.write("a.txt", "one\ntwo\nthree\n");
    clone.seal("base");
    clone.must(&["timeline", "new", "side"]);
    clone.write("a.txt", "one\nside\nthree\n");
    clone.seal("side");
    clone.must(&["timeline", "switch", "main"]);
    clone.write("a.txt", "one\nmain\nthree\n");
    clone.seal("main");
    clone.must(&["fuse", "side"]);
    clone
}

/// A tool of one line of shell. Its files are `$1` (base), `$2` (ours), `$3` (theirs) and `$4` (what is taken).
fn tool(line: &str) -> String {
    format!("sh -c '{line}' tool $BASE $OURS $THEIRS $OUT")
}

const BOTH: &str = "cat $2 $3 > $4";

#[test]
fn what_the_tool_leaves_settles_the_conflict() {
    let clone = in_conflict();
    clone.must(&["resolve", "a.txt", "--tool", &tool(BOTH)]);
    let both = "one\nmain\nthree\none\nside\nthree\n";
    assert_eq!(clone.read("a.txt"), both);
    assert!(clone.must(&["--json", "conflicts"]).stdout.is_empty());
    clone.must(&["undo"]);
    assert!(clone.read("a.txt").contains("<<<<<<<"));
    clone.must(&["redo"]);
    clone.must(&["seal", "-m", "settled"]);
    assert_eq!(clone.read("a.txt"), both);
}

#[test]
fn the_tool_is_given_three_versions_and_the_file_that_nobody_else_reads() {
    let clone = in_conflict();
    let log = clone.root.join("log");
    let telling = "cat $1 $2 $3 $4 > \"$HOME/log\"; ls -ld $(dirname $1) >> \"$HOME/log\"; \
                   echo $4 >> \"$HOME/log\"; echo new > $4";
    clone.must(&["resolve", "--tool", &tool(telling)]);
    let told = fs::read_to_string(log).expect("the tool wrote it");
    let versions = "one\ntwo\nthree\none\nmain\nthree\none\nside\nthree\none\n<<<<<<< main";
    assert!(told.starts_with(versions), "{told}");
    assert!(told.contains("\ndrwx------") && told.ends_with("/a.txt\n"), "{told}");
    let place = told.lines().last().expect("it has lines");
    assert!(!fs::exists(place).expect("it can be asked"), "{place} is litter");
}

#[test]
fn a_tool_that_gives_up_changes_nothing() {
    let clone = in_conflict();
    let before = clone.read("a.txt");
    let said = clone.fails(&["resolve", "a.txt", "--tool", &tool("echo no > $4; exit 3")]);
    assert!(said.contains("the merge tool 'sh' gave up"), "{said}");
    let said = clone.fails(&["resolve", "a.txt", "--tool", &tool("true")]);
    assert!(said.contains("left 'a.txt' as it was"), "{said}");
    let said = clone.fails(&["resolve", "a.txt", "--tool", "nothing-of-this-name $OUT"]);
    assert!(said.contains("can not be started"), "{said}");
    assert_eq!(clone.read("a.txt"), before);
    assert_eq!(clone.told(&["conflicts"])["state"], "marked");
}

#[test]
fn what_has_markers_is_in_the_file_and_in_conflict_still() {
    let clone = in_conflict();
    let said = clone.fails(&["resolve", "a.txt", "--tool", &tool("echo more >> $4")]);
    assert!(said.contains("is in conflict still"), "{said}");
    assert!(clone.read("a.txt").ends_with("three\nmore\n"));
    assert_eq!(clone.told(&["conflicts"])["open"], 1);
    clone.must(&["resolve", "a.txt", "--as-is", "--tool", &tool("true")]);
    assert!(clone.must(&["--json", "conflicts"]).stdout.is_empty());
    assert!(clone.read("a.txt").contains("<<<<<<<"), "that was asked for");
}

#[test]
fn what_a_tool_settled_is_remembered() {
    let clone = in_conflict();
    clone.must(&["config", "set", "merge.tool", &tool("sed -i \"/^[<|>=]/d;/two/d\" $4")]);
    clone.must(&["resolve"]);
    clone.must(&["seal", "-m", "both"]);
    assert_eq!(clone.read("a.txt"), "one\nmain\nside\nthree\n");
    clone.must(&["timeline", "switch", "side"]);
    clone.must(&["rebase", "--onto", "main~"]);
    assert_eq!(clone.read("a.txt"), "one\nmain\nside\nthree\n", "the same conflict, met again");
}

#[test]
fn a_tool_has_to_be_said_and_a_repository_can_not_say_it() {
    let clone = in_conflict();
    let said = clone.fails(&["resolve", "a.txt"]);
    assert!(said.contains("no terminal") && said.contains("--tool"), "{said}");
    clone.write(".selkie/config.toml", "[merge]\ntool = \"sh -c 'touch ran' $OUT\"\n");
    clone.fails(&["resolve", "a.txt"]);
    assert!(!clone.folder.join("ran").exists());
    let said = clone.fails(&["resolve", "nothing", "--tool", "meld"]);
    assert!(said.contains("not in conflict"), "{said}");
}
