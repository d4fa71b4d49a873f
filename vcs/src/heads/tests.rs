use std::collections::BTreeMap;
use std::fmt::Write;

use super::*;
use crate::graph::toy::{graph, id, naive_ancestors, names, random, row};
use crate::lots::Lots;

fn ids(heads: &str) -> BTreeSet<SealId> {
    heads.split_whitespace().map(id).collect()
}

/// The names of the heads that are left, in the order of the alphabet.
fn folded(history: &str, heads: &str) -> String {
    let graph = graph(history);
    let left = fold_heads(&graph, &ids(heads)).unwrap();
    let mut left: Vec<_> =
        left.iter().map(|id| names(&graph, [graph.row(*id).unwrap().unwrap()])).collect();
    left.sort_unstable();
    left.join(" ")
}

#[test]
fn a_head_that_another_came_from_is_dropped() {
    assert_eq!(folded("a, b:a, c:b", "a c"), "c");
    assert_eq!(folded("a, b:a, c:a", "b c"), "b c");
    assert_eq!(folded("a, b:a, c:a, m:b+c", "b c m a"), "m");
}

#[test]
fn an_amended_head_gives_way_to_its_new_version() {
    assert_eq!(folded("a, b:a, b':a!b", "b b'"), "b'");
}

#[test]
fn a_replacement_counts_for_what_came_from_it() {
    assert_eq!(folded("a, b:a, b':a!b, c:b'", "b c"), "c");
}

#[test]
fn versions_in_between_need_not_be_here() {
    assert_eq!(folded("a, b:a, b'':a!b'+b", "b b''"), "b''");
}

#[test]
fn work_upon_an_old_version_is_not_dropped() {
    assert_eq!(folded("a, b:a, b':a!b, c:b", "b' c"), "b' c");
}

#[test]
fn a_replacement_that_nobody_stands_on_drops_nothing() {
    assert_eq!(folded("a, b:a, b':a!b, d:a", "b d"), "b d");
}

#[test]
fn what_only_a_dropped_head_covered_stays() {
    // `c` came from `b` and was moved away from it: who still stands on `b` keeps it.
    assert_eq!(folded("a, b:a, c:b, c':a!c", "b c c'"), "b c'");
    assert_eq!(folded("a, b:a, c:b, c':a!c", "b c'"), "b c'");
}

#[test]
fn two_amends_at_once_are_two_heads() {
    assert_eq!(folded("a, b:a, b':a!b, b'':a!b", "b' b''"), "b' b''");
}

#[test]
fn a_head_that_is_not_here_is_left() {
    let graph = graph("a, b:a");
    assert_eq!(fold_heads(&graph, &ids("a b x")).unwrap(), ids("b x"));
}

#[test]
fn seals_that_claim_to_replace_each_other_both_stay() {
    assert_eq!(folded("a, b:a!c, c:a!b", "b c"), "b c");
    assert_eq!(folded("a, b:a!d, c:a!b, d:a!c", "b c d"), "b c d");
}

/// Which of two heads covers which, found by plain search.
fn naive_covers(graph: &Graph, one: Row, other: Row) -> bool {
    let other_id = graph.id(other).unwrap();
    let above = naive_ancestors(graph, &[one]);
    let rewrites = |row: &Row| graph.replaces(*row).unwrap().any(|replaced| replaced == other_id);
    one != other && (above.contains(&other) || above.iter().any(rewrites))
}

/// Drops a covered head whenever a head that nobody can drop covers it.
fn naive_fold(graph: &Graph, heads: &BTreeSet<SealId>) -> BTreeSet<SealId> {
    let mut state: BTreeMap<Row, bool> = BTreeMap::new();
    let rows: Vec<_> = heads.iter().map(|id| graph.row(*id).unwrap().unwrap()).collect();
    while state.len() < rows.len() {
        for row in &rows {
            let coverers: Vec<_> =
                rows.iter().filter(|other| naive_covers(graph, **other, *row)).collect();
            if coverers.iter().any(|other| state.get(other) == Some(&true)) {
                state.insert(*row, false);
            } else if coverers.iter().all(|other| state.get(other) == Some(&false)) {
                state.insert(*row, true);
            }
        }
    }
    let stay = rows.into_iter().filter(|row| state[row]);
    stay.map(|row| graph.id(row).unwrap()).collect()
}

#[test]
fn folding_keeps_its_laws() {
    for seed in 0..400 {
        let mut lots = Lots(seed);
        let graph = random(&mut lots, 40);
        let draw = |lots: &mut Lots| graph.id(Row::at(lots.below(40))).unwrap();
        let mut heads: BTreeSet<_> = (0..2 + lots.below(5)).map(|_| draw(&mut lots)).collect();
        heads.retain(|id| !graph.is_absent(graph.row(*id).unwrap().unwrap()).unwrap());
        let folded = fold_heads(&graph, &heads).unwrap();
        assert_eq!(folded, naive_fold(&graph, &heads), "seed {seed}");
        assert_eq!(fold_heads(&graph, &folded).unwrap(), folded, "seed {seed}: not idempotent");
        assert!(heads.is_empty() || !folded.is_empty(), "seed {seed}: nothing is left");
        for more in (0..40).map(Row::at).filter(|row| !graph.is_absent(*row).unwrap()) {
            let is_left = |id: &SealId| graph.row(*id).unwrap().unwrap();
            if folded.iter().any(|head| naive_covers(&graph, is_left(head), more)) {
                let mut with = folded.clone();
                with.insert(graph.id(more).unwrap());
                assert_eq!(fold_heads(&graph, &with).unwrap(), folded, "seed {seed}");
            }
        }
    }
}

#[test]
fn more_heads_than_a_word_has_bits_are_folded_alike() {
    let mut history = "a".to_owned();
    for number in 0..150 {
        write!(history, ", b{number}:a, c{number}:b{number}").unwrap();
    }
    let graph = graph(&history);
    let all: BTreeSet<_> = (0..150)
        .flat_map(|number| [id(&format!("b{number}")), id(&format!("c{number}"))])
        .collect();
    let left = fold_heads(&graph, &all).unwrap();
    assert_eq!(left, (0..150).map(|number| id(&format!("c{number}"))).collect());
    assert!(graph.is_ancestor(row(&graph, "b7"), row(&graph, "c7")).unwrap());
}
