//! Which seals a history shows, and what leads from one to the next.

use std::collections::HashMap;

use jiff::Timestamp;
use selkie_store::{RepoPath, Seal, Store};

use crate::graph::error::GraphError;
use crate::graph::history::{Change, HistoryError, Renames};
use crate::graph::index::Graph;
use crate::graph::lanes::Link;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::graph::touched::{Touch, path_number};
use crate::graph::trees::TreeReader;
use crate::graph::walk::Line;
use crate::rename::FindingRenames;
use crate::rename::source::source;
use crate::rev::eval::Selected;

#[cfg(test)]
mod tests;

/// What is asked of a history. What is left empty asks nothing.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Seals among these.
    pub seals: Selected,
    /// That changed one of these paths, or something below them.
    pub paths: Vec<RepoPath>,
    /// Whose author's name or contact holds this text, in any case.
    pub author: Option<String>,
    /// Whose message holds this text, in any case.
    pub message: Option<String>,
    /// Made then or later.
    pub since: Option<Timestamp>,
    /// Made earlier.
    pub until: Option<Timestamp>,
}

/// Seals, found one by one as they are taken.
pub type Rows<'g> = Box<dyn Iterator<Item = Result<Row, HistoryError>> + 'g>;

/// Seals, each with what leads down from it.
pub type Linked<'g> = Box<dyn Iterator<Item = Result<(Row, Vec<Link<Row>>), HistoryError>> + 'g>;

/// The seals that are wanted, newest first, never a parent before its child. No more of the history is
/// looked at than it takes.
///
/// With one path, of a merge that took it from one parent as it was, only that parent's past is told.
/// With several, every seal that changed one of them is.
///
/// # Errors
///
/// The graph can not be read.
pub fn seals<'g>(
    graph: &'g Graph,
    store: &'g Store,
    wanted: &Wanted,
) -> Result<Rows<'g>, HistoryError> {
    let mut sieve = Sieve::of(graph, store, wanted);
    let rows: Rows<'g> = match (&wanted.seals, &wanted.paths[..]) {
        (Selected::Range { tips, hidden }, [path]) => {
            sieve.paths.clear();
            let trees = TreeReader::new(store);
            let changes = graph.history_of(trees, (tips, hidden), path.clone(), None)?;
            Box::new(changes.map(|change| Ok(change?.row)))
        }
        (Selected::Range { .. } | Selected::Seals(_), _) => {
            Box::new(wanted.seals.newest_first(graph)?.map(|row| Ok(row?)))
        }
    };
    let mut rows = rows;
    Ok(Box::new(std::iter::from_fn(move || sieve.next(&mut rows).transpose())))
}

/// The seals among those wanted that changed a file, newest first, with what it was called then.
pub type Followed<'g> = Box<dyn Iterator<Item = Result<Change, HistoryError>> + 'g>;

/// The seals that are wanted and changed the file at `path`, which is followed to where it had another name. The
/// paths of `wanted` are not asked.
///
/// # Errors
///
/// The graph can not be read.
pub fn followed<'g>(
    graph: &'g Graph,
    store: &'g Store,
    wanted: &Wanted,
    path: RepoPath,
    finding: FindingRenames,
) -> Result<Followed<'g>, HistoryError> {
    let mut sieve = Sieve::of(graph, store, wanted);
    sieve.paths.clear();
    let (tips, hidden, among) = match &wanted.seals {
        Selected::Range { tips, hidden } => (tips.clone(), hidden.clone(), None),
        Selected::Seals(seals) => (seals.iter().collect(), Vec::new(), Some(seals.clone())),
    };
    let renames: Box<Renames<'g>> =
        Box::new(move |before, after, path| Ok(source(store, (before, after), path, finding)?));
    let trees = TreeReader::new(store);
    let mut changes = graph.history_of(trees, (&tips, &hidden), path, Some(renames))?;
    let mut next = move || {
        for change in &mut changes {
            let change = change?;
            if sieve.is_past(change.row)? {
                break;
            }
            let is_meant = among.as_ref().is_none_or(|seals| seals.contains(change.row));
            if is_meant && sieve.passes(change.row)? {
                return Ok(Some(change));
            }
        }
        Ok(None)
    };
    Ok(Box::new(std::iter::from_fn(move || next().transpose())))
}

