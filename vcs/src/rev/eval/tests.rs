use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use selkie_crdt::Hlc;
use selkie_store::{
    Author, Batch, BlobId, Content, Hint, Kind, Name, Node, ObjectId, Seal, SealId, SimDisk, Store,
    Tree,
};

use super::*;
use crate::graph::file::GraphFile;
use crate::graph::grow::Paths;
use crate::graph::toy::{change, graph, id, names, row};
use crate::lots::Lots;
use crate::rev::ends::Ends;
use crate::rev::name::{TagName, TimelineName};
use crate::rev::resolve::{LookupError, Lookups, Then};
use crate::seal_name::{SealName, change_letters};

/// Timelines and tags by name, and where things were one operation ago.
#[derive(Default)]
struct Toy {
    timelines: BTreeMap<String, Vec<SealId>>,
    tags: BTreeMap<String, Vec<SealId>>,
    place: Option<SealId>,
    before: Vec<SealId>,
}

impl Lookups for Toy {
    fn place(&self) -> Result<Option<SealId>, LookupError> {
        Ok(self.place)
    }

    fn timelines(&self) -> Result<Vec<TimelineName>, LookupError> {
        Ok(self.timelines.keys().map(|name| TimelineName::new(name).unwrap()).collect())
    }

    fn heads(&self, timeline: &TimelineName) -> Result<Option<Vec<SealId>>, LookupError> {
        match timeline.as_str() {
            "broken" => Err("the log is damaged".into()),
            name => Ok(self.timelines.get(name).cloned()),
        }
    }

    fn tags(&self) -> Result<Vec<TagName>, LookupError> {
        Ok(self.tags.keys().map(|name| TagName::new(name).unwrap()).collect())
    }

    fn tag(&self, tag: &TagName) -> Result<Option<Vec<SealId>>, LookupError> {
        Ok(self.tags.get(tag.as_str()).cloned())
    }

    fn place_then(&self, then: Then) -> Result<Option<SealId>, LookupError> {
        Ok(self.heads_then(&TimelineName::new("main")?, then)?.map(|heads| heads[0]))
    }

    fn heads_then(
        &self,
        timeline: &TimelineName,
        then: Then,
    ) -> Result<Option<Vec<SealId>>, LookupError> {
        let is_known = match then {
            Then::Operations(count) => count == 1,
            Then::At(moment) => moment.to_string() == "2026-11-20T14:00:00Z",
        };
        Ok(Some(self.before.clone()).filter(|_| is_known && timeline.as_str() == "main"))
    }
}

const HISTORY: &str = "a, b:a, c:b, d:b, m:c+d, e:m, x:d, ?gone, s:gone, old:a, old':a!old";

fn toy() -> Toy {
    Toy {
        timelines: [
            ("main".to_owned(), vec![id("e")]),
            ("side".to_owned(), vec![id("x"), id("c")]),
            ("shallow".to_owned(), vec![id("gone")]),
        ]
        .into(),
        tags: [("v1".to_owned(), vec![id("b")]), ("moved".to_owned(), vec![id("old'")])].into(),
        place: Some(id("m")),
        before: vec![id("c")],
    }
}

fn with<T>(toy: &Toy, ask: impl FnOnce(&Revs) -> T) -> T {
    let graph = graph(HISTORY);
    let store = Store::open(Arc::new(SimDisk::default())).unwrap();
    let now: Zoned =
        "2026-11-21T14:00".parse::<DateTime>().unwrap().to_zoned(TimeZone::UTC).unwrap();
    ask(&Revs { graph: &graph, store: &store, names: toy, now: &now })
}

/// The seals of a set, newest first, or the error.
fn set(text: &str) -> String {
    with(&toy(), |revs| match revs.set(text) {
        Ok(selected) => {
            let rows = selected.newest_first(revs.graph).unwrap().map(Result::unwrap);
            let rows: Vec<_> = rows.collect();
            let again: RowSet = rows.iter().copied().collect();
            assert_eq!(selected.rows(revs.graph).unwrap(), again, "{text}");
            names(revs.graph, rows)
        }
        Err(error) => error.to_string(),
    })
}

