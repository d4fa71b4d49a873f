//! Which objects can be reached.

use std::sync::Arc;

use crate::bits::Bits;
use crate::cursor::index;
use crate::gc::error::GcError;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::object::format::links;
use crate::pack::format::ObjectRecord;
use crate::pack::{Pack, PackError};
use crate::store::Store;
use crate::store::error::ReadError;
use crate::verify::Progress;

/// A bit for each object of some packs.
#[derive(Debug)]
pub(crate) struct Marks<'a> {
    packs: &'a [Arc<Pack>],
    bits: Vec<Bits>,
}

/// What became of a mark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Marked {
    Now(ObjectRecord),
    Before,
    /// No pack has the object.
    Nowhere,
}

impl<'a> Marks<'a> {
    pub(crate) fn none(packs: &'a [Arc<Pack>]) -> Self {
        let bits = packs.iter().map(|pack| Bits::new(index(pack.object_count()))).collect();
        Self { packs, bits }
    }

    /// Marks what can be reached from the roots.
    ///
    /// Nothing is guessed: what can not be read hides what it links to, so that is an error.
    pub(crate) fn reach(
        store: &Store,
        packs: &'a [Arc<Pack>],
        roots: &[ObjectId],
        progress: impl FnMut(Progress),
    ) -> Result<Self, GcError> {
        Self::follow(store, packs, roots, progress, |_, error| Err(error))
    }

    /// Marks what can be reached from the roots. Where the way ends at an object, `end` is told why, and says whether the other
    /// ways are gone on with.
    pub(crate) fn follow<E>(
        store: &Store,
        packs: &'a [Arc<Pack>],
        roots: &[ObjectId],
        mut progress: impl FnMut(Progress),
        mut end: impl FnMut(ObjectId, GcError) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut marks = Self::none(packs);
        let total = packs.iter().map(|pack| index(pack.object_count())).sum();
        let mut done = 0;
        let mut wave = Vec::new();
        let mut reached = |marked, wave: &mut Vec<_>| {
            if let Marked::Now(object) = marked {
                done += 1;
                progress(Progress { done, total });
                // A blob links to nothing, and need not be read.
                if object.kind != Kind::Blob {
                    wave.push(object);
                }
            }
        };
        for root in roots {
            match marks.mark(root) {
                Ok(Marked::Nowhere) => end(*root, GcError::NoRoot(*root))?,
                Ok(marked) => reached(marked, &mut wave),
                Err(error) => end(*root, error.into())?,
            }
        }
        while !wave.is_empty() {
            // Neighbours in a block are read together. Numbers of blocks of different packs mix, which
            // is still far better than the order of ids.
            wave.sort_unstable_by_key(|object| (object.block, object.start));
            for object in std::mem::take(&mut wave) {
                let from = object.id;
                let links = match links_of(store, &from) {
                    Ok(links) => links,
                    Err(error) => {
                        end(from, error.into())?;
                        continue;
                    }
                };
                for (kind, to) in links {
                    match marks.mark(&to) {
                        Ok(Marked::Nowhere) => end(to, GcError::Missing { from, kind, to })?,
                        Ok(marked) => reached(marked, &mut wave),
                        Err(error) => end(to, error.into())?,
                    }
                }
            }
        }
        Ok(marks)
    }

    /// Marks all copies of an object.
    pub(crate) fn mark(&mut self, id: &ObjectId) -> Result<Marked, PackError> {
        let mut marked = Marked::Nowhere;
        for (pack, bits) in self.packs.iter().zip(&mut self.bits) {
            let Some((number, object)) = pack.find_numbered(id)? else { continue };
            if !bits.set(number) {
                return Ok(Marked::Before);
            }
            marked = Marked::Now(object);
        }
        Ok(marked)
    }

    /// Whether an object is marked.
    pub(crate) fn has(&self, id: &ObjectId) -> Result<bool, PackError> {
        for (pack, bits) in self.packs.iter().zip(&self.bits) {
            if let Some((number, _)) = pack.find_numbered(id)? {
                return Ok(bits.has(number));
            }
        }
        Ok(false)
    }

    /// The packs, and which of their objects are marked.
    pub(crate) fn packs(&self) -> impl Iterator<Item = (&'a Arc<Pack>, &Bits)> {
        self.packs.iter().zip(&self.bits)
    }
}

/// What an object links to.
pub(crate) fn links_of(store: &Store, id: &ObjectId) -> Result<Vec<(Kind, ObjectId)>, ReadError> {
    let object = store.read(id)?;
    links(object.kind, &object.bytes).map_err(|source| ReadError::Decode { id: *id, source })
}
