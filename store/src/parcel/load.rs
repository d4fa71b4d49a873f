//! Parcels, made from what a store has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::batch::BLOCK_LEN;
use crate::cursor::index;
use crate::gap::error::GapError;
use crate::gap::{Gap, Piece};
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::format::{BlockRecord, Codec, ObjectRecord};
use crate::pack::{Pack, PackError};
use crate::parcel::bare;
use crate::parcel::format::{BUNDLE_RAW_MAX, MEMBERS_MAX};
use crate::parcel::{Base, Block, Form, Fresh, Item, Label, Member, Parcel, prefix_of};
use crate::store::Store;

/// What whoever receives a piece has, so that objects may be sent as differences to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bases {
    /// What he said he has, and all pieces before this one.
    Before,
    /// What he said he has. Pieces before this one may come from elsewhere, and later.
    Apart,
    /// Nothing is known: something that he should have was not there.
    Nothing,
}

/// The parcels of one piece of a [`Gap`], made one after the other.
#[derive(Debug)]
pub struct Parcels {
    bases: Bases,
    next: u32,
    piece: Piece,
    /// The members of the piece in each block that is not sent yet, by their places in the gap.
    blocks: BTreeMap<(u32, u32), Vec<u32>>,
    /// Blocks that were decided to be sent, as they are or object by object.
    sent: BTreeSet<(u32, u32)>,
    /// Members of the piece that are in parcels, by their places in the gap.
    gone: BTreeSet<u32>,
    loose: Vec<(Kind, Vec<u8>)>,
    /// Where these are in the gap.
    loose_places: Vec<u32>,
    loose_len: usize,
    ready: Option<Parcel>,
    is_fresh: bool,
    /// How many versions are before an object, by its place, where that was counted.
    versions: HashMap<u32, u16>,
}

/// Blocks that are sent in one parcel.
#[derive(Debug, Default)]
struct Bundle(Vec<Found>);

/// A block, and its bytes.
#[derive(Debug)]
struct Found {
    block: Block,
    bytes: Bytes,
}

/// Where the bytes of a block are.
#[derive(Debug)]
enum Bytes {
    /// In a pack, but for as many at their beginning: the id of the base.
    Stored(Arc<Pack>, BlockRecord, usize),
    Made(Vec<u8>),
}

/// Blocks are put together until they have so many bytes: a parcel has a price.
const BUNDLE_LEN: usize = 16 << 10;

/// Versions are counted no further: nobody keeps such a chain as it came.
const VERSIONS_MAX: u16 = 64;

/// What is longer than this takes no longer time to be smaller.
const HARD_LEN: usize = 64 << 10;

impl Parcels {
    /// The parcels of this piece.
    ///
    /// # Errors
    ///
    /// The table of a pack can not be read.
    pub fn new(gap: &Gap, piece: &Piece, bases: Bases) -> Result<Self, GapError> {
        let is_fresh = gap.is_small() && bases != Bases::Nothing;
        let mut blocks = BTreeMap::<_, Vec<_>>::new();
        if !is_fresh {
            for at in piece.members.clone() {
                let block = (gap.spot(at).pack, gap.object(at)?.block);
                blocks.entry(block).or_default().push(at);
            }
        }
        Ok(Self {
            bases,
            next: piece.members.start,
            piece: piece.clone(),
            blocks,
            sent: BTreeSet::new(),
            gone: BTreeSet::new(),
            loose: Vec::new(),
            loose_places: Vec::new(),
            loose_len: 0,
            ready: None,
            is_fresh,
            versions: HashMap::new(),
        })
    }

    /// The next parcel, if the piece has another.
    ///
    /// # Errors
    ///
    /// What it is made of can not be read.
    pub fn next(&mut self, store: &Store, gap: &Gap) -> Result<Option<Parcel>, GapError> {
        if self.is_fresh {
            let members = self.next..self.piece.members.end;
            self.next = members.end;
            return if members.is_empty() {
                Ok(None)
            } else {
                fresh(store, gap, members).map(Some)
            };
        }
        if let Some(ready) = self.ready.take() {
            return Ok(Some(ready));
        }
        let mut bundle = Bundle::default();
        while self.next < self.piece.members.end && bundle.len() < BUNDLE_LEN {
            let at = self.next;
            let object = gap.object(at)?;
            let key = (gap.spot(at).pack, object.block);
            if !bundle.has_room(gap.spots().pack(gap.spot(at)).block(object.block)?.raw_len) {
                break;
            }
            if let Some(members) = self.blocks.remove(&key)
                && let Some(found) = self.block(gap, at, &members)?
            {
                self.sent.insert(key);
                self.gone.extend(members);
                bundle.0.push(found);
            }
            self.next += 1;
            if self.sent.contains(&key) {
                continue;
            }
            if let Some(found) = self.version(store, gap, at)? {
                self.gone.insert(at);
                bundle.0.push(found);
                continue;
            }
            self.ready = self.add_loose(store, at, &object)?;
            if self.ready.is_some() {
                break;
            }
        }
        if !bundle.0.is_empty() {
            return bundle.parcel().map(Some);
        }
        Ok(self.ready.take().or_else(|| self.close_loose(store)))
    }

