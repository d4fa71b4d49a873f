//! Recording what is gathered, or what is changed.

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hasher;
use selkie_crdt::Hlc;
use selkie_store::{
    Author, ChangeId, Hint, Hold, ReadError, RepoPath, Seal, SealId, TooLarge, TreeId, Writer, sign,
};
use thiserror::Error;

use crate::desk::Desk;
use crate::few::few;
use crate::graph::trees::TreeReader;
use crate::operation::Operation;
use crate::privacy::Privacy;
use crate::repository::Hand;
use crate::shared::{Attribute, Move, Named, ids, spelled};
use crate::tree::edit::empty_tree;
use crate::verb::conflicts::meet;
use crate::verb::decided::{Ended, ended};
use crate::verb::offer::{Choice, Offer};
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
    /// What was gathered, and every change of this many known files.
    All(usize),
    /// Nothing was gathered: every change of this many known files.
    Changes(usize),
    /// What somebody chose of the changes for this seal alone.
    Chosen,
    /// That of the seal before: nothing of the files.
    Before,
}

/// What a seal is to be made of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// Which content it has.
    pub taken: Taken,
    /// Whether it takes the place of another.
    pub standing: Standing,
    /// What becomes of it if it has the content of its base.
    pub emptiness: Emptiness,
    /// What becomes of it while something is in conflict.
    pub conflicts: Conflicts,
}

/// Which content a seal takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Taken {
    /// What was gathered; if nothing was, every change of a known file.
    #[default]
    Usual,
    /// What was gathered, and every change of a known file.
    All,
    /// What was gathered, and nothing else.
    Gathered,
    /// This tree, chosen from the changes.
    Tree(TreeId),
}

/// Where a seal stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Standing {
    /// On what the clone stands on.
    #[default]
    OnTop,
    /// In its place: what was sealed last is rewritten.
    Amending,
}

/// What becomes of a seal that changes nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Emptiness {
    /// It is not made.
    #[default]
    Refused,
    /// It is made.
    Allowed,
}

/// What becomes of a seal while something is in conflict.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Conflicts {
    /// It is not made, unless what it continues has the same conflicts.
    #[default]
    Refused,
    /// It holds them.
    Sealed,
}

/// A seal that is not made yet. What it will hold stays so while somebody thinks of the words for it.
#[derive(Debug)]
pub struct Draft {
    desk: Desk,
    before: TreeId,
    tree: TreeId,
    content: Content,
    old: Option<(SealId, Seal)>,
    _hold: Hold, // until its tree is sealed
}

/// What somebody says of a seal.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The message.
    pub message: String,
    /// Who made it, if somebody else than who seals it. A seal that is amended keeps its author.
    pub author: Option<Author>,
    /// When it was made, if not now.
    pub dated: Option<Dated>,
}

/// A time on somebody's wall.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dated {
    /// Milliseconds since 1970.
    pub ms: u64,
    /// Minutes that the clock on the wall is ahead of UTC.
    pub zone_minutes: i16,
}

/// Why nothing was sealed. All is as it was.
#[derive(Debug, Error)]
pub enum SealError {
    /// Nothing is gathered, and no known file is changed.
    #[error("there is nothing to seal")]
    Nothing,
    /// Something is in conflict that was not before.
    #[error("in conflict still: {}", few(.0.iter()))]
    Open(Vec<RepoPath>),
    /// The clone stands on a seal and not on a timeline.
    #[error("no timeline is there to go on")]
    NoTimeline,
    /// Nothing was sealed here that could be amended.
    #[error("there is no seal here to amend")]
    NothingBefore,
    /// Heads are being brought together: what is sealed next is no version of one of them.
    #[error("several seals are brought together here, and none of them can be amended")]
    Several,
    /// Neither content nor words of the seal would change.
    #[error("the seal would stay as it is")]
    Same,
    /// A draft was made, and then another command changed what it stands on.
    #[error("something else was done here meanwhile")]
    Moved,
    /// Nobody seals tomorrow.
    #[error("a seal can not be made later than now")]
    Later,
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

impl Draft {
    /// The tree of what it stands on, and its own. What differs between them is what it changes.
    #[must_use]
    pub const fn trees(&self) -> (TreeId, TreeId) {
        (self.before, self.tree)
    }

    /// Where its content comes from.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// The seal in whose place it will be.
    #[must_use]
    pub fn old(&self) -> Option<&Seal> {
        self.old.as_ref().map(|(_, seal)| seal)
    }

    /// The timeline that it will be on.
    #[must_use]
    pub fn timeline(&self) -> Option<&str> {
        self.desk.timeline.as_deref()
    }
}

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
    let draft = plan(&hand, copy, Wanted::default())?;
    apply(&mut hand, copy, doer, typed, draft, Words { message, ..Words::default() })
}

