//! What there is to see of an error below its sentence.

use std::collections::BTreeMap;
use std::ops::Range;

use selkie_store::{ChangeId, SealId};
use selkie_vcs::{Candidate, GitError, Problem, RevError, SealName};

use crate::label::Label;
use crate::line::Line;

/// What there is to see of a revision that means nothing, or too much.
pub(super) fn rev_details(text: &str, error: &RevError) -> Vec<Line> {
    match error {
        RevError::Ambiguous { count, candidates, .. } => {
            let more = count.saturating_sub(candidates.len());
            let more = (more > 0).then(|| Line::of(&format!("  and {more} more")));
            candidates.iter().map(candidate).chain(more).collect()
        }
        RevError::Parse(error) => pointed(text, &error.place).into(),
        _ => Vec::new(),
    }
}

/// A seal that may be meant.
fn candidate(candidate: &Candidate) -> Line {
    let hash = &candidate.id.to_string()[..12];
    let line = Line::of("  ").put(Label::Seal, &candidate.name).plain("  ");
    line.put(Label::Aside, hash).plain("  ").plain(&candidate.title)
}

/// What was typed, and below it where the trouble is.
pub(super) fn pointed(text: &str, place: &Range<usize>) -> [Line; 2] {
    let before = text.get(..place.start).map_or(0, |before| before.chars().count());
    let wrong = text.get(place.clone()).map_or(1, |wrong| wrong.chars().count().max(1));
    let arrow = format!("  {}{}", " ".repeat(before), "^".repeat(wrong));
    [Line::of("  ").plain(text), Line::default().put(Label::Error, &arrow)]
}

/// Seals that a bundle builds upon.
pub(super) fn lacking(seals: &BTreeMap<SealId, ChangeId>) -> Vec<Line> {
    let line = |(seal, change): (&SealId, &ChangeId)| {
        let name = SealName::of(*change).to_string();
        Line::of("  ").put(Label::Seal, &name).plain("  ").put(Label::Aside, &seal.to_string())
    };
    let mut lines: Vec<_> = seals.iter().take(LACKING_MAX).map(line).collect();
    if seals.len() > LACKING_MAX {
        lines.push(Line::of(&format!("  and {} more", seals.len() - LACKING_MAX)));
    }
    lines
}

/// What of a git repository can not be kept.
pub(super) fn git_details(error: &GitError) -> Vec<Line> {
    let GitError::Unkept(problems) = error else { return Vec::new() };
    let line = |problem: &Problem| Line::of("  ").plain(&problem.to_string());
    let mut lines: Vec<_> = problems.iter().take(PROBLEMS_MAX).map(line).collect();
    if problems.len() > PROBLEMS_MAX {
        lines.push(Line::of(&format!("  and {} more", problems.len() - PROBLEMS_MAX)));
    }
    lines
}

/// Problems that an error lists.
const PROBLEMS_MAX: usize = 20;

/// Seals that an error lists.
const LACKING_MAX: usize = 10;
