//! The copies of an object in the packs, and its bytes out of one that is sound.

use std::ops::Range;
use std::sync::Arc;

use crate::cursor::index;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::Pack;
use crate::pack::format::{BlockRecord, Codec, ObjectRecord};
use crate::store::cache::Decoded;
use crate::store::error::ReadError;
use crate::store::trail::{Bases, Trail};
use crate::store::{Object, Store};

/// How a copy of an object is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Link {
    /// How many versions back the chain of bases began; 0 without a base.
    pub(crate) step: u16,
    /// What it was made smaller with.
    pub(crate) base: Option<ObjectId>,
}

/// Longer ones are rare, and would be kept for nothing.
const BUFFER_LEN_MAX: usize = 1 << 20;

impl Store {
    /// How the copy of an object that [`Store::read`] prefers is stored. Condemned copies do not count:
    /// what is made from one would outlive it.
    pub(crate) fn link(&self, id: &ObjectId) -> Result<Link, ReadError> {
        let copies = self.copies(&self.packs().sound, id, Bases::Trusted)?;
        let best = copies.first().ok_or(ReadError::Absent(*id))?;
        let unreadable = |source| ReadError::Unreadable { id: *id, source };
        let base = best.pack.base(&best.block).map_err(unreadable)?;
        Ok(Link { step: best.block.step, base })
    }

    /// The copy of an object that is in this pack.
    pub(crate) fn read_copy_in(
        &self,
        pack: &Arc<Pack>,
        object: ObjectRecord,
    ) -> Result<Object, ReadError> {
        let unreadable = |source| ReadError::Unreadable { id: object.id, source };
        let block = pack.block(object.block).map_err(unreadable)?;
        let copy = Copy { pack: Arc::clone(pack), object, block };
        let mut trail = Trail::new(Bases::Checked);
        trail.enter(object.id);
        let found = self.read_copy(&copy, &mut trail)?;
        Ok(Object { kind: found.kind, bytes: found.bytes().to_vec() })
    }

    /// The first good copy of an object in the packs that are known.
    pub(super) fn find(&self, id: &ObjectId, trail: &mut Trail) -> Result<Found, ReadError> {
        if !trail.enter(*id) {
            return Err(ReadError::Damaged(*id));
        }
        let found = self.find_on(id, trail);
        if found.is_ok() {
            trail.leave();
        } else {
            trail.give_up();
        }
        found
    }

    fn find_on(&self, id: &ObjectId, trail: &mut Trail) -> Result<Found, ReadError> {
        let mut first_error = None;
        let packs = self.packs();
        for packs in [&packs.sound, &packs.condemned] {
            let copies = self.copies(packs, id, trail.bases);
            match copies.and_then(|copies| self.first(copies, trail)) {
                Ok(Some(object)) => return Ok(object),
                Ok(None) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or(ReadError::Absent(*id)))
    }

    /// The first good one of these copies.
    fn first(&self, copies: Vec<Copy>, trail: &mut Trail) -> Result<Option<Found>, ReadError> {
        let mut first_error = None;
        for copy in copies {
            match self.read_copy(&copy, trail) {
                Ok(object) => return Ok(Some(object)),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(None), Err)
    }

    /// The copies of an object in these packs, least step first. A reader that trusts takes one without a base as
    /// soon as it finds one.
    fn copies(
        &self,
        packs: &[Arc<Pack>],
        id: &ObjectId,
        bases: Bases,
    ) -> Result<Vec<Copy>, ReadError> {
        let mut copies = Vec::new();
        let mut unreadable = self.packs().unreadable.first().map(|(_, error)| error.clone());
        for pack in packs {
            let found = pack.find(id).and_then(|found| {
                let Some(object) = found else { return Ok(None) };
                let block = pack.block(object.block)?;
                Ok(Some(Copy { pack: Arc::clone(pack), object, block }))
            });
            match found {
                Ok(Some(copy)) => {
                    let enough = copy.block.step == 0 && bases == Bases::Trusted;
                    copies.push(copy);
                    if enough {
                        break;
                    }
                }
                Ok(None) => {}
                Err(error) => unreadable = Some(error),
            }
        }
        copies.sort_by_key(|copy| copy.block.step);
        match unreadable {
            Some(source) if copies.is_empty() => Err(ReadError::Unreadable { id: *id, source }),
            Some(_) | None => Ok(copies),
        }
    }

    fn read_copy(&self, copy: &Copy, trail: &mut Trail) -> Result<Found, ReadError> {
        let ObjectRecord { id, kind, start, length, .. } = copy.object;
        if !copy.block.may_hold(&copy.object) {
            return Err(ReadError::Damaged(id));
        }
        let block = self.block(copy, index(start) + index(length), trail)?;
        let found = Found { kind, block, range: index(start)..index(start) + index(length) };
        let within = found.range.end <= found.block.len();
        // What is handed out is always checked, and then so is all that it was made with. What is kept in memory
        // was checked when it was first handed out.
        let is_trusted = trail.bases == Bases::Trusted;
        if within && is_trusted && (trail.is_below() || found.block.is_checked(&id)) {
            return Ok(found);
        }
        if !within || ObjectId::of(kind, found.bytes()) != id {
            return Err(ReadError::Damaged(id));
        }
        if is_trusted {
            found.block.check(id);
        }
        Ok(found)
    }

    /// The decoded block, or so much of it that it has at least `wanted` bytes.
    fn block(
        &self,
        copy: &Copy,
        wanted: usize,
        trail: &mut Trail,
    ) -> Result<Arc<Decoded>, ReadError> {
        let id = copy.object.id;
        let key = (copy.pack.id(), copy.object.block);
        let cached = self.cache.get(&key);
        let wants_more = cached.is_some();
        if let Some(block) = cached.filter(|block| block.len() >= wanted) {
            return Ok(block);
        }
        let unreadable = |source| ReadError::Unreadable { id, source };
        // The base first: frames that wait for their bases would add up along a chain.
        let base = copy.pack.base(&copy.block).map_err(unreadable)?;
        let base = base.map(|base| {
            let found = self.find(&base, trail);
            found.map_err(|source| ReadError::Base { id, base, source: Box::new(source) })
        });
        let base = base.transpose()?;
        let stored = copy.pack.stored_in(copy.block, self.buffers.take()).map_err(unreadable)?;
        let length = index(copy.block.raw_len);
        let (_, frame) = stored.base_and_frame();
        let unpacked = match (copy.block.codec, base) {
            (Codec::Delta, Some(base)) => self.frames.unpack_after(base.bytes(), frame, length),
            // Who asks twice will ask a third time.
            (Codec::Zstd, _) if wants_more || wanted >= length / 8 * 7 => {
                self.frames.unpack(frame, length)
            }
            (Codec::Zstd, _) => self.frames.unpack_first(frame, wanted),
            (Codec::Raw | Codec::Delta, _) => Ok(frame.to_vec()),
        };
        if stored.bytes.len() <= BUFFER_LEN_MAX {
            self.buffers.give(stored.bytes);
        }
        // Bytes that are no frame are not those that were written.
        let block = Arc::new(Decoded::new(unpacked.or(Err(ReadError::Damaged(id)))?));
        self.cache.keep(key, &block);
        Ok(block)
    }
}

/// An object in its decoded block.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    block: Arc<Decoded>,
    range: Range<usize>,
}

impl Found {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.block[self.range.clone()]
    }
}

/// One of the places where an object is.
#[derive(Debug)]
struct Copy {
    pack: Arc<Pack>,
    object: ObjectRecord,
    block: BlockRecord,
}
