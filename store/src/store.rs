//! All objects of a repository.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::disk::Disk;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::object::format::Canonical;
use crate::pack::format::{PackId, Standing};
use crate::pack::frame::Frames;
use crate::pack::temporary::Temporary;
use crate::pack::{Pack, PackError};
use crate::spare::Spare;
use crate::store::cache::BlockCache;
use crate::store::error::{OpenError, ReadError};
use crate::store::packs::Packs;
use crate::store::trail::{Bases, Trail};

mod cache;
pub(crate) mod copies;
pub(crate) mod error;
mod gate;
pub(crate) mod packs;
mod size;
#[cfg(test)]
mod tests;
mod trail;

/// The objects in one folder, shared with every other process that has it open.
///
/// Reading never waits for writers. A store knows the packs that were there when it was opened or
/// last [refreshed](Store::refresh), and those it finished itself; it refreshes before it says that an object is
/// absent.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Batch, Hint, Kind, SimDisk, Store};
/// let store = Store::open(Arc::new(SimDisk::default()))?;
/// let batch = Batch::new(&store);
/// let id = batch.put(Kind::Blob, b"fish", Hint::NONE)?;
/// batch.finish()?;
/// assert_eq!(store.read(&id)?.bytes, b"fish");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Store {
    disk: Arc<dyn Disk>,
    // Guards which packs are known. Whoever reads takes a copy of the list and lets go.
    packs: RwLock<Arc<Packs>>,
    // Held while the folder is listed and the list is replaced. Were an older list to replace a newer one,
    // a batch could rely on a pack that was gone when it began.
    listing: Mutex<()>,
    frames: Frames,
    buffers: Spare<Vec<u8>>,
    cache: BlockCache,
}

/// An object as it is stored: its bytes hash to its id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// Nobody merges so often while somebody looks.
const LOOK_AGAIN_MAX: usize = 16;

