//! What the tests do with a working copy, in one word each.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use selkie_store::{Batch, OsDisk, RepoPath, Store, TreeId};
use selkie_vcs::{
    Asked, AskedIgnored, AskedUnknown, Door, Folding, Ignore, Index, Names, Overwrite, Policy,
    Seen, Status, apply, observe, plan, record, scan, sweep,
};

/// All times are settled then.
pub(crate) const LATER: i64 = i64::MAX;

pub(crate) fn store(folder: &Path) -> Store {
    Store::open(Arc::new(OsDisk::new(folder))).unwrap()
}

pub(crate) fn look(folder: &Path, index: &mut Index) -> Status {
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let top = Door::open(folder).unwrap();
    scan(&top, index, Ignore::new(Vec::new()), asked, LATER).unwrap().0
}

/// Records these paths and makes the tree the known one.
pub(crate) fn seal(store: &Store, folder: &Path, index: &mut Index, paths: &[RepoPath]) -> TreeId {
    let batch = Batch::new(store);
    let top = Door::open(folder).unwrap();
    let recorded = record(&batch, &top, index, index.known(), paths, |_| ()).unwrap();
    batch.finish().unwrap();
    *index = index.rebase(store, recorded.tree, &recorded.seen, LATER).unwrap();
    recorded.tree
}

/// Makes the folder what the tree says, carrying what is in nobody's way.
pub(crate) fn switch(store: &Store, folder: &Path, index: &mut Index, to: TreeId) {
    switch_telling(store, folder, index, to, || ());
}

/// The same, with a word at each part that is done.
pub(crate) fn switch_telling(
    store: &Store,
    folder: &Path,
    index: &mut Index,
    to: TreeId,
    mut tell: impl FnMut(),
) {
    let status = look(folder, index);
    let top = Door::open(folder).unwrap();
    sweep(&top, &status.litter).unwrap();
    let against = index.against(store, to, Folding::Apart).unwrap();
    let observed = observe(store, &top, index, &against.differences).unwrap();
    let policy =
        Policy { overwrite: Overwrite::Nothing, names: Names::OnUnix, folding: Folding::Apart };
    let plan = plan(&observed, against.gone, &against.clashes, policy);
    assert_eq!(plan.blocked, []);
    let seen: Seen = apply(store, &top, &plan, |_| tell()).unwrap();
    *index = index.rebase(store, to, &seen, LATER).unwrap();
}

/// Makes as much of the folder what the tree says as can be, over whatever is there.
pub(crate) fn try_switch(
    store: &Store,
    folder: &Path,
    index: &mut Index,
    to: TreeId,
) -> Result<(), Box<dyn std::error::Error>> {
    let top = Door::open(folder)?;
    let against = index.against(store, to, Folding::Apart)?;
    let observed = observe(store, &top, index, &against.differences)?;
    let policy =
        Policy { overwrite: Overwrite::Everything, names: Names::OnUnix, folding: Folding::Apart };
    let mut plan = plan(&observed, against.gone, &against.clashes, policy);
    plan.blocked.clear();
    let seen = apply(store, &top, &plan, |_| ())?;
    *index = index.rebase(store, to, &seen, LATER)?;
    Ok(())
}

/// Everything below a folder: links with their target, files with their mode and bytes.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, path: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{path}/{}", entry.file_name().to_str().unwrap());
        let metadata = fs::symlink_metadata(entry.path()).unwrap();
        if metadata.is_dir() {
            collect(&entry.path(), &path, found);
            found.insert(path, "directory".to_owned());
        } else if metadata.is_symlink() {
            found.insert(path, format!("-> {}", fs::read_link(entry.path()).unwrap().display()));
        } else {
            let bytes = fs::read(entry.path()).unwrap();
            let mode = metadata.permissions().mode() & 0o111 != 0;
            let hash = selkie_store::ObjectId::of(selkie_store::Kind::Blob, &bytes);
            found.insert(path, format!("{mode} {} {hash}", bytes.len()));
        }
    }
}
