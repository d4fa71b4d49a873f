//! What somebody may answer.

use crate::asking::file::{Asked, Steps};

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Command {
    Yes,
    No,
    Quit,
    AllOfFile,
    NoneOfFile,
    Step(Steps),
    Go(String),
    Find(String),
    Split,
    Edit,
    Help,
}

/// What each letter means, in the order in which they are offered.
pub(super) const HELP: [(&str, &str); 14] = [
    ("y", "yes"),
    ("n", "no"),
    ("q", "no, and nothing of what comes after it"),
    ("a", "yes, and all that comes after it in this file"),
    ("d", "no, and nothing that comes after it in this file"),
    ("j", "say later; go to the next one that nothing was said of"),
    ("J", "say later; go to the next one"),
    ("k", "say later; go to the one before that nothing was said of"),
    ("K", "say later; go to the one before"),
    ("g", "go to one by its number: 'g 2'"),
    ("/", "go to the next one that has a text in it: '/text'"),
    ("s", "split it into smaller ones"),
    ("e", "edit it by hand"),
    ("?", "show what can be said"),
];

impl Command {
    /// The letters that make sense now.
    pub(super) fn offered(asked: &Asked) -> Vec<&'static str> {
        let makes_sense = |letter: &str| match letter {
            "j" => asked.reaches(Steps::NextOpen),
            "J" => asked.reaches(Steps::Next),
            "k" => asked.reaches(Steps::PreviousOpen),
            "K" => asked.reaches(Steps::Previous),
            "g" | "/" => asked.place()[1] > 1,
            "s" => asked.can_split(),
            "e" => asked.can_edit(),
            _ => true,
        };
        HELP.iter().map(|(letter, _)| *letter).filter(|letter| makes_sense(letter)).collect()
    }

    /// What a line says, if it says something that makes sense now.
    pub(super) fn of(line: &str, asked: &Asked) -> Option<Self> {
        let line = line.trim();
        let letter = line.get(..1)?;
        let rest = || line[1..].trim().to_owned();
        if !Self::offered(asked).contains(&letter) {
            return None;
        }
        Some(match letter {
            "y" => Self::Yes,
            "n" => Self::No,
            "q" => Self::Quit,
            "a" => Self::AllOfFile,
            "d" => Self::NoneOfFile,
            "j" => Self::Step(Steps::NextOpen),
            "J" => Self::Step(Steps::Next),
            "k" => Self::Step(Steps::PreviousOpen),
            "K" => Self::Step(Steps::Previous),
            "g" => Self::Go(rest()),
            "/" => Self::Find(rest()),
            "s" => Self::Split,
            "e" => Self::Edit,
            _ => Self::Help,
        })
    }
}

#[cfg(test)]
mod tests {
    use selkie_vcs::{Hunk, Part};

    use super::*;

    #[test]
    fn only_what_makes_sense_is_offered_and_understood() {
        let whole = Asked::of(vec![Part::Whole]);
        assert_eq!(Command::offered(&whole).concat(), "ynqad?");
        let two = Asked::of(vec![Part::Hunk(Hunk::default()), Part::Mode]);
        assert_eq!(Command::offered(&two).concat(), "ynqadjJg/e?");
        let table = [
            (" y \n", Some(Command::Yes)),
            ("yes\n", Some(Command::Yes)),
            ("g2\n", Some(Command::Go("2".to_owned()))),
            ("/ a b\n", Some(Command::Find("a b".to_owned()))),
            ("k\n", None),
            ("é\n", None),
            ("\n", None),
        ];
        for (line, expected) in table {
            assert_eq!(Command::of(line, &two), expected, "{line:?}");
        }
    }
}
