//! What a clone holds, in figures.

use std::collections::BTreeSet;

use selkie_store::{
    Content, Node, ReadError, RepoPath, Seal, SealId, Stats, StatsError, Store, Tree, TreeId, stats,
};
use thiserror::Error;

use crate::repository::Repository;
use crate::tree::edit::empty_tree;

/// What a clone holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Measured {
    /// Objects, packs and logs.
    pub store: Stats,
    /// Timelines.
    pub timelines: usize,
    /// Tags.
    pub tags: usize,
    /// The longest files in the newest seals, longest first, with their bytes.
    pub largest: Vec<(RepoPath, u64)>,
}

/// Why a clone can not be measured.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The store can not be measured.
    #[error(transparent)]
    Store(#[from] StatsError),
    /// A seal or tree can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Measures a clone. The `count` longest files are looked for in what timelines and the place stand at.
///
/// # Errors
///
/// See [`MeasureError`].
pub fn measure(repository: &Repository, count: usize) -> Result<Measured, MeasureError> {
    let shared = repository.shared();
    let mut heads: BTreeSet<SealId> = repository.desk().bases.iter().copied().collect();
    heads.extend(shared.timelines().flat_map(|(_, timeline)| timeline.heads()));
    let mut walk =
        Walk { store: repository.store(), seen: BTreeSet::new(), found: BTreeSet::new() };
    for head in heads {
        let tree = repository.store().load::<Seal>(head)?.tree;
        walk.enter(tree, "")?;
    }
    let largest = walk.found.into_iter().rev().take(count).map(|(length, path)| (path, length));
    Ok(Measured {
        store: stats(repository.store())?,
        timelines: shared.timelines().count(),
        tags: shared.tags().count(),
        largest: largest.collect(),
    })
}

struct Walk<'a> {
    store: &'a Store,
    seen: BTreeSet<TreeId>,
    found: BTreeSet<(u64, RepoPath)>,
}

impl Walk<'_> {
    fn enter(&mut self, tree: TreeId, path: &str) -> Result<(), ReadError> {
        if tree == empty_tree() || !self.seen.insert(tree) {
            return Ok(());
        }
        for (name, node) in self.store.load::<Tree>(tree)?.iter() {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
            match node {
                Node::File(content) | Node::Executable(content) => self.note(*content, &path)?,
                Node::Directory(below) => self.enter(*below, &path)?,
                Node::Symlink(_) | Node::Conflict(_) | Node::Foreign(_) => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, content: Content, path: &str) -> Result<(), ReadError> {
        // A path that is too long to be one is left out: nobody could look at the file by it.
        if let Ok(path) = RepoPath::new(path) {
            self.found.insert((self.store.content_len(content)?, path));
        }
        Ok(())
    }
}
