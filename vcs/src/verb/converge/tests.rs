//! Replicas of one repository in memory, which write at once, part, meet again and settle what diverged.

use std::env;
use std::sync::Arc;

use selkie_store::{Entry, Loss, Node, PublicKey, SecretKey, SimDisk, Writer, hand_over};

use super::*;
use crate::lots::Lots;
use crate::operation::Operation;
use crate::repository::{Bare, Repository};
use crate::tree::edit::{Edits, edit, empty_tree};
use crate::tree::fuse::moves::node_at;
use crate::verb::seal::change as new_change;

mod hearing;

const MAIN: &str = "main";

const UNSAID: TimelineStrategy = TimelineStrategy::Manual;

/// One replica. What it seals it seals as a person does, and signs.
struct Replica {
    disk: SimDisk,
    repository: Repository,
    writer: Writer,
    now_ms: u64,
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number + 1; 32])
}

impl Replica {
    fn new(number: u8) -> Self {
        let disk = SimDisk::default();
        let repository = Repository::open(Arc::new(disk.clone())).unwrap();
        // Clocks of replicas are never quite the same.
        let now_ms = 1000 + 7 * u64::from(number);
        Self { disk, repository, writer: Writer::new(key(number), [number + 1; 16]), now_ms }
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut Hand<'_>) -> T) -> T {
        self.now_ms += 10;
        let mut hand = self.repository.take(&self.writer, &Bare, self.now_ms).unwrap();
        act(&mut hand)
    }

    /// Seals a change of some files on what the clone stands on.
    fn seal(&mut self, files: &[(&str, &str)]) -> SealId {
        self.act(|hand| {
            let base = hand.desk().bases.first().copied();
            let tree =
                base.map_or(empty_tree(), |base| hand.store().load::<Seal>(base).unwrap().tree);
            let tree = edited(hand, tree, files);
            let seal = signed(hand, base.into_iter().collect(), tree, None);
            put_on(hand, &[seal])
        })
    }

    /// Rewrites the last seals of this clone, the oldest first, with another change of a file in each.
    fn rewrite(&mut self, count: usize, file: (&str, &str)) -> Option<SealId> {
        self.act(|hand| {
            let mut old = Vec::new();
            let mut at = *hand.desk().bases.first()?;
            for _ in 0..count {
                let seal: Seal = hand.store().load(at).unwrap();
                let is_own = seal
                    .signature
                    .as_ref()
                    .is_some_and(|(key, _)| *key == hand.writer().key().public());
                let [parent] = seal.parents[..] else { return None };
                old.push((at, seal));
                at = Some(parent).filter(|_| is_own)?;
            }
            let mut rewritten = Vec::new();
            let mut parent = at;
            for (id, seal) in old.into_iter().rev() {
                let tree = edited(hand, seal.tree, &[file]);
                let seal = signed(hand, vec![parent], tree, Some((id, seal)));
                parent = stored(hand, &seal);
                rewritten.push(seal);
            }
            Some(put_on(hand, &rewritten))
        })
    }

    fn settle(&mut self, occasion: Occasion) -> Vec<Settled> {
        let settled = self
            .act(|hand| settle(hand, Along::Bare, "fuse".to_owned(), occasion, &UNSAID).unwrap());
        self.follow();
        settled
    }

    /// Goes on to the head of the timeline, if it has one.
    fn follow(&mut self) {
        let heads = self.heads();
        let stands = self.repository.desk().bases.first().copied();
        if let ([head], true) = (&heads[..], stands != heads.first().copied()) {
            let bases = vec![*head];
            self.act(|hand| {
                let timeline = Some(MAIN.to_owned());
                let desk = Desk { timeline, bases, ..hand.desk().clone() };
                let operation = hand.operation("travel".to_owned(), desk);
                hand.perform(&operation).unwrap();
            });
        }
    }

