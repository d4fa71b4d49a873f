//! The objects of a git repository.

use gix_object::{Exists, Find, Kind};
use gix_odb::store::init::Options;
use gix_odb::{Handle, at_opts};
use gix_pack::cache::lru::MemoryCappedHashmap;

use crate::git::id::{GitId, GitKind};
use crate::git::place::GitPlace;
use crate::git::problem::{GitPlaceError, Unkept};

/// The objects in one repository. What is read hashes to its id.
pub(crate) struct Objects {
    handle: Handle,
    // Knows what was there at first: who looks for what is not there would look at the folder each time.
    still: Handle,
}

/// Bases of deltas are kept in so much memory.
const CACHE_LEN: usize = 96 << 20;

/// The largest object that is read. It is in memory whole, as it is with git.
const OBJECT_MAX: usize = 2 << 30;

impl Objects {
    pub(crate) fn open(place: &GitPlace) -> Result<Self, GitPlaceError> {
        let path = place.common.join("objects");
        let options = Options { alloc_limit_bytes: Some(OBJECT_MAX), ..Options::default() };
        // Objects are what they are called, whatever else stands in `refs/replace`.
        let handle = at_opts(&path, gix_hash::Kind::Sha1, [], options)
            .map_err(|source| GitPlaceError::Io { path, source })?;
        let handle = handle.with_pack_cache(|| Box::new(MemoryCappedHashmap::new(CACHE_LEN)));
        let mut still = handle.clone();
        still.refresh_never();
        Ok(Self { handle, still })
    }

    /// Whether the object was there when the repository was opened.
    pub(crate) fn has(&self, id: GitId) -> bool {
        self.still.exists(&id.sha1())
    }

    /// The object of this kind, put into `buffer`.
    pub(crate) fn read<'b>(
        &self,
        id: GitId,
        kind: GitKind,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Unkept> {
        match self.read_any(id, buffer)? {
            (found, bytes) if found == kind => Ok(bytes),
            _ => Err(Unkept::Kind(id, kind)),
        }
    }

    pub(crate) fn read_any<'b>(
        &self,
        id: GitId,
        buffer: &'b mut Vec<u8>,
    ) -> Result<(GitKind, &'b [u8]), Unkept> {
        // Whatever stops gitoxide from reading it: the bytes are not there as they should be.
        let found =
            self.handle.try_find(&id.sha1(), buffer).map_err(|_broken| Unkept::Damaged(id))?;
        let found = found.ok_or(Unkept::Missing(id))?;
        let kind = match found.kind {
            Kind::Commit => GitKind::Commit,
            Kind::Tree => GitKind::Tree,
            Kind::Blob => GitKind::Blob,
            Kind::Tag => GitKind::Tag,
        };
        if GitId::of(kind, found.data) != Some(id) {
            return Err(Unkept::Damaged(id));
        }
        Ok((kind, found.data))
    }
}
