//! What of a git repository can not be kept, or not be used.

use std::io;
use std::path::PathBuf;

use selkie_store::{NameError, PathError, SealId};
use thiserror::Error;

use crate::git::id::{GitId, GitKind};
use crate::rev::name::RefNameError;
use crate::verb::trouble::Trouble;

/// Why a folder is not used as a repository of git. Nothing was changed, here or there.
#[derive(Debug, Error)]
pub enum GitPlaceError {
    /// There is none.
    #[error("'{0}' is no repository of git")]
    None(PathBuf),
    /// Its objects are named by another hash.
    #[error("its objects are named by {0}, and only SHA-1 is understood")]
    Hash(String),
    /// It keeps its refs in another way.
    #[error("it keeps its refs as '{0}', and only files are understood")]
    Refs(String),
    /// It says that whoever does not know this must stay away.
    #[error("it needs '{0}', which is not understood")]
    Extension(String),
    /// Its history is cut off.
    #[error("it is shallow: its history does not go back to the beginning")]
    Shallow,
    /// Objects of it are elsewhere.
    #[error("it is a partial clone: some of its objects are elsewhere")]
    Partial,
    /// Its parents are told otherwise than its commits say.
    #[error("it has grafts: its history is told otherwise than its commits say")]
    Grafts,
    /// Files of it are not on disk on purpose.
    #[error("it is sparse: some of its files are not on disk")]
    Sparse,
    /// Something of it can not be read or written.
    #[error("'{path}' can not be used")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Gitoxide can not read or write something of it.
    #[error("it can not be used: {0}")]
    Other(String),
}

/// Something that can not be kept, and where it is.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{place}: {why}")]
pub struct Problem {
    /// A ref, or a commit and a path in it.
    pub place: String,
    /// Why.
    pub why: Unkept,
}

/// Why something can not be kept.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Unkept {
    /// No tree holds such a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No tree is so deep.
    #[error(transparent)]
    Path(#[from] PathError),
    /// No timeline and no tag may have such a name.
    #[error(transparent)]
    Ref(#[from] RefNameError),
    /// The name is one that other refs have here.
    #[error("the name of a branch does not begin with `refs/`")]
    Branch,
    /// It is neither a file nor a folder, nor anything else that git knows.
    #[error("mode {0} means nothing")]
    Mode(String),
    /// Two things have one name.
    #[error("the name stands there twice")]
    Twice,
    /// The target of a link is longer than any path.
    #[error("the target of the link is too long")]
    LongLink,
    /// An object makes no sense.
    #[error("the {0} {1} makes no sense")]
    Senseless(GitKind, GitId),
    /// An object is of another kind than what leads to it says.
    #[error("{0} is no {1}")]
    Kind(GitId, GitKind),
    /// A commit came from more than a seal can come from.
    #[error("a seal has at most 255 parents, not {0}")]
    Parents(usize),
    /// What leads here is no commit.
    #[error("it stands at a {0}, and names stand at commits")]
    Stand(GitKind),
    /// An object that is larger than any here.
    #[error("the {0} {1} is too large")]
    Large(GitKind, GitId),
    /// An object that is named is not in the repository.
    #[error("object {0} is missing there")]
    Missing(GitId),
    /// An object was damaged.
    #[error("object {0} is damaged there")]
    Damaged(GitId),
    /// A commit it came from can not be kept.
    #[error("it leads to what can not be kept")]
    Leads,
}

/// Why nothing was imported or exported. Names are as they were, on both sides; objects that came are reached by nothing.
#[derive(Debug, Error)]
pub enum GitError {
    /// The repository of git can not be used.
    #[error(transparent)]
    Place(#[from] GitPlaceError),
    /// Not all can be kept, and nobody said that the rest will do.
    #[error("not all of it can be kept")]
    Unkept(Vec<Problem>),
    /// Neither a branch nor a tag is there.
    #[error("there is nothing to bring")]
    Nothing,
    /// There is no timeline and no tag of this name.
    #[error("there is no timeline and no tag '{0}'")]
    Unknown(String),
    /// A timeline of this name is private here.
    #[error("timeline '{0}' is private")]
    Private(String),
    /// A branch has one commit for its tip.
    #[error("timeline '{0}' has diverged, and a branch has one tip")]
    Diverged(String),
    /// A conflict is nothing that git has.
    #[error("'{path}' is in conflict in seal {seal}")]
    Conflict {
        /// Where it is sealed.
        seal: SealId,
        /// Which file.
        path: String,
    },
    /// Something of another system that git does not know.
    #[error("'{path}' is nothing that git knows in seal {seal}")]
    Foreign {
        /// Where it is sealed.
        seal: SealId,
        /// Which path.
        path: String,
    },
    /// The repository of git can not be written. Its names are where they were.
    #[error("the repository of git can not be read or written")]
    Target(#[source] io::Error),
    /// Names would lose commits that are not known here.
    #[error("these would lose what only they lead to: {}", .0.join(", "))]
    Losing(Vec<String>),
    /// Somebody has the files of these branches there.
    #[error("checked out there: {}", .0.join(", "))]
    CheckedOut(Vec<String>),
    /// Somebody else changed names there meanwhile.
    #[error("its names were changed meanwhile, or can not be: {0}")]
    Moved(String),
    /// The clone goes with no repository of git.
    #[error("this clone is not linked with a git repository")]
    Unlinked,
    /// It goes with one already.
    #[error("this clone is linked with its git repository already")]
    Linked,
    /// The repository of git that it went with is not there any more, or another stands there.
    #[error("the git repository that this clone is linked with is gone")]
    Gone,
    /// Git began something here and has not come to its end.
    #[error("git is in the middle of a {0} here")]
    Underway(&'static str),
    /// Somebody else writes to the repository of git, or was killed and left this file behind.
    #[error("'{0}' is there: another program of git is at work, or was killed and left it")]
    Locked(PathBuf),
    /// Whoever watched wanted no more.
    #[error("it was stopped")]
    Stopped,
    /// What was translated already can not be written down.
    #[error("what was translated can not be noted")]
    Pairs(#[source] io::Error),
    /// The store or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for GitError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
