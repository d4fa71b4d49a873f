//! The steps of a plan, carried out.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use selkie_store::{BlobId, Content, Node, Parts, ReadError, RepoPath, Store};
use thiserror::Error;

use crate::work::disk::node_of;
use crate::work::door::Door;
use crate::work::door::entry::{Replace, Run};
use crate::work::index::rebase::Seen;
use crate::work::litter::temporary_name;
use crate::work::reach::{Reach, split};
use crate::work::stat::Stat;
use crate::work::status::Litter;
use crate::work::write::observe::OnDisk;
use crate::work::write::plan::{Act, Plan, Step};

/// How far a checkout is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Steps that are done.
    pub done: usize,
    /// Steps there are.
    pub of: usize,
}

/// Why a checkout stopped. Each path has its old content or its new one; the disk has to be scanned again.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// Something stands in the way, so nothing was done.
    #[error("{} paths stand in the way", .0.blocked.len())]
    Blocked(Box<Plan>),
    /// A path is not what it was when the plan was made. It was left alone.
    #[error("{0} was changed meanwhile")]
    Changed(RepoPath),
    /// A path can not be written.
    #[error("{path} can not be written")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// A content can not be read from the store.
    #[error("{path} can not be taken from the store")]
    Store {
        /// The path.
        path: RepoPath,
        /// Why.
        source: ReadError,
    },
}

/// Steps that a thread takes at once.
const PART: usize = 16;

/// Carries out a plan. `progress` is told now and then, from this thread.
///
/// What is left of it when it is killed is a working copy where each path is old or new, and perhaps a
/// temporary file, which the next scan tells of.
///
/// # Errors
///
/// A path is not what it was, or can not be written.
pub fn apply(
    store: &Store,
    top: &Door,
    plan: &Plan,
    mut progress: impl FnMut(Progress),
) -> Result<Seen, ApplyError> {
    if !plan.blocked.is_empty() {
        return Err(ApplyError::Blocked(Box::new(plan.clone())));
    }
    let (removals, writes): (Vec<_>, Vec<_>) =
        plan.steps.iter().partition(|step| step.act == Act::Remove);
    let of = plan.steps.len();
    let mut hands = Hands { store, reach: Reach::new(top), buffer: Vec::new() };
    // What goes makes room first: a file may become a directory, and the other way round.
    for (at, step) in removals.iter().enumerate() {
        hands.remove(step)?;
        progress(Progress { done: at, of });
    }
    hands.remove_directories(&plan.gone)?;
    let told = |done| progress(Progress { done: removals.len() + done, of });
    write_all(store, top, &writes, told)
}

/// Carries out steps that are no removals, on as many threads as they are worth.
fn write_all(
    store: &Store,
    top: &Door,
    steps: &[&Step],
    mut progress: impl FnMut(usize),
) -> Result<Seen, ApplyError> {
    let taken = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = |progress: &mut dyn FnMut(usize)| {
        let mut hands = Hands { store, reach: Reach::new(top), buffer: Vec::new() };
        let mut seen = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let part = steps.get(taken.fetch_add(PART, Ordering::Relaxed)..).unwrap_or_default();
            if part.is_empty() {
                break;
            }
            for step in &part[..part.len().min(PART)] {
                let written = hands.write(step);
                seen.extend(written.inspect_err(|_| failed.store(true, Ordering::Relaxed))?);
            }
            progress(taken.load(Ordering::Relaxed).min(steps.len()));
        }
        Ok::<_, ApplyError>(seen)
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(steps.len() / PART);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(&mut |_| ()))).collect();
        let mut done = vec![work(&mut progress)];
        done.extend(others.into_iter().map(|other| other.join().expect("no thread panics")));
        Ok(done.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    })
}

/// Removes temporary files that killed commands left. No other command may be writing.
///
/// # Errors
///
/// One can not be removed.
pub fn sweep(top: &Door, litter: &[Litter]) -> io::Result<()> {
    let mut reach = Reach::new(top);
    for Litter { folder, name } in litter {
        if let Some(door) = reach.directory(folder.as_str())? {
            door.remove_file(name.as_bytes())?;
        }
    }
    Ok(())
}

/// What stands at a path now.
type Written = (RepoPath, (Stat, Node));

struct Hands<'a> {
    store: &'a Store,
    reach: Reach<'a>,
    buffer: Vec<u8>,
}

