//! What another lacks is found, travels in parcels, and is whole where it arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, Hlc};
use selkie_store::{
    Author, Backlog, Bases, Batch, ChangeId, Deed, Gap, Hint, Kind, Log, ObjectId, Parcels, Piece,
    Seal, SealId, SecretKey, SimDisk, Step, Store, TakeError, links, repack, tidy, verify,
};

use crate::folders::{Files, closure, put_tree};

/// A store whose history grows by seals, each told in the log of one of two replicas.
struct Garden {
    disk: Arc<SimDisk>,
    store: Store,
    seals: Vec<(SealId, Files)>,
    time: u64,
}

const REPLICAS: [ActorId; 2] = [ActorId::from_bytes([1; 16]), ActorId::from_bytes([2; 16])];

impl Garden {
    fn new() -> Self {
        let disk = Arc::new(SimDisk::default());
        let store = Store::open(disk.clone()).unwrap();
        Self { disk, store, seals: Vec::new(), time: 1 }
    }

    /// Seals these files on top of some seals, by their numbers, and tells of it.
    fn seal(&mut self, files: Files, parents: &[usize]) -> SealId {
        let id = self.seal_in_silence(files, parents);
        self.tell(&[id.object()]);
        id
    }

    fn seal_in_silence(&mut self, files: Files, parents: &[usize]) -> SealId {
        let before = parents.first().map(|at| self.seals[*at].0);
        let before = before.map(|seal| self.store.load::<Seal>(seal).unwrap().tree);
        self.time += 1;
        let batch = Batch::new(&self.store);
        let tree = put_tree(&batch, &self.store, &files, "", before);
        let seal = Seal {
            tree,
            parents: parents.iter().map(|at| self.seals[*at].0).collect(),
            change: ChangeId::from_bytes([3; 16]),
            time: Hlc::from_ms(self.time),
            zone_minutes: 0,
            author: Author { name: "gardener".to_owned(), contact: String::new() },
            message: format!("the {}th", self.time),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        let base = parents.first().map(|at| self.seals[*at].0.object());
        let id = batch.put_value(&seal, Hint { path: "", base }).unwrap();
        batch.finish().unwrap();
        self.seals.push((id, files));
        id
    }

    fn tell(&mut self, roots: &[ObjectId]) {
        self.time += 1;
        let replica = REPLICAS[usize::from(self.time.is_multiple_of(3))];
        let (time, note) = (Hlc::from_ms(self.time), "seal".to_owned());
        let step = Step { time, note, roots: roots.to_vec(), deed: Deed::Changes(Vec::new()) };
        let key = SecretKey::from_bytes(&[7; 32]);
        Log::new(self.disk.clone(), replica).append(&step.to_bytes().unwrap(), &key).unwrap();
    }

    fn version(&self) -> BTreeMap<ActorId, u64> {
        let head = |replica| Log::new(self.disk.clone(), replica).head().unwrap().position;
        REPLICAS.into_iter().map(|replica| (replica, head(replica))).collect()
    }

    fn gap(&self, have: &BTreeMap<ActorId, u64>) -> Gap {
        let mut backlog = Backlog::new(&self.store, have).unwrap();
        let wanted = backlog.news().clone();
        Gap::between(&self.store, &wanted, |time| backlog.had_since(time)).unwrap()
    }

    /// What the entries reach that are after `from`, up to `to`, by a walk through everything.
    fn reach(&self, from: &BTreeMap<ActorId, u64>) -> BTreeSet<ObjectId> {
        let mut left = Vec::new();
        for replica in REPLICAS {
            for entry in Log::new(self.disk.clone(), replica).entries().unwrap() {
                let entry = entry.unwrap();
                if entry.position > from.get(&replica).copied().unwrap_or(0) {
                    left.extend(Step::from_bytes(&entry.payload).unwrap().roots);
                }
            }
        }
        closure(&self.store, left)
    }
}

/// Sends a gap piece by piece. Returns how many bytes went over.
fn carry(source: &Store, gap: &Gap, target: &Store, bases: Bases) -> usize {
    let mut sent = 0;
    for piece in gap.pieces() {
        sent += carry_piece(source, gap, piece, target, bases).unwrap();
    }
    sent
}

fn carry_piece(
    source: &Store,
    gap: &Gap,
    piece: &Piece,
    target: &Store,
    bases: Bases,
) -> Result<usize, TakeError> {
    let mut parcels = Parcels::new(gap, piece, bases).unwrap();
    let batch = Batch::new(target);
    let (mut sent, mut ids) = (0, Vec::new());
    while let Some(parcel) = parcels.next(source, gap).unwrap() {
        let bytes = parcel.into_bytes();
        sent += bytes.len();
        ids.extend(batch.take(&bytes)?.into_iter().map(|arrival| arrival.id));
    }
    assert_eq!(Piece::check_of(ids), piece.check);
    batch.finish().unwrap();
    Ok(sent)
}

fn empty() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

fn lacked(gap: &Gap) -> BTreeSet<ObjectId> {
    gap.pieces().iter().flat_map(|piece| gap.ids(piece).unwrap()).collect()
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Lines that compress as text does.
fn text(seed: u64, lines: u64) -> Vec<u8> {
    let line =
        |n: u64| format!("line {n} says {}\n", ObjectId::of(Kind::Blob, &[(n % 7) as u8; 3]));
    (0..lines).map(|n| line(n * seed % 1000)).collect::<String>().into_bytes()
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.index(usize::try_from(limit).unwrap()) as u64
    }

    fn index(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// One seal's worth of work in a folder or two.
fn change(dice: &mut Dice, files: &mut Files) {
    let paths: Vec<_> = files.keys().cloned().collect();
    let any = |dice: &mut Dice| paths[dice.index(paths.len())].clone();
    match dice.below(6) {
        0 | 1 => {
            let bytes = files.get_mut(&any(dice)).unwrap();
            let at = dice.index(bytes.len());
            bytes.splice(at..at, *b" changed ");
        }
        2 => {
            let (folder, number) = (dice.below(4), dice.below(1000));
            let lines = 1 + dice.below(400);
            files.insert(format!("src/part{folder}/file{number}.rs"), text(number + 1, lines));
        }
        3 if paths.len() > 3 => drop(files.remove(&any(dice))),
        4 => {
            let from = any(dice);
            let bytes = files.remove(&from).unwrap();
            files.insert(format!("moved/{}", from.replace('/', "-")), bytes);
        }
        _ => {
            let number = dice.below(1000);
            files.insert(format!("note{number}"), noise(number, 100));
        }
    }
}

fn grown(seed: u64, seals: usize) -> (Garden, Vec<BTreeMap<ActorId, u64>>) {
    let mut dice = Dice(seed);
    let mut garden = Garden::new();
    let mut versions = vec![garden.version()];
    let first = (0..5).map(|n| (format!("src/part0/file{n}.rs"), text(n + 1, 50))).collect();
    garden.seal(first, &[]);
    for _ in 0..seals {
        versions.push(garden.version());
        let newest = garden.seals.len() - 1;
        let parent = if dice.below(4) == 0 { dice.index(newest + 1) } else { newest };
        let mut files = garden.seals[parent].1.clone();
        let mut parents = vec![parent];
        if dice.below(5) == 0 && parent != newest {
            files.extend(garden.seals[newest].1.clone());
            parents.push(newest);
        }
        change(&mut dice, &mut files);
        if dice.below(5) == 0 {
            // Somebody's work that is told of only with what follows.
            garden.seal_in_silence(files.clone(), &parents);
            parents = vec![garden.seals.len() - 1];
            change(&mut dice, &mut files);
        }
        garden.seal(files, &parents);
        if dice.below(12) == 0 {
            tidy(&garden.store).unwrap();
        }
    }
    versions.push(garden.version());
    (garden, versions)
}

#[test]
fn a_newcomer_gets_everything_and_it_is_sound() {
    for seed in 0..6 {
        let (garden, _) = grown(seed, 30);
        let gap = garden.gap(&BTreeMap::new());
        let all = garden.reach(&BTreeMap::new());
        assert_eq!(lacked(&gap), all);
        assert_eq!(gap.len(), all.len());
        for bases in [Bases::Before, Bases::Apart, Bases::Nothing] {
            let target = empty();
            carry(&garden.store, &gap, &target, bases);
            let there: BTreeSet<_> = target.ids().unwrap().into_iter().map(|(id, _)| id).collect();
            assert_eq!(there, all);
            assert_eq!(verify(&target, |_| ()).unwrap().len(), 0);
        }
    }
}

#[test]
fn whatever_was_missed_is_found_and_little_more() {
    let (mut sent, mut needed) = (0, 0);
    for seed in 0..10 {
        let (garden, versions) = grown(seed, 20);
        let mut dice = Dice(seed);
        for _ in 0..6 {
            let have = &versions[dice.index(versions.len())];
            let gap = garden.gap(have);
            let had = {
                // Everything minus what is only reached by what comes after.
                let mut old = Vec::new();
                for replica in REPLICAS {
                    let entries = Log::new(garden.disk.clone(), replica).entries().unwrap();
                    let known =
                        entries.map(Result::unwrap).filter(|e| e.position <= have[&replica]);
                    old.extend(known.flat_map(|e| Step::from_bytes(&e.payload).unwrap().roots));
                }
                closure(&garden.store, old)
            };
            let all = garden.reach(&BTreeMap::new());
            let lacked = lacked(&gap);
            let missing: BTreeSet<_> = all.difference(&had).copied().collect();
            assert!(lacked.is_superset(&missing) && lacked.is_subset(&all));
            (sent, needed) = (sent + lacked.len(), needed + missing.len());

            let target = empty();
            let first = Gap::of(&garden.store, &had).unwrap();
            carry(&garden.store, &first, &target, Bases::Nothing);
            carry(&garden.store, &gap, &target, Bases::Before);
            assert_eq!(verify(&target, |_| ()).unwrap().len(), 0);
            let there: BTreeSet<_> = target.ids().unwrap().into_iter().map(|(id, _)| id).collect();
            assert_eq!(there, all);
        }
    }
    assert!(sent <= needed + needed / 50, "{sent} objects were sent and {needed} needed");
}

#[test]
fn each_comes_behind_what_it_links_to() {
    let (garden, _) = grown(3, 40);
    let gap = garden.gap(&BTreeMap::new());
    let mut before = BTreeSet::new();
    for id in gap.pieces().iter().flat_map(|piece| gap.ids(piece).unwrap()) {
        let object = garden.store.read(&id).unwrap();
        let links = links(object.kind, &object.bytes).unwrap();
        assert!(links.iter().all(|(_, link)| before.contains(link)));
        before.insert(id);
    }
}

#[test]
fn stores_with_other_packs_find_the_same_pieces() {
    let (garden, versions) = grown(3, 40);
    let gap = garden.gap(&versions[9]);
    repack(&garden.store, |_| ()).unwrap();
    assert_eq!(garden.gap(&versions[9]).pieces(), gap.pieces());
}

#[test]
fn what_is_moved_is_not_sent_again() {
    let mut garden = Garden::new();
    let files: Files = (0..40).map(|n| (format!("src/deep/file{n}"), text(n + 1, 20))).collect();
    garden.seal(files.clone(), &[]);
    let version = garden.version();
    let moved =
        |(path, bytes): (&String, &Vec<u8>)| (path.replace("src/deep", "lib"), bytes.clone());
    garden.seal(files.iter().map(moved).collect(), &[0]);
    // The top tree and the seal: the folder is the same one at another place.
    assert_eq!(garden.gap(&version).len(), 2);
}

#[test]
fn one_line_of_one_file_is_a_few_hundred_bytes() {
    let mut garden = Garden::new();
    let mut files: Files =
        (0..40).map(|n| (format!("src/part{}/file{n}.rs", n % 4), text(n + 1, 300))).collect();
    garden.seal(files.clone(), &[]);
    let version = garden.version();
    let target = empty();
    carry(&garden.store, &garden.gap(&BTreeMap::new()), &target, Bases::Before);
    files.get_mut("src/part1/file5.rs").unwrap().splice(700..700, *b"one more line\n");
    garden.seal(files, &[0]);
    let gap = garden.gap(&version);
    assert_eq!(gap.len(), 5); // a blob, three trees and a seal
    let sent = carry(&garden.store, &gap, &target, Bases::Before);
    assert!(sent < 300, "{sent} bytes");
    assert_eq!(verify(&target, |_| ()).unwrap().len(), 0);
}

#[test]
fn a_kibibyte_of_a_long_file_is_a_chunk_and_its_lists() {
    let mut garden = Garden::new();
    let mut files = Files::from([("long".to_owned(), noise(1, 24 << 20))]);
    garden.seal(files.clone(), &[]);
    let version = garden.version();
    let target = empty();
    carry(&garden.store, &garden.gap(&BTreeMap::new()), &target, Bases::Before);
    files.get_mut("long").unwrap()[9_000_000..9_001_024].fill(7);
    garden.seal(files, &[0]);
    let gap = garden.gap(&version);
    assert!(gap.len() < 10, "{} objects", gap.len());
    let sent = carry(&garden.store, &gap, &target, Bases::Before);
    assert!(sent < 64 << 10, "{sent} bytes");
    assert_eq!(verify(&target, |_| ()).unwrap().len(), 0);
}

#[test]
fn a_seal_on_old_work_that_was_never_told_of_alone_costs_no_history() {
    let mut garden = Garden::new();
    let mut files: Files = (0..5).map(|n| (format!("file{n}"), text(n + 1, 20))).collect();
    garden.seal_in_silence(files.clone(), &[]);
    for n in 0..30 {
        files.insert(format!("more{n}"), noise(n as u64, 50));
        garden.seal_in_silence(files.clone(), &[n]);
    }
    garden.tell(&[garden.seals[30].0.object()]);
    let version = garden.version();
    let mut old = garden.seals[4].1.clone();
    old.insert("late".to_owned(), noise(99, 50));
    garden.seal(old, &[4]);
    assert_eq!(garden.gap(&version).len(), 3);
}

#[test]
fn a_base_that_is_not_there_is_told_and_the_piece_can_be_sent_without() {
    let mut garden = Garden::new();
    let mut files = Files::from([("a".to_owned(), text(1, 400))]);
    garden.seal(files.clone(), &[]);
    let version = garden.version();
    files.get_mut("a").unwrap().extend(b"and more");
    garden.seal(files, &[0]);
    let gap = garden.gap(&version);
    let target = empty();
    let refused = carry_piece(&garden.store, &gap, &gap.pieces()[0], &target, Bases::Before);
    assert!(matches!(refused, Err(TakeError::NoBase)));
    carry_piece(&garden.store, &gap, &gap.pieces()[0], &target, Bases::Nothing).unwrap();
    assert_eq!(target.ids().unwrap().len(), gap.len());
}

#[test]
fn a_root_that_is_gone_is_left_out() {
    let mut garden = Garden::new();
    garden.seal(Files::from([("a".to_owned(), noise(1, 10))]), &[]);
    let gone = ObjectId::of(Kind::Seal, b"gone");
    garden.tell(&[gone]);
    let gap = garden.gap(&BTreeMap::new());
    assert_eq!((gap.len(), gap.absent()), (3, &[gone][..]));
}
