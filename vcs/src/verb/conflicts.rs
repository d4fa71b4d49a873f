//! Conflicts: which there are, what each is, and how they are settled.

use selkie_store::{
    Batch, Conflict, Hint, Node, ReadError, RepoPath, Seal, SealId, Store, Term, TreeId,
};
use thiserror::Error;

use crate::conflict::{Face, edited};
use crate::desk::Desk;
use crate::merge::part::MergeSide;
use crate::operation::Files;
use crate::repository::Hand;
use crate::tree::compare::TreeChangeKind;
use crate::tree::edit::{Edits, edit};
use crate::tree::fuse::content::{Part, Versions};
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::taken::taken;
use crate::tree::fuse::writing::later;
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::work::index::Index;
use crate::work::unsettled::{Found, Unsettled, unsettled};
use crate::workspace::{Doer, Workspace, base_tree, known};

/// A path in conflict.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// The path.
    pub path: RepoPath,
    /// What the sides are.
    pub conflict: Conflict,
    /// How far it is.
    pub state: State,
}

/// How far a conflict is on its way to be settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// So many parts of the file stand between markers.
    Marked(usize),
    /// Markers in the file do not fit each other.
    Torn,
    /// No marker is left in the file: gathering or sealing settles it.
    Unmarked,
    /// The disk shows one side, and somebody has to say which.
    Side,
    /// The disk has something of somebody's own, or nothing.
    Changed,
}

/// What somebody says a path in conflict shall be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Choice {
    /// What was brought together, and where that is open these lines. What is no text is one side or the other.
    Parts(Pick),
    /// The whole of one side.
    Whole(MergeSide),
    /// What the side has that wrote the file later, or earlier.
    Written(Age, Extent),
    /// What there was before either side.
    Base,
    /// What is on disk.
    Disk,
}

/// Which of two sides is meant, by when each wrote the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Age {
    /// The one that wrote it later.
    Newer,
    /// The one that wrote it earlier.
    Older,
}

/// How much of a file is taken from one side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// What is open.
    Open,
    /// All of it.
    Whole,
}

/// Whose lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pick {
    /// Those of the first side.
    Ours,
    /// Those of the last side.
    Theirs,
    /// Those of both, ours first.
    Both,
}

/// A conflict, told in full.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Told {
    /// What and where it is.
    pub listed: Listed,
    /// What each side did.
    pub sides: Vec<ToldSide>,
    /// The parts that are open, as the file shows them.
    pub open: Vec<Versions>,
    /// Which side wrote the file later, if that can be told.
    pub newer: Option<MergeSide>,
}

/// What one side did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ToldSide {
    /// What it is called.
    pub note: String,
    /// The seal that it is of, if that is here.
    pub seal: Option<(SealId, Seal)>,
    /// What it did to what there was before.
    pub did: Did,
    /// Where it has it.
    pub path: RepoPath,
}

/// What a side did to what there was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Did {
    /// There was nothing, and it came upon it.
    Added,
    /// It removed it.
    Removed,
    /// It has other bytes.
    Changed,
    /// It may be run now, or no longer.
    Mode,
    /// It became a link, or a file, or something else.
    Became,
    /// It is somewhere else.
    Moved,
    /// It is somewhere else, with other bytes.
    MovedAndChanged,
    /// Nothing: it is one of several bases.
    Nothing,
    /// It is a head of a timeline, with so many seals that no other head has.
    Sealed(usize),
}

