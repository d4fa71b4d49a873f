//! Histories that are written anew: which seals that takes, which timelines lead to them, and how a clone gets there.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Seal, SealId};
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::graph::walk::Line;
use crate::heads::fold_heads;
use crate::operation::Files;
use crate::repository::{Hand, PerformError};
use crate::seal_name::SealName;
use crate::shared::{Attribute, Move, Named, ids, spelled};
use crate::shelf::Comes;
use crate::verb::aside::{Brought, Unsealed, bring};
use crate::verb::crossing::{Crossing, CrossingError, Shelved, Shore, Unfinished, cross};
use crate::verb::replay::{Played, Replay, Replayed};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::workspace::{Doer, Workspace};

/// What becomes of other timelines that lead to seals that are made again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Others {
    /// They stay where they are.
    Stay,
    /// Their seals are made again too, and they lead to the new ones.
    Come,
}

/// What was made again, or would be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rewritten {
    /// Each seal, what it came from first.
    pub seals: Vec<Replayed>,
    /// The timelines that lead to what was made.
    pub moved: Vec<String>,
    /// Other timelines, which still lead to seals that were made again.
    pub stayed: Vec<String>,
    /// Seals that nothing was made of, and to which no timeline that moved leads any more.
    pub left: Vec<SealId>,
    /// Where the timeline is now, if no seal had to be made for that.
    pub forward: Option<SealId>,
    /// What became of unfinished work.
    pub shelved: Shelved,
}

/// Why nothing was made again. All is as it was.
#[derive(Debug, Error)]
pub enum RewriteError {
    /// The clone stands on a seal and not on a timeline.
    #[error("no timeline is there to go on")]
    NoTimeline,
    /// Nothing is sealed there.
    #[error("there is no seal yet")]
    NoSeal,
    /// No seal was named.
    #[error("that means no seal")]
    Nothing,
    /// There is no such timeline.
    #[error("there is no timeline '{0}'")]
    Unknown(String),
    /// A seal is not in the timeline that is to be written anew.
    #[error("timeline '{timeline}' has not all of these seals")]
    Elsewhere {
        /// The timeline.
        timeline: String,
    },
    /// The seals would be moved onto one that came from them.
    #[error("that seal came from what would be moved onto it")]
    Circle,
    /// The seal has fewer parents.
    #[error("'{0}' was not made from so many seals")]
    Parent(SealName),
    /// The seal was made from several.
    #[error("'{0}' brought several seals together")]
    Several(SealName),
    /// The seal is the first of all.
    #[error("nothing is before '{0}'")]
    First(SealName),
    /// Seals that do not come one after the other.
    #[error("these seals are no line, each made from the one before")]
    NoLine,
    /// One seal, which is to be one with others.
    #[error("that is one seal, and nothing to put it together with")]
    Alone,
    /// Of a seal that is to be two, no part was chosen.
    #[error("nothing of that seal was chosen")]
    NoPart,
    /// All of it was.
    #[error("all of that seal was chosen, and nothing is left for a second one")]
    Whole,
    /// Parts were chosen, and then another command changed what they are of.
    #[error("something else was done here meanwhile")]
    Moved,
    /// Unfinished work keeps the clone where it stands.
    #[error(transparent)]
    Work(CrossingError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for RewriteError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The timeline that the clone stands on, and the seal.
pub(crate) fn standing(hand: &Hand<'_>) -> Result<(String, SealId), RewriteError> {
    let desk = hand.desk();
    if desk.is_fusing() {
        return Err(RewriteError::Work(CrossingError::Underway));
    }
    let timeline = desk.timeline.clone().ok_or(RewriteError::NoTimeline)?;
    Ok((timeline, *desk.bases.first().ok_or(RewriteError::NoSeal)?))
}

/// A plan that makes seals on top of the one that is given, and says which is the last.
pub(crate) trait OnTop:
    for<'h, 'r> FnOnce(&'h Hand<'r>, SealId) -> Result<(Replay<'h, 'r>, SealId), RewriteError>
{
}

impl<P> OnTop for P where
    P: for<'h, 'r> FnOnce(&'h Hand<'r>, SealId) -> Result<(Replay<'h, 'r>, SealId), RewriteError>
{
}

/// Says what a plan would make on top of where the clone stands, and makes nothing.
pub(crate) fn foretell_on_top(
    workspace: &mut Workspace,
    doer: &Doer,
    plan: impl OnTop,
) -> Result<Rewritten, RewriteError> {
    let (hand, _) = workspace.take(doer)?;
    let (timeline, base) = standing(&hand)?;
    let (replay, _) = plan(&hand, base)?;
    Ok(Rewritten { seals: replay.preview().seals, moved: vec![timeline], ..Rewritten::default() })
}

/// Makes what a plan says on top of where the clone stands.
pub(crate) fn carry_out_on_top(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    unfinished: Unfinished,
    plan: impl OnTop,
) -> Result<Rewritten, RewriteError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let (timeline, base) = standing(&hand)?;
    let (replay, tip) = plan(&hand, base)?;
    let seals = replay.finish()?.seals;
    let went = (&BTreeMap::from([(base, tip)]), &[timeline][..]);
    let (moved, shelved) = land(&mut hand, copy, typed, went, unfinished)?;
    Ok(Rewritten { seals, moved, shelved, ..Rewritten::default() })
}

/// A plan that writes seals of a timeline anew.
pub(crate) trait Anew:
    for<'h, 'r> FnOnce(&'h Hand<'r>) -> Result<(Replay<'h, 'r>, Scope), RewriteError>
{
}

impl<P> Anew for P where
    P: for<'h, 'r> FnOnce(&'h Hand<'r>) -> Result<(Replay<'h, 'r>, Scope), RewriteError>
{
}

/// Says what a plan would do, and does nothing.
pub(crate) fn foretell(
    workspace: &mut Workspace,
    doer: &Doer,
    plan: impl Anew,
) -> Result<Rewritten, RewriteError> {
    let (hand, _) = workspace.take(doer)?;
    let (replay, scope) = plan(&hand)?;
    let played = replay.preview();
    scope.check(&hand, &played)?;
    Ok(scope.told(&played))
}

/// Does what a plan says.
pub(crate) fn carry_out(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    unfinished: Unfinished,
    plan: impl Anew,
) -> Result<Rewritten, RewriteError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let (replay, scope) = plan(&hand)?;
    let played = replay.finish()?;
    scope.check(&hand, &played)?;
    let went = (&played.became, &scope.timelines[..]);
    let (_, shelved) = land(&mut hand, copy, typed, went, unfinished)?;
    Ok(Rewritten { shelved, ..scope.told(&played) })
}

