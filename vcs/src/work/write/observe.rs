//! What is on disk where something is to change.

use std::collections::{HashMap, HashSet};
use std::io;

use selkie_store::{ConflictId, Node, ReadError, RepoPath, Store};
use thiserror::Error;

use crate::conflict::{Shown, shown};
use crate::work::disk::node_of;
use crate::work::door::Door;
use crate::work::index::Index;
use crate::work::index::against::Difference;
use crate::work::index::row::Sight;
use crate::work::markings::Marking;
use crate::work::reach::Reach;
use crate::work::stat::{Form, Stat};

/// A path that is to change, with what is on disk there.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The path.
    pub path: RepoPath,
    /// What the disk shows there if nobody changed it.
    pub before: Option<Node>,
    /// What the disk is to show there.
    pub after: Option<Node>,
    /// How the text of a conflict is marked, if `after` is one: no object has it.
    pub marked: Option<Marking>,
    /// What the disk shows there.
    pub disk: OnDisk,
}

/// What the disk shows at a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnDisk {
    /// Nothing.
    Nothing,
    /// What a tree can hold.
    Node(Stat, Node),
    /// A directory, and whether everything in it is to go.
    Directory(Leaving),
    /// A pipe, a socket, a device.
    Other,
    /// A file or link at this path, above the one in question.
    Above(RepoPath),
}

/// What becomes of the things in a directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leaving {
    /// All of them go.
    All,
    /// Some stay: nobody said that they go.
    NotAll,
}

/// Why the disk can not be observed. Nothing was changed.
#[derive(Debug, Error)]
pub enum ObserveError {
    /// A path can not be looked at.
    #[error("{path} can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// A conflict can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Looks at every path that is to change, and at no other: what both trees have alike is carried whatever
/// it is, so a switch needs no scan. What the index saw of a path, it need not read again.
///
/// # Errors
///
/// A path can not be looked at.
pub fn observe(
    store: &Store,
    top: &Door,
    index: &Index,
    differences: &[Difference],
) -> Result<Vec<Observed>, ObserveError> {
    let leaves = |difference: &&Difference| difference.before.is_some();
    let leaving = differences.iter().filter(leaves).map(|difference| difference.path.as_str());
    let mut look = Look {
        index,
        reach: Reach::new(top),
        leaving: leaving.collect(),
        shown: HashMap::new(),
        buffer: Vec::new(),
    };
    let observe = |Difference { path, before, after }: &Difference| {
        let (before, _) = look.shown(store, before.as_ref())?;
        let (after, marked) = look.shown(store, after.as_ref())?;
        let disk = look.at(path, before.as_ref());
        let disk = disk.map_err(|source| ObserveError::Disk { path: path.clone(), source })?;
        Ok(Observed { path: path.clone(), before, after, marked, disk })
    };
    differences.iter().map(observe).collect()
}

struct Look<'a> {
    index: &'a Index,
    reach: Reach<'a>,
    /// Paths that have something, which goes or is replaced.
    leaving: HashSet<&'a str>,
    shown: HashMap<ConflictId, (Option<Node>, Option<Marking>)>,
    buffer: Vec<u8>,
}

impl Look<'_> {
    /// What the disk shows of a node, and how that is marked if it is the text of a conflict.
    fn shown(
        &mut self,
        store: &Store,
        node: Option<&Node>,
    ) -> Result<(Option<Node>, Option<Marking>), ReadError> {
        let Some(Node::Conflict(id)) = node else { return Ok((node.cloned(), None)) };
        if let Some(shown) = self.shown.get(id) {
            return Ok(shown.clone());
        }
        let shown = match shown(store, &store.load(*id)?)? {
            Shown::Marked(marked) => (Some(marked.node()), Some(Marking::of(*id, &marked))),
            Shown::Side(node) => (Some(node), None),
            Shown::Nothing => (None, None),
        };
        self.shown.insert(*id, shown.clone());
        Ok(shown)
    }

    fn at(&mut self, path: &RepoPath, before: Option<&Node>) -> io::Result<OnDisk> {
        if before.is_none() && self.leaving.contains(path.as_str()) {
            // A file that becomes an empty directory is two differences, and what is there is the other's.
            return Ok(OnDisk::Nothing);
        }
        let Some((door, name)) = self.reach.parent(path)? else { return self.above(path) };
        let Some(stat) = door.look(name)? else { return Ok(OnDisk::Nothing) };
        if let Some(before) = before
            && let Some((Sight::Same, seen)) =
                self.index.find(path).and_then(|row| self.index.seen(row))
            && seen == stat
        {
            return Ok(OnDisk::Node(stat, before.clone()));
        }
        match stat.form {
            Form::Directory => {
                let leaving =
                    door.enter(name).and_then(|door| self.all_leaves(&door, path.as_str()));
                Ok(OnDisk::Directory(leaving?))
            }
            Form::Other => Ok(OnDisk::Other),
            Form::File | Form::Executable | Form::Symlink => {
                let node = node_of(&mut self.reach, path, &stat, before, &mut self.buffer)?;
                Ok(node.map_or(OnDisk::Other, |(node, stat)| OnDisk::Node(stat, node)))
            }
        }
    }

    /// What is in the way to a path whose directory is not there.
    fn above(&mut self, path: &RepoPath) -> io::Result<OnDisk> {
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| !folder.is_top()) {
            if let Some(stat) = self.reach.look(&folder)? {
                let makes_room =
                    stat.form == Form::Directory || self.leaving.contains(folder.as_str());
                return Ok(if makes_room { OnDisk::Nothing } else { OnDisk::Above(folder) });
            }
            above = folder.parent();
        }
        Ok(OnDisk::Nothing)
    }

    fn all_leaves(&self, door: &Door, path: &str) -> io::Result<Leaving> {
        for listed in door.list()? {
            let Ok(name) = std::str::from_utf8(&listed.name) else { return Ok(Leaving::NotAll) };
            let path = format!("{path}/{name}");
            let is_directory = listed.form == Some(Form::Directory);
            let leaves = self.leaving.contains(path.as_str())
                || (is_directory
                    && self.all_leaves(&door.enter(&listed.name)?, &path)? == Leaving::All);
            if !leaves {
                return Ok(Leaving::NotAll);
            }
        }
        Ok(Leaving::All)
    }
}
