//! What both sides changed close to each other, and what was merged there without asking: worth a look.
//!
//! Lines that stand together often mean one thing, and who changed one of them may have looked at the others. So each place is
//! told, with what either side did. Nothing waits for that, and nobody has to decide anything.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use selkie_store::{Node, ReadError, RepoPath, Seal, SealId, Store, TreeId};

use crate::conflict::text_of;
use crate::graph::grow::GrowError;
use crate::lineage::Lineage;
use crate::merge::file::{Merging, merge_file};
use crate::merge::part::MergeSide;
use crate::merge::rules::MergeRules;
use crate::seal_name::SealName;
use crate::text::compare::Algorithm;
use crate::text::lines::Text;
use crate::text::merge3::{Region3, RegionKind, merge3};
use crate::tree::compare::{TreeChangeKind, TreeChanges};
use crate::tree::filter::PathFilter;
use crate::tree::fuse::content::Versions;
use crate::tree::fuse::moves::node_at;
use crate::verb::conflicts::{Did, ToldSide};
use crate::verb::explain::written;
use crate::verb::settling::case::{Case, Shape};
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::part::{Open, PartId, Piece};
use crate::verb::trouble::Trouble;
use crate::workspace::Workspace;

/// A place in a text that both sides changed, and what the merge made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Place {
    versions: Versions,
    merged: Vec<u8>,
    /// The line above and the line below, which nobody changed.
    around: [Vec<u8>; 2],
}

/// The files of the fuse that is under way in which changes of both sides stand close to each other and were merged, as they are
/// on disk. How close is close, the rules say by path.
///
/// Told are fuses of two seals that came from one, and files that all three have in one place. What somebody changed since is not
/// told, since they looked.
///
/// # Errors
///
/// The history or the trees can not be read.
pub fn near(workspace: &Workspace) -> Result<Vec<Case>, SettlingError> {
    let &[ours, theirs] = &workspace.repository().desk().bases[..] else { return Ok(Vec::new()) };
    between(workspace, [ours, theirs], |path| Ok(on_disk(workspace, path)))
}

/// The same of a seal that brought two others together.
///
/// # Errors
///
/// The history or the trees can not be read.
pub fn near_of(workspace: &Workspace, seal: SealId) -> Result<Vec<Case>, SettlingError> {
    let store = workspace.repository().store();
    let seal: Seal = store.load(seal)?;
    let &[ours, theirs] = &seal.parents[..] else { return Ok(Vec::new()) };
    between(workspace, [ours, theirs], |path| match node_at(store, seal.tree, path)? {
        Some(node) => text_of(store, &node),
        None => Ok(None),
    })
}

/// The places in what came of two seals.
fn between(
    workspace: &Workspace,
    seals: [SealId; 2],
    came: impl Fn(&RepoPath) -> Result<Option<Vec<u8>>, ReadError>,
) -> Result<Vec<Case>, SettlingError> {
    let (repository, store) = (workspace.repository(), workspace.repository().store());
    let mut chronicle = repository.chronicle().map_err(Trouble::from)?;
    let lineage = chronicle.ask(|graph| Ok::<_, GrowError>(Lineage::trace(graph, &seals)?));
    let Some(base) = lineage.map_err(Trouble::from)?.and_then(|lineage| lineage.base()) else {
        return Ok(Vec::new());
    };
    let load = |id: SealId| store.load::<Seal>(id);
    let [ours, theirs] = seals;
    let (before, ours, theirs) = (load(base)?, (ours, load(ours)?), (theirs, load(theirs)?));
    // Rules that make no sense say nothing of this either.
    let rules = written(workspace).ok().and_then(|written| written.rules.ok()).unwrap_or_default();
    let timeline = repository.desk().timeline.as_deref();
    let mut cases = Vec::new();
    for (path, nodes) in of_both(store, before.tree, [ours.1.tree, theirs.1.tree])? {
        let places = places_in(store, &path, &nodes, rules.near_lines(path.as_str()))?;
        if places.is_empty() {
            continue;
        }
        let Some(here) = came(&path)? else { continue };
        let pieces = pieces(&path, &here, places);
        if !pieces.iter().any(|piece| matches!(piece, Piece::Merged { .. })) {
            continue;
        }
        let sides = vec![side(&path, &ours, timeline), side(&path, &theirs, None)];
        let mut case = Case::unfiled(path, sides, Shape::Merged(pieces));
        case.base = Some(SealName::of(before.change).to_string());
        cases.push(case);
    }
    Ok(cases)
}