    fn set(&mut self, strategy: &TimelineStrategy) {
        self.act(|hand| {
            let (subject, attribute) = (Named::Timeline(MAIN.to_owned()), Attribute::Strategy);
            let before = hand.shared().value(&subject, attribute);
            let after = Some(strategy.spelled().into_bytes());
            let mut operation = hand.operation("timeline".to_owned(), hand.desk().clone());
            operation.moves = vec![Move { subject, attribute, before, after }];
            hand.perform(&operation).unwrap();
        });
    }

    /// Somebody brings all heads together by hand.
    fn fuse(&mut self) -> SealId {
        let heads = self.heads();
        self.act(|hand| {
            let tree = hand.store().load::<Seal>(heads[0]).unwrap().tree;
            let seal = signed(hand, heads, tree, None);
            put_on(hand, &[seal])
        })
    }

    fn heads(&self) -> Vec<SealId> {
        let raw = self.repository.shared().timeline(MAIN).map(|main| main.heads());
        let mut chronicle = self.repository.chronicle().unwrap();
        let folded = chronicle
            .ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &raw.clone().unwrap_or_default())?));
        folded.unwrap().into_iter().collect()
    }

    fn load(&self, seal: SealId) -> Seal {
        self.repository.store().load(seal).unwrap()
    }

    fn file(&self, seal: SealId, path: &str) -> Option<Node> {
        node_at(self.repository.store(), self.load(seal).tree, &RepoPath::new(path).unwrap())
            .unwrap()
    }

    /// Hears all that the other knows.
    fn hear(&mut self, other: &Self) {
        let known = self.repository.view().applied();
        let since = other.repository.view().since(&known).unwrap();
        let logs: BTreeMap<_, _> = since
            .into_iter()
            .map(|(replica, log)| (replica, log.collect::<Result<Vec<Entry>, _>>().unwrap()))
            .filter(|(_, log)| !log.is_empty())
            .collect();
        if logs.is_empty() {
            return;
        }
        let roots = other.repository.view().roots().unwrap();
        hand_over(other.repository.store(), self.repository.store(), &roots, |_| {}).unwrap();
        assert!(self.repository.hear(logs).unwrap().is_empty());
        let stands = !self.repository.desk().bases.is_empty();
        if !stands {
            self.follow();
        }
    }
}

fn edited(hand: &Hand<'_>, tree: TreeId, files: &[(&str, &str)]) -> TreeId {
    let batch = hand.batch();
    let edits: Edits = files
        .iter()
        .map(|(path, text)| {
            let content = batch.put_content(text.as_bytes(), Hint::NONE).unwrap();
            (RepoPath::new(path).unwrap(), Some(Node::File(content)))
        })
        .collect();
    let tree = edit(hand.store(), &batch, tree, &edits).unwrap();
    batch.finish().unwrap();
    tree
}

/// A seal of a person, in the place of an old one if there is one.
fn signed(
    hand: &Hand<'_>,
    parents: Vec<SealId>,
    tree: TreeId,
    old: Option<(SealId, Seal)>,
) -> Seal {
    let time = hand.time();
    let change = old
        .as_ref()
        .map_or_else(|| new_change(hand.writer(), time.to_u64(), 0), |(_, old)| old.change);
    let replaces = old.map(|(id, old)| old.replaces.into_iter().chain([id]).collect());
    let seal = Seal {
        tree,
        parents,
        change,
        time,
        zone_minutes: 0,
        author: Author::default(),
        message: String::new(),
        replaces: replaces.unwrap_or_default(),
        labels: BTreeMap::new(),
        signature: None,
    };
    sign(seal, hand.writer().key()).unwrap()
}

fn stored(hand: &Hand<'_>, seal: &Seal) -> SealId {
    let batch = hand.batch();
    let id = batch.put_value(seal, Hint::NONE).unwrap();
    batch.finish().unwrap();
    id
}

