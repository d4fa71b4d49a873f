//! What is not sealed, as trees: how it is laid aside, and how it comes back.

use std::collections::BTreeSet;

use selkie_store::{ReadError, RepoPath, Seal, Store, TreeId};

use crate::desk::Desk;
use crate::repository::Hand;
use crate::shelf::Shelf;
use crate::tree::blend::{Blend, Sides, Within, blend};
use crate::tree::compare::{CompareError, TreeChanges};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::verb::trouble::Trouble;
use crate::work::follow::{Copy, FollowError};
use crate::work::index::Index;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown, Status};
use crate::workspace::{base_tree, known};

/// A working copy and what was gathered in it, as trees.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unsealed {
    /// What the next seal has: what was gathered, else what the base has.
    pub(crate) known: TreeId,
    /// What the files are.
    pub(crate) disk: TreeId,
}

/// What a shelf becomes where it is brought to.
#[derive(Debug)]
pub(crate) enum Brought {
    /// It fits.
    Whole(Unsealed),
    /// These paths were changed there too.
    Disputed(Vec<RepoPath>),
}

/// The files, looked at and compared with what is known.
#[derive(Debug)]
pub(crate) struct Looked {
    /// What the base has.
    pub(crate) base: TreeId,
    /// What is known.
    pub(crate) known: TreeId,
    /// What is on disk that is not known so.
    pub(crate) status: Status,
    index: Index,
}

impl Looked {
    /// Looks at all files.
    pub(crate) fn at(hand: &Hand<'_>, copy: &Copy) -> Result<Self, Trouble> {
        let base = base_tree(hand.store(), hand.desk())?;
        let known = known(hand.store(), hand.desk())?;
        let mut index = copy.index(hand.store(), known)?;
        let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
        let status = copy.scan(&mut index, asked).map_err(FollowError::from)?;
        Ok(Self { base, known, status, index })
    }

    /// The changes of known files at these paths and below them.
    pub(crate) fn changed(&self, below: &[RepoPath]) -> Vec<RepoPath> {
        let is_known = |path: &RepoPath| !self.is_unknown(path);
        self.status.chosen(below).into_iter().filter(is_known).collect()
    }

    /// The unknown files for which this holds.
    pub(crate) fn unknown(&self, wanted: impl Fn(&RepoPath) -> bool) -> Vec<RepoPath> {
        let chosen = self.status.chosen(&[RepoPath::default()]);
        chosen.into_iter().filter(|path| self.is_unknown(path) && wanted(path)).collect()
    }

    /// What is known, with these paths as they are on disk. They are stored by that.
    pub(crate) fn recorded(
        &self,
        hand: &Hand<'_>,
        copy: &Copy,
        paths: &[RepoPath],
    ) -> Result<Unsealed, Trouble> {
        let known = self.known;
        if paths.is_empty() {
            return Ok(Unsealed { known, disk: known });
        }
        let batch = hand.batch();
        let disk = copy.record(&batch, &self.index, known, paths)?.tree;
        batch.finish()?;
        Ok(Unsealed { known, disk })
    }

    fn is_unknown(&self, path: &RepoPath) -> bool {
        self.status.unknown.binary_search_by(|unknown| unknown.path.cmp(path)).is_ok()
    }
}

/// Brings what was laid aside to where `here` is. Where both changed a file, it is merged as in a fuse.
pub(crate) fn bring(hand: &Hand<'_>, shelf: &Shelf, here: Unsealed) -> Result<Brought, Trouble> {
    let base = base_of(hand.store(), shelf)?;
    let gathered = shelf.gathered.unwrap_or(base);
    both(hand, base, here, Unsealed { known: gathered, disk: shelf.work }, Within::Merge)
}

/// Takes what is not sealed from one seal's tree to another's, if it touches nothing that differs between them.
pub(crate) fn carry(
    hand: &Hand<'_>,
    base: TreeId,
    here: Unsealed,
    to: TreeId,
) -> Result<Brought, Trouble> {
    both(hand, base, here, Unsealed { known: to, disk: to }, Within::Dispute)
}

fn both(
    hand: &Hand<'_>,
    base: TreeId,
    ours: Unsealed,
    theirs: Unsealed,
    within: Within,
) -> Result<Brought, Trouble> {
    let batch = hand.batch();
    let blended = |ours, theirs| blend(hand.store(), &batch, Sides { base, ours, theirs }, within);
    let (known, disk) = (blended(ours.known, theirs.known)?, blended(ours.disk, theirs.disk)?);
    let (known, disk) = match (known, disk) {
        (Blend::Clean(known), Blend::Clean(disk)) => (known, disk),
        (known, disk) => {
            let paths = [known, disk].into_iter().flat_map(Blend::disputed);
            return Ok(Brought::Disputed(paths.collect::<BTreeSet<_>>().into_iter().collect()));
        }
    };
    batch.finish()?;
    Ok(Brought::Whole(Unsealed { known, disk }))
}

/// The tree that a shelf was made on.
pub(crate) fn base_of(store: &Store, shelf: &Shelf) -> Result<TreeId, ReadError> {
    shelf.base.map_or_else(|| Ok(empty_tree()), |seal| Ok(store.load::<Seal>(seal)?.tree))
}

/// The paths that a shelf changes.
pub(crate) fn paths_of(store: &Store, shelf: &Shelf) -> Result<BTreeSet<RepoPath>, Trouble> {
    let base = base_of(store, shelf)?;
    Ok(differing(store, base, shelf.work, &PathFilter::default())?.into_iter().collect())
}

/// The paths that differ between two trees.
pub(crate) fn differing(
    store: &Store,
    before: TreeId,
    after: TreeId,
    filter: &PathFilter,
) -> Result<Vec<RepoPath>, CompareError> {
    // The tree with nothing in it need not be in any store.
    let tree = |id| Some(id).filter(|id| *id != empty_tree());
    let changes = TreeChanges::new(store, tree(before), tree(after), filter);
    changes.map(|change| Ok(change?.path)).collect()
}

/// A name that no shelf has: that of the timeline, with a number if it takes one.
pub(crate) fn free_name(desk: &Desk) -> String {
    let timeline = desk.timeline.as_deref().unwrap_or("work");
    let numbered = (2..).map(|number| format!("{timeline}-{number}"));
    let mut names = std::iter::once(timeline.to_owned()).chain(numbered);
    names.find(|name| !desk.shelves.contains_key(name)).expect("there is always one more number")
}
