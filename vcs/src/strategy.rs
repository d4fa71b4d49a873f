//! The words for how it is settled what two sides changed: of lines, keys, files and whole timelines.

use std::fmt;

/// How something is settled that two sides changed, each in its own way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Strategy {
    /// By a person, also where a step knows an answer.
    Manual,
    /// By the steps that know an answer; the rest by a person. So it is where nobody says anything.
    #[default]
    AutoMerge,
    /// The side that is merged into is right.
    PreferLocal,
    /// The side that is brought here is right.
    PreferRemote,
    /// The side that wrote last is right.
    LastWrite,
    /// The side that wrote first is right.
    FirstWrite,
    /// The side that somebody named signed is right.
    Authority,
    /// Both are, one below the other.
    Union,
    /// Lines, or items of a list, stand for themselves: what either side has is there once.
    Set,
    /// What a command makes of it that the user of the clone chose.
    Command,
}

impl Strategy {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Manual,
        Self::AutoMerge,
        Self::PreferLocal,
        Self::PreferRemote,
        Self::LastWrite,
        Self::FirstWrite,
        Self::Authority,
        Self::Union,
        Self::Set,
        Self::Command,
    ];

    /// The word for it, which never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::AutoMerge => "auto_merge",
            Self::PreferLocal => "prefer_local",
            Self::PreferRemote => "prefer_remote",
            Self::LastWrite => "last_write",
            Self::FirstWrite => "first_write",
            Self::Authority => "authority",
            Self::Union => "union",
            Self::Set => "set",
            Self::Command => "command",
        }
    }

    /// The one that this is the word for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == word)
    }

    /// What it does with a file, in a line.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Manual => "You settle it, also where a step would know an answer",
            Self::AutoMerge => "The steps settle what they know, and you the rest; the usual way",
            Self::PreferLocal => "The side that is merged into is right",
            Self::PreferRemote => "The side that is brought here is right",
            Self::LastWrite => "The side that wrote the file last is right",
            Self::FirstWrite => "The side that wrote the file first is right",
            Self::Authority => "The side that one of the named keys signed is right",
            Self::Union => "Both are right, one below the other",
            Self::Set => "What either side has is there once, and what either removed is gone",
            Self::Command => "A command of yours settles it, in clones where you let it",
        }
    }

    /// What it does with a timeline that diverged, in a line. Nothing if that makes no sense.
    #[must_use]
    pub const fn about_timelines(self) -> Option<&'static str> {
        match self {
            Self::Manual => Some("All heads stay until somebody fuses them; the usual way"),
            Self::AutoMerge => Some("Heads that merge without conflict are merged"),
            Self::PreferLocal => Some("The content of this clone's head wins"),
            Self::PreferRemote => Some("The content of the other head wins"),
            Self::LastWrite => Some("The content of the latest head wins"),
            Self::FirstWrite => Some("The content of the earliest head wins"),
            Self::Authority => Some("The content of the head that the named key signed wins"),
            Self::Union | Self::Set | Self::Command => None,
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_what_it_is_the_word_for() {
        for strategy in Strategy::ALL {
            assert_eq!(Strategy::named(strategy.name()), Some(strategy));
        }
        assert_eq!(Strategy::named("ours"), None);
    }
}