/// Puts seals on the timeline, the last one as its head in the place of what they continue and rewrite.
fn put_on(hand: &mut Hand<'_>, seals: &[Seal]) -> SealId {
    let ids: Vec<SealId> = seals.iter().map(|seal| stored(hand, seal)).collect();
    let last = *ids.last().expect("there is one");
    let (subject, attribute) = (Named::Timeline(MAIN.to_owned()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> =
        before.iter().flat_map(|value| crate::shared::ids(value)).collect();
    for seal in seals {
        heads.retain(|head| !seal.parents.contains(head) && !seal.replaces.contains(head));
    }
    heads.insert(last);
    let desk = Desk { timeline: Some(MAIN.to_owned()), bases: vec![last], ..hand.desk().clone() };
    let mut operation: Operation = hand.operation("seal".to_owned(), desk);
    operation.moves = vec![Move { subject, attribute, before, after: Some(spelled(&heads)) }];
    hand.perform(&operation).unwrap();
    last
}

fn strategies() -> Vec<TimelineStrategy> {
    let first: PublicKey = key(0).public();
    vec![
        TimelineStrategy::Manual,
        TimelineStrategy::AutoMerge,
        TimelineStrategy::PreferLocal,
        TimelineStrategy::PreferRemote,
        TimelineStrategy::LastWrite,
        TimelineStrategy::FirstWrite,
        TimelineStrategy::Authority(vec![first]),
    ]
}

/// Two replicas that each sealed a change of these files on one seal of both.
fn parted(strategy: &TimelineStrategy, files: [&str; 2]) -> ([Replica; 2], [SealId; 2]) {
    let (mut east, mut west) = (Replica::new(0), Replica::new(1));
    east.seal(&[("a", "a\n"), ("b", "b\n")]);
    east.set(strategy);
    west.hear(&east);
    west.now_ms += 1000;
    let ours = east.seal(&[(files[0], "east\n")]);
    let theirs = west.seal(&[(files[1], "west\n")]);
    ([east, west], [ours, theirs])
}

fn meet(east: &mut Replica, west: &mut Replica) {
    east.hear(west);
    west.hear(east);
}

#[test]
fn a_clean_merge_is_made_alike_by_both_without_a_word() {
    let ([mut east, mut west], [ours, theirs]) = parted(&TimelineStrategy::AutoMerge, ["a", "b"]);
    meet(&mut east, &mut west);
    let [one, other] = [&mut east, &mut west].map(|replica| replica.settle(Occasion::Heard));
    assert_eq!(one[0].made, other[0].made);
    let seal = &one[0].made.as_ref().unwrap().seal;
    assert_eq!((seal.parents.clone(), &seal.signature), (vec![ours, theirs], &None));
    assert!(is_automatic_of(seal, "auto_merge"));
    meet(&mut east, &mut west);
    assert_eq!(east.heads(), west.heads());
    assert_eq!(east.settle(Occasion::Heard), []);
    let head = east.heads()[0];
    assert_eq!(east.file(head, "a"), east.file(ours, "a"));
    assert_eq!(east.file(head, "b"), east.file(theirs, "b"));
}

fn is_automatic_of(seal: &Seal, word: &str) -> bool {
    seal.labels.get(AUTOMATIC).is_some_and(|label| label == word.as_bytes())
}

#[test]
fn a_merge_with_conflicts_waits_for_a_person() {
    let ([mut east, mut west], _) = parted(&TimelineStrategy::AutoMerge, ["a", "a"]);
    meet(&mut east, &mut west);
    let settled = east.settle(Occasion::Heard);
    assert_eq!(settled[0].waiting, Some(Waiting::Conflicts(1)));
    assert_eq!(east.heads().len(), 2);
}

#[test]
fn the_write_of_the_head_decides_and_is_told() {
    for (strategy, winner) in [
        (TimelineStrategy::LastWrite, 1),
        (TimelineStrategy::FirstWrite, 0),
        (TimelineStrategy::Authority(vec![key(1).public()]), 1),
    ] {
        let ([mut east, mut west], sides) = parted(&strategy, ["a", "a"]);
        meet(&mut east, &mut west);
        let made = east.settle(Occasion::Heard).remove(0).made.unwrap();
        assert_eq!(made.seal.parents, [sides[winner], sides[1 - winner]]);
        assert_eq!(made.seal.tree, east.load(sides[winner]).tree);
        let decisions = String::from_utf8(made.seal.labels[DECISIONS].clone()).unwrap();
        let name = SealName::of(east.load(sides[winner]).change);
        let word = strategy.strategy().name();
        assert_eq!(decisions, format!("all of it: taken from {name}: {word} (timeline main)"));
    }
}

#[test]
fn two_clones_that_each_prefer_their_own_do_not_swap_for_ever() {
    for strategy in [TimelineStrategy::PreferLocal, TimelineStrategy::PreferRemote] {
        let ([mut east, mut west], sides) = parted(&strategy, ["a", "a"]);
        meet(&mut east, &mut west);
        let one = east.settle(Occasion::Heard).remove(0).made.unwrap();
        let other = west.settle(Occasion::Heard).remove(0).made.unwrap();
        assert_ne!(one.seal.tree, other.seal.tree);
        assert!(one.seal.signature.is_some());
        meet(&mut east, &mut west);
        let one = east.settle(Occasion::Heard).remove(0).made.unwrap();
        assert_eq!(one, west.settle(Occasion::Heard).remove(0).made.unwrap());
        assert!(is_automatic_of(&one.seal, "lot"));
        meet(&mut east, &mut west);
        assert_eq!(east.heads(), [one.id]);
        assert_eq!((east.settle(Occasion::Heard), west.settle(Occasion::Heard)), (vec![], vec![]));
        let text = east.file(one.id, "a");
        assert!(sides.iter().any(|side| east.file(*side, "a") == text));
    }
}

#[test]
fn a_label_gives_nobody_the_voice_of_somebody_else() {
    let named = TimelineStrategy::Authority(vec![key(0).public()]);
    let ([mut east, mut west], [ours, theirs]) = parted(&named, ["a", "a"]);
    meet(&mut east, &mut west);
    let head = |replica: &mut Replica, of: SealId| {
        let tree = replica.load(of).tree;
        replica.act(|hand| {
            let mut seal = signed(hand, vec![ours, theirs], tree, None);
            seal.labels.insert(AUTOMATIC.to_owned(), b"last_write".to_vec());
            let seal = sign(seal, hand.writer().key()).unwrap();
            let id = stored(hand, &seal);
            Head::load(hand.store(), id).unwrap()
        })
    };
    assert_eq!(head(&mut west, ours).speaker(), Some(key(0).public()));
    assert_eq!(head(&mut west, theirs).speaker(), Some(key(1).public()));
}

#[test]
fn what_somebody_took_back_is_not_made_again_by_itself() {
    let ([mut east, mut west], sides) = parted(&TimelineStrategy::LastWrite, ["a", "a"]);
    meet(&mut east, &mut west);
    east.settle(Occasion::Heard);
    let undone = east.act(|hand| {
        let newest = hand
            .operations()
            .unwrap()
            .map(Result::unwrap)
            .find(|logged| logged.outcome == End::Done);
        let newest = newest.unwrap();
        let kind = Kind::Undo(newest.number);
        let undo = newest.operation.reversed(kind, hand.time(), "undo".to_owned());
        hand.perform(&undo).unwrap();
        hand.desk().bases.clone()
    });
    assert_eq!(undone, [sides[0]]);
    assert_eq!(east.heads().len(), 2);
    assert_eq!(east.settle(Occasion::Heard)[0].waiting, Some(Waiting::TakenBack));
    assert!(east.settle(Occasion::Asked)[0].made.is_some());
}

#[test]
fn what_one_rewrote_is_rewritten_on_the_others() {
    let ([mut east, mut west], _) = parted(&TimelineStrategy::Manual, ["a", "a"]);
    let more = east.seal(&[("b", "more\n")]);
    meet(&mut east, &mut west);
    let heads = west.heads();
    assert!(heads.contains(&more) && heads.len() == 2);
    // Both seals of east, on the seal that both came from.
    let rewritten = east.rewrite(2, ("c", "rebased\n")).unwrap();
    west.hear(&east);
    let heads = west.heads();
    assert!(heads.contains(&rewritten) && !heads.contains(&more) && heads.len() == 2);
}

#[test]
fn after_a_crash_at_any_step_all_is_settled_or_nothing() {
    let ([mut east, mut west], _) = parted(&TimelineStrategy::AutoMerge, ["a", "b"]);
    meet(&mut east, &mut west);
    let before = (east.heads(), east.repository.desk().clone());
    let first = east.disk.steps();
    east.settle(Occasion::Heard);
    let after = (east.heads(), east.repository.desk().clone());
    let mut settled = 0;
    for step in first..=east.disk.steps() {
        for loss in [Loss::Nothing, Loss::Unsynced, Loss::Some(step as u64)] {
            let disk = east.disk.crashed(step, loss);
            let repository = Repository::open(Arc::new(disk.clone())).unwrap();
            let mut again =
                Replica { disk, repository, writer: Writer::new(key(0), [1; 16]), now_ms: 9000 };
            again.act(|_| ());
            let found = (again.heads(), again.repository.desk().clone());
            settled += usize::from(found == after);
            assert!(found == before || found == after, "step {step}, {loss:?}");
        }
    }
    assert!(settled > 0);
}

/// Some replicas that begin with one seal of all, and what happens to them.
struct Story {
    replicas: Vec<Replica>,
    /// What people sealed.
    sealed: BTreeSet<SealId>,
    lots: Lots,
    /// Those that are set; none, if nobody says how.
    pair: Option<[TimelineStrategy; 2]>,
}

impl Story {
    /// Nobody says how heads are settled if there is no pair.
    fn begin(count: u8, pair: Option<[TimelineStrategy; 2]>, seed: u64) -> Self {
        let mut replicas: Vec<Replica> = (0..count).map(Replica::new).collect();
        let first = replicas[0].seal(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n")]);
        pair.iter().for_each(|pair| replicas[0].set(&pair[0]));
        let (told, others) = replicas.split_at_mut(1);
        others.iter_mut().for_each(|replica| replica.hear(&told[0]));
        Self { replicas, sealed: BTreeSet::from([first]), lots: Lots(seed), pair }
    }

    /// While the network is torn into parts everyone works, settles and meets some of the others.
    fn part(&mut self, steps: usize) {
        let parts: Vec<usize> = self.replicas.iter().map(|_| self.lots.below(3)).collect();
        for step in 0..steps {
            let at = self.lots.below(self.replicas.len());
            match self.lots.below(9) {
                0..4 => {
                    let path = ["a", "b", "c", "d"][self.lots.below(4)];
                    let text = format!("{at} at {step}\n");
                    let seal = self.replicas[at].seal(&[(path, &text)]);
                    self.sealed.insert(seal);
                }
                4 => {
                    let count = 1 + self.lots.below(2);
                    let text = format!("{at} anew at {step}\n");
                    self.sealed.extend(self.replicas[at].rewrite(count, ("e", &text)));
                }
                5 => {
                    let pair = self.pair.clone();
                    let strategy = pair.map(|pair| pair[self.lots.below(2)].clone());
                    strategy.iter().for_each(|strategy| self.replicas[at].set(strategy));
                }
                6 => {
                    self.replicas[at].settle(Occasion::Heard);
                }
                _ => {
                    let other = self.lots.below(self.replicas.len());
                    if other != at && parts[at] == parts[other] {
                        self.tell(at, other);
                    }
                }
            }
        }
    }

    fn tell(&mut self, to: usize, from: usize) {
        let mut heard = self.replicas.swap_remove(to);
        let from = if from == self.replicas.len() { to } else { from };
        heard.hear(&self.replicas[from]);
        self.replicas.push(heard);
        let last = self.replicas.len() - 1;
        self.replicas.swap(to, last);
    }

    /// All meet all, and settle whenever they heard something, until nobody makes a seal any more. Fails if that does not end.
    fn heal(&mut self) {
        let count = self.replicas.len();
        // Who settles one after the other ends whatever is decided. All at once, each before it hears of the others, is what
        // could swap for ever.
        let talks = self.lots.below(2) * count * count;
        for _ in 0..3 * count {
            let mut made = 0;
            for _ in 0..talks {
                let (to, from) = (self.lots.below(count), self.lots.below(count));
                if to != from {
                    self.tell(to, from);
                    made += self.settle(to);
                }
            }
            for (to, from) in (0..count).flat_map(|to| (0..count).map(move |from| (to, from))) {
                if to != from {
                    self.tell(to, from);
                }
            }
            made += (0..count).map(|at| self.settle(at)).sum::<usize>();
            if made == 0 {
                return;
            }
        }
        panic!("seals are made for ever");
    }

    fn settle(&mut self, at: usize) -> usize {
        let settled = self.replicas[at].settle(Occasion::Heard);
        settled.iter().filter(|settled| settled.made.is_some()).count()
    }

    /// All have one head, the same, and it came from all that people sealed and nobody rewrote.
    fn end(&self) {
        let heads = self.replicas[0].heads();
        assert_eq!(heads.len(), 1);
        let (mut seen, mut open) = (BTreeSet::new(), heads.clone());
        let mut rewritten = BTreeSet::new();
        while let Some(seal) = open.pop() {
            if seen.insert(seal) {
                let seal = self.replicas[0].load(seal);
                open.extend(&seal.parents);
                rewritten.extend(seal.replaces);
            }
        }
        let lost: Vec<_> = self
            .sealed
            .iter()
            .filter(|seal| !seen.contains(seal) && !rewritten.contains(seal))
            .collect();
        assert_eq!(lost, Vec::<&SealId>::new());
        assert!(self.replicas.iter().all(|replica| replica.heads() == heads));
    }
}

/// Whether a strategy may leave heads to a person.
const fn waits(strategy: &TimelineStrategy) -> bool {
    match strategy {
        TimelineStrategy::Manual | TimelineStrategy::AutoMerge | TimelineStrategy::Authority(_) => {
            true
        }
        TimelineStrategy::PreferLocal
        | TimelineStrategy::PreferRemote
        | TimelineStrategy::LastWrite
        | TimelineStrategy::FirstWrite => false,
    }
}

/// What one story comes to.
fn converges(count: u8, pair: [TimelineStrategy; 2], seed: u64, partings: usize) {
    let mut story = Story::begin(count, Some(pair), seed);
    for _ in 0..partings {
        story.part(5 * usize::from(count));
        story.heal();
    }
    let heads = story.replicas[0].heads();
    assert!(story.replicas.iter().all(|replica| replica.heads() == heads));
    if heads.len() > 1 {
        let strategy = story.replicas[0].repository.shared().timeline(MAIN).unwrap();
        let strategy = TimelineStrategy::read(strategy.strategy().unwrap()).unwrap();
        assert!(waits(&strategy), "{strategy:?} waits for nobody");
        let at = story.lots.below(usize::from(count));
        let seal = story.replicas[at].fuse();
        story.sealed.insert(seal);
        story.heal();
    }
    story.end();
}

/// Every pair of strategies; with `STRATEGY_SEEDS` each number of replicas so many times, and parted twice.
#[test]
fn all_pairs_of_strategies_end_in_one_head() {
    let seeds: u64 = env::var("STRATEGY_SEEDS").map_or(0, |seeds| seeds.parse().unwrap());
    let all = strategies();
    let mut pairs = 0;
    for (at, one) in all.iter().enumerate() {
        for other in &all[at..] {
            let pair = [one.clone(), other.clone()];
            for seed in 0..seeds {
                (2..=5).for_each(|count| converges(count, pair.clone(), seed << 8 | pairs, 2));
            }
            converges(2 + u8::try_from(pairs % 4).unwrap(), pair, pairs, 1);
            pairs += 1;
        }
    }
}
