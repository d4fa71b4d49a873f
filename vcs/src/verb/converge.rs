//! Timelines that diverged, settled as their strategies say.

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hasher;
use selkie_store::{
    Author, ChangeId, Hint, OperationsError, RepoPath, Seal, SealId, TooLarge, TreeId, sign,
};
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::divergence::{AUTOMATIC, By, Head, TimelineStrategy, Verdict, Waiting};
use crate::graph::grow::GrowError;
use crate::heads::fold_heads;
use crate::journal::Outcome as End;
use crate::lineage::{How, Lineage};
use crate::memory::Memory;
use crate::operation::{Files, Kind};
use crate::privacy::Privacy;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::shared::{Attribute, Move, Named, ids, spelled};
use crate::strategy::Strategy;
use crate::tree::fuse::source::Arbiter;
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
    /// The seals that were made, each of the one before and others.
    pub made: Vec<Made>,
    /// Why more than one head is left, if so.
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
    /// Where it was: it does not stand on a head of the timeline, or is in the middle of something.
    Stayed,
    /// Where it was: files with changes of somebody's own are other ones on the new head.
    Blocked(Vec<RepoPath>),
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

/// Separates the names of changes that nobody asked for from everything else that is hashed.
const CONTEXT: &str = "selkie 1 change by itself";

/// Who made a seal that nobody asked for.
const NOBODY: &str = "selkie";

/// Settles all timelines that diverged, as their strategies say. What none of them settles stays as it is, and is told.
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
) -> Result<Vec<Settled>, ConvergeError> {
    let (mut hand, copy) = workspace.take(doer)?;
    settle(&mut hand, Some(copy), typed, occasion)
}