/// The seals that are wanted as a picture shows them. A whole history comes line by line, as it is taken; of
/// one with gaps all is looked at first, to know where lines go on.
///
/// # Errors
///
/// The graph can not be read.
pub fn picture<'g>(
    graph: &'g Graph,
    store: &'g Store,
    wanted: &Wanted,
) -> Result<Linked<'g>, HistoryError> {
    match &wanted.seals {
        Selected::Range { tips, hidden } if hidden.is_empty() && wanted.is_everything() => {
            let rows = graph.walk_grouped(tips, &[], Line::All)?;
            Ok(Box::new(rows.map(|row| {
                let row = row?;
                Ok((row, parents(graph, row)?))
            })))
        }
        Selected::Range { .. } | Selected::Seals(_) => {
            let rows: Vec<Row> = seals(graph, store, wanted)?.collect::<Result<_, _>>()?;
            let gaps = Gaps::between(graph, rows.iter().copied().collect())?;
            Ok(Box::new(rows.into_iter().map(move |row| Ok((row, gaps.links(graph, row)?)))))
        }
    }
}

fn parents(graph: &Graph, row: Row) -> Result<Vec<Link<Row>>, GraphError> {
    let link =
        |parent| Ok(if graph.is_absent(parent)? { Link::Beyond } else { Link::Parent(parent) });
    graph.parents(row)?.map(link).collect()
}

impl Wanted {
    const fn is_everything(&self) -> bool {
        self.paths.is_empty()
            && self.author.is_none()
            && self.message.is_none()
            && self.since.is_none()
            && self.until.is_none()
    }
}

/// Lets through what is wanted.
struct Sieve<'g> {
    graph: &'g Graph,
    store: &'g Store,
    trees: TreeReader<'g>,
    paths: Vec<(RepoPath, u64)>,
    author: Option<String>,
    message: Option<String>,
    since_ms: Option<i64>,
    until_ms: Option<i64>,
}

impl<'g> Sieve<'g> {
    fn of(graph: &'g Graph, store: &'g Store, wanted: &Wanted) -> Self {
        let numbered = |path: &RepoPath| (path.clone(), path_number(path.as_str()));
        Self {
            graph,
            store,
            trees: TreeReader::new(store),
            paths: wanted.paths.iter().map(numbered).collect(),
            author: wanted.author.as_ref().map(|text| text.to_lowercase()),
            message: wanted.message.as_ref().map(|text| text.to_lowercase()),
            since_ms: wanted.since.map(Timestamp::as_millisecond),
            until_ms: wanted.until.map(Timestamp::as_millisecond),
        }
    }