/// Why nothing was settled.
#[derive(Debug, Error)]
pub enum ConflictsError {
    /// The path is not in conflict.
    #[error("'{0}' is not in conflict")]
    NotOne(RepoPath),
    /// The sides are no texts, or are not two.
    #[error("'{0}' has no two texts that could be put one below the other")]
    NoTexts(RepoPath),
    /// One side of it is of no seal, or both are of one.
    #[error("nobody can tell which side of '{0}' was written later")]
    NoTimes(RepoPath),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for ConflictsError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Every path that is in conflict.
///
/// # Errors
///
/// The repository or the files can not be read.
pub fn list(workspace: &Workspace) -> Result<Vec<Listed>, ConflictsError> {
    let (store, copy) = (workspace.repository().store(), workspace.copy());
    let conflicts = copy.index(store, workspace.known()?)?.conflicts();
    let found = unsettled(store, copy, conflicts)?;
    Ok(found.into_iter().map(|one| Listed::of(store, one)).collect::<Result<_, _>>()?)
}

/// Tells one conflict in full.
///
/// # Errors
///
/// There is none at this path, or it can not be read.
pub fn tell(workspace: &Workspace, path: &RepoPath) -> Result<Told, ConflictsError> {
    let (store, copy) = (workspace.repository().store(), workspace.copy());
    let mut conflicts = copy.index(store, workspace.known()?)?.conflicts();
    conflicts.retain(|(own, _)| own == path);
    let one = unsettled(store, copy, conflicts)?.pop();
    let one = one.ok_or_else(|| ConflictsError::NotOne(path.clone()))?;
    let (sides, newer) = told_sides(store, &one.conflict)?;
    let open = one.parts(store)?.unwrap_or_default().into_iter().filter_map(|part| match part {
        Part::Open(versions) => Some(versions),
        Part::Settled(_) => None,
    });
    let open = open.collect();
    Ok(Told { sides, open, newer, listed: Listed::of(store, one)? })
}

/// What each side of a conflict did, and which did it later, if that can be told.
pub(crate) fn told_sides(
    store: &Store,
    conflict: &Conflict,
) -> Result<(Vec<ToldSide>, Option<MergeSide>), Trouble> {
    let base = conflict.bases().first();
    let told = |side: &Term| {
        let seal = match side.seal {
            Some(id) if store.has(&id.object())? => Some((id, store.load(id)?)),
            Some(_) | None => None,
        };
        let (note, path) = (side.note.clone(), side.path.clone());
        Ok::<_, Trouble>(ToldSide { note, seal, did: Did::of(base, side), path })
    };
    let sides = conflict.sides().iter().map(told).collect::<Result<_, _>>()?;
    Ok((sides, newer(store, conflict)?))
}

impl Did {
    fn of(base: Option<&Term>, side: &Term) -> Self {
        let before = base.and_then(|base| base.node.as_ref());
        let (Some(before), Some(after)) = (before, side.node.as_ref()) else {
            return match (before, &side.node) {
                (None, Some(_)) => Self::Added,
                (Some(_), None) => Self::Removed,
                _ => Self::Nothing,
            };
        };
        let kind = (before != after).then(|| TreeChangeKind::of(Some(before), Some(after)));
        let is_moved = base.is_some_and(|base| base.path != side.path);
        match (is_moved, kind) {
            (false, None) => Self::Nothing,
            (true, None | Some(TreeChangeKind::Mode)) => Self::Moved,
            (true, Some(_)) => Self::MovedAndChanged,
            (false, Some(TreeChangeKind::Mode)) => Self::Mode,
            (false, Some(TreeChangeKind::Type)) => Self::Became,
            (false, Some(_)) => Self::Changed,
        }
    }
}

/// Settles conflicts as somebody says, in the files and for the next seal. What was in the files is recorded
/// first, so that an undo brings it back byte for byte.
///
/// # Errors
///
/// See [`ConflictsError`].
pub fn settle(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    within: &[RepoPath],
    choice: Choice,
) -> Result<Vec<RepoPath>, ConflictsError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let base = known(&store, hand.desk())?;
    let index = copy.index(&store, base)?;
    let mut conflicts = index.conflicts();
    let is_one = |path: &&RepoPath| !conflicts.iter().any(|(own, _)| is_below(own, path));
    if let Some(path) = within.iter().find(is_one) {
        return Err(ConflictsError::NotOne(path.clone()));
    }
    conflicts.retain(|(path, _)| within.iter().any(|named| is_below(path, named)));
    let paths: Vec<RepoPath> = conflicts.iter().map(|(path, _)| path.clone()).collect();
    let batch = hand.batch();
    let before = copy.record(&batch, &index, base, &paths)?.tree;
    let mut edits = Edits::new();
    for one in unsettled(&store, copy, conflicts)? {
        edits.extend(outcome(&store, &batch, base, &one, choice)?);
    }
    batch.finish()?;
    let batch = hand.batch();
    let (gathered, after) = match choice {
        Choice::Disk => (before, before),
        Choice::Parts(_) | Choice::Whole(_) | Choice::Written(..) | Choice::Base => {
            (edit(&store, &batch, base, &edits)?, edit(&store, &batch, before, &edits)?)
        }
    };
    batch.finish()?;
    let mut operation = hand.operation(typed, holding(&hand, gathered)?);
    operation.files = (before != after).then_some(Files { before, after });
    hand.perform(&operation)?;
    Ok(paths)
}

