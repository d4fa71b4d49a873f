//! Changes that are offered part by part, and what comes of those that somebody means.
//!
//! An offer is two trees. What is on disk is recorded when the offer is made, so what is shown is what is taken,
//! however long somebody thinks about it. No lock is held meanwhile.

use selkie_store::{Hint, Hold, Node, ReadError, RepoPath, Seal, SealId, TreeId};
use thiserror::Error;

use crate::choose::{Chosen, Way};
use crate::desk::Desk;
use crate::graph::trees::TreeReader;
use crate::ignore::Ignore;
use crate::operation::Files;
use crate::patch::FileMode;
use crate::rename::PathChange;
use crate::repository::Hand;
use crate::tree::edit::{Edits, edit, empty_tree};
use crate::tree::filter::PathFilter;
use crate::verb::diff::{Diff, DiffError, Pairing};
use crate::verb::trouble::Trouble;
use crate::work::follow::{Copy, FollowError};
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace, base_tree, known};

/// Changes to choose from.
#[derive(Debug)]
pub struct Offer {
    desk: Desk,
    before: TreeId,
    after: TreeId,
    way: Way,
    filter: PathFilter,
    _hold: Hold, // until something is done with what was recorded
}

/// What somebody chose of a path.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What was offered.
    pub change: PathChange,
    /// What the path becomes.
    pub chosen: Chosen,
}

/// Why nothing was offered, or nothing done with it. All is as it was.
#[derive(Debug, Error)]
pub enum OfferError {
    /// There is no change at these paths.
    #[error("nothing is changed there")]
    Nothing,
    /// No part was meant.
    #[error("nothing was chosen")]
    NothingChosen,
    /// Nothing is gathered.
    #[error("nothing is gathered")]
    NotGathered,
    /// The seal has nothing at this path.
    #[error("that seal has no '{0}'")]
    Absent(RepoPath),
    /// The path is the whole working copy.
    #[error("name a file or a folder: everything is more than one path")]
    Everything,
    /// Another command changed what the offer stands on.
    #[error("something else was done here meanwhile")]
    Moved,
    /// It can not be said what differs.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for OfferError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What is changed on disk at `paths`, and below them, to be taken or taken back.
///
/// # Errors
///
/// See [`OfferError`].
pub fn of_files(
    workspace: &mut Workspace,
    doer: &Doer,
    paths: &[RepoPath],
    (unknown, ignore): (AskedUnknown, Ignore),
    way: Way,
) -> Result<Offer, OfferError> {
    let (hand, copy) = workspace.take(doer)?;
    let before = known(hand.store(), hand.desk())?;
    let (after, count) = on_disk(&hand, copy, paths, (unknown, ignore), |_| Ok(true))?;
    if count == 0 {
        return Err(OfferError::Nothing);
    }
    let filter = PathFilter::below(paths.iter().cloned());
    Offer::new(&hand, [before, after], way, filter)
}

/// What was gathered at `paths`, and below them, to be taken back.
///
/// # Errors
///
/// See [`OfferError`].
pub fn of_gathered(
    workspace: &mut Workspace,
    doer: &Doer,
    paths: &[RepoPath],
) -> Result<Offer, OfferError> {
    let (hand, _) = workspace.take(doer)?;
    let after = hand.desk().gathered.ok_or(OfferError::NotGathered)?;
    let before = base_tree(hand.store(), hand.desk())?;
    let filter = PathFilter::below(paths.iter().cloned());
    Offer::new(&hand, [before, after], Way::TakeBack, filter)
}

/// What makes the files at `path` what they are in a seal, to be taken.
///
/// # Errors
///
/// See [`OfferError`].
pub fn of_seal(
    workspace: &mut Workspace,
    doer: &Doer,
    path: &RepoPath,
    from: SealId,
) -> Result<Offer, OfferError> {
    if path.is_top() {
        return Err(OfferError::Everything);
    }
    let (hand, copy) = workspace.take(doer)?;
    let store = hand.store();
    let sealed = store.load::<Seal>(from)?.tree;
    let mut trees = TreeReader::new(store);
    let node = trees.node(sealed, path)?.ok_or_else(|| OfferError::Absent(path.clone()))?;
    let paths = std::slice::from_ref(path);
    let rules = (AskedUnknown::Files, Ignore::new(Vec::new()));
    // Unknown files that the seal does not know either are in nobody's way.
    let is_met = |path: &RepoPath| Ok(trees.node(sealed, path)?.is_some());
    let (before, _) = on_disk(&hand, copy, paths, rules, is_met)?;
    let batch = hand.batch();
    let after = edit(store, &batch, before, &Edits::from([(path.clone(), Some(node))]))?;
    batch.finish()?;
    let filter = PathFilter::below([path.clone()]);
    Offer::new(&hand, [before, after], Way::Take, filter)
}

/// What a seal changed since the first of those it was made from, to be taken.
///
/// # Errors
///
/// See [`OfferError`].
pub fn of_change(
    workspace: &mut Workspace,
    doer: &Doer,
    seal: SealId,
) -> Result<Offer, OfferError> {
    let (hand, _) = workspace.take(doer)?;
    let seal: Seal = hand.store().load(seal)?;
    let before = match seal.parents.first() {
        Some(parent) => hand.store().load::<Seal>(*parent)?.tree,
        None => empty_tree(),
    };
    Offer::new(&hand, [before, seal.tree], Way::Take, PathFilter::below([]))
}

/// The known tree with what is on disk at the paths, and how many of them differ. Of unknown files only those count
/// that `is_wanted` names.
fn on_disk(
    hand: &Hand<'_>,
    copy: &Copy,
    paths: &[RepoPath],
    (unknown, ignore): (AskedUnknown, Ignore),
    mut is_wanted: impl FnMut(&RepoPath) -> Result<bool, ReadError>,
) -> Result<(TreeId, usize), OfferError> {
    let store = hand.store();
    let before = known(store, hand.desk())?;
    let mut index = copy.index(store, before)?;
    let asked = Asked { unknown, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, ignore, asked).map_err(FollowError::from)?;
    let mut chosen = Vec::new();
    for path in status.chosen(paths) {
        if index.node_at(&path).is_some() || is_wanted(&path)? {
            chosen.push(path);
        }
    }
    let batch = hand.batch();
    let recorded = copy.record(&batch, &index, before, &chosen)?;
    batch.finish()?;
    Ok((recorded.tree, chosen.len()))
}

/// Gathers what was chosen, or lets go of it: the files stay as they are. Returns of how many paths.
///
/// # Errors
///
/// See [`OfferError`].
pub fn gather(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    offer: &Offer,
    choices: &[Choice],
) -> Result<usize, OfferError> {
    let (mut hand, _) = workspace.take(doer)?;
    let (tree, count) = offer.wanted(&hand, choices)?;
    let is_base = tree == base_tree(hand.store(), hand.desk())?;
    let gathered = (!is_base).then_some(tree);
    let operation = hand.operation(typed, Desk { gathered, ..hand.desk().clone() });
    hand.perform(&operation)?;
    Ok(count)
}

/// Writes what was chosen into the files. What they were is recorded, so that an undo brings it back. Returns of how
/// many paths.
///
/// # Errors
///
/// See [`OfferError`].
pub fn rewrite(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    offer: &Offer,
    choices: &[Choice],
) -> Result<usize, OfferError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let (after, count) = offer.wanted(&hand, choices)?;
    let before = offer.unchosen();
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Err(FollowError::Blocked(plan.blocked).into());
    }
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    Ok(count)
}

