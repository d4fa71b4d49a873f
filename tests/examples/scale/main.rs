//! How gossip grows with the number of nodes, as a table: `cargo run --release -p selkie-tests --example scale -- 1000`.
//!
//! Whole nodes with their stores, each of which talks to some six others, on a LAN that loses five of a hundred packets. The
//! number is the most nodes; the curve is drawn by `--svg FILE` besides.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people, who read three digits of them"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use selkie_tests::net::Link;
use selkie_tests::peers::Village;

/// What was seen of so many nodes.
struct Row {
    count: usize,
    half: Duration,
    all: Duration,
    messages: f64,
    bytes: f64,
    idle: f64,
    faster: f64,
}

/// Writes that are followed to everybody.
const WRITES: usize = 20;

fn main() {
    let mut most = 1_000;
    let mut svg = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--svg" {
            svg = args.next();
        } else {
            most = arg.parse().expect("a number of nodes");
        }
    }
    let counts = [3, 10, 32, 100, 316, 1_000, 3_162, 10_000];
    println!(
        "| nodes | half have it | all have it | messages a node and write | bytes | bytes a node and idle minute | times real time |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut rows = Vec::new();
    for count in counts.into_iter().take_while(|count| *count <= most) {
        let row = measure(count);
        println!(
            "| {} | {:.1} ms | {:.1} ms | {:.1} | {:.0} | {:.0} | {:.0} |",
            row.count,
            ms(row.half),
            ms(row.all),
            row.messages,
            row.bytes,
            row.idle,
            row.faster
        );
        rows.push(row);
    }
    if let Some(file) = svg {
        std::fs::write(file, draw(&rows)).expect("a file that can be written");
    }
}

fn measure(count: usize) -> Row {
    let began = Instant::now();
    let mut village = Village::strangers(1, count, Link::LAN.losing(5));
    village.meet_some(3);
    village.run_for(Duration::from_secs(20));
    // The first writes find the ways that the later ones take.
    for number in 0..WRITES {
        village.add(number * 7 % count, &format!("first {number}"));
        village.run_for(Duration::from_secs(2));
    }
    village.agree_within(Duration::from_secs(120));
    let before = village.tally().all_sent();
    village.run_for(Duration::from_secs(60));
    let idle = village.tally().all_sent();
    let (mut half, mut all) = (Vec::new(), Vec::new());
    let (mut messages, mut bytes) = (0, 0);
    for number in 0..WRITES {
        let item = format!("then {number}");
        let sent = village.tally().all_sent();
        village.told();
        village.add(number * 11 % count, &item);
        let [to_half, to_all] = village.spread(&item);
        half.push(to_half);
        all.push(to_all);
        let after = village.tally().all_sent();
        messages += after.messages - sent.messages;
        bytes += after.bytes - sent.bytes;
        village.run_for(Duration::from_secs(1));
    }
    let each = |sum: u64| sum as f64 / (WRITES * count) as f64;
    let virtual_time = (village.now() - selkie_sync::Moment::START).as_secs_f64();
    Row {
        count,
        half: median(half),
        all: median(all),
        messages: each(messages),
        bytes: each(bytes),
        idle: (idle.bytes - before.bytes) as f64 / count as f64,
        faster: virtual_time / began.elapsed().as_secs_f64(),
    }
}

fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    spans[spans.len() / 2]
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// Time for all against the number of nodes, both growing tenfold from line to line.
fn draw(rows: &[Row]) -> String {
    let x = |count: usize| 60.0 + (count as f64).log10() * 120.0;
    let y = |span: Duration| 320.0 - ms(span).max(1.0).log10() * 90.0;
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 360\" font-family=\"sans-serif\" font-size=\"12\">\n",
    );
    for power in 0..5 {
        let (at, label) = (x(10_usize.pow(power)), 10_usize.pow(power));
        let _ = writeln!(
            svg,
            "<path d=\"M{at} 30V320\" stroke=\"#ddd\"/><text x=\"{at}\" y=\"338\" text-anchor=\"middle\">{label}</text>"
        );
    }
    for power in 0..4 {
        let span = Duration::from_millis(10_u64.pow(power));
        let (at, label) = (y(span), 10_u64.pow(power));
        let _ = writeln!(
            svg,
            "<path d=\"M60 {at}H560\" stroke=\"#ddd\"/><text x=\"52\" y=\"{}\" text-anchor=\"end\">{label} ms</text>",
            at + 4.0
        );
    }
    for (pick, colour, name) in [(0, "#27c", "half have it"), (1, "#c42", "all have it")] {
        let points: Vec<_> = rows
            .iter()
            .map(|row| format!("{:.1},{:.1}", x(row.count), y([row.half, row.all][pick])))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        let _ = writeln!(
            svg,
            "<text x=\"70\" y=\"{}\" fill=\"{colour}\">{name}</text>",
            48 + 16 * pick
        );
    }
    svg + "<text x=\"310\" y=\"355\" text-anchor=\"middle\">nodes</text>\n</svg>\n"
}