/// What a choice makes of one conflict.
fn outcome(
    store: &Store,
    batch: &Batch,
    base: TreeId,
    one: &Unsettled,
    choice: Choice,
) -> Result<Edits, ConflictsError> {
    let (bases, sides) = (one.conflict.bases(), one.conflict.sides());
    let choice = match choice {
        Choice::Written(age, extent) => written(store, one, age, extent)?,
        choice => choice,
    };
    let term = match choice {
        // Which side that is was told above.
        Choice::Written(..) | Choice::Disk => return Ok(Edits::new()),
        Choice::Parts(pick) => match (one.parts(store)?, &one.face, pick) {
            (Some(parts), Face::Marked { like, .. }, _) => {
                let text = settled_text(&parts, pick);
                let hint = Hint { path: one.path.as_str(), base: None };
                let content = batch.put_content(&text[..], hint)?;
                let node = match like {
                    Node::Executable(_) => Node::Executable(content),
                    _ => Node::File(content),
                };
                return Ok(Edits::from([(one.path.clone(), Some(node))]));
            }
            (_, _, Pick::Ours) => sides.first(),
            (_, _, Pick::Theirs) => sides.last(),
            (_, _, Pick::Both) => return Err(ConflictsError::NoTexts(one.path.clone())),
        },
        Choice::Whole(MergeSide::Ours) => sides.first(),
        Choice::Whole(MergeSide::Theirs) => sides.last(),
        Choice::Base => bases.first(),
    };
    Ok(taken(&one.path, term, |place| Ok(node_at(store, base, place)?.is_none()))?)
}

/// The side that somebody means by its age.
fn written(
    store: &Store,
    one: &Unsettled,
    age: Age,
    extent: Extent,
) -> Result<Choice, ConflictsError> {
    let newer = newer(store, &one.conflict)?;
    let newer = newer.ok_or_else(|| ConflictsError::NoTimes(one.path.clone()))?;
    let side = match age {
        Age::Newer => newer,
        Age::Older => newer.other(),
    };
    Ok(match (extent, side) {
        (Extent::Whole, side) => Choice::Whole(side),
        (Extent::Open, MergeSide::Ours) => Choice::Parts(Pick::Ours),
        (Extent::Open, MergeSide::Theirs) => Choice::Parts(Pick::Theirs),
    })
}

fn newer(store: &Store, conflict: &Conflict) -> Result<Option<MergeSide>, ReadError> {
    match conflict.sides() {
        [ours, theirs] => later(store, [ours, theirs]),
        _ => Ok(None),
    }
}

fn settled_text(parts: &[Part], pick: Pick) -> Vec<u8> {
    let mut text = Vec::new();
    for part in parts {
        match (part, pick) {
            (Part::Settled(lines), _) => text.extend(lines),
            (Part::Open(open), Pick::Ours) => text.extend(&open.ours),
            (Part::Open(open), Pick::Theirs) => text.extend(&open.theirs),
            (Part::Open(open), Pick::Both) => {
                text.extend(&open.ours);
                if !open.ours.is_empty() && !open.ours.ends_with(b"\n") {
                    text.push(b'\n');
                }
                text.extend(&open.theirs);
            }
        }
    }
    text
}

