//! What a peer keeps: a store with the logs of all, and what these add up to.

use std::convert::Infallible;
use std::sync::Arc;

use selkie_crdt::{ActorId, AwSet, Edit, Hlc};
use selkie_store::{Action, Batch, Hint, Kind, ObjectId, SimDisk, Store, View, Writer};
use selkie_sync::{
    Evidence, Finding, Run, Stand, Stands, TakenIn, examine, read_logs, recall, stands, take_in,
};

use crate::peers::clone::BareClone;
use crate::peers::word::Deed;

/// A set of names, each with an object of its own, or a repository.
pub(super) struct Home {
    store: Arc<Store>,
    pub(super) writer: Writer,
    pub(super) keeps: Keeps,
}

/// What the logs add up to.
pub(super) enum Keeps {
    Set(Box<View<AwSet<String>>>),
    Repository(Box<BareClone>),
}

/// What the peers of a village have in common.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sort {
    /// A set of names.
    #[default]
    Set,
    /// A repository with one timeline.
    Repository,
}

/// The object of each item, which must not be missing where the item is.
pub(super) fn name(items: &AwSet<String>, visit: &mut dyn FnMut(ObjectId)) {
    let ids = items.sorted().into_iter().map(|item| ObjectId::of(Kind::Blob, &content(item)));
    ids.for_each(visit);
}

