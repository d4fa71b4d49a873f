//! A piece of a merged file.

/// One of the two sides of a merge.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MergeSide {
    /// The one that is merged into.
    #[default]
    Ours,
    /// The one that is merged.
    Theirs,
}

/// A piece of a merged file, whole lines of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MergePart {
    /// What nobody changed, one side changed, or both changed alike.
    Plain(Vec<u8>),
    /// Both sides changed it, and a step settled it.
    Decided(Decided),
    /// Both sides changed it, and a person decides.
    Conflict(MergeConflict),
}

/// What a step made of changes of both sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// The lines.
    pub bytes: Vec<u8>,
    /// How they came about.
    pub step: MergeStep,
}

/// A step that settles what both sides changed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MergeStep {
    /// A rule for this path says which side is right.
    Rule,
}

/// Lines that both sides changed, each in its own way.
///
/// The lines above and below are the same in all three texts, or settled.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MergeConflict {
    /// The lines before either change. None if both sides added, or there was no file.
    pub base: Vec<u8>,
    /// What our side made of them.
    pub ours: Vec<u8>,
    /// What their side made of them.
    pub theirs: Vec<u8>,
    /// What could settle it beyond taking one side: a step that is right too seldom to be taken unasked.
    pub offers: Vec<Decided>,
}

impl MergeConflict {
    /// The lines of one side.
    #[must_use]
    pub fn side(&self, side: MergeSide) -> &[u8] {
        match side {
            MergeSide::Ours => &self.ours,
            MergeSide::Theirs => &self.theirs,
        }
    }

    /// The same with the sides swapped.
    pub(super) fn swapped(mut self) -> Self {
        std::mem::swap(&mut self.ours, &mut self.theirs);
        self
    }
}

impl MergeSide {
    /// The one that this is not.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}
