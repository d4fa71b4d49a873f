//! The names in a git repository.

use std::collections::BTreeMap;

use gix_hash::Kind;
use gix_ref::file::Store;
use gix_ref::store::WriteReflog;
use gix_ref::store::init::Options;
use gix_ref::{FullName, Target};

use crate::git::id::GitId;
use crate::git::place::GitPlace;
use crate::git::problem::GitPlaceError;

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

/// Whether git allows this name.
pub(crate) fn is_name(name: &str) -> bool {
    FullName::try_from(name).is_ok()
}

pub(super) fn unread(error: &dyn ToString) -> GitPlaceError {
    GitPlaceError::Other(error.to_string())
}

pub(super) fn open(place: &GitPlace) -> Store {
    // Who moved a branch stands in its log with a name and a time, and there is none here.
    let options = Options { write_reflog: WriteReflog::Disable, ..Options::default() };
    Store::for_linked_worktree_opts(place.own.clone(), place.common.clone(), Kind::Sha1, options)
}
