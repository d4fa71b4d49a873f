//! A path on which sides differ.

use crate::id::{ObjectId, SealId};
use crate::kind::Kind;
use crate::object::node::Node;
use crate::path::RepoPath;

/// What several sides made of one path, kept until somebody settles it.
///
/// There are at least two sides and always more sides than bases, both at most
/// [`Conflict::COUNT_MAX`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Conflict {
    bases: Vec<Term>,
    sides: Vec<Term>,
}

/// One version of the path in question.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Term {
    /// The path that it had there: a rename is part of what sides may differ in.
    pub path: RepoPath,
    /// What stood there, if anything.
    pub node: Option<Node>,
    /// The seal it was taken from. It is named, not linked.
    pub seal: Option<SealId>,
    /// What a reader should know of it, such as the name of a timeline.
    pub note: String,
}

impl Conflict {
    /// The most sides there can be.
    pub const COUNT_MAX: usize = 64;

    /// The conflict, if there are enough sides and not too many.
    #[must_use]
    pub fn new(bases: Vec<Term>, sides: Vec<Term>) -> Option<Self> {
        let holds = (2..=Self::COUNT_MAX).contains(&sides.len()) && bases.len() < sides.len();
        holds.then_some(Self { bases, sides })
    }

    /// What the sides came from.
    #[must_use]
    pub fn bases(&self) -> &[Term] {
        &self.bases
    }

    /// What the sides made of it.
    #[must_use]
    pub fn sides(&self) -> &[Term] {
        &self.sides
    }

    /// The objects that the terms name.
    pub fn links(&self) -> impl Iterator<Item = (Kind, ObjectId)> {
        let terms = self.bases.iter().chain(&self.sides);
        terms.filter_map(|term| term.node.as_ref()?.link())
    }
}
