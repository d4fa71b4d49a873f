//! Revisions that mean too much, or nothing, shown with what is wrong about them.

use selkie_vcs::{Candidate, ParseRevError};

use crate::label::Label;
use crate::line::Line;

/// A seal that may be meant.
pub(super) fn candidate(candidate: &Candidate) -> Line {
    let hash = &candidate.id.to_string()[..12];
    let line = Line::of("  ").put(Label::Seal, &candidate.name).plain("  ");
    line.put(Label::Aside, hash).plain("  ").plain(&candidate.title)
}

/// What was typed, and below it where the trouble is.
pub(super) fn pointed(text: &str, error: &ParseRevError) -> [Line; 2] {
    let before = text.get(..error.place.start).map_or(0, |before| before.chars().count());
    let wrong = text.get(error.place.clone()).map_or(1, |wrong| wrong.chars().count().max(1));
    let arrow = format!("  {}{}", " ".repeat(before), "^".repeat(wrong));
    [Line::of("  ").plain(text), Line::default().put(Label::Error, &arrow)]
}
