use std::collections::BTreeSet;

use super::*;
use crate::graph::toy::{graph, naive_ancestors, names, random, row, rows};
use crate::lots::Lots;

fn walked(graph: &Graph, tips: &str, hidden: &str, line: Line) -> String {
    let walk = graph.walk(&rows(graph, tips), &rows(graph, hidden), line).unwrap();
    names(graph, walk.map(Result::unwrap))
}

fn grouped(graph: &Graph, tips: &str, hidden: &str) -> String {
    let walk = graph.walk_grouped(&rows(graph, tips), &rows(graph, hidden), Line::All).unwrap();
    names(graph, walk.map(Result::unwrap))
}

#[test]
fn newest_comes_first() {
    let graph = graph("a, b:a, c:a, d:b, m:d+c, e:m");
    assert_eq!(walked(&graph, "e", "", Line::All), "e m d c b a");
    assert_eq!(walked(&graph, "e", "", Line::First), "e m d b a");
}

#[test]
fn a_range_leaves_out_what_was_there() {
    let graph = graph("a, b:a, c:a, d:b, m:d+c, e:m");
    assert_eq!(walked(&graph, "e", "c", Line::All), "e m d b");
    assert_eq!(walked(&graph, "c d", "b", Line::All), "d c");
    assert_eq!(walked(&graph, "b", "e", Line::All), "");
    assert_eq!(walked(&graph, "e", "c", Line::First), "e m d b");
}

#[test]
fn a_clock_that_lies_does_not_put_a_parent_above_its_child() {
    let graph = graph("a@900, b:a@1, c:a@5, d:b+c@2");
    assert_eq!(walked(&graph, "d", "", Line::All), "d c b a");
    let ties = graph.order(row(&graph, "b")).unwrap() > graph.order(row(&graph, "c")).unwrap();
    assert!(!ties, "both come right after their parent, and their ids decide");
}

#[test]
fn a_time_beyond_all_clocks_still_has_a_next_one() {
    let graph = graph(&format!("a@{max}, b:a@{max}, c:b", max = u64::MAX));
    assert_eq!(walked(&graph, "c", "", Line::All), "c b a");
}

#[test]
fn absent_seals_are_left_out() {
    let graph = graph("?x, a:x, b:a");
    assert_eq!(walked(&graph, "b", "", Line::All), "b a");
    assert_eq!(walked(&graph, "b x", "a", Line::All), "b");
    assert_eq!(grouped(&graph, "b", ""), "b a");
}

#[test]
fn a_grouped_walk_keeps_lines_together() {
    let graph = graph("a, b1:a, c1:a, b2:b1, c2:c1, b3:b2, c3:c2, m:b3+c3");
    assert_eq!(walked(&graph, "m", "", Line::All), "m c3 b3 c2 b2 c1 b1 a");
    assert_eq!(grouped(&graph, "m", ""), "m c3 c2 c1 b3 b2 b1 a");
    assert_eq!(grouped(&graph, "b3 c3", "a"), "c3 c2 c1 b3 b2 b1");
}

#[test]
fn walks_show_what_a_plain_search_finds() {
    for seed in 0..300 {
        let mut lots = Lots(seed);
        let graph = random(&mut lots, 60);
        let draw = |lots: &mut Lots| Row::at(lots.below(graph.len()));
        let tips = [draw(&mut lots), draw(&mut lots)];
        let hidden = [draw(&mut lots)];
        let hidden = &hidden[..lots.below(2)];
        let left_out = naive_ancestors(&graph, hidden);
        let expected: BTreeSet<_> =
            naive_ancestors(&graph, &tips).difference(&left_out).copied().collect();
        let one: Vec<_> =
            graph.walk(&tips, hidden, Line::All).unwrap().map(Result::unwrap).collect();
        let two: Vec<_> =
            graph.walk_grouped(&tips, hidden, Line::All).unwrap().map(Result::unwrap).collect();
        for walk in [one, two] {
            assert_eq!(walk.len(), expected.len(), "seed {seed}");
            assert_eq!(walk.iter().copied().collect::<BTreeSet<_>>(), expected, "seed {seed}");
            for (at, row) in walk.iter().enumerate() {
                let children_above = walk[at..]
                    .iter()
                    .all(|later| graph.parents(*later).unwrap().all(|parent| parent != *row));
                assert!(children_above, "seed {seed}: a child below its parent {row:?}");
            }
        }
    }
}

#[test]
fn the_order_of_entering_does_not_matter() {
    let one = graph("a, b:a@5, c:a@5, d:b@9, e:c@9, m:d+e@9");
    let other = graph("a@1, c:a@5, e:c@9, b:a@5, d:b@9, m:d+e@9");
    let [one, other] = [one, other].map(|graph| {
        [walked(&graph, "m", "", Line::All), grouped(&graph, "m", ""), grouped(&graph, "d e", "a")]
    });
    assert_eq!(one, other);
}
