//! Taking back what was done, and taking that back.

use std::collections::BTreeSet;

use selkie_crdt::Hlc;
use thiserror::Error;

use crate::journal::{Logged, Outcome};
use crate::operation::{Kind, Operation};

/// Why there is nothing to take back.
#[derive(Debug, Error)]
pub enum UndoError<E> {
    /// Nothing was done that is not taken back.
    #[error("there is nothing to undo")]
    NothingDone,
    /// Nothing was undone since the last command.
    #[error("there is nothing to redo")]
    NothingUndone,
    /// What was done can not be read.
    #[error(transparent)]
    Log(E),
}

/// An operation that takes another one back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TakingBack {
    /// What is to be done.
    pub operation: Operation,
    /// What was typed for the one that it takes back.
    pub of: String,
}

/// What takes back the newest operation that is still in force. The operations come newest first, and no
/// more of them are read than it takes.
///
/// # Errors
///
/// There is none, or the log can not be read.
pub fn undo<E>(
    operations: impl IntoIterator<Item = Result<Logged, E>>,
    time: Hlc,
    typed: String,
) -> Result<TakingBack, UndoError<E>> {
    let mut back = BTreeSet::new();
    for logged in operations {
        let Logged { number, operation, outcome } = logged.map_err(UndoError::Log)?;
        if outcome != Outcome::Done {
            continue;
        }
        let in_force = !back.contains(&number);
        match operation.kind {
            Kind::Undo(other) | Kind::Redo(other) if in_force => {
                back.insert(other);
            }
            // A clone without timeline and seal could do nothing any more: what began it is not taken back.
            Kind::Command | Kind::Heard if in_force && operation.before.is_blank() => break,
            Kind::Command | Kind::Heard if in_force => {
                let of = operation.typed.clone();
                let operation = operation.reversed(Kind::Undo(number), time, typed);
                return Ok(TakingBack { operation, of });
            }
            Kind::Undo(_) | Kind::Redo(_) | Kind::Command | Kind::Heard => {}
        }
    }
    Err(UndoError::NothingDone)
}

/// What takes back the newest undo, unless something else was done since.
///
/// # Errors
///
/// There is none, or the log can not be read.
pub fn redo<E>(
    operations: impl IntoIterator<Item = Result<Logged, E>>,
    time: Hlc,
    typed: String,
) -> Result<TakingBack, UndoError<E>> {
    let mut back = BTreeSet::new();
    for logged in operations {
        let Logged { number, operation, outcome } = logged.map_err(UndoError::Log)?;
        match operation.kind {
            _ if outcome != Outcome::Done => {}
            Kind::Redo(undo) => {
                back.insert(undo);
            }
            Kind::Undo(_) if back.contains(&number) => {}
            Kind::Undo(_) => {
                let of = operation.typed.clone();
                let operation = operation.reversed(Kind::Redo(number), time, typed);
                return Ok(TakingBack { operation, of });
            }
            Kind::Command | Kind::Heard => break,
        }
    }
    Err(UndoError::NothingUndone)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use selkie_store::ObjectId;

    use super::*;
    use crate::desk::Desk;

    /// A clone whose desk counts up with each command: a bare model of what undo means.
    #[derive(Default)]
    struct Clone {
        log: Vec<Logged>,
        at: u8,
    }

    fn desk(at: u8) -> Desk {
        Desk { bases: vec![ObjectId::from_bytes([at; 32]).into()], ..Desk::default() }
    }

    impl Clone {
        fn newest_first(&self) -> impl Iterator<Item = Result<Logged, Infallible>> {
            self.log.iter().rev().cloned().map(Ok)
        }

        fn done(&mut self, operation: Operation) {
            assert_eq!(operation.before, desk(self.at), "it begins where the clone stands");
            self.at = operation.after.bases[0].object().as_bytes()[0];
            let number = self.log.len() as u64 + 1;
            self.log.push(Logged { number, operation, outcome: Outcome::Done });
        }

        fn plays(&mut self, letters: &str) -> Vec<u8> {
            let letters = letters.chars();
            letters
                .map(|letter| {
                    let (time, typed) = (Hlc::from_ms(1), String::new());
                    match letter {
                        'u' => undo(self.newest_first(), time, typed)
                            .map(|undo| self.done(undo.operation))
                            .ok(),
                        'r' => redo(self.newest_first(), time, typed)
                            .map(|redo| self.done(redo.operation))
                            .ok(),
                        _ => {
                            let after = desk(u8::try_from(letter).expect("a letter"));
                            let (moves, files, kind) = (Vec::new(), None, Kind::Command);
                            let before = desk(self.at);
                            self.done(Operation { time, typed, before, after, moves, files, kind });
                            Some(())
                        }
                    };
                    self.at
                })
                .collect()
        }
    }

    #[test]
    fn undo_and_redo_walk_along_what_was_done() {
        let table = [
            ("abu", "ab\u{61}"),
            ("abuu", "aba\0"),
            ("abuuu", "aba\0\0"),
            ("abuur", "aba\0a"),
            ("abuurr", "aba\0ab"),
            ("abuurrr", "aba\0abb"),
            ("abuururu", "aba\0a\0a\0"),
            ("abuucr", "aba\0cc"),
            ("abuc", "abac"),
            ("abucu", "abaca"),
            ("abucuu", "abaca\0"),
            ("r", "\0"),
            ("u", "\0"),
        ];
        for (letters, expected) in table {
            assert_eq!(Clone::default().plays(letters), expected.as_bytes(), "{letters}");
        }
    }

    #[test]
    fn what_began_the_clone_is_not_taken_back() {
        let mut clone = Clone::default();
        clone.plays("a");
        clone.log[0].operation.before = Desk::default();
        assert_eq!(clone.plays("u"), [b'a']);
    }

    #[test]
    fn what_was_given_up_is_not_taken_back() {
        let mut clone = Clone::default();
        clone.plays("ab");
        clone.log[1].outcome = Outcome::GivenUp;
        clone.at = b'a';
        assert_eq!(clone.plays("u"), [0]);
    }
}
