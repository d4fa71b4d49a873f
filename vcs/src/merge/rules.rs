//! What somebody said about one file: how it is settled what both sides changed in it.

use super::key_pattern::KeyPattern;
use super::part::{MergeSide, RuleSource};
use crate::strategy::Strategy;

/// What the rules of three trees say about one file: those that both sides came from, ours and theirs.
///
/// Of each tree the last rule that fits decides. The three answers are merged like any value: an answer that both give
/// holds, one that a single side changed holds, and if both changed it, each in its own way, nobody but a person can tell.
///
/// ```
/// use selkie_vcs::{MergeRules, MergeSide, RuleSource, Ruled, Settling, Strategy, Voice};
/// let taken = Settling::Side(MergeSide::Theirs);
/// let ruled = Ruled { settling: taken.clone(), strategy: Strategy::PreferRemote, source: RuleSource::Line(3) };
/// let voice = Voice { key: None, ruled };
/// // Our side brought the rule, and the other knows nothing of it.
/// let rules = MergeRules::of_trees([vec![], vec![voice], vec![]]);
/// assert_eq!(rules.of(&[]).settling, taken);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MergeRules {
    voices: [Vec<Voice>; 3],
}

/// One rule, for one file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Voice {
    /// The keys that it is for; all of the file if there is none.
    pub key: Option<KeyPattern>,
    /// What it says.
    pub ruled: Ruled,
}

/// What holds for a place in a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ruled {
    /// What becomes of it.
    pub settling: Settling,
    /// The word that somebody wrote for that.
    pub strategy: Strategy,
    /// Where.
    pub source: RuleSource,
}

/// What becomes of what both sides changed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Settling {
    /// The steps settle what they know; a person decides the rest.
    #[default]
    Steps,
    /// A person decides, also where a step knows an answer.
    Manual,
    /// A person decides between two wholes, whatever lines are in them.
    Whole,
    /// This side is right where no step knows an answer.
    Side(MergeSide),
    /// Both are, one below the other.
    Union,
    /// Lines, or items of a list, stand for themselves. Objects in a list are told apart by this key of theirs, if one is named.
    Set(Option<String>),
}

impl MergeRules {
    /// The rules of the tree that both sides came from, of ours and of theirs.
    #[must_use]
    pub const fn of_trees(voices: [Vec<Voice>; 3]) -> Self {
        Self { voices }
    }

    /// One rule that holds for all of the file, whatever any tree says.
    #[must_use]
    pub fn whole(ruled: Ruled) -> Self {
        let voice = Voice { key: None, ruled };
        Self { voices: [const { Vec::new() }; 3].map(|_: Vec<Voice>| vec![voice.clone()]) }
    }

    /// What holds at the end of a way of keys. The way is empty where lines are settled.
    #[must_use]
    pub fn of(&self, way: &[Vec<u8>]) -> Ruled {
        let answers = self.voices.each_ref().map(|voices| {
            let fits = |voice: &&Voice| voice.key.as_ref().is_none_or(|key| key.fits(way));
            voices.iter().rfind(fits).map(|voice| voice.ruled.clone()).unwrap_or_default()
        });
        let [base, ours, theirs] = answers;
        if ours.is_alike(&theirs) || theirs.is_alike(&base) {
            ours
        } else if ours.is_alike(&base) {
            theirs
        } else {
            Ruled {
                settling: Settling::Manual,
                strategy: Strategy::Manual,
                source: RuleSource::Nowhere,
            }
        }
    }

    /// Whether one of them is for single keys.
    pub(super) fn speak_of_keys(&self) -> bool {
        self.voices.iter().flatten().any(|voice| voice.key.is_some())
    }

    /// The same with the sides swapped.
    pub(super) fn swapped(&self) -> Self {
        let [base, ours, theirs] = self.voices.clone();
        let swapped = |voices: Vec<Voice>| voices.into_iter().map(Voice::swapped).collect();
        Self { voices: [base, theirs, ours].map(swapped) }
    }
}

impl Voice {
    fn swapped(mut self) -> Self {
        if let Settling::Side(side) = &mut self.ruled.settling {
            *side = side.other();
        }
        self
    }
}

impl Ruled {
    /// Whether it says the same, wherever it stands.
    fn is_alike(&self, other: &Self) -> bool {
        (&self.settling, self.strategy) == (&other.settling, other.strategy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruled(strategy: Strategy, line: usize) -> Ruled {
        let settling = match strategy {
            Strategy::PreferLocal => Settling::Side(MergeSide::Ours),
            Strategy::PreferRemote => Settling::Side(MergeSide::Theirs),
            Strategy::Union => Settling::Union,
            _ => Settling::Steps,
        };
        Ruled { settling, strategy, source: RuleSource::Line(line) }
    }

    fn voice(key: Option<&str>, strategy: Strategy, line: usize) -> Voice {
        Voice { key: key.and_then(KeyPattern::new), ruled: ruled(strategy, line) }
    }

    #[test]
    fn answers_are_merged_like_values() {
        use Strategy::{AutoMerge, Manual, PreferLocal, PreferRemote, Union};
        for (base, ours, theirs, expected) in [
            (None, None, None, AutoMerge),
            (None, Some(Union), None, Union),
            (None, None, Some(Union), Union),
            (Some(Union), None, Some(Union), AutoMerge),
            (Some(Union), Some(PreferLocal), Some(Union), PreferLocal),
            (Some(Union), Some(PreferLocal), Some(PreferLocal), PreferLocal),
            (Some(Union), Some(PreferLocal), Some(PreferRemote), Manual),
            (None, Some(PreferLocal), Some(PreferRemote), Manual),
        ] {
            let voices = [base, ours, theirs]
                .map(|said| said.into_iter().map(|said| voice(None, said, 1)).collect());
            let rules = MergeRules::of_trees(voices);
            assert_eq!(rules.of(&[]).strategy, expected, "{base:?} {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn the_last_rule_that_fits_decides() {
        use Strategy::{PreferLocal, Union};
        let own = || {
            vec![
                voice(None, Union, 1),
                voice(Some("a"), PreferLocal, 2),
                voice(Some("a.b"), Union, 3),
            ]
        };
        let rules = MergeRules::of_trees([own(), own(), own()]);
        let line = |way: &[&str]| {
            let way: Vec<Vec<u8>> = way.iter().map(|key| key.as_bytes().to_vec()).collect();
            rules.of(&way).source
        };
        assert_eq!(
            [line(&[]), line(&["a"]), line(&["a", "b"]), line(&["c"])],
            [1, 2, 3, 1].map(RuleSource::Line)
        );
    }
}
