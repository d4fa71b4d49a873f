//! What a text sets against each other.

use std::cmp::Reverse;

use crate::graph::row::Row;
use crate::rev::ast::{Expr, Says};
use crate::rev::error::RevError;
use crate::rev::parse::parse_rev;
use crate::rev::resolve::Revs;

/// Two seals to compare, or the first of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ends {
    /// `x`: this one, with whatever else is named.
    One(Row),
    /// `x..y`: both as they are.
    Two {
        /// `x`.
        before: Row,
        /// `y`.
        after: Row,
    },
    /// `x...y`: what came to `y` since they parted.
    Parted {
        /// The newest seal that both came from.
        base: Row,
        /// How many more there are that neither of the others came from.
        more: usize,
        /// `y`.
        after: Row,
    },
}

impl Revs<'_> {
    /// The ends that a text means. Of a set as a history has it only its ends are asked for, so each of them is one
    /// seal.
    ///
    /// # Errors
    ///
    /// The text is no revision, an end means no seal or several, or they have nothing in common.
    pub fn ends(&self, text: &str) -> Result<Ends, RevError> {
        let expr = parse_rev(text)?;
        match &expr.says {
            Says::Range(before, after) => {
                Ok(Ends::Two { before: self.one(text, before)?, after: self.one(text, after)? })
            }
            Says::Either(one, other) => self.parted(text, one, other),
            Says::Name(_)
            | Says::Here
            | Says::Past(..)
            | Says::Back(..)
            | Says::Parent(..)
            | Says::Children(_)
            | Says::Or(_)
            | Says::Narrow(..)
            | Says::Call(_) => Ok(Ends::One(self.one(text, &expr)?)),
        }
    }

    fn parted(&self, text: &str, one: &Expr, other: &Expr) -> Result<Ends, RevError> {
        let (one, after) = (self.one(text, one)?, self.one(text, other)?);
        let mut bases = Vec::new();
        for row in self.graph.merge_bases(&[one], &[after])? {
            bases.push((Reverse(self.graph.order(row)?), row));
        }
        // The order of seals is the same in every clone, and so is the base that is taken.
        bases.sort_unstable();
        match bases[..] {
            [] => Err(RevError::Strangers { text: text.to_owned() }),
            [(_, base), ref others @ ..] => Ok(Ends::Parted { base, more: others.len(), after }),
        }
    }
}
