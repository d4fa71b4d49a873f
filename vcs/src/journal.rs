//! What the operation log says of now and of before.

use selkie_crdt::Hlc;
use selkie_store::{NewestOperations, OperationsError};

use crate::desk::Desk;
use crate::operation::{Operation, Record};

/// Where the operation log ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Newest {
    /// The desk in force.
    pub(crate) desk: Desk,
    /// The time of the newest operation.
    pub(crate) time: Hlc,
    /// The one that is begun and not done.
    pub(crate) open: Option<Operation>,
}

/// An operation with its number, by which people name it, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Logged {
    /// Counted from 1; there are holes.
    pub number: u64,
    /// What was done.
    pub operation: Operation,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It was given up and changed nothing.
    GivenUp,
    /// It is begun: another process is at it, or it stopped and the next command goes on.
    Begun,
}

impl Newest {
    /// Reads the end of the log, and no more of it.
    pub(crate) fn read(records: NewestOperations) -> Result<Self, OperationsError> {
        let Some(logged) = newest_first(records).next().transpose()? else {
            return Ok(Self::default());
        };
        let Logged { operation, outcome, .. } = logged;
        let time = operation.time;
        Ok(match outcome {
            Outcome::Done => Self { desk: operation.after, time, open: None },
            Outcome::GivenUp => Self { desk: operation.before, time, open: None },
            Outcome::Begun => Self { desk: operation.before.clone(), time, open: Some(operation) },
        })
    }
}

/// The operations that these records tell, newest first.
pub(crate) fn newest_first(
    mut records: NewestOperations,
) -> impl Iterator<Item = Result<Logged, OperationsError>> {
    std::iter::from_fn(move || {
        let mut outcome = Outcome::Begun;
        loop {
            let record = match records.next()? {
                Ok(record) => record,
                Err(error) => return Some(Err(error)),
            };
            match Record::from_bytes(&record.payload) {
                Ok(Record::Done) => outcome = Outcome::Done,
                Ok(Record::GivenUp) => outcome = Outcome::GivenUp,
                Ok(Record::Begun(operation)) => {
                    return Some(Ok(Logged {
                        number: record.number,
                        operation: *operation,
                        outcome,
                    }));
                }
                Err(error) => return Some(Err(error.into())),
            }
        }
    })
}
