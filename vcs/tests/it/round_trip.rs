//! What is recorded comes back byte for byte, whatever it is called.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use selkie_store::RepoPath;
use selkie_vcs::Index;

use crate::lots::Lots;
use crate::story::{contents, look, seal, store, switch};

const NAMES: [&str; 22] = [
    "a",
    "b",
    "plain.txt",
    "a.b",
    "a-b",
    "-rf",
    "--",
    " ",
    " lead",
    "trail ",
    "dot.",
    "...",
    "#x#",
    "!neg",
    "ünï",
    "日本語",
    "e\u{301}",
    "emoji🦭",
    "quo\"te",
    "star*?",
    "[x]",
    "con",
];

#[test]
fn random_trees_come_back_as_they_were() {
    let rounds = std::env::var("ROUND_TRIPS").ok().and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(8) {
        let place = tempfile::tempdir().unwrap();
        let (here, there) = (place.path().join("here"), place.path().join("there"));
        fs::create_dir(&here).unwrap();
        fs::create_dir(&there).unwrap();
        let store = store(&place.path().join("store"));
        let (mut index, mut other) = (Index::empty(), Index::empty());
        let mut lots = Lots(round);
        // Each round seals the tree, changes it, seals again; the other folder follows.
        for _ in 0..3 {
            grow(&here, &mut lots, 3);
            let mut paths: BTreeSet<_> =
                look(&here, &mut index).chosen(&[RepoPath::default()]).into_iter().collect();
            paths.extend(empty_directories(&here, ""));
            let paths: Vec<_> = paths.into_iter().collect();
            let tree = seal(&store, &here, &mut index, &paths);
            assert!(look(&here, &mut index).is_clean(), "round {round}");
            switch(&store, &there, &mut other, tree);
            let (here, there) = (contents(&here), contents(&there));
            let lacks: Vec<_> = here.iter().filter(|(at, is)| there.get(*at) != Some(is)).collect();
            let has: Vec<_> = there.iter().filter(|(at, is)| here.get(*at) != Some(is)).collect();
            assert_eq!((lacks, has), (vec![], vec![]), "round {round}");
            let there = place.path().join("there");
            assert!(look(&there, &mut other).is_clean(), "round {round}");
            let fresh = Index::empty().rebase(&store, tree, &[].into(), 0).unwrap();
            assert!(look(&there, &mut fresh.clone()).is_clean(), "round {round}, without an index");
        }
    }
}

/// Puts files, links and directories into a folder, over what is there.
pub(crate) fn grow(folder: &Path, lots: &mut Lots, depth: usize) {
    for _ in 0..=lots.below(7) {
        let path = folder.join(lots.of(&NAMES));
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() && lots.below(3) > 0 => {
                grow(&path, lots, depth.saturating_sub(1));
                continue;
            }
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&path).unwrap(),
            Ok(_) => fs::remove_file(&path).unwrap(),
            Err(_) => {}
        }
        match lots.below(12) {
            0 => {}
            1..4 if depth > 0 => {
                fs::create_dir(&path).unwrap();
                grow(&path, lots, depth - 1);
            }
            4 => fs::create_dir(&path).unwrap(),
            5 => symlink(lots.of(&["a", "../x", "/etc/passwd", "nowhere", "ü"]), &path).unwrap(),
            6 => fs::write(&path, "").unwrap(),
            7 if lots.below(8) == 0 => fs::write(&path, noise(lots, 3 << 20)).unwrap(),
            kind => {
                let length = lots.below(9000);
                fs::write(&path, noise(lots, length)).unwrap();
                let mode = if kind % 2 == 0 { 0o755 } else { 0o644 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

fn noise(lots: &mut Lots, length: usize) -> Vec<u8> {
    let period = 1 + lots.below(70_000);
    let part: Vec<_> = (0..period).map(|_| u8::try_from(lots.below(256)).unwrap()).collect();
    part.into_iter().cycle().take(length).collect()
}

fn empty_directories(folder: &Path, path: &str) -> Vec<RepoPath> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let path = format!("{path}{}", entry.file_name().to_str().unwrap());
            if fs::read_dir(entry.path()).unwrap().next().is_none() {
                found.push(RepoPath::new(&path).unwrap());
            }
            found.extend(empty_directories(&entry.path(), &format!("{path}/")));
        }
    }
    found
}
