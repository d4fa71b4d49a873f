//! Conflicts, settled one open part at a time: what is open, what somebody decided of it so far, and how that comes
//! into the files.
//!
//! Three things that are easily mixed up have three names. A *draft* is what somebody decided and nobody sees but this
//! clone. A conflict is *settled* once its file is written and known without it. It is *sealed* by the next seal.
//!
//! The heads of a timeline that diverged are settled in the same way; what comes of them is a seal at once.

use selkie_store::{Batch, Conflict, Hint, Node, RepoPath, Store, TreeId};

use crate::conflict::{Face, marked_parts, text_of};
use crate::desk::Desk;
use crate::markers::{Read, read};
use crate::operation::Files;
use crate::repository::Hand;
use crate::rules::Rules;
use crate::tree::edit::{Edits, edit};
use crate::tree::fuse::content;
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::taken::taken;
use crate::verb::conflicts::holding;
use crate::verb::settling::aspect::{instead, moved};
use crate::verb::settling::turned::Turner;
use crate::work::follow::Copy;
use crate::work::unsettled::{Unsettled, unsettled};
use crate::workspace::{Doer, Workspace, known};

mod aspect;
mod attribute;
mod case;
mod declined;
mod diverged;
mod draft;
mod error;
mod heads;
mod near;
mod new_rule;
mod offers;
mod part;
mod picked;
mod record;
mod sought;
mod sweep;
mod take;
mod turned;
mod verdict;

pub use self::aspect::{About, Aspect, Had};
pub use self::attribute::{Attribute, SaidRule, Tabulated, tabulate};
pub use self::case::{Case, Shape, cases};
pub use self::declined::Declined;
pub use self::diverged::{Diverged, Stands, Tip, Would};
pub use self::draft::{Change, Draft, Note};
pub use self::error::SettlingError;
pub use self::heads::{diverged, foresee};
pub use self::near::{near, near_of};
pub use self::new_rule::{NewRule, NewRuleError};
pub use self::offers::{Offer, offers};
pub use self::part::{Open, PartId, Piece};
pub use self::picked::{Picked, PickedError, PickedLine, Whose};
pub use self::record::Drafted;
pub use self::sought::sought;
pub use self::sweep::{Sort, Sweep, Swept};
pub use self::take::{Take, TakeWordError};
pub use self::turned::{Outcome, Turned};
pub use self::verdict::{First, Verdict};

/// What came of a draft.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Finished {
    /// Paths that are in conflict no more.
    pub settled: Vec<RepoPath>,
    /// Paths whose file has what was decided, and is open in other places.
    pub begun: Vec<RepoPath>,
    /// What came into the file of rules.
    pub rules: Vec<NewRule>,
    /// Timelines that had diverged.
    pub turned: Vec<Turned>,
}

/// Puts what the draft says into the files and before the next seal, and gives timelines that diverged the heads that it says, all
/// in one operation. What was in the files is recorded first, so that an undo brings it back byte for byte.
///
/// A file of which some parts are open still has what was decided, and the rest between markers.
///
/// # Errors
///
/// See [`SettlingError`].
pub fn finish(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    cases: &[Case],
    draft: &Draft,
) -> Result<Finished, SettlingError> {
    let decided: Vec<&Case> = cases.iter().filter(|case| case.is_touched(draft)).collect();
    let (heads, files): (Vec<&Case>, Vec<&Case>) =
        decided.into_iter().partition(|case| case.diverged().is_some());
    let (mut hand, copy) = workspace.take(doer)?;
    let mut operation = hand.operation(typed, hand.desk().clone());
    let mut finished = Finished::default();
    let is_about_files = !files.is_empty() || !draft.rules().is_empty();
    if is_about_files {
        let written;
        (written, finished) = write(&hand, copy, &files, draft)?;
        (operation.after, operation.files) = (written.desk, written.files);
    }
    let turner = Turner { hand: &hand, copy, doer };
    let verdict = |diverged: &Diverged| draft.verdict(diverged.part);
    let heads = heads.iter().filter_map(|case| case.diverged());
    let heads = heads.filter_map(|diverged| Some((diverged, verdict(diverged)?)));
    for (number, (diverged, verdict)) in (0..).zip(heads) {
        let turn = turner.turn(diverged, verdict, number)?;
        operation.moves.extend(turn.moves);
        finished.turned.push(turn.turned);
        if let Some((desk, files)) = turn.along {
            if is_about_files {
                return Err(SettlingError::Together(diverged.timeline.clone()));
            }
            operation.after = desk;
            operation.files = (files.before != files.after).then_some(files);
        }
    }
    hand.perform(&operation)?;
    Ok(finished)
}

