use super::*;
use crate::graph::toy::{graph, naive_ancestors, names, random, row, rows};
use crate::lots::Lots;

fn bases(graph: &Graph, left: &str, right: &str) -> String {
    let found = graph.merge_bases(&rows(graph, left), &rows(graph, right)).unwrap();
    names(graph, found)
}

#[test]
fn a_fork_has_one_base() {
    let graph = graph("a, b:a, c:b, d:b, e:d");
    assert_eq!(bases(&graph, "c", "e"), "b");
    assert_eq!(bases(&graph, "b", "e"), "b");
    assert_eq!(bases(&graph, "e", "e"), "e");
}

#[test]
fn a_criss_cross_has_two() {
    let graph = graph("r, a:r, b:r, c:a+b, d:b+a, e:c, f:d");
    assert_eq!(bases(&graph, "e", "f"), "b a");
}

#[test]
fn histories_that_never_met_have_none() {
    let graph = graph("a, b, c:a, d:b");
    assert_eq!(bases(&graph, "c", "d"), "");
}

#[test]
fn a_base_that_is_absent_is_none() {
    let graph = graph("?x, a:x, b:x");
    assert_eq!(bases(&graph, "a", "b"), "");
}

#[test]
fn distance_counts_each_side() {
    let graph = graph("a, b:a, c:b, d:b, e:d, m:e+c");
    let distance = |one, other| graph.distance(row(&graph, one), row(&graph, other)).unwrap();
    assert_eq!(distance("c", "e"), Distance { ahead: 1, behind: 2 });
    assert_eq!(distance("m", "a"), Distance { ahead: 5, behind: 0 });
    assert_eq!(distance("a", "a"), Distance::default());
}

#[test]
fn all_answers_are_those_of_a_plain_search() {
    for seed in 0..300 {
        let mut lots = Lots(seed);
        let graph = random(&mut lots, 50);
        let [one, two] = [lots.below(50), lots.below(50)].map(Row::at);
        if graph.is_absent(one).unwrap() || graph.is_absent(two).unwrap() {
            continue;
        }
        let [above, other] = [one, two].map(|row| naive_ancestors(&graph, &[row]));
        assert_eq!(graph.is_ancestor(one, two).unwrap(), other.contains(&one), "seed {seed}");
        let distance = Distance {
            ahead: above.difference(&other).count(),
            behind: other.difference(&above).count(),
        };
        assert_eq!(graph.distance(one, two).unwrap(), distance, "seed {seed}");
        let common: Vec<_> = above.intersection(&other).copied().collect();
        let is_best = |row: &Row| {
            common.iter().all(|c| c == row || !naive_ancestors(&graph, &[*c]).contains(row))
        };
        let best: RowSet = common.iter().copied().filter(is_best).collect();
        let found: RowSet = graph.merge_bases(&[one], &[two]).unwrap().into_iter().collect();
        assert_eq!(found, best, "seed {seed}");
    }
}

#[test]
fn sets_are_those_of_a_plain_search() {
    for seed in 0..200 {
        let mut lots = Lots(seed);
        let graph = random(&mut lots, 50);
        let mut set: RowSet = (0..4).map(|_| Row::at(lots.below(50))).collect();
        set = set.iter().filter(|row| !graph.is_absent(*row).unwrap()).collect();
        let all = || (0..graph.len()).map(Row::at).filter(|row| !graph.is_absent(*row).unwrap());
        let above = |row: Row| naive_ancestors(&graph, &[row]);
        let listed: Vec<_> = set.iter().collect();
        let descends = |row: &Row| above(*row).iter().any(|a| set.contains(*a));
        assert_eq!(graph.descendants(&set).unwrap(), all().filter(descends).collect());
        let ancestors = naive_ancestors(&graph, &listed).into_iter().collect();
        assert_eq!(graph.ancestors(&set).unwrap(), ancestors);
        let is_tip = |row: &Row| listed.iter().all(|o| o == row || !above(*o).contains(row));
        assert_eq!(graph.tips(&set).unwrap(), set.iter().filter(is_tip).collect());
        let is_root = |row: &Row| listed.iter().all(|o| o == row || !above(*row).contains(o));
        assert_eq!(graph.roots(&set).unwrap(), set.iter().filter(is_root).collect());
        let is_child = |row: &Row| graph.parents(*row).unwrap().any(|p| set.contains(p));
        assert_eq!(graph.children(&set).unwrap(), all().filter(is_child).collect());
    }
}