/// What a rewrite takes in.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The seals, what they came from first.
    pub(crate) seals: Vec<SealId>,
    /// The timelines that go along, first the one that is meant.
    pub(crate) timelines: Vec<String>,
    /// The others that lead to some of the seals.
    pub(crate) stayed: Vec<String>,
}

impl Scope {
    /// These seals of a timeline, and all that came from them there and in the timelines that come along.
    pub(crate) fn of(
        hand: &Hand<'_>,
        chronicle: &mut Chronicle,
        begun: &BTreeSet<SealId>,
        timeline: &str,
        others: Others,
    ) -> Result<Self, RewriteError> {
        if begun.is_empty() {
            return Err(RewriteError::Nothing);
        }
        chronicle.enter(begun)?;
        let own = tips(hand, chronicle, timeline)?;
        let shared = hand.shared();
        let shared = shared.timelines().map(|(name, _)| name.to_owned());
        let mut names: BTreeSet<String> =
            shared.chain(hand.desk().private.keys().cloned()).collect();
        names.remove(timeline);
        let heads_of = |name: String| hand.heads_of(&name).map(|heads| (name, heads));
        let strangers: Vec<(String, BTreeSet<SealId>)> =
            names.into_iter().filter_map(heads_of).collect();
        let found = chronicle.ask(|graph| {
            let begun = rows(graph, begun)?;
            let roots = graph.roots(&begun)?;
            let mut scope = Self {
                seals: Vec::new(),
                timelines: vec![timeline.to_owned()],
                stayed: Vec::new(),
            };
            let mut heads = rows(graph, &own)?;
            if !begun.minus(&graph.ancestors(&heads)?).is_empty() {
                return Ok(None);
            }
            for (name, tips) in &strangers {
                let tips = rows(graph, &folded(graph, tips)?)?;
                if !leads_to(graph, &tips, &roots)? {
                    continue;
                }
                match others {
                    Others::Stay => scope.stayed.push(name.clone()),
                    Others::Come => {
                        heads = heads.or(&tips);
                        scope.timelines.push(name.clone());
                    }
                }
            }
            scope.seals = on_top(graph, &begun, &roots, &heads)?;
            Ok::<_, GrowError>(Some(scope))
        })?;
        found.ok_or_else(|| RewriteError::Elsewhere { timeline: timeline.to_owned() })
    }

