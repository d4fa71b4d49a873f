use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{Author, Hint, Node, RepoPath, SimDisk};

use super::*;
use crate::conflict::text_of;
use crate::graph::row::{Entry, Known};
use crate::graph::toy::{change, facts};
use crate::tree::edit::edit;
use crate::tree::fuse::moves::node_at;

/// A history of one file, whose lines are words.
struct Toy {
    store: Store,
    graph: Graph,
    seals: BTreeMap<String, SealId>,
}

impl Toy {
    /// Each seal is a name, its parents, and the text that it has.
    fn new(history: &[(&str, &str, &str)]) -> Self {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let mut toy = Self { store, graph: Graph::default(), seals: BTreeMap::new() };
        for (time, (name, parents, text)) in (1..).zip(history) {
            let parents: Vec<SealId> = parents.split_whitespace().map(|of| toy.seals[of]).collect();
            let batch = Batch::new(&toy.store);
            let text = text.replace(' ', "\n") + "\n";
            let node = Node::File(batch.put_content(text.as_bytes(), Hint::NONE).unwrap());
            let edits = Edits::from([(RepoPath::new("file").unwrap(), Some(node))]);
            let tree = edit(&toy.store, &batch, empty_tree(), &edits).unwrap();
            let seal = Seal {
                tree,
                parents: parents.clone(),
                change: change(name),
                time: Hlc::from_ms(time),
                zone_minutes: 0,
                author: Author::default(),
                message: (*name).to_owned(),
                replaces: BTreeSet::new(),
                labels: BTreeMap::new(),
                signature: None,
            };
            let id = batch.put_value(&seal, Hint::NONE).unwrap();
            batch.finish().unwrap();
            let rows = parents.iter().map(|id| toy.graph.row(*id).unwrap().unwrap()).collect();
            let known = Known::Present(Box::new(facts(name, time, rows)));
            toy.graph.push(&Entry { id, known }).unwrap();
            toy.seals.insert((*name).to_owned(), id);
        }
        toy
    }

    fn lineage(&self, names: &str) -> Lineage {
        let seals: Vec<SealId> = names.split_whitespace().map(|name| self.seals[name]).collect();
        Lineage::trace(&self.graph, &seals).unwrap().unwrap()
    }

    /// The words of the file; what is open of it as the disk shows it.
    fn fused(&self, names: &str) -> String {
        let (begin, arbiter) = (|| Batch::new(&self.store), Arbiter::Trees);
        let (batch, how) = (begin(), How { arbiter, memory: Memory::default() });
        let fused = self.lineage(names).fuse(&self.store, &batch, &begin, &[], how).unwrap();
        batch.finish().unwrap();
        let path = RepoPath::new("file").unwrap();
        let node = node_at(&self.store, fused.tree, &path).unwrap().unwrap();
        let text = String::from_utf8(text_of(&self.store, &node).unwrap().unwrap()).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

const BASE: &str = "1 2 3 4 5 6 7 8 9";

#[test]
fn two_seals_meet_where_their_histories_parted() {
    let toy = Toy::new(&[
        ("a", "", "0"),
        ("b", "a", BASE),
        ("x", "b", "X 2 3 4 5 6 7 8 9"),
        ("y", "b", "1 2 3 4 5 6 7 8 Y"),
    ]);
    assert_eq!(toy.fused("x y"), "X 2 3 4 5 6 7 8 Y");
    assert_eq!(toy.fused("b y"), "1 2 3 4 5 6 7 8 Y");
    assert_eq!(toy.fused("x b"), "X 2 3 4 5 6 7 8 9");
}

#[test]
fn where_merges_crossed_no_side_is_mistaken_for_the_base() {
    // Both met a conflict and settled it; with one base alone the answer of one would win unseen.
    let toy = Toy::new(&[
        ("b", "", BASE),
        ("x", "b", "X 2 3 4 5 6 7 8 9"),
        ("y", "b", "Y 2 3 4 5 6 7 8 9"),
        ("mine", "x y", "X 2 3 4 M 6 7 8 9"),
        ("yours", "y x", "Y 2 3 4 5 6 7 8 U"),
        ("third", "y x", "X 2 3 4 5 6 7 8 T"),
    ]);
    let told = toy.fused("mine yours");
    let open: Vec<&str> = told.split(' ').filter(|word| word.len() == 1).collect();
    // Ours; of the base both, and what those came from; theirs; and all that is settled.
    assert_eq!(open.join(""), "XY1XY234M678U", "{told}");
    assert_eq!(toy.fused("mine third"), "X 2 3 4 M 6 7 8 T");
}

#[test]
fn several_seals_are_fused_one_after_the_other() {
    let toy = Toy::new(&[
        ("b", "", BASE),
        ("x", "b", "X 2 3 4 5 6 7 8 9"),
        ("y", "b", "1 2 3 4 Y 6 7 8 9"),
        ("z", "b", "1 2 3 4 5 6 7 8 Z"),
    ]);
    for order in ["x y z", "z x y", "y z x"] {
        assert_eq!(toy.fused(order), "X 2 3 4 Y 6 7 8 Z");
    }
}

#[test]
fn histories_without_a_common_seal_are_told() {
    let toy = Toy::new(&[("a", "", "1"), ("b", "", "2"), ("c", "a", "3")]);
    assert_eq!(toy.lineage("c b").stranger(), Some(toy.seals["b"]));
    assert_eq!(toy.lineage("c a").stranger(), None);
}

#[test]
fn a_ladder_of_crossings_has_an_end() {
    let names: Vec<[String; 2]> = (0..40).map(|n| [format!("l{n}"), format!("r{n}")]).collect();
    let mut history = vec![("b".to_owned(), String::new(), BASE.to_owned())];
    for (n, [left, right]) in names.iter().enumerate() {
        let parents = match n.checked_sub(1) {
            None => ["b".to_owned(), "b".to_owned()],
            Some(n) => {
                let [left, right] = &names[n];
                [format!("{left} {right}"), format!("{right} {left}")]
            }
        };
        let [one, other] = parents;
        history.push((left.clone(), one, format!("{n}l 2 3 4 5 6 7 8 9")));
        history.push((right.clone(), other, format!("{n}r 2 3 4 5 6 7 8 9")));
    }
    let history: Vec<_> = history.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    let toy = Toy::new(&history);
    let told = toy.fused("l39 r39");
    assert!(told.contains("39l") && told.contains("39r"), "{told}");
    // What stands in the base grows with the crossings that are followed, not with the history.
    assert!(told.len() < 40_000, "{}", told.len());
}