/// The files that both trees changed, each as it was and as they have it.
fn of_both(
    store: &Store,
    before: TreeId,
    trees: [TreeId; 2],
) -> Result<BTreeMap<RepoPath, [Node; 3]>, SettlingError> {
    let mut theirs = modified(store, before, trees[1])?;
    let both = modified(store, before, trees[0])?.into_iter().filter_map(|(path, [old, mine])| {
        let [_, new] = theirs.remove(&path)?;
        Some((path, [old, mine, new]))
    });
    Ok(both.collect())
}

/// The files that have another content in another tree, each as it was and as it is.
fn modified(
    store: &Store,
    before: TreeId,
    after: TreeId,
) -> Result<BTreeMap<RepoPath, [Node; 2]>, SettlingError> {
    let filter = PathFilter::default();
    let mut found = BTreeMap::new();
    for change in TreeChanges::new(store, Some(before), Some(after), &filter) {
        let change = change?;
        let is_modified = change.kind() == TreeChangeKind::Modified;
        if let (true, Some(before), Some(after)) = (is_modified, change.before, change.after) {
            found.insert(change.path, [before, after]);
        }
    }
    Ok(found)
}

/// A side, as it is called.
fn side(path: &RepoPath, (id, seal): &(SealId, Seal), timeline: Option<&str>) -> ToldSide {
    let name = SealName::of(seal.change).to_string();
    let note = timeline.map_or_else(|| name.clone(), |timeline| format!("{timeline} at {name}"));
    ToldSide { note, seal: Some((*id, seal.clone())), did: Did::Changed, path: path.clone() }
}

/// What the disk has there, if that is a file. One that can not be read is no place to look at.
fn on_disk(workspace: &Workspace, path: &RepoPath) -> Option<Vec<u8>> {
    workspace.copy().text(workspace.repository().store(), path, None).ok().flatten()
}

/// The places in a file that both changed, of which nothing else is kept.
fn places_in(
    store: &Store,
    path: &RepoPath,
    nodes: &[Node; 3],
    lines: usize,
) -> Result<Vec<Place>, ReadError> {
    let mut texts = Vec::new();
    for node in nodes {
        texts.extend(text_of(store, node)?);
    }
    let [old, mine, new] = &texts[..] else { return Ok(Vec::new()) };
    Ok(places(path, [old, mine, new], lines))
}

/// The places in a text where changes of both sides have at most so many lines between them.
fn places(path: &RepoPath, texts: [&[u8]; 3], lines: usize) -> Vec<Place> {
    let [Ok(base), Ok(ours), Ok(theirs)] = texts.map(Text::new) else { return Vec::new() };
    let merged = merge3(&base, &ours, &theirs, Algorithm::Histogram);
    let changed: Vec<&Region3> =
        merged.regions.iter().filter(|region| region.kind != RegionKind::Same).collect();
    let mut places = Vec::new();
    let mut group: Vec<&Region3> = Vec::new();
    for (at, region) in changed.iter().enumerate() {
        group.push(region);
        let gap = changed.get(at + 1).map(|next| next.base.start - region.base.end);
        if gap.is_some_and(|gap| gap <= lines) {
            continue;
        }
        places.extend(place(path, [&base, &ours, &theirs], &group));
        group.clear();
    }
    places
}

/// What becomes of regions that stand close to each other. None if one side alone changed them, or nobody knows without a person.
fn place(path: &RepoPath, [base, ours, theirs]: [&Text; 3], group: &[&Region3]) -> Option<Place> {
    let has = |kind| group.iter().any(|region| region.kind == kind);
    let is_of_both = has(RegionKind::Ours) && has(RegionKind::Theirs);
    if !is_of_both && !has(RegionKind::Conflict) {
        return None;
    }
    let (first, last) = (group.first()?, group.last()?);
    let span = |text: &Text, range: Range<usize>| text.span(range).to_vec();
    let versions = Versions {
        base: span(base, first.base.start..last.base.end),
        ours: span(ours, first.ours.start..last.ours.end),
        theirs: span(theirs, first.theirs.start..last.theirs.end),
    };
    let rules = &MergeRules::default();
    let Versions { base: before, ours: one, theirs: other } = &versions;
    let (path, first_side) = (path.as_str(), MergeSide::Ours);
    let merging =
        Merging { path, base: before, ours: one, theirs: other, first: first_side, rules };
    let merged = merge_file(&merging).bytes()?;
    let above = first.base.start.saturating_sub(1)..first.base.start;
    let below = last.base.end..(last.base.end + 1).min(base.len());
    Some(Place { versions, merged, around: [span(base, above), span(base, below)] })
}

