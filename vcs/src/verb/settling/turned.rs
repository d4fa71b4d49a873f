//! What becomes of a timeline that diverged once somebody said what it shall be.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Hint, RepoPath, Seal, SealId, TreeId, sign};

use crate::desk::Desk;
use crate::graph::grow::GrowError;
use crate::lineage::{How, Lineage};
use crate::memory::Memory;
use crate::operation::Files;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::shared::{Attribute, Move, Named, spelled};
use crate::tree::fuse::fused::Fused;
use crate::tree::fuse::source::Arbiter;
use crate::verb::converge::{advance, stands_on};
use crate::verb::decided::{DECISIONS, listed};
use crate::verb::seal::change;
use crate::verb::settling::declined::Declined;
use crate::verb::settling::diverged::{Diverged, Stands};
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::heads::ordered;
use crate::verb::settling::verdict::Verdict;
use crate::work::follow::Copy;
use crate::workspace::{Doer, known};

/// A timeline that had diverged, and what came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Turned {
    /// Its name.
    pub timeline: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a timeline that had diverged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// A seal of all its heads.
    Sealed(SealId),
    /// These are in conflict, and the next seal is the one of all its heads.
    Open(Vec<RepoPath>),
    /// Each head is the newest seal of a timeline of its own.
    Apart(Vec<(String, SealId)>),
}

/// What is to be done for it.
pub(super) struct Turn {
    pub(super) turned: Turned,
    pub(super) moves: Vec<Move>,
    /// Where the clone stands then, and what its files become. None if it stands elsewhere.
    pub(super) along: Option<(Desk, Files)>,
}

/// Who turns timelines.
pub(super) struct Turner<'a> {
    pub(super) hand: &'a Hand<'a>,
    pub(super) copy: &'a Copy,
    pub(super) doer: &'a Doer,
}

