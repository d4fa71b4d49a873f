//! Houses, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use selkie_store::SecretKey;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::core::event::Event;
use crate::dice::Dice;
use crate::node::notice::Notice;
use crate::node::tests::air::Air;
use crate::node::tests::house::{House, address, id};
use crate::node::tests::path::Path;
use crate::node::tests::port::endpoint;
use crate::node::tls::Protocol;
use crate::node::transport::{Roaming, Transport};

/// Houses that know each other, in one air.
pub(super) struct Town {
    pub(super) air: Air,
    pub(super) houses: Vec<House>,
    dice: Dice,
    /// All that was added, and so must not be lost.
    added: BTreeSet<String>,
}

/// Who of two calls the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Calls {
    First,
    Both,
}

/// As long as a caller may wait who was not reached often, a handshake, and all that is to be told.
const SETTLED: Duration = Duration::from_secs(400);

/// As long as the last of a connection may take. QUIC holds one that was over with its first packet until it is idle, and any that is
/// over for three times what it takes for a round trip, which is long once an answer was held up by a cut.
const FADED: Duration = Duration::from_secs(600);

impl Town {
    /// So many houses, in which nobody is yet. The first has the number 1.
    pub(super) fn new(seed: u64, count: u8, path: Path) -> Self {
        let mut dice = Dice::of(seed);
        let air = Air::new(dice.roll(), path);
        let houses = (1..=count).map(|number| House::new(number, &air, dice.roll())).collect();
        Self { air, houses, dice, added: BTreeSet::new() }
    }

    /// Two that know each other, over this path, and both are open.
    pub(super) fn twins(path: Path) -> Self {
        let mut town = Self::new(1, 2, path);
        town.acquaint(1, 2, Calls::First);
        town.open_all();
        town
    }

    /// Both let each other have everything.
    pub(super) fn acquaint(&mut self, one: u8, other: u8, calls: Calls) {
        self.house(one).befriend(other, true);
        self.house(other).befriend(one, calls == Calls::Both);
    }

    pub(super) fn house(&mut self, number: u8) -> &mut House {
        &mut self.houses[usize::from(number) - 1]
    }

    /// Starts all nodes that do not run.
    pub(super) fn open_all(&mut self) {
        self.houses.iter_mut().filter(|house| !house.is_open()).for_each(House::open);
    }

    /// Adds an item of this length, of which there is no other.
    pub(super) fn add(&mut self, number: u8, len: usize) -> String {
        let item = format!("item-{}-{len}", self.added.len());
        self.house(number).add(&item);
        self.added.insert(item.clone());
        item
    }

    /// Lets so much time pass.
    pub(super) async fn pass(&self, span: Duration) {
        sleep_until(Instant::now() + span).await;
    }

    /// Lets time pass until a house tells something, and says after how long it did.
    pub(super) async fn hear(
        &mut self,
        number: u8,
        most: Duration,
        is_it: impl Fn(&Notice) -> bool,
    ) -> Duration {
        let began = Instant::now();
        loop {
            match self.house(number).told() {
                Some(notice) if is_it(&notice) => return began.elapsed(),
                Some(_) => {}
                None => {
                    assert!(began.elapsed() < most, "house {number} did not tell it in {most:?}");
                    self.pass(Duration::from_millis(1)).await;
                }
            }
        }
    }

    /// Lets time pass until there is a session.
    pub(super) async fn hear_up(&mut self, number: u8, other: u8, most: Duration) -> Duration {
        let up = |event: &Event| matches!(event, Event::Up(node, _) if *node == id(other));
        self.hear(number, most, |notice| matches!(notice, Notice::Event(it) if up(it))).await
    }

    /// Lets time pass until there is none.
    pub(super) async fn hear_down(&mut self, number: u8, other: u8, most: Duration) -> Duration {
        let down = |event: &Event| matches!(event, Event::Down(node, _) if *node == id(other));
        self.hear(number, most, |notice| matches!(notice, Notice::Event(it) if down(it))).await
    }

    /// How often anybody told that a session ended.
    pub(super) fn partings(&mut self) -> usize {
        self.houses.iter_mut().map(House::partings).sum()
    }

    /// How often anybody took another for gone, or for one that may be.
    pub(super) fn doubts(&mut self) -> usize {
        self.houses.iter_mut().map(House::doubts).sum()
    }

    /// Lets time pass until a house has all that was added, and says after how long it had.
    pub(super) async fn see(&mut self, number: u8, most: Duration) -> Duration {
        let all = self.added.clone();
        self.see_these(number, &all, most).await
    }

