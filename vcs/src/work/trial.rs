//! The notation of the tests: a working copy in a folder of its own, with a store in memory.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use selkie_store::{Batch, RepoPath, SimDisk, Store, TreeId};

use crate::ignore::Ignore;
use crate::work::door::Door;
use crate::work::folding::Folding;
use crate::work::index::Index;
use crate::work::index::rebase::Seen;
use crate::work::record::record;
use crate::work::scan::scan;
use crate::work::status::{
    Asked, AskedIgnored, AskedUnknown, ChangeKind, Learned, Status, Unknown, UnknownKind,
};
use crate::work::write::apply::{ApplyError, apply};
use crate::work::write::observe::observe;
use crate::work::write::plan::{Names, Overwrite, Plan, Policy, plan};

/// Long after anything a test writes: all times are settled.
pub(crate) const LATER: i64 = i64::MAX;

pub(crate) const CAREFUL: Policy =
    Policy { overwrite: Overwrite::Nothing, names: Names::OnUnix, folding: Folding::Apart };

pub(crate) struct Copy {
    pub(crate) store: Store,
    pub(crate) index: Index,
    pub(crate) learned: Learned,
    place: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        Self {
            store: Store::open(Arc::new(SimDisk::default())).unwrap(),
            index: Index::empty(),
            learned: Learned::Nothing,
            place: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.place.path().join(path)
    }

    pub(crate) fn top(&self) -> Door {
        Door::open(self.place.path()).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    pub(crate) fn scan(&mut self, unknown: AskedUnknown, ignored: AskedIgnored) -> Status {
        self.scan_at(LATER, Asked { unknown, ignored })
    }

    pub(crate) fn scan_at(&mut self, now_ns: i64, asked: Asked) -> Status {
        let (rules, top) = (Ignore::new(Vec::new()), self.top());
        let (status, learned) = scan(&top, &mut self.index, rules, asked, now_ns).unwrap();
        self.learned = learned;
        status
    }

    /// The status, a line for each path.
    pub(crate) fn status(&mut self) -> Vec<String> {
        lines(&self.scan(AskedUnknown::Directories, AskedIgnored::Directories))
    }

    /// Records everything that is not ignored, and makes it the known tree.
    pub(crate) fn seal(&mut self) -> TreeId {
        let status = self.scan(AskedUnknown::Files, AskedIgnored::Nothing);
        self.seal_paths(&status.chosen(&[RepoPath::default()]))
    }

    pub(crate) fn seal_paths(&mut self, paths: &[RepoPath]) -> TreeId {
        let batch = Batch::new(&self.store);
        let known = self.index.known();
        let recorded = record(&batch, &self.top(), &self.index, known, paths, |_| ()).unwrap();
        batch.finish().unwrap();
        self.index = self.index.rebase(&self.store, recorded.tree, &recorded.seen, LATER).unwrap();
        recorded.tree
    }

    pub(crate) fn plan(&mut self, to: TreeId, policy: Policy) -> Plan {
        let against = self.index.against(&self.store, to, policy.folding).unwrap();
        let observed =
            observe(&self.store, &self.top(), &self.index, &against.differences).unwrap();
        plan(&observed, against.gone, &against.clashes, policy)
    }

    pub(crate) fn apply(&mut self, plan: &Plan, to: TreeId) -> Result<(), ApplyError> {
        let seen = apply(&self.store, &self.top(), plan, |_| ())?;
        self.know(to, &seen);
        Ok(())
    }

    /// Makes a tree the known one, as if it had just been checked out.
    pub(crate) fn know(&mut self, tree: TreeId, seen: &Seen) {
        self.index = self.index.rebase(&self.store, tree, seen, LATER).unwrap();
    }

    pub(crate) fn switch(&mut self, to: TreeId) {
        let plan = self.plan(to, CAREFUL);
        assert_eq!(plan.blocked, []);
        self.apply(&plan, to).unwrap();
    }
}

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Git's letters: a path that was changed, is unknown, is ignored.
fn lines(status: &Status) -> Vec<String> {
    assert_eq!(format!("{:?}", status.unread), "[]");
    let letter = |kind| match kind {
        ChangeKind::Removed => 'D',
        ChangeKind::Modified => 'M',
        ChangeKind::Mode => 'X',
        ChangeKind::Type => 'T',
        ChangeKind::Conflict => 'C',
    };
    let ending = |unknown: &Unknown| match unknown.kind {
        UnknownKind::File => "",
        UnknownKind::Directory => "/",
        UnknownKind::Repository => "/ (repository)",
    };
    let changes = status.changes.iter();
    let mut lines: Vec<_> =
        changes.map(|change| format!("{} {}", letter(change.kind), change.path)).collect();
    let unknown = status.unknown.iter();
    lines.extend(unknown.map(|unknown| format!("? {}{}", unknown.path, ending(unknown))));
    let ignored = status.ignored.iter();
    lines.extend(ignored.map(|unknown| format!("! {}{}", unknown.path, ending(unknown))));
    lines
}
