//! Beside `git merge-file`, where it is installed: what git merges cleanly is merged alike.

use std::fs;
use std::process::Command;

use super::*;

#[test]
fn what_git_merges_cleanly_is_merged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(21);
    let mut clean = 0;
    for _ in 0..60 {
        let base = distinct(&mut dice);
        let (ours, theirs) = (edited(&mut dice, &base, "x"), edited(&mut dice, &base, "y"));
        let texts = [base, ours, theirs].map(|lines| lines.concat());
        for (name, text) in ["base", "ours", "theirs"].iter().zip(&texts) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let git = Command::new("git")
            .args(["merge-file", "-p", "ours", "base", "theirs"])
            .current_dir(folder.path())
            .output();
        let Ok(git) = git else {
            eprintln!("git is not here, so nothing was compared");
            return;
        };
        if git.status.success() {
            clean += 1;
            let all =
                merged("a.txt", texts[0].as_bytes(), texts[1].as_bytes(), texts[2].as_bytes());
            assert_eq!(all.bytes().as_deref(), Some(git.stdout.as_slice()), "{texts:#?}");
        }
    }
    assert!(clean > 20, "only {clean} were clean, so little was compared");
}

/// Lines of which no two are alike, so that there is one answer to what changed.
fn distinct(dice: &mut Dice) -> Vec<String> {
    (0..20 + dice.below(30)).map(|line| format!("line {line}\n")).collect()
}

fn edited(dice: &mut Dice, lines: &[String], mark: &str) -> Vec<String> {
    let mut lines = lines.to_vec();
    for edit in 0..=dice.below(3) {
        let at = dice.below(lines.len());
        let new = (0..dice.below(3)).map(|line| format!("{mark} {edit} {line}\n"));
        let count = dice.below(2);
        lines.splice(at..at + count, new.collect::<Vec<_>>());
    }
    lines
}
