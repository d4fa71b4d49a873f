//! The names in a git repository.

use std::collections::BTreeMap;

use gix_hash::Kind;
use gix_lock::acquire::Fail;
use gix_ref::file::Store;
use gix_ref::store::WriteReflog;
use gix_ref::store::init::Options;
use gix_ref::transaction::{PreviousValue, RefEdit};
use gix_ref::{FullName, Target};

use crate::git::id::GitId;
use crate::git::locks::{PACKED_PATIENCE, PATIENCE, in_the_way};
use crate::git::place::GitPlace;
use crate::git::problem::{GitError, GitPlaceError};

/// A name that is to be moved, if it is where it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RefMove {
    pub(crate) name: String,
    pub(crate) before: Option<GitId>,
    /// Where to; nothing if it goes.
    pub(crate) after: Option<GitId>,
}

/// Where `HEAD` is to stand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HeadMove {
    /// On the branch of this whole name.
    Branch(String),
    /// At a commit.
    At(GitId),
}

/// Each ref that stands at an object, by its whole name. Names that are no UTF-8 are shown as well as that goes.
pub(crate) fn list(place: &GitPlace) -> Result<BTreeMap<String, GitId>, GitPlaceError> {
    let store = open(place);
    let platform = store.iter().map_err(|error| unread(&error))?;
    let mut refs = BTreeMap::new();
    for found in platform.all().map_err(|error| unread(&error))? {
        let found = found.map_err(|error| unread(&error))?;
        let name = String::from_utf8_lossy(found.name.as_bstr()).into_owned();
        if let Some(id) = stand(&store, found.target)? {
            refs.insert(name, id);
        }
    }
    Ok(refs)
}

/// The object that a ref stands at, be it by the name of another; nothing where that other is not there.
fn stand(store: &Store, mut target: Target) -> Result<Option<GitId>, GitPlaceError> {
    const LINKS_MAX: usize = 5;
    for _ in 0..LINKS_MAX {
        match target {
            Target::Object(id) => return Ok(GitId::of_sha1(&id)),
            Target::Symbolic(name) => {
                match store.try_find(name.as_ref()).map_err(|error| unread(&error))? {
                    Some(found) => target = found.target,
                    None => return Ok(None),
                }
            }
        }
    }
    Ok(None)
}

/// Moves all of these names, or none; `HEAD` of this working copy too, if somebody says where to.
pub(crate) fn perform(
    place: &GitPlace,
    moves: &[RefMove],
    head: Option<&HeadMove>,
) -> Result<(), GitError> {
    let moved = |error: &dyn ToString| GitError::Moved(error.to_string());
    let named = |name: &str| FullName::try_from(name).map_err(|error| moved(&error));
    let mut edits = Vec::new();
    for RefMove { name, before, after } in moves {
        let before = before.map(|before| Target::Object(before.sha1()));
        let name = named(name)?;
        edits.push(match (before, after) {
            (Some(before), Some(after)) => {
                let expected = PreviousValue::MustExistAndMatch(before);
                RefEdit::update(name, after.sha1(), expected, "")
            }
            (None, Some(after)) => {
                RefEdit::update(name, after.sha1(), PreviousValue::MustNotExist, "")
            }
            (Some(before), None) => RefEdit::delete(name, PreviousValue::MustExistAndMatch(before)),
            (None, None) => continue,
        });
    }
    if let Some(head) = head {
        let target = match head {
            HeadMove::Branch(name) => Target::Symbolic(named(name)?),
            HeadMove::At(id) => Target::Object(id.sha1()),
        };
        edits.push(RefEdit::update(named("HEAD")?, target, PreviousValue::Any, ""));
    }
    let [fail, packed_fail] = [PATIENCE, PACKED_PATIENCE].map(Fail::AfterDurationWithBackoff);
    let store = open(place);
    let transaction = store.transaction().prepare(edits, fail, packed_fail);
    let done = transaction.and_then(|ready| ready.commit(None));
    done.map(drop).map_err(|error| {
        let names = moves.iter().map(|it| it.name.as_str());
        let head = head.map(|_| "HEAD");
        in_the_way(place, names.chain(head)).map_or_else(|| moved(&error), GitError::Locked)
    })
}

/// Whether git allows this name.
pub(crate) fn is_name(name: &str) -> bool {
    FullName::try_from(name).is_ok()
}

fn unread(error: &dyn ToString) -> GitPlaceError {
    GitPlaceError::Other(error.to_string())
}

fn open(place: &GitPlace) -> Store {
    // Who moved a branch stands in its log with a name and a time, and there is none here.
    let options = Options { write_reflog: WriteReflog::Disable, ..Options::default() };
    Store::for_linked_worktree_opts(place.own.clone(), place.common.clone(), Kind::Sha1, options)
}
