//! One file that both sides changed. The only place that asks how contents are merged.

use crate::merge::file::{Merging, merge_file};
use crate::merge::merged::line_count;
use crate::merge::part::{Decided, MergeConflict, MergePart, MergeStep};
use crate::merge::rules::Settling;
use crate::text::lines::is_binary;

/// What becomes of a content that both sides changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// Both changes fit in one content, by these steps beyond taking the one change that there was.
    Settled(Vec<u8>, Vec<Settled>),
    /// They do in some parts and not in others. At least one part is open.
    Open(Vec<Part>),
    /// It is no text, or not to be taken for one: one side or the other.
    Whole,
}

/// What a step settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Settled {
    pub(crate) step: MergeStep,
    /// The lines that it put there: from this one, the first at 1, up to and without that one.
    pub(crate) lines: [usize; 2],
}

/// A part of a content, from top to bottom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// What it is.
    Settled(Vec<u8>),
    /// What each has there, and nobody decided yet.
    Open(Versions),
}

/// What three contents have in one place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Versions {
    /// What the sides came from.
    pub base: Vec<u8>,
    /// Ours.
    pub ours: Vec<u8>,
    /// Theirs.
    pub theirs: Vec<u8>,
}

/// Brings the changes of both sides together.
pub(crate) fn content(merging: &Merging) -> Content {
    let is_one = merging.rules.of(&[]).settling == Settling::Whole;
    if is_one || [merging.base, merging.ours, merging.theirs].into_iter().any(is_binary) {
        return Content::Whole;
    }
    let merged = merge_file(merging);
    if let Some(bytes) = merged.bytes() {
        let settled = |(line, decided): (usize, &Decided)| Settled {
            step: decided.step,
            lines: [line, line + line_count(&decided.bytes)],
        };
        let steps = merged.decided().map(settled).collect();
        return Content::Settled(bytes, steps);
    }
    let mut parts = Vec::new();
    for part in merged.parts {
        let settled = match part {
            MergePart::Plain(bytes) => bytes,
            MergePart::Decided(decided) => decided.bytes,
            MergePart::Conflict(MergeConflict { base, ours, theirs, .. }) => {
                parts.push(Part::Open(Versions { base, ours, theirs }));
                continue;
            }
        };
        match parts.last_mut() {
            Some(Part::Settled(before)) => before.extend(settled),
            Some(Part::Open(_)) | None if settled.is_empty() => {}
            Some(Part::Open(_)) | None => parts.push(Part::Settled(settled)),
        }
    }
    Content::Open(parts)
}