impl Turner<'_> {
    /// What is to be done so that this becomes of a timeline; `number` is told from those of the others.
    pub(super) fn turn(
        &self,
        diverged: &Diverged,
        verdict: &Verdict,
        number: u32,
    ) -> Result<Turn, SettlingError> {
        let timeline = &diverged.timeline;
        let seals: Vec<SealId> = diverged.tips.iter().map(|tip| tip.seal).collect();
        let raw = self.hand.shared().timeline(timeline).map(|timeline| timeline.heads());
        let mut chronicle = self.hand.chronicle()?;
        let now = ordered(&mut chronicle, &raw.unwrap_or_default())?;
        if now != seals {
            return Err(SettlingError::Diverged(timeline.clone()));
        }
        let refused = |why| SettlingError::Declined(timeline.clone(), why);
        let is_here = stands_on(self.hand.desk(), timeline);
        if diverged.stands == Stands::Busy || is_here && self.hand.desk().gathered.is_some() {
            return Err(refused(Declined::Busy));
        }
        match verdict {
            Verdict::Side(side) => {
                let mut seals = seals;
                if usize::from(*side) >= seals.len() {
                    return Err(refused(Declined::Side));
                }
                let winner = seals.remove(usize::from(*side));
                seals.insert(0, winner);
                self.taken(diverged, seals, number)
            }
            Verdict::Fuse => {
                let lineage =
                    chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, &seals)?));
                let lineage = lineage?;
                let lineage = lineage.filter(|lineage| lineage.stranger().is_none());
                let lineage = lineage.ok_or_else(|| refused(Declined::Unrelated))?;
                self.fused(diverged, seals, &lineage, number)
            }
            Verdict::Apart => self.apart(diverged),
            Verdict::Base
            | Verdict::Both(_)
            | Verdict::Nothing
            | Verdict::Lines(_)
            | Verdict::Offer { .. }
            | Verdict::Text(_) => Err(refused(Declined::Heads)),
        }
    }

    /// A seal of all heads with the content of the first.
    fn taken(
        &self,
        diverged: &Diverged,
        parents: Vec<SealId>,
        number: u32,
    ) -> Result<Turn, SettlingError> {
        let winner: Seal = self.hand.store().load(parents[0])?;
        let (timeline, name) = (&diverged.timeline, SealName::of(winner.change));
        let decision = format!("all of it: taken from {name} (timeline {timeline})");
        let labels = BTreeMap::from([(DECISIONS.to_owned(), decision.into_bytes())]);
        let message = format!("Settle the heads of {timeline}: all of it from {name}");
        let made = Made { parents, tree: winner.tree, labels, message };
        self.sealed(diverged, made, number)
    }

    /// A seal of all heads with what each of them changed; or their conflicts, where the clone stands on them.
    fn fused(
        &self,
        diverged: &Diverged,
        parents: Vec<SealId>,
        lineage: &Lineage,
        number: u32,
    ) -> Result<Turn, SettlingError> {
        let (hand, store, timeline) = (self.hand, self.hand.store(), &diverged.timeline);
        let how = How { arbiter: Arbiter::Trees, memory: Memory::of(store, hand.shared()) };
        let batch = hand.batch();
        let fused = lineage.fuse(store, &batch, &|| hand.batch(), &[], how);
        let Fused { tree, conflicts, decisions, .. } = fused?;
        let is_here = stands_on(hand.desk(), timeline);
        if !conflicts.is_empty() && !is_here {
            return Err(SettlingError::Declined(timeline.clone(), Declined::Conflicts));
        }
        batch.finish()?;
        if conflicts.is_empty() {
            let message = format!("Fuse the heads of {timeline}");
            let made = Made { parents, tree, labels: listed(&decisions), message };
            return self.sealed(diverged, made, number);
        }
        let files = self.way(tree)?;
        let desk =
            Desk { bases: parents, gathered: Some(tree), asked: None, ..hand.desk().clone() };
        let outcome = Outcome::Open(conflicts.into_keys().collect());
        let turned = Turned { timeline: timeline.clone(), outcome };
        Ok(Turn { turned, moves: Vec::new(), along: Some((desk, files)) })
    }

    fn sealed(&self, diverged: &Diverged, made: Made, number: u32) -> Result<Turn, SettlingError> {
        let (hand, timeline) = (self.hand, &diverged.timeline);
        let Made { parents, tree, labels, message } = made;
        let heads: BTreeSet<SealId> = parents.iter().copied().collect();
        let time = hand.time();
        let seal = Seal {
            tree,
            parents,
            change: change(hand.writer(), time.to_u64(), number),
            time,
            zone_minutes: self.doer.zone_minutes,
            author: self.doer.author.clone(),
            message,
            replaces: BTreeSet::new(),
            labels,
            signature: None,
        };
        let seal = sign(seal, hand.writer().key())?;
        let batch = hand.batch();
        let id = batch.put_value(&seal, Hint::NONE)?;
        batch.finish()?;
        let along = stands_on(hand.desk(), timeline).then(|| {
            let desk = Desk { bases: vec![id], ..hand.desk().clone() };
            Ok::<_, SettlingError>((desk, self.way(tree)?))
        });
        let turned = Turned { timeline: timeline.clone(), outcome: Outcome::Sealed(id) };
        let moves = vec![advance(hand, timeline, &heads, id)];
        Ok(Turn { turned, moves, along: along.transpose()? })
    }

    /// Each head on a timeline of its own. The clone stays with the head that it stands on.
    fn apart(&self, diverged: &Diverged) -> Result<Turn, SettlingError> {
        let (hand, timeline) = (self.hand, &diverged.timeline);
        let heads: BTreeSet<SealId> = diverged.tips.iter().map(|tip| tip.seal).collect();
        let first = diverged.tips[0].seal;
        let mut moves = vec![advance(hand, timeline, &heads, first)];
        let mut each = vec![(timeline.clone(), first)];
        for (number, tip) in diverged.tips.iter().enumerate().skip(1) {
            let name = self.free(&diverged.apart(number), tip.seal);
            let (subject, attribute) = (Named::Timeline(name.clone()), Attribute::Heads);
            let before = hand.shared().value(&subject, attribute);
            let after = Some(spelled(&BTreeSet::from([tip.seal])));
            if before != after {
                moves.push(Move { subject, attribute, before, after });
            }
            each.push((name, tip.seal));
        }
        let desk = hand.desk();
        let own = each.iter().find(|(_, seal)| desk.bases.first() == Some(seal));
        let along = match own.filter(|_| stands_on(desk, timeline)) {
            Some((name, _)) if name != timeline => {
                let here = known(hand.store(), desk)?;
                let desk = Desk { timeline: Some(name.clone()), ..desk.clone() };
                Some((desk, Files { before: here, after: here }))
            }
            Some(_) | None => None,
        };
        let turned = Turned { timeline: timeline.clone(), outcome: Outcome::Apart(each) };
        Ok(Turn { turned, moves, along })
    }

    /// This name, or one like it that no other timeline has. Somebody else may have kept the same head under it.
    fn free(&self, name: &str, seal: SealId) -> String {
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let is_free = |name: &String| {
            let heads = self.hand.heads_of(name);
            heads.is_none_or(|heads| heads == BTreeSet::from([seal]))
        };
        names.find(is_free).expect("there are more names than timelines")
    }

    /// What the files become. Fails if somebody's own changes are in the way.
    fn way(&self, after: TreeId) -> Result<Files, SettlingError> {
        let store = self.hand.store();
        let before = known(store, self.hand.desk())?;
        let (plan, _) = self.copy.plan(store, before, after)?;
        if plan.blocked.is_empty() {
            Ok(Files { before, after })
        } else {
            Err(SettlingError::Blocked(plan.blocked))
        }
    }
}

/// A seal of all heads.
struct Made {
    parents: Vec<SealId>,
    tree: TreeId,
    labels: BTreeMap<String, Vec<u8>>,
    message: String,
}
