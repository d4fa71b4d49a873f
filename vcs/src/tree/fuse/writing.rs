//! Who wrote a path last on one side, and when.

use std::cmp::Ordering;

use selkie_crdt::Hlc;
use selkie_store::{
    Node, PublicKey, ReadError, RepoPath, Seal, SealId, Store, Term, Voucher, voucher,
};

use crate::merge::part::MergeSide;
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::source::Source;

/// The writing of a path that a side has.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Writing {
    pub(super) time: Hlc,
    /// The seal that it stands in. Of two at one time the greater one counts as the later: any order does that nobody has to be
    /// asked for.
    pub(super) seal: SealId,
}

impl Writing {
    /// The last one of a path on this side. None if the side is of no seal.
    ///
    /// A seal that has at a path what a parent has there did not write it; the first such parent is asked in its place. So what is
    /// found hangs on the history of the seal alone, and is the same wherever that is. Nothing is a content like any other: who
    /// removed a file wrote that.
    pub(super) fn last(
        store: &Store,
        source: &Source,
        path: &RepoPath,
    ) -> Result<Option<Self>, ReadError> {
        let mut last = None;
        for seal in &source.seals {
            last = last.max(Some(Self::of(store, *seal, path)?));
        }
        Ok(last)
    }

    fn of(store: &Store, seal: SealId, path: &RepoPath) -> Result<Self, ReadError> {
        let (mut id, mut seal) = (seal, store.load::<Seal>(seal)?);
        let node = node_at(store, seal.tree, path)?;
        loop {
            let Some((parent, before)) = same(store, &seal, path, node.as_ref())? else {
                return Ok(Self { time: seal.time, seal: id });
            };
            (id, seal) = (parent, before);
        }
    }

    /// The side that wrote later, this being ours.
    pub(super) fn later(&self, theirs: &Self) -> Option<MergeSide> {
        match self.cmp(theirs) {
            Ordering::Greater => Some(MergeSide::Ours),
            Ordering::Less => Some(MergeSide::Theirs),
            Ordering::Equal => None,
        }
    }

    /// The key that vouches for it.
    pub(super) fn voucher(&self, store: &Store) -> Result<Option<PublicKey>, ReadError> {
        // What is stored was not too large when it was written.
        Ok(match voucher(&store.load::<Seal>(self.seal)?) {
            Ok(Voucher::Key(key)) => Some(key),
            Ok(Voucher::Nobody | Voucher::Forged(_)) | Err(_) => None,
        })
    }
}

/// Which of two versions of a path was written later. None if that can not be told: one of them is of no seal that is here, or was
/// elsewhere in its seal, since somebody decided the name apart.
pub(crate) fn later(
    store: &Store,
    [ours, theirs]: [&Term; 2],
) -> Result<Option<MergeSide>, ReadError> {
    let written = |term: &Term| match term.seal {
        Some(seal) if store.has(&seal.object())? => {
            let tree = store.load::<Seal>(seal)?.tree;
            if term.node.is_some() && node_at(store, tree, &term.path)?.is_none() {
                return Ok(None);
            }
            Ok::<_, ReadError>(Some(Writing::of(store, seal, &term.path)?))
        }
        Some(_) | None => Ok(None),
    };
    let (Some(ours), Some(theirs)) = (written(ours)?, written(theirs)?) else { return Ok(None) };
    Ok(ours.later(&theirs))
}

/// The first parent that has the same there.
fn same(
    store: &Store,
    seal: &Seal,
    path: &RepoPath,
    node: Option<&Node>,
) -> Result<Option<(SealId, Seal)>, ReadError> {
    for parent in &seal.parents {
        let before: Seal = store.load(*parent)?;
        if before.tree == seal.tree || node_at(store, before.tree, path)?.as_ref() == node {
            return Ok(Some((*parent, before)));
        }
    }
    Ok(None)
}
