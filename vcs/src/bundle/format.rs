//! The bytes of a bundle, version 1. No other file names an offset.
//!
//! ```text
//! offset  size  field                                          (integers little-endian)
//!      0     7  magic "SLKBNDL"
//!      7     1  version 1
//!      8     4  n: bytes in the contents
//!     12     n  contents: what it brings and what it builds upon, as `codec` spells it
//!   12+n        the parcels, one after the other:
//!                  4  m: bytes in the parcel, at least 1
//!                  m  parcel
//!               and behind the last
//!                  4  0
//!                 32  BLAKE3 of everything before
//! ```
//!
//! The hash tells a file that was cut or that rotted. It vouches for nobody: objects are known by the hashes of
//! their own, and who made a seal by its signature.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

use blake3::Hasher;
use selkie_store::{
    CODED_LEN_MAX, ChangeId, CodecError, Coded, OBJECT_LEN_MAX, ObjectId, SealId, decode, encode,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bundle::contents::Contents;
use crate::rev::name::{RefNameError, TagName, TimelineName};

const MAGIC: [u8; 7] = *b"SLKBNDL";
const VERSION: u8 = 1;
const CONTEXT: &str = "selkie 1 bundle";
const HASH_LEN: usize = blake3::OUT_LEN;

/// Bytes in the longest parcel: an object, and a label before it.
const PARCEL_LEN_MAX: usize = OBJECT_LEN_MAX + CODED_LEN_MAX + 3;

/// Why a file is not taken for a bundle.
#[derive(Debug, Error)]
pub enum UnreadableBundle {
    /// The file can not be read.
    #[error("the bundle can not be read")]
    Io(#[source] io::Error),
    /// It does not begin as one.
    #[error("the file is no bundle")]
    Foreign,
    /// A later version of this program wrote it.
    #[error("the bundle is of version {0}, which this program does not know")]
    Version(u8),
    /// It has no end.
    #[error("the bundle ends too early")]
    Cut,
    /// What it says of itself makes no sense.
    #[error("what the bundle says of itself makes no sense")]
    Contents(#[from] CodecError),
    /// A parcel claims more bytes than one can have.
    #[error("a parcel in the bundle is longer than any can be")]
    Long,
    /// Its hash is another.
    #[error("the bundle is not as it was written")]
    Altered,
    /// There are bytes behind its end.
    #[error("something follows the end of the bundle")]
    More,
}

/// Writes a bundle from its beginning to its end.
pub(super) struct Writing<W> {
    out: W,
    hasher: Hasher,
}

impl<W: Write> Writing<W> {
    /// Writes everything before the parcels.
    pub(super) fn begin(out: W, contents: &Contents) -> io::Result<Self> {
        let spelled = encode(&Spelled::from(contents)).map_err(io::Error::other)?;
        let mut writing = Self { out, hasher: Hasher::new_derive_key(CONTEXT) };
        writing.put(&MAGIC)?;
        writing.put(&[VERSION])?;
        writing.put(&length(&spelled))?;
        writing.put(&spelled)?;
        Ok(writing)
    }

    pub(super) fn parcel(&mut self, parcel: &[u8]) -> io::Result<()> {
        self.put(&length(parcel))?;
        self.put(parcel)
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.put(&length(&[]))?;
        let hash = self.hasher.finalize();
        self.out.write_all(hash.as_bytes())?;
        self.out.flush()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("parcels and contents are far shorter").to_le_bytes()
}

/// Reads a bundle from its beginning to its end. It never holds more than one parcel, nor more of that than there is.
pub(super) struct Reading<R> {
    from: R,
    hasher: Hasher,
    is_at_end: bool,
}

impl<R: Read> Reading<R> {
    /// Reads everything before the parcels.
    pub(super) fn begin(from: R) -> Result<(Self, Contents), UnreadableBundle> {
        let mut reading = Self { from, hasher: Hasher::new_derive_key(CONTEXT), is_at_end: false };
        let magic = reading.array::<{ MAGIC.len() }>().map_err(|error| match error {
            UnreadableBundle::Cut => UnreadableBundle::Foreign,
            other => other,
        })?;
        if magic != MAGIC {
            return Err(UnreadableBundle::Foreign);
        }
        let [version] = reading.array()?;
        if version != VERSION {
            return Err(UnreadableBundle::Version(version));
        }
        let length = u32::from_le_bytes(reading.array()?);
        if length as usize > CODED_LEN_MAX {
            return Err(UnreadableBundle::Long);
        }
        let spelled = reading.bytes(length)?;
        let contents = decode::<Spelled>(&spelled)?.contents().ok_or(CodecError::Rules)?;
        Ok((reading, contents))
    }

    /// The next parcel. Once there is none, the file was what somebody wrote.
    pub(super) fn parcel(&mut self) -> Result<Option<Vec<u8>>, UnreadableBundle> {
        if self.is_at_end {
            return Ok(None);
        }
        let length = u32::from_le_bytes(self.array()?);
        if length as usize > PARCEL_LEN_MAX {
            return Err(UnreadableBundle::Long);
        }
        if length > 0 {
            return self.bytes(length).map(Some);
        }
        let hash = self.hasher.finalize();
        if self.array::<HASH_LEN>()? != *hash.as_bytes() {
            return Err(UnreadableBundle::Altered);
        }
        let mut more = [0];
        match self.from.read(&mut more).map_err(UnreadableBundle::Io)? {
            0 => {
                self.is_at_end = true;
                Ok(None)
            }
            _ => Err(UnreadableBundle::More),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], UnreadableBundle> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => UnreadableBundle::Cut,
            _ => UnreadableBundle::Io(error),
        })?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    fn bytes(&mut self, length: u32) -> Result<Vec<u8>, UnreadableBundle> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(u64::from(length)).read_to_end(&mut bytes);
        if read.map_err(UnreadableBundle::Io)? < length as usize {
            return Err(UnreadableBundle::Cut);
        }
        self.hasher.update(&bytes);
        Ok(bytes)
    }
}

type Id = [u8; ObjectId::LEN];

/// Contents as `codec` spells them. The order of the fields is the format. All lists are ascending.
#[derive(Deserialize, Serialize)]
struct Spelled {
    timelines: Vec<(String, Vec<Id>)>,
    tags: Vec<(String, Vec<Id>)>,
    builds_on: Vec<(Id, [u8; ChangeId::LEN])>,
    objects: u64,
    bytes: u64,
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = CODED_LEN_MAX;

    fn is_valid(&self) -> bool {
        let named = |list: &[(String, Vec<Id>)]| {
            let ascends = list.is_sorted_by(|one, next| one.0 < next.0);
            let seals =
                |seals: &[Id]| !seals.is_empty() && seals.is_sorted_by(|one, next| one < next);
            ascends && list.iter().all(|(_, ids)| seals(ids))
        };
        let builds_on = self.builds_on.is_sorted_by(|one, next| one.0 < next.0);
        let brings = self.timelines.len() + self.tags.len() > 0 && self.objects > 0;
        named(&self.timelines) && named(&self.tags) && builds_on && brings
    }
}

impl From<&Contents> for Spelled {
    fn from(contents: &Contents) -> Self {
        let id = |seal: &SealId| *seal.object().as_bytes();
        let ids = |seals: &BTreeSet<SealId>| seals.iter().map(id).collect();
        let timelines = contents.timelines.iter();
        let tags = contents.tags.iter();
        let builds_on = contents.builds_on.iter();
        Self {
            timelines: timelines.map(|(name, on)| (name.as_str().to_owned(), ids(on))).collect(),
            tags: tags.map(|(name, on)| (name.as_str().to_owned(), ids(on))).collect(),
            builds_on: builds_on.map(|(seal, change)| (id(seal), *change.as_bytes())).collect(),
            objects: contents.objects,
            bytes: contents.bytes,
        }
    }
}

impl Spelled {
    fn contents(self) -> Option<Contents> {
        let seal = |id| SealId::from(ObjectId::from_bytes(id));
        let builds_on = self.builds_on.into_iter();
        Some(Contents {
            timelines: named(self.timelines, TimelineName::new)?,
            tags: named(self.tags, TagName::new)?,
            builds_on: builds_on.map(|(id, by)| (seal(id), ChangeId::from_bytes(by))).collect(),
            objects: self.objects,
            bytes: self.bytes,
        })
    }
}

/// Names with their seals, if all of them may be names.
fn named<N: Ord>(
    list: Vec<(String, Vec<Id>)>,
    name: fn(&str) -> Result<N, RefNameError>,
) -> Option<BTreeMap<N, BTreeSet<SealId>>> {
    let seals = |ids: Vec<Id>| ids.into_iter().map(|id| ObjectId::from_bytes(id).into()).collect();
    list.into_iter().map(|(text, ids)| Some((name(&text).ok()?, seals(ids)))).collect()
}

#[cfg(test)]
mod tests;
