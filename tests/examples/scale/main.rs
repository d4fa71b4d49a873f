//! What each node pays, and how long all wait, against how many they are: the tables and the drawing of `sync/SCALE.md`.
//!
//! - `scale gossip 1000 [FILE.svg]`: whole nodes with their stores, each of which talks to some six others, on a LAN that loses five of a
//!   hundred packets; from two nodes to so many;
//! - `scale members 1000 [FILE.svg]`: members that all know all, on the same LAN; one of them stops;
//! - `scale writes`: eight nodes that are all connected, on a LAN and far from each other; a write of one, followed to all.
//!
//! What is simulated is the same on every machine. CPU is that of the whole process, so the simulator's own is in it.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people, who read three digits of them"
)]

mod eight;
mod gossip;
mod members;
mod meter;
mod plot;

use std::error::Error;

use peak_alloc::PeakAlloc;

use crate::plot::Panel;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Half a power of ten from one to the next.
const COUNTS: [usize; 9] = [2, 3, 10, 32, 100, 316, 1_000, 3_162, 10_000];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let (what, most, file) = match args[..] {
        ["writes"] => {
            eight::print();
            return Ok(());
        }
        [what, most] => (what, most.parse()?, None),
        [what, most, file] => (what, most.parse()?, Some(file)),
        _ => return Err("usage: scale gossip|members MOST [FILE.svg], scale writes".into()),
    };
    let counts = COUNTS.into_iter().take_while(|count| *count <= most);
    let panels: Vec<Panel> = match what {
        "gossip" => gossip::panels(counts),
        "members" => members::panels(counts),
        _ => return Err("it is gossip or members that is measured".into()),
    };
    if let Some(file) = file {
        std::fs::write(file, plot::drawn(&panels))?;
    }
    Ok(())
}
