//! selkie-crdt beside other crates: the same workloads, one run, one table.
//!
//! The program starts itself anew for each crate and workload, so that no heap or cache is
//! inherited, and gathers what each process says:
//!
//! ```text
//! cargo run --release                                  all of it, printed
//! cargo run --release -- --only b1,b6 --peer yrs,loro  a part of it
//! cargo run --release -- --write ../BENCHMARKS.md      all of it, into the book
//! ```
//!
//! Compiling the others takes minutes, a whole run as long.

mod arguments;
mod elements;
mod heap;
mod measure;
mod peer;
mod random;
mod record;
mod replica;
mod report;
mod row;
mod set;
mod workload;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::report::Report;

fn main() -> ExitCode {
    match Arguments::from_command_line(std::env::args().skip(1)) {
        Ok(Arguments::One { peer, workload, runs }) => {
            measure::here(peer, workload, runs).for_each(|line| println!("{}", line.to_text()));
            ExitCode::SUCCESS
        }
        Ok(Arguments::All { peers, workloads, runs, write }) => {
            let report = Report::new(runs, measure::apart(&peers, &workloads, runs));
            match write {
                None => print!("{report}"),
                Some(path) => {
                    if let Err(error) = std::fs::write(&path, report.to_string()) {
                        eprintln!("{}: {error}", path.display());
                        return ExitCode::FAILURE;
                    }
                }
            }
            ExitCode::SUCCESS
        }
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::FAILURE
        }
    }
}