fn seal(text: &str) -> String {
    with(&toy(), |revs| match revs.seal(text) {
        Ok(row) => names(revs.graph, [row]),
        Err(error) => error.to_string(),
    })
}

#[test]
fn names_lead_to_seals() {
    let hash = id("d").to_string();
    let letters = change_letters(change("d"));
    let words = SealName::of(change("d")).to_string();
    for text in [&hash, &hash[..12], &letters, &letters[..8], &words, &words[..words.len() - 2]] {
        assert_eq!(seal(text), "d", "{text}");
    }
    for (text, expected) in [
        ("main", "e"),
        ("v1", "b"),
        ("@", "m"),
        ("@-", "c"),
        ("@^2", "d"),
        ("@^2-", "b"),
        ("@^0", "m"),
        ("main~3", "b"),
        ("@+", "e"),
        ("@{1}", "c"),
        ("@{yesterday}", "c"),
        ("main@{yesterday}", "c"),
        ("main@{1}-", "b"),
        ("HEAD", "m"),
        ("HEAD~2", "b"),
        ("HEAD^2", "d"),
        ("HEAD@{1}", "c"),
    ] {
        assert_eq!(seal(text), expected, "{text}");
    }
}

#[test]
fn what_is_unknown_has_a_suggestion() {
    for (text, expected) in [
        ("mian", "unknown timeline, tag or seal 'mian': did you mean 'main'?"),
        ("zzz", "unknown timeline, tag or seal 'zzz'"),
        ("mian@{1}", "unknown timeline 'mian': did you mean 'main'?"),
        ("side@{1}", "nothing is known of 'side' so long ago"),
        ("@{2}", "nothing is known of '@' so long ago"),
        ("v1--", "'v1--' means no seal"),
        ("merges() & none()", "'merges() & none()' means no seal"),
        (
            "after(soon)",
            "'soon' is no date: write `2 days ago`, `yesterday 14:30`, `last friday` or \
                         `2026-11-21 14:30`",
        ),
        ("broken", "what timelines and tags mean can not be read"),
        ("00", "unknown timeline, tag or seal '00'"),
    ] {
        assert_eq!(seal(text), expected, "{text}");
    }
    let gone = format!("seal {} is not here: history is shallow", id("gone"));
    assert_eq!(seal("shallow"), gone);
    assert_eq!(
        with(&Toy::default(), |revs| revs.seal("@").unwrap_err().to_string()),
        "there is no seal here yet"
    );
}

#[test]
fn an_ambiguous_name_lists_what_it_may_mean() {
    with(&toy(), |revs| {
        let error = revs.seal("side-").unwrap_err();
        let RevError::Ambiguous { candidates, count, text, place } = error else {
            panic!("{error}")
        };
        assert_eq!((count, &*text, place), (2, "side-", 0..5));
        let titles: Vec<_> = candidates.iter().map(|c| c.title.as_str()).collect();
        assert_eq!(titles, ["title of d", "title of b"]);
        assert_eq!(candidates[0].name, SealName::of(change("d")).to_string());
    });
}

#[test]
fn a_range_has_two_ends() {
    let ends = |text: &str| {
        with(&toy(), |revs| match revs.ends(text) {
            Ok(Ends::One(one)) => names(revs.graph, [one]),
            Ok(Ends::Two { before, after }) => names(revs.graph, [before, after]),
            Ok(Ends::Parted { base, more, after }) => {
                format!("{} and {more}", names(revs.graph, [base, after]))
            }
            Err(error) => error.to_string(),
        })
    };
    for (text, expected) in [
        ("v1", "b"),
        ("v1..main", "b e"),
        ("main..v1", "e b"),
        ("v1..", "b m"),
        ("..v1", "m b"),
        ("@^2...@^1", "b c"),
        ("v1...main", "b e"),
        ("side..v1", "'side' may mean 2 seals"),
        ("none()..v1", "'none()' means no seal"),
        ("v1 | @", "'v1 | @' may mean 2 seals"),
        ("mian..v1", "unknown timeline, tag or seal 'mian': did you mean 'main'?"),
    ] {
        let found = ends(text);
        assert_eq!(found.trim_end_matches(" and 0"), expected, "{text}");
    }
}

