//! What became of a path, in words.

use selkie_vcs::{Origin, PathChange, TreeChangeKind};

use crate::label::Label;

/// What became of a path, in a word.
pub(super) fn what(change: &PathChange) -> &'static str {
    match (TreeChangeKind::of(change.before.as_ref(), change.after.as_ref()), change.origin) {
        (TreeChangeKind::Conflict, _) => "conflict",
        (_, Origin::Renamed { .. }) => "renamed",
        (_, Origin::Copied { .. }) => "copied",
        (TreeChangeKind::Added, _) => "new",
        (TreeChangeKind::Removed, _) => "gone",
        (TreeChangeKind::Modified, _) => "changed",
        (TreeChangeKind::Mode, _) => "mode",
        (TreeChangeKind::Type, _) => "type",
    }
}

/// Where it is, and where it was if that is elsewhere.
pub(super) fn path(change: &PathChange) -> String {
    match change.origin {
        Origin::Same => change.path.to_string(),
        Origin::Renamed { .. } | Origin::Copied { .. } => {
            format!("{} -> {}", change.from, change.path)
        }
    }
}

/// What becomes of a path, as a sign before its name.
pub(crate) fn named(change: &PathChange) -> (Label, &'static str, String) {
    let (label, sign) = match what(change) {
        "new" => (Label::Added, "+"),
        "gone" => (Label::Removed, "-"),
        "conflict" => (Label::Error, "!"),
        "renamed" | "copied" => (Label::Changed, ">"),
        _ => (Label::Changed, "~"),
    };
    (label, sign, path(change))
}
