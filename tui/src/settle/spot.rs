//! What there is to decide.

use selkie_vcs::settling::PartId;

/// Something to decide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Spot {
    /// Which case.
    pub(crate) case: usize,
    /// Which piece of its text; none if it is decided as a whole.
    pub(crate) piece: Option<usize>,
    /// What it is called.
    pub(crate) part: PartId,
    /// Whether somebody decides it, or it was merged and is worth a look.
    pub(crate) kind: SpotKind,
}

/// What a spot is there for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SpotKind {
    /// Somebody decides it.
    Conflict,
    /// It was merged, and somebody may want to look.
    Merged,
    /// It is decided apart from what is in its file, and nobody has to.
    Apart,
}
