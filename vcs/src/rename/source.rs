//! Where one file came from.

use selkie_store::{RepoPath, Store, TreeId};

use crate::rename::sample::Sample;
use crate::rename::{FindingRenames, Origin, pair_renames};
use crate::tree::compare::{CompareError, TreeChanges};
use crate::tree::filter::PathFilter;

/// What the file at `path`, which is new in the tree `after`, was called in the tree `before`, if it was there.
///
/// # Errors
///
/// The trees can not be compared, or a content not be read.
pub(crate) fn source(
    store: &Store,
    (before, after): (TreeId, TreeId),
    path: &RepoPath,
    finding: FindingRenames,
) -> Result<Option<RepoPath>, CompareError> {
    let filter = PathFilter::default();
    let mut changes = Vec::new();
    for change in TreeChanges::new(store, Some(before), Some(after), &filter) {
        let change = change?;
        // What else came is not asked about.
        if change.after.is_none() || change.path == *path {
            changes.push(change);
        }
    }
    let sample = |_, _: &RepoPath, content| Sample::of_stored(store, content);
    let paired = pair_renames(changes, &[], finding, sample)?;
    let found = paired.changes.into_iter().find(|change| change.path == *path);
    Ok(found.filter(|change| change.origin != Origin::Same).map(|change| change.from))
}
