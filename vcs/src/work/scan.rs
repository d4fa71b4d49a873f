//! A walk over the working copy that asks of each path only what the index does not know.

use std::io;
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use selkie_store::{Node, RepoPath};

use self::finds::Finds;
use self::names::Place;
use self::rules::Rules;
use crate::attributes::{Attributes, LineEnds};
use crate::ignore::Ignore;
use crate::work::disk::{may_be, node_of};
use crate::work::door::Door;
use crate::work::index::Index;
use crate::work::index::row::Sight;
use crate::work::stat::{Form, Stat};
use crate::work::status::{Asked, AskedUnknown, ChangeKind, Learned, Status};

mod finds;
mod names;
mod rules;
#[cfg(test)]
mod tests;

/// With fewer rows than this for each, a second thread costs more than it brings: see `BENCHMARKS.md`.
const ROWS_PER_THREAD: usize = 2000;
const THREADS_MAX: usize = 8;

/// Compares the working copy with the index, and keeps in the index what it learns.
///
/// A file whose stat is as it was is taken for unchanged; every other one is hashed, unless its size tells
/// already. `ignore` are the rules of the caller at the top; files of patterns are read on the way.
/// `now_ns` is the time before the scan: what was written in its tick is not believed.
///
/// # Errors
///
/// The top can not be read. What can not be read below is in the status.
pub fn scan(
    top: &Door,
    index: &mut Index,
    ignore: Ignore,
    asked: Asked,
    now_ns: i64,
) -> io::Result<(Status, Learned)> {
    let (door, stat) = (top.again()?, top.stat()?);
    let walk =
        Walk { top, index, asked, now_ns, coming: Mutex::default(), changed: Condvar::new() };
    let rules = (asked.unknown != AskedUnknown::Nothing).then_some(Rules::Judge(ignore));
    let mut finds = Finds::new(top);
    let here = Here { stat, directory: 0, path: String::new(), doubt: Doubt::None };
    walk.inside(door, here, rules, &mut finds);
    walk.everywhere(&mut finds);
    let learned = finds.teach(index);
    finds.status.sort();
    Ok((finds.status, learned))
}

struct Walk<'t, 'a> {
    top: &'t Door,
    index: &'a Index,
    asked: Asked,
    now_ns: i64,
    // Guards the directories that nobody has entered yet. Never held while the disk is asked.
    coming: Mutex<Coming>,
    // Told when there is more to enter, or nothing ever again.
    changed: Condvar,
}

#[derive(Default)]
struct Coming {
    directories: Vec<Task>,
    // Threads that are inside a directory and may add to the list.
    busy: usize,
}

/// A known directory that was entered.
struct Here {
    stat: Stat,
    directory: usize,
    path: String, // with a slash at the end but for the top
    doubt: Doubt,
}

/// Whether a file that has the stat it had may be something else now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doubt {
    None,
    /// A list of attributes here or above was edited, so that other lines may be kept of the same bytes.
    Lines,
}

/// A known directory to be entered.
struct Task {
    parent: Arc<Door>,
    directory: usize,
    path: String, // of the parent, with a slash at the end but for the top
    rules: Option<Rules>,
    doubt: Doubt,
}

