//! What becomes of each file, and then of each path.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Conflict, Hint, Node, ReadError, RepoPath, TreeId};

use crate::tree::edit::{Edits, edit, empty_tree};
use crate::tree::fuse::fused::{Decision, Fused, FusingError, Rule};
use crate::tree::fuse::lot::{Lot, Outcome};
use crate::tree::fuse::moves::{Moves, beside, node_at};
use crate::tree::fuse::node::{Meeting, Met, Spot, Terms, term};
use crate::tree::fuse::source::Source;
use crate::tree::fuse::trio::Trio;

/// Trees on their way to be one.
#[derive(Debug)]
pub(super) struct Work<'a> {
    meeting: Meeting<'a>,
    moves: &'a [Moves; 2],
    decisions: Vec<Decision>,
}

impl<'a> Work<'a> {
    pub(super) const fn new(meeting: Meeting<'a>, moves: &'a [Moves; 2]) -> Self {
        Self { meeting, moves, decisions: Vec::new() }
    }

    /// What becomes of one file, and where. None if it is gone.
    pub(super) fn outcome(&mut self, lot: Lot) -> Result<Option<Outcome>, FusingError> {
        let Lot { base, sides: [ours, theirs] } = lot;
        let side = usize::from(ours.is_none());
        match (base, ours, theirs) {
            (None, Some(only), None) | (None, None, Some(only)) => {
                let path = self.through_folder(side, &only.path)?;
                Ok(Some(Outcome { path, side, met: Met::Settled(Some(only.node)) }))
            }
            (Some(base), Some(ours), Some(theirs)) => self.both(&base, &ours, &theirs).map(Some),
            (Some(base), Some(only), None) | (Some(base), None, Some(only)) => {
                if only == base {
                    return Ok(None);
                }
                let path = if only.path == base.path {
                    base.path.clone()
                } else {
                    self.through_folder(side, &only.path)?
                };
                let mut sides = [None, None];
                sides[side] = Some(&only);
                let met = self.meeting.meet(Some(&base), sides, &mut self.decisions)?;
                Ok(Some(Outcome { path, side, met }))
            }
            // Both came upon it by themselves: that is two lots.
            (None, Some(_), Some(_)) | (_, None, None) => Ok(None),
        }
    }

    /// What becomes of a file that both sides have.
    fn both(&mut self, base: &Spot, ours: &Spot, theirs: &Spot) -> Result<Outcome, FusingError> {
        let first = self.decisions.len();
        let sides = [Some(ours), Some(theirs)];
        let met = self.meeting.meet(Some(base), sides, &mut self.decisions)?;
        let is_told = self.decisions.len() > first;
        let both_changed = ours.node != base.node && theirs.node != base.node;
        let is_settled = matches!(met, Met::Settled(_));
        let Some((path, side)) = self.place(base, ours, theirs)? else {
            return Ok(self.torn(base, ours, theirs, &met));
        };
        self.decisions[first..].iter_mut().for_each(|made| made.path = path.clone());
        if is_settled && !is_told && both_changed && ours.node != theirs.node {
            self.decisions.push(Decision { path: path.clone(), rule: Rule::BothChanged });
        }
        let stayed = if side == 0 { theirs } else { ours };
        if ours.path != theirs.path && stayed.node != base.node {
            let rule = Rule::FollowedFile { from: base.path.clone() };
            self.decisions.push(Decision { path: path.clone(), rule });
        }
        Ok(Outcome { path, side, met })
    }

    /// Where a file is that both sides have, and which of them took it there. None if each took it elsewhere.
    fn place(
        &mut self,
        base: &Spot,
        ours: &Spot,
        theirs: &Spot,
    ) -> Result<Option<(RepoPath, usize)>, FusingError> {
        let (base, ours, theirs) = (&base.path, &ours.path, &theirs.path);
        if ours == theirs {
            return Ok(Some((ours.clone(), 0)));
        }
        if theirs == base {
            return Ok(Some((self.through_folder(0, ours)?, 0)));
        }
        if ours == base {
            return Ok(Some((self.through_folder(1, theirs)?, 1)));
        }
        let with_folder = |side: usize, path: &RepoPath| {
            self.moves[side].carry(base, None).is_some_and(|carried| carried == *path)
        };
        // Who moved the whole folder said nothing of this file.
        Ok(match (with_folder(0, ours), with_folder(1, theirs)) {
            (false, true) => Some((self.through_folder(0, ours)?, 0)),
            (true, false) => Some((self.through_folder(1, theirs)?, 1)),
            (true, true) | (false, false) => None,
        })
    }

