//! The first few of many paths, for a message.

use selkie_store::RepoPath;

/// Three of them at most, and how many more there are.
pub(crate) fn few<'a>(paths: impl ExactSizeIterator<Item = &'a RepoPath>) -> String {
    let count = paths.len();
    let first: Vec<&str> = paths.take(3).map(RepoPath::as_str).collect();
    match count - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
