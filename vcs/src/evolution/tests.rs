use super::*;
use crate::graph::toy::{change, graph, id, names};

fn told(history: &str, name: &str) -> String {
    let graph = graph(history);
    let versions = evolution(&graph, change(name)).unwrap();
    names(&graph, versions.iter().map(|version| version.row))
}

#[test]
fn a_change_has_all_its_versions_newest_first() {
    assert_eq!(told("a, b:a, b':a!b, b'':a!b'+b, c:b''", "b"), "b'' b' b");
}

#[test]
fn what_was_squashed_belongs_to_it() {
    assert_eq!(told("a, b:a, c:b, c':a!b+c, d:c'", "b"), "c' c b");
    assert_eq!(told("a, b:a, c:b, c':a!b+c, d:c'", "d"), "d");
}

#[test]
fn versions_know_each_other_even_where_one_is_gone() {
    let graph = graph("a, b:a, b'':a!b+b'");
    let versions = evolution(&graph, change("b")).unwrap();
    assert_eq!(versions[0].predecessors, [id("b"), id("b'")].into());
    assert_eq!(versions[1].successors, [id("b''")].into());
}