    /// A file that each side took elsewhere. Its content may be settled all the same.
    fn torn(&self, base: &Spot, ours: &Spot, theirs: &Spot, met: &Met) -> Outcome {
        let fusing = self.meeting.fusing;
        let (our_node, their_node) = match met {
            Met::Settled(node) => (node.as_ref(), node.as_ref()),
            Met::Open(_) => (Some(&ours.node), Some(&theirs.node)),
        };
        let terms = Terms {
            bases: vec![term(fusing.base, &base.path, Some(&base.node))],
            sides: vec![
                term(fusing.ours, &ours.path, our_node),
                term(fusing.theirs, &theirs.path, their_node),
            ],
        };
        // The lesser path, since both sides have to come to one answer.
        let (path, side) =
            if ours.path < theirs.path { (&ours.path, 0) } else { (&theirs.path, 1) };
        Outcome { path: path.clone(), side, met: Met::Open(terms) }
    }

    /// Where a path that is new on this side lies if the other one moved the folder it is in.
    fn through_folder(&mut self, side: usize, path: &RepoPath) -> Result<RepoPath, FusingError> {
        let Some(carried) = self.moves[1 - side].carry(path, Some(&self.moves[side])) else {
            return Ok(path.clone());
        };
        let fusing = self.meeting.fusing;
        for source in [fusing.ours, fusing.theirs] {
            let mut here = Some(carried.clone());
            while let Some(at) = here.filter(|at| !at.is_top()) {
                let node = node_at(self.meeting.store, source.tree, &at)?;
                let is_folder = matches!(node, Some(Node::Directory(_)));
                if node.is_some() && (at == carried || !is_folder) {
                    return Ok(path.clone());
                }
                here = at.parent();
            }
        }
        let rule = Rule::FollowedFolder { from: path.clone() };
        self.decisions.push(Decision { path: carried.clone(), rule });
        Ok(carried)
    }

    /// What becomes of a path that several files came to.
    pub(super) fn together(
        &mut self,
        path: &RepoPath,
        mut outcomes: Vec<Outcome>,
    ) -> Result<Met, FusingError> {
        outcomes.sort_by_key(|outcome| outcome.side);
        let mut outcomes = outcomes.into_iter();
        let Some(Outcome { met, side, .. }) = outcomes.next() else {
            return Ok(Met::Settled(None));
        };
        let fusing = self.meeting.fusing;
        let source = |side: usize| if side == 0 { fusing.ours } else { fusing.theirs };
        outcomes.try_fold(met, |met, next| {
            let first = self.decisions.len();
            if let (Met::Settled(Some(one)), Met::Settled(Some(other))) = (&met, &next.met)
                && let Some(node) =
                    self.meeting.settle([path; 2], None, [one, other], &mut self.decisions)?
            {
                // One of them may have had nothing in it, which takes no step.
                if one != other && self.decisions.len() == first {
                    let (path, rule) = (path.clone(), Rule::BothChanged);
                    self.decisions.push(Decision { path, rule });
                }
                return Ok(Met::Settled(Some(node)));
            }
            let mut terms = self.meeting.as_terms(met, source(side), path)?;
            terms.join(self.meeting.as_terms(next.met, source(next.side), path)?);
            Ok(Met::Open(terms))
        })
    }