/// Decides what a seal will hold, so that it can be shown, and words be found for it. Nothing is sealed by it.
///
/// # Errors
///
/// See [`SealError`].
pub fn draft(workspace: &mut Workspace, doer: &Doer, wanted: Wanted) -> Result<Draft, SealError> {
    let (hand, copy) = workspace.take(doer)?;
    plan(&hand, copy, wanted)
}

/// The same for a seal that takes what was chosen of an offer.
///
/// # Errors
///
/// See [`SealError`].
pub fn draft_of(
    workspace: &mut Workspace,
    doer: &Doer,
    wanted: Wanted,
    offer: &Offer,
    choices: &[Choice],
) -> Result<Draft, SealError> {
    let (hand, copy) = workspace.take(doer)?;
    if hand.desk() != offer.desk() {
        return Err(SealError::Moved);
    }
    let (tree, _) = offer.tree(&hand, choices)?;
    plan(&hand, copy, Wanted { taken: Taken::Tree(tree), ..wanted })
}

/// Seals a draft, if nothing else was done since it was made. Files that were edited since are not in it.
///
/// # Errors
///
/// See [`SealError`].
pub fn finish(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    draft: Draft,
    words: Words,
) -> Result<Sealed, SealError> {
    let (mut hand, copy) = workspace.take(doer)?;
    if *hand.desk() != draft.desk {
        return Err(SealError::Moved);
    }
    apply(&mut hand, copy, doer, typed, draft, words)
}

fn plan(hand: &Hand<'_>, copy: &Copy, wanted: Wanted) -> Result<Draft, SealError> {
    let desk = hand.desk().clone();
    if desk.timeline.is_none() {
        return Err(SealError::NoTimeline);
    }
    let old = match wanted.standing {
        Standing::OnTop => None,
        Standing::Amending => Some(last(hand, &desk)?),
    };
    let base = base_tree(hand.store(), &desk)?;
    let (tree, content) = match (wanted.taken, desk.gathered) {
        (Taken::Tree(tree), _) => (tree, Content::Chosen),
        (Taken::Usual | Taken::Gathered, Some(tree)) => (tree, Content::Gathered),
        (Taken::Gathered, None) => (base, Content::Before),
        (Taken::All, _) | (Taken::Usual, None) => {
            let (tree, count) = record_changes(hand, copy)?;
            let content = match (desk.gathered, count) {
                (Some(_), 0) => Content::Gathered,
                (Some(_), _) => Content::All(count),
                (None, 0) => Content::Before,
                (None, _) => Content::Changes(count),
            };
            (tree, content)
        }
    };
    let tree = met(hand, copy, base, tree, wanted.conflicts)?;
    let is_empty = tree == base && old.is_none() && !desk.is_fusing();
    if is_empty && wanted.emptiness == Emptiness::Refused {
        return Err(SealError::Nothing);
    }
    let before = match &old {
        Some((_, old)) => parent_tree(hand, old)?,
        None => base,
    };
    Ok(Draft { desk, before, tree, content, old, _hold: hand.hold()? })
}

fn apply(
    hand: &mut Hand<'_>,
    copy: &Copy,
    doer: &Doer,
    typed: String,
    draft: Draft,
    words: Words,
) -> Result<Sealed, SealError> {
    let Draft { desk, tree, content, old, .. } = draft;
    let timeline = desk.timeline.clone().ok_or(SealError::NoTimeline)?;
    let seal = match old {
        Some((id, old)) => rewritten(hand, doer, id, old, tree, words)?,
        None => made(hand, doer, &desk, tree, words)?,
    };
    let batch = hand.batch();
    let base = base_tree(hand.store(), &desk)?;
    let Ended { labels, learned } = ended(hand, copy, &batch, base, tree)?;
    // What is rewritten has labels of its own.
    let labels = seal.labels.into_iter().chain(labels).collect();
    let seal = sign(Seal { labels, ..seal }, hand.writer().key())?;
    let id = batch.put_value(&seal, Hint::NONE)?;
    batch.finish()?;
    let after = Desk { bases: vec![id], gathered: None, asked: None, ..desk };
    let mut operation = hand.operation(typed, after);
    // How a conflict was settled has lines of the timeline: what is settled in a private one stays here with it.
    if Privacy::of(hand.desk(), &timeline) == Privacy::Shared {
        operation.moves.extend(learned);
    }
    advance(hand, &mut operation, timeline, id, &[]);
    hand.perform(&operation)?;
    Ok(Sealed { id, seal, content })
}

/// The seal that the clone stands on.
fn last(hand: &Hand<'_>, desk: &Desk) -> Result<(SealId, Seal), SealError> {
    match desk.bases[..] {
        [] => Err(SealError::NothingBefore),
        [id] => Ok((id, hand.store().load(id)?)),
        _ => Err(SealError::Several),
    }
}