/// The desk with this for the next seal.
pub(crate) fn holding(hand: &Hand<'_>, tree: TreeId) -> Result<Desk, Trouble> {
    let is_base = tree == base_tree(hand.store(), hand.desk())? && !hand.desk().is_fusing();
    Ok(Desk { gathered: (!is_base).then_some(tree), ..hand.desk().clone() })
}

/// What people did about the conflicts of a tree.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Look {
    /// What is settled by that.
    pub(crate) settled: Vec<RepoPath>,
    /// What is in conflict still, with what somebody left between the markers.
    pub(crate) edited: Vec<(RepoPath, Conflict, Vec<Part>)>,
    /// All that is in conflict still.
    pub(crate) open: Vec<RepoPath>,
}

/// Looks at the conflicts at these paths and below them. A file without a marker is settled. What never had one is settled
/// only by its own name, since nobody can see that somebody decided.
pub(crate) fn look(
    hand: &Hand<'_>,
    copy: &Copy,
    index: &Index,
    within: &[RepoPath],
) -> Result<Look, Trouble> {
    let mut look = Look::default();
    for one in unsettled(hand.store(), copy, index.conflicts())? {
        let is_asked = within.iter().any(|named| is_below(&one.path, named));
        let is_named = within.contains(&one.path);
        let settles = match &one.found {
            Found::Unmarked => is_asked,
            Found::Nothing => is_named,
            Found::AsShown | Found::Other => is_named && !one.is_text(),
            Found::Marked(_) | Found::Torn => false,
        };
        if settles {
            look.settled.push(one.path);
            continue;
        }
        look.open.push(one.path.clone());
        if let (Found::Marked(parts), true) = (one.found, is_asked) {
            look.edited.push((one.path, one.conflict, parts));
        }
    }
    Ok(look)
}

impl Look {
    /// The tree in which conflicts have what somebody left between the markers.
    pub(crate) fn kept(&self, hand: &Hand<'_>, tree: TreeId) -> Result<TreeId, Trouble> {
        if self.edited.is_empty() {
            return Ok(tree);
        }
        let (batch, mut edits) = (hand.batch(), Edits::new());
        for (path, conflict, parts) in &self.edited {
            if let Some(conflict) = edited(&batch, conflict, parts)? {
                let id = batch.put_value(&conflict, Hint::NONE)?;
                edits.insert(path.clone(), Some(Node::Conflict(id)));
            }
        }
        let tree = edit(hand.store(), &batch, tree, &edits)?;
        batch.finish()?;
        Ok(tree)
    }
}

/// Takes what people did about conflicts into the tree. Returns it, and what is in conflict still.
pub(crate) fn meet(
    hand: &Hand<'_>,
    copy: &Copy,
    tree: TreeId,
) -> Result<(TreeId, Vec<RepoPath>), Trouble> {
    let index = copy.index(hand.store(), tree)?;
    let look = look(hand, copy, &index, &[RepoPath::default()])?;
    let tree = look.kept(hand, tree)?;
    if look.settled.is_empty() {
        return Ok((tree, look.open));
    }
    let batch = hand.batch();
    let tree = copy.record(&batch, &index, tree, &look.settled)?.tree;
    batch.finish()?;
    Ok((tree, look.open))
}

impl Listed {
    fn of(store: &Store, one: Unsettled) -> Result<Self, ReadError> {
        let open = one.parts(store)?.map(|parts| {
            let is_open = |part: &&Part| matches!(part, Part::Open(_));
            parts.iter().filter(is_open).count()
        });
        let state = match (&one.found, open) {
            (Found::AsShown | Found::Marked(_), Some(open)) => State::Marked(open),
            (Found::AsShown | Found::Marked(_), None) => State::Side,
            (Found::Torn, _) => State::Torn,
            (Found::Unmarked, _) => State::Unmarked,
            (Found::Other | Found::Nothing, _) => State::Changed,
        };
        Ok(Self { path: one.path, conflict: one.conflict, state })
    }
}

/// Whether the path is this one or below it.
fn is_below(path: &RepoPath, by: &RepoPath) -> bool {
    let rest = path.as_str().strip_prefix(by.as_str());
    by.is_top() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