    /// Gives files that are where a folder has to be a name beside it.
    pub(super) fn apart(
        &self,
        met: BTreeMap<RepoPath, Met>,
    ) -> Result<BTreeMap<RepoPath, Met>, FusingError> {
        let folders = folders(met.keys());
        let (in_the_way, mut met): (BTreeMap<_, _>, BTreeMap<_, _>) =
            met.into_iter().partition(|(path, _)| folders.contains(path));
        let Meeting { store, fusing, .. } = self.meeting;
        for (path, one) in in_the_way {
            let mut failed = None;
            let mut is_there = |tree: TreeId, at: &RepoPath| {
                let node = node_at(store, tree, at);
                node.unwrap_or_else(|error| {
                    failed.get_or_insert(error);
                    None
                })
                .is_some()
            };
            let is_free = |at: &RepoPath| {
                !met.contains_key(at)
                    && !folders.contains(at)
                    && !is_there(fusing.ours.tree, at)
                    && !is_there(fusing.theirs.tree, at)
            };
            let beside = beside(&path, is_free);
            if let Some(error) = failed {
                return Err(error.into());
            }
            let beside = beside.ok_or_else(|| FusingError::Room(path.clone()))?;
            let has_folder = |source: &Source| {
                let node = node_at(store, source.tree, &path)?;
                Ok::<_, ReadError>(matches!(node, Some(Node::Directory(_))))
            };
            // A side with the folder there does not have the file.
            let ours_is_folder = has_folder(fusing.ours)?;
            let (with, without) = if ours_is_folder {
                (fusing.theirs, fusing.ours)
            } else {
                (fusing.ours, fusing.theirs)
            };
            let mut terms = self.meeting.as_terms(one, with, &path)?;
            if terms.sides.len() < 2 {
                let at = if ours_is_folder { 0 } else { terms.sides.len() };
                terms.sides.insert(at, term(without, &path, None));
            }
            met.insert(beside, Met::Open(terms));
        }
        Ok(met)
    }

    /// The tree.
    pub(super) fn finish(
        mut self,
        trios: &[Trio],
        met: BTreeMap<RepoPath, Met>,
    ) -> Result<Fused, FusingError> {
        let Meeting { store, batch, fusing, charter } = self.meeting;
        let mut leaves = empty_folders(trios);
        let taken: BTreeSet<RepoPath> = folders(met.keys());
        let is_inside =
            |path: &RepoPath| folders([path].into_iter()).iter().any(|at| met.contains_key(at));
        leaves.retain(|path| !taken.contains(path) && !is_inside(path));
        let mut edits: Edits = trios.iter().map(|trio| (trio.path.clone(), None)).collect();
        for path in leaves {
            edits.insert(path, Some(Node::Directory(empty_tree())));
        }
        let mut conflicts = BTreeMap::new();
        for (path, one) in met {
            let node = match one {
                Met::Settled(node) => node,
                Met::Open(Terms { bases, sides }) => {
                    let conflict = Conflict::new(bases, sides);
                    let conflict = conflict.ok_or_else(|| FusingError::Sides(path.clone()))?;
                    let id = batch.put_value(&conflict, Hint::NONE)?;
                    conflicts.insert(path.clone(), conflict);
                    Some(Node::Conflict(id))
                }
            };
            edits.insert(path, node);
        }
        let ours = |path: &RepoPath| {
            let at = trios.binary_search_by(|trio| trio.path.cmp(path));
            at.ok().and_then(|at| trios[at].nodes[1].clone())
        };
        edits.retain(|path, node| ours(path) != *node);
        let tree = edit(store, batch, fusing.ours.tree, &edits)?;
        self.decisions.sort_unstable();
        self.decisions.dedup();
        // What is in conflict was not decided.
        self.decisions.retain(|decision| !conflicts.contains_key(&decision.path));
        let fused = Fused {
            tree,
            edits,
            conflicts,
            decisions: self.decisions,
            commands: BTreeMap::new(),
            broken: charter.broken.clone(),
        };
        fused.ruled(store, batch, fusing, charter)
    }
}

/// The directories with nothing in them that stay or come.
fn empty_folders(trios: &[Trio]) -> BTreeSet<RepoPath> {
    let is_empty = |node: &Option<Node>| matches!(node, Some(Node::Directory(_)));
    let stays = |trio: &&Trio| {
        let [base, ours, theirs] = [0, 1, 2].map(|at: usize| is_empty(&trio.nodes[at]));
        (ours && theirs) || ((ours || theirs) && !base)
    };
    trios.iter().filter(stays).map(|trio| trio.path.clone()).collect()
}

/// All folders that these paths are in.
fn folders<'a>(paths: impl Iterator<Item = &'a RepoPath>) -> BTreeSet<RepoPath> {
    let mut folders = BTreeSet::new();
    for path in paths {
        let mut folder = path.parent();
        while let Some(here) = folder.filter(|here| !here.is_top()) {
            folder = here.parent();
            if !folders.insert(here) {
                break;
            }
        }
    }
    folders
}
