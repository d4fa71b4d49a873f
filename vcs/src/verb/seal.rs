//! Recording what is gathered, or what is changed.

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hasher;
use selkie_store::{ChangeId, Hint, Seal, SealId, TooLarge, TreeId, Writer, sign};
use thiserror::Error;

use crate::desk::Desk;
use crate::ignore::Ignore;
use crate::repository::Hand;
use crate::shared::{Attribute, Move, Named, ids, spelled};
use crate::verb::status::everything;
use crate::verb::trouble::Trouble;
use crate::work::follow::{Copy, FollowError};
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace, base_tree, known};

/// What was sealed.
#[derive(Debug)]
pub struct Sealed {
    /// The new seal.
    pub id: SealId,
    /// What it says.
    pub seal: Seal,
    /// Where its content comes from.
    pub content: Content,
}

/// Where the content of a seal comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Content {
    /// What was gathered.
    Gathered,
    /// Nothing was gathered: every change of this many known files.
    Changes(usize),
}

/// Why nothing was sealed. All is as it was.
#[derive(Debug, Error)]
pub enum SealError {
    /// Nothing is gathered, and no known file is changed.
    #[error("there is nothing to seal")]
    Nothing,
    /// The clone stands on a seal and not on a timeline.
    #[error("no timeline is there to go on")]
    NoTimeline,
    /// The seal would not fit its format.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for SealError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Separates the names of changes from everything else that is hashed.
const CONTEXT: &str = "selkie 1 change";

/// Seals what was gathered, or if nothing was, every change of a known file.
///
/// # Errors
///
/// See [`SealError`].
pub fn seal(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    message: String,
) -> Result<Sealed, SealError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let desk = hand.desk().clone();
    let timeline = desk.timeline.clone().ok_or(SealError::NoTimeline)?;
    let (tree, content) = match desk.gathered {
        Some(tree) => (tree, Content::Gathered),
        None => record_changes(&hand, copy)?,
    };
    if tree == base_tree(hand.store(), &desk)? {
        return Err(SealError::Nothing);
    }
    let time = hand.time();
    let seal = sign(
        Seal {
            tree,
            parents: desk.bases.clone(),
            change: change(hand.writer(), time.to_u64()),
            time,
            zone_minutes: doer.zone_minutes,
            author: doer.author.clone(),
            message,
            replaces: BTreeSet::new(),
            labels: BTreeMap::new(),
            signature: None,
        },
        hand.writer().key(),
    )?;
    let batch = hand.batch();
    let id = batch.put_value(&seal, Hint::NONE)?;
    batch.finish()?;
    let after = Desk { bases: vec![id], gathered: None, ..desk };
    let mut operation = hand.operation(typed, after);
    operation.moves = vec![advance(&hand, timeline, id)];
    hand.perform(&operation)?;
    Ok(Sealed { id, seal, content })
}

/// Records every change of a known file.
fn record_changes(hand: &Hand<'_>, copy: &Copy) -> Result<(TreeId, Content), SealError> {
    let base = known(hand.store(), hand.desk())?;
    let mut index = copy.index(hand.store(), base)?;
    let asked = Asked { unknown: AskedUnknown::Nothing, ignored: AskedIgnored::Nothing };
    let rules = Ignore::new(Vec::new());
    let status = copy.scan(&mut index, rules, asked).map_err(FollowError::from)?;
    let chosen = status.chosen(&[everything()]);
    if chosen.is_empty() {
        return Err(SealError::Nothing);
    }
    let batch = hand.batch();
    let recorded = copy.record(&batch, &index, base, &chosen)?;
    batch.finish()?;
    copy.know(hand.store(), &index, &recorded)?;
    Ok((recorded.tree, Content::Changes(chosen.len())))
}

/// The timeline's heads with the new seal in place of what it continues. Other heads stay.
fn advance(hand: &Hand<'_>, timeline: String, seal: SealId) -> Move {
    let (subject, attribute) = (Named::Timeline(timeline), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> = before.iter().flat_map(|value| ids(value)).collect();
    heads.retain(|head| !hand.desk().bases.contains(head));
    heads.insert(seal);
    Move { subject, attribute, before, after: Some(spelled(&heads)) }
}

/// The name of a new change: no replica makes two at one time.
fn change(writer: &Writer, time: u64) -> ChangeId {
    let mut name = [0; ChangeId::LEN];
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    hasher.update(writer.replica().as_bytes()).update(&time.to_be_bytes());
    hasher.finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}