    fn next(&mut self, rows: &mut Rows<'g>) -> Result<Option<Row>, HistoryError> {
        for row in rows {
            let row = row?;
            if self.is_past(row)? {
                return Ok(None);
            }
            if self.passes(row)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Whether this and all that follows is too old. Rows come by rank, and no seal is later than its rank.
    fn is_past(&self, row: Row) -> Result<bool, GraphError> {
        let Some(since) = self.since_ms.and_then(|ms| u64::try_from(ms).ok()) else {
            return Ok(false);
        };
        let (rank, ..) = self.graph.order(row)?;
        Ok(rank >> 16 < since)
    }

    /// What costs least is asked first.
    fn passes(&mut self, row: Row) -> Result<bool, HistoryError> {
        Ok(self.is_in_time(row)?
            && self.is_by_author(row)?
            && self.touches_path(row)?
            && self.says(row)?)
    }

    fn is_in_time(&self, row: Row) -> Result<bool, GraphError> {
        if self.since_ms.is_none() && self.until_ms.is_none() {
            return Ok(true);
        }
        let (time, _) = self.graph.time(row)?;
        let ms = i64::try_from(time.ms()).unwrap_or(i64::MAX);
        Ok(self.since_ms.is_none_or(|since| ms >= since)
            && self.until_ms.is_none_or(|until| ms < until))
    }

    fn is_by_author(&self, row: Row) -> Result<bool, GraphError> {
        let Some(wanted) = &self.author else { return Ok(true) };
        let author = self.graph.author(row)?;
        let holds = |text: &str| text.to_lowercase().contains(wanted);
        Ok(holds(&author.name) || holds(&author.contact))
    }

    fn says(&self, row: Row) -> Result<bool, HistoryError> {
        let Some(wanted) = &self.message else { return Ok(true) };
        if self.graph.title(row)?.to_lowercase().contains(wanted) {
            return Ok(true);
        }
        let seal: Seal = self.store.load(self.graph.id(row)?)?;
        Ok(seal.message.to_lowercase().contains(wanted))
    }

    fn touches_path(&mut self, row: Row) -> Result<bool, HistoryError> {
        for (path, number) in &self.paths {
            let touched = match self.graph.touch(row, *number)? {
                Touch::Same | Touch::AsInSecond => false,
                Touch::Changed => true,
                Touch::Unsaid => is_changed(self.graph, &mut self.trees, row, path)?,
            };
            if touched {
                return Ok(true);
            }
        }
        Ok(self.paths.is_empty())
    }
}

/// Whether a path is as in no parent.
fn is_changed(
    graph: &Graph,
    trees: &mut TreeReader<'_>,
    row: Row,
    path: &RepoPath,
) -> Result<bool, HistoryError> {
    let Some(tree) = graph.tree(row)? else { return Ok(false) };
    let node = trees.node(tree, path)?;
    let mut has_parent = false;
    for parent in graph.parents(row)? {
        let Some(before) = graph.tree(parent)? else { continue };
        has_parent = true;
        if trees.node(before, path)? == node {
            return Ok(false);
        }
    }
    Ok(has_parent || node.is_some())
}

/// Where lines go on below seals that are not shown.
struct Gaps {
    shown: RowSet,
    /// For each that is not shown, the nearest below it that are.
    nearest: HashMap<Row, Vec<Row>>,
}

impl Gaps {
    fn between(graph: &Graph, shown: RowSet) -> Result<Self, GraphError> {
        let mut gaps = Self { nearest: HashMap::new(), shown };
        let all: Vec<Row> = graph.ancestors(&gaps.shown)?.iter().collect();
        // Parents come first, so what is below is known.
        for row in all.into_iter().rev() {
            if !gaps.shown.contains(row) {
                let mut below = Vec::new();
                for parent in graph.parents(row)? {
                    gaps.reach(parent, &mut below);
                }
                gaps.nearest.insert(row, below);
            }
        }
        Ok(gaps)
    }

    fn reach(&self, row: Row, below: &mut Vec<Row>) {
        let itself = self.shown.contains(row).then_some(row);
        let further = self.nearest.get(&row).into_iter().flatten().copied();
        for found in itself.into_iter().chain(further) {
            if !below.contains(&found) {
                below.push(found);
            }
        }
    }

    fn links(&self, graph: &Graph, row: Row) -> Result<Vec<Link<Row>>, GraphError> {
        let parents: Vec<Row> = graph.parents(row)?.collect();
        let mut links = Vec::new();
        for parent in &parents {
            if self.shown.contains(*parent) {
                links.push(Link::Parent(*parent));
                continue;
            }
            let mut below = Vec::new();
            self.reach(*parent, &mut below);
            below.retain(|found| !parents.contains(found));
            links.extend(
                below
                    .into_iter()
                    .map(Link::Ancestor)
                    .filter(|link| !links.contains(link))
                    .collect::<Vec<_>>(),
            );
        }
        if links.is_empty() && !parents.is_empty() {
            links.push(Link::Beyond);
        }
        Ok(links)
    }
}
