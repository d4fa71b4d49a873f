//! Names for single seals.

use std::collections::BTreeSet;

use selkie_store::SealId;
use thiserror::Error;

use crate::graph::grow::GrowError;
use crate::privacy::is_private;
use crate::rev::name::TagName;
use crate::shared::{Attribute, Move, Named, spelled};
use crate::verb::trouble::Trouble;
use crate::workspace::{Doer, Workspace};

/// Why no tag was set or removed.
#[derive(Debug, Error)]
pub enum TagError {
    /// There is one of this name.
    #[error("there is a tag '{0}' already")]
    There(String),
    /// There is none of this name.
    #[error("there is no tag '{0}'")]
    Unknown(String),
    /// Others do not know the seal, and would by the tag.
    #[error("that seal is private, and a tag would tell it to others")]
    Private,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for TagError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Gives a seal a name that stays where it is.
///
/// # Errors
///
/// See [`TagError`].
pub fn set(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &TagName,
    seal: SealId,
) -> Result<(), TagError> {
    let name = name.as_str();
    let (mut hand, _) = workspace.take(doer)?;
    if hand.shared().tag(name).is_some() {
        return Err(TagError::There(name.to_owned()));
    }
    // Who has nothing private needs no graph.
    if !hand.desk().private.is_empty()
        && hand
            .chronicle()?
            .ask(|graph| Ok::<_, GrowError>(is_private(graph, hand.shared(), seal)?))?
    {
        return Err(TagError::Private);
    }
    let (subject, attribute) = (Named::Tag(name.to_owned()), Attribute::Heads);
    let after = Some(spelled(&BTreeSet::from([seal])));
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.moves = vec![Move { subject, attribute, before: None, after }];
    Ok(hand.perform(&operation)?)
}

/// Removes a tag. The seals that it stood at stay.
///
/// # Errors
///
/// See [`TagError`].
pub fn remove(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<BTreeSet<SealId>, TagError> {
    let (mut hand, _) = workspace.take(doer)?;
    let seals = hand.shared().tag(name).ok_or_else(|| TagError::Unknown(name.to_owned()))?;
    // Where it stands goes last, so that taken back it comes to its words.
    let removal = |attribute| {
        let subject = Named::Tag(name.to_owned());
        let before = hand.shared().value(&subject, attribute);
        before.is_some().then_some(Move { subject, attribute, before, after: None })
    };
    let moves = [Attribute::Words, Attribute::Heads].into_iter().filter_map(removal).collect();
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.moves = moves;
    hand.perform(&operation)?;
    Ok(seals)
}
