//! What the files differ in from a seal is what a seal of them would.

use std::fs;

use selkie_store::{Author, RepoPath, SealId, SecretKey};
use selkie_vcs::diff::{Diff, Pairing};
use selkie_vcs::gather::{gather, gather_known};
use selkie_vcs::seal::seal;
use selkie_vcs::{Comparing, Doer, FindingRenames, PathFilter, Workspace};

use crate::lots::Lots;
use crate::round_trip::grow;
use crate::story::LATER;

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000, zone_minutes: 0 }
}

/// All of a difference as a patch, and what becomes of each path.
fn told(diff: &Diff) -> (String, Vec<u8>) {
    let mut patch = Vec::new();
    for change in &diff.changes {
        let contents = diff.contents(change).unwrap();
        for one in contents.patches(Comparing::default(), 3) {
            patch.extend(one.to_bytes());
        }
    }
    (format!("{:#?}", diff.changes), patch)
}

#[test]
fn the_files_differ_from_a_seal_as_a_seal_of_them_does() {
    let mut renamed = 0;
    for number in 0..4 {
        let mut lots = Lots(number);
        let folder = tempfile::tempdir().unwrap();
        let key = SecretKey::from_bytes(&[7; 32]);
        let mut workspace =
            Workspace::forge(folder.path(), "main", key, &doer(), || LATER).unwrap();
        let everything = [RepoPath::default()];
        let mut seals: Vec<SealId> = Vec::new();
        for step in 0..3 {
            grow(folder.path(), &mut lots, 1);
            fs::write(folder.path().join("moves"), format!("{step}\nsome\nlines\n")).unwrap();
            gather(&mut workspace, &doer(), "gather .".into(), &everything).unwrap();
            let made = seal(&mut workspace, &doer(), "seal".into(), step.to_string()).unwrap();
            seals.push(made.id);
        }
        // Some of what comes now is gathered, some is on disk alone, and some nobody knows.
        fs::rename(folder.path().join("moves"), folder.path().join("moved")).unwrap();
        gather(&mut workspace, &doer(), "gather .".into(), &everything).unwrap();
        grow(folder.path(), &mut lots, 2);
        fs::write(folder.path().join("moved"), "2\nsome\nlines\nmore\n").unwrap();
        let filter = PathFilter::default();
        let pairings = [Pairing::Nothing, Pairing::Renames(FindingRenames::default())];
        let asked: Vec<_> =
            seals.iter().flat_map(|seal| pairings.map(|pairing| (*seal, pairing))).collect();
        let of_files = |(seal, pairing)| {
            let diff = Diff::of_files_since(&workspace, seal, &filter, pairing).unwrap();
            renamed += diff.changes.iter().filter(|change| change.from != change.path).count();
            told(&diff)
        };
        let before: Vec<_> = asked.iter().copied().map(of_files).collect();
        let known = gather_known(&mut workspace, &doer(), "gather -u".into(), &everything);
        known.unwrap();
        for ((seal, pairing), before) in asked.into_iter().zip(before) {
            let diff = Diff::of_gathered_since(&workspace, seal, &filter, pairing).unwrap();
            let after = told(&diff);
            assert_eq!(before.0, after.0, "round {number}");
            assert!(before.1 == after.1, "round {number}: the patches differ");
        }
    }
    assert!(renamed > 0, "nothing was renamed");
}