#[test]
fn ends_that_parted_often_or_never_say_so() {
    let crossed = "a, b:a, c:a, d:b+c, e:b+c, lone";
    let graph = graph(crossed);
    let store = Store::open(Arc::new(SimDisk::default())).unwrap();
    let now = Zoned::default();
    let toy = Toy {
        tags: ["d", "e", "lone"].map(|name| (name.to_owned(), vec![id(name)])).into(),
        ..Toy::default()
    };
    let revs = Revs { graph: &graph, store: &store, names: &toy, now: &now };
    let Ok(Ends::Parted { base, more, .. }) = revs.ends("d...e") else { panic!("they parted") };
    let order = |name| graph.order(row(&graph, name)).unwrap();
    let newest = if order("b") > order("c") { "b" } else { "c" };
    assert_eq!((base, more), (row(&graph, newest), 1));
    let error = revs.ends("d...lone").unwrap_err().to_string();
    assert_eq!(error, "nothing is in the past of both ends of 'd...lone'");
}

#[test]
fn a_change_means_the_version_that_is_in_use() {
    let words = SealName::of(change("old")).to_string();
    assert_eq!(seal(&words), "old'");
    let back = Toy { tags: [("moved".to_owned(), vec![id("old")])].into(), ..toy() };
    let found = with(&back, |revs| names(revs.graph, [revs.seal(&words).unwrap()]));
    assert_eq!(found, "old", "after an undo the old version is in use again");
    let unused = Toy { tags: BTreeMap::new(), ..toy() };
    let found = with(&unused, |revs| names(revs.graph, [revs.seal(&words).unwrap()]));
    assert_eq!(found, "old'", "nobody uses either: the last one");
    let hash = id("old").to_string();
    assert_eq!(seal(&hash), "old", "a hash means what it says");
}

#[test]
fn a_tag_that_replicas_set_at_once_may_mean_both_seals() {
    let both = Toy { tags: [("v2".to_owned(), vec![id("b"), id("x")])].into(), ..toy() };
    let found = with(&both, |revs| match revs.seal("v2") {
        Err(RevError::Ambiguous { count, candidates, .. }) => (count, candidates.len()),
        other => panic!("{other:?}"),
    });
    assert_eq!(found, (2, 2));
}

#[test]
fn a_name_stands_for_its_history_and_a_function_for_its_set() {
    for (text, expected) in [
        ("v1", "b a"),
        ("@-", "c b a"),
        ("tags()", "old' b"),
        ("v1 | @", "m b"),
        ("v1..@", "m d c"),
    ] {
        let found = with(&toy(), |revs| {
            let rows = revs.history(text).unwrap().newest_first(revs.graph).unwrap();
            names(revs.graph, rows.map(Result::unwrap))
        });
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn sets_are_what_they_say() {
    for (text, expected) in [
        ("main", "e"),
        ("side", "x c"),
        ("v1..main", "e m d c"),
        ("v1..", "m d c"),
        ("main..side", "x"),
        ("main...side", "x e m"),
        ("ancestors(d)", "unknown timeline, tag or seal 'd'"),
        ("ancestors(v1)", "b a"),
        ("descendants(v1) & ancestors(main)", "e m d c b"),
        ("parents(@)", "d c"),
        ("parents(@ | v1)", "d c a"),
        ("children(v1)", "d c"),
        ("heads(v1..main | v1)", "e"),
        ("roots(v1..main)", "d c"),
        ("bases(@^1, @^2)", "b"),
        ("merges()", "m"),
        ("merges() | v1", "m b"),
        ("ancestors(main) ~ ancestors(@)", "e"),
        ("ancestors(main) ~ merges()", "e d c b a"),
        ("latest(ancestors(main), 2)", "e m"),
        ("latest(side, 1)", "x"),
        ("all()", "old' x e m d c b a"),
        ("none()", ""),
        ("diverged()", "x c"),
        ("timelines()", "x e c"),
        ("tags()", "old' b"),
        ("author(\"AUTHOR of b\")", "b"),
        ("author(d@x) & v1..main", "d"),
        ("message(\"title of e\") & main", "e"),
        ("before(2026-11-20) & ancestors(v1)", "b a"),
        ("after(2026-11-20)", ""),
    ] {
        assert_eq!(set(text), expected, "{text}");
    }
}

/// A store with the seals `a` to `m`: the file `d/x` changes in `b`, `y` in `c`, and `m` merges both.
fn with_trees() -> (Store, SealId) {
    let store = Store::open(Arc::new(SimDisk::default())).unwrap();
    let batch = Batch::new(&store);
    let tree = |x: &[u8], y: &[u8]| {
        let file =
            |text: &[u8]| Node::File(Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, text))));
        let name = |text| Name::new(text).unwrap();
        let inner: Tree = [(name("x"), file(x))].into_iter().collect();
        let inner = Node::Directory(batch.put_value(&inner, Hint::NONE).unwrap());
        let top: Tree = [(name("d"), inner), (name("y"), file(y))].into_iter().collect();
        batch.put_value(&top, Hint::NONE).unwrap()
    };
    let seal = |title: &str, tree, parents: &[SealId]| {
        let seal = Seal {
            tree,
            parents: parents.to_vec(),
            change: change(title),
            time: Hlc::from_u64(1),
            zone_minutes: 0,
            author: Author::default(),
            message: format!("title of {title}\n\nBody of {title}"),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        batch.put_value(&seal, Hint::NONE).unwrap()
    };
    let root = seal("a", tree(b"1", b"1"), &[]);
    let [one, other] = [seal("b", tree(b"2", b"1"), &[root]), seal("c", tree(b"1", b"2"), &[root])];
    let merge = seal("m", tree(b"2", b"2"), &[one, other]);
    batch.finish().unwrap();
    (store, merge)
}

