//! What timelines, tags and places are called in one clone, now and earlier.

use std::collections::BTreeSet;

use jiff::Timestamp;
use selkie_crdt::Hlc;
use selkie_store::SealId;

use crate::graph::index::Graph;
use crate::heads::fold_heads;
use crate::journal::Outcome;
use crate::operation::Operation;
use crate::repository::Repository;
use crate::rev::name::{TagName, TimelineName};
use crate::rev::resolve::{LookupError, Lookups, Then};
use crate::shared::{Attribute, Named, ids};

/// The names of a repository, for revisions.
///
/// What was before now is told by the operation log of this clone: a timeline was there what it was when
/// this clone heard of it.
#[derive(Clone, Copy, Debug)]
pub struct Register<'a> {
    /// Whose names.
    pub repository: &'a Repository,
    /// Its history.
    pub graph: &'a Graph,
}

impl Lookups for Register<'_> {
    fn place(&self) -> Result<Option<SealId>, LookupError> {
        Ok(self.repository.desk().bases.first().copied())
    }

    fn timelines(&self) -> Result<Vec<TimelineName>, LookupError> {
        let shared = self.repository.shared();
        let private = self.repository.desk().private.keys().map(String::as_str);
        let all = shared.timelines().map(|(name, _)| name).chain(private);
        // A name from elsewhere that breaks the rules can not be typed, so it is not looked up.
        Ok(all.filter_map(|name| TimelineName::new(name).ok()).collect())
    }

    fn heads(&self, timeline: &TimelineName) -> Result<Option<Vec<SealId>>, LookupError> {
        let name = timeline.as_str();
        // As git does: what is no name here may be one of another repository.
        let elsewhere = || self.repository.heads_of(&format!("refs/remotes/{name}"));
        let heads = self.repository.heads_of(name).or_else(elsewhere);
        heads.map(|heads| self.folded(&heads)).transpose()
    }

    fn tags(&self) -> Result<Vec<TagName>, LookupError> {
        let shared = self.repository.shared();
        Ok(shared.tags().filter_map(|(name, _)| TagName::new(name).ok()).collect())
    }

    fn tag(&self, tag: &TagName) -> Result<Option<Vec<SealId>>, LookupError> {
        let seals = self.repository.shared().tag(tag.as_str());
        Ok(seals.map(|seals| seals.into_iter().collect()))
    }

    fn place_then(&self, then: Then) -> Result<Option<SealId>, LookupError> {
        let mut desk = self.repository.desk().clone();
        let known = self.unwind(then, |operation| desk = operation.before.clone())?;
        Ok(known.then_some(desk.bases.first().copied()).flatten())
    }

    fn heads_then(
        &self,
        timeline: &TimelineName,
        then: Then,
    ) -> Result<Option<Vec<SealId>>, LookupError> {
        let name = timeline.as_str();
        let subject = Named::Timeline(name.to_owned());
        let mut heads = self.repository.shared().value(&subject, Attribute::Heads);
        let mut private = self.repository.desk().private.get(name).copied();
        let known = self.unwind(then, |operation| {
            private = operation.before.private.get(name).copied();
            let heads_of = operation
                .moves
                .iter()
                .find(|told| told.subject == subject && told.attribute == Attribute::Heads);
            if let Some(told) = heads_of {
                heads.clone_from(&told.before);
            }
        })?;
        match (private, heads) {
            _ if !known => Ok(None),
            (Some(seal), _) => Ok(Some(vec![seal])),
            (None, Some(value)) => Ok(Some(self.folded(&ids(&value).collect())?)),
            (None, None) => Ok(None),
        }
    }
}

impl Register<'_> {
    fn folded(&self, heads: &BTreeSet<SealId>) -> Result<Vec<SealId>, LookupError> {
        Ok(fold_heads(self.graph, heads)?.into_iter().collect())
    }

    /// Tells every operation since then, newest first. Returns whether anything is known of that time.
    fn unwind(&self, then: Then, mut each: impl FnMut(&Operation)) -> Result<bool, LookupError> {
        let mut left = match then {
            Then::Operations(count) => count,
            Then::At(_) => u32::MAX,
        };
        for logged in self.repository.operations()? {
            let logged = logged?;
            if logged.outcome != Outcome::Done {
                continue;
            }
            let is_before = match then {
                Then::Operations(_) => left == 0,
                Then::At(moment) => moment >= made(logged.operation.time),
            };
            if is_before {
                return Ok(true);
            }
            each(&logged.operation);
            left -= 1;
        }
        Ok(left == 0)
    }
}

fn made(time: Hlc) -> Timestamp {
    let ms = i64::try_from(time.ms()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