/// What becomes of the desk and of the files.
struct Written {
    desk: Desk,
    files: Option<Files>,
}

/// What the draft makes of files.
#[derive(Default)]
struct Made {
    /// What comes before the next seal, and onto the disk.
    settled: Edits,
    /// What is on disk beyond that.
    begun: Edits,
    /// Files that are elsewhere now as they are on disk: from where, and as what.
    carried: Vec<(RepoPath, Unsettled)>,
    finished: Finished,
}

impl Made {
    fn add(
        &mut self,
        (store, batch, base): (&Store, &Batch, TreeId),
        case: &Case,
        one: &Unsettled,
        draft: &Draft,
    ) -> Result<(), SettlingError> {
        let apart = instead(batch, &case.aspects, one, draft)?;
        let now = apart.as_ref().unwrap_or(one);
        if now.path != one.path && node_at(store, base, &now.path)?.is_some() {
            return Err(SettlingError::Taken(now.path.clone()));
        }
        let edits = outcome(store, batch, base, case, now, draft)?;
        if case.is_decided(draft) {
            self.settled.insert(case.path.clone(), None);
            self.settled.extend(edits);
            self.finished.settled.push(now.path.clone());
            return Ok(());
        }
        if apart.is_some() {
            self.settled.extend(moved(&case.path, &now.path, Node::Conflict(now.id)));
            if edits.is_empty() {
                self.carried.push((one.path.clone(), now.clone()));
            } else if now.path != one.path {
                self.begun.insert(case.path.clone(), None);
            }
        }
        self.begun.extend(edits);
        self.finished.begun.push(now.path.clone());
        Ok(())
    }

    /// Takes files along that are not decided themselves, from the tree that has what is on disk.
    fn carry(&mut self, store: &Store, disk: TreeId) -> Result<(), SettlingError> {
        for (from, to) in std::mem::take(&mut self.carried) {
            let node = node_at(store, disk, &from)?;
            self.begun.insert(from, None);
            self.begun.extend(node.map(|node| (to.path.clone(), Some(to.with_mode(node)))));
        }
        Ok(())
    }
}

/// Makes what the draft says of files, and does not put it there.
fn write(
    hand: &Hand<'_>,
    copy: &Copy,
    decided: &[&Case],
    draft: &Draft,
) -> Result<(Written, Finished), SettlingError> {
    let store = hand.store().clone();
    let base = known(&store, hand.desk())?;
    let index = copy.index(&store, base)?;
    let mut conflicts = index.conflicts();
    let rules = (!draft.rules().is_empty()).then(Rules::path);
    if conflicts.iter().any(|(path, _)| Some(path) == rules.as_ref()) {
        return Err(SettlingError::Rules);
    }
    conflicts.retain(|(path, _)| decided.iter().any(|case| case.path == *path));
    let mut paths: Vec<RepoPath> = conflicts.iter().map(|(path, _)| path.clone()).collect();
    paths.extend(rules);
    let found = unsettled(&store, copy, conflicts)?;
    for case in decided {
        if !found.iter().any(|one| case.is_still(one)) {
            return Err(SettlingError::Changed(case.path.clone()));
        }
    }
    let batch = hand.batch();
    let before = copy.record(&batch, &index, base, &paths)?.tree;
    let mut made = Made::default();
    made.finished.rules = draft.rules().to_vec();
    for (case, one) in decided.iter().filter_map(|case| Some((case, of(case, &found)?))) {
        made.add((&store, &batch, base), case, one, draft)?;
    }
    // What was recorded is read again below.
    batch.finish()?;
    made.carry(&store, before)?;
    let Made { mut settled, mut begun, finished, .. } = made;
    let is_gathered = !settled.is_empty();
    let batch = hand.batch();
    match ruled(&store, &batch, [base, before], &finished.rules)? {
        Ruled::Gathered(edits) => settled.extend(edits),
        Ruled::OnDisk(edits) => begun.extend(edits),
    }
    let gathered = edit(&store, &batch, base, &settled)?;
    let after = edit(&store, &batch, before, &settled.into_iter().chain(begun).collect())?;
    batch.finish()?;
    let desk = if is_gathered { holding(hand, gathered)? } else { hand.desk().clone() };
    let files = (before != after).then_some(Files { before, after });
    Ok((Written { desk, files }, finished))
}

/// What becomes of the file of rules.
enum Ruled {
    /// It comes before the next seal.
    Gathered(Edits),
    /// Somebody is at work on it, and what they did is not gathered: so this is not either.
    OnDisk(Edits),
}