    /// The block in which these objects are, as it is stored, if that can be done and is worth it.
    fn block(&self, gap: &Gap, at: u32, places: &[u32]) -> Result<Option<Found>, GapError> {
        let pack = gap.spots().pack(gap.spot(at));
        let record = pack.block(gap.object(at)?.block)?;
        let members = places.iter().map(|at| gap.object(*at));
        let mut members = members.collect::<Result<Vec<_>, _>>()?;
        members.sort_unstable_by_key(|member| member.start);
        let base = pack.base(&record)?;
        if !is_worth_sending(&record, &members)
            || !base.map_or(Ok(true), |base| self.may_use(gap, &base))?
        {
            return Ok(None);
        }
        let (form, from) = match (record.codec, base) {
            (Codec::Raw, _) => (Form::Raw, 0),
            (Codec::Zstd, _) => (Form::Zstd, 0),
            (Codec::Delta, Some(base)) => {
                (Form::Delta { base: prefix_of(&base), step: record.step }, ObjectId::LEN)
            }
            (Codec::Delta, None) => return Ok(None),
        };
        let Some(members) = spaced(&members) else { return Ok(None) };
        let stored_len = record.stored_len - short(from);
        let block = Block { form, stored_len, raw_len: record.raw_len, members };
        Ok(Some(Found { block, bytes: Bytes::Stored(Arc::clone(pack), record, from) }))
    }

    /// An object by itself, after the version of it that the receiver has by then. None if that saves little.
    fn version(&mut self, store: &Store, gap: &Gap, at: u32) -> Result<Option<Found>, GapError> {
        let Some(base) = gap.resembled(at) else { return Ok(None) };
        let is_here = match gap.place(&base)? {
            Some(place) if self.piece.members.contains(&place) => self.gone.contains(&place),
            Some(_) | None => self.may_use(gap, &base)?,
        };
        if !is_here {
            return Ok(None);
        }
        let object = store.read(&gap.object(at)?.id)?;
        let Some(frame) = store.frames().pack_after(&store.read(&base)?.bytes, &object.bytes)
        else {
            return Ok(None);
        };
        if frame.len() > object.bytes.len() / 2 {
            return Ok(None);
        }
        let (stored_len, raw_len) = (short(frame.len()), short(object.bytes.len()));
        let members = vec![Member { kind: object.kind, skip: 0, length: raw_len }];
        let form = Form::Delta { base: prefix_of(&base), step: self.versions_before(gap, at)? };
        let block = Block { form, stored_len, raw_len, members };
        Ok(Some(Found { block, bytes: Bytes::Made(frame) }))
    }

    /// A step above that of its base, if who receives counts versions as we do. If not he makes the difference anew.
    fn versions_before(&mut self, gap: &Gap, at: u32) -> Result<u16, GapError> {
        let mut later = Vec::new();
        let mut next = Some(at);
        let mut count = 0;
        while let Some(at) = next {
            if let Some(known) = self.versions.get(&at) {
                count = *known;
                break;
            }
            let Some(base) = gap.resembled(at) else { break };
            if later.len() >= usize::from(VERSIONS_MAX) {
                return Ok(VERSIONS_MAX);
            }
            later.push(at);
            next = gap.place(&base)?;
        }
        for at in later.into_iter().rev() {
            count = VERSIONS_MAX.min(count + 1);
            self.versions.insert(at, count);
        }
        Ok(count)
    }

    /// Whether the receiver has this object when he reads what comes next.
    fn may_use(&self, gap: &Gap, base: &ObjectId) -> Result<bool, GapError> {
        let Some(at) = gap.place(base)? else {
            // Most likely an older version of the same thing. If not, he says so.
            return Ok(self.bases != Bases::Nothing && !gap.is_from_nothing());
        };
        let key = (gap.spot(at).pack, gap.object(at)?.block);
        if self.piece.members.contains(&at) {
            // What is made anew together is not sent yet.
            return Ok(self.sent.contains(&key));
        }
        Ok(at < self.piece.members.start && self.bases == Bases::Before)
    }

    /// Adds an object to those that are made small together.
    fn add_loose(
        &mut self,
        store: &Store,
        at: u32,
        object: &ObjectRecord,
    ) -> Result<Option<Parcel>, GapError> {
        let read = store.read(&object.id)?;
        let fits = self.loose_len + read.bytes.len() <= BLOCK_LEN && self.loose.len() < MEMBERS_MAX;
        let alike = self.loose.last().is_none_or(|(kind, _)| *kind == read.kind);
        let full = if fits && alike { None } else { self.close_loose(store) };
        self.loose_len += read.bytes.len();
        self.loose.push((read.kind, read.bytes));
        self.loose_places.push(at);
        Ok(full)
    }

