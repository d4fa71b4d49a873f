//! Bringing timelines together.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Batch, Hint, RepoPath, Seal, SealId, TooLarge, TreeId, sign};
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::few::few;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::heads::fold_heads;
use crate::lineage::{How, Lineage};
use crate::memory::Memory;
use crate::operation::Files;
use crate::repository::Hand;
use crate::rules::read::RulesError;
use crate::strategy::Strategy;
use crate::tree::fuse::fused::{Decision, Fused};
use crate::tree::fuse::source::Arbiter;
use crate::verb::commanded::{Answer, answered};
use crate::verb::decided::{listed, notes};
use crate::verb::seal::{advance, change};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::work::write::plan::Blocked;
use crate::workspace::{Doer, Workspace, known};

/// What is to be brought together, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// What.
    pub what: What,
    /// Whether the timeline may just move on.
    pub forward: Forward,
    /// Who says how it is settled what both sides changed.
    pub arbiter: Arbiter,
    /// What the seal says, if not what it always says.
    pub message: Option<String>,
    /// What commands made of conflicts that a preview told.
    pub answers: BTreeMap<RepoPath, Answer>,
}

/// What is brought together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// The newest seals of the timeline that the clone stands on.
    Heads,
    /// Where the clone stands, and these seals, with what people call each.
    Seals(Vec<(SealId, String)>),
}

/// What happens if the other seal came from this one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Forward {
    /// The timeline moves on to it.
    Move,
    /// A seal is made all the same.
    Seal,
}

/// What a fuse would do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Planned {
    /// Nothing: all of it is here.
    Nothing,
    /// The timeline moves on to this seal.
    Forward {
        /// Where to.
        to: SealId,
        /// The files that differ there.
        files: Vec<RepoPath>,
    },
    /// A seal of several.
    Together(Box<Together>),
}

/// Several seals in one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Together {
    /// What it is made from, first whose changes come first.
    pub parents: Vec<SealId>,
    /// Its message, if nobody gives another.
    pub message: String,
    /// Its content.
    pub fused: Fused,
}

/// What a fuse did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Done {
    /// Nothing: all of it was here.
    Nothing,
    /// The timeline moved on to this seal.
    Forward(SealId),
    /// It is sealed.
    Sealed {
        /// The seal.
        id: SealId,
        /// What it says.
        seal: Box<Seal>,
        /// What was decided without asking.
        decisions: Vec<Decision>,
        /// Why the rules said nothing, if somebody wrote some.
        broken: Option<RulesError>,
    },
    /// There are conflicts: it is gathered for the next seal.
    Open {
        /// Where.
        conflicts: Vec<RepoPath>,
        /// What was decided without asking.
        decisions: Vec<Decision>,
        /// Why the rules said nothing, if somebody wrote some.
        broken: Option<RulesError>,
        /// The names of commands that rules want to settle conflicts, by path.
        commands: BTreeMap<RepoPath, String>,
    },
}

/// Why nothing was brought together. All is as it was.
#[derive(Debug, Error)]
pub enum FuseError {
    /// The clone stands on a seal and not on a timeline.
    #[error("no timeline is there to go on")]
    NoTimeline,
    /// The timeline has one newest seal.
    #[error("timeline '{0}' has not diverged")]
    NotDiverged(String),
    /// Nothing is sealed there.
    #[error("there is no seal yet to fuse with")]
    NoSeal,
    /// Something is gathered, and the next seal is to be the fuse.
    #[error("something is gathered")]
    Gathered,
    /// A fuse is under way.
    #[error("a fuse is under way")]
    Underway,
    /// No fuse is under way.
    #[error("no fuse is under way")]
    NotUnderway,
    /// The histories have no seal in common.
    #[error("'{0}' has no seal in common with this timeline")]
    Unrelated(String),
    /// Files have changes of somebody's own where the fuse has other contents.
    #[error("changed files that the fuse changes too: {}", few(.0.iter().map(|one| &one.path)))]
    Blocked(Vec<Blocked>),
    /// The seal would not fit its format.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for FuseError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Arbiter what a fuse would do, and does nothing.
///
/// # Errors
///
/// See [`FuseError`].
pub fn preview(
    workspace: &mut Workspace,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<Planned, FuseError> {
    let (hand, _) = workspace.take(doer)?;
    // The batch is not finished, so that nothing of it is kept.
    plan(&hand, &hand.batch(), wanted)
}

/// Brings timelines together. Changes of files that the fuse leaves alone are carried.
///
/// What both sides changed without being able to be brought together is in conflict: then the content
/// is gathered, the files show it, and the next seal has both sides for parents.
///
/// # Errors
///
/// See [`FuseError`].
pub fn fuse(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    wanted: &Wanted,
) -> Result<Done, FuseError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let batch = hand.batch();
    let planned = plan(&hand, &batch, wanted)?;
    batch.finish()?;
    match planned {
        Planned::Nothing => Ok(Done::Nothing),
        Planned::Forward { to, .. } => forward(&mut hand, copy, typed, to),
        Planned::Together(together) if together.fused.conflicts.is_empty() => {
            sealed(&mut hand, copy, doer, typed, *together, wanted.message.clone())
        }
        Planned::Together(together) => {
            let asked = match wanted.arbiter {
                Arbiter::Asked(strategy) => Some(strategy),
                Arbiter::Nobody | Arbiter::Trees => None,
            };
            open(&mut hand, copy, typed, *together, asked)
        }
    }
}

/// Lets go of a fuse that is under way. What somebody did to the files that it wrote is recorded first, so that
/// an undo brings it back.
///
/// # Errors
///
/// See [`FuseError`].
pub fn abort(workspace: &mut Workspace, doer: &Doer, typed: String) -> Result<(), FuseError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let [own, _, ..] = hand.desk().bases[..] else { return Err(FuseError::NotUnderway) };
    let store = hand.store().clone();
    let fused = known(&store, hand.desk())?;
    let own_tree = store.load::<Seal>(own)?.tree;
    let index = copy.index(&store, fused)?;
    let against = index.against(&store, own_tree, copy.folding()).map_err(Trouble::from)?;
    let paths: Vec<RepoPath> =
        against.differences.iter().map(|difference| difference.path.clone()).collect();
    let batch = hand.batch();
    let before = copy.record(&batch, &index, fused, &paths)?.tree;
    batch.finish()?;
    let desk = Desk { bases: vec![own], gathered: None, asked: None, ..hand.desk().clone() };
    let mut operation = hand.operation(typed, desk);
    operation.files = Some(Files { before, after: own_tree });
    Ok(hand.perform(&operation)?)
}

