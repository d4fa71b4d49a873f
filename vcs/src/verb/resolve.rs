//! Conflicts that another program settles.

use selkie_store::{Conflict, Hint, Node, RepoPath, Store, Term};

use crate::conflict::{Face, text_of};
use crate::markers::{Read, read};
use crate::operation::Files;
use crate::tree::edit::{Edits, edit};
use crate::tree::fuse::content::Part;
use crate::verb::conflicts::{ConflictsError, holding};
use crate::verb::trouble::Trouble;
use crate::work::follow::FollowError;
use crate::work::unsettled::unsettled;
use crate::workspace::{Doer, Workspace, known};

/// What another program is given of a conflict of two files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Texts {
    /// What there was before either side, if there was one.
    pub base: Vec<u8>,
    /// What the first side has.
    pub ours: Vec<u8>,
    /// What the last side has.
    pub theirs: Vec<u8>,
    /// What the file has, between markers where it is open.
    pub here: Vec<u8>,
    /// How long the markers are; none if the file shows none.
    markers: Option<usize>,
}

/// How far a text is on its way to be settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Left {
    /// It has no markers.
    Nothing,
    /// So many parts stand between markers.
    Open(usize),
    /// There are markers, and they do not fit each other.
    Torn,
}

/// What becomes of a conflict with a text that somebody made for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The text settles it.
    Settled,
    /// The text is in the file, and the conflict is as open as that leaves it.
    Open,
}

impl Texts {
    /// How far this text would settle the conflict.
    #[must_use]
    pub fn left(&self, text: &[u8]) -> Left {
        let Some(length) = self.markers else { return Left::Nothing };
        match read(text, length) {
            Read::Settled => Left::Nothing,
            Read::Torn => Left::Torn,
            Read::Open(parts) => {
                let is_open = |part: &&Part| matches!(part, Part::Open(_));
                Left::Open(parts.iter().filter(is_open).count())
            }
        }
    }
}

/// The texts of a conflict.
///
/// # Errors
///
/// There is none at this path, or it is not one of two files.
pub fn texts(workspace: &Workspace, path: &RepoPath) -> Result<Texts, ConflictsError> {
    let (store, copy) = (workspace.repository().store(), workspace.copy());
    let mut conflicts = copy.index(store, workspace.known()?)?.conflicts();
    conflicts.retain(|(own, _)| own == path);
    let one = unsettled(store, copy, conflicts)?.pop();
    let one = one.ok_or_else(|| ConflictsError::NotOne(path.clone()))?;
    let three = three(store, &one.conflict)?;
    let [base, ours, theirs] = three.ok_or_else(|| ConflictsError::NoTexts(path.clone()))?;
    let markers = match one.face {
        Face::Marked { length, .. } => Some(length),
        Face::Side(_) | Face::Nothing => None,
    };
    let known = Node::Conflict(one.id);
    let read = copy.text(store, path, Some(&known)).map_err(FollowError::from)?;
    let here = match (read, markers) {
        (Some(here), _) => here,
        (None, Some(_)) => one.shown(store)?,
        (None, None) => ours.clone(),
    };
    Ok(Texts { base, ours, theirs, here, markers })
}

/// The contents of base and sides, if both sides are files.
fn three(store: &Store, conflict: &Conflict) -> Result<Option<[Vec<u8>; 3]>, Trouble> {
    let bytes = |term: &Term| match &term.node {
        Some(node) => text_of(store, node),
        None => Ok(None),
    };
    let base = match conflict.bases() {
        [] => Some(Vec::new()),
        [base] => bytes(base)?,
        _ => None,
    };
    let [ours, theirs] = conflict.sides() else { return Ok(None) };
    let (Some(base), Some(ours), Some(theirs)) = (base, bytes(ours)?, bytes(theirs)?) else {
        return Ok(None);
    };
    Ok(Some([base, ours, theirs]))
}

/// Puts a text where a conflict is. What the file had is recorded first, so that an undo brings it back.
///
/// # Errors
///
/// There is no conflict at this path any more, or the text can not be put there.
pub fn put(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    (path, text): (&RepoPath, &[u8]),
    ending: Ending,
) -> Result<(), ConflictsError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let base = known(&store, hand.desk())?;
    let index = copy.index(&store, base)?;
    let mut conflicts = index.conflicts();
    conflicts.retain(|(own, _)| own == path);
    let one = unsettled(&store, copy, conflicts)?.pop();
    let one = one.ok_or_else(|| ConflictsError::NotOne(path.clone()))?;
    let batch = hand.batch();
    let before = copy.record(&batch, &index, base, std::slice::from_ref(path))?.tree;
    let content = batch.put_content(text, Hint { path: path.as_str(), base: None })?;
    batch.finish()?;
    let like = match one.face {
        Face::Marked { like, .. } | Face::Side(like) => Some(like),
        Face::Nothing => None,
    };
    let node = match like {
        Some(Node::Executable(_)) => Node::Executable(content),
        Some(_) | None => Node::File(content),
    };
    let (batch, edits) = (hand.batch(), Edits::from([(path.clone(), Some(node))]));
    let after = edit(&store, &batch, before, &edits)?;
    let desk = match ending {
        Ending::Open => hand.desk().clone(),
        Ending::Settled => holding(&hand, edit(&store, &batch, base, &edits)?)?,
    };
    batch.finish()?;
    let mut operation = hand.operation(typed, desk);
    operation.files = (before != after).then_some(Files { before, after });
    Ok(hand.perform(&operation)?)
}
