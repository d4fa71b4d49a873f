//! The rules that names in a directory are judged by.

use crate::ignore::Ignore;
use crate::ignore::list::PatternList;
use crate::ignore::pattern::Shape;
use crate::work::door::Door;
use crate::work::index::memory::{Memory, Remembered};
use crate::work::pattern_file::pattern_files;
use crate::work::scan::finds::Finds;
use crate::work::stat::Stat;

#[derive(Clone, Debug)]
pub(super) enum Rules {
    /// Lines decide.
    Judge(Ignore),
    /// The directory is ignored, and so is everything in it. The stamp is that of the rules that said so.
    AllIgnored([u8; 16]),
}

impl Rules {
    /// The rules in the directory `name` of the one that these hold in, whose own files say `own`. A `memory`
    /// of it saves judging the directory itself again.
    pub(super) fn inside(
        self,
        name: &[u8],
        own: Vec<PatternList>,
        memory: Option<&Memory>,
    ) -> Self {
        let outer = match self {
            Self::AllIgnored(_) => return self,
            Self::Judge(outer) => outer,
        };
        let remembered = memory.filter(|memory| memory.all_ignored);
        if remembered.is_some_and(|memory| memory.stamp == outer.stamp()) {
            return Self::AllIgnored(outer.stamp());
        }
        if name.is_empty() {
            return Self::Judge(outer.with(own));
        }
        let inner = Self::Judge(outer.enter(name).with(own));
        let is_as_judged = memory.is_some_and(|memory| inner.judged(memory));
        if !is_as_judged && outer.ignores(name, Shape::Directory) {
            return Self::AllIgnored(outer.stamp());
        }
        inner
    }

    /// Whether what is remembered was judged by these rules.
    pub(super) fn judged(&self, memory: &Memory) -> bool {
        let (stamp, all_ignored) = self.stamp();
        memory.stamp == stamp && memory.all_ignored == all_ignored
    }

    pub(super) fn ignores(&self, name: &[u8], shape: Shape) -> bool {
        match self {
            Self::Judge(ignore) => ignore.ignores(name, shape),
            Self::AllIgnored(_) => true,
        }
    }

    pub(super) fn memory(&self, stat: &Stat, names: Vec<Remembered>) -> Memory {
        let (stamp, all_ignored) = self.stamp();
        let Stat { modified_ns, changed_ns, inode, .. } = *stat;
        Memory { modified_ns, changed_ns, inode, stamp, all_ignored, names }
    }

    fn stamp(&self) -> ([u8; 16], bool) {
        match self {
            Self::Judge(ignore) => (ignore.stamp(), false),
            Self::AllIgnored(stamp) => (*stamp, true),
        }
    }
}

/// The files of patterns in a directory. `has` tells whether a file is in it.
pub(super) fn files_in(
    door: &Door,
    path: &str,
    has: impl Fn(&[u8]) -> bool,
    finds: &mut Finds,
) -> Vec<PatternList> {
    pattern_files(door, path, has).filter_map(|file| finds.or_unread(path, file)).collect()
}
