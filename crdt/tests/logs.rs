//! Logs of three to five replicas under loss, duplication, reordering, crashes and retention.

use std::collections::BTreeMap;

use selkie_crdt::{
    ActorId, Dot, Entry, HlcClock, Limits, Log, Materialise, Materialised, Retention, VersionVector,
};

#[test]
fn replicas_come_to_one_log_and_one_story() {
    for seed in 1..=80 {
        let mut net = Net::new(seed);
        (0..80).for_each(|_| net.step());
        let before = net.held();
        net.settle();
        // Entries that still waited somewhere may have come to join these.
        let held = net.held();
        assert!(before.iter().all(|(dot, entry)| held.get(dot) == Some(entry)), "seed {seed}");
        let mut expected: Vec<_> = held.values().collect();
        expected.sort_by_key(|entry| (entry.time, entry.author, entry.sequence));
        let told: Vec<_> = expected.iter().map(|entry| entry.payload).collect();
        for replica in &net.replicas {
            assert!(replica.log.iter().eq(expected.iter().copied()), "seed {seed}");
            assert_eq!(replica.story.state().told, told, "seed {seed}");
        }
    }
}

#[test]
fn an_entry_is_taken_in_after_all_that_its_author_knew() {
    for seed in 1..=80 {
        let mut net = Net::new(seed);
        (0..80).for_each(|_| net.step());
        net.settle();
        for replica in &net.replicas {
            let mut version = VersionVector::new();
            for dot in &replica.taken_in {
                assert!(version.dominates(&net.known[dot]), "seed {seed}, {dot:?}");
                assert_eq!(version.increment(dot.actor), Ok(*dot), "seed {seed}");
            }
        }
    }
}

#[test]
fn nothing_is_lost_when_old_entries_go() {
    for seed in 1..=80 {
        let mut net = Net::new(seed);
        for _ in 0..80 {
            net.step();
            net.compact();
        }
        let mut all = VersionVector::new();
        net.replicas.iter().for_each(|replica| all.merge(replica.log.version()));
        net.settle();
        let settled = net.replicas[0].log.version();
        assert!(settled.dominates(&all), "seed {seed}");
        for replica in &net.replicas {
            assert_eq!(replica.log.version(), settled, "seed {seed}");
            let written: u64 = settled.iter().map(|(_, count)| count).sum();
            assert_eq!(replica.story.state().counted, written, "seed {seed}");
        }
    }
}

/// The payloads in the order of folding, and how many entries that is, cut off ones too.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Story {
    told: Vec<u64>,
    counted: u64,
}

impl Materialise<u64> for Story {
    fn apply(&mut self, entry: &Entry<u64>) {
        self.told.push(entry.payload);
        self.counted += 1;
    }
}

#[derive(Clone)]
struct Replica {
    author: ActorId,
    clock: HlcClock,
    log: Log<u64>,
    story: Materialised<Story>,
    taken_in: Vec<Dot>,
}

impl Replica {
    fn new(author: ActorId) -> Self {
        let log = Log::with_limits(Limits { per_author: 3, total: 6 });
        let story = Materialised::new(Story::default()).with_checkpoint_every(2);
        Self { author, clock: HlcClock::default(), log, story, taken_in: Vec::new() }
    }

    /// Appends, and answers what its author then knew.
    fn append(&mut self, now_ms: u64, payload: u64) -> (Dot, VersionVector) {
        let known = self.log.version().clone();
        let time = self.clock.tick(now_ms);
        let entry = self.log.append(self.author, time, payload);
        (entry.expect("nobody else writes under this id").dot(), known)
    }

    fn merge(&mut self, sent: Vec<Entry<u64>>, now_ms: u64) {
        for entry in &sent {
            self.clock.receive(entry.time, now_ms).expect("clocks differ by little");
        }
        let outcome = self.log.merge(sent);
        assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected);
        self.story.refresh(&self.log).expect("the story follows its log");
        self.taken_in.extend(outcome.new);
    }

    /// Takes in what `other` has; its snapshot first, if it no longer has all that is lacking.
    fn sync(&mut self, other: &Self, now_ms: u64) {
        if other.log.since(self.log.version()).is_err() {
            let snapshot = other.story.snapshot(&other.log).expect("the story follows its log");
            if self.log.restore(&snapshot.base).is_err() {
                return;
            }
            self.story = Materialised::restore(snapshot).with_checkpoint_every(2);
        }
        let sent = other.log.since(self.log.version()).expect("the base was restored");
        self.merge(sent.cloned().collect(), now_ms);
    }
}

