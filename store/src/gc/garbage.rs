//! What a collection would find, without collecting.

use crate::cursor::index;
use crate::gc::error::GcError;
use crate::gc::mark::Marks;
use crate::gc::{Amount, sound_packs};
use crate::id::ObjectId;
use crate::pack::format::ObjectRecord;
use crate::pack::{Pack, PackError};
use crate::store::Store;
use crate::verify::Progress;

/// What is in a store beside what is used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Garbage {
    /// What cannot be reached: the next collection condemns it. The bytes are its share of the blocks that it
    /// is in, so a later run frees about as many.
    pub unused: Amount,
    /// What an earlier collection condemned, with the bytes of its packs.
    pub condemned: Amount,
}

/// Looks for what [`gc`](crate::gc) would remove if these were its roots. Nothing is changed.
///
/// # Errors
///
/// Something that is used is missing or can not be read.
pub fn garbage(
    store: &Store,
    roots: &[ObjectId],
    progress: impl FnMut(Progress),
) -> Result<Garbage, GcError> {
    let packs = sound_packs(store)?;
    let mut garbage = Garbage::default();
    for pack in &packs.condemned {
        garbage.condemned.objects += index(pack.object_count());
        garbage.condemned.bytes += pack.file_len();
    }
    let marks = Marks::reach(store, &packs.sound, roots, progress)?;
    for (pack, marked) in marks.packs() {
        for (number, object) in pack.objects().enumerate() {
            if !marked.has(number) {
                garbage.unused.objects += 1;
                garbage.unused.bytes += share(pack, object?)?;
            }
        }
    }
    Ok(garbage)
}

/// The bytes on disk that an object takes of its block.
fn share(pack: &Pack, object: ObjectRecord) -> Result<u64, PackError> {
    let block = pack.block(object.block)?;
    let [stored, raw, own] = [block.stored_len, block.raw_len, object.length].map(u64::from);
    Ok(stored * own / raw.max(1))
}
