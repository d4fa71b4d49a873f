use std::sync::Arc;

use selkie_store::{OsDisk, Seal, SealId};
use tempfile::TempDir;

use super::*;
use crate::git::commit::Commit;
use crate::git::id::GitId;
use crate::git::locks::Alone;
use crate::git::moves::{RefMove, perform};
use crate::git::pack::{Grain, Pack};
use crate::git::tree::{Form, GitEntry, spell};

/// Commits of the history that is imported.
const COUNT: usize = 6;

/// A git repository with a line of commits, each with another version of one file, and where it ends.
fn history(folder: &TempDir) -> (GitPlace, GitId) {
    let place = GitPlace::open_or_begin(folder.path(), "main").unwrap();
    let mut pack = Pack::begin(&folder.path().join("objects/pack"), Grain::Packs).unwrap();
    let mut put = |kind, bytes: &[u8], base: Option<(GitId, &[u8])>| {
        let id = GitId::of(kind, bytes).unwrap();
        pack.add(id, kind, bytes, base).unwrap();
        id
    };
    let (mut parents, mut before): (Vec<GitId>, Option<(GitId, Vec<u8>)>) = (Vec::new(), None);
    for number in 0..COUNT {
        let mut text = "a line that stays what it is\n".repeat(200).into_bytes();
        text.extend(number.to_string().bytes());
        let base = before.as_ref().map(|(id, bytes)| (*id, &**bytes));
        let blob = put(GitKind::Blob, &text, base);
        before = Some((blob, text));
        let entry = GitEntry { mode: Form::File.mode(), name: b"a.txt", id: blob };
        let tree = put(GitKind::Tree, &spell([entry].into_iter()), None);
        let rest =
            format!("author A <a> {number} +0000\ncommitter A <a> {number} +0000\n\n{number}\n");
        let commit = Commit::spell(tree, &parents, rest.as_bytes());
        parents = vec![put(GitKind::Commit, &commit, None)];
    }
    pack.finish().unwrap();
    let name = "refs/heads/main".to_owned();
    let after = Some(parents[0]);
    perform(&Alone::take(&place).unwrap(), &place, &[RefMove { name, before: None, after }], None)
        .unwrap();
    (place, parents[0])
}

/// Imports, each seal durable by itself, until so many were translated.
fn imported(home: &TempDir, place: &GitPlace, until: usize) -> Result<Imported, GitError> {
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(home.path()));
    let store = Store::open(Arc::clone(&disk)).unwrap();
    let wanted = GitImport {
        place: place.clone(),
        refs: GitRefs::default(),
        incomplete: Incomplete::default(),
    };
    let batch = || Batch::new(&store);
    let home = Home { store: &store, disk: &*disk, batch, pace: Pace { bytes: 1, objects: 1 } };
    import(home, &wanted, |progress| {
        if progress.done == until { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

fn tip(imported: &Imported) -> SealId {
    *imported.contents.tips().first().unwrap()
}

#[test]
fn an_import_that_was_stopped_goes_on_where_it_was() {
    let [folder, home] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (place, _) = history(&folder);
    let whole = imported(&home, &place, COUNT).unwrap();
    assert_eq!(whole.commits, COUNT);
    for until in 0..COUNT {
        let home = tempfile::tempdir().unwrap();
        assert!(matches!(imported(&home, &place, until), Err(GitError::Stopped)));
        let rest = imported(&home, &place, COUNT).unwrap();
        assert_eq!((rest.commits, tip(&rest)), (COUNT - until, tip(&whole)));
    }
}

/// What is remembered is a help and no truth: without it, or where it speaks of seals that are gone, all comes again.
#[test]
fn what_is_not_remembered_is_translated_to_the_same() {
    let [folder, home, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let (place, _) = history(&folder);
    let whole = imported(&home, &place, COUNT).unwrap();
    std::fs::create_dir_all(other.path().join("local")).unwrap();
    let notes = |home: &TempDir| home.path().join("local/git");
    std::fs::rename(notes(&home), notes(&other)).unwrap();
    for home in [&home, &other] {
        let again = imported(home, &place, COUNT).unwrap();
        assert_eq!((again.commits, tip(&again)), (COUNT, tip(&whole)));
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(home.path()));
        let seal: Seal = Store::open(disk).unwrap().load(tip(&again)).unwrap();
        assert_eq!(seal.message, format!("{}\n", COUNT - 1));
    }
}