/// Replicas that work, talk over a bad line, and crash, all by one seed.
struct Net {
    dice: Dice,
    now_ms: u64,
    replicas: Vec<Replica>,
    saved: Vec<Replica>,
    authors: u8,
    known: BTreeMap<Dot, VersionVector>,
}

impl Net {
    fn new(seed: u64) -> Self {
        let mut net = Self {
            dice: Dice(seed),
            now_ms: 1_000,
            replicas: Vec::new(),
            saved: Vec::new(),
            authors: 0,
            known: BTreeMap::new(),
        };
        for _ in 0..3 + net.dice.below(3) {
            let author = net.author();
            net.replicas.push(Replica::new(author));
        }
        net.saved.clone_from(&net.replicas);
        net
    }

    fn step(&mut self) {
        self.now_ms += self.dice.below(3) as u64;
        let at = self.dice.below(self.replicas.len());
        // Clocks are up to 50 ms apart.
        let now_ms = self.now_ms + 10 * at as u64;
        match self.dice.below(10) {
            0..=3 => {
                let payload = self.dice.next();
                let (dot, known) = self.replicas[at].append(now_ms, payload);
                self.known.insert(dot, known);
                self.replicas[at].taken_in.push(dot);
            }
            4..=7 => self.send_over_a_bad_line(at, now_ms),
            8 => self.saved[at] = self.replicas[at].clone(),
            _ => self.crash(at),
        }
    }

    /// Loses some of what is sent, doubles some and mixes all.
    fn send_over_a_bad_line(&mut self, to: usize, now_ms: u64) {
        let from = self.dice.below(self.replicas.len());
        let Ok(sent) = self.replicas[from].log.since(self.replicas[to].log.version()) else {
            let from = self.replicas[from].clone();
            return self.replicas[to].sync(&from, now_ms);
        };
        let mut arrives = Vec::new();
        for entry in sent {
            (0..self.dice.below(3)).for_each(|_| arrives.push(entry.clone()));
        }
        for at in (1..arrives.len()).rev() {
            arrives.swap(at, self.dice.below(at + 1));
        }
        self.replicas[to].merge(arrives, now_ms);
    }

    /// Goes back to what was saved, or to nothing, under a new id, as a replica does that may have
    /// lost entries.
    fn crash(&mut self, at: usize) {
        let author = self.author();
        if self.dice.below(2) == 0 {
            self.saved[at] = Replica::new(author);
        }
        self.replicas[at] = Replica { author, ..self.saved[at].clone() };
    }

    /// Lets one replica cut off what all have, the saved states among them.
    fn compact(&mut self) {
        let mut copies = self.replicas.iter().chain(&self.saved);
        let mut stable = copies.next().expect("there are replicas").log.version().clone();
        copies.for_each(|copy| stable.meet(copy.log.version()));
        let at = self.dice.below(self.replicas.len());
        let Replica { log, story, .. } = &mut self.replicas[at];
        story.refresh(log).expect("the story follows its log");
        let retention = Retention::newest(self.dice.below(8) as u64);
        let compaction = log.compact(&retention, &stable, self.now_ms);
        story.compact(&compaction).expect("the story follows its log");
        story.refresh(log).expect("the story follows its log");
    }

    /// Every replica takes in all that any has. It takes several rounds: what waited somewhere
    /// becomes ready there, and what waited elsewhere for that only in the next.
    fn settle(&mut self) {
        for _ in 0..10 {
            for to in 0..self.replicas.len() {
                for from in self.replicas.clone() {
                    self.replicas[to].sync(&from, self.now_ms + 100);
                }
            }
        }
    }

    /// All entries that some replica took in.
    fn held(&self) -> BTreeMap<Dot, Entry<u64>> {
        let entries = self.replicas.iter().flat_map(|replica| replica.log.iter());
        entries.map(|entry| (entry.dot(), entry.clone())).collect()
    }

    fn author(&mut self) -> ActorId {
        self.authors += 1;
        // Later authors have smaller ids, so that they go in front.
        ActorId::from_bytes([255 - self.authors; 16])
    }
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).expect("the number has 32 bits") % end
    }
}
