//! The laws of merging, and what each step settles.

use super::file::{Merging, merge_file};
use super::merged::{MarkerLabels, Merged};
use super::part::{MergeConflict, MergePart, MergeSide, MergeStep, Took};
use super::rules::{MergeRules, Ruled, Settling, Voice};
use crate::text::dice::Dice;

mod git;
mod keys;
mod laws;
mod narrow;
mod rules;
mod steps;

const LABELS: MarkerLabels = MarkerLabels { ours: "ours", theirs: "theirs" };

fn merged(path: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Merged {
    merged_with(path, [base, ours, theirs], MergeSide::Ours, &MergeRules::default())
}

fn merged_with(path: &str, texts: [&[u8]; 3], first: MergeSide, rules: &MergeRules) -> Merged {
    let [base, ours, theirs] = texts;
    merge_file(&Merging { path, base, ours, theirs, first, rules })
}

/// The steps that settled something, and the text.
fn told(path: &str, base: &str, ours: &str, theirs: &str) -> (Vec<&'static str>, String) {
    let merged = merged(path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let mut steps: Vec<_> = merged.decided().map(|(_, decided)| decided.step.name()).collect();
    steps.dedup();
    (steps, String::from_utf8(merged.marked(LABELS)).unwrap())
}
