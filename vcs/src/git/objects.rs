//! The objects of a git repository.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use gix_object::{Exists, Find, Kind};
use gix_odb::store::init::Options;
use gix_odb::{Handle, at_opts};
use gix_pack::cache::lru::MemoryCappedHashmap;

use crate::git::id::{GitId, GitKind};
use crate::git::place::GitPlace;
use crate::git::problem::{GitPlaceError, Unkept};

/// The objects in one repository. What is read hashes to its id.
pub(crate) struct Objects {
    path: PathBuf,
    opened: RefCell<Opened>,
}

/// Packs and loose objects, as they are read.
struct Opened {
    handle: Handle,
    // Knows what was there at first: who looks for what is not there would look at the folder each time.
    still: Handle,
    reads: usize,
}

/// Bases of deltas are kept in so much memory. Twice as much made no import of git's own history faster.
const CACHE_LEN: usize = 48 << 20;

/// The largest object that is read. It is in memory whole, as it is with git.
const OBJECT_MAX: usize = 2 << 30;

/// So many are read before packs are opened anew. They are mapped, and what was looked at of them counts as memory of ours until then.
const TURN: usize = 8 << 10;

impl Objects {
    pub(crate) fn open(place: &GitPlace) -> Result<Self, GitPlaceError> {
        let path = place.common.join("objects");
        match Opened::at(&path) {
            Ok(opened) => Ok(Self { path, opened: RefCell::new(opened) }),
            Err(source) => Err(GitPlaceError::Io { path, source }),
        }
    }

    /// Whether the object was there when the packs were opened.
    pub(crate) fn has(&self, id: GitId) -> bool {
        self.opened.borrow().still.exists(&id.sha1())
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
        let mut opened = self.opened.borrow_mut();
        opened.take_turn(&self.path);
        // Whatever stops gitoxide from reading it: the bytes are not there as they should be.
        let found = opened.handle.try_find(&id.sha1(), buffer);
        let found = found.map_err(|_broken| Unkept::Damaged(id))?;
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

impl Opened {
    fn at(path: &Path) -> io::Result<Self> {
        let options = Options { alloc_limit_bytes: Some(OBJECT_MAX), ..Options::default() };
        // Objects are what they are called, whatever else stands in `refs/replace`.
        let handle = at_opts(path, gix_hash::Kind::Sha1, [], options)?;
        let handle = handle.with_pack_cache(|| Box::new(MemoryCappedHashmap::new(CACHE_LEN)));
        let mut still = handle.clone();
        still.refresh_never();
        Ok(Self { handle, still, reads: 0 })
    }

    /// Opens it anew when it is time.
    fn take_turn(&mut self, path: &Path) {
        self.reads += 1;
        if self.reads > TURN {
            self.reads = 0;
            // What can not be opened anew is open still.
            if let Ok(opened) = Self::at(path) {
                *self = opened;
            }
        }
    }
}
