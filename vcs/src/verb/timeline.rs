//! Making and naming timelines.

use std::collections::BTreeSet;

use selkie_store::SealId;
use thiserror::Error;

use crate::desk::Desk;
use crate::repository::{PerformError, Repository};
use crate::shared::{Attribute, Move, Named, spelled};
use crate::workspace::{Doer, Workspace};

/// A timeline in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its newest seals.
    pub heads: BTreeSet<SealId>,
    /// What it is for.
    pub note: Option<String>,
    /// Whether the clone stands on it.
    pub here: bool,
}

/// Where the clone stands once it began a timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// On the new one.
    Go,
    /// Where it stood.
    Stay,
}

/// Why no timeline was made.
#[derive(Debug, Error)]
pub enum TimelineError {
    /// There is one of this name.
    #[error("there is a timeline '{0}' already")]
    There(String),
    /// There is no seal to begin it with.
    #[error("there is no seal yet to begin a timeline with")]
    NoSeal,
    /// It can not be told.
    #[error(transparent)]
    Perform(#[from] PerformError),
}

/// All timelines by name; one that has no seal yet only if the clone stands on it.
#[must_use]
pub fn list(repository: &Repository) -> Vec<Listed> {
    let here = repository.desk().timeline.as_deref();
    let shared = repository.shared();
    let timelines = shared.timelines().map(|(name, timeline)| Listed {
        name: name.to_owned(),
        heads: timeline.heads(),
        note: timeline.note().map(str::to_owned),
        here: here == Some(name),
    });
    let mut all: Vec<_> = timelines.collect();
    if let Some(name) = here.filter(|name| shared.timeline(name).is_none()) {
        let name = name.to_owned();
        all.push(Listed { name, heads: BTreeSet::new(), note: None, here: true });
        all.sort_by(|one, two| one.name.cmp(&two.name));
    }
    all
}

/// Begins a timeline at the seal that the clone stands on. No file changes.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn begin(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: String,
    then: Then,
) -> Result<SealId, TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    if hand.shared().timeline(&name).is_some() || hand.desk().timeline.as_ref() == Some(&name) {
        return Err(TimelineError::There(name));
    }
    let seal = *hand.desk().bases.first().ok_or(TimelineError::NoSeal)?;
    let after = Some(spelled(&BTreeSet::from([seal])));
    let desk = match then {
        Then::Go => Desk { timeline: Some(name.clone()), ..hand.desk().clone() },
        Then::Stay => hand.desk().clone(),
    };
    let (subject, attribute) = (Named::Timeline(name), Attribute::Heads);
    let mut operation = hand.operation(typed, desk);
    operation.moves = vec![Move { subject, attribute, before: None, after }];
    hand.perform(&operation)?;
    Ok(seal)
}
