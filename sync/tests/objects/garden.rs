//! Stores with histories to be fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, Hlc};
use selkie_store::{
    Author, Batch, ChangeId, Deed, Hint, Kind, Log, Name, Node, ObjectId, Seal, SealId, SecretKey,
    SimDisk, Step, Store, Tree, TreeId, links, verify,
};
use selkie_sync::{ChannelId, Dice, Request, Wanted};

/// What a seal holds: contents by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A store whose history grows, and the log of its one replica.
pub(crate) struct Garden {
    pub(crate) disk: Arc<SimDisk>,
    pub(crate) store: Arc<Store>,
    pub(crate) seals: Vec<SealId>,
    pub(crate) files: Files,
    time: u64,
}

/// The one channel that all of it is about.
pub(crate) const CHANNEL: ChannelId = ChannelId::from_bytes([5; ChannelId::LEN]);

const REPLICA: ActorId = ActorId::from_bytes([1; 16]);

impl Garden {
    pub(crate) fn empty() -> Self {
        let disk = Arc::new(SimDisk::default());
        let store = Arc::new(Store::open(disk.clone()).unwrap());
        Self { disk, store, seals: Vec::new(), files: Files::new(), time: 1 }
    }

    /// Some files, and a change of one of them in each seal after the first.
    pub(crate) fn grown(seed: u64, files: u64, seals: u64) -> Self {
        let mut dice = Dice::of(seed);
        let mut garden = Self::empty();
        for number in 0..files {
            let lines = 1 + dice.below(200);
            garden.files.insert(format!("part{}/file{number}.rs", number % 5), text(number, lines));
        }
        garden.seal();
        for number in 0..seals {
            let paths: Vec<_> = garden.files.keys().cloned().collect();
            let path = dice.pick(&paths).unwrap();
            let at = garden.files[path].len() / 2;
            let line = format!("changed the {number}th time\n").into_bytes();
            garden.files.get_mut(path).unwrap().splice(at..at, line);
            garden.seal();
        }
        garden
    }

    /// Long contents of noise, which do not shrink, in one seal.
    pub(crate) fn noisy(count: u64, length: usize) -> Self {
        let mut garden = Self::empty();
        garden.files = (0..count).map(|n| (format!("noise{n}"), noise(n, length))).collect();
        garden.seal();
        garden
    }

    /// Seals the files as they are, on top of the newest seal, and tells of it.
    pub(crate) fn seal(&mut self) -> SealId {
        let parent = self.seals.last().copied();
        let id = self.put_seal(parent);
        self.tell(&[id.object()]);
        id
    }

    pub(crate) fn put_seal(&mut self, parent: Option<SealId>) -> SealId {
        self.time += 1;
        let before = parent.and_then(|seal| Some(self.store.load::<Seal>(seal).ok()?.tree));
        let batch = Batch::new(&*self.store);
        let seal = Seal {
            tree: put_tree(&batch, &self.store, &self.files, "", before),
            parents: parent.into_iter().collect(),
            change: ChangeId::from_bytes([3; 16]),
            time: Hlc::from_ms(self.time),
            zone_minutes: 0,
            author: Author { name: "gardener".to_owned(), contact: String::new() },
            message: format!("the {}th", self.time),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        let hint = Hint { path: "", base: parent.map(SealId::object) };
        let id = batch.put_value(&seal, hint).unwrap();
        batch.finish().unwrap();
        self.seals.push(id);
        id
    }

    pub(crate) fn tell(&mut self, roots: &[ObjectId]) {
        self.time += 1;
        let (time, note) = (Hlc::from_ms(self.time), "seal".to_owned());
        let step = Step { time, note, roots: roots.to_vec(), deed: Deed::Changes(Vec::new()) };
        let key = SecretKey::from_bytes(&[7; 32]);
        self.log().append(&step.to_bytes().unwrap(), &key).unwrap();
    }

    /// Takes in the entries of another, whose objects are here.
    pub(crate) fn hear(&self, other: &Self) {
        let entries: Vec<_> = other.log().entries().unwrap().map(Result::unwrap).collect();
        self.log().accept_all(&entries).unwrap();
    }

    /// What is new to who has the log up to here.
    pub(crate) fn request(&self) -> Request {
        let position = self.log().head().unwrap().position;
        Request { channel: CHANNEL, have: vec![(REPLICA, position)], wanted: Wanted::News }
    }

    pub(crate) fn ids(&self) -> BTreeSet<ObjectId> {
        self.store.ids().unwrap().into_iter().map(|(id, _)| id).collect()
    }

    /// Whether every object is sound, and all that it links to is here.
    pub(crate) fn is_whole(&self) -> bool {
        verify(&self.store, |_| ()).unwrap().is_empty()
    }

    fn log(&self) -> Log {
        Log::new(self.disk.clone(), REPLICA)
    }
}

/// All that can be reached from here.
pub(crate) fn closure(store: &Store, root: ObjectId) -> BTreeSet<ObjectId> {
    let (mut found, mut left) = (BTreeSet::new(), vec![root]);
    while let Some(id) = left.pop() {
        if found.insert(id) {
            let object = store.read(&id).unwrap();
            left.extend(links(object.kind, &object.bytes).unwrap().into_iter().map(|(_, id)| id));
        }
    }
    found
}

pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn text(seed: u64, lines: u64) -> Vec<u8> {
    let word = |n: u64| ObjectId::of(Kind::Blob, &(n % 50).to_le_bytes()).to_string();
    let line = |n: u64| format!("line {n} says {}\n", &word(n * (seed + 1))[..20]);
    (0..lines).map(line).collect::<String>().into_bytes()
}

fn put_tree(
    batch: &Batch,
    store: &Store,
    files: &Files,
    folder: &str,
    before: Option<TreeId>,
) -> TreeId {
    let old = before.map(|id| store.load::<Tree>(id).unwrap()).unwrap_or_default();
    let mut nodes = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(folder)) {
        let rest = &path[folder.len()..];
        let name = rest.split('/').next().unwrap();
        let base = old.get(name).and_then(Node::link).map(|(_, id)| id);
        if !rest.contains('/') {
            let content = batch.put_content(&bytes[..], Hint { path, base }).unwrap();
            nodes.insert(name.to_owned(), Node::File(content));
        } else if !nodes.contains_key(name) {
            let before = base.map(TreeId::from);
            let tree = put_tree(batch, store, files, &format!("{folder}{name}/"), before);
            nodes.insert(name.to_owned(), Node::Directory(tree));
        }
    }
    let named = nodes.into_iter().map(|(name, node)| (Name::new(&name).unwrap(), node));
    let hint = Hint { path: "", base: before.map(TreeId::object) };
    batch.put_value(&named.collect::<Tree>(), hint).unwrap()
}
