//! The steps of a plan, carried out.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use selkie_store::{BlobId, ConflictId, Content, Node, Parts, ReadError, RepoPath, Store};
use thiserror::Error;

use crate::attributes::{Attributes, LineEnd, LineEnds};
use crate::conflict::{Marked, Shown, shown};
use crate::text::returns::{Census, WithReturns};
use crate::work::disk::{census, node_of};
use crate::work::door::Door;
use crate::work::door::entry::{Exchange, Replace, Run};
use crate::work::index::rebase::Seen;
use crate::work::litter::TemporaryNames;
use crate::work::progress::Progress;
use crate::work::reach::{Reach, split};
use crate::work::stat::{Form, Stat};
use crate::work::status::Litter;
use crate::work::write::observe::OnDisk;
use crate::work::write::plan::{Act, Plan, Step};

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
    let mut hands = Hands::new(store, top);
    // What goes makes room first: a file may become a directory, and the other way round.
    for (at, step) in removals.iter().enumerate() {
        hands.remove(step)?;
        progress(Progress { done: at, of });
    }
    hands.remove_directories(&plan.gone)?;
    // How lines end is said by files that may be written as well: the others are written as those say.
    let (lists, others): (Vec<_>, Vec<_>) =
        writes.into_iter().partition(|step| split(&step.path).1 == Attributes::FILE);
    let mut told = |done| progress(Progress { done: removals.len() + done, of });
    let mut seen = write_all(store, top, &lists, &mut told)?;
    seen.extend(write_all(store, top, &others, |done| told(lists.len() + done))?);
    Ok(seen)
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
        let mut hands = Hands::new(store, top);
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
    names: Option<TemporaryNames>, // made when the first is needed
}

impl<'a> Hands<'a> {
    const fn new(store: &'a Store, top: &'a Door) -> Self {
        Self { store, reach: Reach::new(top), buffer: Vec::new(), names: None }
    }

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
        let found = self.check(step)?;
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
                let stat = self.place(step, found, &Filling::Node(node))?;
                (node, stat)
            }
            Act::WriteMarked(marking) => {
                let marked = self.marked(path, marking.conflict())?;
                self.place(step, found, &Filling::Marked(&marked))?;
                // What the disk shows of a conflict is looked at each time.
                return Ok(None);
            }
        };
        Ok(stat.map(|stat| (path.clone(), (stat, node.clone()))))
    }

    /// Puts a file or link into its place.
    fn place(
        &mut self,
        step: &Step,
        found: Option<Stat>,
        filling: &Filling,
    ) -> Result<Option<Stat>, ApplyError> {
        let path = &step.path;
        let disk = |source| ApplyError::Disk { path: path.clone(), source };
        let store = self.store;
        let temporary = self.temporary_name().map_err(disk)?;
        self.reach.make_parent(path).map_err(disk)?;
        let ends = self.reach.line_ends(path).map_err(disk)?;
        let (door, name) = self.reach.make_parent(path).map_err(disk)?;
        if let OnDisk::Directory(_) = step.disk
            && let Err(error) = door.remove_directory(name)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(disk(error));
        }
        put(store, step, filling, &Spot { door, name, ends, found }, temporary.as_bytes())?;
        door.look(name).map_err(disk)
    }

    /// The text of a conflict.
    fn marked(&self, path: &RepoPath, conflict: ConflictId) -> Result<Marked, ApplyError> {
        let read = |source| ApplyError::Store { path: path.clone(), source };
        match shown(self.store, &self.store.load(conflict).map_err(read)?).map_err(read)? {
            Shown::Marked(marked) => Ok(marked),
            Shown::Side(_) | Shown::Nothing => {
                unreachable!("a plan writes the text of a conflict that has one")
            }
        }
    }

    fn temporary_name(&mut self) -> io::Result<String> {
        let names = match self.names.take() {
            Some(names) => names,
            None => TemporaryNames::new()?,
        };
        Ok(self.names.insert(names).next())
    }

    /// What is at the path, if it still is what the plan was made for.
    fn check(&mut self, step: &Step) -> Result<Option<Stat>, ApplyError> {
        let path = &step.path;
        let disk = |source| ApplyError::Disk { path: path.clone(), source };
        let found = self.reach.look(path).map_err(disk)?;
        let is_as_planned = match (&step.disk, found) {
            (OnDisk::Nothing, None) | (OnDisk::Directory(_), _) => true,
            (OnDisk::Node(seen, _), Some(stat)) if *seen == stat => true,
            (OnDisk::Node(_, node), Some(stat)) => {
                let now = node_of(&mut self.reach, path, &stat, Some(node), &mut self.buffer);
                now.map_err(disk)?.is_some_and(|(now, _)| now == *node)
            }
            (OnDisk::Other, Some(stat)) => stat.form == Form::Other,
            _ => false,
        };
        if is_as_planned { Ok(found) } else { Err(ApplyError::Changed(path.clone())) }
    }
}

/// A name in an open directory, and what was there a moment ago.
struct Spot<'a> {
    door: &'a Door,
    name: &'a [u8],
    ends: LineEnds,
    found: Option<Stat>,
}

