//! Replicas that write fruits to baskets: the notation of the tests of views.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use selkie_crdt::{ActorId, AwMap, AwSet, Edit, Hlc, VersionVector};
use selkie_store::{
    Action, Disk, EditError, Entry, Head, ObjectId, Refusal, SecretKey, SimDisk, Store, View,
    Writer,
};

/// Baskets by name. A number from 100 on names an object.
pub(crate) type Baskets = AwMap<String, AwSet<u64>>;

/// One clone.
pub(crate) struct Replica {
    pub(crate) disk: SimDisk,
    pub(crate) store: Arc<Store>,
    pub(crate) view: View<Baskets>,
    pub(crate) writer: Writer,
}

impl Replica {
    pub(crate) fn new(number: u8) -> Self {
        Self::on(SimDisk::default(), number)
    }

    /// The replica of this number on a disk that it may have been on before.
    pub(crate) fn on(disk: SimDisk, number: u8) -> Self {
        Self::open(disk, number).expect("the disk is well")
    }

    pub(crate) fn open(disk: SimDisk, number: u8) -> Result<Self, Box<dyn Error>> {
        let store = Arc::new(Store::open(Arc::new(disk.clone()))?);
        let view = View::open(Arc::clone(&store), named)?;
        Ok(Self { disk, store, view, writer: writer(number) })
    }

    pub(crate) fn name(&self) -> ActorId {
        self.writer.replica()
    }

    pub(crate) fn edit<R>(
        &mut self,
        change: impl FnOnce(Edit<'_, Baskets>) -> R,
    ) -> Result<Option<Head>, EditError<Infallible>> {
        self.edit_reaching(&[], change)
    }

    pub(crate) fn edit_reaching<R>(
        &mut self,
        roots: &[ObjectId],
        change: impl FnOnce(Edit<'_, Baskets>) -> R,
    ) -> Result<Option<Head>, EditError<Infallible>> {
        let time = Hlc::from_ms(self.view.time().ms() + 1);
        let action = Action { time, note: "put", roots };
        self.view.edit(&self.writer, action, |edit| {
            change(edit);
            Ok(())
        })
    }

    pub(crate) fn put(&mut self, basket: &str, fruit: u64) {
        let put = self.edit(|mut baskets| baskets.entry(basket.into()).add(fruit));
        put.expect("the disk is well");
    }

    /// What is in the baskets, sorted.
    pub(crate) fn says(&self) -> String {
        let mut baskets: Vec<_> = self.view.root().iter().collect();
        baskets.sort_by_key(|(name, _)| *name);
        let spell = |(name, fruits): (&String, &AwSet<u64>)| format!("{name}{:?}", fruits.sorted());
        baskets.into_iter().map(spell).collect::<Vec<_>>().join(" ")
    }

    /// What a peer lacks who has this.
    pub(crate) fn since(&self, version: &VersionVector) -> BTreeMap<ActorId, Vec<Entry>> {
        let logs = self.view.since(version).expect("the disk is well");
        let all = |(replica, entries): (_, selkie_store::Entries)| {
            (replica, entries.map(|entry| entry.expect("the disk is well")).collect())
        };
        logs.into_iter().map(all).collect()
    }

    /// Takes in all that `peer` has, and tells what it refused.
    pub(crate) fn take_from(&mut self, peer: &Self) -> Vec<Refusal> {
        let heads = self.view.heads().expect("the disk is well");
        self.take(peer.since(&heads))
    }

    pub(crate) fn take(&mut self, entries: BTreeMap<ActorId, Vec<Entry>>) -> Vec<Refusal> {
        self.view.accept(entries).expect("the disk is well").into_values().collect()
    }

    /// The bytes of a snapshot of now.
    pub(crate) fn snapshot(&mut self) -> Vec<u8> {
        self.view.save().expect("the disk is well");
        self.disk.bytes("view").expect("it was just written")
    }

    /// The same files on another disk, but for the snapshot.
    pub(crate) fn replayed(&self) -> Self {
        let copy = SimDisk::default();
        for folder in ["logs", "packs"] {
            copy.create_folder(folder).expect("the disk is well");
        }
        for path in self.disk.paths().into_iter().filter(|path| path != "view") {
            let bytes = self.disk.bytes(&path).expect("it is listed");
            let mut file = copy.create(&path).expect("the disk is well");
            file.append(&bytes).expect("the disk is well");
        }
        Self::on(copy, 0)
    }
}

pub(crate) fn writer(number: u8) -> Writer {
    Writer::new(SecretKey::from_bytes(&[number; 32]), [number; 16])
}

pub(crate) fn forget_snapshot(disk: &SimDisk) {
    match disk.remove("view") {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => {}
    }
}

/// The object that a fruit names.
pub(crate) fn object(fruit: u64) -> Vec<u8> {
    fruit.to_le_bytes().to_vec()
}

pub(crate) fn id(fruit: u64) -> ObjectId {
    ObjectId::of(selkie_store::Kind::Blob, &object(fruit))
}

/// Fruits from 100 on name objects.
pub(crate) fn named(baskets: &Baskets, visit: &mut dyn FnMut(ObjectId)) {
    let fruits = baskets.iter().flat_map(|(_, fruits)| fruits.iter());
    fruits.filter(|fruit| **fruit >= 100).for_each(|fruit| visit(id(*fruit)));
}