/// What belongs to an item: mostly some hundred bytes, of one in eight some thousand, that do not shrink.
#[must_use]
pub fn content(item: &str) -> Vec<u8> {
    let hash = blake3::hash(item.as_bytes());
    let [often, how_much, ..] = *hash.as_bytes();
    let len = 100 + usize::from(how_much) * if often < 32 { 20 } else { 1 };
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(item.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

impl Home {
    /// What is on the disk, which this writer goes on with.
    pub(super) fn open(disk: &SimDisk, writer: Writer, sort: Sort) -> Self {
        let disk = Arc::new(disk.clone());
        match sort {
            Sort::Set => {
                let store = Arc::new(Store::open(disk).expect("a disk that works"));
                let view = View::open(Arc::clone(&store), name).expect("logs that can be read");
                Self { store, writer, keeps: Keeps::Set(Box::new(view)) }
            }
            Sort::Repository => {
                let clone = BareClone::open(disk);
                let store = Arc::clone(clone.store());
                Self { store, writer, keeps: Keeps::Repository(Box::new(clone)) }
            }
        }
    }

    pub(super) const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The set, if that is what it keeps.
    pub(super) fn set(&self) -> Option<&View<AwSet<String>>> {
        match &self.keeps {
            Keeps::Set(view) => Some(view),
            Keeps::Repository(_) => None,
        }
    }

    /// Where all logs stand, as far as they count.
    pub(super) fn stands(&self) -> Stands {
        let endings = match &self.keeps {
            Keeps::Set(view) => view.endings(),
            Keeps::Repository(clone) => clone.heard().endings(),
        };
        stands(&self.store, &endings).expect("logs that can be read")
    }

    /// What a peer says of a log, held against it.
    pub(super) fn examine(&mut self, evidence: Evidence) -> Finding {
        let found = match &mut self.keeps {
            Keeps::Set(view) => examine(view, &self.store, evidence),
            Keeps::Repository(clone) => examine(clone.heard_mut(), &self.store, evidence),
        };
        found.expect("a disk that works")
    }

    /// The proof that a log ended.
    pub(super) fn recall(&self, stream: ActorId) -> Option<Vec<u8>> {
        match &self.keeps {
            Keeps::Set(view) => recall(view, stream),
            Keeps::Repository(clone) => recall(clone.heard(), stream),
        }
    }

    /// Whether its own log has ended.
    pub(super) fn is_over(&self) -> bool {
        let own = self.writer.replica();
        match &self.keeps {
            Keeps::Set(view) => view.is_over(own),
            Keeps::Repository(clone) => clone.heard().is_over(own),
        }
    }

    /// How far its own log is.
    pub(super) fn written(&self) -> u64 {
        self.stands().get(&self.writer.replica()).map_or(0, |stand| stand.position)
    }

    /// What it wrote behind a position, and where its log stands now; nothing if that is there.
    pub(super) fn wrote(&self, after: u64) -> Option<(Run, Stand)> {
        let stream = self.writer.replica();
        let mut runs = read_logs(&self.store, &[(stream, after)], usize::MAX, usize::MAX);
        Some((runs.pop()?, self.stands()[&stream]))
    }

    /// All that it knows, in bytes.
    pub(super) fn state(&self) -> Vec<u8> {
        match &self.keeps {
            Keeps::Set(view) => view.doc().to_bytes(),
            Keeps::Repository(clone) => clone.state(),
        }
    }

    /// What is in the set; a repository has none.
    pub(super) fn items(&self) -> Vec<String> {
        match &self.keeps {
            Keeps::Set(view) => view.root().sorted().into_iter().cloned().collect(),
            Keeps::Repository(_) => Vec::new(),
        }
    }

    pub(super) fn has(&self, item: &str) -> bool {
        match &self.keeps {
            Keeps::Set(view) => view.root().contains(item),
            Keeps::Repository(_) => false,
        }
    }

    /// What is known here and lies hollow: its objects are not here, or are damaged.
    pub(super) fn hollow(&self) -> Vec<String> {
        let is_here = |item: &String| {
            let id = ObjectId::of(Kind::Blob, &content(item));
            self.store.read(&id).is_ok()
        };
        match &self.keeps {
            Keeps::Set(_) => self.items().into_iter().filter(|item| !is_here(item)).collect(),
            Keeps::Repository(clone) => clone.hollow(),
        }
    }

    /// The objects of items that are here; of a repository it can not be told.
    pub(super) fn listed(&self) -> Option<Vec<ObjectId>> {
        let Keeps::Set(view) = &self.keeps else { return None };
        let mut ids = Vec::new();
        name(view.root(), &mut |id| ids.push(id));
        let absent = self.store.missing(ids.iter().copied()).expect("a disk that works");
        ids.retain(|id| !absent.contains(id));
        Some(ids)
    }

    /// Whether others know more of its own log than it does.
    pub(super) fn is_outlived(&self, runs: &[Run]) -> bool {
        let stream = self.writer.replica();
        let ours = self.set().map_or_else(|| self.written(), |view| view.applied().get(&stream));
        runs.iter().any(|run| run.stream == stream && run.end() > ours)
    }

    pub(super) fn refresh(&mut self) {
        match &mut self.keeps {
            Keeps::Set(view) => view.refresh().expect("logs that can be read"),
            Keeps::Repository(clone) => clone.refresh(),
        }
    }

    /// Takes in what others wrote. A clone that stood nowhere goes to where they are, which stands in its own log.
    pub(super) fn take_in(&mut self, now_ms: u64, runs: Vec<Run>) -> TakenIn {
        match &mut self.keeps {
            Keeps::Set(view) => take_in(view, &self.store, runs).expect("a disk that works"),
            Keeps::Repository(clone) => clone.take_in(&self.writer, now_ms, runs),
        }
    }

    /// Adds an item with its object.
    pub(super) fn add(&mut self, now_ms: u64, item: &str) {
        let batch = Batch::new(&self.store);
        let id = batch.put(Kind::Blob, &content(item), Hint::NONE);
        let id = id.expect("a disk that works");
        batch.finish().expect("a disk that works");
        self.edit(now_ms, &[id], |mut items| items.add(item.to_owned()));
    }

    pub(super) fn remove(&mut self, now_ms: u64, item: &str) {
        self.edit(now_ms, &[], |mut items| {
            items.remove(item);
        });
    }

    /// Does in the repository what people do; a set is none.
    pub(super) fn does(&mut self, now_ms: u64, deed: &Deed) {
        let Self { keeps: Keeps::Repository(clone), writer, .. } = self else { return };
        match deed {
            Deed::Seal(path, text) => drop(clone.seal(writer, now_ms, path, text)),
            Deed::Strategy(strategy) => clone.set(writer, now_ms, strategy),
            Deed::Settle => clone.settle(writer, now_ms),
            Deed::Watch => clone.watch(),
            Deed::Fuse => clone.fuse(writer, now_ms),
        }
    }

    /// Changes the set by an entry of its own.
    pub(super) fn edit(
        &mut self,
        now_ms: u64,
        roots: &[ObjectId],
        change: impl FnOnce(Edit<'_, AwSet<String>>),
    ) {
        let Keeps::Set(view) = &mut self.keeps else { return };
        let action = Action { time: Hlc::from_ms(now_ms), note: "edit", roots };
        let change = |items: Edit<'_, AwSet<String>>| {
            change(items);
            Ok::<_, Infallible>(())
        };
        view.edit(&self.writer, action, change).expect("a disk that works");
    }
}