/// The text on disk, with the places that stand there as the merge left them.
fn pieces(path: &RepoPath, here: &[u8], places: Vec<Place>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (number, Place { versions, merged, around: [above, below] }) in
        places.into_iter().enumerate()
    {
        let sought = [&above[..], &merged, &below].concat();
        let Some(found) = line_with(&here[done..], &sought) else { continue };
        let start = done + found + above.len();
        if start > done {
            pieces.push(Piece::Settled(here[done..start].into()));
        }
        let texts = [&versions.base[..], &versions.ours, &versions.theirs, &merged];
        let id = PartId::of(path, texts, number);
        done = start + merged.len();
        pieces.push(Piece::Merged { open: Arc::new(Open { id, versions }), text: merged.into() });
    }
    if done < here.len() {
        pieces.push(Piece::Settled(here[done..].into()));
    }
    pieces
}

/// Where whole lines stand in a text.
fn line_with(text: &[u8], sought: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at <= text.len() {
        if text[at..].starts_with(sought) {
            return Some(at);
        }
        at += text[at..].iter().position(|byte| *byte == b'\n')? + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places as their lines on disk, and what is between them as `.`.
    fn told(base: &str, ours: &str, theirs: &str, here: &str, lines: usize) -> Vec<String> {
        let path = RepoPath::new("a.txt").unwrap();
        let texts = [base, ours, theirs].map(str::as_bytes);
        let told = |piece: &Piece| match piece {
            Piece::Merged { text, .. } => String::from_utf8(text.to_vec()).unwrap(),
            Piece::Settled(_) => ".".to_owned(),
            Piece::Open(_) => panic!("nothing is open"),
        };
        pieces(&path, here.as_bytes(), places(&path, texts, lines)).iter().map(told).collect()
    }

    #[test]
    fn changes_of_both_sides_are_told_where_few_lines_are_between_them() {
        let (base, ours) = ("1\n2\n3\n4\n5\n6\n7\n8\n", "1\nO\n3\n4\n5\n6\n7\n8\n");
        let theirs = "1\n2\n3\n4\nT\n6\n7\n8\n";
        let here = "1\nO\n3\n4\nT\n6\n7\n8\n";
        assert_eq!(told(base, ours, theirs, here, 2), [".", "O\n3\n4\nT\n", "."]);
        assert_eq!(told(base, ours, theirs, here, 1), ["."]);
        // What stands above moved it, and is no matter.
        assert_eq!(told(base, ours, theirs, &format!("new\n{here}"), 2).len(), 3);
        // What somebody changed since is looked at already.
        assert_eq!(told(base, ours, theirs, "1\nO\n3\n4\nT!\n6\n7\n8\n", 2), ["."]);
    }

    #[test]
    fn what_one_side_did_alone_or_a_person_decides_is_not_told() {
        let base = "1\n2\n3\n4\n";
        assert_eq!(told(base, "A\n2\nB\n4\n", base, "A\n2\nB\n4\n", 2), ["."]);
        assert_eq!(told(base, "1\nA\n3\n4\n", "1\nB\n3\n4\n", "1\nA\n3\n4\n", 2), ["."]);
        assert_eq!(told(base, "1\nA\n3\n4\n", "1\nA\n3\n4\n", "1\nA\n3\n4\n", 2), ["."]);
    }

    #[test]
    fn changes_that_touch_are_told_as_well() {
        let merged = "A\nB\n3\n4\n";
        assert_eq!(
            told("1\n2\n3\n4\n", "A\n2\n3\n4\n", "1\nB\n3\n4\n", merged, 2),
            ["A\nB\n", "."]
        );
    }
}