    fn close_loose(&mut self, store: &Store) -> Option<Parcel> {
        self.loose_len = 0;
        self.gone.extend(std::mem::take(&mut self.loose_places));
        let loose = std::mem::take(&mut self.loose);
        if loose.is_empty() {
            return None;
        }
        let member = |kind: Kind, length| Member { kind, skip: 0, length: short(length) };
        let members = loose.iter().map(|(kind, bytes)| member(*kind, bytes.len())).collect();
        let raw = loose.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>();
        let raw_len = short(raw.len());
        let (form, bytes) = match store.frames().pack(&raw) {
            Some(frame) => (Form::Zstd, frame),
            None => (Form::Raw, raw),
        };
        let block = Block { form, stored_len: short(bytes.len()), raw_len, members };
        Some(Parcel::of(&Label::Blocks(vec![block]), &bytes))
    }
}

impl Bundle {
    fn len(&self) -> usize {
        self.0.iter().map(|found| index(found.block.stored_len)).sum()
    }

    fn has_room(&self, raw_len: u32) -> bool {
        let raw: u64 = self.0.iter().map(|found| u64::from(found.block.raw_len)).sum();
        self.0.is_empty() || raw + u64::from(raw_len) <= BUNDLE_RAW_MAX
    }

    fn parcel(self) -> Result<Parcel, GapError> {
        let length = self.len();
        let label = Label::Blocks(self.0.iter().map(|found| found.block.clone()).collect());
        let parcel = Parcel::filled(&label, length, |mut bytes| {
            for Found { block, bytes: found } in &self.0 {
                let (own, rest) = bytes.split_at_mut(index(block.stored_len));
                match found {
                    Bytes::Stored(pack, record, from) => pack.read_stored(record, *from, own)?,
                    Bytes::Made(made) => own.copy_from_slice(made),
                }
                bytes = rest;
            }
            Ok::<_, PackError>(())
        });
        Ok(parcel?)
    }
}

/// Objects made as small as can be, each after what it resembles.
fn fresh(store: &Store, gap: &Gap, members: Range<u32>) -> Result<Parcel, GapError> {
    let first = members.start;
    let mut ids: Vec<ObjectId> = Vec::new();
    let mut items = Vec::new();
    let mut bytes = Vec::new();
    for at in members {
        let id = gap.object(at)?.id;
        let object = store.read(&id)?;
        let base = gap.resembled(at);
        let named = match base {
            None => Base::Nothing,
            Some(base) => match gap.place(&base)? {
                Some(place) if (first..at).contains(&place) => Base::Before(place - first),
                Some(_) => Base::Nothing,
                None => Base::Had(prefix_of(&base)),
            },
        };
        let base = base.filter(|_| named != Base::Nothing);
        let resembled = base.map(|base| store.read(&base)).transpose()?;
        let resembled = resembled.as_ref().map(|read| &read.bytes[..]);
        let prefix = Fresh::prefix(base.zip(resembled), &ids);
        let raw = &object.bytes;
        let frame = small_frame(store, &prefix, raw);
        let stored = frame.as_deref().unwrap_or(raw);
        let (length, stored_len) = (short(raw.len()), short(stored.len()));
        items.push(Item { kind: object.kind, length, stored_len, base: named });
        bytes.extend_from_slice(stored);
        ids.push(id);
    }
    let check = Fresh::check_of(&ids);
    Ok(Parcel::of(&Label::Fresh(Fresh { items, check }), &bytes))
}

/// What has to travel of the smallest frame of an object after what is before it. None if that is no less than the object.
fn small_frame(store: &Store, prefix: &[u8], raw: &[u8]) -> Option<Vec<u8>> {
    let frames = store.frames();
    let is_short = prefix.len() + raw.len() <= HARD_LEN;
    let hard = is_short.then(|| frames.pack_hard_after(prefix, raw)).flatten();
    let bare = |frame: Vec<u8>| bare::undressed(&frame, raw.len()).map(<[u8]>::to_vec);
    hard.and_then(bare).or_else(|| frames.pack_after(prefix, raw).and_then(bare))
}

/// Whether enough of a block is wanted.
fn is_worth_sending(record: &BlockRecord, members: &[ObjectRecord]) -> bool {
    let live: usize = members.iter().map(|member| index(member.length)).sum();
    members.len() <= MEMBERS_MAX && live >= index(record.raw_len) / 4 * 3
}

/// The members with what lies between them. None if they lie over each other, as in no honest pack.
fn spaced(members: &[ObjectRecord]) -> Option<Vec<Member>> {
    let mut end = 0;
    let spaced = members.iter().map(|member| {
        let skip = member.start.checked_sub(end)?;
        end = member.start + member.length;
        Some(Member { kind: member.kind, skip, length: member.length })
    });
    spaced.collect()
}

fn short(length: usize) -> u32 {
    u32::try_from(length).expect("objects are shorter than 4 GiB")
}
