//! A write among eight that are all connected, and how soon all of them see it.

use std::time::Duration;

use selkie_tests::net::Link;
use selkie_tests::peers::Village;

const NODES: usize = 8;
const SEEDS: usize = 20;
/// Writes of each seed that are followed to everybody.
const WRITES: usize = 50;

/// The table of both networks, printed.
pub(crate) fn print() {
    println!("| | median | 99 of 100 | worst of {} |", SEEDS * WRITES);
    println!("| --- | --: | --: | --: |");
    for (name, link) in [("LAN, 0.5 to 1 ms", Link::LAN), ("WAN, 20 to 60 ms", Link::WAN)] {
        for lost in [0, 5] {
            let mut all: Vec<_> =
                (1..).take(SEEDS).flat_map(|seed| spans(seed, link.losing(lost))).collect();
            all.sort_unstable();
            let at = |share: usize| all[(all.len() * share).div_ceil(100) - 1].as_secs_f64() * 1e3;
            let [half, most, worst] = [50, 99, 100].map(at);
            println!("| {name}, {lost} % lost | {half:.1} ms | {most:.1} ms | {worst:.1} ms |");
        }
    }
}

fn spans(seed: u64, link: Link) -> Vec<Duration> {
    let mut village = Village::strangers(seed, NODES, link);
    village.meet_all();
    village.run_for(Duration::from_secs(60));
    let write = |number: usize| {
        let item = number.to_string();
        village.told();
        village.add(number % NODES, &item);
        let [_, to_all] = village.spread(&item);
        village.run_for(Duration::from_secs(1));
        to_all
    };
    (0..WRITES).map(write).collect()
}
