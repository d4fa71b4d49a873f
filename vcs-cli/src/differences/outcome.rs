//! What became of a path, in words.

use selkie_vcs::{Origin, PathChange, TreeChangeKind};

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