impl Store {
    /// Opens the store in this folder, or begins one there.
    ///
    /// Packs that are damaged are left out, and [`Store::unreadable`] names them.
    ///
    /// # Errors
    ///
    /// The folder can not be read, or a later version of this program wrote it.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        gate::pass(&*disk)?;
        let mut packs = Packs::list(&*disk, &Packs::default())?;
        let newer = |error: &PackError| matches!(error, PackError::Version { .. });
        if let Some(at) = packs.unreadable.iter().position(|(_, error)| newer(error)) {
            return Err(OpenError::Pack(packs.unreadable.swap_remove(at).1));
        }
        Ok(Self {
            disk,
            packs: RwLock::new(Arc::new(packs)),
            listing: Mutex::default(),
            frames: Frames::default(),
            buffers: Spare::default(),
            cache: BlockCache::default(),
        })
    }

    /// Whether an object is there. One in a damaged pack counts as absent, so that it is written again, and so
    /// does one that [`gc`](crate::gc) is about to remove.
    ///
    /// It may be removed after the answer: who builds on it asks [`Batch::rely`](crate::Batch::rely). Before it
    /// says no, the folder is listed: of many ids, [`Store::missing`] tells with one list which are absent.
    ///
    /// # Errors
    ///
    /// A pack can not be read, and it may be in that one.
    pub fn has(&self, id: &ObjectId) -> Result<bool, ReadError> {
        Ok(self.missing([*id])?.is_empty())
    }

    /// Those of the objects that are not there, in the order they are given in. What counts as there, and for how
    /// long, see [`Store::has`].
    ///
    /// # Errors
    ///
    /// A pack can not be read, and one may be in that one.
    pub fn missing(
        &self,
        ids: impl IntoIterator<Item = ObjectId>,
    ) -> Result<Vec<ObjectId>, ReadError> {
        // What can not be told now is asked again with what is left.
        let is_known = |id: &ObjectId| matches!(self.knows(id), Ok(true));
        let mut unknown: Vec<_> = ids.into_iter().filter(|id| !is_known(id)).collect();
        if unknown.is_empty() {
            return Ok(unknown);
        }
        let known = self.look_again(|| {
            unknown.iter().map(|id| self.knows(id)).collect::<Result<Vec<_>, _>>()
        })?;
        let mut known = known.into_iter();
        unknown.retain(|_| known.next() == Some(false));
        Ok(unknown)
    }

    /// As [`Store::has`], of what was there when the folder was last listed.
    pub(crate) fn knows(&self, id: &ObjectId) -> Result<bool, ReadError> {
        let packs = self.packs();
        let may_be_sound = |error: &PackError| matches!(error, PackError::Io { .. });
        let mut errors = packs.unreadable.iter().map(|(_, error)| error);
        let mut unsure = errors.find(|error| may_be_sound(error)).cloned();
        for pack in &packs.sound {
            match pack.find(id) {
                Ok(Some(_)) => return Ok(true),
                Err(source) if may_be_sound(&source) => unsure = Some(source),
                Ok(None) | Err(_) => {}
            }
        }
        unsure.map_or(Ok(false), |source| Err(ReadError::Unreadable { id: *id, source }))
    }

    /// The object, its bytes checked against its id.
    ///
    /// # Errors
    ///
    /// It is nowhere, or no copy of it can be read.
    pub fn read(&self, id: &ObjectId) -> Result<Object, ReadError> {
        let found = self.find(id, &mut Trail::new(Bases::Trusted)).or_else(|error| {
            // A damaged base may have spoiled what was decoded with it.
            if !matches!(error, ReadError::Absent(_)) {
                self.cache.clear();
            }
            self.look_again(|| self.find(id, &mut Trail::new(Bases::Checked)))
        })?;
        Ok(Object { kind: found.kind, bytes: found.bytes().to_vec() })
    }

    /// The object as a value.
    ///
    /// # Errors
    ///
    /// It can not be read, or is another kind of object, or makes no sense.
    pub fn load<T: Canonical>(&self, id: T::Id) -> Result<T, ReadError> {
        let id = id.into();
        let Object { kind, bytes } = self.read(&id)?;
        if kind != T::KIND {
            return Err(ReadError::Kind { id, wanted: T::KIND, found: kind });
        }
        T::decode(&bytes).map_err(|source| ReadError::Decode { id, source })
    }

    /// The ids of all objects that were there when the store was last refreshed, ascending.
    ///
    /// # Errors
    ///
    /// A pack can not be read.
    pub fn ids(&self) -> Result<Vec<(ObjectId, Kind)>, PackError> {
        let mut ids = Vec::new();
        for pack in &self.packs().sound {
            for object in pack.objects() {
                ids.push(object.map(|object| (object.id, object.kind))?);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Takes notice of what other processes did.
    ///
    /// # Errors
    ///
    /// The folder can not be listed. What was known stays known.
    pub fn refresh(&self) -> Result<(), ReadError> {
        self.list().map_err(ReadError::List)
    }

    /// Keeps what is there from being removed by a [`gc`](crate::gc) until the hold is dropped.
    ///
    /// A batch holds by itself, from its first object until it is finished. Who then names its objects
    /// elsewhere, in a log, takes a hold before the batch and drops it after the log was written.
    ///
    /// # Errors
    ///
    /// The folder can not be written.
    pub fn hold(&self) -> io::Result<Hold> {
        Ok(Hold { _file: Temporary::create(&self.disk)? })
    }

    /// The one object whose id begins with these bytes, of those that are known and stay.
    pub(crate) fn with_prefix(&self, prefix: &[u8]) -> Result<Option<ObjectId>, PackError> {
        let mut found = Vec::new();
        for pack in &self.packs().sound {
            found.extend(pack.with_prefix(prefix)?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(match found[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// The packs that can not be read, and why.
    #[must_use]
    pub fn unreadable(&self) -> Vec<(PackId, String)> {
        let packs = self.packs();
        packs.unreadable.iter().map(|(id, error)| (*id, error.to_string())).collect()
    }

    /// What it is kept on: its logs are there too.
    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(crate) const fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Has all that is read from here on read from the disk, whatever was read before.
    pub(crate) fn forget(&self) {
        self.cache.clear();
    }

    pub(crate) fn list(&self) -> io::Result<()> {
        let _listing = self.listing();
        let packs = Packs::list(&*self.disk, &self.packs())?;
        *self.packs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(packs);
        Ok(())
    }

    pub(crate) fn packs(&self) -> Arc<Packs> {
        // A list is replaced whole, so a panic elsewhere leaves a good one.
        Arc::clone(&self.packs.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn listing(&self) -> MutexGuard<'_, ()> {
        self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes notice of a pack that was just finished here.
    pub(crate) fn adopt(&self, id: PackId) {
        let _listing = self.listing();
        // If it can not be opened it is found, or missed, at the next refresh.
        let Ok(pack) = Pack::open(&*self.disk, id, Standing::Kept) else { return };
        let mut known = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        let mut packs = Packs::clone(&known);
        // A pack of this name that was known may have been damaged, and the new file is not.
        packs.sound.retain(|known| known.id() != id);
        if packs.sound.len() < known.sound.len() {
            self.cache.clear();
        }
        packs.sound.push(Arc::new(pack));
        *known = Arc::new(packs.sorted());
    }

    /// Looks for what was not found in the packs that were known. Another process may have written it, or moved it
    /// into another pack; and where a pack that was removed can not be read on, as in a bucket, once more while
    /// we look.
    fn look_again<T>(&self, look: impl Fn() -> Result<T, ReadError>) -> Result<T, ReadError> {
        for _ in 1..LOOK_AGAIN_MAX {
            self.refresh()?;
            match look() {
                Err(error) if error.is_of_removed_pack() => {}
                result => return result,
            }
        }
        self.refresh()?;
        look()
    }
}

/// Keeps what is in the store from being removed, see [`Store::hold`].
#[derive(Debug)]
#[must_use = "a hold that is dropped holds nothing"]
pub struct Hold {
    _file: Temporary,
}
