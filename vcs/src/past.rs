//! A repository as it was after an operation, for whoever looks back.

use std::collections::BTreeMap;

use selkie_crdt::{ActorId, Doc, Hlc};
use selkie_store::OperationsError;
use thiserror::Error;

use crate::desk::Desk;
use crate::journal::{Logged, Outcome};
use crate::shared::{Attribute, Move, Named, Shared, State};

/// What all replicas had in common then, as far as this clone knew it, and its desk.
///
/// It is what there is now with the moves of later operations taken back. What others did and this clone never wrote down
/// as an operation is as it is now.
#[derive(Debug)]
pub(crate) struct Past {
    /// The operation.
    pub(crate) number: u64,
    /// The desk after it.
    pub(crate) desk: Desk,
    state: Doc<State>,
}

/// Why nobody can look back to an operation.
#[derive(Debug, Error)]
pub enum PastError {
    /// There is none of this number, or it is forgotten.
    #[error("there is no operation #{0}")]
    Unknown(u64),
    /// What was done can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
}

/// Who writes a state that nobody is told of.
const NOBODY: ActorId = ActorId::from_bytes([0; 16]);

/// What is told of a timeline or a tag.
const TOLD: [Attribute; 5] = [
    Attribute::Heads,
    Attribute::Note,
    Attribute::Strategy,
    Attribute::Protection,
    Attribute::Words,
];

impl Past {
    /// What was after the operation of this number. `operations` come newest first, and `now` is what all have in common
    /// after them.
    pub(crate) fn after(
        number: u64,
        now: Shared<'_>,
        operations: impl Iterator<Item = Result<Logged, OperationsError>>,
    ) -> Result<Self, PastError> {
        let mut told = all_of(now);
        for logged in operations {
            let Logged { number: at, operation, outcome } = logged?;
            if at == number {
                let desk = match outcome {
                    Outcome::Done => operation.after,
                    Outcome::GivenUp | Outcome::Begun => operation.before,
                };
                return Ok(Self { number, desk, state: state_of(&told) });
            }
            if at < number {
                break;
            }
            if outcome == Outcome::Done {
                for Move { subject, attribute, before, .. } in operation.moves {
                    told.insert((subject, attribute), before);
                }
            }
        }
        Err(PastError::Unknown(number))
    }

    /// What all replicas had in common.
    pub(crate) fn shared(&self) -> Shared<'_> {
        Shared::of(self.state.root())
    }
}

/// What is told of things, and what it is.
type Told = BTreeMap<(Named, Attribute), Option<Vec<u8>>>;

fn all_of(shared: Shared<'_>) -> Told {
    let timelines = shared.timelines().map(|(name, _)| Named::Timeline(name.to_owned()));
    let tags = shared.tags().map(|(name, _)| Named::Tag(name.to_owned()));
    let mut told = Told::new();
    for subject in timelines.chain(tags) {
        for attribute in TOLD {
            told.insert((subject.clone(), attribute), shared.value(&subject, attribute));
        }
    }
    told
}

fn state_of(told: &Told) -> Doc<State> {
    let mut state = Doc::new(NOBODY);
    state.update(|mut state| {
        for ((subject, attribute), value) in told {
            // Without heads a timeline is none, whatever else is told of it.
            let is_there =
                told.get(&(subject.clone(), Attribute::Heads)).is_some_and(Option::is_some);
            if let (Some(value), true) = (value, is_there) {
                let (subject, after) = (subject.clone(), Some(value.clone()));
                let told = Move { subject, attribute: *attribute, before: None, after };
                told.carry_out(&mut state, Hlc::from_ms(0));
            }
        }
    });
    state
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use selkie_store::{ObjectId, SealId};

    use super::*;
    use crate::operation::{Kind, Operation};
    use crate::shared::spelled;

    fn heads(seals: &[u8]) -> Option<Vec<u8>> {
        let seal = |n: &u8| SealId::from(ObjectId::from_bytes([*n; 32]));
        (!seals.is_empty()).then(|| spelled(&seals.iter().map(seal).collect()))
    }

    /// An operation that moves the timeline of this name, and stands on it then.
    fn moved(number: u64, name: &str, [before, after]: [&[u8]; 2], outcome: Outcome) -> Logged {
        let subject = Named::Timeline(name.to_owned());
        let (attribute, before, after) = (Attribute::Heads, heads(before), heads(after));
        let operation = Operation {
            time: Hlc::from_ms(number),
            typed: String::new(),
            before: Desk::default(),
            after: Desk { timeline: Some(name.to_owned()), ..Desk::default() },
            moves: vec![Move { subject, attribute, before, after }],
            files: None,
            kind: Kind::Command,
        };
        Logged { number, operation, outcome }
    }

    /// The timelines after an operation, and where the clone stood.
    fn after(number: u64, log: &[Logged]) -> String {
        let mut now = Doc::<State>::new(ActorId::from_bytes([1; 16]));
        let done = log.iter().filter(|logged| logged.outcome == Outcome::Done);
        for told in done.flat_map(|logged| &logged.operation.moves) {
            now.update(|mut state| told.carry_out(&mut state, Hlc::from_ms(1)));
        }
        let operations = log.iter().rev().cloned().map(Ok);
        match Past::after(number, Shared::of(now.root()), operations) {
            Ok(past) => {
                let shared = past.shared();
                let count = |heads: BTreeSet<SealId>| {
                    heads
                        .iter()
                        .map(|head| head.object().as_bytes()[0].to_string())
                        .collect::<String>()
                };
                let told = shared
                    .timelines()
                    .map(|(name, line)| format!("{name}={}", count(line.heads())));
                let told: Vec<String> = told.collect();
                format!("{} on {}", told.join(" "), past.desk.timeline.unwrap_or_default())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn later_moves_are_taken_back() {
        let log = [
            moved(1, "main", [&[], &[1]], Outcome::Done),
            moved(3, "side", [&[], &[1]], Outcome::Done),
            moved(5, "main", [&[1], &[2]], Outcome::Done),
            moved(7, "main", [&[2], &[9]], Outcome::GivenUp),
            moved(9, "side", [&[1], &[]], Outcome::Done),
        ];
        let table = [
            (1, "main=1 on main"),
            (3, "main=1 side=1 on side"),
            (5, "main=2 side=1 on main"),
            (7, "main=2 side=1 on "),
            (9, "main=2 on side"),
            (4, "there is no operation #4"),
            (11, "there is no operation #11"),
        ];
        for (number, expected) in table {
            assert_eq!(after(number, &log), expected, "#{number}");
        }
    }
}
