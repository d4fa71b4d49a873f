//! Many parts that are decided alike, at once.

use selkie_store::RepoPath;

use crate::glob::Glob;
use crate::rules::glob;
use crate::verb::conflicts::Did;
use crate::verb::settling::case::{Case, Shape};
use crate::verb::settling::declined::Declined;
use crate::verb::settling::new_rule::NewRuleError;
use crate::verb::settling::part::PartId;
use crate::verb::settling::take::Take;
use crate::verb::settling::verdict::Verdict;

/// Which parts are meant: those of files that fit a pattern, of one sort.
///
/// The pattern is one of the rules: a name anywhere, or a path from the top if there is a slash in it. None is every file.
#[derive(Clone, Debug)]
pub struct Sweep {
    glob: Option<Glob>,
    sort: Sort,
}

/// A sort of conflicts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sort {
    /// All.
    #[default]
    Any,
    /// Parts of a text.
    Lines,
    /// What is decided as a whole.
    Whole,
    /// A file that a side removed.
    Removed,
    /// A file that a side moved.
    Moved,
}

/// What would come into the place of a part, or why nothing would.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Swept {
    /// Where it is.
    pub path: RepoPath,
    /// The part.
    pub part: PartId,
    /// What would come into its place.
    pub verdict: Result<Verdict, Declined>,
    /// How many lines come and how many go, if it is one of a text and something would come.
    pub lines: Option<[usize; 2]>,
}

impl Sort {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Any, Self::Lines, Self::Whole, Self::Removed, Self::Moved];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Lines => "lines",
            Self::Whole => "whole",
            Self::Removed => "removed",
            Self::Moved => "moved",
        }
    }

    /// The one that this is the word for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == word)
    }

    fn is_of(self, case: &Case) -> bool {
        let did = |wanted: &[Did]| case.sides.iter().any(|side| wanted.contains(&side.did));
        match self {
            Self::Any => true,
            Self::Lines => matches!(case.shape, Shape::Text(_)),
            Self::Whole => matches!(case.shape, Shape::Whole(_)),
            Self::Removed => did(&[Did::Removed]),
            Self::Moved => did(&[Did::Moved, Did::MovedAndChanged]),
        }
    }
}

impl Sweep {
    /// The parts of this sort in files of this pattern; of all files if it is empty.
    ///
    /// # Errors
    ///
    /// The pattern is malformed.
    pub fn new(pattern: &str, sort: Sort) -> Result<Self, NewRuleError> {
        let malformed = || NewRuleError::Pattern(pattern.to_owned());
        let glob = match pattern {
            "" => None,
            pattern => Some(glob(pattern).ok_or_else(malformed)?),
        };
        Ok(Self { glob, sort })
    }

    /// Whether parts of this case are meant.
    #[must_use]
    pub fn fits(&self, case: &Case) -> bool {
        let is_there =
            self.glob.as_ref().is_none_or(|glob| glob.matches(case.path.as_str().as_bytes()));
        // It is about files. Whoever takes one side of all of them means no timeline.
        is_there && case.diverged().is_none() && self.sort.is_of(case)
    }

    /// What would become of every part that is meant, in the order of the cases. The draft is not asked.
    #[must_use]
    pub fn would(&self, cases: &[Case], take: &Take) -> Vec<Swept> {
        let fitting = cases.iter().filter(|case| self.fits(case));
        fitting
            .flat_map(|case| {
                case.open().map(move |(part, open)| {
                    let verdict = take.verdict(case, open);
                    let lines = open.zip(verdict.as_ref().ok()).map(|(open, verdict)| {
                        let count =
                            |text: &[u8]| text.split_inclusive(|byte| *byte == b'\n').count();
                        [count(&verdict.lines(&open.versions)), count(&open.versions.base)]
                    });
                    Swept { path: case.path.clone(), part, verdict, lines }
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(path: &str, did: Did) -> Case {
        let at = RepoPath::new(path).unwrap();
        let side = |did| crate::verb::conflicts::ToldSide {
            note: String::new(),
            seal: None,
            did,
            path: at.clone(),
        };
        let shape = Shape::Whole(PartId::of(&at, [], 0));
        Case::unfiled(at.clone(), vec![side(Did::Changed), side(did)], shape)
    }

    #[test]
    fn what_is_meant_fits_the_pattern_and_the_sort() {
        let cases =
            [case("a.lock", Did::Removed), case("web/b.lock", Did::Moved), case("c", Did::Moved)];
        for (pattern, sort, expected) in [
            ("", Sort::Any, &["a.lock", "web/b.lock", "c"][..]),
            ("*.lock", Sort::Any, &["a.lock", "web/b.lock"]),
            ("/web/*", Sort::Any, &["web/b.lock"]),
            ("*.lock", Sort::Removed, &["a.lock"]),
            ("", Sort::Moved, &["web/b.lock", "c"]),
            ("", Sort::Lines, &[]),
            ("nothing", Sort::Any, &[]),
        ] {
            let would = Sweep::new(pattern, sort).unwrap().would(&cases, &Take::Side(1));
            let paths: Vec<&str> = would.iter().map(|one| one.path.as_str()).collect();
            assert_eq!(paths, expected, "{pattern} {sort:?}");
            assert!(would.iter().all(|one| one.verdict == Ok(Verdict::Side(1))));
        }
        assert!(Sweep::new("[", Sort::Any).is_err());
        let none = Sweep::new("", Sort::Any).unwrap().would(&cases, &Take::Side(2));
        assert!(none.iter().all(|one| one.verdict == Err(Declined::Side)));
    }
}
