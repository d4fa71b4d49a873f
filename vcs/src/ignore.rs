//! Which unknown files nobody wants to hear of: git's rules, from `.gitignore` and `.selkieignore`.
//!
//! Lists lie one in the other: those of the caller outermost, then the files of each folder from the top
//! down. The innermost list that says something decides, and in a list the last line. Beside each other
//! `.selkieignore` decides before `.gitignore`, so that what git must not know of can be said there.
//!
//! Names are compared as bytes, upper and lower case apart, on every system.

use std::sync::Arc;

use self::list::{PatternList, Verdict};
use self::pattern::Shape;

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod pattern;
#[cfg(test)]
mod tests;

/// The files of patterns in a folder, the one that decides first last.
pub const FILES: [&str; 2] = [".gitignore", ".selkieignore"];

/// The rules in force in one folder.
///
/// ```
/// use selkie_vcs::{Ignore, PatternList, Shape};
/// let top = Ignore::new(vec![PatternList::parse("mine", b"*.swp\n")]);
/// let top = top.with(vec![PatternList::parse(".gitignore", b"/out/\n")]);
/// let verdict = top.judge(b"out", Shape::Directory).unwrap();
/// assert_eq!((verdict.source.as_ref(), verdict.line), (".gitignore", 1));
/// let inner = top.enter(b"src");
/// assert!(inner.judge(b"out", Shape::Directory).is_none());
/// assert!(inner.judge(b"a.swp", Shape::File).unwrap().ignored);
/// ```
#[derive(Clone, Debug)]
pub struct Ignore {
    // The path of the folder, with a slash after each name.
    path: Vec<u8>,
    lists: Option<Arc<Level>>,
    stamp: [u8; 16],
}

/// The lists of one folder, and those of the folders around it.
#[derive(Debug)]
struct Level {
    lists: Vec<PatternList>,
    // Bytes of the folder's own path.
    base: usize,
    outer: Option<Arc<Level>>,
}

impl Ignore {
    /// The rules at the top, where only lists of the caller hold. Of two the later one decides.
    #[must_use]
    pub fn new(lists: Vec<PatternList>) -> Self {
        Self { path: Vec::new(), lists: None, stamp: [0; 16] }.with(lists)
    }

    /// The rules of this folder once its own files are read: see [`FILES`].
    #[must_use]
    pub fn with(mut self, lists: Vec<PatternList>) -> Self {
        if lists.iter().any(|list| !list.is_empty()) {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.stamp);
            lists.iter().for_each(|list| {
                hasher.update(list.digest());
            });
            hasher.finalize_xof().fill(&mut self.stamp);
            self.lists = Some(Arc::new(Level { lists, base: self.path.len(), outer: self.lists }));
        }
        self
    }

    /// The rules of the folder `name` in this one, before its own files are read.
    #[must_use]
    pub fn enter(&self, name: &[u8]) -> Self {
        let path = [&self.path, name, b"/"].concat();
        Self { path, lists: self.lists.clone(), stamp: self.stamp }
    }

    /// What decides about an entry of this folder, if any line does. In a folder that is ignored everything
    /// is: nobody looks into it, so no line takes its entries in again.
    #[must_use]
    pub fn judge(&self, name: &[u8], shape: Shape) -> Option<Verdict> {
        let path = [self.path.as_slice(), name].concat();
        let mut level = self.lists.as_deref();
        while let Some(Level { lists, base, outer }) = level {
            let decide = |list: &PatternList| list.judge(&path[*base..], name, shape);
            if let Some(verdict) = lists.iter().rev().find_map(decide) {
                return Some(verdict);
            }
            level = outer.as_deref();
        }
        None
    }

    /// What the lists in force say, line by line, those that decide first last.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let mut levels = Vec::new();
        let mut level = self.lists.as_deref();
        while let Some(Level { lists, outer, .. }) = level {
            levels.push(lists);
            level = outer.as_deref();
        }
        levels.into_iter().rev().flatten().flat_map(PatternList::verdicts).collect()
    }

    /// A hash over all lists in force. Two folders at one path with one stamp are judged alike.
    pub(crate) const fn stamp(&self) -> [u8; 16] {
        self.stamp
    }

    /// Whether an entry of this folder is ignored.
    #[must_use]
    pub fn ignores(&self, name: &[u8], shape: Shape) -> bool {
        self.judge(name, shape).is_some_and(|verdict| verdict.ignored)
    }
}
