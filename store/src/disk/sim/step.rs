//! What happened to a simulated disk.

use std::collections::{BTreeMap, BTreeSet};

/// One change of the disk, as it is replayed.
#[derive(Clone, Debug)]
pub(super) enum Step {
    CreateFolder { folder: String },
    Link { path: String, file: usize },
    Rename { from: String, to: String, file: usize },
    Unlink { path: String },
    Write { file: usize, offset: usize, bytes: Vec<u8> },
    Truncate { file: usize, size: usize },
    SyncFile { file: usize },
    SyncFolder { folder: String },
}

/// The durable part of a disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    pub(super) folders: BTreeSet<String>,
    pub(super) names: BTreeMap<String, usize>,
    pub(super) files: Vec<Vec<u8>>,
}

/// The folder of a path; the root is the empty text.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
