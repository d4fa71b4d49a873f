//! Clones that are killed at any moment: the next one begins anew, or the next command finishes it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::clone::Clone;

const FILES: usize = 400;

#[test]
fn a_killed_clone_is_begun_again_or_finished_by_the_next_command() {
    let rounds = std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let clone = Clone::forge();
    for number in 0..FILES {
        clone.write(&format!("d{}/{number}", number % 7), &format!("file {number}\n"));
    }
    clone.seal("many");
    let began = Instant::now();
    clone.must(&["clone", ".", "../whole"]);
    let (mut begun_again, mut finished, mut time) = (0, 0, began.elapsed());
    for round in 0..rounds.unwrap_or(10_u32) {
        let name = format!("../round{round}");
        let folder = clone.folder.join(&name);
        let began = Instant::now();
        let mut child = clone.command(&["clone", ".", &name]).spawn().expect("the binary runs");
        let at = time * (round % 10) / 10;
        // One is killed at once, one when the repository has its name, and the others in between and after.
        let is_time = || match round % 10 {
            1 => folder.join(".selkie").exists(),
            _ => began.elapsed() >= at,
        };
        while !is_time() && child.try_wait().expect("it is ours").is_none() {
            std::hint::spin_loop();
        }
        if child.try_wait().expect("it is ours").is_some() {
            time = began.elapsed();
        }
        // One that has ended can not be killed, and need not.
        let _ended = child.kill();
        child.wait().expect("it ends");
        if folder.join(".selkie").exists() {
            finished += 1;
        } else {
            begun_again += 1;
            clone.must(&["clone", ".", &name]);
        }
        // Any command that changes something writes what is missing.
        clone.must(&["-C", &name, "timeline", "new", "--stay", "other"]);
        is_whole(&folder, &format!("round {round}, killed after {at:?}"));
        clone.must(&["-C", &name, "verify"]);
    }
    assert!(begun_again > 0 && finished > 0, "{begun_again} begun again, {finished} finished");
}

fn is_whole(folder: &Path, told: &str) {
    for number in 0..FILES {
        let text = fs::read_to_string(folder.join(format!("d{}/{number}", number % 7)));
        assert_eq!(text.expect("it is there"), format!("file {number}\n"), "{told}");
    }
    assert!(!folder.join(".selkie.new").exists(), "{told}");
    let names = fs::read_dir(folder).expect("it is there").count();
    assert_eq!(names, 8, "seven folders and the repository, {told}");
}
