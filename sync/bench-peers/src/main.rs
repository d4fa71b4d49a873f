//! selkie-sync beside another crate: the same two sets of ids, reconciled by both.
//!
//! ```text
//! cargo run --release              the tables of the book, printed
//! cargo run --release -- 100000    the same for sets of so many ids
//! ```
//!
//! Bytes and round trips are counted and come out alike each time; processor time is that of the one thread which
//! plays both sides, the least of a few runs.

mod negentropy;
mod ours;
mod run;
mod sets;

use std::process::ExitCode;

use crate::run::Run;
use crate::sets::Sets;

/// Ids that both sides have, where nothing is said.
const SHARED: usize = 1_000_000;
/// Differences, and how often they are reconciled.
const DIFFERENCES: [(usize, usize); 4] = [(0, 5), (10, 5), (1_000, 5), (100_000, 3)];

fn main() -> ExitCode {
    let shared = match std::env::args().nth(1).map(|count| count.parse()) {
        None => SHARED,
        Some(Ok(count)) => count,
        Some(Err(error)) => {
            eprintln!("how many ids both sides have: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("### Half of the differences on each side, {shared} ids in common\n");
    table(shared, |count| (count / 2, count - count / 2));
    println!("\n### All of them missing on the side that opens\n");
    table(shared, |count| (0, count));
    ExitCode::SUCCESS
}

fn table(shared: usize, split: impl Fn(usize) -> (usize, usize)) {
    println!("| differences | crate | bytes | round trips | CPU | once for a set |");
    println!("| --: | --- | --: | --: | --: | --: |");
    for (count, times) in DIFFERENCES {
        let (left, right) = split(count);
        let sets = Sets::new(shared, left, right);
        row(count, "selkie", ours::reconcile(&sets, times));
        row(count, "negentropy", negentropy::reconcile(&sets, times));
    }
}

fn row(count: usize, name: &str, runs: Vec<Run>) {
    let least = runs.into_iter().reduce(Run::least).expect("each is run at least once");
    println!("| {count} | {name} | {least} |");
}
