//! Who can reach whom, and how well.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use selkie_sync::{Dice, Lane, Moment};

use crate::net::link::Link;

/// All links: one rule for all, exceptions, cuts, and when each last delivered.
#[derive(Debug)]
pub(crate) struct Wires {
    rule: Link,
    exceptions: BTreeMap<(usize, usize), Link>,
    cut: BTreeSet<(usize, usize)>,
    /// The island of each place, by place; places behind the end are on island 0.
    islands: Vec<usize>,
    /// The last arrival on each lane, for as long as something could overtake it.
    last: BTreeMap<(usize, usize, Lane), Moment>,
    /// Until when a limited link is busy.
    busy: BTreeMap<(usize, usize), Moment>,
}

/// Arrivals that are remembered before those that nothing can overtake are dropped.
const LAST_MAX: usize = 1 << 16;
/// How long a datagram waits for a link at most.
const QUEUE_MAX: Duration = Duration::from_secs(1);
/// The first time-out of a stream on a short path; each further one is twice as long.
const RESEND_MIN: Duration = Duration::from_millis(30);

impl Wires {
    pub(crate) fn new(rule: Link) -> Self {
        Self {
            rule,
            exceptions: BTreeMap::new(),
            cut: BTreeSet::new(),
            islands: Vec::new(),
            last: BTreeMap::new(),
            busy: BTreeMap::new(),
        }
    }

    pub(crate) fn set_rule(&mut self, rule: Link) {
        self.rule = rule;
    }

    pub(crate) fn set(&mut self, from: usize, to: usize, link: Link) {
        self.exceptions.insert((from, to), link);
    }

    pub(crate) fn cut(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
    }

    pub(crate) fn part(&mut self, islands: &[&[usize]]) {
        for (island, places) in islands.iter().enumerate() {
            for place in *places {
                if self.islands.len() <= *place {
                    self.islands.resize(place + 1, 0);
                }
                self.islands[*place] = island;
            }
        }
    }

    pub(crate) fn mend(&mut self) {
        self.cut.clear();
        self.islands.clear();
    }

    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        let island = |place: usize| self.islands.get(place).copied().unwrap_or(0);
        island(from) == island(to) && !self.cut.contains(&(from, to))
    }

    /// When a datagram of this length arrives: never, once, or twice.
    pub(crate) fn datagram(
        &mut self,
        now: Moment,
        [from, to]: [usize; 2],
        len: usize,
        dice: &mut Dice,
    ) -> Vec<Moment> {
        let link = self.link(from, to);
        let waits = self.queue(now, [from, to], len, link);
        if dice.is_one_of_million(link.lost_ppm) || waits > QUEUE_MAX {
            return Vec::new();
        }
        let copies = if dice.is_one_of_million(link.doubled_ppm) { 2 } else { 1 };
        let arrivals = (0..copies).map(|_| {
            let way = dice.span(link.delay, link.delay + link.jitter);
            if dice.is_one_of_million(link.held_ppm) {
                return now + waits + way + dice.span(Duration::ZERO, link.held);
            }
            self.in_order(now, [from, to], Lane::Datagram, now + waits + way)
        });
        arrivals.collect()
    }

    /// When something on a stream arrives: behind what was sent before it, however often it has to be sent.
    pub(crate) fn stream(
        &mut self,
        now: Moment,
        [from, to]: [usize; 2],
        (lane, len): (Lane, usize),
        dice: &mut Dice,
    ) -> Moment {
        let link = self.link(from, to);
        let waits = self.queue(now, [from, to], len, link);
        let mut sent = now + waits;
        let mut resend = RESEND_MIN.max((link.delay + link.jitter) * 3);
        while dice.is_one_of_million(link.lost_ppm.min(900_000)) {
            sent += resend;
            resend *= 2;
        }
        let arrives = sent + dice.span(link.delay, link.delay + link.jitter);
        self.in_order(now, [from, to], lane, arrives)
    }

    fn link(&self, from: usize, to: usize) -> Link {
        self.exceptions.get(&(from, to)).copied().unwrap_or(self.rule)
    }

    /// How long a message waits before the last of it is on the link.
    fn queue(&mut self, now: Moment, way: [usize; 2], len: usize, link: Link) -> Duration {
        let Some(rate) = link.rate else { return Duration::ZERO };
        let busy = self.busy.entry((way[0], way[1])).or_insert(now);
        let begins = (*busy).max(now);
        let ends = begins + Duration::from_micros(len as u64 * 1_000_000 / rate.max(1));
        // What is lost for want of room takes none.
        if begins - now <= QUEUE_MAX {
            *busy = ends;
        }
        ends - now
    }

    fn in_order(&mut self, now: Moment, way: [usize; 2], lane: Lane, arrives: Moment) -> Moment {
        if self.last.len() >= LAST_MAX {
            self.last.retain(|_, last| *last > now);
        }
        let last = self.last.entry((way[0], way[1], lane)).or_insert(arrives);
        *last = arrives.max(*last);
        *last
    }
}