#[test]
fn paths_and_messages_are_looked_up_in_the_store() {
    let (store, merge) = with_trees();
    let toy = Toy { place: Some(merge), ..Toy::default() };
    let now = DateTime::default().to_zoned(TimeZone::UTC).unwrap();
    for paths in [Paths::Look, Paths::Leave] {
        let mut file = GraphFile::empty();
        file.grow(&store, &[merge], paths).unwrap();
        let graph = &file.graph;
        let revs = Revs { graph, store: &store, names: &toy, now: &now };
        for (text, expected) in [
            ("path(d)", "b a"),
            ("path(d/x)", "b a"),
            ("path(**/x) ~ @--", "b"),
            ("path(*) & @^2", "c"),
            ("path(y) & merges()", ""),
            ("path(nowhere)", ""),
            ("message(\"BODY of c\")", "c"),
        ] {
            let rows = revs.set(text).unwrap().rows(graph).unwrap();
            let mut found: Vec<_> =
                names(graph, rows.iter()).split(' ').map(str::to_owned).collect();
            found.sort_unstable_by(|one, other| other.cmp(one));
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}

#[test]
fn shallow_history_is_left_out_of_sets() {
    let shallow = Toy { timelines: [("s".to_owned(), vec![id("s")])].into(), ..Toy::default() };
    let asked = |text: &str| {
        with(&shallow, |revs| {
            let rows = revs.set(text).unwrap().newest_first(revs.graph).unwrap();
            names(revs.graph, rows.map(Result::unwrap))
        })
    };
    for (text, expected) in [("s-", ""), ("s^1", ""), ("parents(s)", ""), ("ancestors(s)", "s")] {
        assert_eq!(asked(text), expected, "{text}");
    }
}

#[test]
fn no_revision_panics_when_it_is_looked_up() {
    const PIECES: [&str; 22] = [
        "main", "side", "v1", "@", "@{1}", "-", "+", "^2", "~1", "..", "...", " | ", " & ", " ~ ",
        "(", ")", "heads(", "merges()", "latest(", ", 3)", "roots(", "all()",
    ];
    let mut lots = Lots(1);
    let toy = toy();
    with(&toy, |revs| {
        let mut found = 0;
        for _ in 0..4000 {
            let text: String = (0..lots.below(9)).map(|_| *lots.one_of(&PIECES)).collect();
            found += usize::from(revs.set(&text).is_ok());
        }
        assert!(found > 200, "{found} meant something");
    });
    let graph = graph(HISTORY);
    assert!(row(&graph, "a") < row(&graph, "m"));
}
