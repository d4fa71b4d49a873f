//! What became on disk of paths that are in conflict.

use std::io::{self, Read};

use selkie_store::{Conflict, ConflictId, Node, ReadError, RepoPath, Store};
use thiserror::Error;

use crate::conflict::{Shown, shown};
use crate::markers::{self, read};
use crate::text::lines::Text;
use crate::tree::fuse::content::Part;
use crate::work::disk::{Kept, has_pairs, node_of};
use crate::work::door::Door;
use crate::work::reach::Reach;
use crate::work::stat::Form;

/// A path in conflict, and what somebody did about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unsettled {
    pub(crate) path: RepoPath,
    pub(crate) id: ConflictId,
    pub(crate) conflict: Conflict,
    /// What the disk shows of it if nobody touched it.
    pub(crate) shown: Shown,
    pub(crate) found: Found,
}

impl Unsettled {
    /// The parts of its text, as somebody left them; those of the conflict if no marker of theirs can be read.
    pub(crate) fn parts(&self) -> Option<Vec<Part>> {
        match (&self.found, &self.shown) {
            (Found::Marked(parts), _) => Some(parts.clone()),
            (_, Shown::Marked(marked)) => match read(&marked.bytes, marked.length) {
                markers::Read::Open(parts) => Some(parts),
                markers::Read::Torn | markers::Read::Settled => None,
            },
            (_, Shown::Side(_) | Shown::Nothing) => None,
        }
    }
}

/// What the disk has where a conflict is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// What it shows of the conflict, markers and all if there are any.
    AsShown,
    /// A text with fewer markers, or other lines between them.
    Marked(Vec<Part>),
    /// A text with some marker that does not fit the others.
    Torn,
    /// A file in which no marker is left.
    Unmarked,
    /// Something else than what it shows, where it shows no markers.
    Other,
    /// Nothing.
    Nothing,
}

/// Why it can not be told.
#[derive(Debug, Error)]
pub enum UnsettledError {
    /// The path can not be looked at.
    #[error("{path} can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// The conflict can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Looks at these paths.
pub(crate) fn unsettled(
    store: &Store,
    top: &Door,
    conflicts: Vec<(RepoPath, ConflictId)>,
) -> Result<Vec<Unsettled>, UnsettledError> {
    let mut reach = Reach::new(top);
    let look = |(path, id)| {
        let conflict = store.load(id)?;
        let shown = shown(store, &conflict)?;
        let found = look(&mut reach, &path, &shown);
        let found = found.map_err(|source| UnsettledError::Disk { path: path.clone(), source })?;
        Ok(Unsettled { path, id, conflict, shown, found })
    };
    conflicts.into_iter().map(look).collect()
}

fn look(reach: &mut Reach, path: &RepoPath, shown: &Shown) -> io::Result<Found> {
    let Some(stat) = reach.look(path)? else { return Ok(nothing(shown)) };
    match shown {
        Shown::Marked(marked) if matches!(stat.form, Form::File | Form::Executable) => {
            let kept = Kept::at(reach, path, None, || Ok(has_pairs(&marked.bytes)))?;
            let Some((file, _)) = kept else { return Ok(nothing(shown)) };
            let mut bytes = Vec::new();
            file.take(LEN_MAX).read_to_end(&mut bytes)?;
            Ok(match read(&bytes, marked.length) {
                _ if bytes == marked.bytes => Found::AsShown,
                markers::Read::Open(parts) => Found::Marked(parts),
                markers::Read::Torn => Found::Torn,
                markers::Read::Settled => Found::Unmarked,
            })
        }
        Shown::Side(node) => {
            let found = node_of(reach, path, &stat, Some(node), &mut Vec::new())?;
            let is_same = found.is_some_and(|(found, _): (Node, _)| found == *node);
            Ok(if is_same { Found::AsShown } else { Found::Other })
        }
        Shown::Marked(_) | Shown::Nothing => Ok(Found::Other),
    }
}

const fn nothing(shown: &Shown) -> Found {
    match shown {
        Shown::Nothing => Found::AsShown,
        Shown::Marked(_) | Shown::Side(_) => Found::Nothing,
    }
}

/// More bytes than a text has.
const LEN_MAX: u64 = Text::LEN_MAX as u64 + 1;
