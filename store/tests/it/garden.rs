//! Seals that come and go: what is published must stay whole, what is not may be collected.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{
    Amount, Author, Batch, ChangeId, Collected, Content, Disk, GcError, Hint, Kind, Name, Node,
    ObjectId, Seal, SealId, Store, Tree, WriteError, gc, links,
};

const NONE: Amount = Amount { objects: 0, bytes: 0 };
const NOTHING_TO_DO: Collected = Collected::Done { removed: NONE, rescued: NONE, condemned: NONE };

/// The bytes of a plant. Those of one kind resemble each other.
pub(crate) fn plant(number: u64) -> Vec<u8> {
    let line = |n: u64| ObjectId::of(Kind::Blob, &n.to_le_bytes()).to_string();
    let kind = (0..12).map(|n| line(number % 3 * 100 + n)).collect::<String>();
    format!("{kind}{number}").into_bytes()
}

/// Puts a bed of plants into a batch, each made from the one before if it resembles it: a tree in a
/// tree.
pub(crate) fn put_bed(batch: &Batch, plants: &[u64]) -> Result<ObjectId, WriteError> {
    let mut entries = Vec::new();
    let mut base = None;
    for number in plants {
        let id = batch.put(Kind::Blob, &plant(*number), Hint { path: "plant", base })?;
        base = Some(id);
        let name = Name::new(&format!("plant{number}")).expect("a plain name");
        entries.push((name, Node::File(Content::Whole(id.into()))));
    }
    let bed = batch.put_value(&Tree::from_iter(entries), Hint::NONE)?;
    Ok(bed.object())
}

/// Puts a seal of such a bed into a batch.
pub(crate) fn put_seal(
    batch: &Batch,
    bed: ObjectId,
    parents: Vec<SealId>,
    message: &str,
) -> Result<SealId, WriteError> {
    let name = Name::new("bed").expect("a plain name");
    let tree = Tree::from_iter([(name, Node::Directory(bed.into()))]);
    let seal = Seal {
        tree: batch.put_value(&tree, Hint::NONE)?,
        parents,
        change: ChangeId::from_bytes([0; 16]),
        time: selkie_crdt::Hlc::from_ms(1),
        zone_minutes: 0,
        author: Author { name: "gardener".to_owned(), contact: String::new() },
        message: message.to_owned(),
        replaces: [].into(),
        labels: [].into(),
        signature: None,
    };
    batch.put_value(&seal, Hint::NONE)
}

/// All that can be reached from the seals, each object read and each plant compared with what was planted.
pub(crate) fn reachable(
    store: &Store,
    seals: &BTreeSet<SealId>,
) -> Result<BTreeSet<ObjectId>, String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<_> = seals.iter().map(|seal| seal.object()).collect();
    while let Some(id) = left.pop() {
        if !found.insert(id) {
            continue;
        }
        let object = store.read(&id).map_err(|error| error.to_string())?;
        if object.kind == Kind::Tree {
            are_as_planted(store, id)?;
        }
        let links = links(object.kind, &object.bytes).map_err(|error| error.to_string())?;
        left.extend(links.into_iter().map(|(_, link)| link));
    }
    Ok(found)
}

fn are_as_planted(store: &Store, tree: ObjectId) -> Result<(), String> {
    let tree: Tree = store.load(tree.into()).map_err(|error| error.to_string())?;
    for (name, node) in tree.iter() {
        let number = name.as_str().strip_prefix("plant").and_then(|number| number.parse().ok());
        let (Some(number), Some((_, id))) = (number, node.link()) else { continue };
        let read = store.read(&id).map_err(|error| error.to_string())?;
        if read.bytes != plant(number) {
            return Err(format!("plant {number} is another"));
        }
    }
    Ok(())
}

/// Collects without a grace period.
pub(crate) fn collect(
    disk: &Arc<dyn Disk>,
    roots: impl FnOnce() -> BTreeSet<SealId>,
) -> Result<Collected, GcError> {
    let store = Store::open(disk.clone()).map_err(|error| GcError::Roots(error.into()))?;
    let roots = || Ok(roots().iter().map(|seal| seal.object()).collect());
    gc(&store, Duration::ZERO, 1, roots, |_| ())
}

/// Collects until nothing is left to do. What is published is whole then, and nothing else is there.
pub(crate) fn settle(disk: &Arc<dyn Disk>, seals: &BTreeSet<SealId>) -> Result<(), String> {
    // After a crash it takes some runs: one that begins the wait anew, one that takes back what garbage
    // still links to.
    let mut runs = 0;
    while collect(disk, || seals.clone()).map_err(|error| error.to_string())? != NOTHING_TO_DO {
        runs += 1;
        if runs > 7 {
            return Err("it is never done".to_owned());
        }
    }
    let store = Store::open(disk.clone()).map_err(|error| error.to_string())?;
    let reachable = reachable(&store, seals)?;
    let there: BTreeSet<_> =
        store.ids().map_err(|error| error.to_string())?.into_iter().map(|(id, _)| id).collect();
    if there == reachable { Ok(()) } else { Err("garbage stays".to_owned()) }
}
