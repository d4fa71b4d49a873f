//! The heads of a timeline that diverged: what can be decided of them, and what is said of that.

use selkie_vcs::settling::{Diverged, PartId, Shape, Stands, Verdict, Would};

use crate::settle::Settle;
use crate::settle::action::Action;
use crate::settle::message::Effect;
use crate::settle::words::letter;

/// What is said to who wants of heads what there is of files alone.
pub(super) const NO_FILE: &str =
    "this is a timeline that diverged: take a head, m fuses them, b keeps each apart";

/// More files than these are counted, and not named.
const NAMED_MAX: usize = 5;

impl Settle {
    /// The timeline that is looked at, if it is one that diverged.
    pub(crate) fn diverged(&self) -> Option<&Diverged> {
        self.case().diverged()
    }

    /// Whether what is looked at is a timeline that diverged.
    #[must_use]
    pub fn is_diverged(&self) -> bool {
        self.diverged().is_some()
    }

    /// Takes in what a fuse of the heads of these parts would be.
    pub(super) fn foresee(&mut self, found: Result<Vec<(PartId, Would)>, String>) -> Vec<Effect> {
        match found {
            Ok(found) => {
                for (part, would) in &found {
                    self.cases.iter_mut().for_each(|case| case.foreseen(*part, would));
                }
                Vec::new()
            }
            Err(why) => {
                self.tell(&format!("what a fuse of the heads would be can not be told: {why}"))
            }
        }
    }

    /// Decides what comes of the heads that are looked at.
    pub(super) fn decide_heads(&mut self, action: Action) -> Vec<Effect> {
        let Shape::Heads(diverged) = &self.case().shape else { return Vec::new() };
        let wanted = match action {
            Action::Side(side) => Verdict::Side(side),
            Action::Offer => Verdict::Fuse,
            Action::Both => Verdict::Apart,
            _ => return self.tell(NO_FILE),
        };
        let (part, accepted) = (diverged.part, diverged.accepts(&wanted));
        let is_taken = self.draft.verdict(part) == Some(&wanted);
        match accepted {
            // What was taken can be let go of, whatever has become of it meanwhile.
            _ if is_taken => self.say(part, None),
            Ok(()) => self.say(part, Some(wanted)),
            Err(why) => self.tell(&why.to_string()),
        }
    }
}

/// What a fuse of them would be.
pub(crate) fn foreseen(diverged: &Diverged) -> String {
    match &diverged.would {
        None => "what a fuse would be is being found".to_owned(),
        Some(Would::Clean) => "a fuse would be clean".to_owned(),
        Some(Would::Conflicts(paths)) => {
            let noun = if paths.len() == 1 { "file" } else { "files" };
            format!("a fuse would leave {} {noun} in conflict: {}", paths.len(), named(paths))
        }
        Some(Would::Unrelated) => "they have no seal in common".to_owned(),
    }
}

/// The same in few columns.
pub(crate) fn foreseen_short(diverged: &Diverged) -> String {
    match &diverged.would {
        None => "fuse: …".to_owned(),
        Some(Would::Clean) => "fuse: clean".to_owned(),
        Some(Would::Conflicts(paths)) => format!("fuse: {} in conflict", paths.len()),
        Some(Would::Unrelated) => "unrelated".to_owned(),
    }
}

/// What comes of the timeline by that.
pub(crate) fn comes_of(diverged: &Diverged, verdict: &Verdict) -> String {
    match (verdict, &diverged.would) {
        (Verdict::Side(side), _) => {
            format!("one seal of all heads, with the content of {}", letter(usize::from(*side)))
        }
        (Verdict::Fuse, Some(Would::Conflicts(paths))) => {
            let files = if paths.len() == 1 { "file is" } else { "files are" };
            format!("all heads are fused; {} {files} to be settled next", paths.len())
        }
        (Verdict::Fuse, _) => "one seal of all heads, with what each changed".to_owned(),
        (Verdict::Apart, _) => {
            let each = (0..diverged.tips.len()).map(|tip| {
                let is_first = tip == 0;
                let word = if is_first { "stays" } else { "becomes" };
                format!("{} {word} {}", letter(tip), diverged.apart(tip))
            });
            each.collect::<Vec<_>>().join(", ")
        }
        // A draft is read from a disk.
        (_, _) => "nothing, as a timeline has no lines".to_owned(),
    }
}

/// Why nothing can be decided of it now, if nothing can.
pub(crate) fn waits(diverged: &Diverged) -> Option<&'static str> {
    match diverged.stands {
        Stands::Busy => Some("settle and seal first what is in conflict or gathered on it"),
        Stands::Here | Stands::Elsewhere => None,
    }
}

fn named(paths: &[selkie_store::RepoPath]) -> String {
    let mut names: Vec<&str> =
        paths.iter().take(NAMED_MAX).map(selkie_store::RepoPath::as_str).collect();
    if paths.len() > NAMED_MAX {
        names.push("…");
    }
    names.join(", ")
}
