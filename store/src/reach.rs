//! What is here of what can be reached.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use crate::gc::error::GcError;
use crate::gc::mark::Marks;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::pack::Pack;
use crate::store::Store;
use crate::store::error::ReadError;

/// Objects that some roots lead to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reach {
    /// Those that are here, ascending.
    pub here: Vec<ObjectId>,
    /// Those of which no copy can be read. What they link to is not among these, if nothing else leads there.
    pub damaged: BTreeSet<ObjectId>,
    /// Those that no pack has.
    pub absent: BTreeSet<ObjectId>,
}

/// How much is read to know what can be reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// What links to others. Of contents it is believed that they are what was written.
    Links,
    /// Everything: as much work as [`verify`](crate::verify) has with what is in use.
    Bytes,
}

/// Looks what is here of what can be reached from these roots. What is damaged or gone ends only the ways that lead over it.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Batch, Hint, Kind, ObjectId, Reading, SimDisk, Store, reach};
/// let store = Store::open(Arc::new(SimDisk::default()))?;
/// let batch = Batch::new(&store);
/// let fish = batch.put(Kind::Blob, b"fish", Hint::NONE)?;
/// batch.put(Kind::Blob, b"used by nobody", Hint::NONE)?;
/// batch.finish()?;
/// let bird = ObjectId::of(Kind::Blob, b"bird");
/// let found = reach(&store, &[fish, bird], Reading::Bytes)?;
/// assert_eq!((found.here, found.absent), (vec![fish], [bird].into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The packs can not be listed.
pub fn reach(store: &Store, roots: &[ObjectId], reading: Reading) -> Result<Reach, ReadError> {
    store.refresh()?;
    if reading == Reading::Bytes {
        // What is remembered of a block does not tell whether it rotted since.
        store.forget();
    }
    let packs = store.packs();
    let mut reach = Reach::default();
    let end = |id, error| {
        reach.note(id, &error);
        Ok::<(), Infallible>(())
    };
    let Ok(marks) = Marks::follow(store, &packs.sound, roots, |_| (), end);
    for (pack, marked) in marks.packs() {
        match reading {
            Reading::Links => {}
            Reading::Bytes => reach.read_contents(store, pack, marked.ones()),
        }
        // Where the table can not be read, nothing was marked.
        let objects = marked.ones().filter_map(|number| pack.object(number).ok());
        reach.here.extend(objects.map(|object| object.id));
    }
    reach.here.retain(|id| !reach.damaged.contains(id));
    reach.here.sort_unstable();
    reach.here.dedup();
    Ok(reach)
}

impl Reach {
    fn note(&mut self, id: ObjectId, error: &GcError) {
        let is_gone = matches!(
            error,
            GcError::NoRoot(_) | GcError::Missing { .. } | GcError::Read(ReadError::Absent(_))
        );
        let found = if is_gone { &mut self.absent } else { &mut self.damaged };
        found.insert(id);
    }

    /// Reads what links to nothing, in the order in which it lies.
    fn read_contents(
        &mut self,
        store: &Store,
        pack: &Arc<Pack>,
        numbers: impl Iterator<Item = usize>,
    ) {
        let objects = numbers.filter_map(|number| pack.object(number).ok());
        let mut objects: Vec<_> = objects.filter(|object| object.kind == Kind::Blob).collect();
        objects.sort_unstable_by_key(|object| (object.block, object.start));
        for object in objects {
            if let Err(error) = store.read(&object.id) {
                self.note(object.id, &error.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, Hint};
    use crate::disk::sim::SimDisk;
    use crate::name::Name;
    use crate::object::node::{Content, Node};
    use crate::object::tree::Tree;

    /// Bytes that do not shrink, so that each object has its place in the file.
    fn noise(number: u8) -> Vec<u8> {
        let mut bytes = vec![0; 4_000];
        blake3::Hasher::new().update(&[number]).finalize_xof().fill(&mut bytes);
        bytes
    }

    /// Two contents and a tree over them, each in a pack of its own.
    fn store() -> (SimDisk, Store, [ObjectId; 3]) {
        let disk = SimDisk::default();
        let store = Store::open(Arc::new(disk.clone())).unwrap();
        let put = |kind, bytes: &[u8]| {
            let batch = Batch::new(&store);
            let id = batch.put(kind, bytes, Hint::NONE).unwrap();
            batch.finish().unwrap();
            id
        };
        let [pear, plum] = [1, 2].map(|number| put(Kind::Blob, &noise(number)));
        let node = |id: ObjectId| Node::File(Content::Whole(id.into()));
        let names = ["pear", "plum"].map(|name| Name::new(name).unwrap());
        let tree: Tree = names.into_iter().zip([node(pear), node(plum)]).collect();
        let batch = Batch::new(&store);
        let tree = batch.put_value(&tree, Hint::NONE).unwrap().object();
        batch.finish().unwrap();
        (disk, store, [tree, pear, plum])
    }

    fn sorted(ids: &[ObjectId]) -> Vec<ObjectId> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    }

    /// Spoils what the pack with these bytes holds of them.
    fn rot(disk: &SimDisk, content: &[u8]) {
        for path in disk.paths() {
            let mut bytes = disk.bytes(&path).unwrap();
            let found = bytes.windows(content.len()).position(|window| window == content);
            if let Some(at) = found {
                bytes[at + content.len() / 2] ^= 1;
                disk.rot(&path, bytes);
            }
        }
    }

    #[test]
    fn what_nothing_leads_to_is_not_listed() {
        let (_, store, [tree, pear, plum]) = store();
        let all = reach(&store, &[tree], Reading::Bytes).unwrap();
        assert_eq!(all, Reach { here: sorted(&[tree, pear, plum]), ..Reach::default() });
        let one = reach(&store, &[pear], Reading::Links).unwrap();
        assert_eq!(one, Reach { here: vec![pear], ..Reach::default() });
    }

    #[test]
    fn a_damaged_content_is_found_by_who_reads_it() {
        let (disk, store, [tree, pear, plum]) = store();
        // What was read once is remembered.
        store.read(&pear).unwrap();
        rot(&disk, &noise(1));
        let believed = reach(&store, &[tree], Reading::Links).unwrap();
        assert_eq!(believed.here, sorted(&[tree, pear, plum]));
        let read = reach(&store, &[tree], Reading::Bytes).unwrap();
        assert_eq!((read.here, read.damaged), (sorted(&[tree, plum]), [pear].into()));
    }

    #[test]
    fn what_is_gone_hides_only_what_is_behind_it() {
        let (_, store, [tree, pear, plum]) = store();
        let gone = ObjectId::of(Kind::Tree, b"gone");
        let found = reach(&store, &[gone, tree], Reading::Links).unwrap();
        assert_eq!((found.here, found.absent), (sorted(&[tree, pear, plum]), [gone].into()));
    }
}
