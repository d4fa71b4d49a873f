//! Two replicas part, are compared, and meet again.

use std::fmt;
use std::io::Write;

use selkie_crdt::ActorId;
use selkie_crdt::Causality;
use selkie_crdt::VersionVector;

use crate::error::CliError;

/// Watch two replicas work apart, compare what they saw, and meet again
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, out: &mut dyn Write) -> Result<(), CliError> {
    let [mut east, mut west] = [Replica::new(*b"east"), Replica::new(*b"west")];

    writeln!(out, "Two replicas start empty. Apart, east makes two changes and west makes one.")?;
    east.change();
    east.change();
    west.change();
    compare(&east, &west, out)?;

    writeln!(out, "East hears of west's work; west has not heard of east's.")?;
    east.hear(&west);
    compare(&east, &west, out)?;

    writeln!(out, "West hears of east's work.")?;
    west.hear(&east);
    compare(&east, &west, out)?;

    writeln!(out, "All of this happened in memory: no file was written, no connection opened.")?;
    Ok(())
}

fn compare(east: &Replica, west: &Replica, out: &mut dyn Write) -> Result<(), CliError> {
    let verdict = match east.seen.compare(&west.seen) {
        Causality::Equal => "equal: both saw the same changes",
        Causality::Before => "before: east saw less than west",
        Causality::After => "after: east saw more than west",
        Causality::Concurrent => "concurrent: each saw a change that the other did not",
    };
    writeln!(out, "  {east}\n  {west}\n  {verdict}\n")?;
    Ok(())
}

/// One writer, and what it has seen of both.
struct Replica {
    id: ActorId,
    seen: VersionVector,
}

impl Replica {
    /// A replica whose id spells its name: the tour is the same each time. Elsewhere an id is
    /// drawn at random.
    fn new(name: [u8; 4]) -> Self {
        let mut bytes = [b' '; 16];
        bytes[..4].copy_from_slice(&name);
        Self { id: ActorId::from_bytes(bytes), seen: VersionVector::new() }
    }

    fn change(&mut self) {
        self.seen.increment(self.id).expect("a tour ends long before an actor's last change");
    }

    fn hear(&mut self, other: &Self) {
        self.seen.merge(&other.seen);
    }
}

impl fmt::Display for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} saw:", name(self.id))?;
        self.seen.iter().try_for_each(|(id, counter)| write!(f, "  {} {counter}", name(id)))
    }
}

fn name(id: ActorId) -> String {
    String::from_utf8_lossy(id.as_bytes()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replicas_part_and_meet_again() {
        let mut out = Vec::new();
        run(&Args {}, &mut out).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("the tour speaks UTF-8");
        let indented: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        let expected = [
            "east saw:  east 2",
            "west saw:  west 1",
            "concurrent: each saw a change that the other did not",
            "east saw:  east 2  west 1",
            "west saw:  west 1",
            "after: east saw more than west",
            "east saw:  east 2  west 1",
            "west saw:  east 2  west 1",
            "equal: both saw the same changes",
        ];
        assert_eq!(indented, expected);
    }
}
