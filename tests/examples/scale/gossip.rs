//! Writes of whole nodes, followed to everybody.

use std::time::Duration;

use selkie_tests::net::Link;
use selkie_tests::peers::Village;

use crate::meter::Meter;
use crate::plot::{Curve, Panel};

/// What was seen of so many nodes.
struct Row {
    count: usize,
    half: Duration,
    all: Duration,
    messages: f64,
    bytes: f64,
    cpu: Duration,
    idle_bytes: f64,
    idle_cpu: Duration,
    kib: f64,
    faster: f64,
}

/// Writes that are followed to everybody.
const WRITES: usize = 20;

/// The rows of these numbers of nodes, printed as they come, as drawings.
pub(crate) fn panels(counts: impl Iterator<Item = usize>) -> Vec<Panel> {
    println!(
        "| nodes | half have it | all have it | messages a node and write | bytes | CPU | bytes a node and idle minute | CPU | memory a node | times real time |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
    let mut rows = Vec::new();
    for count in counts {
        let row = measure(count);
        println!(
            "| {} | {:.1} ms | {:.1} ms | {:.1} | {:.0} | {:.0} µs | {:.0} | {:.1} ms | {:.0} KiB | {:.0} |",
            row.count,
            ms(row.half),
            ms(row.all),
            row.messages,
            row.bytes,
            ms(row.cpu) * 1e3,
            row.idle_bytes,
            ms(row.idle_cpu),
            row.kib,
            row.faster
        );
        rows.push(row);
    }
    let curve = |name, value: fn(&Row) -> f64| Curve {
        name,
        points: rows.iter().map(|row| (row.count as f64, value(row))).collect(),
    };
    vec![
        Panel {
            title: "A write is there after so many milliseconds",
            curves: vec![
                curve("at all nodes", |row| ms(row.all)),
                curve("at half of them", |row| ms(row.half)),
            ],
        },
        Panel {
            title: "What one node pays",
            curves: vec![
                curve("bytes for a write", |row| row.bytes),
                curve("bytes for an idle minute", |row| row.idle_bytes),
                curve("KiB of memory", |row| row.kib),
                curve("µs of CPU for a write", |row| ms(row.cpu) * 1e3),
            ],
        },
    ]
}

fn measure(count: usize) -> Row {
    let whole = Meter::start();
    let mut village = Village::strangers(1, count, Link::LAN.losing(5));
    village.meet_some(3);
    village.run_for(Duration::from_secs(20));
    // The first writes find the ways that the later ones take.
    for number in 0..WRITES {
        village.add(number * 7 % count, &format!("first {number}"));
        village.run_for(Duration::from_secs(2));
    }
    village.agree_within(Duration::from_secs(120));
    let (idle, before) = (Meter::start(), village.tally().all_sent());
    village.run_for(Duration::from_secs(60));
    let idle_cpu = each(idle.cpu(), count);
    let idle_bytes = (village.tally().all_sent().bytes - before.bytes) as f64 / count as f64;
    let (mut half, mut all) = (Vec::new(), Vec::new());
    let (mut messages, mut bytes, mut cpu) = (0, 0, Duration::ZERO);
    for number in 0..WRITES {
        let item = format!("then {number}");
        village.told();
        let (meter, sent) = (Meter::start(), village.tally().all_sent());
        village.add(number * 11 % count, &item);
        let [to_half, to_all] = village.spread(&item);
        half.push(to_half);
        all.push(to_all);
        let after = village.tally().all_sent();
        messages += after.messages - sent.messages;
        bytes += after.bytes - sent.bytes;
        cpu += meter.cpu();
        village.run_for(Duration::from_secs(1));
    }
    village.told();
    let per_write = |sum: u64| sum as f64 / (WRITES * count) as f64;
    let passed = (village.now() - selkie_sync::Moment::START).as_secs_f64();
    Row {
        count,
        half: median(half),
        all: median(all),
        messages: per_write(messages),
        bytes: per_write(bytes),
        cpu: each(cpu, WRITES * count),
        idle_bytes,
        idle_cpu,
        kib: whole.kib() / count as f64,
        faster: passed / whole.cpu().as_secs_f64(),
    }
}

fn each(span: Duration, count: usize) -> Duration {
    span.div_f64(count as f64)
}

fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    spans[spans.len() / 2]
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
