//! What was condemned and is needed again.

use std::sync::Arc;

use crate::gc::error::GcError;
use crate::gc::mark::{Marked, Marks, links_of};
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::format::ObjectRecord;
use crate::pack::{Pack, PackError};
use crate::store::Store;
use crate::store::packs::Packs;

/// Marks the condemned objects that are needed: those that can be reached from a root, or from any kept
/// object, used or not, and those that a kept object is stored as a difference to.
///
/// Kept objects that nobody uses count because somebody may begin to: who finds a tree in a kept
/// pack takes it that all below it is there.
pub(super) fn needed<'a>(
    store: &Store,
    packs: &'a Packs,
    roots: &[ObjectId],
) -> Result<Marks<'a>, GcError> {
    let mut needs =
        Needs { kept: &packs.sound, marks: Marks::none(&packs.condemned), fresh: Vec::new() };
    for root in roots {
        if !needs.need(root)? {
            return Err(GcError::NoRoot(*root));
        }
    }
    for pack in &packs.sound {
        for number in 0..pack.block_count() {
            if let Some(base) = pack.base(&pack.block(number)?)? {
                needs.need(&base)?;
            }
        }
        for object in linking(pack)? {
            for (_, to) in links_of(store, &object.id)? {
                // What is missing altogether was so before, and is not ours to judge here.
                needs.need(&to)?;
            }
        }
    }
    while let Some(id) = needs.fresh.pop() {
        for (_, to) in links_of(store, &id)? {
            needs.need(&to)?;
        }
    }
    Ok(needs.marks)
}

struct Needs<'a> {
    kept: &'a [Arc<Pack>],
    marks: Marks<'a>,
    fresh: Vec<ObjectId>, // marked, and their links not yet
}

impl Needs<'_> {
    /// False if the object is nowhere.
    fn need(&mut self, id: &ObjectId) -> Result<bool, PackError> {
        for pack in self.kept {
            if pack.find(id)?.is_some() {
                return Ok(true);
            }
        }
        match self.marks.mark(id)? {
            Marked::Nowhere => Ok(false),
            Marked::Before => Ok(true),
            Marked::Now(_) => {
                self.fresh.push(*id);
                Ok(true)
            }
        }
    }
}

/// The objects of a pack that may link to others, block by block.
fn linking(pack: &Pack) -> Result<Vec<ObjectRecord>, PackError> {
    let mut objects = Vec::new();
    for object in pack.objects() {
        let object = object?;
        if object.kind != Kind::Blob {
            objects.push(object);
        }
    }
    objects.sort_unstable_by_key(|object| (object.block, object.start));
    Ok(objects)
}
