//! Many peers that have one thing in common.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::time::Duration;

use selkie_store::{Loss, SimDisk};
use selkie_sync::Dice;

use crate::members::Names;
use crate::net::{Link, Net};
use crate::peers::home::Sort;
use crate::peers::peer::Peer;
use crate::peers::rogue::Trick;
use crate::peers::word::{Command, News};

/// A network of whole nodes.
///
/// ```
/// use std::time::Duration;
/// use selkie_tests::net::Link;
/// use selkie_tests::peers::Village;
///
/// let mut village = Village::strangers(1, 3, Link::LAN);
/// village.line_up();
/// village.add(0, "pear");
/// village.run_for(Duration::from_secs(2));
/// assert!(village.is_one());
/// assert_eq!(village.node(2).items(), ["pear"]);
/// ```
pub struct Village {
    net: Net<Peer>,
    names: Rc<Names>,
    nonces: Vec<[u8; 16]>,
    friends: Vec<BTreeSet<usize>>,
    rogues: BTreeMap<usize, Vec<Trick>>,
    sort: Sort,
    runs: u64,
    dice: Dice,
    /// What was added for good and never removed.
    added: BTreeSet<String>,
}

impl Village {
    /// So many peers that have not met.
    #[must_use]
    pub fn strangers(seed: u64, count: usize, link: Link) -> Self {
        Self::of(seed, Names::of(count), link, Sort::Set)
    }

    /// The same, and what they have in common is a repository.
    #[must_use]
    pub fn of_clones(seed: u64, count: usize, link: Link) -> Self {
        Self::of(seed, Names::of(count), link, Sort::Repository)
    }

    /// So many peers that have a set in common, but the last place is empty, until somebody [copies](Self::double) the folder of this one.
    #[must_use]
    pub fn with_room_for_twin(seed: u64, count: usize, link: Link, of: usize) -> Self {
        let mut village =
            Self::of(seed, Names::of(count).with_twin(count - 1, of), link, Sort::Set);
        village.crash(count - 1);
        village
    }

    fn of(seed: u64, names: Names, link: Link, sort: Sort) -> Self {
        let (count, names) = (names.len(), Rc::new(names));
        let mut dice = Dice::of(seed ^ 1 << 63);
        let mut nonce = |_| {
            let mut nonce = [0; 16];
            nonce[..8].copy_from_slice(&dice.roll().to_le_bytes());
            nonce
        };
        let nonces = (0..count).map(&mut nonce).collect();
        let (net, added) = (Net::new(seed, link), BTreeSet::new());
        let friends = vec![BTreeSet::new(); count];
        let rogues = BTreeMap::new();
        let mut village = Self { net, names, nonces, friends, rogues, sort, runs: 0, dice, added };
        for place in 0..count {
            let peer = village.peer(place, SimDisk::default());
            village.net.add(peer);
        }
        village
    }

    /// At the place of the twin begins to run what is on the disk of this one, under the same name, with the same key.
    pub fn double(&mut self, of: usize) {
        let place = self.net.len() - 1;
        self.nonces[place] = self.nonces[of];
        self.friends[place] = self.friends[of].clone();
        let disk = self.backup(of);
        self.start_with(place, disk);
    }

    /// The two trust each other.
    pub fn befriend(&mut self, one: usize, other: usize) {
        for (who, whom) in [(one, other), (other, one)] {
            if self.friends[who].insert(whom) {
                self.net.ask(who, Command::Befriend(whom));
            }
        }
    }

    /// The two trust each other, and one of them wants to talk.
    pub fn want(&mut self, one: usize, other: usize) {
        self.befriend(one, other);
        self.net.ask(one, Command::Want(other));
    }

    /// The peer of a place is hostile from now on, in these ways.
    pub fn corrupt(&mut self, place: usize, tricks: &[Trick]) {
        self.rogues.insert(place, tricks.to_vec());
        let disk = self.backup(place);
        self.start_with(place, disk);
    }

    /// Bytes change on the disk of a place, in all files that hold objects. It is stopped and starts again.
    ///
    /// # Panics
    ///
    /// Never: files that were listed are there.
    pub fn damage(&mut self, place: usize) {
        let disk = self.backup(place);
        for path in disk.paths().into_iter().filter(|path| is_pack(path)) {
            let mut bytes = disk.bytes(&path).expect("a file that was listed");
            let at = self.dice.index(bytes.len());
            bytes[at] ^= 1;
            disk.rot(&path, bytes);
        }
        self.start_with(place, disk);
    }

    /// Everybody talks to the next.
    pub fn line_up(&mut self) {
        (1..self.net.len()).for_each(|place| self.want(place, place - 1));
    }

    /// Everybody talks to everybody.
    pub fn meet_all(&mut self) {
        for one in 0..self.net.len() {
            (0..one).for_each(|other| self.want(one, other));
        }
    }

    /// Everybody talks to some others, by chance, and all hang together.
    pub fn meet_some(&mut self, each: usize) {
        self.line_up();
        for one in 0..self.net.len() {
            for _ in 1..each {
                let other = self.dice.index(self.net.len());
                if other != one {
                    self.want(one, other);
                }
            }
        }
    }

    /// The peer of a place adds something that nobody will remove.
    pub fn add(&mut self, place: usize, item: &str) {
        if self.net.is_running(place) {
            self.net.ask(place, Command::Add(item.to_owned()));
            self.added.insert(item.to_owned());
        }
    }

