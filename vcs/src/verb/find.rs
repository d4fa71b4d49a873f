//! What is where: texts in files, and in the history of them.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use selkie_store::{Content, Node, PathError, ReadError, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::pattern::Pattern;
use crate::text::lines::{Text, is_binary};
use crate::tree::bytes::bytes_of;
use crate::tree::compare::{CompareError, TreeChange, TreeChanges, content};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::work::disk::Kept;
use crate::work::follow::{Copy, FollowError};
use crate::work::reach::Reach;
use crate::work::stat::Form;
use crate::workspace::Workspace;

/// What is looked for, and where.
#[derive(Clone, Debug)]
pub struct Looking {
    /// What a line has to have.
    pub pattern: Pattern,
    /// In which files.
    pub filter: PathFilter,
    /// How many lines around are told as well, above and below.
    pub around: (usize, usize),
}

/// What one file has of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// The file.
    pub path: RepoPath,
    /// The lines, from top to bottom, with those around them.
    pub lines: Vec<FoundLine>,
}

/// A line of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundLine {
    /// Its number, the first at 1.
    pub number: usize,
    /// The line, without its newline.
    pub bytes: Vec<u8>,
    /// Where in it that is what was looked for first; nothing for a line that only stands around.
    pub hit: Option<Range<usize>>,
}

