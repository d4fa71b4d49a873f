//! The measurements.

use std::collections::BTreeMap;
use std::time::Duration;

use selkie_sync::Moment;
use selkie_tests::net::{Link, Net};

use crate::contender::Contender;

/// How many seeds and periods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    Quick,
    Whole,
}

/// What came of one contender at one size and loss.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Periods until the first member takes one that stopped for dead: median, worst.
    pub(crate) found: [f64; 2],
    /// Periods from then until all do: median, worst; none where not all did within two hundred.
    pub(crate) known: [Option<f64>; 2],
    /// Times that a living member was taken for dead.
    pub(crate) deaths: u64,
    /// In so many node-periods.
    pub(crate) node_periods: u64,
    /// Messages, and their bytes, of one node in one period.
    pub(crate) messages: f64,
    pub(crate) bytes: f64,
}

const PERIOD: Duration = Duration::from_secs(1);
/// Periods before anything is measured.
const SETTLE: u32 = 5;
/// Periods after which a death that not all know is called unknown.
const KNOWN_MAX: u32 = 200;
/// Periods in which one member that is taken for dead by several counts once.
const EPISODE: u32 = 10;

/// All figures of a contender.
pub(crate) fn all<C: Contender>(size: usize, loss: u32, effort: Effort) -> Figures {
    let link = Link::LAN.losing(loss);
    let seeds = match (effort, size) {
        (Effort::Quick, ..=10) => 20,
        (Effort::Quick, _) => 3,
        (Effort::Whole, ..=10) => 200,
        (Effort::Whole, 11..=100) => 60,
        (Effort::Whole, _) => 9,
    };
    let mut found = Vec::new();
    let mut known = Vec::new();
    for seed in 1..=seeds {
        let (first, last) = death::<C>(seed, size, link);
        found.push(first);
        known.push(last.map(|last| last - first));
    }
    found.sort_by(f64::total_cmp);
    known.sort_by(|a, b| a.unwrap_or(f64::MAX).total_cmp(&b.unwrap_or(f64::MAX)));
    let calm = calm::<C>(size, link, effort);
    Figures {
        found: [found[found.len() / 2], found[found.len() - 1]],
        known: [known[known.len() / 2], known[known.len() - 1]],
        ..calm
    }
}

/// One member stops: periods until the first takes it for dead, and until all do.
fn death<C: Contender>(seed: u64, size: usize, link: Link) -> (f64, Option<f64>) {
    let mut net = C::gathered(seed, size, link);
    // Not a whole number of periods, or the seeds would differ little.
    let settle = PERIOD * SETTLE + PERIOD * u32::try_from(seed % 97).unwrap_or(0) / 97;
    net.run_for(settle);
    net.told();
    let (dead, begin) = (size / 2, net.now());
    net.stop(dead);
    let mut when = BTreeMap::new();
    while when.len() < size - 1 && net.now() - begin < PERIOD * KNOWN_MAX {
        net.run_for(PERIOD / 10);
        for (at, who, news) in net.told() {
            if C::death(&news, who) == Some(dead) {
                when.entry(who).or_insert(at);
            }
        }
    }
    let periods = |at: Moment| (at - begin).as_secs_f64() / PERIOD.as_secs_f64();
    let first = when.values().min().map_or(f64::INFINITY, |at| periods(*at));
    let last = when.values().max().filter(|_| when.len() == size - 1);
    (first, last.map(|at| periods(*at)))
}

/// Nothing happens: what it costs, and who dies of it.
fn calm<C: Contender>(size: usize, link: Link, effort: Effort) -> Figures {
    let node_periods: u64 = match effort {
        Effort::Quick => 40_000,
        Effort::Whole => 1_000_000,
    };
    let periods = u32::try_from(node_periods / size as u64).unwrap_or(u32::MAX);
    let mut net = C::gathered(77, size, link);
    net.run_for(PERIOD * SETTLE);
    net.told();
    let before = net.tally().all_sent();
    let mut deaths = 0;
    let mut last = BTreeMap::new();
    for _ in 0..periods {
        net.run_for(PERIOD);
        deaths += episodes::<C>(&mut net, &mut last);
    }
    let sent = net.tally().all_sent();
    let per = |count: u64| count as f64 / node_periods as f64;
    Figures {
        found: [0.0; 2],
        known: [None; 2],
        deaths,
        node_periods,
        messages: per(sent.messages - before.messages),
        bytes: per(sent.bytes - before.bytes),
    }
}

fn episodes<C: Contender>(net: &mut Net<C::Member>, last: &mut BTreeMap<usize, Moment>) -> u64 {
    let mut new = 0;
    for (at, who, news) in net.told() {
        let Some(dead) = C::death(&news, who) else { continue };
        let before = last.insert(dead, at);
        new += u64::from(before.is_none_or(|before| at - before > PERIOD * EPISODE));
    }
    new
}
