//! What becomes of files, as a patch that other programs read.

use selkie_store::{Node, RepoPath};

use crate::rename::Origin;
use crate::text::compare::{Comparing, LineCount, OddBytes, compare_lines};
use crate::text::heading::Heading;
use crate::text::hunk::{Fate, Hunk};
use crate::text::lines::{Text, is_binary};

pub(crate) mod parse;
mod render;
#[cfg(test)]
mod tests;

/// What becomes of one file.
///
/// At least one of `before` and `after` is there, and both are of one type: a file that becomes a
/// symbolic link is two patches, as in git.
///
/// [`FilePatch::to_bytes`] spells it and [`parse_patch`](crate::parse_patch) reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FilePatch<'a> {
    /// What it was, if it was.
    pub before: Option<PatchSide>,
    /// What it becomes, if it stays.
    pub after: Option<PatchSide>,
    /// Whether it went from one path to another.
    pub origin: Origin,
    /// What becomes of its content.
    pub body: PatchBody<'a>,
}

/// A file on one side of a patch.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PatchSide {
    /// Where it is.
    pub path: RepoPath,
    /// What it is. A patch of another program need not say.
    pub mode: Option<FileMode>,
}

/// What a file is, as far as patches know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FileMode {
    /// A file.
    Plain,
    /// A file that may be run.
    Executable,
    /// A symbolic link: its content is its target.
    Symlink,
    /// Something of another system, with the mode it has there.
    Foreign(u32),
}

/// What becomes of a content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PatchBody<'a> {
    /// It is no text, and changes.
    Binary,
    /// These lines change. No hunks: nothing does.
    Hunks(Vec<Hunk<'a>>),
}

/// A file and its content, to make a patch from.
#[derive(Clone, Debug)]
pub struct FileVersion<'a> {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    pub mode: FileMode,
    /// What it holds. For a symbolic link its target, for something foreign what git would show.
    pub bytes: &'a [u8],
}

impl FileMode {
    /// How patches show such a node. They know no directories and no conflicts.
    #[must_use]
    pub const fn of(node: &Node) -> Option<Self> {
        match node {
            Node::File(_) => Some(Self::Plain),
            Node::Executable(_) => Some(Self::Executable),
            Node::Symlink(_) => Some(Self::Symlink),
            Node::Foreign(foreign) => Some(Self::Foreign(foreign.mode)),
            Node::Directory(_) | Node::Conflict(_) => None,
        }
    }

    /// The number that stands for it in a patch, in octal digits.
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Plain => 0o100_644,
            Self::Executable => 0o100_755,
            Self::Symlink => 0o120_000,
            Self::Foreign(mode) => mode,
        }
    }

    pub(crate) const fn from_number(number: u32) -> Self {
        match number {
            0o100_755 => Self::Executable,
            0o120_000 => Self::Symlink,
            // git writes no other mode for a file, and once wrote this one.
            0o100_644 | 0o100_664 => Self::Plain,
            _ => Self::Foreign(number),
        }
    }

    /// Whether the one can become the other in place.
    pub(crate) const fn is_same_type(self, other: Self) -> bool {
        self.number() >> 12 == other.number() >> 12
    }
}

impl<'a> FilePatch<'a> {
    /// What makes one version of a file into another, with so many lines around each change.
    ///
    /// Nothing, if both are the same; two patches, if one is a file and the other a link.
    #[must_use]
    pub fn between(
        before: Option<FileVersion<'a>>,
        after: Option<FileVersion<'a>>,
        origin: Origin,
        how: Comparing,
        context: usize,
    ) -> Vec<Self> {
        if let (Some(one), Some(other)) = (&before, &after)
            && !one.mode.is_same_type(other.mode)
        {
            let gone = Self::single(before, None, Origin::Same, how, context);
            let come = Self::single(None, after, Origin::Same, how, context);
            return gone.into_iter().chain(come).collect();
        }
        Self::single(before, after, origin, how, context).into_iter().collect()
    }

    /// How many lines come and go.
    #[must_use]
    pub fn count(&self) -> LineCount {
        let hunks = match &self.body {
            PatchBody::Binary => &[][..],
            PatchBody::Hunks(hunks) => hunks,
        };
        let lines = hunks.iter().flat_map(|hunk| &hunk.lines);
        lines.fold(LineCount::default(), |count, line| match line.fate {
            Fate::Kept => count,
            Fate::Removed => LineCount { removed: count.removed + 1, ..count },
            Fate::Added => LineCount { added: count.added + 1, ..count },
        })
    }

    /// The patch that takes back what this one does. Nothing for a copy: to take it back is to remove a file
    /// whose content the patch does not hold.
    #[must_use]
    pub fn reversed(&self) -> Option<Self> {
        let body = match &self.body {
            PatchBody::Binary => PatchBody::Binary,
            PatchBody::Hunks(hunks) => PatchBody::Hunks(hunks.iter().map(Hunk::reversed).collect()),
        };
        let (before, after) = (self.after.clone(), self.before.clone());
        let is_copy = matches!(self.origin, Origin::Copied { .. });
        (!is_copy).then_some(Self { before, after, origin: self.origin, body })
    }

    fn single(
        before: Option<FileVersion<'a>>,
        after: Option<FileVersion<'a>>,
        origin: Origin,
        how: Comparing,
        context: usize,
    ) -> Option<Self> {
        let bytes = |side: &Option<FileVersion<'a>>| side.as_ref().map_or(&b""[..], |s| s.bytes);
        let (old, new) = (bytes(&before), bytes(&after));
        let path = after.as_ref().or(before.as_ref())?.path.clone();
        let body = match (Text::new(old), Text::new(new)) {
            _ if old == new => PatchBody::Hunks(Vec::new()),
            (Ok(one), Ok(other))
                if how.odd == OddBytes::Lines || !(is_binary(old) || is_binary(new)) =>
            {
                let heading = Heading::of(path.as_str());
                PatchBody::Hunks(
                    compare_lines(&one, &other, how).hunks(&one, &other, context, heading),
                )
            }
            _ => PatchBody::Binary,
        };
        let side = |FileVersion { path, mode, .. }| PatchSide { path, mode: Some(mode) };
        let patch = Self { before: before.map(side), after: after.map(side), origin, body };
        (patch.before != patch.after || patch.body != PatchBody::Hunks(Vec::new())).then_some(patch)
    }
}