/// The file of rules with new ones, from the tree before the next seal and from what is on disk.
fn ruled(
    store: &Store,
    batch: &Batch,
    [base, before]: [TreeId; 2],
    rules: &[NewRule],
) -> Result<Ruled, SettlingError> {
    if rules.is_empty() {
        return Ok(Ruled::OnDisk(Edits::new()));
    }
    let place = Rules::path();
    let here = node_at(store, before, &place)?;
    let file = match &here {
        Some(node) => text_of(store, node)?.ok_or(SettlingError::Rules)?,
        None => Vec::new(),
    };
    let text = NewRule::added(rules, &file)?;
    let content = batch.put_content(&text[..], Hint { path: place.as_str(), base: None })?;
    let is_gathered = node_at(store, base, &place)? == here;
    let edits = Edits::from([(place, Some(Node::File(content)))]);
    Ok(if is_gathered { Ruled::Gathered(edits) } else { Ruled::OnDisk(edits) })
}

fn of<'u>(case: &Case, found: &'u [Unsettled]) -> Option<&'u Unsettled> {
    found.iter().find(|one| one.path == case.path)
}

/// What the draft makes of one path.
fn outcome(
    store: &Store,
    batch: &Batch,
    base: TreeId,
    case: &Case,
    one: &Unsettled,
    draft: &Draft,
) -> Result<Edits, SettlingError> {
    match (&case.shape, &one.face) {
        (Shape::Text(pieces), Face::Marked { length, like }) => {
            let text = text(&one.conflict, case, pieces, *length, draft)?;
            let content =
                batch.put_content(&text[..], Hint { path: one.path.as_str(), base: None })?;
            let node = match like {
                Node::Executable(_) => Node::Executable(content),
                _ => Node::File(content),
            };
            Ok(Edits::from([(one.path.clone(), Some(node))]))
        }
        (Shape::Whole(id), _) => {
            let (bases, sides) = (one.conflict.bases(), one.conflict.sides());
            let term = match draft.verdict(*id) {
                Some(Verdict::Side(side)) => sides.get(usize::from(*side)),
                Some(Verdict::Base) => bases.first(),
                // What is no text has no lines.
                Some(
                    Verdict::Both(_)
                    | Verdict::Nothing
                    | Verdict::Lines(_)
                    | Verdict::Offer { .. }
                    | Verdict::Text(_)
                    | Verdict::Fuse
                    | Verdict::Apart,
                )
                | None => return Ok(Edits::new()),
            };
            Ok(taken(&one.path, term, |place| Ok(node_at(store, base, place)?.is_none()))?)
        }
        (
            Shape::Text(_) | Shape::Heads(_) | Shape::Merged(_) | Shape::Torn | Shape::Unmarked,
            _,
        ) => Err(SettlingError::Changed(case.path.clone())),
    }
}

/// The text with what was decided, and with markers where nothing was.
fn text(
    conflict: &Conflict,
    case: &Case,
    pieces: &[Piece],
    length: usize,
    draft: &Draft,
) -> Result<Vec<u8>, SettlingError> {
    let mut parts: Vec<content::Part> = Vec::new();
    for piece in pieces {
        let decided = match piece {
            Piece::Settled(lines) | Piece::Merged { text: lines, .. } => Ok(lines.to_vec()),
            Piece::Open(open) => {
                let verdict = draft.verdict(open.id).ok_or(open);
                verdict.map(|verdict| verdict.lines(&open.versions).into_owned())
            }
        };
        let lines = match decided {
            Ok(lines) => lines,
            Err(open) => {
                parts.push(content::Part::Open(open.versions.clone()));
                continue;
            }
        };
        match parts.last_mut() {
            Some(content::Part::Settled(before)) => before.extend(lines),
            Some(content::Part::Open(_)) | None => parts.push(content::Part::Settled(lines)),
        }
    }
    if let [content::Part::Settled(whole)] = &mut parts[..] {
        return Ok(std::mem::take(whole));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let changed = || SettlingError::Changed(case.path.clone());
    let text = marked_parts(conflict, &parts, length).ok_or_else(changed)?;
    let is_open = |part: &&content::Part| matches!(part, content::Part::Open(_));
    let open: Vec<_> = parts.iter().filter(is_open).collect();
    match read(&text, length) {
        Read::Open(found) if found.iter().filter(is_open).eq(open.iter().copied()) => Ok(text),
        Read::Open(_) | Read::Settled | Read::Torn => {
            Err(SettlingError::Markers(case.path.clone()))
        }
    }
}