impl Offer {
    fn new(
        hand: &Hand<'_>,
        [before, after]: [TreeId; 2],
        way: Way,
        filter: PathFilter,
    ) -> Result<Self, OfferError> {
        let desk = hand.desk().clone();
        Ok(Self { desk, before, after, way, filter, _hold: hand.hold()? })
    }

    /// What is offered, file by file.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn diff<'a>(&self, workspace: &'a Workspace) -> Result<Diff<'a>, OfferError> {
        let store = workspace.repository().store();
        let diff = Diff::between(store, self.before, self.after, &self.filter, Pairing::Nothing)?;
        if diff.changes.is_empty() { Err(OfferError::Nothing) } else { Ok(diff) }
    }

    /// What becomes of the parts that are meant.
    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Everything that is offered, chosen.
    ///
    /// # Errors
    ///
    /// The repository can not be read.
    pub fn everything(&self, workspace: &Workspace) -> Result<Vec<Choice>, OfferError> {
        let chosen = match self.way {
            Way::Take => Chosen::After,
            Way::TakeBack => Chosen::Before,
        };
        let diff = self.diff(workspace)?;
        let choice = |change| Choice { change, chosen: chosen.clone() };
        Ok(diff.changes.into_iter().map(choice).collect())
    }

    /// The tree without anything that was chosen.
    const fn unchosen(&self) -> TreeId {
        match self.way {
            Way::Take => self.before,
            Way::TakeBack => self.after,
        }
    }

    /// The tree that somebody wants, and in how many paths it is not the one without choices.
    fn wanted(&self, hand: &Hand<'_>, choices: &[Choice]) -> Result<(TreeId, usize), OfferError> {
        if *hand.desk() != self.desk {
            return Err(OfferError::Moved);
        }
        let (tree, count) = self.tree(hand, choices)?;
        if count == 0 { Err(OfferError::NothingChosen) } else { Ok((tree, count)) }
    }

    /// The desk that it stands on.
    pub(crate) const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Whether it is of these trees, and nothing was done since it was made.
    pub(crate) fn is_of(&self, hand: &Hand<'_>, trees: [TreeId; 2]) -> bool {
        *hand.desk() == self.desk && [self.before, self.after] == trees
    }

    /// The tree with what was chosen, and of how many paths that is.
    pub(crate) fn tree(
        &self,
        hand: &Hand<'_>,
        choices: &[Choice],
    ) -> Result<(TreeId, usize), Trouble> {
        let batch = hand.batch();
        let mut edits = Edits::new();
        for Choice { change, chosen } in choices {
            let node = match (chosen, self.way) {
                (Chosen::Before, Way::Take) | (Chosen::After, Way::TakeBack) => continue,
                (Chosen::After, Way::Take) => change.after.clone(),
                (Chosen::Before, Way::TakeBack) => change.before.clone(),
                (Chosen::Between { mode, bytes }, _) => {
                    let hint = Hint { path: change.path.as_str(), base: None };
                    let content = batch.put_content(&**bytes, hint)?;
                    Some(match mode {
                        FileMode::Executable => Node::Executable(content),
                        FileMode::Plain | FileMode::Symlink | FileMode::Foreign(_) => {
                            Node::File(content)
                        }
                    })
                }
            };
            edits.insert(change.path.clone(), node);
        }
        let tree = edit(hand.store(), &batch, self.unchosen(), &edits)?;
        batch.finish()?;
        Ok((tree, edits.len()))
    }
}
