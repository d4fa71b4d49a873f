//! Histories for tests, written as text or drawn by lot.
//!
//! `a, b:a, c:a@9, m:b+c!x` is a root, two children of it (the second at time 9), and a merge that
//! rewrites a seal `x`. Without a time, each seal is one later than the one before it. `?x` is absent.

use std::collections::BTreeSet;

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, Kind, ObjectId, SealId};

use crate::graph::index::Graph;
use crate::graph::row::{Entry, Facts, Known, Row};
use crate::graph::touched::Touched;
use crate::lots::Lots;

pub(crate) fn id(name: &str) -> SealId {
    ObjectId::of(Kind::Seal, name.as_bytes()).into()
}

/// The change of the seals with this name, primes left out: `a'` is a version of `a`.
pub(crate) fn change(name: &str) -> ChangeId {
    let id = ObjectId::of(Kind::Blob, name.trim_end_matches('\'').as_bytes());
    ChangeId::from_bytes(*id.as_bytes().first_chunk().unwrap())
}

pub(crate) fn facts(name: &str, time: u64, parents: Vec<Row>) -> Facts {
    Facts {
        change: change(name),
        tree: ObjectId::of(Kind::Tree, name.as_bytes()).into(),
        time: Hlc::from_u64(time),
        zone_minutes: 60,
        parents,
        author: Author { name: format!("author of {name}"), contact: format!("{name}@x") },
        title: format!("title of {name}"),
        replaces: Vec::new(),
        touched: Touched::Unsaid,
    }
}

/// The graph of a text.
pub(crate) fn graph(text: &str) -> Graph {
    let mut graph = Graph::default();
    for (number, item) in text.split(',').map(str::trim).filter(|item| !item.is_empty()).enumerate()
    {
        graph.push(&entry(&graph, number as u64 + 1, item)).unwrap();
    }
    graph
}

fn entry(graph: &Graph, number: u64, item: &str) -> Entry {
    if let Some(name) = item.strip_prefix('?') {
        return Entry { id: id(name), known: Known::Absent };
    }
    let (item, replaces) = item.split_once('!').unwrap_or((item, ""));
    let (item, time) = item.split_once('@').unwrap_or((item, ""));
    let (name, parents) = item.split_once(':').unwrap_or((item, ""));
    let list = |text: &str| -> Vec<SealId> {
        text.split('+').filter(|name| !name.is_empty()).map(id).collect()
    };
    let parents = list(parents).into_iter().map(|id| graph.row(id).unwrap().unwrap()).collect();
    let time = if time.is_empty() { number } else { time.parse().unwrap() };
    let facts = Facts { replaces: list(replaces), ..facts(name, time, parents) };
    Entry { id: id(name), known: Known::Present(Box::new(facts)) }
}

pub(crate) fn row(graph: &Graph, name: &str) -> Row {
    graph.row(id(name)).unwrap().unwrap_or_else(|| panic!("no {name}"))
}

/// The rows of names with blanks between them.
pub(crate) fn rows(graph: &Graph, names: &str) -> Vec<Row> {
    names.split_whitespace().map(|name| row(graph, name)).collect()
}

/// The names of rows, with blanks between them.
pub(crate) fn names(graph: &Graph, rows: impl IntoIterator<Item = Row>) -> String {
    let name = |row: Row| match graph.title(row).unwrap() {
        "" => "?".to_owned(),
        title => title.trim_start_matches("title of ").to_owned(),
    };
    rows.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

/// A history drawn by lot: lines, merges, forks, clocks that lie, absent seals.
pub(crate) fn random(lots: &mut Lots, count: usize) -> Graph {
    let mut graph = Graph::default();
    for number in 0..count {
        let name = format!("s{number}");
        if lots.one_in(40) {
            graph.push(&Entry { id: id(&name), known: Known::Absent }).unwrap();
            continue;
        }
        let mut parents = BTreeSet::new();
        if !lots.one_in(12) {
            let wanted = *lots.one_of(&[1, 1, 1, 1, 2, 2, 3]);
            for _ in 0..wanted.min(number) {
                parents.insert(number - 1 - lots.below(number.min(8)));
            }
        }
        let parents = parents.into_iter().rev().map(Row::at).collect();
        let time = (number * 3 + lots.below(20)) as u64;
        let mut facts = facts(&name, time, parents);
        if number > 0 && lots.one_in(5) {
            let replaced = lots.below(number);
            facts.replaces.push(id(&format!("s{replaced}")));
        }
        graph.push(&Entry { id: id(&name), known: Known::Present(Box::new(facts)) }).unwrap();
    }
    graph
}

/// All ancestors of some rows, themselves among them, found without the graph's own walks.
pub(crate) fn naive_ancestors(graph: &Graph, tips: &[Row]) -> BTreeSet<Row> {
    let mut found: BTreeSet<Row> = tips.iter().copied().collect();
    for index in (0..graph.len()).rev() {
        if found.contains(&Row::at(index)) {
            found.extend(graph.parents(Row::at(index)).unwrap());
        }
    }
    found.retain(|row| !graph.is_absent(*row).unwrap());
    found
}
