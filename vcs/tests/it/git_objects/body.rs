//! An object of git from a stranger, and what must hold whatever is in it.
//!
//! A fuzzer uses this too, so it needs nothing beside it.

use selkie_vcs::{GitId, GitKind, respelled};

/// Takes the bytes for an object of each kind. What makes sense comes back as it was.
pub(crate) fn object(bytes: &[u8]) -> usize {
    let kinds = [GitKind::Commit, GitKind::Tree, GitKind::Tag, GitKind::Blob];
    let mut kept = 0;
    for kind in kinds {
        // Bytes that collide with others have no name, and are refused wherever they are read.
        if let Some(again) = respelled(kind, bytes).filter(|_| GitId::of(kind, bytes).is_some()) {
            assert!(again == bytes, "a {kind} became another");
            kept += 1;
        }
    }
    kept
}
