//! Memberships side by side: how soon a death is found, who is taken for dead and lives, and what it costs.
//!
//! ```text
//! cargo run --release                    the table of sync/BENCHMARKS.md
//! cargo run --release -- quick           the same with few seeds
//! cargo run --release -- whole selkie    all seeds of those whose names begin so
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
use crate::measure::{Effort, Figures, all};
use crate::selkie::{Selkie, SelkieAlone};

/// A name, and what measures who has it, at a size and a loss.
type Measured = (&'static str, fn(usize, u32, Effort) -> Figures);

const CONTENDERS: [Measured; 3] = [
    ("selkie", all::<Selkie>),
    ("selkie, datagrams alone", all::<SelkieAlone>),
    ("foca 2.0.0", all::<Foca>),
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let effort = match args.next().as_deref() {
        None | Some("whole") => Effort::Whole,
        Some("quick") => Effort::Quick,
        Some(other) => {
            eprintln!(
                "unknown: {other}; say `quick` or `whole`, and then a name if only that is meant"
            );
            return ExitCode::FAILURE;
        }
    };
    let wanted = args.next().unwrap_or_default();
    let contenders = CONTENDERS.iter().filter(|(name, _)| name.starts_with(&wanted));
    let contenders: Vec<_> = contenders.collect();
    if contenders.is_empty() {
        eprintln!("nobody is called {wanted}");
        return ExitCode::FAILURE;
    }
    println!("{}", table::HEAD);
    for (size, loss) in [8, 100, 1_000].into_iter().flat_map(|n| [(n, 0), (n, 5), (n, 20)]) {
        for (name, measured) in &contenders {
            println!("{}", table::line(name, size, loss, &measured(size, loss, effort)));
        }
    }
    ExitCode::SUCCESS
}