/// Why it can not be told what has it.
#[derive(Debug, Error)]
pub enum FindError {
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A tree can not be walked.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The index can not be read.
    #[error(transparent)]
    Files(#[from] FollowError),
    /// The index names what is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The history can not be read.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A file can not be read.
    #[error("'{path}' can not be read")]
    Disk {
        /// The file.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
}

/// The known files of the working copy as they are on disk, or those of a tree.
#[derive(Debug)]
pub struct Files<'a> {
    paths: Vec<(RepoPath, Node)>,
    place: Place<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    OnDisk(&'a Copy),
    Stored(&'a Store),
}

/// Files that a thread takes at once.
const PART: usize = 32;
const THREADS_MAX: usize = 8;

impl<'a> Files<'a> {
    /// The known files, as they are on disk.
    ///
    /// # Errors
    ///
    /// The index can not be read.
    pub fn on_disk(workspace: &'a Workspace, filter: &PathFilter) -> Result<Self, FindError> {
        let copy = workspace.copy();
        let index = copy.index(workspace.repository().store(), workspace.known()?)?;
        let mut paths = index.list(filter)?;
        // As a tree tells them, not as the index has them.
        paths.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self { paths, place: Place::OnDisk(copy) })
    }

    /// The files of a tree.
    ///
    /// # Errors
    ///
    /// The tree can not be read.
    pub fn stored(store: &'a Store, tree: TreeId, filter: &PathFilter) -> Result<Self, FindError> {
        let tree = Some(tree).filter(|tree| *tree != empty_tree());
        let mut paths = Vec::new();
        for change in TreeChanges::new(store, None, tree, filter) {
            let TreeChange { path, after, .. } = change?;
            paths.extend(after.map(|node| (path, node)));
        }
        Ok(Self { paths, place: Place::Stored(store) })
    }

    /// Their paths.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.paths.iter().map(|(path, _)| path)
    }

    /// Tells what each file has, in their order, as soon as it is known. Binary files have nothing, nor have links and
    /// what is gone from disk. Several threads read; `each` is called on this one, and ends it with an error.
    ///
    /// # Errors
    ///
    /// A file can not be read, or `each` says so.
    pub fn find<E: From<FindError>>(
        &self,
        looking: &Looking,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<(), E> {
        let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
        let parts: Vec<&[(RepoPath, Node)]> = self.paths.chunks(PART).collect();
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = threads.min(THREADS_MAX).min(parts.len());
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..threads {
                let (tell, parts, next, ended) = (tell.clone(), &parts, &next, &ended);
                scope.spawn(move || {
                    while !ended.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(part) = parts.get(number) else { break };
                        // Who hears nothing any more has ended it.
                        if tell.send((number, self.find_in(part, looking))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(tell);
            let mut waiting = BTreeMap::new();
            let mut expected = 0;
            let mut hear = || {
                for (number, found) in &told {
                    waiting.insert(number, found);
                    while let Some(found) = waiting.remove(&expected) {
                        expected += 1;
                        found?.into_iter().try_for_each(&mut each)?;
                    }
                }
                Ok(())
            };
            let heard = hear();
            ended.store(true, Ordering::Relaxed);
            heard
        })
    }

    fn find_in(
        &self,
        part: &[(RepoPath, Node)],
        looking: &Looking,
    ) -> Result<Vec<Found>, FindError> {
        let mut reach = match self.place {
            Place::OnDisk(copy) => Some(Reach::new(copy.top())),
            Place::Stored(_) => None,
        };
        let mut found = Vec::new();
        let mut bytes = Vec::new();
        for (path, node) in part {
            let is_there = match (&mut reach, self.place) {
                (Some(reach), _) => {
                    let read = read(reach, path, &mut bytes);
                    read.map_err(|source| FindError::Disk { path: path.clone(), source })?
                }
                (None, Place::Stored(store)) => match content(node) {
                    Some(content) => {
                        let stored = bytes_of(store, content)?;
                        bytes = stored.unwrap_or_default();
                        true
                    }
                    None => false,
                },
                (None, Place::OnDisk(_)) => false,
            };
            if is_there && !is_binary(&bytes) {
                let lines = looking.lines(&bytes);
                if !lines.is_empty() {
                    found.push(Found { path: path.clone(), lines });
                }
            }
        }
        Ok(found)
    }
}

/// Reads a file, if there is one that is no longer than a text.
fn read(reach: &mut Reach, path: &RepoPath, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let Some(stat) = reach.look(path)? else { return Ok(false) };
    let is_file = matches!(stat.form, Form::File | Form::Executable);
    if !is_file || stat.size > Text::LEN_MAX as u64 {
        return Ok(false);
    }
    // A return that is not in the store is not shown either.
    let Some((file, _)) = Kept::at(reach, path, None, || Ok(false))? else { return Ok(false) };
    file.take(Text::LEN_MAX as u64).read_to_end(bytes)?;
    Ok(true)
}

impl Looking {
    /// The lines of a text that have it, with those around them.
    fn lines(&self, text: &[u8]) -> Vec<FoundLine> {
        let hits: Vec<Range<usize>> = self.pattern.lines(text).collect();
        if hits.is_empty() {
            return Vec::new();
        }
        let (above, below) = self.around;
        let mut lines: BTreeMap<usize, FoundLine> = BTreeMap::new();
        let (mut number, mut counted) = (1, 0);
        for hit in hits {
            number += text[counted..hit.start].iter().filter(|byte| **byte == b'\n').count();
            counted = hit.start;
            let around = before(text, hit.start, above)
                .into_iter()
                .enumerate()
                .map(|(at, line)| (number - at - 1, line));
            let around = around.chain((number + 1..).zip(after(text, hit.end, below)));
            for (number, line) in around {
                let bytes = text[line].to_vec();
                lines.entry(number).or_insert(FoundLine { number, bytes, hit: None });
            }
            let bytes = text[hit].to_vec();
            let hit = self.pattern.find(&bytes);
            lines.insert(number, FoundLine { number, bytes, hit });
        }
        lines.into_values().collect()
    }
}

/// So many lines above the one that begins here, the nearest first.
fn before(text: &[u8], start: usize, count: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut end = start;
    while lines.len() < count && end > 0 {
        let begin = text[..end - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        lines.push(begin..end - 1);
        end = begin;
    }
    lines
}

/// So many lines below the one that ends here.
fn after(text: &[u8], end: usize, count: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut begin = end + 1;
    while lines.len() < count && begin < text.len() {
        let length = text[begin..].iter().position(|byte| *byte == b'\n');
        let end = length.map_or(text.len(), |length| begin + length);
        lines.push(begin..end);
        begin = end + 1;
    }
    lines
}

/// Tells of seals whether they changed how often something is in the files.
#[derive(Debug)]
pub struct Changed<'a> {
    graph: &'a Graph,
    store: &'a Store,
    looking: &'a Looking,
    counts: HashMap<Content, usize>,
}

/// Counts that are kept. When there are more, all are let go: that is rare, and simple.
const KEPT_MAX: usize = 1 << 16;

impl<'a> Changed<'a> {
    /// Asks about what is looked for, in the history that the graph tells.
    #[must_use]
    pub fn new(graph: &'a Graph, store: &'a Store, looking: &'a Looking) -> Self {
        Self { graph, store, looking, counts: HashMap::new() }
    }

    /// The files in which a seal has it more or less often than the seal it was made from. A file that only moved is
    /// none of them. What a merge brought together was changed by the seals it came from, so a merge changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// The history or a file can not be read.
    pub fn paths(&mut self, row: Row) -> Result<Vec<RepoPath>, FindError> {
        let parents: Vec<Row> = self.graph.parents(row)?.collect();
        let Some(tree) = self.graph.tree(row)? else { return Ok(Vec::new()) };
        let before = match parents[..] {
            [] => None,
            [parent] => match self.graph.tree(parent)? {
                Some(tree) => Some(tree),
                None => return Ok(Vec::new()),
            },
            _ => return Ok(Vec::new()),
        };
        let full = |tree: Option<TreeId>| tree.filter(|tree| *tree != empty_tree());
        let filter = &self.looking.filter;
        let changes = TreeChanges::new(self.store, full(before), full(Some(tree)), filter);
        let changes: Vec<TreeChange> = changes.collect::<Result<_, _>>()?;
        let mut moved: HashMap<Content, isize> = HashMap::new();
        for change in &changes {
            for (node, step) in [(&change.before, -1), (&change.after, 1)] {
                if let Some(content) = node.as_ref().and_then(content) {
                    *moved.entry(content).or_default() += step;
                }
            }
        }
        let mut paths = Vec::new();
        for change in changes {
            let mut count = |node: Option<&Node>| match node.and_then(content) {
                Some(content) if moved.get(&content) != Some(&0) => self.count(content),
                Some(_) | None => Ok(0),
            };
            if count(change.before.as_ref())? != count(change.after.as_ref())? {
                paths.push(change.path);
            }
        }
        Ok(paths)
    }

    fn count(&mut self, content: Content) -> Result<usize, ReadError> {
        if let Some(count) = self.counts.get(&content) {
            return Ok(*count);
        }
        let bytes = bytes_of(self.store, content)?.filter(|bytes| !is_binary(bytes));
        let count = bytes.map_or(0, |bytes| self.looking.pattern.count(&bytes));
        if self.counts.len() == KEPT_MAX {
            self.counts.clear();
        }
        self.counts.insert(content, count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Letters, Syntax, Words};

    fn looking(around: (usize, usize)) -> Looking {
        let pattern = Pattern::new("x+", Syntax::Expression, Letters::AsWritten, Words::Any);
        Looking { pattern: pattern.unwrap(), filter: PathFilter::default(), around }
    }

    fn told(text: &str, around: (usize, usize)) -> String {
        let lines = looking(around).lines(text.as_bytes());
        let told = lines.iter().map(|line| {
            let sign = if line.hit.is_some() { ':' } else { '-' };
            format!("{}{sign}{}", line.number, String::from_utf8_lossy(&line.bytes))
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_are_told_with_those_around_them_once() {
        let table = [
            ("a\nx\nb\n", (0, 0), "2:x"),
            ("a\nx\nb\n", (1, 1), "1-a 2:x 3-b"),
            ("x\nb\nx", (1, 1), "1:x 2-b 3:x"),
            ("x\n\n\nxx", (9, 0), "1:x 2- 3- 4:xx"),
            ("1\n2\n3\nx\n5\n6", (2, 1), "2-2 3-3 4:x 5-5"),
            ("none\n", (1, 1), ""),
        ];
        for (text, around, expected) in table {
            assert_eq!(told(text, around), expected, "{text:?}");
        }
    }

    #[test]
    fn where_it_stands_in_the_line_is_told() {
        let lines = looking((0, 0)).lines(b"a xx x\n");
        assert_eq!(lines[0].hit, Some(2..4));
    }
}
