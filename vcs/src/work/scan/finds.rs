//! What one thread of a scan found.

use std::io;

use selkie_store::RepoPath;

use crate::work::door::Door;
use crate::work::index::Index;
use crate::work::index::memory::Memory;
use crate::work::index::row::Sight;
use crate::work::reach::Reach;
use crate::work::stat::Stat;
use crate::work::status::{ChangeKind, FileChange, Learned, Status, Unread};

#[derive(Debug)]
pub(super) struct Finds<'a> {
    pub(super) status: Status,
    pub(super) sights: Vec<(usize, Sight, Stat)>,
    pub(super) memories: Vec<(usize, Memory)>,
    /// The way to files that are read, and where they are read into.
    pub(super) reach: Reach<'a>,
    pub(super) buffer: Vec<u8>,
}

impl<'a> Finds<'a> {
    pub(super) fn new(top: &'a Door) -> Self {
        let (status, sights, memories) = (Status::default(), Vec::new(), Vec::new());
        Self { status, sights, memories, reach: Reach::new(top), buffer: Vec::new() }
    }

    pub(super) fn change(&mut self, path: &str, kind: Option<ChangeKind>) {
        let Some(kind) = kind else { return };
        let path = path.trim_end_matches('/');
        let path = RepoPath::new(path).expect("the index holds paths of trees");
        self.status.changes.push(FileChange { path, kind });
    }

    /// The result, or a note that this path can not be read.
    pub(super) fn or_unread<T>(&mut self, path: &str, result: io::Result<T>) -> Option<T> {
        result.map_err(|error| self.unread(path, error)).ok()
    }

    pub(super) fn unread(&mut self, path: &str, error: io::Error) {
        // A path that no tree can hold is told of as refused.
        if let Ok(path) = RepoPath::new(path.trim_end_matches('/')) {
            self.status.unread.push(Unread { path, error });
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.status.join(other.status);
        self.sights.extend(other.sights);
        self.memories.extend(other.memories);
    }

    /// Puts into the index what it did not know.
    pub(super) fn teach(&mut self, index: &mut Index) -> Learned {
        let nothing = self.sights.is_empty() && self.memories.is_empty();
        for (row, sight, stat) in self.sights.drain(..) {
            index.see(row, sight, &stat);
        }
        for (directory, memory) in self.memories.drain(..) {
            index.remember(directory, memory);
        }
        if nothing { Learned::Nothing } else { Learned::Something }
    }
}
