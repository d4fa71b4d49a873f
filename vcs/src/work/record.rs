//! From the disk into the store: contents, and the tree that they make.
//!
//! Bytes are stored as they are, on every system, so a file comes back as it was recorded. Only where a file of
//! attributes says so lines end otherwise on disk: then too one content has one id everywhere.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use selkie_store::{Batch, Hint, Kind, Node, ReadError, RepoPath, Tree, TreeId, WriteError};
use thiserror::Error;

use crate::tree::edit::{EditError, Edits, edit};
use crate::work::disk::{Kept, file_node, has_returns};
use crate::work::door::Door;
use crate::work::index::Index;
use crate::work::index::rebase::Seen;
use crate::work::progress::Progress;
use crate::work::reach::Reach;
use crate::work::stat::{Form, Stat};

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The base with the paths as they are on disk.
    pub tree: TreeId,
    /// What each path was just before it was read, for [`Index::rebase`].
    pub seen: Seen,
}

/// Why nothing was recorded. The batch is not to be finished.
#[derive(Debug, Error)]
pub enum RecordError {
    /// A path can not be looked at.
    #[error("{path} can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// A file can not be read to its end, or its bytes not be stored.
    #[error("{path} can not be recorded")]
    Content {
        /// The path.
        path: RepoPath,
        /// Why.
        source: WriteError,
    },
    /// The tree can not be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<ReadError> for RecordError {
    fn from(error: ReadError) -> Self {
        Self::Edit(error.into())
    }
}

/// Paths that a thread takes at once.
const PART: usize = 32;

/// Puts what is on disk at `paths` into the batch, and the tree that `base` becomes by it.
///
/// What is not there any more, or became something that no tree holds, goes from the tree. A directory is
/// recorded only if it is empty: what is in it has paths of its own. `index` tells what the paths were, which
/// makes the new contents small. `progress` is told now and then, from this thread.
///
/// # Errors
///
/// A path can not be read, or not be stored.
pub fn record(
    batch: &Batch,
    top: &Door,
    index: &Index,
    base: TreeId,
    paths: &[RepoPath],
    progress: impl FnMut(Progress),
) -> Result<Recorded, RecordError> {
    let found = put_all(batch, top, index, paths, progress)?;
    let mut edits = Edits::new();
    let mut seen = Seen::new();
    for (path, found) in found {
        let node = match found {
            Found::At(stat, node) => {
                seen.insert(path.clone(), (stat, node.clone()));
                Some(node)
            }
            Found::Nothing => None,
            Found::Others => continue,
        };
        edits.insert(path, node);
    }
    let tree = edit(batch.store(), batch, base, &edits)?;
    Ok(Recorded { tree, seen })
}

/// What stands at a path to be recorded.
enum Found {
    At(Stat, Node),
    Nothing,
    /// Paths of its own.
    Others,
}

/// Puts all paths, on as many threads as they are worth.
fn put_all(
    batch: &Batch,
    top: &Door,
    index: &Index,
    paths: &[RepoPath],
    mut progress: impl FnMut(Progress),
) -> Result<Vec<(RepoPath, Found)>, RecordError> {
    let of = paths.len();
    let next = AtomicUsize::new(0);
    let work = |progress: &mut dyn FnMut(Progress)| {
        let mut done = Vec::new();
        let mut reach = Reach::new(top);
        while let Some(part) = paths.get(next.fetch_add(PART, Ordering::Relaxed)..) {
            if part.is_empty() {
                break;
            }
            for path in &part[..part.len().min(PART)] {
                done.push((path.clone(), put(batch, &mut reach, index, path)?));
            }
            progress(Progress { done: next.load(Ordering::Relaxed).min(of), of });
        }
        Ok::<_, RecordError>(done)
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(paths.len() / PART);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(&mut |_| ()))).collect();
        let mut done = vec![work(&mut progress)];
        done.extend(others.into_iter().map(|other| other.join().expect("no thread panics")));
        Ok(done.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    })
}

fn put(
    batch: &Batch,
    reach: &mut Reach,
    index: &Index,
    path: &RepoPath,
) -> Result<Found, RecordError> {
    let disk = |source| RecordError::Disk { path: path.clone(), source };
    let content = |source| RecordError::Content { path: path.clone(), source };
    let Some(stat) = reach.look(path).map_err(disk)? else { return Ok(Found::Nothing) };
    let known = index.node_at(path);
    let base = known.as_ref().and_then(Node::link);
    let base = base.and_then(|(kind, id)| matches!(kind, Kind::Blob | Kind::Chunks).then_some(id));
    let hint = Hint { path: path.as_str(), base };
    if stat.form.is_file() {
        let had_returns = || has_returns(batch.store(), known.as_ref()).map_err(io::Error::other);
        let file = Kept::at(reach, path, known.as_ref(), had_returns).map_err(disk)?;
        let Some((file, stat)) = file else { return Ok(Found::Nothing) };
        let put = batch.put_content(file, hint).map_err(content)?;
        return Ok(Found::At(stat, file_node(put, stat.form, known.as_ref())));
    }
    let Some((door, name)) = reach.parent(path).map_err(disk)? else { return Ok(Found::Nothing) };
    match stat.form {
        Form::Symlink => {
            let target = door.target(name).map_err(disk)?;
            let id = batch.put(Kind::Blob, &target, hint).map_err(content)?;
            Ok(Found::At(stat, Node::Symlink(id.into())))
        }
        Form::Directory => {
            let is_empty = door.enter(name).and_then(|door| door.list()).map_err(disk)?.is_empty();
            if is_empty {
                let tree = batch.put_value(&Tree::default(), Hint::NONE).map_err(content)?;
                return Ok(Found::At(stat, Node::Directory(tree)));
            }
            Ok(if known.is_some() { Found::Nothing } else { Found::Others })
        }
        Form::File | Form::Executable | Form::Other => Ok(Found::Nothing),
    }
}