impl Hands<'_> {
    fn remove(&mut self, step: &Step) -> Result<(), ApplyError> {
        let disk = |source| ApplyError::Disk { path: step.path.clone(), source };
        self.check(step)?;
        let Some((door, name)) = self.reach.parent(&step.path).map_err(disk)? else {
            return Ok(());
        };
        door.remove_file(name).map_err(disk)
    }

    /// Removes what is empty of these directories; what is unknown in one keeps it.
    fn remove_directories(&mut self, gone: &[RepoPath]) -> Result<(), ApplyError> {
        for path in gone.iter().rev() {
            let disk = |source| ApplyError::Disk { path: path.clone(), source };
            // The doors that are open may lead into what is removed now.
            self.reach.close();
            let Some((door, name)) = self.reach.parent(path).map_err(disk)? else { continue };
            match door.remove_directory(name) {
                Err(error) if !stays(&error) => return Err(disk(error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Carries out a step that is no removal, and tells what is there now.
    fn write(&mut self, step: &Step) -> Result<Option<Written>, ApplyError> {
        let path = &step.path;
        let disk = |source| ApplyError::Disk { path: path.clone(), source };
        self.check(step)?;
        let (node, stat) = match &step.act {
            Act::Remove => unreachable!("removals are carried out before"),
            Act::MakeDirectory => {
                let name = split(path).1.as_bytes();
                self.reach.make_parent(path).map_err(disk)?.0.make_directory(name).map_err(disk)?;
                return Ok(None);
            }
            Act::Mode(node) => {
                let (door, name) = self.reach.make_parent(path).map_err(disk)?;
                (node, Some(door.set_run(name, run(node)).map_err(disk)?))
            }
            Act::Write(node) => {
                let store = self.store;
                let (door, name) = self.reach.make_parent(path).map_err(disk)?;
                if let OnDisk::Directory(_) = step.disk
                    && let Err(error) = door.remove_directory(name)
                    && error.kind() != io::ErrorKind::NotFound
                {
                    return Err(disk(error));
                }
                let replace = match step.disk {
                    OnDisk::Node(..) | OnDisk::Other => Replace::May,
                    OnDisk::Nothing | OnDisk::Directory(_) | OnDisk::Above(_) => Replace::MayNot,
                };
                put(store, path, node, door, name, replace)?;
                (node, door.look(name).map_err(disk)?)
            }
        };
        Ok(stat.map(|stat| (path.clone(), (stat, node.clone()))))
    }

    /// Whether the path still is what the plan was made for.
    fn check(&mut self, step: &Step) -> Result<(), ApplyError> {
        let path = &step.path;
        let disk = |source| ApplyError::Disk { path: path.clone(), source };
        let changed = || ApplyError::Changed(path.clone());
        let parent = self.reach.parent(path).map_err(disk)?;
        let found = match parent {
            Some((door, name)) => door.look(name).map_err(disk)?.map(|stat| (door, name, stat)),
            None => None,
        };
        match (&step.disk, found) {
            (OnDisk::Nothing, None) | (OnDisk::Directory(_), _) => Ok(()),
            (OnDisk::Node(seen, _), Some((_, _, stat))) if *seen == stat => Ok(()),
            (OnDisk::Node(_, node), Some((door, name, stat))) => {
                let now = node_of(door, name, &stat, Some(node), &mut self.buffer).map_err(disk)?;
                if now.is_some_and(|(now, _)| now == *node) { Ok(()) } else { Err(changed()) }
            }
            (OnDisk::Other, Some((_, _, stat))) if !stat.form.is_file() => Ok(()),
            _ => Err(changed()),
        }
    }
}

/// Writes a file or link under another name, and gives it its own.
fn put(
    store: &Store,
    path: &RepoPath,
    node: &Node,
    door: &Door,
    name: &[u8],
    replace: Replace,
) -> Result<(), ApplyError> {
    let disk = |source| ApplyError::Disk { path: path.clone(), source };
    let temporary = temporary_name().map_err(disk)?;
    let temporary = temporary.as_bytes();
    let made = match node {
        Node::File(content) | Node::Executable(content) => {
            let mut file = door.create(temporary, run(node)).map_err(disk)?;
            write_content(store, path, *content, &mut file)
        }
        Node::Symlink(id) => link(store, path, *id, door, temporary),
        Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_) => {
            unreachable!("a plan writes files and links")
        }
    };
    let placed = made.and_then(|()| {
        door.rename(temporary, name, replace).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ApplyError::Changed(path.clone()),
            _ => disk(error),
        })
    });
    if placed.is_err() {
        // The first error tells more. What can not be removed is told of by the next scan.
        let _ = door.remove_file(temporary);
    }
    placed
}

fn write_content(
    store: &Store,
    path: &RepoPath,
    content: Content,
    file: &mut std::fs::File,
) -> Result<(), ApplyError> {
    for part in Parts::new(store, content) {
        let part = part.map_err(|source| ApplyError::Store { path: path.clone(), source })?;
        let written = file.write_all(&part);
        written.map_err(|source| ApplyError::Disk { path: path.clone(), source })?;
    }
    Ok(())
}

fn link(
    store: &Store,
    path: &RepoPath,
    id: BlobId,
    door: &Door,
    name: &[u8],
) -> Result<(), ApplyError> {
    let parts = Parts::new(store, Content::Whole(id));
    let target = parts.collect::<Result<Vec<_>, _>>();
    let target =
        target.map_err(|source| ApplyError::Store { path: path.clone(), source })?.concat();
    door.symlink(&target, name).map_err(|source| ApplyError::Disk { path: path.clone(), source })
}

const fn run(node: &Node) -> Run {
    if matches!(node, Node::Executable(_)) { Run::May } else { Run::MayNot }
}

/// Whether a directory that did not go is one that stays.
fn stays(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::DirectoryNotEmpty
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
    )
}
