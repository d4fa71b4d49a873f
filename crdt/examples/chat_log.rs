//! A chat of two friends, each on a device of their own, that keeps only its last lines.
//!
//! Each message is an entry of its author's log. What the screen shows is folded from the entries,
//! also when they come late, and goes on being right when old entries go.

use std::collections::BTreeMap;
use std::error::Error;

use selkie_crdt::{
    ActorId, Entry, Hlc, HlcClock, Log, Materialise, Materialised, Retention, VersionVector,
};

const ANN: ActorId = ActorId::from_bytes([0xa1; 16]);
const BOB: ActorId = ActorId::from_bytes([0xb0; 16]);
const EVE: ActorId = ActorId::from_bytes([0xee; 16]);

fn main() -> Result<(), Box<dyn Error>> {
    let (mut ann, mut bob) = (Device::new(ANN), Device::new(BOB));

    println!("Both write while they are offline.");
    ann.say(1_000, "Is anybody here?")?;
    bob.say(1_400, "Hello, I just came in")?;
    ann.say(2_000, "The harbour is full of seals")?;
    ann.hear(2_100, &bob)?;
    bob.hear(2_100, &ann)?;
    assert_eq!(ann.screen.state(), bob.screen.state());
    ann.show("ann");
    assert_eq!(
        ann.screen.state().lines,
        [
            "ann: Is anybody here?",
            "bob: Hello, I just came in",
            "ann: The harbour is full of seals"
        ]
    );

    println!("\nA device whose clock is wrong gets nowhere.");
    let mut eve = Device::new(EVE);
    eve.say(32_472_144_000_000, "I shall be the newest for ever")?;
    assert_eq!(ann.hear(2_200, &eve)?, 0);
    println!("  ann heard nothing of eve");

    println!("\nAnn keeps the last two lines, once Bob has the others.");
    bob.say(3_000, "I count nine of them")?;
    ann.hear(3_100, &bob)?;
    ann.forget(&Retention::newest(2), bob.log.version(), 4_000)?;
    ann.show("ann");
    assert_eq!(ann.screen.state().lines.len(), 2);
    assert_eq!(ann.screen.state().said[&ANN], 2);

    println!("\nBob's tablet joins late: it starts from Ann's snapshot and keeps its own line.");
    let mut tablet = Device::new(ActorId::from_bytes([0xb1; 16]));
    tablet.say(3_500, "(from the tablet) So do I")?;
    assert!(ann.log.since(tablet.log.version()).is_err(), "the first lines are gone");
    tablet.start_from(&ann)?;
    tablet.hear(5_000, &ann)?;
    ann.hear(5_000, &tablet)?;
    tablet.show("tablet");
    assert_eq!(tablet.screen.state(), ann.screen.state());
    assert_eq!(tablet.screen.state().lines.len(), 3);
    Ok(())
}

/// One device: its clock, its copy of the chat, and what it shows.
struct Device {
    author: ActorId,
    clock: HlcClock,
    log: Log<String>,
    screen: Materialised<Screen>,
}

/// The lines on the screen, and how much everybody ever said.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Screen {
    lines: Vec<String>,
    said: BTreeMap<ActorId, u64>,
}

impl Materialise<String> for Screen {
    fn apply(&mut self, entry: &Entry<String>) {
        self.lines.push(format!("{}: {}", name(entry.author), entry.payload));
        *self.said.entry(entry.author).or_default() += 1;
    }

    /// Lines go with their entries; the counts stay.
    fn compacted(&mut self, removed: &[Entry<String>]) {
        self.lines.drain(..removed.len());
    }
}

impl Device {
    fn new(author: ActorId) -> Self {
        let screen = Materialised::new(Screen::default());
        Self { author, clock: HlcClock::default(), log: Log::new(), screen }
    }

    fn say(&mut self, now_ms: u64, text: &str) -> Result<(), Box<dyn Error>> {
        let time: Hlc = self.clock.tick(now_ms);
        self.log.append(self.author, time, text.to_owned())?;
        self.screen.refresh(&self.log)?;
        Ok(())
    }

    /// Takes in what `other` has beyond this device, and answers how many entries that was.
    fn hear(&mut self, now_ms: u64, other: &Self) -> Result<usize, Box<dyn Error>> {
        let sent = other.log.since(self.log.version())?;
        let credible = sent.filter(|entry| self.clock.receive(entry.time, now_ms).is_ok());
        let credible: Vec<_> = credible.cloned().collect();
        let outcome = self.log.merge(credible);
        self.screen.refresh(&self.log)?;
        Ok(outcome.new.len())
    }

    fn forget(
        &mut self,
        retention: &Retention,
        stable: &VersionVector,
        now_ms: u64,
    ) -> Result<(), Box<dyn Error>> {
        let compaction = self.log.compact(retention, stable, now_ms);
        self.screen.compact(&compaction)?;
        self.screen.refresh(&self.log)?;
        Ok(())
    }

    fn start_from(&mut self, other: &Self) -> Result<(), Box<dyn Error>> {
        let snapshot = other.screen.snapshot(&other.log)?;
        let _ready = self.log.restore(&snapshot.base)?;
        self.screen = Materialised::restore(snapshot);
        self.screen.refresh(&self.log)?;
        Ok(())
    }

    fn show(&self, device: &str) {
        println!("  on the screen of {device}:");
        for line in &self.screen.state().lines {
            println!("    {line}");
        }
    }
}

fn name(author: ActorId) -> &'static str {
    match author {
        ANN => "ann",
        EVE => "eve",
        _ => "bob",
    }
}