impl<'t> Walk<'t, '_> {
    /// Enters all directories that are to come, on as many threads as they are worth.
    fn everywhere(&self, finds: &mut Finds<'t>) {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
        let threads = threads.min(self.index.len() / ROWS_PER_THREAD);
        thread::scope(|scope| {
            let work = || {
                let mut finds = Finds::new(self.top);
                self.work(&mut finds);
                finds
            };
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            self.work(finds);
            for other in others {
                finds.join(other.join().expect("no thread of a scan panics"));
            }
        });
    }

    fn work(&self, finds: &mut Finds) {
        while let Some(task) = self.next() {
            self.enter(task, finds);
            let mut coming = self.coming();
            coming.busy -= 1;
            if coming.busy == 0 && coming.directories.is_empty() {
                self.changed.notify_all();
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut coming = self.coming();
        loop {
            if let Some(task) = coming.directories.pop() {
                coming.busy += 1;
                return Some(task);
            }
            if coming.busy == 0 {
                return None;
            }
            coming = self.changed.wait(coming).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn coming(&self) -> MutexGuard<'_, Coming> {
        // Each change is one push, pop or count, so it is never half done.
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, task: Task, finds: &mut Finds) {
        let name = self.index.directory_name(task.directory);
        let mut path = joined(&task.path, name);
        match task.parent.enter(name).and_then(|door| Ok((door.stat()?, door))) {
            Ok((stat, door)) => {
                path.push('/');
                let here = Here { stat, directory: task.directory, path, doubt: task.doubt };
                self.inside(door, here, task.rules, finds);
            }
            Err(error) => match task.parent.look(name) {
                Ok(Some(Stat { form: Form::Directory, .. })) | Err(_) => {
                    finds.unread(&path, error);
                }
                Ok(_) => {
                    path.push('/');
                    self.is_gone(task.directory, &path, finds);
                }
            },
        }
    }

    /// Everything known in a directory that is no longer one.
    fn is_gone(&self, directory: usize, path: &str, finds: &mut Finds) {
        for row in self.index.rows(directory) {
            finds.change(&joined(path, self.index.row_name(row)), self.when_gone(row));
        }
        for child in self.index.children(directory) {
            let path = joined(path, self.index.directory_name(child)) + "/";
            self.is_gone(child, &path, finds);
        }
        if self.is_known_empty(directory) {
            finds.change(path, Some(ChangeKind::Removed));
        }
    }

    fn is_known_empty(&self, directory: usize) -> bool {
        directory > 0
            && self.index.rows(directory).is_empty()
            && self.index.subtree_end(directory) == directory + 1
    }

    fn inside(&self, door: Door, mut here: Here, rules: Option<Rules>, finds: &mut Finds) {
        if self.has_new_attributes(&door, &here, finds) {
            here.doubt = Doubt::Lines;
        }
        for row in self.index.rows(here.directory) {
            self.row(&door, row, &here, finds);
        }
        let rules = rules.map(|outer| self.names(&door, &here, outer, finds));
        let children: Vec<_> = self.index.children(here.directory).collect();
        if children.is_empty() {
            return;
        }
        let parent = Arc::new(door);
        let tasks = children.into_iter().rev().map(|directory| Task {
            parent: Arc::clone(&parent),
            directory,
            path: here.path.clone(),
            rules: rules.clone(),
            doubt: here.doubt,
        });
        self.coming().directories.extend(tasks);
        self.changed.notify_all();
    }

    /// What is not known in a directory, from memory if it is as it was. Returns the rules inside it.
    fn names(&self, door: &Door, here: &Here, outer: Rules, finds: &mut Finds) -> Rules {
        let Here { ref stat, directory, ref path, doubt: _ } = *here;
        let memory = self.index.memory(directory).filter(|memory| memory.holds_for(stat));
        let list = |finds: &mut Finds| {
            finds.or_unread(path, names::unknown_in(door, self.index, directory))
        };
        let mut listed = if memory.is_some() { None } else { list(finds) };
        let has = |file: &[u8]| {
            let remembered = memory.into_iter().flat_map(|memory| &memory.names);
            self.index.find_in(directory, file).is_some()
                || listed.iter().flatten().any(|listed| listed.name == file)
                || remembered.into_iter().any(|remembered| remembered.name == file)
        };
        let name = self.index.directory_name(directory);
        let own = rules::files_in(door, path, has, finds);
        let rules = outer.inside(name, own, memory);
        if let Some(memory) = memory.filter(|memory| rules.judged(memory)) {
            let place = Place { door, path, rules: &rules, asked: self.asked };
            place.tell(&memory.names, finds);
            return rules;
        }
        if listed.is_none() {
            listed = list(finds);
        }
        // What can not be listed is told as unread, and not remembered.
        let Some(listed) = listed else { return rules };
        let place = Place { door, path, rules: &rules, asked: self.asked };
        let names = place.judge(listed);
        place.tell(&names, finds);
        if stat.is_settled(self.now_ns) && stat.has_fine_times() {
            finds.memories.push((directory, rules.memory(stat, names)));
        }
        rules
    }

    /// What became of a known path.
    fn row(&self, door: &Door, row: usize, here: &Here, finds: &mut Finds) {
        let (name, path) = (self.index.row_name(row), &here.path);
        match door.look(name) {
            Ok(Some(stat)) => match self.index.seen(row) {
                // All but a few end here: nothing but the stat is compared.
                Some((Sight::Same, seen)) if seen == stat && here.doubt == Doubt::None => {}
                seen => {
                    let seen = seen.filter(|_| here.doubt == Doubt::None);
                    let path = joined(path, name);
                    match self.changed_row(&path, row, &stat, seen, finds) {
                        Ok(kind) => finds.change(&path, kind),
                        Err(error) => finds.unread(&path, error),
                    }
                }
            },
            Ok(None) => finds.change(&joined(path, name), self.when_gone(row)),
            Err(error) => finds.unread(&joined(path, name), error),
        }
    }

    fn when_gone(&self, row: usize) -> Option<ChangeKind> {
        match self.index.node(row) {
            Node::Foreign(_) => None,
            Node::Conflict(_) => Some(ChangeKind::Conflict),
            Node::File(_) | Node::Executable(_) | Node::Symlink(_) | Node::Directory(_) => {
                Some(ChangeKind::Removed)
            }
        }
    }

    /// Whether the list of attributes in a directory was edited since it was looked at last. One that a switch brought
    /// was not: files that stay through it stay as they are.
    fn has_new_attributes(&self, door: &Door, here: &Here, finds: &mut Finds) -> bool {
        let file = Attributes::FILE.as_bytes();
        let Some(row) = self.index.find_in(here.directory, file) else { return false };
        let (known, seen) = (self.index.node(row), self.index.seen(row));
        let stat = match door.look(file) {
            Ok(Some(stat)) if seen.is_some_and(|(_, before)| before == stat) => return false,
            Ok(Some(stat)) => stat,
            Ok(None) => return matches!(known, Node::File(_) | Node::Executable(_)),
            // The row tells of the error.
            Err(_) => return false,
        };
        let was_known = seen.is_none_or(|(sight, _)| sight == Sight::Same);
        let path =
            RepoPath::new(&joined(&here.path, file)).expect("the index holds paths of trees");
        match node_of(&mut finds.reach, &path, &stat, Some(&known), &mut finds.buffer) {
            Ok(Some((node, _))) => !was_known || compare(&node, &known) == Sight::Content,
            Ok(None) | Err(_) => false,
        }
    }

    /// What became of a known path that has not the stat it had.
    fn changed_row(
        &self,
        path: &str,
        row: usize,
        stat: &Stat,
        seen: Option<(Sight, Stat)>,
        finds: &mut Finds,
    ) -> io::Result<Option<ChangeKind>> {
        let known = self.index.node(row);
        match (&known, stat.form, seen) {
            (Node::Foreign(_), ..) => Ok(None),
            (Node::Conflict(_), ..) => Ok(Some(ChangeKind::Conflict)),
            (_, Form::Directory, _) => Ok(Some(ChangeKind::Removed)),
            _ if !may_be(stat.form, &known) => Ok(Some(ChangeKind::Type)),
            (.., Some((sight, before))) if before == *stat => Ok(kind_of(sight)),
            _ => {
                let path = RepoPath::new(path).expect("the index holds paths of trees");
                // The size of a file that had its node is the node's, unless its lines may end in two ways.
                if let Some((Sight::Same, before)) = seen
                    && before.size != stat.size
                    && finds.reach.line_ends(&path)? == LineEnds::AsTheyAre
                {
                    return Ok(Some(ChangeKind::Modified));
                }
                let found =
                    node_of(&mut finds.reach, &path, stat, Some(&known), &mut finds.buffer)?;
                let Some((node, stat)) = found else { return Ok(Some(ChangeKind::Type)) };
                let sight = compare(&node, &known);
                if stat.is_settled(self.now_ns) {
                    finds.sights.push((row, sight, stat));
                }
                Ok(kind_of(sight))
            }
        }
    }
}

const fn kind_of(sight: Sight) -> Option<ChangeKind> {
    match sight {
        Sight::Same => None,
        Sight::Content => Some(ChangeKind::Modified),
        Sight::Mode => Some(ChangeKind::Mode),
    }
}

fn compare(node: &Node, known: &Node) -> Sight {
    match (node, known) {
        _ if node == known => Sight::Same,
        (Node::File(one), Node::Executable(other)) | (Node::Executable(one), Node::File(other))
            if one == other =>
        {
            Sight::Mode
        }
        _ => Sight::Content,
    }
}

/// The path of an entry; `folder` ends in a slash but for the top.
fn joined(folder: &str, name: &[u8]) -> String {
    let name = std::str::from_utf8(name).expect("the index holds names of trees, which are text");
    format!("{folder}{name}")
}
