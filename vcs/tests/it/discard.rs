//! What is discarded comes back byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use selkie_store::{Author, RepoPath, SecretKey};
use selkie_vcs::discard::{Discarded, discard};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::undo::undo;
use selkie_vcs::{Doer, Workspace};

use crate::lots::Lots;
use crate::story::{LATER, contents};

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000, zone_minutes: 0 }
}

/// Everything in a folder but the repository.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = contents(folder);
    files.retain(|path, _| !path.starts_with("/.selkie"));
    files
}

/// Does something to one of the files that a person might do to it.
fn meddle(path: &Path, lots: &mut Lots) {
    match lots.below(6) {
        0 => fs::remove_file(path).unwrap(),
        1 => fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap(),
        2 => {
            fs::remove_file(path).unwrap();
            symlink("nowhere", path).unwrap();
        }
        3 => fs::write(path, [0, 159, 146, 150, b'\r', b'\n']).unwrap(),
        4 => fs::write(path, "").unwrap(),
        _ => {}
    }
}

#[test]
fn an_undo_brings_back_what_was_discarded() {
    for number in 0..12 {
        let mut lots = Lots(number);
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let key = SecretKey::from_bytes(&[7; 32]);
        let mut workspace = Workspace::forge(top, "main", key, &doer(), || LATER).unwrap();
        let names: Vec<String> = (0..10).map(|at| format!("{}/{at}.txt", at % 3)).collect();
        for name in &names {
            fs::create_dir_all(top.join(name).parent().unwrap()).unwrap();
            fs::write(top.join(name), format!("{name}\n")).unwrap();
        }
        let everything = [RepoPath::default()];
        gather(&mut workspace, &doer(), "gather .".into(), &everything).unwrap();
        seal(&mut workspace, &doer(), "seal".into(), "first".into()).unwrap();
        let sealed = files(top);
        names.iter().for_each(|name| meddle(&top.join(name), &mut lots));
        let changed = files(top);
        if changed == sealed {
            continue;
        }
        fs::write(top.join("unknown.txt"), "mine\n").unwrap();
        let Discarded { left, .. } =
            discard(&mut workspace, &doer(), "discard .".into(), &everything).unwrap();
        assert_eq!(left, [RepoPath::new("unknown.txt").unwrap()]);
        fs::remove_file(top.join("unknown.txt")).unwrap();
        assert_eq!(files(top), sealed, "lot {number}");

        let doer = doer();
        let (mut hand, _) = workspace.take(&doer).unwrap();
        let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
        hand.perform(&back.operation).unwrap();
        let without_folders = |files: &BTreeMap<String, String>| {
            let mut files = files.clone();
            files.retain(|_, what| what != "directory");
            files
        };
        // A folder whose last file was removed by hand goes.
        assert_eq!(without_folders(&files(top)), without_folders(&changed), "lot {number}");
    }
}
