//! Making and naming timelines.

use std::collections::BTreeSet;

use selkie_store::SealId;
use thiserror::Error;

use crate::chronicle::folded;
use crate::divergence::TimelineStrategy;
use crate::graph::grow::GrowError;
use crate::privacy::{Privacy, is_private};
use crate::repository::{Hand, Repository};
use crate::shared::{Attribute, Move, Named, spelled};
use crate::verb::trouble::Trouble;
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
    /// Whether no seal may be taken from it.
    pub protection: Protection,
    /// Who knows it.
    pub privacy: Privacy,
    /// How it is settled when it diverged, if somebody said.
    pub strategy: Option<String>,
    /// Whether the clone stands on it.
    pub here: bool,
}

/// Whether a timeline may lose seals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// It may not: neither go, nor be moved back.
    Protected,
    /// It may.
    Open,
}

/// Where the clone stands once it began a timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// On the new one.
    Go,
    /// Where it stood.
    Stay,
}

/// Why no timeline was made, or changed.
#[derive(Debug, Error)]
pub enum TimelineError {
    /// There is none of this name.
    #[error("there is no timeline '{0}'")]
    Unknown(String),
    /// The clone stands on it.
    #[error("this is timeline '{0}'")]
    Here(String),
    /// It is so already.
    #[error("timeline '{0}' is so already")]
    Already(String),
    /// There is one of this name.
    #[error("there is a timeline '{0}' already")]
    There(String),
    /// It is private, and this is told to everybody.
    #[error("timeline '{0}' is private, and this would be told to others")]
    Private(String),
    /// It has several newest seals, and a private timeline has one.
    #[error("timeline '{0}' has several newest seals")]
    Diverged(String),
    /// There is no seal to begin it with.
    #[error("there is no seal yet to begin a timeline with")]
    NoSeal,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for TimelineError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// All timelines by name; one that has no seal yet only if the clone stands on it.
///
/// # Errors
///
/// The history can not be read. It is opened only if a timeline has several heads.
pub fn list(repository: &Repository) -> Result<Vec<Listed>, GrowError> {
    let here = repository.desk().timeline.as_deref();
    let shared = repository.shared();
    let mut all = Vec::new();
    for (name, timeline) in shared.timelines() {
        all.push(Listed {
            name: name.to_owned(),
            heads: folded(timeline.heads(), || repository.chronicle())?,
            note: timeline.note().map(str::to_owned),
            protection: Protection::of(timeline.is_protected()),
            privacy: Privacy::Shared,
            strategy: timeline.strategy().map(str::to_owned),
            here: here == Some(name) && Privacy::of(repository.desk(), name) == Privacy::Shared,
        });
    }
    let (note, protection, desk) = (None, Protection::Open, repository.desk());
    for (name, head) in &desk.private {
        let (heads, privacy, here) =
            (BTreeSet::from([*head]), Privacy::Private, here == Some(name));
        all.push(Listed {
            name: name.clone(),
            heads,
            note: note.clone(),
            protection,
            privacy,
            strategy: None,
            here,
        });
    }
    if let Some(name) = here.filter(|name| repository.heads_of(name).is_none()) {
        let (name, heads, privacy) = (name.to_owned(), BTreeSet::new(), Privacy::Shared);
        all.push(Listed { name, heads, note, protection, privacy, strategy: None, here: true });
    }
    all.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(all)
}

/// Begins a timeline at the seal that the clone stands on. No file changes. One that begins at a seal which others do not
/// know is private in any case: telling others is a step of its own.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn begin(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    (name, privacy): (String, Privacy),
    then: Then,
) -> Result<(SealId, Privacy), TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    is_free(&hand, &name)?;
    let seal = *hand.desk().bases.first().ok_or(TimelineError::NoSeal)?;
    let privacy = if hides(&hand, seal)? { Privacy::Private } else { privacy };
    let mut desk = hand.desk().clone();
    if then == Then::Go {
        desk.timeline = Some(name.clone());
    }
    let mut moves = Vec::new();
    match privacy {
        Privacy::Private => drop(desk.private.insert(name, seal)),
        Privacy::Shared => moves.push(first(name, seal)),
    }
    let mut operation = hand.operation(typed, desk);
    operation.moves = moves;
    hand.perform(&operation)?;
    Ok((seal, privacy))
}

/// Keeps a timeline here from now on: others hear that it is gone. What they heard of it before they keep.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn withdraw(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<(), TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    if hand.desk().private.contains_key(name) {
        return Err(TimelineError::Already(name.to_owned()));
    }
    let timeline = hand.shared().timeline(name);
    let is_begun = hand.desk().timeline.as_deref() == Some(name);
    let heads = match timeline {
        Some(timeline) => timeline.heads(),
        None if is_begun => return Err(TimelineError::NoSeal),
        None => return Err(TimelineError::Unknown(name.to_owned())),
    };
    let heads = folded(heads, || hand.chronicle())?;
    let [head] = heads.into_iter().collect::<Vec<_>>()[..] else {
        return Err(TimelineError::Diverged(name.to_owned()));
    };
    let mut desk = hand.desk().clone();
    desk.private.insert(name.to_owned(), head);
    let mut operation = hand.operation(typed, desk);
    operation.moves = removals(&hand, name);
    Ok(hand.perform(&operation)?)
}

/// Tells a private timeline to others.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn publish(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<SealId, TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    let mut desk = hand.desk().clone();
    let is_shared = hand.shared().timeline(name).is_some();
    let head = match desk.private.remove(name) {
        Some(_) if is_shared => return Err(TimelineError::There(name.to_owned())),
        Some(head) => head,
        None if is_shared => return Err(TimelineError::Already(name.to_owned())),
        None => return Err(TimelineError::Unknown(name.to_owned())),
    };
    let mut operation = hand.operation(typed, desk);
    operation.moves = vec![first(name.to_owned(), head)];
    hand.perform(&operation)?;
    Ok(head)
}