fn parent_tree(hand: &Hand<'_>, seal: &Seal) -> Result<TreeId, ReadError> {
    let tree = |id: &SealId| hand.store().load::<Seal>(*id).map(|parent| parent.tree);
    seal.parents.first().map_or_else(|| Ok(empty_tree()), tree)
}

/// A new change on top of what the clone stands on.
fn made(
    hand: &Hand<'_>,
    doer: &Doer,
    desk: &Desk,
    tree: TreeId,
    words: Words,
) -> Result<Seal, SealError> {
    let now = hand.time();
    let (time, zone_minutes) = when(now, doer, words.dated)?;
    Ok(Seal {
        tree,
        parents: desk.bases.clone(),
        change: change(hand.writer(), now.to_u64(), 0),
        time,
        zone_minutes,
        author: words.author.unwrap_or_else(|| doer.author.clone()),
        message: words.message,
        replaces: BTreeSet::new(),
        labels: BTreeMap::new(),
        signature: None,
    })
}

/// The next version of a change: its name, its parents and its author stay, and so does what tools wrote beside it,
/// since what a merge decided is still decided.
fn rewritten(
    hand: &Hand<'_>,
    doer: &Doer,
    id: SealId,
    old: Seal,
    tree: TreeId,
    words: Words,
) -> Result<Seal, SealError> {
    let author = words.author.unwrap_or_else(|| old.author.clone());
    let is_same = (tree, &words.message, &author) == (old.tree, &old.message, &old.author);
    if is_same && words.dated.is_none() {
        return Err(SealError::Same);
    }
    let (time, zone_minutes) = when(hand.time(), doer, words.dated)?;
    // Versions in between need not be in every store, so the newest names them all.
    let mut replaces = old.replaces;
    replaces.insert(id);
    let message = words.message;
    Ok(Seal { tree, time, zone_minutes, author, message, replaces, signature: None, ..old })
}

/// When a seal is made. Its order among others does not hang on that: what it came from is always older.
fn when(now: Hlc, doer: &Doer, dated: Option<Dated>) -> Result<(Hlc, i16), SealError> {
    match dated {
        None => Ok((now, doer.zone_minutes)),
        Some(dated) if dated.ms > now.ms() => Err(SealError::Later),
        Some(dated) => Ok((Hlc::from_ms(dated.ms), dated.zone_minutes)),
    }
}

/// The tree with what people did about conflicts. What was in conflict before may go on to be.
fn met(
    hand: &Hand<'_>,
    copy: &Copy,
    base: TreeId,
    tree: TreeId,
    conflicts: Conflicts,
) -> Result<TreeId, SealError> {
    let (tree, open) = meet(hand, copy, tree)?;
    if conflicts == Conflicts::Refused && !open.is_empty() {
        let mut trees = TreeReader::new(hand.store());
        let mut new = Vec::new();
        for path in open {
            if base == empty_tree() || trees.node(tree, &path)? != trees.node(base, &path)? {
                new.push(path);
            }
        }
        if !new.is_empty() {
            return Err(SealError::Open(new));
        }
    }
    Ok(tree)
}

/// Records every change of a known file, and tells of how many.
fn record_changes(hand: &Hand<'_>, copy: &Copy) -> Result<(TreeId, usize), SealError> {
    let base = known(hand.store(), hand.desk())?;
    let mut index = copy.index(hand.store(), base)?;
    let asked = Asked { unknown: AskedUnknown::Nothing, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, asked).map_err(FollowError::from)?;
    let chosen = status.chosen(&[everything()]);
    if chosen.is_empty() {
        return Ok((base, 0));
    }
    let batch = hand.batch();
    let recorded = copy.record(&batch, &index, base, &chosen)?;
    batch.finish()?;
    copy.know(hand.store(), &index, &recorded)?;
    Ok((recorded.tree, chosen.len()))
}

/// Moves a timeline on to a seal, which takes the place of `replaced` and of what the clone stands on. Other heads stay.
pub(crate) fn advance(
    hand: &Hand<'_>,
    operation: &mut Operation,
    timeline: String,
    seal: SealId,
    replaced: &[SealId],
) {
    if let Some(head) = operation.after.private.get_mut(&timeline) {
        *head = seal;
        return;
    }
    let (subject, attribute) = (Named::Timeline(timeline), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> = before.iter().flat_map(|value| ids(value)).collect();
    heads.retain(|head| !hand.desk().bases.contains(head) && !replaced.contains(head));
    heads.insert(seal);
    operation.moves.push(Move { subject, attribute, before, after: Some(spelled(&heads)) });
}

/// The name of a new change: no replica does two things at one time, and what it does may make several, counted from 0.
pub(crate) fn change(writer: &Writer, time: u64, number: u32) -> ChangeId {
    let mut name = [0; ChangeId::LEN];
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    hasher.update(writer.replica().as_bytes()).update(&time.to_be_bytes());
    // The first has the name that it has where only one is made.
    if number > 0 {
        hasher.update(&number.to_be_bytes());
    }
    hasher.finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}
