//! Memberships side by side: how soon a death is found, who is taken for dead and lives, and what it costs.
//!
//! ```text
//! cargo run --release            the table of sync/BENCHMARKS.md
//! cargo run --release -- quick   the same with few seeds
//! ```
//!
//! All run on the same simulated network with the same seeds, with the times that each has by default, which
//! is one ping in a second. Nothing depends on the machine but how long it takes.

mod contender;
mod foca;
mod measure;
mod selkie;
mod table;

use std::process::ExitCode;

use crate::foca::Foca;
use crate::measure::Effort;
use crate::selkie::{Selkie, SelkieAlone};

fn main() -> ExitCode {
    let effort = match std::env::args().nth(1).as_deref() {
        None => Effort::Whole,
        Some("quick") => Effort::Quick,
        Some(other) => {
            eprintln!("unknown: {other}; the one argument there is, is `quick`");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", table::HEAD);
    for (size, loss) in [8, 100, 1_000].into_iter().flat_map(|n| [(n, 0), (n, 5), (n, 20)]) {
        println!("{}", table::line("selkie", size, loss, &measure::all::<Selkie>(size, loss, effort)));
        let alone = measure::all::<SelkieAlone>(size, loss, effort);
        println!("{}", table::line("selkie, datagrams alone", size, loss, &alone));
        println!("{}", table::line("foca 2.0.0", size, loss, &measure::all::<Foca>(size, loss, effort)));
    }
    ExitCode::SUCCESS
}