/// The seals in question, in the order in which they are brought together.
struct Parties {
    seals: Vec<SealId>,
    /// What each is called.
    called: Vec<String>,
}

fn plan(hand: &Hand<'_>, batch: &Batch, wanted: &Wanted) -> Result<Planned, FuseError> {
    let (store, desk) = (hand.store(), hand.desk());
    let timeline = desk.timeline.as_deref().ok_or(FuseError::NoTimeline)?;
    if desk.is_fusing() {
        return Err(FuseError::Underway);
    }
    if desk.gathered.is_some() {
        return Err(FuseError::Gathered);
    }
    let mut chronicle = hand.chronicle()?;
    let parties = match &wanted.what {
        What::Heads => heads(hand, &mut chronicle, timeline)?,
        What::Seals(seals) => {
            chronicle.enter(&seals.iter().map(|(seal, _)| *seal).collect())?;
            let Some(parties) = asked(hand, &mut chronicle, timeline, seals)? else {
                return Ok(Planned::Nothing);
            };
            parties
        }
    };
    let Parties { seals, called } = parties;
    if let [from, to] = seals[..]
        && wanted.forward == Forward::Move
        && chronicle.ask(|graph| came_from(graph, from, to))?
    {
        return Ok(Planned::Forward { to, files: files_to(hand, from, to)? });
    }
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, &seals)?))?;
    let lineage = lineage.ok_or(FuseError::NoSeal)?;
    if let Some(stranger) = lineage.stranger() {
        let at = seals.iter().position(|seal| *seal == stranger).unwrap_or_default();
        return Err(FuseError::Unrelated(called[at].clone()));
    }
    let notes = notes(store, &seals, &called)?;
    let how = How { arbiter: wanted.arbiter, memory: Memory::of(store, hand.shared()) };
    let fused = lineage.fuse(store, batch, &|| hand.batch(), &notes, how)?;
    let ours = store.load::<Seal>(seals[0])?.tree;
    let fused = answered(fused, store, batch, ours, &wanted.answers)?;
    let message = match &wanted.what {
        What::Heads => format!("Fuse the heads of {timeline}"),
        What::Seals(_) => format!("Fuse {} into {timeline}", called[1..].join(", ")),
    };
    Ok(Planned::Together(Box::new(Together { parents: seals, message, fused })))
}

/// The newest seals of the timeline, the earlier ones first: the same order on every replica.
fn heads(hand: &Hand<'_>, chronicle: &mut Chronicle, timeline: &str) -> Result<Parties, FuseError> {
    let heads = hand.heads_of(timeline).ok_or(FuseError::NoSeal)?;
    let mut seals = chronicle.ask(|graph| {
        let mut found = Vec::new();
        for head in fold_heads(graph, &heads)? {
            let row = graph.row(head)?;
            found.push((row.map(|row| graph.time(row)).transpose()?, head));
        }
        Ok::<_, GrowError>(found)
    })?;
    if seals.len() < 2 {
        return Err(FuseError::NotDiverged(timeline.to_owned()));
    }
    seals.sort_unstable();
    let seals: Vec<SealId> = seals.into_iter().map(|(_, head)| head).collect();
    let called = vec![timeline.to_owned(); seals.len()];
    Ok(Parties { seals, called })
}

