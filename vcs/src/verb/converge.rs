//! Timelines that diverged, settled as their strategies say.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Author, Hint, OperationsError, RepoPath, Seal, SealId, TooLarge, TreeId, sign};
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::divergence::{
    AUTOMATIC, By, Head, LOT, TimelineStrategy, Verdict, Waiting, automatic, lot,
};
use crate::graph::grow::GrowError;
use crate::heads::fold_heads;
use crate::journal::Outcome as End;
use crate::lineage::{How, Lineage};
use crate::memory::Memory;
use crate::operation::{Files, Kind};
use crate::privacy::Privacy;
use crate::question::Question;
use crate::repository::{Hand, PerformError};
use crate::seal_name::SealName;
use crate::shared::{Attribute, Move, Named, ids, spelled};
use crate::strategy::Strategy;
use crate::tree::fuse::source::Arbiter;
use crate::unasked::name;
use crate::verb::decided::{DECISIONS, listed};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::workspace::{Doer, Workspace, known};

/// A timeline that had diverged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settled {
    /// Its name.
    pub timeline: String,
    /// What its strategy is.
    pub strategy: TimelineStrategy,
    /// The seal that was made.
    pub made: Option<Made>,
    /// Why none was.
    pub waiting: Option<Waiting>,
    /// Whether the clone went along.
    pub place: Place,
}

/// A seal that a strategy made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Made {
    /// Its name.
    pub id: SealId,
    /// What it says.
    pub seal: Box<Seal>,
}

/// Where the clone stands once a timeline is settled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// On the new head.
    Moved,
    /// Where it was: it does not stand on a head of the timeline, is in the middle of something, or was not to move.
    Stayed,
    /// Where it was: files with changes of somebody's own are other ones on the new head.
    Blocked(Vec<RepoPath>),
}

/// Whether the clone goes along to the seal that was made of the one that it stands on.
#[derive(Clone, Copy, Debug)]
pub enum Along<'c> {
    /// If its files let it.
    WithFiles(&'c Copy),
    /// Yes: it has no files.
    Bare,
    /// No: whoever works there goes on when they like.
    Never,
}

/// Why somebody settles timelines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Occasion {
    /// Somebody asked for it.
    Asked,
    /// Heads came from elsewhere. What somebody took back here is left alone.
    Heard,
}

/// Why timelines were not settled. All is as it was.
#[derive(Debug, Error)]
pub enum ConvergeError {
    /// What this clone did can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// A seal would not fit its format.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for ConvergeError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl ConvergeError {
    /// Whether somebody else moved a timeline while it was being settled: with what came of that, it can be tried again.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        matches!(self, Self::Failed(Trouble::Perform(PerformError::Moved(_))))
    }
}

/// Who made a seal that nobody asked for.
const NOBODY: &str = "selkie";

/// Settles all timelines that diverged, as their strategies say; those of which nobody said how, as `unsaid` says. What none of
/// them settles stays as it is, and is told.
///
/// It is one operation, so one undo takes all of it back.
///
/// # Errors
///
/// See [`ConvergeError`].
pub fn converge(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    occasion: Occasion,
    unsaid: &TimelineStrategy,
) -> Result<Vec<Settled>, ConvergeError> {
    let (mut hand, copy) = workspace.take(doer)?;
    settle(&mut hand, Along::WithFiles(copy), typed, occasion, unsaid)
}

/// The same for a repository in hand.
///
/// # Errors
///
/// See [`ConvergeError`].
pub fn settle(
    hand: &mut Hand<'_>,
    along: Along<'_>,
    typed: String,
    occasion: Occasion,
    unsaid: &TimelineStrategy,
) -> Result<Vec<Settled>, ConvergeError> {
    let diverged: BTreeMap<String, BTreeSet<SealId>> = hand
        .shared()
        .timelines()
        .map(|(name, timeline)| (name.to_owned(), timeline.heads()))
        .filter(|(_, heads)| heads.len() > 1)
        .collect();
    if diverged.is_empty() {
        return Ok(Vec::new());
    }
    let mut chronicle = hand.chronicle()?;
    let mut operation = hand.operation(typed, hand.desk().clone());
    let mut all = Vec::new();
    for (timeline, raw) in diverged {
        let folded = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &raw)?))?;
        if folded.len() < 2 {
            continue;
        }
        let mut settled = plan(hand, &mut chronicle, &timeline, &folded, occasion, unsaid)?;
        if let Some(Made { id, seal }) = &settled.made {
            operation.moves.push(advance(hand, &timeline, &folded, *id));
            if stands_on_one(hand.desk(), &timeline, &folded) {
                settled.place = place(hand, along, seal.tree, &mut operation.files)?;
            }
            if settled.place == Place::Moved {
                operation.after = Desk { bases: vec![*id], ..operation.after };
            }
        }
        all.push(settled);
    }
    if !operation.moves.is_empty() {
        hand.perform(&operation)?;
    }
    Ok(all)
}