/// What tells others of a timeline.
fn first(name: String, seal: SealId) -> Move {
    let after = Some(spelled(&BTreeSet::from([seal])));
    let (subject, attribute) = (Named::Timeline(name), Attribute::Heads);
    Move { subject, attribute, before: None, after }
}

/// Whether others do not know a seal. Who has nothing private needs no graph.
fn hides(hand: &Hand<'_>, seal: SealId) -> Result<bool, GrowError> {
    if hand.desk().private.is_empty() {
        return Ok(false);
    }
    hand.chronicle()?.ask(|graph| Ok(is_private(graph, hand.shared(), seal)?))
}

fn is_free(hand: &Hand<'_>, name: &str) -> Result<(), TimelineError> {
    let is_here = hand.desk().timeline.as_deref() == Some(name);
    if hand.heads_of(name).is_some() || is_here {
        return Err(TimelineError::There(name.to_owned()));
    }
    Ok(())
}

/// Gives a timeline another name. The clone that stands on it stands on it still.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn rename(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    old: &str,
    new: String,
) -> Result<(), TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    let is_here = hand.desk().timeline.as_deref() == Some(old);
    if hand.heads_of(old).is_none() && !is_here {
        return Err(TimelineError::Unknown(old.to_owned()));
    }
    is_free(&hand, &new)?;
    let own = hand.desk().private.get(old).copied();
    let mut moves = Vec::new();
    for removal in removals(&hand, old).into_iter().filter(|_| own.is_none()) {
        let subject = Named::Timeline(new.clone());
        let (before, after) = (None, removal.before.clone());
        moves.extend([Move { subject, before, after, ..removal.clone() }, removal]);
    }
    let mut desk = hand.desk().clone();
    if let Some(head) = own {
        desk.private.remove(old);
        desk.private.insert(new.clone(), head);
    }
    for shelf in desk.shelves.values_mut().filter(|shelf| shelf.timeline.as_deref() == Some(old)) {
        shelf.timeline = Some(new.clone());
    }
    if is_here {
        desk.timeline = Some(new);
    }
    let mut operation = hand.operation(typed, desk);
    operation.moves = moves;
    Ok(hand.perform(&operation)?)
}

/// Removes a timeline. Its seals stay in the store, so it can be taken back.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn remove(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<BTreeSet<SealId>, TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    if hand.desk().timeline.as_deref() == Some(name) {
        return Err(TimelineError::Here(name.to_owned()));
    }
    let heads = hand.heads_of(name).ok_or_else(|| TimelineError::Unknown(name.to_owned()))?;
    let mut desk = hand.desk().clone();
    let is_own = desk.private.remove(name).is_some();
    let mut operation = hand.operation(typed, desk);
    operation.moves = if is_own { Vec::new() } else { removals(&hand, name) };
    hand.perform(&operation)?;
    Ok(heads)
}

/// Says what a timeline is for. An empty text says nothing any more.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn describe(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
    note: &str,
) -> Result<(), TimelineError> {
    let note = (!note.is_empty()).then(|| note.as_bytes().to_vec());
    set(workspace, doer, typed, name, (Attribute::Note, note))
}

/// Protects a timeline from losing seals, or lets go of that.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn protect(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
    protection: Protection,
) -> Result<(), TimelineError> {
    let value = match protection {
        Protection::Protected => Some(b"1".to_vec()),
        Protection::Open => None,
    };
    set(workspace, doer, typed, name, (Attribute::Protection, value))
}

/// Says how a timeline is settled when it diverged, for all replicas.
///
/// # Errors
///
/// See [`TimelineError`].
pub fn settle_by(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
    strategy: &TimelineStrategy,
) -> Result<(), TimelineError> {
    // What nobody says is manual.
    let is_usual = *strategy == TimelineStrategy::Manual;
    let value = (!is_usual).then(|| strategy.spelled().into_bytes());
    set(workspace, doer, typed, name, (Attribute::Strategy, value))
}

fn set(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
    (attribute, after): (Attribute, Option<Vec<u8>>),
) -> Result<(), TimelineError> {
    let (mut hand, _) = workspace.take(doer)?;
    if hand.desk().private.contains_key(name) {
        return Err(TimelineError::Private(name.to_owned()));
    }
    if hand.shared().timeline(name).is_none() {
        return Err(TimelineError::Unknown(name.to_owned()));
    }
    let subject = Named::Timeline(name.to_owned());
    let before = hand.shared().value(&subject, attribute);
    if before == after {
        return Err(TimelineError::Already(name.to_owned()));
    }
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.moves = vec![Move { subject, attribute, before, after }];
    Ok(hand.perform(&operation)?)
}

/// What takes away all that is told of a timeline. Its heads go last, so that taken back they come
/// to what is told of them.
pub(crate) fn removals(hand: &Hand<'_>, name: &str) -> Vec<Move> {
    let attributes =
        [Attribute::Note, Attribute::Strategy, Attribute::Protection, Attribute::Heads];
    let removal = |attribute| {
        let subject = Named::Timeline(name.to_owned());
        let before = hand.shared().value(&subject, attribute);
        before.is_some().then_some(Move { subject, attribute, before, after: None })
    };
    attributes.into_iter().filter_map(removal).collect()
}

impl Protection {
    const fn of(is_protected: bool) -> Self {
        if is_protected { Self::Protected } else { Self::Open }
    }
}
