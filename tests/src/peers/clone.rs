//! A clone of a repository without files, and what people do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_store::{
    Author, ChangeId, Content, Disk, Hint, Node, RepoPath, Seal, SealId, Store, Tree, TreeId, View,
    Writer, sign,
};
use selkie_sync::{Run, TakenIn, take_in};
use selkie_vcs::converge::{Along, Occasion, settle};
use selkie_vcs::{
    Attribute, Bare, Desk, Edits, GrowError, Hand, Move, Named, Repository, State,
    TimelineStrategy, edit, fold_heads, ids, spelled,
};

/// The one timeline there is.
const MAIN: &str = "main";

/// The repository as commands see it, and the view that takes in what others write, as in a program that does both.
pub(super) struct BareClone {
    repository: Repository,
    heard: View<State>,
    manner: Manner,
}

/// When a clone settles what diverged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    /// When somebody asks for it.
    Asked,
    /// Whenever it hears something, as a node does that runs in the background.
    Heard,
}

impl BareClone {
    pub(super) fn open(disk: Arc<dyn Disk>) -> Self {
        let repository = Repository::open(disk).expect("a disk that works");
        let heard = repository.another_view().expect("logs that can be read");
        Self { repository, heard, manner: Manner::Asked }
    }

    pub(super) const fn store(&self) -> &Arc<Store> {
        self.repository.store()
    }

    /// What the logs add up to, of all that was heard.
    pub(super) const fn heard(&self) -> &View<State> {
        &self.heard
    }

    pub(super) const fn heard_mut(&mut self) -> &mut View<State> {
        &mut self.heard
    }

    pub(super) fn state(&self) -> Vec<u8> {
        self.heard.doc().to_bytes()
    }

    /// Seals that lead to what is not here or damaged.
    pub(super) fn hollow(&self) -> Vec<String> {
        let is_here = |seal: &SealId| {
            let seal = self.store().load::<Seal>(*seal);
            seal.is_ok_and(|seal| self.store().load::<Tree>(seal.tree).is_ok())
        };
        let hollow = self.past(&self.heads()).into_iter().filter(|seal| !is_here(seal));
        hollow.map(|seal| seal.object().to_string()).collect()
    }

