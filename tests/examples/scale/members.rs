//! Members that all know all, of whom one stops.

use std::time::Duration;

use selkie_sync::MemberState;
use selkie_tests::members::{News, Swarm};
use selkie_tests::net::Link;

use crate::meter::Meter;
use crate::plot::{Curve, Panel};

/// What was seen of so many members. Times are in periods, which are seconds here.
struct Row {
    count: usize,
    first: f64,
    all: f64,
    messages: f64,
    bytes: f64,
    cpu: Duration,
    kib: f64,
    faster: f64,
}

/// Periods in which nothing happens.
const CALM: u32 = 20;
/// Periods after which a death that not all know is a failure.
const KNOWN_MAX: Duration = Duration::from_secs(200);

/// The rows of these numbers of members, printed as they come, as drawings.
pub(crate) fn panels(counts: impl Iterator<Item = usize>) -> Vec<Panel> {
    println!(
        "| members | found by the first | by all | messages a member and period | bytes | CPU | memory a member | times real time |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: | --: |");
    let mut rows = Vec::new();
    for count in counts {
        let row = measure(count);
        println!(
            "| {} | {:.1} s | {:.1} s | {:.2} | {:.0} | {:.0} µs | {:.0} KiB | {:.0} |",
            row.count,
            row.first,
            row.all,
            row.messages,
            row.bytes,
            row.cpu.as_secs_f64() * 1e6,
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
            title: "Periods until a death is known",
            curves: vec![curve("to all", |row| row.all), curve("to the first", |row| row.first)],
        },
        Panel {
            title: "What one member pays",
            curves: vec![
                curve("bytes a period", |row| row.bytes),
                curve("messages a period", |row| row.messages),
                curve("KiB of memory", |row| row.kib),
                curve("µs of CPU a period", |row| row.cpu.as_secs_f64() * 1e6),
            ],
        },
    ]
}

fn measure(count: usize) -> Row {
    let whole = Meter::start();
    let mut swarm = Swarm::gathered(1, count, Link::LAN.losing(5));
    swarm.run_for(Duration::from_secs(5));
    let (calm, before) = (Meter::start(), swarm.tally().all_sent());
    swarm.run_for(Duration::from_secs(1) * CALM);
    let sent = swarm.tally().all_sent();
    let member_periods = count as f64 * f64::from(CALM);
    let cpu = calm.cpu().div_f64(member_periods);
    let (first, all) = death(&mut swarm, count / 2);
    let passed = (swarm.now() - selkie_sync::Moment::START).as_secs_f64();
    Row {
        count,
        first,
        all,
        messages: (sent.messages - before.messages) as f64 / member_periods,
        bytes: (sent.bytes - before.bytes) as f64 / member_periods,
        cpu,
        kib: whole.kib() / count as f64,
        faster: passed / whole.cpu().as_secs_f64(),
    }
}

/// One stops: how long until the first takes it for dead, and until all do.
fn death(swarm: &mut Swarm, dead: usize) -> (f64, f64) {
    swarm.told();
    let begin = swarm.now();
    swarm.stop(dead);
    let mut found = Vec::new();
    while found.len() < swarm.len() - 1 {
        assert!(swarm.now() - begin < KNOWN_MAX, "{} of {}", found.len(), swarm.len() - 1);
        swarm.run_for(Duration::from_millis(100));
        let told = swarm.told().into_iter();
        let downs = told.filter(|(_, _, news)| *news == News::Changed(dead, MemberState::Down));
        found.extend(downs.map(|(at, _, _)| (at - begin).as_secs_f64()));
    }
    (found[0], found[found.len() - 1])
}