/// Makes the seal that settles one timeline, if its strategy makes one.
fn plan(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    heads: &BTreeSet<SealId>,
    occasion: Occasion,
    unsaid: &TimelineStrategy,
) -> Result<Settled, ConvergeError> {
    let text = hand.shared().timeline(timeline).and_then(|timeline| timeline.strategy());
    let read = text.map_or_else(|| Some(unsaid.clone()), TimelineStrategy::read);
    let mut settled = Settled {
        timeline: timeline.to_owned(),
        strategy: read.clone().unwrap_or_default(),
        made: None,
        waiting: None,
        place: Place::Stayed,
    };
    let Some(strategy) = read else {
        settled.waiting = Some(Waiting::Unknown);
        return Ok(settled);
    };
    if occasion == Occasion::Heard && is_taken_back(hand, timeline)? {
        settled.waiting = Some(Waiting::TakenBack);
        return Ok(settled);
    }
    let question = chronicle.ask(|graph| Ok::<_, GrowError>(Question::of(graph, heads)?))?;
    let outcome = match question {
        _ if strategy == TimelineStrategy::Manual => Err(Waiting::Manual),
        // To merge answers to one question would be to ask it again.
        Question::Answers(answers) => {
            let winner = lot(&answers);
            Ok(taken(timeline, &load(hand, &answers)?, &Head::load(hand.store(), winner)?, LOT))
        }
        Question::Which { seals, candidates } => {
            answer(hand, chronicle, timeline, &strategy, &seals, &candidates)?
        }
    };
    match outcome {
        Ok(seal) => {
            let batch = hand.batch();
            let id = batch.put_value(&seal, Hint::NONE)?;
            batch.finish()?;
            chronicle.enter(&BTreeSet::from([id]))?;
            settled.made = Some(Made { id, seal: Box::new(seal) });
        }
        Err(waiting) => settled.waiting = Some(waiting),
    }
    Ok(settled)
}

/// What the strategy says of seals that stand beside each other, where some of them were settled already: a seal of all of them.
fn answer(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    strategy: &TimelineStrategy,
    seals: &BTreeSet<SealId>,
    candidates: &BTreeMap<SealId, BTreeSet<SealId>>,
) -> Result<Result<Seal, Waiting>, ConvergeError> {
    let parents = load(hand, seals)?;
    let heads = load(hand, &candidates.keys().copied().collect())?;
    Ok(match strategy.verdict(&heads, own(hand, timeline, &heads, candidates)) {
        Verdict::Waits(waiting) => Err(waiting),
        Verdict::Wins { winner, word, by } => {
            let winner = heads.iter().find(|head| head.id == winner).expect("one of them wins");
            let seal = taken(timeline, &parents, winner, word);
            Ok(match by {
                By::Heads => seal,
                By::Clone => sign(seal, hand.writer().key())?,
            })
        }
        Verdict::Merge => merged(hand, chronicle, timeline, &parents, &heads)?,
    })
}

/// These seals as heads, the earlier one first: the same order on every replica.
fn load(hand: &Hand<'_>, seals: &BTreeSet<SealId>) -> Result<Vec<Head>, ConvergeError> {
    let loaded = seals.iter().map(|id| Head::load(hand.store(), *id));
    let mut loaded = loaded.collect::<Result<Vec<_>, _>>()?;
    loaded.sort_unstable_by_key(|head| (head.seal.time, head.id));
    Ok(loaded)
}

/// The head that is this clone's: that which speaks for where it stands, else the latest one of which it brought the content.
fn own(
    hand: &Hand<'_>,
    timeline: &str,
    heads: &[Head],
    candidates: &BTreeMap<SealId, BTreeSet<SealId>>,
) -> Option<SealId> {
    let base = hand.desk().bases.first().filter(|_| stands_on(hand.desk(), timeline));
    let speaks_for = |id: &SealId, base| *id == base || candidates[id].contains(&base);
    let stood_on = base.and_then(|base| heads.iter().find(|head| speaks_for(&head.id, *base)));
    let key = Some(hand.writer().key().public());
    let spoken = || heads.iter().rfind(|head| head.speaker() == key);
    stood_on.or_else(spoken).map(|head| head.id)
}

/// A seal of these that has the content of one.
fn taken(timeline: &str, parents: &[Head], winner: &Head, word: &'static str) -> Seal {
    // Whoever was told only the question comes to the same seal as who heard of answers to parts of it.
    let first = parents.iter().find(|parent| [winner.id, winner.voice()].contains(&parent.id));
    let name = SealName::of(first.unwrap_or(winner).seal.change);
    let others = parents.iter().filter(|parent| first.is_none_or(|first| parent.id != first.id));
    let ids = first.into_iter().chain(others).map(|parent| parent.id).collect();
    let decision = format!("all of it: taken from {name}: {word} (timeline {timeline})");
    let labels = BTreeMap::from([(DECISIONS.to_owned(), decision.into_bytes())]);
    made(timeline, parents, ids, winner.seal.tree, labels, word)
}

