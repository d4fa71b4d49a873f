//! Collections beside commands, all of them processes of the real binary.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use selkie_store::{Batch, Hint, Kind, OsDisk, Store};
use serde_json::Value;

use crate::clone::Clone;

/// What the file is in a round.
fn text_of(round: usize) -> String {
    format!("version {round} of a file\n")
}

/// Contents come and go and come again, so that commands meet what collections are about to remove.
#[test]
fn whatever_is_collected_beside_commands_nothing_that_is_used_is_lost() {
    let rounds = std::env::var("COLLECT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let clone = Clone::forge();
    let is_over = AtomicBool::new(false);
    let removed = std::thread::scope(|scope| {
        let collectors: Vec<_> = (0..2).map(|_| scope.spawn(|| clone.collect(&is_over))).collect();
        for round in 0..rounds.unwrap_or(12) {
            clone.one_round(round);
        }
        is_over.store(true, Ordering::Relaxed);
        collectors.into_iter().map(|collector| collector.join().expect("it ends")).sum::<u64>()
    });
    assert!(removed > 0, "nothing was collected: the test shows nothing");
    clone.must(&["verify"]);
    assert_eq!(clone.told(&["status"])["changed"], Value::Array(Vec::new()));
}

#[test]
fn packs_stay_few_though_nobody_looks_after_them() {
    let clone = Clone::forge();
    for round in 0..20 {
        clone.write("a", &text_of(round));
        clone.seal("more");
    }
    let packs = clone.told(&["stats"])["packs"]["count"].as_u64().expect("a number");
    assert!(packs < 16, "{packs}");
}

impl Clone {
    /// Seals, discards, takes that back and does it again.
    fn one_round(&self, round: usize) {
        let text = text_of(round);
        self.write("a", &text);
        self.write("d/b", &text.repeat(40));
        self.seal(&format!("round {round}"));
        self.write("a", &format!("thrown away, {}\n", round % 2));
        self.must(&["discard", "a"]);
        assert_eq!(self.read("a"), text, "round {round}");
        self.must(&["undo"]);
        assert_eq!(self.read("a"), format!("thrown away, {}\n", round % 2), "round {round}");
        self.must(&["redo"]);
        assert_eq!(self.read("a"), text, "round {round}");
        self.litter(&text_of(round + 1));
    }

    /// Leaves contents that nothing leads to, and that the next round wants.
    fn litter(&self, text: &str) {
        let disk = Arc::new(OsDisk::new(&self.folder.join(".selkie")));
        let store = Store::open(disk).expect("it opens");
        let batch = Batch::new(&store);
        for bytes in [text.to_owned(), text.repeat(40), format!("nobody wants {text}")] {
            batch.put(Kind::Blob, bytes.as_bytes(), Hint::NONE).expect("there is room");
        }
        batch.finish().expect("there is room");
    }

    /// Collects all the time, and tells how many objects went.
    fn collect(&self, is_over: &AtomicBool) -> u64 {
        let mut removed = 0;
        while !is_over.load(Ordering::Relaxed) {
            let told = self.told(&["gc", "--grace", "0"]);
            removed += told["removed"]["objects"].as_u64().expect("a number");
        }
        removed
    }
}
