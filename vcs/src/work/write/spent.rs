//! Which temporary files of a killed command hold nothing of worth.
//!
//! Such a file is what was to be written, whole or as far as it came, or what was replaced and had to be looked at
//! once more. In the last case somebody may have edited it in the moment before, and nothing else has that edit. So only
//! what the store has goes, and what begins as something that was being written.

use std::io::{self, Read};

use selkie_store::{Content, Kind, Node, ObjectId, Parts, ReadError, Store};

use crate::text::returns::WithReturns;
use crate::work::door::Door;
use crate::work::index::against::Difference;
use crate::work::reach::Reach;
use crate::work::stat::Form;
use crate::work::status::Litter;

/// The litter that may go when these paths were on their way from the one node to the other.
pub(crate) fn spent(
    store: &Store,
    top: &Door,
    litter: Vec<Litter>,
    differences: &[Difference],
) -> io::Result<Vec<Litter>> {
    let mut reach = Reach::new(top);
    let mut spent = Vec::new();
    for found in litter {
        let is_spent = is_spent(store, &mut reach, &found, differences)?;
        if is_spent {
            spent.push(found);
        }
    }
    Ok(spent)
}

fn is_spent(
    store: &Store,
    reach: &mut Reach,
    Litter { folder, name }: &Litter,
    differences: &[Difference],
) -> io::Result<bool> {
    let name = name.as_bytes();
    let Some(door) = reach.directory(folder.as_str())? else { return Ok(false) };
    let Some(stat) = door.look(name)? else { return Ok(false) };
    let is_held = |id: ObjectId| store.has(&id).map_err(io::Error::other);
    match stat.form {
        Form::Symlink => is_held(ObjectId::of(Kind::Blob, &door.target(name)?)),
        Form::File | Form::Executable => {
            let content = Content::identify(door.read(name)?.0, &mut Vec::new())?;
            let id = match content {
                Content::Whole(id) => id.object(),
                Content::Chunked(id) => id.object(),
            };
            if is_held(id)? {
                return Ok(true);
            }
            let ways = differences.iter().flat_map(|way| [&way.after, &way.before]);
            for content in ways.flatten().filter_map(content_of) {
                // Its lines may end as they do on disk.
                for returns in [None, Some(WithReturns::default())] {
                    if begins(store, door.read(name)?.0, (content, returns))? {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        }
        Form::Directory | Form::Other => Ok(false),
    }
}

const fn content_of(node: &Node) -> Option<Content> {
    match node {
        Node::File(content) | Node::Executable(content) => Some(*content),
        Node::Symlink(target) => Some(Content::Whole(*target)),
        Node::Directory(_) | Node::Foreign(_) | Node::Conflict(_) => None,
    }
}

/// Whether the content begins as the file does. One that can not be read begins as nothing does.
fn begins(
    store: &Store,
    mut file: impl Read,
    (content, mut returns): (Content, Option<WithReturns>),
) -> io::Result<bool> {
    for part in Parts::new(store, content) {
        let part = match part {
            Ok(part) => part,
            Err(ReadError::Absent(_) | ReadError::Damaged(_)) => return Ok(false),
            Err(error) => return Err(io::Error::other(error)),
        };
        let part = match &mut returns {
            Some(returns) => returns.next(&part),
            None => part,
        };
        let mut here = Vec::new();
        file.by_ref().take(part.len() as u64).read_to_end(&mut here)?;
        if !part.starts_with(&here) {
            return Ok(false);
        }
        if here.len() < part.len() {
            return Ok(true);
        }
    }
    Ok(file.read(&mut [0])? == 0)
}