    /// The newest seals of the timeline; none before there is one.
    pub(super) fn heads(&self) -> Vec<SealId> {
        let Some(main) = self.repository.shared().timeline(MAIN) else { return Vec::new() };
        let raw = main.heads();
        let mut chronicle = self.repository.chronicle().expect("a history that can be read");
        let folded = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &raw)?));
        folded.expect("a history that can be read").into_iter().collect()
    }

    /// How heads are brought together, if somebody said so.
    pub(super) fn strategy(&self) -> Option<TimelineStrategy> {
        TimelineStrategy::read(self.repository.shared().timeline(MAIN)?.strategy()?)
    }

    /// All seals that these lead to, with themselves.
    pub(super) fn past(&self, heads: &[SealId]) -> BTreeSet<SealId> {
        let (mut seen, mut open) = (BTreeSet::new(), heads.to_vec());
        while let Some(seal) = open.pop() {
            if seen.insert(seal)
                && let Ok(seal) = self.store().load::<Seal>(seal)
            {
                open.extend(seal.parents);
            }
        }
        seen
    }

    pub(super) fn refresh(&mut self) {
        self.heard.refresh().expect("logs that can be read");
    }

    /// From here on it settles what it hears.
    pub(super) const fn watch(&mut self) {
        self.manner = Manner::Heard;
    }

    /// Takes in what others wrote.
    pub(super) fn take_in(&mut self, writer: &Writer, now_ms: u64, runs: Vec<Run>) -> TakenIn {
        let store = Arc::clone(self.store());
        let taken = take_in(&mut self.heard, &store, runs).expect("a disk that works");
        self.act(writer, now_ms, |_| ());
        if self.repository.desk().bases.is_empty() {
            self.follow(writer, now_ms);
        }
        if self.manner == Manner::Heard {
            self.settle(writer, now_ms);
        }
        taken
    }

    /// Settles what diverged, as far as the strategy of the timeline goes, as whoever syncs does at the end.
    pub(super) fn settle(&mut self, writer: &Writer, now_ms: u64) {
        self.act(writer, now_ms, |hand| {
            let unsaid = TimelineStrategy::Manual;
            settle(hand, Along::Bare, "sync".to_owned(), Occasion::Heard, &unsaid)
                .expect("a disk that works");
        });
        self.follow(writer, now_ms);
    }

    /// Seals a text at a path, on what this clone stands on.
    pub(super) fn seal(&mut self, writer: &Writer, now_ms: u64, path: &str, text: &str) -> SealId {
        self.act(writer, now_ms, |hand| {
            let bases: Vec<SealId> = hand.desk().bases.clone();
            let base = bases.first().map(|base| hand.store().load::<Seal>(*base));
            let base = base.map(|seal| seal.expect("it stands on what is here").tree);
            let before = base.unwrap_or_else(|| empty(hand));
            let batch = hand.batch();
            let content: Content =
                batch.put_content(text.as_bytes(), Hint::NONE).expect("a disk that works");
            let path = RepoPath::new(path).expect("a path");
            let edits = Edits::from([(path, Some(Node::File(content)))]);
            let tree = edit(hand.store(), &batch, before, &edits).expect("a disk that works");
            batch.finish().expect("a disk that works");
            put(hand, bases, tree)
        })
    }

    /// Brings all heads together by hand: the first one has what is right.
    pub(super) fn fuse(&mut self, writer: &Writer, now_ms: u64) {
        let heads = self.heads();
        if heads.len() > 1 {
            self.act(writer, now_ms, |hand| {
                let first = hand.store().load::<Seal>(heads[0]).expect("heads are here");
                put(hand, heads, first.tree)
            });
        }
    }

    /// From here on, for all, heads are brought together so.
    pub(super) fn set(&mut self, writer: &Writer, now_ms: u64, strategy: &TimelineStrategy) {
        self.act(writer, now_ms, |hand| {
            let (subject, attribute) = (Named::Timeline(MAIN.to_owned()), Attribute::Strategy);
            let before = hand.shared().value(&subject, attribute);
            let after = Some(strategy.spelled().into_bytes());
            let mut operation = hand.operation("timeline".to_owned(), hand.desk().clone());
            operation.moves = vec![Move { subject, attribute, before, after }];
            hand.perform(&operation).expect("nobody else writes here");
        });
    }

    /// Goes on to the head of the timeline, if it has one.
    fn follow(&mut self, writer: &Writer, now_ms: u64) {
        let heads = self.heads();
        let stands = self.repository.desk().bases.first();
        if let [head] = heads[..]
            && stands != Some(&head)
        {
            self.act(writer, now_ms, |hand| {
                let timeline = Some(MAIN.to_owned());
                let desk = Desk { timeline, bases: vec![head], ..hand.desk().clone() };
                let operation = hand.operation("travel".to_owned(), desk);
                hand.perform(&operation).expect("nobody else writes here");
            });
        }
    }

    /// Does something as a command does it, and shows it to the view that hears of others.
    fn act<T>(&mut self, writer: &Writer, now_ms: u64, act: impl FnOnce(&mut Hand<'_>) -> T) -> T {
        let hand = self.repository.take(writer, &Bare, now_ms);
        let done = act(&mut hand.expect("a disk that works"));
        self.refresh();
        done
    }
}

/// A tree with nothing in it.
fn empty(hand: &Hand<'_>) -> TreeId {
    let batch = hand.batch();
    let tree = batch.put_value(&Tree::default(), Hint::NONE).expect("a disk that works");
    batch.finish().expect("a disk that works");
    tree
}

/// Seals a tree on these, as the head in their place.
fn put(hand: &mut Hand<'_>, parents: Vec<SealId>, tree: TreeId) -> SealId {
    let seal = Seal {
        tree,
        parents,
        change: change(hand),
        time: hand.time(),
        zone_minutes: 0,
        author: Author::default(),
        message: String::new(),
        replaces: BTreeSet::new(),
        labels: BTreeMap::new(),
        signature: None,
    };
    let seal = sign(seal, hand.writer().key()).expect("it fits");
    let batch = hand.batch();
    let id: SealId = batch.put_value(&seal, Hint::NONE).expect("a disk that works");
    batch.finish().expect("a disk that works");
    let (subject, attribute) = (Named::Timeline(MAIN.to_owned()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> = before.iter().flat_map(|value| ids(value)).collect();
    heads.retain(|head| !seal.parents.contains(head));
    heads.insert(id);
    let desk = Desk { timeline: Some(MAIN.to_owned()), bases: vec![id], ..hand.desk().clone() };
    let mut operation = hand.operation("seal".to_owned(), desk);
    operation.moves = vec![Move { subject, attribute, before, after: Some(spelled(&heads)) }];
    hand.perform(&operation).expect("nobody else writes here");
    id
}

/// The name of a new change: no clone does two things at one time.
fn change(hand: &Hand<'_>) -> ChangeId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(hand.writer().replica().as_bytes()).update(&hand.time().to_u64().to_be_bytes());
    let mut name = [0; ChangeId::LEN];
    hasher.finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}
