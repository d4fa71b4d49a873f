//! Why a revision means nothing, or too much.

use std::error::Error;
use std::fmt;

use selkie_store::{ReadError, SealId};
use thiserror::Error;

use crate::graph::error::GraphError;
use crate::rev::ast::Place;
use crate::when::WhenError;

/// Why a text is no revision, and where.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{problem}")]
pub struct ParseRevError {
    /// Where the trouble is.
    pub place: Place,
    /// What the trouble is.
    pub problem: RevProblem,
}

/// What is wrong with a text that is no revision.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RevProblem {
    /// More bytes than a revision has.
    #[error("a revision has at most 4096 bytes")]
    Long,
    /// Brackets in brackets in brackets.
    #[error("the revision is nested too deeply")]
    Deep,
    /// Something stands where something else should.
    #[error("here should be {wanted}, not {found}")]
    Wanted {
        /// What should stand here.
        wanted: &'static str,
        /// What does.
        found: String,
    },
    /// A quote or bracket that is opened and not closed.
    #[error("this {0} is not closed")]
    Open(&'static str),
    /// There is no such function.
    #[error("there is no function '{name}'{}", DidYouMean(near))]
    Function {
        /// What was written.
        name: String,
        /// Functions that are called nearly so.
        near: Vec<String>,
    },
    /// A function is asked with too little, too much, or the wrong thing.
    #[error("{name} is written {usage}")]
    Arguments {
        /// The function.
        name: &'static str,
        /// How it is asked.
        usage: &'static str,
    },
    /// `x~y`.
    #[error("write `x ~ y` for what is in x and not in y, or `x~2` for an ancestor")]
    Tilde,
    /// A number too large to count with.
    #[error("the number is too large")]
    Number,
}

/// Why a revision can not be found.
#[derive(Debug, Error)]
pub enum RevError {
    /// It is none.
    #[error(transparent)]
    Parse(#[from] ParseRevError),
    /// Nothing has this name.
    #[error("unknown {kind} '{name}'{}", DidYouMean(near))]
    Unknown {
        /// Where it stands.
        place: Place,
        /// What was looked for.
        kind: &'static str,
        /// The name.
        name: String,
        /// What is called nearly so.
        near: Vec<String>,
    },
    /// Several seals are meant where one is wanted.
    #[error("'{text}' may mean {count} seals")]
    Ambiguous {
        /// Where it stands.
        place: Place,
        /// What was written.
        text: String,
        /// How many it may mean.
        count: usize,
        /// The first of them.
        candidates: Vec<Candidate>,
    },
    /// No seal is meant where one is wanted.
    #[error("'{text}' means no seal")]
    Nothing {
        /// Where it stands.
        place: Place,
        /// What was written.
        text: String,
    },
    /// Two seals have no past in common, so there is no seal where they parted.
    #[error("nothing is in the past of both ends of '{text}'")]
    Strangers {
        /// What was written.
        text: String,
    },
    /// This clone stands on no seal: nothing was sealed yet.
    #[error("there is no seal here yet")]
    NoPlace {
        /// Where `@` stands, or is left out.
        place: Place,
    },
    /// A seal is named and its content is not in this store.
    #[error("seal {id} is not here: history is shallow")]
    Absent {
        /// Where it stands.
        place: Place,
        /// The seal.
        id: SealId,
    },
    /// Nothing is known of a point so far back.
    #[error("nothing is known of '{what}' so long ago")]
    Forgotten {
        /// Where it stands.
        place: Place,
        /// The timeline, or `@`.
        what: String,
    },
    /// A date is none.
    #[error("{source}")]
    Date {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: WhenError,
    },
    /// The graph has no answer.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A seal or tree can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Timelines, tags or operations can not be read.
    #[error("what timelines and tags mean can not be read")]
    Lookup(#[source] Box<dyn Error + Send + Sync>),
}

/// A seal that may be meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The seal.
    pub id: SealId,
    /// What it is called.
    pub name: String,
    /// What it says.
    pub title: String,
}

struct DidYouMean<'a>(&'a [String]);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted: Vec<_> = self.0.iter().map(|name| format!("'{name}'")).collect();
        match &quoted[..] {
            [] => Ok(()),
            [one] => write!(f, ": did you mean {one}?"),
            [more @ .., last] => write!(f, ": did you mean {} or {last}?", more.join(", ")),
        }
    }
}