/// The same for a repository in hand. One without files has none that could stand in the way.
///
/// # Errors
///
/// See [`ConvergeError`].
pub fn settle(
    hand: &mut Hand<'_>,
    copy: Option<&Copy>,
    typed: String,
    occasion: Occasion,
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
        let mut settled = plan(hand, &mut chronicle, &timeline, folded, occasion)?;
        if !settled.made.is_empty() {
            operation.moves.push(advance(hand, &timeline, &settled.made));
        }
        if let Some(Made { id, seal }) = way_on(hand.desk(), &timeline, &settled.made) {
            settled.place = place(hand, copy, seal.tree, &mut operation.files)?;
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

/// Makes the seals that settle one timeline, as far as its strategy goes.
fn plan(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    heads: BTreeSet<SealId>,
    occasion: Occasion,
) -> Result<Settled, ConvergeError> {
    let store = hand.store();
    let text = hand.shared().timeline(timeline).and_then(|timeline| timeline.strategy());
    let read = text.map_or(Some(TimelineStrategy::Manual), TimelineStrategy::read);
    let mut settled = Settled {
        timeline: timeline.to_owned(),
        strategy: read.clone().unwrap_or_default(),
        made: Vec::new(),
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
    let loaded = heads.into_iter().map(|id| Head::load(store, id));
    let mut heads = loaded.collect::<Result<Vec<_>, _>>()?;
    while heads.len() > 1 {
        // The earlier one first: the same order on every replica.
        heads.sort_unstable_by_key(|head| (head.seal.time, head.id));
        let group = twins(&heads).unwrap_or_else(|| heads.clone());
        let outcome = match strategy.verdict(&group, own(hand, timeline, &group)) {
            Verdict::Waits(waiting) => Err(waiting),
            Verdict::Wins { winner, word, by } => {
                let seal = taken(timeline, &group, winner, word);
                Ok(match by {
                    By::Heads => seal,
                    By::Clone => sign(seal, hand.writer().key())?,
                })
            }
            Verdict::Merge => merged(hand, chronicle, timeline, &group)?,
        };
        let seal = match outcome {
            Ok(seal) => seal,
            Err(waiting) => {
                settled.waiting = Some(waiting);
                break;
            }
        };
        let batch = hand.batch();
        let id = batch.put_value(&seal, Hint::NONE)?;
        batch.finish()?;
        chronicle.enter(&BTreeSet::from([id]))?;
        heads.retain(|head| !seal.parents.contains(&head.id));
        heads.push(Head::load(store, id)?);
        settled.made.push(Made { id, seal: Box::new(seal) });
    }
    Ok(settled)
}

/// Heads that were made by themselves from the same ones, if there are some among others: they are settled first.
fn twins(heads: &[Head]) -> Option<Vec<Head>> {
    let mut groups: BTreeMap<Vec<SealId>, Vec<Head>> = BTreeMap::new();
    for head in heads.iter().filter(|head| head.is_automatic()) {
        groups.entry(head.origins()).or_default().push(head.clone());
    }
    groups.into_values().find(|group| group.len() > 1)
}

/// The head that is this clone's: where it stands, else the latest one of which it brought the content.
fn own(hand: &Hand<'_>, timeline: &str, heads: &[Head]) -> Option<SealId> {
    let stands = |head: &&Head| hand.desk().bases.first() == Some(&head.id);
    let stood_on = heads.iter().find(stands).filter(|_| stands_on(hand.desk(), timeline));
    let key = Some(hand.writer().key().public());
    let spoken = || heads.iter().rfind(|head| head.speaker() == key);
    stood_on.or_else(spoken).map(|head| head.id)
}

/// A seal of all heads that has the content of one.
fn taken(timeline: &str, heads: &[Head], winner: SealId, word: &'static str) -> Seal {
    let winning = heads.iter().find(|head| head.id == winner).expect("one of them wins");
    let others = heads.iter().filter(|head| head.id != winner);
    let parents = [winner].into_iter().chain(others.map(|head| head.id)).collect();
    let name = SealName::of(winning.seal.change);
    let decision = format!("all of it: taken from {name}: {word} (timeline {timeline})");
    let labels = BTreeMap::from([(DECISIONS.to_owned(), decision.into_bytes())]);
    made(timeline, heads, parents, winning.seal.tree, labels, word)
}

/// A seal of all heads that has what each of them changed; or why there is none.
fn merged(
    hand: &Hand<'_>,
    chronicle: &mut Chronicle,
    timeline: &str,
    heads: &[Head],
) -> Result<Result<Seal, Waiting>, ConvergeError> {
    let seals: Vec<SealId> = heads.iter().map(|head| head.id).collect();
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
    let (labels, word) = (listed(&fused.decisions), Strategy::AutoMerge.name());
    Ok(Ok(made(timeline, heads, seals, fused.tree, labels, word)))
}

/// A seal that nobody asked for. All that it says follows from the heads.
fn made(
    timeline: &str,
    heads: &[Head],
    parents: Vec<SealId>,
    tree: TreeId,
    mut labels: BTreeMap<String, Vec<u8>>,
    word: &str,
) -> Seal {
    let latest = heads.iter().max_by_key(|head| (head.seal.time, head.id));
    let latest = &latest.expect("a timeline that diverged has heads").seal;
    labels.insert(AUTOMATIC.to_owned(), word.as_bytes().to_vec());
    Seal {
        tree,
        change: change(&parents, tree),
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

/// The name of a change that nobody asked for: what it is made from and of.
fn change(parents: &[SealId], tree: TreeId) -> ChangeId {
    let mut name = [0; ChangeId::LEN];
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    hasher.update(tree.object().as_bytes());
    parents.iter().for_each(|parent| {
        hasher.update(parent.object().as_bytes());
    });
    hasher.finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}

/// The timeline's heads with the last seal in place of all that it was made from.
fn advance(hand: &Hand<'_>, timeline: &str, made: &[Made]) -> Move {
    let (subject, attribute) = (Named::Timeline(timeline.to_owned()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let mut heads: BTreeSet<SealId> = before.iter().flat_map(|value| ids(value)).collect();
    for one in made {
        heads.retain(|head| !one.seal.parents.contains(head));
        heads.insert(one.id);
    }
    Move { subject, attribute, before, after: Some(spelled(&heads)) }
}

/// Whether the clone stands on a timeline that all share. A private one of the same name is another one, and goes nowhere
/// because of others.
fn stands_on(desk: &Desk, timeline: &str) -> bool {
    desk.timeline.as_deref() == Some(timeline) && Privacy::of(desk, timeline) == Privacy::Shared
}

/// The seal that came of the head on which the clone stands, if it does, with nothing under way.
fn way_on<'m>(desk: &Desk, timeline: &str, made: &'m [Made]) -> Option<&'m Made> {
    let [base] = desk.bases[..] else { return None };
    let goes_along = stands_on(desk, timeline) && desk.gathered.is_none();
    let mut came: Option<&Made> = None;
    for one in made.iter().filter(|_| goes_along) {
        let at = came.map_or(base, |came| came.id);
        came = if one.seal.parents.contains(&at) { Some(one) } else { came };
    }
    came
}

/// Whether the files let the clone go to this tree, and what they become.
fn place(
    hand: &Hand<'_>,
    copy: Option<&Copy>,
    after: TreeId,
    files: &mut Option<Files>,
) -> Result<Place, ConvergeError> {
    let Some(copy) = copy else { return Ok(Place::Moved) };
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