/// Where the clone stands, and of the seals that were asked for those that bring something. None if none does.
fn asked(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    asked: &[(SealId, String)],
) -> Result<Option<Parties>, FuseError> {
    let own = *hand.desk().bases.first().ok_or(FuseError::NoSeal)?;
    let mut parties = Parties { seals: vec![own], called: vec![timeline.to_owned()] };
    for (seal, called) in asked {
        let others = asked.iter().map(|(other, _)| *other).filter(|other| other != seal);
        let others: Vec<SealId> = others.chain(parties.seals.iter().copied()).collect();
        let is_here = chronicle.ask(|graph| {
            others.iter().try_fold(false, |is_here, other| {
                Ok::<_, GrowError>(is_here || came_from(graph, *seal, *other)?)
            })
        })?;
        if !is_here && !parties.seals.contains(seal) {
            parties.seals.push(*seal);
            parties.called.push(called.clone());
        }
    }
    Ok((parties.seals.len() > 1).then_some(parties))
}

fn came_from(graph: &Graph, ancestor: SealId, descendant: SealId) -> Result<bool, GrowError> {
    let rows = (graph.row(ancestor)?, graph.row(descendant)?);
    let (Some(ancestor), Some(descendant)) = rows else { return Ok(false) };
    Ok(graph.is_ancestor(ancestor, descendant)?)
}

/// The files that differ between a seal and one that came from it.
fn files_to(hand: &Hand<'_>, from: SealId, to: SealId) -> Result<Vec<RepoPath>, Trouble> {
    let begin = || hand.batch();
    let how = How { arbiter: Arbiter::Nobody, memory: Memory::default() };
    let fused = Lineage::of(from, to).fuse(hand.store(), &begin(), &begin, &[], how)?;
    Ok(fused.edits.into_keys().collect())
}

fn forward(hand: &mut Hand<'_>, copy: &Copy, typed: String, to: SealId) -> Result<Done, FuseError> {
    let after = hand.store().load::<Seal>(to)?.tree;
    let files = way(hand, copy, after)?;
    let timeline = hand.desk().timeline.clone().ok_or(FuseError::NoTimeline)?;
    let mut operation = hand.operation(typed, Desk { bases: vec![to], ..hand.desk().clone() });
    advance(hand, &mut operation, timeline, to, &[]);
    operation.files = Some(files);
    hand.perform(&operation)?;
    Ok(Done::Forward(to))
}

fn sealed(
    hand: &mut Hand<'_>,
    copy: &Copy,
    doer: &Doer,
    typed: String,
    together: Together,
    message: Option<String>,
) -> Result<Done, FuseError> {
    let Together { parents, message: usual, fused } = together;
    let files = way(hand, copy, fused.tree)?;
    let timeline = hand.desk().timeline.clone().ok_or(FuseError::NoTimeline)?;
    let time = hand.time();
    let seal = Seal {
        tree: fused.tree,
        parents: parents.clone(),
        change: change(hand.writer(), time.to_u64(), 0),
        time,
        zone_minutes: doer.zone_minutes,
        author: doer.author.clone(),
        message: message.unwrap_or(usual),
        replaces: BTreeSet::new(),
        labels: listed(&fused.decisions),
        signature: None,
    };
    let seal = sign(seal, hand.writer().key())?;
    let batch = hand.batch();
    let id = batch.put_value(&seal, Hint::NONE)?;
    batch.finish()?;
    let desk = Desk { bases: vec![id], ..hand.desk().clone() };
    let mut operation = hand.operation(typed, desk);
    // Its parents are no heads any more, wherever the clone stood.
    advance(hand, &mut operation, timeline, id, &parents);
    operation.files = Some(files);
    hand.perform(&operation)?;
    let Fused { decisions, broken, .. } = fused;
    Ok(Done::Sealed { id, seal: Box::new(seal), decisions, broken })
}

fn open(
    hand: &mut Hand<'_>,
    copy: &Copy,
    typed: String,
    together: Together,
    asked: Option<Strategy>,
) -> Result<Done, FuseError> {
    let Together { parents, fused, .. } = together;
    let files = way(hand, copy, fused.tree)?;
    let desk = Desk { bases: parents, gathered: Some(fused.tree), asked, ..hand.desk().clone() };
    let mut operation = hand.operation(typed, desk);
    operation.files = Some(files);
    hand.perform(&operation)?;
    let Fused { conflicts, decisions, broken, commands, .. } = fused;
    let conflicts = conflicts.into_keys().collect();
    Ok(Done::Open { conflicts, decisions, broken, commands })
}

/// What the files become. Fails if somebody's own changes are in the way.
fn way(hand: &Hand<'_>, copy: &Copy, after: TreeId) -> Result<Files, FuseError> {
    let before = known(hand.store(), hand.desk())?;
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if plan.blocked.is_empty() {
        Ok(Files { before, after })
    } else {
        Err(FuseError::Blocked(plan.blocked))
    }
}