    /// What is told of it.
    pub(crate) fn told(self, played: &Played) -> Rewritten {
        Rewritten {
            seals: played.seals.clone(),
            moved: if played.seals.is_empty() { Vec::new() } else { self.timelines },
            stayed: if played.seals.is_empty() { Vec::new() } else { self.stayed },
            ..Rewritten::default()
        }
    }

    /// Refuses what would be refused when it is done.
    pub(crate) fn check(&self, hand: &Hand<'_>, played: &Played) -> Result<(), RewriteError> {
        let is_protected = |name: &&String| {
            hand.shared().timeline(name).is_some_and(|timeline| timeline.is_protected())
        };
        let mut timelines = self.timelines.iter().filter(|_| !played.seals.is_empty());
        match timelines.find(is_protected) {
            Some(name) => Err(PerformError::Protected(name.clone()).into()),
            None => Ok(()),
        }
    }
}

/// The newest seals of a timeline, and where the clone stands if that is on it.
pub(crate) fn tips(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
) -> Result<BTreeSet<SealId>, RewriteError> {
    let is_here = hand.desk().timeline.as_deref() == Some(timeline);
    let heads = hand.heads_of(timeline);
    if heads.is_none() && !is_here {
        return Err(RewriteError::Unknown(timeline.to_owned()));
    }
    let mut heads = heads.unwrap_or_default();
    if is_here {
        heads.extend(&hand.desk().bases);
    }
    let tips = chronicle.ask(|graph| folded(graph, &heads))?;
    if tips.is_empty() { Err(RewriteError::NoSeal) } else { Ok(tips) }
}

/// Goes where seals became others: the timelines, and the clone if it stands on one of them. Returns which timelines moved,
/// and what became of unfinished work.
pub(crate) fn land(
    hand: &mut Hand<'_>,
    copy: &Copy,
    typed: String,
    (became, timelines): (&BTreeMap<SealId, SealId>, &[String]),
    unfinished: Unfinished,
) -> Result<(Vec<String>, Shelved), RewriteError> {
    let now = |seal: SealId| became.get(&seal).copied().unwrap_or(seal);
    let is_own = |name: &&String| hand.desk().timeline.as_ref() == Some(name);
    let own = timelines.iter().find(is_own).and(hand.desk().bases.first().copied());
    let (mut moves, mut private) = (Vec::new(), hand.desk().private.clone());
    for name in timelines {
        // Nobody else is told of it.
        if let Some(head) = private.get_mut(name) {
            *head = now(*head);
            continue;
        }
        let (subject, attribute) = (Named::Timeline(name.clone()), Attribute::Heads);
        let before = hand.shared().value(&subject, attribute);
        let heads = before.iter().flat_map(|value| ids(value)).map(now);
        // Where the clone stands may be no head: others went on.
        let here = own.filter(|own| is_own(&name) && became.contains_key(own)).map(now);
        let after = Some(spelled(&heads.chain(here).collect()));
        if before != after {
            moves.push(Move { subject, attribute, before, after });
        }
    }
    let own = own.map(|old| (old, now(old))).filter(|(old, new)| old != new);
    if moves.is_empty() && own.is_none() && private == hand.desk().private {
        return Ok((Vec::new(), Shelved::default()));
    }
    let moved = moves.iter().filter_map(|told| match &told.subject {
        Named::Timeline(name) => Some(name.clone()),
        Named::Tag(_) | Named::Settlement(_) => None,
    });
    let is_moved = |name: &&String| private.get(*name) != hand.desk().private.get(*name);
    let moved = moved.chain(timelines.iter().filter(is_moved).cloned()).collect();
    let (mut desk, mut files, mut told) = (hand.desk().clone(), None, Shelved::default());
    desk.private = private;
    if let Some((_, new)) = own {
        let crossing = over(hand, copy, new, unfinished)?;
        files = Some(crossing.files);
        let Crossing { gathered, shelves, .. } = crossing;
        desk = Desk { bases: vec![new], gathered, shelves, ..desk };
        told = crossing.told;
    }
    let mut operation = hand.operation(typed, desk);
    operation.moves = moves;
    operation.files = files;
    hand.perform(&operation)?;
    Ok((moved, told))
}

