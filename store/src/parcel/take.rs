//! Parcels of a stranger, taken apart.

use thiserror::Error;

use crate::batch::strange::Placed;
use crate::batch::{Batch, Hint, WriteError};
use crate::cursor::index;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::object::error::DecodeError;
use crate::object::format::links;
use crate::pack::PackError;
use crate::pack::format::Codec;
use crate::pack::frame::BadFrame;
use crate::parcel::bare;
use crate::parcel::format::ParcelError;
use crate::parcel::{Base, Block, Form, Fresh, Item, Label, Parcel, Prefix};
use crate::store::copies::Link;

/// An object that came in a parcel, and is what its id says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// Its name.
    pub id: ObjectId,
    /// Bytes in it.
    pub length: u64,
    /// What it links to.
    pub links: Vec<(Kind, ObjectId)>,
}

/// Why a parcel was not taken. Some of its objects may have been added to the batch: they are what their ids
/// say, and harmless.
#[derive(Debug, Error)]
pub enum TakeError {
    /// It is none, or not what its label says. No honest store makes such a one.
    #[error("the parcel is not what it says")]
    Parcel(#[from] ParcelError),
    /// Its bytes are no frame, or one of more or fewer bytes than it says.
    #[error("the bytes of the parcel are not what its label says")]
    Frame,
    /// An object in it is none.
    #[error("an object in the parcel makes no sense")]
    Object(#[from] DecodeError),
    /// It is a difference to something that is not here.
    #[error("the parcel is a difference to an object that is not here")]
    NoBase,
    /// What is here can not be looked at.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The objects can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<BadFrame> for TakeError {
    fn from(BadFrame: BadFrame) -> Self {
        Self::Frame
    }
}

impl Batch<'_> {
    /// Adds the objects of a parcel, each under the id that its bytes hash to. Which those are is for the caller
    /// to judge, and that what they link to is here.
    ///
    /// Nothing is believed: at most as much memory is taken as the label may claim, an object of 64 MiB. A
    /// block that is fit for a pack goes there as it came.
    ///
    /// # Errors
    ///
    /// See [`TakeError`].
    pub fn take(&self, parcel: &[u8]) -> Result<Vec<Arrival>, TakeError> {
        match Parcel::split(parcel)? {
            (Label::Blocks(blocks), mut stored) => {
                let mut arrivals = Vec::new();
                for block in &blocks {
                    let own = stored.split_off(..index(block.stored_len));
                    arrivals.extend(self.take_block(block, own.ok_or(TakeError::Frame)?)?);
                }
                Ok(arrivals)
            }
            (Label::Fresh(fresh), stored) => self.take_fresh(&fresh, stored),
        }
    }

    fn take_block(&self, block: &Block, stored: &[u8]) -> Result<Vec<Arrival>, TakeError> {
        let length = index(block.raw_len);
        let unpacked;
        let mut base = None;
        let raw = match block.form {
            Form::Raw => stored,
            Form::Zstd => {
                // What stands alone is never read in part, so its window costs nobody memory.
                let alone = block.members[0].length == block.raw_len;
                let frames = self.store().frames();
                unpacked = if alone {
                    frames.unpack(stored, length)?
                } else {
                    frames.unpack_strange(stored, length)?
                };
                &unpacked
            }
            Form::Delta { base: prefix, .. } => {
                let id = self.named(prefix)?;
                let bytes = self.bytes_of(&id).ok_or(TakeError::NoBase)?;
                unpacked = self.store().frames().unpack_after(&bytes, stored, length)?;
                base = Some(id);
                &unpacked
            }
        };
        let mut arrivals = Vec::new();
        let mut placed = Vec::new();
        let mut start = 0;
        for member in &block.members {
            start += index(member.skip);
            let bytes = raw.get(start..start + index(member.length)).ok_or(TakeError::Frame)?;
            let arrival = arrival(member.kind, bytes)?;
            let range = start..start + bytes.len();
            start = range.end;
            placed.push(Placed { id: arrival.id, kind: member.kind, range });
            arrivals.push(arrival);
        }
        let step = match block.form {
            Form::Raw | Form::Zstd => 0,
            Form::Delta { step, .. } => step,
        };
        let codec = match block.form {
            Form::Raw => Codec::Raw,
            Form::Zstd => Codec::Zstd,
            Form::Delta { .. } => Codec::Delta,
        };
        self.put_block(codec, Link { step, base }, stored, raw, &placed)?;
        Ok(arrivals)
    }

    /// The one object here, in the store or the batch, whose id begins so.
    fn named(&self, prefix: Prefix) -> Result<ObjectId, TakeError> {
        // Most versions come with the one before them, and the store has many packs to look in.
        if let Some(arrived) = self.arrived(prefix) {
            return Ok(arrived);
        }
        self.store().with_prefix(&prefix)?.ok_or(TakeError::NoBase)
    }

    fn take_fresh(&self, fresh: &Fresh, stored: &[u8]) -> Result<Vec<Arrival>, TakeError> {
        let mut arrivals: Vec<Arrival> = Vec::new();
        let mut ids: Vec<ObjectId> = Vec::new();
        let mut rest = stored;
        for item in &fresh.items {
            let (frame, after) =
                rest.split_at_checked(index(item.stored_len)).ok_or(TakeError::Frame)?;
            rest = after;
            let base = match item.base {
                Base::Nothing => None,
                Base::Had(prefix) => Some(self.named(prefix)?),
                Base::Before(number) => Some(ids[index(number)]),
            };
            let bytes = self.unpack_fresh(item, base, &ids, frame)?;
            let arrival = arrival(item.kind, &bytes)?;
            ids.push(arrival.id);
            arrivals.push(arrival);
            self.put(item.kind, &bytes, Hint { path: "", base })?;
        }
        // A base that is another one than was meant makes objects that nobody meant.
        if Fresh::check_of(&ids) == fresh.check { Ok(arrivals) } else { Err(TakeError::NoBase) }
    }

    fn unpack_fresh(
        &self,
        item: &Item,
        base: Option<ObjectId>,
        ids: &[ObjectId],
        frame: &[u8],
    ) -> Result<Vec<u8>, TakeError> {
        if item.stored_len == item.length {
            return Ok(frame.to_vec());
        }
        let bytes = base.map(|base| self.bytes_of(&base).ok_or(TakeError::NoBase)).transpose()?;
        let prefix = Fresh::prefix(base.zip(bytes.as_deref()), ids);
        let frame = bare::dressed(frame, index(item.length));
        Ok(self.store().frames().unpack_after(&prefix, &frame, index(item.length))?)
    }
}

fn arrival(kind: Kind, bytes: &[u8]) -> Result<Arrival, DecodeError> {
    let links = links(kind, bytes)?;
    Ok(Arrival { id: ObjectId::of(kind, bytes), length: bytes.len() as u64, links })
}
