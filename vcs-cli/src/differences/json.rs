//! Differences for programs.

use std::fmt::Write;

use selkie_vcs::{Fate, FilePatch, Hunk, HunkLine, Origin, PatchBody, PathChange};
use serde::Serialize;

use crate::differences::outcome::what;
use crate::differences::stat::count;

/// How much is told of what is in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Depth {
    /// How many lines come and go.
    Counts,
    /// Which.
    Hunks,
}

/// What is told of one path.
#[derive(Serialize)]
pub(super) struct Told {
    schema: &'static str,
    path: String,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likeness_percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hunks: Option<Vec<ToldHunk>>,
}

#[derive(Serialize)]
struct ToldHunk {
    before: usize,
    after: usize,
    lines: Vec<ToldLine>,
}

/// A line with its newline, if it has one.
#[derive(Serialize)]
struct ToldLine {
    fate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Its bytes, if they are no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

impl Told {
    /// Which path, and what became of it.
    pub(super) fn of_path(change: &PathChange) -> Self {
        let (from, likeness_percent) = match change.origin {
            Origin::Same => (None, None),
            Origin::Renamed { percent } | Origin::Copied { percent } => {
                (Some(change.from.to_string()), Some(percent))
            }
        };
        Self {
            schema: "selkie.diff/1",
            path: change.path.to_string(),
            what: what(change),
            from,
            likeness_percent,
            binary: None,
            added: None,
            removed: None,
            hunks: None,
        }
    }

    /// The same, and what becomes of its lines.
    pub(super) fn of_patches(change: &PathChange, patches: &[FilePatch], depth: Depth) -> Self {
        let count = count(patches);
        let hunks = patches.iter().flat_map(|patch| match &patch.body {
            PatchBody::Binary => &[][..],
            PatchBody::Hunks(hunks) => hunks,
        });
        Self {
            binary: Some(patches.iter().any(|patch| patch.body == PatchBody::Binary)),
            added: Some(count.added),
            removed: Some(count.removed),
            hunks: (depth == Depth::Hunks).then(|| hunks.map(told_hunk).collect()),
            ..Self::of_path(change)
        }
    }
}

/// Lines are counted from 1, as people do.
fn told_hunk(hunk: &Hunk) -> ToldHunk {
    let lines = hunk.lines.iter().map(told_line).collect();
    ToldHunk { before: hunk.before + 1, after: hunk.after + 1, lines }
}

fn told_line(line: &HunkLine) -> ToldLine {
    let fate = match line.fate {
        Fate::Kept => "kept",
        Fate::Removed => "removed",
        Fate::Added => "added",
    };
    match str::from_utf8(line.bytes) {
        Ok(text) => ToldLine { fate, text: Some(text.to_owned()), hex: None },
        Err(_) => ToldLine { fate, text: None, hex: Some(hex(line.bytes)) },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes every byte");
        hex
    })
}