/// How files and unfinished work get to another version of where the clone stands. What a switch would leave on a shelf is
/// merged with what changed under it, where no line is in dispute: the timeline is the same, so it would be brought back at once.
fn over(
    hand: &Hand<'_>,
    copy: &Copy,
    new: SealId,
    unfinished: Unfinished,
) -> Result<Crossing, RewriteError> {
    let tree = hand.store().load::<Seal>(new)?.tree;
    let shore = Shore { timeline: hand.desk().timeline.as_deref(), tree };
    let mut crossing = cross(hand, copy, &shore, unfinished).map_err(RewriteError::Work)?;
    let Some(name) = crossing.told.left.clone() else { return Ok(crossing) };
    let Some(shelf) = crossing.shelves.get_mut(&name) else { return Ok(crossing) };
    // Nobody goes elsewhere and comes back.
    shelf.comes = Comes::WhenAsked;
    if unfinished == Unfinished::Shelve {
        return Ok(crossing);
    }
    let there = Unsealed { known: tree, disk: tree };
    if let Brought::Whole(at) = bring(hand, shelf, there)? {
        let (plan, _) = copy.plan(hand.store(), crossing.files.before, at.disk)?;
        if plan.blocked.is_empty() {
            crossing.shelves.remove(&name);
            crossing.told.left = None;
            crossing.files = Files { after: at.disk, ..crossing.files };
            crossing.gathered = (at.known != tree).then_some(at.known);
        }
    }
    Ok(crossing)
}

fn rows<'s>(
    graph: &Graph,
    seals: impl IntoIterator<Item = &'s SealId>,
) -> Result<RowSet, GrowError> {
    let mut rows = RowSet::default();
    for seal in seals {
        if let Some(row) = graph.row(*seal)? {
            rows.insert(row);
        }
    }
    Ok(rows)
}

fn folded(graph: &Graph, heads: &BTreeSet<SealId>) -> Result<BTreeSet<SealId>, GrowError> {
    if heads.len() < 2 { Ok(heads.clone()) } else { Ok(fold_heads(graph, heads)?) }
}

/// Whether one of the tips is one of the seals, or came from one.
fn leads_to(graph: &Graph, tips: &RowSet, seals: &RowSet) -> Result<bool, GrowError> {
    for tip in tips.iter() {
        for seal in seals.iter() {
            if graph.is_ancestor(seal, tip)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// These seals and those on the way from them to the heads, what they came from first.
fn on_top(
    graph: &Graph,
    begun: &RowSet,
    roots: &RowSet,
    heads: &RowSet,
) -> Result<Vec<SealId>, GrowError> {
    let mut hidden = RowSet::default();
    for root in roots.iter() {
        for parent in graph.parents(root)? {
            hidden.insert(parent);
        }
    }
    let (tips, hidden): (Vec<Row>, Vec<Row>) = (heads.iter().collect(), hidden.iter().collect());
    let walk = graph.walk(&tips, &hidden, Line::All)?;
    let mut newest_first = walk.collect::<Result<Vec<Row>, _>>()?;
    newest_first.reverse();
    let (mut found, mut taken) = (Vec::new(), RowSet::default());
    for row in newest_first {
        if begun.contains(row) || graph.parents(row)?.any(|parent| taken.contains(parent)) {
            taken.insert(row);
            found.push(graph.id(row)?);
        }
    }
    Ok(found)
}
