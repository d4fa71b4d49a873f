//! Two replicas part, meet again, and one person settles what they disagree on.

use std::io;
use std::io::Write;

use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::Conflict;
use selkie_crdt::Doc;
use selkie_crdt::Entity;
use selkie_crdt::Hlc;
use selkie_crdt::Model;
use selkie_crdt::Value;

use crate::context::Context;
use crate::error::CliError;
use crate::verb::Run;

/// Two replicas of a register of voters change apart and meet. Everything happens in memory: the
/// tour writes no file and opens no connection.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Run for Args {
    const ABOUT: &'static str = "Watch two replicas work apart, meet again, and settle a conflict";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        tour(cx.out.stream())
    }
}

fn tour(out: &mut dyn Write) -> Result<(), CliError> {
    let [mut east, mut west] = [*b"east............", *b"west............"]
        .map(|id| Register::about("voters", ActorId::from_bytes(id)));

    set(&mut east, "Ann", "town", "Ghent", 1);
    set(&mut east, "Bob", "town", "Bruges", 2);
    let bytes = tell(&mut west, &east);
    writeln!(out, "East enters two voters. West hears of them in {bytes} bytes.")?;
    show("both", &west, out)?;

    writeln!(out, "Apart, east removes Bob and says that Ann moved to Leuven. West gives Bob a")?;
    writeln!(out, "telephone, and says that Ann moved to Namur.")?;
    east.edit().remove("Bob");
    set(&mut east, "Ann", "town", "Leuven", 3);
    set(&mut west, "Bob", "telephone", "555 0100", 3);
    set(&mut west, "Ann", "town", "Namur", 4);
    show("east", &east, out)?;
    show("west", &west, out)?;

    let conflicts = meet(&mut east, &mut west);
    writeln!(out, "They meet. Bob is back with what the remover had not seen, and that alone.")?;
    show("both", &east, out)?;
    settle(&mut east, &conflicts, out)?;
    tell(&mut west, &east);
    show("both", &west, out)?;

    let same = east.to_bytes() == west.to_bytes();
    let verdict = if same { "equal to the byte" } else { "different, which must never be" };
    writeln!(out, "The replicas are {verdict}. All of this happened in memory: no file was")?;
    writeln!(out, "written, no connection opened.")?;
    Ok(())
}

/// What the tour replicates: voters by name.
type Register = Doc<AwMap<String, Entity<String>>>;

fn set(replica: &mut Register, voter: &str, attribute: &str, value: &str, at_ms: u64) {
    let mut voters = replica.edit();
    voters.entry(voter.to_owned()).set(attribute, value.to_owned(), Hlc::from_ms(at_ms));
}

/// Tells `to` what it lacks of `from`. Returns how many bytes that took.
fn tell(to: &mut Register, from: &Register) -> usize {
    let changes = from.changes_since(&to.version()).unwrap_or_default();
    to.apply(&changes).expect("replicas of one tour fit each other");
    changes.len()
}

/// Tells both what they lack of each other. Returns the conflicts that the first one met.
fn meet(a: &mut Register, b: &mut Register) -> Vec<Conflict> {
    let changes = b.changes_since(&a.version()).unwrap_or_default();
    let conflicts = a.apply(&changes).expect("replicas of one tour fit each other");
    tell(b, a);
    conflicts
}

/// Chooses the second of two rivals, as somebody might who knows better than the clock.
fn settle(
    replica: &mut Register,
    conflicts: &[Conflict],
    out: &mut dyn Write,
) -> Result<(), CliError> {
    for conflict in conflicts {
        let rivals = conflict.rivals.iter().filter_map(|rival| String::from_bytes(rival).ok());
        let rivals: Vec<_> = rivals.collect();
        let both = rivals.join(" and ");
        writeln!(out, "{both} wait for somebody who knows; the later one is read meanwhile.")?;
        writeln!(out, "East knows: {}. That settles it for everyone.", rivals[1])?;
        let settled = replica.resolve(conflict, 1, Hlc::from_ms(5));
        settled.expect("nobody wrote since the conflict was found");
    }
    Ok(())
}

fn show(who: &str, replica: &Register, out: &mut dyn Write) -> io::Result<()> {
    for (name, voter) in replica.root().sorted() {
        write!(out, "  {who}:  {name}")?;
        for (attribute, register) in voter.attributes().sorted() {
            let values: Vec<_> = register.values().map(String::as_str).collect();
            write!(out, "  {attribute} {}", values.join(" or "))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replicas_part_meet_again_and_agree() {
        let mut out = Vec::new();
        tour(&mut out).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("the tour speaks UTF-8");
        let shown: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        let expected = [
            "both:  Ann  town Ghent",
            "both:  Bob  town Bruges",
            "east:  Ann  town Leuven",
            "west:  Ann  town Namur",
            "west:  Bob  telephone 555 0100  town Bruges",
            "both:  Ann  town Namur or Leuven",
            "both:  Bob  telephone 555 0100",
            "both:  Ann  town Leuven",
            "both:  Bob  telephone 555 0100",
        ];
        assert_eq!(shown, expected);
        assert!(text.contains("equal to the byte"));
    }
}
