use std::fmt::Write;
use std::sync::Arc;

use selkie_store::SimDisk;

use super::*;
use crate::graph::lanes::Lanes;
use crate::graph::toy::{graph, names, row, rows};

const HISTORY: &str = "a, b:a, c:b, d:b, m:c+d, e:m@20, f:e@3, ?gone, s:gone@40";

fn everything(graph: &Graph, tips: &str, hidden: &str) -> Wanted {
    let [tips, hidden] = [tips, hidden].map(|names| rows(graph, names));
    Wanted {
        seals: Selected::Range { tips, hidden },
        paths: Vec::new(),
        author: None,
        message: None,
        since: None,
        until: None,
    }
}

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

fn told(graph: &Graph, wanted: &Wanted) -> String {
    let store = store();
    let rows = seals(graph, &store, wanted).unwrap();
    names(graph, rows.map(Result::unwrap))
}

fn drawn(wanted: impl Fn(&Graph) -> Wanted) -> String {
    let (graph, store) = (graph(HISTORY), store());
    let mut lanes = Lanes::default();
    let mut lines = String::new();
    for linked in picture(&graph, &store, &wanted(&graph)).unwrap() {
        let (row, links) = linked.unwrap();
        let text = lanes.draw(&row, &links).to_string();
        let (first, rest) = text.split_once('\n').map_or((&*text, None), |(a, b)| (a, Some(b)));
        writeln!(lines, "{first} {}", names(&graph, [row])).unwrap();
        rest.into_iter().for_each(|rest| writeln!(lines, "{rest}").unwrap());
    }
    lines
}

#[test]
fn a_history_is_cut_by_what_it_is_asked() {
    let graph = graph(HISTORY);
    let all = everything(&graph, "f", "");
    assert_eq!(told(&graph, &all), "f e m d c b a");
    assert_eq!(told(&graph, &everything(&graph, "f", "c")), "f e m d");
    let author = Some("OF D".to_owned());
    assert_eq!(told(&graph, &Wanted { author, ..all.clone() }), "d");
    let seals = Selected::Seals(rows(&graph, "a s m").into_iter().collect());
    assert_eq!(told(&graph, &Wanted { seals, ..all }), "s m a");
}

#[test]
fn a_seal_made_by_a_slow_clock_hides_nothing_that_is_wanted() {
    // `f` was made at 3 by its clock, after `e`, which was made at 20.
    let graph = graph("a@65536, b:a@1310720, c:b@196608, d:c@1376256");
    let since = |ms| Some(Timestamp::from_millisecond(ms).unwrap());
    let all = everything(&graph, "d", "");
    assert_eq!(told(&graph, &Wanted { since: since(20), ..all.clone() }), "d b");
    assert_eq!(told(&graph, &Wanted { until: since(20), ..all.clone() }), "c a");
    assert_eq!(told(&graph, &Wanted { since: since(2), until: since(21), ..all }), "c b");
}

#[test]
fn a_whole_history_is_drawn_with_every_line() {
    let picture = "\
○ f
○ e
○ m
├─╮
│ ○ d
○ │ c
├─╯
○ b
○ a
";
    assert_eq!(drawn(|graph| everything(graph, "f", "")), picture);
}

#[test]
fn lines_go_on_across_what_is_not_shown() {
    let picture = "○ f\n╎\n○ b\n○ a\n";
    let some = |graph: &Graph| {
        let seals = Selected::Seals(rows(graph, "f b a").into_iter().collect());
        Wanted { seals, ..everything(graph, "f", "") }
    };
    assert_eq!(drawn(some).replace("╎\n", ""), picture.replace("╎\n", ""));
    let beyond = |graph: &Graph| everything(graph, "m", "c d");
    assert_eq!(drawn(beyond), "○ m\n~\n");
    assert_eq!(drawn(|graph| everything(graph, "s", "")), "○ s\n~\n");
}

#[test]
fn a_gap_leads_to_the_nearest_that_are_shown() {
    let graph = graph(HISTORY);
    let shown = rows(&graph, "f c d a").into_iter().collect();
    let gaps = Gaps::between(&graph, shown).unwrap();
    let links = gaps.links(&graph, row(&graph, "f")).unwrap();
    let expected = ["c", "d"].map(|name| Link::Ancestor(row(&graph, name)));
    assert_eq!(links, expected);
    assert_eq!(gaps.links(&graph, row(&graph, "a")).unwrap(), []);
}
