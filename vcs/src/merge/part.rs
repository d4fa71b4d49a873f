//! A piece of a merged file.

use crate::strategy::Strategy;

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
    /// Each side changed keys of its own.
    Keys,
    /// Each side changed lines of its own, which only touch.
    Touching,
    /// Each side changed lines of its own, which a comparison of texts does not tell apart. Only offered, but where it leaves
    /// less to decide.
    Lines,
    /// One side moved lines that the other changed: the change follows.
    Moved,
    /// Both sides say the same, but for white space.
    Blanks,
    /// One side did what the other did, and added more.
    Contained,
    /// Each side changed words of its own, far enough apart.
    Words,
    /// Both sides raised a version, or the year of a copyright: the higher one.
    HigherVersion,
    /// Each side added items to a list within a line, or removed some.
    Inline,
    /// Both sides added to a sorted list: in its order.
    Sorted,
    /// Both sides added to a list: one below the other.
    BothListed,
    /// Both sides added entries to a changelog: one below the other.
    BothEntered,
    /// Both sides added definitions: one below the other.
    BothDefined,
    /// Both sides added lines: one below the other. Only offered.
    BothKept,
    /// One side changed white space alone: what the other made of it. Only offered.
    Reformatted,
    /// A rule says what is right.
    Rule(Ruling),
}

/// How a rule settled something.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ruling {
    /// The word that somebody wrote for it.
    pub strategy: Strategy,
    /// Where it is written.
    pub source: RuleSource,
    /// What came into the place.
    pub took: Took,
}

/// Where it is written how something is settled.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RuleSource {
    /// Nowhere: somebody asked, or nobody said anything.
    #[default]
    Nowhere,
    /// On this line of the file of rules, the first at 1.
    Line(usize),
    /// In a list of attributes.
    Attributes,
}

/// What a rule put into the place of what both sides changed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Took {
    /// What our side has.
    Ours,
    /// What their side has.
    Theirs,
    /// What both have.
    Both,
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

impl MergePart {
    /// Whether it says nothing. A conflict always does.
    pub(super) const fn is_empty(&self) -> bool {
        match self {
            Self::Plain(bytes) | Self::Decided(Decided { bytes, .. }) => bytes.is_empty(),
            Self::Conflict(_) => false,
        }
    }

    /// Whether a rule settled it. That is told even where nothing is left.
    pub(super) const fn is_ruled(&self) -> bool {
        matches!(self, Self::Decided(Decided { step: MergeStep::Rule(_), .. }))
    }
}

impl MergeStep {
    /// Its name, which never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Touching => "touching",
            Self::Lines => "lines",
            Self::Moved => "moved",
            Self::Blanks => "blanks",
            Self::Contained => "contained",
            Self::Words => "words",
            Self::HigherVersion => "higher-version",
            Self::Inline => "inline",
            Self::Sorted => "sorted",
            Self::BothListed => "both-listed",
            Self::BothEntered => "both-entered",
            Self::BothDefined => "both-defined",
            Self::BothKept => "both-kept",
            Self::Reformatted => "reformatted",
            Self::Rule(_) => "rule",
        }
    }

    /// What it did, for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Keys => "keys that one side changed, as that side has them",
            Self::Touching => "changes of both sides that only touch",
            Self::Lines => "lines that one side changed, as that side has them",
            Self::Moved => "changes of one side where the other moved their lines",
            Self::Blanks => "the same on both sides but for white space",
            Self::Contained => "what one side added to the change of both",
            Self::Words => "changes of other words in the same lines",
            Self::HigherVersion => "the higher of two versions",
            Self::Inline => "items that both sides added to one list",
            Self::Sorted => "lines of both sides, in the order of the list",
            Self::BothListed => "items of both sides, one below the other",
            Self::BothEntered => "entries of both sides, one below the other",
            Self::BothDefined => "definitions of both sides, one below the other",
            Self::BothKept => "lines of both sides, one below the other",
            Self::Reformatted => "the side that changed more than white space",
            Self::Rule(_) => "as the rule for this path says",
        }
    }
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

    /// The lines of both sides, one below the other.
    pub(super) fn both(&self) -> Vec<u8> {
        let needs_end = !self.ours.is_empty() && !self.ours.ends_with(b"\n");
        let end: &[u8] = if needs_end { b"\n" } else { b"" };
        [&self.ours, end, &self.theirs].concat()
    }

    /// This one and what stands behind it.
    pub(super) fn joined(&self, behind: &Self) -> Self {
        let join = |one: &[u8], other: &[u8]| [one, other].concat();
        Self {
            base: join(&self.base, &behind.base),
            ours: join(&self.ours, &behind.ours),
            theirs: join(&self.theirs, &behind.theirs),
            offers: Vec::new(),
        }
    }

    /// The same with the sides swapped.
    pub(super) fn swapped(mut self) -> Self {
        std::mem::swap(&mut self.ours, &mut self.theirs);
        self
    }
}

impl From<MergeSide> for Took {
    fn from(side: MergeSide) -> Self {
        match side {
            MergeSide::Ours => Self::Ours,
            MergeSide::Theirs => Self::Theirs,
        }
    }
}

impl MergePart {
    /// The same with the sides swapped.
    pub(super) fn swapped(self) -> Self {
        let step = |step| match step {
            MergeStep::Rule(Ruling { strategy, source, took }) => {
                MergeStep::Rule(Ruling { strategy, source, took: took.swapped() })
            }
            step => step,
        };
        match self {
            Self::Plain(bytes) => Self::Plain(bytes),
            Self::Decided(Decided { bytes, step: by }) => {
                Self::Decided(Decided { bytes, step: step(by) })
            }
            Self::Conflict(conflict) => Self::Conflict(conflict.swapped()),
        }
    }
}

impl Took {
    const fn swapped(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
            Self::Both => Self::Both,
        }
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
