//! What is found in many files, held against looking at each line.

use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_store::{Author, RepoPath, SecretKey};
use selkie_vcs::find::{Files, FindError, Looking};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::{Doer, Letters, PathFilter, Pattern, Syntax, Words, Workspace};

use crate::lots::Lots;

#[test]
fn every_line_is_found_in_the_order_of_the_files() {
    let mut lots = Lots(7);
    let place = tempfile::tempdir().unwrap();
    let key = SecretKey::from_bytes(&[7; 32]);
    let mut workspace = Workspace::forge(place.path(), "main", key, &doer(), now_ns).unwrap();
    let mut files = BTreeMap::new();
    for number in 0..300 {
        let path = format!("d{}/f{number}", lots.below(9));
        let words = ["a", "seal", "seals", "s", ""];
        let lines: Vec<&str> = (0..lots.below(9)).map(|_| lots.of(&words)).collect();
        files.insert(path, lines.join("\n"));
    }
    files.insert("binary".to_owned(), "seal\0\n".to_owned());
    for (path, text) in &files {
        let at = place.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }
    gather(&mut workspace, &doer(), "gather".into(), &[RepoPath::default()]).unwrap();
    let sealed = seal(&mut workspace, &doer(), "seal".into(), "all".into()).unwrap();
    let pattern = Pattern::new("^seal", Syntax::Expression, Letters::AsWritten, Words::Any);
    let filter = PathFilter::below([RepoPath::new("d1").unwrap(), RepoPath::new("d7").unwrap()]);
    for filter in [PathFilter::default(), filter] {
        let mut expected = Vec::new();
        for (path, text) in files.iter().filter(|(path, _)| *path != "binary") {
            let path = RepoPath::new(path).unwrap();
            let hits = text.split('\n').zip(1..).filter(|(line, _)| line.starts_with("seal"));
            let numbers: Vec<usize> = hits.map(|(_, number)| number).collect();
            if filter.admits(&path) && !numbers.is_empty() {
                expected.push((path, numbers));
            }
        }
        let looking =
            Looking { pattern: pattern.clone().unwrap(), filter: filter.clone(), around: (0, 0) };
        let store = workspace.repository().store();
        let on_disk = Files::on_disk(&workspace, &filter).unwrap();
        let stored = Files::stored(store, sealed.seal.tree, &filter).unwrap();
        for files in [on_disk, stored] {
            let mut found = Vec::new();
            let each = |file: selkie_vcs::find::Found| {
                found.push((file.path, file.lines.iter().map(|line| line.number).collect()));
                Ok::<_, FindError>(())
            };
            files.find(&looking, each).unwrap();
            assert_eq!(found, expected);
        }
    }
}

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000_000, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}
