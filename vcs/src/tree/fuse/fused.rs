//! What came of bringing trees together.

use std::collections::BTreeMap;
use std::fmt;

use selkie_store::{Conflict, ReadError, RepoPath, TooLarge, TreeId, WriteError};
use thiserror::Error;

use crate::attributes::Attributes;
use crate::merge::part::{MergeStep, RuleSource, Ruling, Took};
use crate::rules::Rules;
use crate::rules::read::RulesError;
use crate::tree::compare::CompareError;
use crate::tree::edit::{EditError, Edits};

/// A tree with the changes of both sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fused {
    /// The tree, in the store once the batch is finished.
    pub tree: TreeId,
    /// What makes our tree into it.
    pub edits: Edits,
    /// The conflicts that came up, by path. What was in conflict before is not among them.
    pub conflicts: BTreeMap<RepoPath, Conflict>,
    /// What was decided beyond taking the one change that there was, by path.
    pub decisions: Vec<Decision>,
    /// The names of commands that rules want to settle conflicts, by path.
    pub commands: BTreeMap<RepoPath, String>,
    /// Why the rules say nothing, if somebody wrote some.
    pub broken: Option<RulesError>,
}

/// Something that was decided without asking.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Decision {
    /// The path, where it is now.
    pub path: RepoPath,
    /// What was decided of it.
    pub rule: Rule,
}

/// A rule by which something was decided.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// Both changed its text, in different places.
    BothChanged,
    /// Both changed its text, and a step settled where they met.
    Step(MergeStep),
    /// Both changed the same lines, as somebody met them before and settled them.
    Remembered,
    /// Both changed it, and a rule says what is right, or somebody did who asked for the fuse.
    Ruled {
        /// What it says.
        ruling: Ruling,
        /// The lines of the result that it put there: from this one, the first at 1, up to and without that one. None if it
        /// settled the file as a whole.
        lines: Option<[usize; 2]>,
        /// What the side is called that is right.
        side: String,
    },
    /// A rule wants a command to settle it, and the user of the clone has one of that name.
    Commanded {
        /// The name.
        command: String,
    },
    /// One side moved the file, the other changed it where it was.
    FollowedFile {
        /// Where it was.
        from: RepoPath,
    },
    /// One side moved a folder, the other put the file into it where it was.
    FollowedFolder {
        /// Where it was put.
        from: RepoPath,
    },
}

/// Why trees were not brought together. Nothing of it is visible unless the batch is finished.
#[derive(Debug, Error)]
pub enum FusingError {
    /// A tree can not be walked.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something new can not be stored.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The new tree can not be made.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// More sides than a conflict has.
    #[error("{0} has more sides than a conflict can hold")]
    Sides(RepoPath),
    /// A file is where a folder has to be, and no other name for it fits.
    #[error("there is no room beside {0}, which is a file and a folder")]
    Room(RepoPath),
}

impl From<TooLarge> for FusingError {
    fn from(error: TooLarge) -> Self {
        Self::Write(error.into())
    }
}

impl Fused {
    /// A tree that only one side changed.
    pub(crate) const fn whole(tree: TreeId, edits: Edits) -> Self {
        Self {
            tree,
            edits,
            conflicts: BTreeMap::new(),
            decisions: Vec::new(),
            commands: BTreeMap::new(),
            broken: None,
        }
    }

    /// The same with what was fused next into its tree.
    pub(crate) fn then(&mut self, next: Self) {
        self.tree = next.tree;
        self.conflicts.retain(|path, _| !next.edits.contains_key(path));
        self.edits.extend(next.edits);
        self.conflicts.extend(next.conflicts);
        self.commands.extend(next.commands);
        self.broken = self.broken.take().or(next.broken);
        self.decisions.extend(next.decisions);
        self.decisions.sort_unstable();
        self.decisions.dedup();
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.rule {
            Rule::BothChanged => write!(f, "{path}: both sides changed it, in different places"),
            Rule::Step(step) => write!(f, "{path}: {}", because(*step)),
            Rule::Remembered => {
                write!(f, "{path}: both sides changed the same lines, settled as they were before")
            }
            Rule::Ruled { ruling, lines, side } => {
                write!(f, "{path}: ")?;
                match lines {
                    None => {}
                    Some([start, end]) if start == end => write!(f, "above line {start} ")?,
                    Some([start, end]) if start + 1 == *end => write!(f, "line {start} ")?,
                    Some([start, end]) => write!(f, "lines {start} to {} ", end - 1)?,
                }
                match ruling.took {
                    Took::Both => f.write_str("of both sides")?,
                    Took::Ours | Took::Theirs => write!(f, "taken from {side}")?,
                }
                match ruling.source {
                    RuleSource::Nowhere => write!(f, ", as asked"),
                    RuleSource::Line(line) => {
                        write!(f, ": {} ({}:{line})", ruling.strategy, Rules::FILE)
                    }
                    RuleSource::Attributes => {
                        write!(f, ": {} ({})", ruling.strategy, Attributes::FILE)
                    }
                }
            }
            Rule::Commanded { command } => {
                write!(f, "{path}: settled by the command '{command}' ({})", Rules::FILE)
            }
            Rule::FollowedFile { from } => write!(f, "{path}: changes of {from} followed it here"),
            Rule::FollowedFolder { from } => {
                write!(f, "{path}: came as {from}, whose folder was moved")
            }
        }
    }
}

/// What a step saw in lines that both sides changed.
const fn because(step: MergeStep) -> &'static str {
    match step {
        MergeStep::Keys => "each side changed keys of its own",
        MergeStep::Touching => "each side changed lines of its own, which only touch",
        MergeStep::Lines => "each side changed lines of its own",
        MergeStep::Moved => "one side moved lines that the other changed",
        MergeStep::Blanks => "both sides say the same, but for white space",
        MergeStep::Contained => "one side did what the other did, and more",
        MergeStep::Words => "each side changed words of its own in one line",
        MergeStep::HigherVersion => "both sides raised a version, and the higher one is taken",
        MergeStep::Inline => "each side changed items of its own in a list within a line",
        MergeStep::Sorted => "both sides added to a sorted list",
        MergeStep::BothListed => "both sides added to a list",
        MergeStep::BothEntered => "both sides added entries to a changelog",
        MergeStep::BothDefined => "both sides added definitions",
        MergeStep::BothKept => "both sides added lines, and both are kept",
        MergeStep::Reformatted => "one side changed white space alone",
        MergeStep::Rule(_) => "both sides changed the same lines, and a rule says what is right",
    }
}