/// What a file or link is made of.
enum Filling<'a> {
    Node(&'a Node),
    Marked(&'a Marked),
}

/// Writes a file or link under another name, and gives it its own.
fn put(
    store: &Store,
    step: &Step,
    filling: &Filling,
    spot: &Spot,
    temporary: &[u8],
) -> Result<(), ApplyError> {
    let path = &step.path;
    let disk = |source| ApplyError::Disk { path: path.clone(), source };
    let read = |source| ApplyError::Store { path: path.clone(), source };
    let Spot { door, name, ends, .. } = *spot;
    let made = match filling {
        Filling::Marked(marked) => {
            let mut file = door.create(temporary, run(&marked.like)).map_err(disk)?;
            let bytes =
                if puts_returns(ends, || Ok(Census::of_bytes(&marked.bytes))).map_err(read)? {
                    &WithReturns::default().next(&marked.bytes)
                } else {
                    &marked.bytes
                };
            file.write_all(bytes).map_err(disk)
        }
        Filling::Node(node @ (Node::File(content) | Node::Executable(content))) => {
            let mut file = door.create(temporary, run(node)).map_err(disk)?;
            write_content(store, path, (*content, ends), &mut file)
        }
        Filling::Node(Node::Symlink(id)) => link(store, path, *id, door, temporary),
        Filling::Node(Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_)) => {
            unreachable!("a plan writes files and links")
        }
    };
    let placed = made.and_then(|()| match step.disk {
        OnDisk::Node(..) | OnDisk::Other => replace(path, spot, temporary),
        OnDisk::Nothing | OnDisk::Directory(_) | OnDisk::Above(_) => {
            door.rename(temporary, name, Replace::MayNot).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => ApplyError::Changed(path.clone()),
                _ => disk(error),
            })
        }
    });
    if placed.is_err() {
        // The first error tells more. What can not be removed is told of by the next scan.
        let _ = door.remove_file(temporary);
    }
    placed
}

/// Puts the temporary file in the place of what is there.
///
/// By exchange where that is possible: a file that came there since it was looked at is then in hand and
/// can be put back, and ext4 does not write the new file out at once, as it does when one is renamed over.
fn replace(path: &RepoPath, spot: &Spot, temporary: &[u8]) -> Result<(), ApplyError> {
    let disk = |source| ApplyError::Disk { path: path.clone(), source };
    let Spot { door, name, found, .. } = *spot;
    match door.exchange(temporary, name).map_err(disk)? {
        Exchange::CanNot => door.rename(temporary, name, Replace::May).map_err(disk),
        Exchange::Done => {
            let displaced = door.look(temporary).map_err(disk)?;
            // An exchange is a change of both, so that time alone may differ.
            let timeless = |stat: Option<Stat>| stat.map(|stat| Stat { changed_ns: 0, ..stat });
            if timeless(found) != timeless(displaced) {
                door.exchange(temporary, name).map_err(disk)?;
                return Err(ApplyError::Changed(path.clone()));
            }
            door.remove_file(temporary).map_err(disk)
        }
    }
}

fn write_content(
    store: &Store,
    path: &RepoPath,
    (content, ends): (Content, LineEnds),
    file: &mut std::fs::File,
) -> Result<(), ApplyError> {
    let read = |source| ApplyError::Store { path: path.clone(), source };
    let mut returns =
        puts_returns(ends, || census(store, content)).map_err(read)?.then(WithReturns::default);
    for part in Parts::new(store, content) {
        let part = part.map_err(read)?;
        let written = match &mut returns {
            Some(returns) => file.write_all(&returns.next(&part)),
            None => file.write_all(&part),
        };
        written.map_err(|source| ApplyError::Disk { path: path.clone(), source })?;
    }
    Ok(())
}

/// Whether lines that end with a feed alone get a return on disk. `census` counts what the content has.
fn puts_returns(
    ends: LineEnds,
    census: impl FnOnce() -> Result<Census, ReadError>,
) -> Result<bool, ReadError> {
    match ends {
        LineEnds::AsTheyAre
        | LineEnds::Text(LineEnd::Feed)
        | LineEnds::TextAlone(LineEnd::Feed) => Ok(false),
        LineEnds::Text(LineEnd::ReturnAndFeed) => Ok(true),
        LineEnds::TextAlone(LineEnd::ReturnAndFeed) => Ok(census()?.has_feeds_alone()),
    }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_came_there_after_the_last_look_is_put_back() {
        let place = tempfile::tempdir().unwrap();
        let door = Door::open(place.path()).unwrap();
        fs::write(place.path().join("file"), "seen").unwrap();
        let found = door.look(b"file").unwrap();
        fs::write(place.path().join("file"), "edited meanwhile").unwrap();
        fs::write(place.path().join("new"), "new").unwrap();
        let path = RepoPath::new("file").unwrap();
        let spot = Spot { door: &door, name: b"file", ends: LineEnds::AsTheyAre, found };
        if door.exchange(b"new", b"new").unwrap() == Exchange::CanNot {
            return;
        }
        assert!(matches!(replace(&path, &spot, b"new"), Err(ApplyError::Changed(_))));
        assert_eq!(fs::read(place.path().join("file")).unwrap(), b"edited meanwhile");
        assert_eq!(fs::read(place.path().join("new")).unwrap(), b"new");
    }
}
