//! A network of packets, in which everything comes from a seed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::dice::Dice;
use crate::node::tests::mailbox::{Mailbox, Packet};
use crate::node::tests::path::{Path, QUEUE_MAX};

/// What is between ports. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Air {
    // Guards what flies; it is held for no longer than a call.
    sky: Arc<Mutex<Sky>>,
    stirs: Arc<Notify>,
}

#[derive(Debug)]
struct Sky {
    dice: Dice,
    began: Instant,
    mailboxes: BTreeMap<SocketAddr, Arc<Mailbox>>,
    path: Path,
    /// Directions in which nothing passes.
    cut: BTreeSet<(SocketAddr, SocketAddr)>,
    /// Of two on different islands neither reaches the other.
    islands: BTreeMap<SocketAddr, u64>,
    /// What flies: when it arrives, in which order it was sent.
    flying: BinaryHeap<Reverse<(Instant, u64, Packet)>>,
    sent: u64,
    /// When the last one arrives that was not held back, and until when each way is busy.
    last: BTreeMap<(SocketAddr, SocketAddr), Instant>,
    busy: BTreeMap<(SocketAddr, SocketAddr), Instant>,
    course: blake3::Hasher,
}

impl Air {
    /// Still air, that begins to move now.
    pub(super) fn new(seed: u64, path: Path) -> Self {
        let sky = Sky {
            dice: Dice::of(seed),
            began: Instant::now(),
            mailboxes: BTreeMap::new(),
            path,
            cut: BTreeSet::new(),
            islands: BTreeMap::new(),
            flying: BinaryHeap::new(),
            sent: 0,
            last: BTreeMap::new(),
            busy: BTreeMap::new(),
            course: blake3::Hasher::new(),
        };
        let air = Self { sky: Arc::new(Mutex::new(sky)), stirs: Arc::new(Notify::new()) };
        tokio::spawn(air.clone().blow());
        air
    }

    /// A hash over all that arrived: when, from where, where, and how much. What it says is encrypted with keys of this run alone.
    pub(super) fn course(&self) -> blake3::Hash {
        self.sky().course.finalize()
    }

    /// A place at this address, where nobody is.
    pub(super) fn settle(&self, at: SocketAddr) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::at(at));
        let before = self.sky().mailboxes.insert(at, Arc::clone(&mailbox));
        assert!(before.is_none(), "somebody is at {at}");
        mailbox
    }

    /// Who is at this address is from now on at another one, and does not know it.
    pub(super) fn carry(&self, from: SocketAddr, to: SocketAddr) {
        let mut sky = self.sky();
        let mailbox = sky.mailboxes.remove(&from).unwrap();
        mailbox.stands_at(Some(to));
        sky.mailboxes.insert(to, mailbox);
    }

    /// Nobody is at this address any more. Who was goes on, and reaches nobody.
    pub(super) fn pull(&self, at: SocketAddr) {
        self.sky().mailboxes.remove(&at).unwrap().stands_at(None);
    }

    /// All ways are like this from now on.
    pub(super) fn blows(&self, path: Path) {
        self.sky().path = path;
    }

    /// Nothing comes from there to there.
    pub(super) fn cut(&self, from: SocketAddr, to: SocketAddr) {
        self.sky().cut.insert((from, to));
    }

    /// Everybody is on this island, and whoever is on none is on the first.
    pub(super) fn part(&self, islands: BTreeMap<SocketAddr, u64>) {
        self.sky().islands = islands;
    }

    /// Everybody reaches everybody.
    pub(super) fn mend(&self) {
        let mut sky = self.sky();
        sky.cut.clear();
        sky.islands.clear();
    }

    /// Takes a packet with it.
    pub(super) fn take(&self, packet: &Packet) {
        self.sky().take(packet);
        self.stirs.notify_one();
    }

    /// Lets everything arrive when it does.
    async fn blow(self) {
        loop {
            let next = self.sky().deliver();
            let stirred = self.stirs.notified();
            match next {
                Some(next) => tokio::select! {
                    biased;
                    () = stirred => {}
                    () = sleep_until(next) => {}
                },
                None => stirred.await,
            }
        }
    }

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.sky.lock().unwrap()
    }
}

impl Sky {
    fn take(&mut self, packet: &Packet) {
        let (now, way, path) = (Instant::now(), (packet.from, packet.to), self.path);
        let busy = self.busy.get(&way).map_or(now, |busy| now.max(*busy));
        if busy - now > QUEUE_MAX || packet.bytes.len() > path.len_max {
            return;
        }
        let passes = Duration::from_micros(packet.bytes.len() as u64 * 1_000_000 / path.rate);
        self.busy.insert(way, busy + passes);
        if self.dice.is_one_of_million(path.lost_ppm) {
            return;
        }
        let copies = if self.dice.is_one_of_million(path.doubled_ppm) { 2 } else { 1 };
        for _ in 0..copies {
            let came = busy + passes + self.dice.span(path.delay, path.delay + path.jitter);
            let arrives = if self.dice.is_one_of_million(path.held_ppm) {
                came + self.dice.span(Duration::ZERO, path.held)
            } else {
                let last = self.last.entry(way).or_insert(came);
                *last = came.max(*last);
                *last
            };
            self.sent += 1;
            self.flying.push(Reverse((arrives, self.sent, packet.clone())));
        }
    }

    /// Hands over what has arrived, and tells when the next one will.
    fn deliver(&mut self) -> Option<Instant> {
        let now = Instant::now();
        while let Some(Reverse((arrives, ..))) = self.flying.peek() {
            if *arrives > now {
                return Some(*arrives);
            }
            let Some(Reverse((_, _, packet))) = self.flying.pop() else { break };
            if !self.reaches(packet.from, packet.to) {
                continue;
            }
            let Some(mailbox) = self.mailboxes.get(&packet.to) else { continue };
            let words = (now - self.began, packet.from, packet.to, packet.bytes.len());
            self.course.update(format!("{words:?}").as_bytes());
            mailbox.put(packet);
        }
        None
    }

    fn reaches(&self, from: SocketAddr, to: SocketAddr) -> bool {
        let island = |at: SocketAddr| self.islands.get(&at).copied().unwrap_or(0);
        island(from) == island(to) && !self.cut.contains(&(from, to))
    }
}