    /// The peer of a place adds two items, in one place of its log: one for the first that it talks to and the other for
    /// everybody else. Nobody will remove them.
    pub fn equivocate(&mut self, place: usize, items: [&str; 2]) {
        let items = items.map(str::to_owned);
        self.added.extend(items.clone());
        self.net.ask(place, Command::Equivocate(items));
    }

    /// Power fails at a place: what was not synced is gone, or a part of it that chance chooses.
    pub fn crash(&mut self, place: usize) {
        self.net.stop(place);
    }

    /// A place that was stopped starts again, with what its disk kept.
    pub fn restart(&mut self, place: usize) {
        let disk = self.net.node(place).disk();
        let loss = match self.dice.below(3) {
            0 => Loss::Nothing,
            1 => Loss::Unsynced,
            _ => Loss::Some(self.dice.roll()),
        };
        let left = disk.crashed(disk.steps(), loss);
        self.start_with(place, left);
    }

    /// A backup of the disk of a place.
    #[must_use]
    pub fn backup(&self, place: usize) -> SimDisk {
        let disk = self.net.node(place).disk();
        disk.crashed(disk.steps(), Loss::Nothing)
    }

    /// A place is stopped and starts again with this on its disk, and under the name that it had. Nothing tells it that its
    /// memory is old.
    pub fn start_with(&mut self, place: usize, disk: SimDisk) {
        if self.net.is_running(place) {
            self.net.stop(place);
        }
        let peer = self.peer(place, disk);
        self.net.start(place, peer);
    }

    /// Those that run and do nothing hostile.
    #[must_use]
    pub fn honest(&self) -> Vec<usize> {
        let is_honest = |place: &usize| !self.rogues.contains_key(place);
        (0..self.net.len()).filter(|place| self.net.is_running(*place)).filter(is_honest).collect()
    }

    /// Whether all that run hold the same, to the byte; what rogues hold does not matter.
    #[must_use]
    pub fn is_one(&self) -> bool {
        let mut running = self.honest().into_iter();
        let Some(first) = running.next() else { return true };
        let state = self.net.node(first).state();
        running.all(|place| self.net.node(place).state() == state)
    }

    /// Lets time pass until all have an item that was just added; tells after how long half of them and all of them had it.
    ///
    /// # Panics
    ///
    /// They do not within minutes.
    pub fn spread(&mut self, item: &str) -> [Duration; 2] {
        let (start, count) = (self.net.now(), self.net.len());
        let end = start + Duration::from_secs(300);
        let mut place = 0;
        let came = self.net.run_until(end, |net| {
            // Whoever has it keeps it, so each is looked at until it has it, one after the other.
            while place < count && net.node(place).has(item) {
                place += 1;
            }
            place == count
        });
        assert!(came, "{item} is not at place {place}");
        let took = self.net.told().into_iter().filter(|(_, _, news)| *news == News::Took);
        let first: BTreeMap<_, _> = took.rev().map(|(at, place, _)| (place, at)).collect();
        let mut spans: Vec<_> = first.values().map(|at| *at - start).collect();
        spans.sort_unstable();
        [spans[(count / 2).min(spans.len() - 1)], self.net.now() - start]
    }

    /// What was added for good and is not at a place.
    #[must_use]
    pub fn lost_at(&self, place: usize) -> Vec<String> {
        let here: BTreeSet<_> = self.net.node(place).items().into_iter().collect();
        self.added.difference(&here).cloned().collect()
    }

    /// Lets time pass until all hold the same; tells how long that took.
    ///
    /// # Panics
    ///
    /// They do not within `most`, or something that was added for good is gone.
    pub fn agree_within(&mut self, most: Duration) -> Duration {
        let begin = self.net.now();
        let step = Duration::from_millis(50);
        while !self.is_one() {
            assert!(self.net.now() - begin < most, "not the same within {most:?}");
            self.net.run_for(step);
        }
        for place in self.honest() {
            assert_eq!(self.lost_at(place), [""; 0], "lost at {place}");
            assert_eq!(self.net.node(place).hollow(), [""; 0], "without objects at {place}");
        }
        self.net.now() - begin
    }

    /// What peers told since this was asked last, but for what they added or took in.
    pub fn news(&mut self) -> Vec<(usize, News)> {
        let told = self.net.told().into_iter();
        let news = told.map(|(_, place, news)| (place, news));
        news.filter(|(_, news)| !matches!(news, News::Added(_) | News::Took)).collect()
    }

    fn peer(&mut self, place: usize, disk: SimDisk) -> Peer {
        self.runs += 1;
        let dice = Dice::of(self.dice.roll());
        let kept = (disk, self.friends[place].clone());
        let peer =
            Peer::new(Rc::clone(&self.names), place, kept, self.nonces[place], self.runs, dice)
                .keeping(self.sort);
        match self.rogues.get(&place) {
            Some(tricks) => peer.with_tricks(tricks.clone()),
            None => peer,
        }
    }
}

impl Deref for Village {
    type Target = Net<Peer>;

    fn deref(&self) -> &Net<Peer> {
        &self.net
    }
}

impl DerefMut for Village {
    fn deref_mut(&mut self) -> &mut Net<Peer> {
        &mut self.net
    }
}

/// Packs are named by the store, in small letters.
fn is_pack(path: &str) -> bool {
    path.strip_suffix(".pack").is_some()
}