/// A seal of these that has what each of the heads changed; or why there is none.
fn merged(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    parents: &[Head],
    heads: &[Head],
) -> Result<Result<Seal, Waiting>, ConvergeError> {
    let word = Strategy::AutoMerge.name();
    // What was merged by itself is merged again from what it was merged of, so that it does not matter who heard of it.
    let whole = heads.iter().flat_map(|head| match automatic(&head.seal) {
        Some(made_by) if made_by == word && head.is_unasked() => head.seal.parents.clone(),
        Some(_) | None => vec![head.id],
    });
    let whole: BTreeSet<SealId> = whole.collect();
    let whole = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &whole)?))?;
    let seals: Vec<SealId> = load(hand, &whole)?.into_iter().map(|head| head.id).collect();
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, &seals)?))?;
    let Some(lineage) = lineage.filter(|lineage| lineage.stranger().is_none()) else {
        return Ok(Err(Waiting::Unrelated));
    };
    // What replicas remember may be on its way still, so it has no say in what all are to make alike.
    let how = How { arbiter: Arbiter::Trees, memory: Memory::default() };
    let batch = hand.batch();
    let fused = lineage.fuse(hand.store(), &batch, &|| hand.batch(), &[], how)?;
    if !fused.conflicts.is_empty() {
        return Ok(Err(Waiting::Conflicts(fused.conflicts.len())));
    }
    batch.finish()?;
    let labels = listed(&fused.decisions);
    let ids = parents.iter().map(|parent| parent.id).collect();
    Ok(Ok(made(timeline, parents, ids, fused.tree, labels, word)))
}

/// A seal that nobody asked for. All that it says follows from the heads.
fn made(
    timeline: &str,
    settled: &[Head],
    parents: Vec<SealId>,
    tree: TreeId,
    mut labels: BTreeMap<String, Vec<u8>>,
    word: &str,
) -> Seal {
    let latest = settled.iter().max_by_key(|head| (head.seal.time, head.id));
    let latest = &latest.expect("a timeline that diverged has heads").seal;
    labels.insert(AUTOMATIC.to_owned(), word.as_bytes().to_vec());
    Seal {
        tree,
        change: name(&parents, tree),
        parents,
        // It is no later than what it settles: nobody wrote anything meanwhile.
        time: latest.time,
        zone_minutes: latest.zone_minutes,
        author: Author { name: NOBODY.to_owned(), contact: String::new() },
        message: format!("Settle the heads of {timeline}: {word}"),
        replaces: BTreeSet::new(),
        labels,
        signature: None,
    }
}

/// The timeline's heads with the new one in place of all that it settles.
pub(crate) fn advance(
    hand: &Hand<'_>,
    timeline: &str,
    settled: &BTreeSet<SealId>,
    made: SealId,
) -> Move {
    let (subject, attribute) = (Named::Timeline(timeline.to_owned()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> = before.iter().flat_map(|value| ids(value)).collect();
    heads.retain(|head| !settled.contains(head));
    heads.insert(made);
    Move { subject, attribute, before, after: Some(spelled(&heads)) }
}

/// Whether the clone stands on a timeline that all share. A private one of the same name is another one, and goes nowhere
/// because of others.
pub(crate) fn stands_on(desk: &Desk, timeline: &str) -> bool {
    desk.timeline.as_deref() == Some(timeline) && Privacy::of(desk, timeline) == Privacy::Shared
}

/// Whether the clone stands on one of these heads, with nothing under way.
fn stands_on_one(desk: &Desk, timeline: &str, heads: &BTreeSet<SealId>) -> bool {
    let [base] = desk.bases[..] else { return false };
    stands_on(desk, timeline) && desk.gathered.is_none() && heads.contains(&base)
}

/// Whether the files let the clone go to this tree, and what they become.
fn place(
    hand: &Hand<'_>,
    along: Along<'_>,
    after: TreeId,
    files: &mut Option<Files>,
) -> Result<Place, ConvergeError> {
    let copy = match along {
        Along::WithFiles(copy) => copy,
        Along::Bare => return Ok(Place::Moved),
        Along::Never => return Ok(Place::Stayed),
    };
    let before = known(hand.store(), hand.desk())?;
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Ok(Place::Blocked(plan.blocked.into_iter().map(|blocked| blocked.path).collect()));
    }
    *files = Some(Files { before, after });
    Ok(Place::Moved)
}

/// Whether the last thing that this clone did to the timeline was to take something back, and all is as that left it.
fn is_taken_back(hand: &Hand<'_>, timeline: &str) -> Result<bool, ConvergeError> {
    let (subject, attribute) = (Named::Timeline(timeline.to_owned()), Attribute::Heads);
    let now = hand.shared().value(&subject, attribute);
    for logged in hand.operations()? {
        let logged = logged?;
        let moves = &logged.operation.moves;
        let found =
            moves.iter().find(|told| told.subject == subject && told.attribute == attribute);
        let Some(told) = found.filter(|_| logged.outcome == End::Done) else { continue };
        return Ok(matches!(logged.operation.kind, Kind::Undo(_)) && told.after == now);
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
