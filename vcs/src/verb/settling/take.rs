//! What somebody takes of any part, before it is known of which.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::strategy::Strategy;
use crate::verb::settling::aspect::Aspect;
use crate::verb::settling::case::{Case, Shape};
use crate::verb::settling::declined::Declined;
use crate::verb::settling::offers::offers;
use crate::verb::settling::part::Open;
use crate::verb::settling::picked::Picked;
use crate::verb::settling::verdict::{First, Verdict};

/// What comes into the place of a part, in a word that fits many parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Take {
    /// What this side has, the first at 0.
    Side(u8),
    /// What there was before.
    Base,
    /// The lines of both sides.
    Both(First),
    /// No line at all.
    Nothing,
    /// What is offered first.
    Offer,
    /// Single lines.
    Lines(Picked),
    /// What each head of a timeline changed.
    Fuse,
    /// Each head of a timeline, on one of its own.
    Apart,
}

/// Why a text is no such word.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "take A, B and so on, base, both, reversed, nothing, offer, or lines such as A1,B2-3,base1; of a timeline fuse or apart"
)]
pub struct TakeWordError;

impl Take {
    /// What it makes of a part of the case; of all of the case if there is no part of a text.
    ///
    /// # Errors
    ///
    /// See [`Declined`].
    pub fn verdict(&self, case: &Case, open: Option<&Open>) -> Result<Verdict, Declined> {
        if let Shape::Heads(diverged) = &case.shape {
            let verdict = self.of_heads().ok_or(Declined::Heads)?;
            return diverged.accepts(&verdict).map(|()| verdict);
        }
        match (self, open) {
            (Self::Fuse | Self::Apart, _) => Err(Declined::File),
            (Self::Side(side), _) if usize::from(*side) >= case.sides.len() => Err(Declined::Side),
            (Self::Side(side), _) => Ok(Verdict::Side(*side)),
            (Self::Base, _) => Ok(Verdict::Base),
            (Self::Both(_) | Self::Nothing | Self::Offer | Self::Lines(_), None) => {
                Err(Declined::Whole)
            }
            (Self::Both(first), Some(_)) => Ok(Verdict::Both(*first)),
            (Self::Nothing, Some(_)) => Ok(Verdict::Nothing),
            (Self::Offer, Some(open)) => {
                let offer = offers(case.path.as_str(), &open.versions).into_iter().next();
                let offer = offer.ok_or(Declined::Offer)?;
                Ok(Verdict::Offer { step: offer.step.name().to_owned(), text: offer.text })
            }
            (Self::Lines(picked), Some(open)) if picked.is_of(&open.versions) => {
                Ok(Verdict::Lines(picked.clone()))
            }
            (Self::Lines(_), Some(_)) => Err(Declined::Lines),
        }
    }

    /// What it makes of what is decided apart from what is in a file.
    ///
    /// # Errors
    ///
    /// See [`Declined`].
    pub fn apart(&self, aspect: &Aspect) -> Result<Verdict, Declined> {
        let verdict = match self {
            Self::Side(side) if usize::from(*side) + 1 >= aspect.versions.len() => {
                return Err(Declined::Side);
            }
            Self::Side(side) => Verdict::Side(*side),
            Self::Base => Verdict::Base,
            Self::Fuse | Self::Apart => return Err(Declined::File),
            Self::Both(_) | Self::Nothing | Self::Offer | Self::Lines(_) => {
                return Err(Declined::Whole);
            }
        };
        if aspect.said(&verdict).is_some() { Ok(verdict) } else { Err(Declined::Absent) }
    }

    /// What a rule says that takes the same of a file with two sides. None if no rule does.
    #[must_use]
    pub const fn strategy(&self) -> Option<Strategy> {
        match self {
            Self::Side(0) => Some(Strategy::PreferLocal),
            Self::Side(1) => Some(Strategy::PreferRemote),
            Self::Both(First::Ours) => Some(Strategy::Union),
            Self::Side(_)
            | Self::Base
            | Self::Both(First::Theirs)
            | Self::Nothing
            | Self::Offer
            | Self::Lines(_)
            | Self::Fuse
            | Self::Apart => None,
        }
    }

    /// What it makes of a timeline that diverged. What is offered there is a fuse.
    const fn of_heads(&self) -> Option<Verdict> {
        match self {
            Self::Side(side) => Some(Verdict::Side(*side)),
            Self::Fuse | Self::Offer => Some(Verdict::Fuse),
            Self::Apart => Some(Verdict::Apart),
            Self::Base | Self::Both(_) | Self::Nothing | Self::Lines(_) => None,
        }
    }
}

impl fmt::Display for Take {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Side(side) => write!(f, "{}", char::from(b'A'.saturating_add(*side))),
            Self::Base => f.write_str("base"),
            Self::Both(First::Ours) => f.write_str("both"),
            Self::Both(First::Theirs) => f.write_str("reversed"),
            Self::Nothing => f.write_str("nothing"),
            Self::Offer => f.write_str("offer"),
            Self::Lines(picked) => picked.fmt(f),
            Self::Fuse => f.write_str("fuse"),
            Self::Apart => f.write_str("apart"),
        }
    }
}

impl FromStr for Take {
    type Err = TakeWordError;

    fn from_str(text: &str) -> Result<Self, TakeWordError> {
        match text {
            "base" => Ok(Self::Base),
            "both" => Ok(Self::Both(First::Ours)),
            "reversed" => Ok(Self::Both(First::Theirs)),
            "nothing" => Ok(Self::Nothing),
            "offer" => Ok(Self::Offer),
            "fuse" => Ok(Self::Fuse),
            "apart" => Ok(Self::Apart),
            _ => match text.as_bytes() {
                [letter @ b'A'..=b'I'] => Ok(Self::Side(letter - b'A')),
                _ => text.parse().map(Self::Lines).map_err(|_spelling| TakeWordError),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_told_as_it_is_typed() {
        for word in
            ["A", "I", "base", "both", "reversed", "nothing", "offer", "fuse", "apart", "A1,B2-3"]
        {
            assert_eq!(word.parse::<Take>().unwrap().to_string(), word);
        }
        for wrong in ["", "J", "a", "Both", "D2", "A 1"] {
            assert_eq!(wrong.parse::<Take>(), Err(TakeWordError), "{wrong}");
        }
    }
}
