//! The timelines that diverged, each with its heads, and what a fuse of them would be.

use std::collections::BTreeSet;

use selkie_store::{RepoPath, Seal, SealId, Store};

use crate::chronicle::Chronicle;
use crate::graph::error::GraphError;
use crate::graph::grow::GrowError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::walk::Line;
use crate::heads::fold_heads;
use crate::lineage::{How, Lineage};
use crate::memory::Memory;
use crate::repository::{PerformError, RepositoryError};
use crate::seal_name::SealName;
use crate::tree::fuse::source::Arbiter;
use crate::verb::conflicts::{Did, ToldSide};
use crate::verb::converge::stands_on;
use crate::verb::settling::case::{Case, Shape};
use crate::verb::settling::diverged::{Diverged, Stands, Tip, Would};
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::part::PartId;
use crate::workspace::Workspace;

/// Every timeline that diverged, but one of which the heads are being fused here. What a fuse of its heads would be is not looked for.
///
/// # Errors
///
/// The repository or the files can not be read.
pub fn diverged(workspace: &Workspace) -> Result<Vec<Case>, SettlingError> {
    let repository = workspace.repository();
    let shared = repository.shared();
    let timelines = shared.timelines().map(|(name, told)| (name, told.heads()));
    let many: Vec<_> = timelines.filter(|(_, heads)| heads.len() > 1).collect();
    if many.is_empty() {
        return Ok(Vec::new());
    }
    let mut chronicle = repository.chronicle()?;
    let mut cases = Vec::new();
    for (timeline, raw) in many {
        let seals = ordered(&mut chronicle, &raw)?;
        let desk = repository.desk();
        // The fuse that is under way settles them, by the next seal.
        let is_fused =
            stands_on(desk, timeline) && seals.iter().all(|seal| desk.bases.contains(seal));
        if seals.len() > 1 && !is_fused {
            cases.push(case(workspace, &mut chronicle, timeline, &seals)?);
        }
    }
    Ok(cases)
}

/// What a fuse of its heads would be: what the command would make of them, unless a command of the user settles a file.
///
/// # Errors
///
/// The history or the trees can not be read.
pub fn foresee(workspace: &Workspace, diverged: &Diverged) -> Result<Would, SettlingError> {
    let (repository, store) = (workspace.repository(), workspace.repository().store());
    let mut chronicle = repository.chronicle()?;
    let seals: Vec<SealId> = diverged.tips.iter().map(|tip| tip.seal).collect();
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, &seals)?));
    let lineage = lineage?.filter(|lineage| lineage.stranger().is_none());
    let Some(lineage) = lineage else { return Ok(Would::Unrelated) };
    let held = store.hold().map_err(RepositoryError::Hold).map_err(PerformError::from)?;
    // The batch of the last tree is not finished, so that nothing of it is kept.
    let begin = || repository.batch(&held);
    let how = How { arbiter: Arbiter::Trees, memory: Memory::of(store, repository.shared()) };
    let fused = lineage.fuse(store, &begin(), &begin, &[], how)?;
    Ok(if fused.conflicts.is_empty() {
        Would::Clean
    } else {
        Would::Conflicts(fused.conflicts.into_keys().collect())
    })
}

/// The heads that stand beside each other, the earlier ones first: the same order on every replica.
pub(super) fn ordered(
    chronicle: &mut Chronicle,
    raw: &BTreeSet<SealId>,
) -> Result<Vec<SealId>, GrowError> {
    let mut seals = chronicle.ask(|graph| {
        let mut found = Vec::new();
        for head in fold_heads(graph, raw)? {
            let row = graph.row(head)?;
            found.push((row.map(|row| graph.time(row)).transpose()?, head));
        }
        Ok::<_, GrowError>(found)
    })?;
    seals.sort_unstable();
    Ok(seals.into_iter().map(|(_, head)| head).collect())
}

/// The name of what these heads of a timeline leave to decide.
pub(super) fn part(timeline: &str, seals: &[SealId]) -> PartId {
    let ids: Vec<[u8; 32]> = seals.iter().map(|seal| *seal.object().as_bytes()).collect();
    let texts = std::iter::once(timeline.as_bytes()).chain(ids.iter().map(|id| &id[..]));
    PartId::of(&RepoPath::default(), texts, 0)
}

fn case(
    workspace: &Workspace,
    chronicle: &mut Chronicle,
    timeline: &str,
    seals: &[SealId],
) -> Result<Case, SettlingError> {
    let (repository, store) = (workspace.repository(), workspace.repository().store());
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, seals)?));
    let base = lineage?.and_then(|lineage| lineage.base());
    let base = base.map(|base| store.load::<Seal>(base)).transpose()?;
    let (mut sides, mut tips) = (Vec::new(), Vec::new());
    for head in seals {
        let tip = chronicle.ask(|graph| Ok::<_, GrowError>(tip(graph, *head, seals)?));
        let mut tip = tip?;
        let desk = repository.desk();
        tip.is_here = desk.bases.first() == Some(head) && stands_on(desk, timeline);
        sides.push(side(store, timeline, &tip)?);
        tips.push(tip);
    }
    let is_protected =
        repository.shared().timeline(timeline).is_some_and(|timeline| timeline.is_protected());
    let stands = stands(workspace, timeline)?;
    let (part, timeline) = (part(timeline, seals), timeline.to_owned());
    let shape = Diverged { part, timeline, tips, stands, is_protected, would: None };
    let mut case = Case::unfiled(RepoPath::default(), sides, Shape::Heads(Box::new(shape)));
    case.base = base.map(|base| SealName::of(base.change).to_string());
    Ok(case)
}

/// A head, and what it has that no other has.
fn tip(graph: &Graph, seal: SealId, seals: &[SealId]) -> Result<Tip, GraphError> {
    let mut others: Vec<Row> = Vec::new();
    for other in seals.iter().filter(|other| **other != seal) {
        others.extend(graph.row(*other)?);
    }
    let (mut ahead, mut newest) = (0, Vec::new());
    let own: Vec<Row> = graph.row(seal)?.into_iter().collect();
    for row in graph.walk(&own, &others, Line::All)? {
        let row = row?;
        ahead += 1;
        if let (true, Some(change)) = (newest.len() < Tip::NEWEST_MAX, graph.change(row)?) {
            newest.push((SealName::of(change), graph.title(row)?.to_owned()));
        }
    }
    Ok(Tip { seal, is_here: false, ahead, newest })
}

fn side(store: &Store, timeline: &str, tip: &Tip) -> Result<ToldSide, SettlingError> {
    let seal: Seal = store.load(tip.seal)?;
    let here = if tip.is_here { " (here)" } else { "" };
    let note = format!("{timeline} at {}{here}", SealName::of(seal.change));
    let did = Did::Sealed(tip.ahead);
    Ok(ToldSide { note, seal: Some((tip.seal, seal)), did, path: RepoPath::default() })
}

fn stands(workspace: &Workspace, timeline: &str) -> Result<Stands, SettlingError> {
    let (desk, store) = (workspace.repository().desk(), workspace.repository().store());
    if !stands_on(desk, timeline) {
        return Ok(Stands::Elsewhere);
    }
    if desk.is_fusing() || desk.gathered.is_some() {
        return Ok(Stands::Busy);
    }
    let index = workspace.copy().index(store, workspace.known()?)?;
    Ok(if index.conflicts().is_empty() { Stands::Here } else { Stands::Busy })
}