    /// The same for some of it.
    pub(super) async fn see_these(
        &mut self,
        number: u8,
        items: &BTreeSet<String>,
        most: Duration,
    ) -> Duration {
        let began = Instant::now();
        while !self.house(number).items().is_superset(items) {
            let left = most.saturating_sub(began.elapsed());
            self.hear(number, left, |notice| matches!(notice, Notice::TookIn(..))).await;
        }
        began.elapsed()
    }

    /// Somebody from a neighbourhood of its own calls so often, and says in the first packet that it is over.
    pub(super) async fn hang_up_at(&self, number: u8, caller: u8, often: usize) {
        let from = SocketAddr::from(([11, caller, 0, 1], 7_355));
        let key = Arc::new(SecretKey::from_bytes(&[caller; 32]));
        let endpoint = endpoint(from, &key, &self.air, 1);
        let transport = Transport::over(Protocol::Nodes, endpoint, key, Roaming::Allowed);
        let transport = transport.unwrap();
        for _ in 0..often {
            let call = transport.call(id(number), address(number), None);
            assert!(timeout(Duration::ZERO, call).await.is_err());
        }
        transport.close(Duration::from_secs(1)).await;
        self.air.pull(from);
    }

    /// Something happens that does happen.
    pub(super) async fn live(&mut self) {
        let closed: Vec<_> = self.numbers(|house| !house.is_open());
        if let Some(number) = self.dice.pick(&closed).copied()
            && self.dice.below(3) == 0
        {
            self.house(number).open();
        }
        let open = self.numbers(House::is_open);
        let Some(number) = self.dice.pick(&open).copied() else { return };
        match self.dice.below(100) {
            0..55 => {
                let most = 50 << self.dice.below(13);
                let len = 100 + self.dice.index(most);
                self.add(number, len);
            }
            55..67 => self.air.blows(Path::any(&mut self.dice)),
            67..74 => {
                let other = self.any_number();
                self.air.cut(address(number), address(other));
            }
            74..80 => self.part(),
            80..90 => self.air.mend(),
            90..96 => self.house(number).fall().await,
            _ => self.house(number).close().await,
        }
    }

    /// Each goes to one island or the other.
    fn part(&mut self) {
        let islands: BTreeMap<_, _> = (1..)
            .zip(&self.houses)
            .map(|(number, _)| (address(number), self.dice.below(2)))
            .collect();
        self.air.part(islands);
    }

    fn any_number(&mut self) -> u8 {
        let all = self.numbers(|_| true);
        all[self.dice.index(all.len())]
    }

    fn numbers(&self, which: impl Fn(&House) -> bool) -> Vec<u8> {
        let numbered = (1..).zip(&self.houses);
        numbered.filter(|(_, house)| which(house)).map(|(number, _)| number).collect()
    }

    /// The storm is over: lets time pass until all hold the same, and all who know each other are connected.
    pub(super) async fn settle(&mut self) {
        self.air.mend();
        self.air.blows(Path::WAN);
        self.open_all();
        let began = Instant::now();
        while !(self.is_one() && self.is_connected().await) {
            assert!(began.elapsed() < SETTLED, "not one after {SETTLED:?}: {}", self.tell().await);
            self.pass(Duration::from_millis(500)).await;
        }
    }

    /// Whether all hold all that was added, and the same, to the byte.
    fn is_one(&mut self) -> bool {
        let Some((first, others)) = self.houses.split_first_mut() else { return true };
        let state = first.state();
        first.items() == self.added && others.iter_mut().all(|other| other.state() == state)
    }

    async fn is_connected(&self) -> bool {
        for house in &self.houses {
            if house.peers().await != house.friends() {
                return false;
            }
        }
        true
    }

    /// How all of them are, for whoever looks for a fault: how many items each lacks, and how many peers it has of how many.
    async fn tell(&mut self) -> String {
        let mut told = Vec::new();
        for house in &mut self.houses {
            let lacks = self.added.difference(&house.items()).count();
            told.push((lacks, house.peers().await.len(), house.friends().len()));
        }
        format!("{told:?}")
    }

    /// All go, and leave nothing behind.
    pub(super) async fn end(mut self) {
        let is_settled = |house: &House| house.connections() == house.friends().len();
        self.fade("connections of nobody", |town| town.houses.iter().all(is_settled)).await;
        for house in &mut self.houses {
            house.close().await;
        }
        let tasks = Handle::current().metrics();
        self.fade("more than the air moves", |_| tasks.num_alive_tasks() == 1).await;
    }

    /// Lets time pass until what is over is gone.
    async fn fade(&self, what: &str, is_gone: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_gone(self) {
            assert!(began.elapsed() < FADED, "{what}");
            self.pass(Duration::from_secs(1)).await;
        }
    }
}
