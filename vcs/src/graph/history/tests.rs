use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{
    Author, Batch, BlobId, ChangeId, Content, Hint, Kind, Name, Node, ObjectId, Seal, SealId,
    SimDisk, Store, Tree,
};

use super::*;
use crate::graph::file::GraphFile;
use crate::graph::grow::Paths;
use crate::lots::Lots;

type Files = BTreeMap<String, String>;

/// A store with seals, each named by its message.
struct Told {
    store: Store,
    seals: BTreeMap<String, SealId>,
    files: BTreeMap<String, Files>,
}

impl Told {
    /// Seals a line each: `name: parents | path=content path=`. A path without content is removed.
    fn of(text: &str) -> Self {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let mut told = Self { store, seals: BTreeMap::new(), files: BTreeMap::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, rest) = line.split_once(':').unwrap();
            let (parents, changes) = rest.split_once('|').unwrap();
            let parents: Vec<_> = parents.split_whitespace().collect();
            let mut files = parents.first().map_or_else(Files::new, |p| told.files[*p].clone());
            for change in changes.split_whitespace() {
                let (path, content) = change.split_once('=').unwrap();
                files.remove(path);
                if !content.is_empty() {
                    files.insert(path.to_owned(), content.to_owned());
                }
            }
            told.seal(name, &parents, files);
        }
        told
    }

    fn seal(&mut self, name: &str, parents: &[&str], files: Files) {
        let batch = Batch::new(&self.store);
        let tree = put_folder(&batch, &files, "");
        let seal = Seal {
            tree,
            parents: parents.iter().map(|parent| self.seals[*parent]).collect(),
            change: ChangeId::from_bytes([0; 16]),
            time: Hlc::from_u64(self.seals.len() as u64),
            zone_minutes: 0,
            author: Author::default(),
            message: name.to_owned(),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        let id = batch.put_value(&seal, Hint::NONE).unwrap();
        batch.finish().unwrap();
        self.seals.insert(name.to_owned(), id);
        self.files.insert(name.to_owned(), files);
    }

    fn graph(&self, tip: &str, paths: Paths) -> Graph {
        let mut file = GraphFile::empty();
        file.grow(&self.store, &[self.seals[tip]], paths).unwrap();
        file.graph
    }

    fn node(&self, seal: &str, path: &str) -> Option<String> {
        self.files[seal].get(path).cloned()
    }
}

fn put_folder(batch: &Batch, files: &Files, folder: &str) -> TreeId {
    let mut entries = BTreeMap::new();
    for (path, content) in files.iter().filter(|(path, _)| path.starts_with(folder)) {
        let rest = &path[folder.len()..];
        let (name, node) = if let Some((name, _)) = rest.split_once('/') {
            let inner = format!("{folder}{name}/");
            (name, Node::Directory(put_folder(batch, files, &inner)))
        } else {
            let blob = BlobId::from(ObjectId::of(Kind::Blob, content.as_bytes()));
            (rest, Node::File(Content::Whole(blob)))
        };
        entries.insert(Name::new(name).unwrap(), node);
    }
    batch.put_value(&Tree::from(entries), Hint::NONE).unwrap()
}

/// The names of the seals that changed a path, with the path where it was another.
fn history(told: &Told, tip: &str, path: &str, renames: Option<&mut Renames>) -> String {
    let path = RepoPath::new(path).unwrap();
    let mut answers = Vec::new();
    let mut renames = renames;
    for paths in [Paths::Look, Paths::Leave] {
        let graph = told.graph(tip, paths);
        let tips = [graph.row(told.seals[tip]).unwrap().unwrap()];
        let trees = TreeReader::new(&told.store);
        let renames = renames.as_mut().map(|renames| -> Box<Renames> {
            Box::new(|before, after, path| renames(before, after, path))
        });
        let history = graph.history_of(trees, (&tips, &[]), path.clone(), renames).unwrap();
        let names: Vec<_> = history
            .map(|change| {
                let change = change.unwrap();
                let title = graph.title(change.row).unwrap().to_owned();
                if change.path == path { title } else { format!("{title}({})", change.path) }
            })
            .collect();
        answers.push(names.join(" "));
    }
    assert_eq!(answers[0], answers[1], "with and without lists of changed paths");
    answers.swap_remove(0)
}

#[test]
fn only_seals_that_changed_the_path_are_told() {
    let told = Told::of(
        "a: | src/x=1 y=1
         b: a | y=2
         c: b | src/x=2
         d: c | src/x=
         e: d | y=3
         f: e | src/x=3",
    );
    assert_eq!(history(&told, "f", "src/x", None), "f d c a");
    assert_eq!(history(&told, "f", "src", None), "f d c a");
    assert_eq!(history(&told, "f", "y", None), "e b a");
    assert_eq!(history(&told, "f", "nowhere/x", None), "");
    assert_eq!(history(&told, "f", "", None), "f e d c b a");
}

#[test]
fn a_merge_leads_to_the_side_it_took_the_path_from() {
    let told = Told::of(
        "a: | x=1 y=1
         b: a | x=2
         c: a | y=2
         m: b c | y=2
         n: c b | x=3",
    );
    assert_eq!(history(&told, "m", "x", None), "b a");
    assert_eq!(history(&told, "m", "y", None), "c a");
    assert_eq!(history(&told, "n", "x", None), "n b a");
}

#[test]
fn a_path_is_followed_to_its_earlier_name() {
    let told = Told::of(
        "a: | old=1 z=1
         b: a | old=2
         c: b | old= src/new=2
         d: c | old=7
         e: d | src/new=3",
    );
    let old = RepoPath::new("old").unwrap();
    let mut asked = 0;
    let mut renames = |_: TreeId, _: TreeId, path: &RepoPath| {
        asked += 1;
        Ok((path.as_str() == "src/new").then(|| old.clone()))
    };
    assert_eq!(history(&told, "e", "src/new", Some(&mut renames)), "e c b(old) a(old)");
    assert_eq!(history(&told, "e", "src/new", None), "e c");
    assert_eq!(asked, 2, "once for each of the two graphs: roots have nothing before");
}

#[test]
fn histories_drawn_by_lot_are_those_of_a_plain_search() {
    for seed in 0..25 {
        let mut lots = Lots(seed);
        let mut text = String::new();
        for number in 0..30_usize {
            let parent = |lots: &mut Lots| format!("s{}", number - 1 - lots.below(number.min(3)));
            let mut parents = if number > 0 { parent(&mut lots) } else { String::new() };
            if number > 2 && lots.one_in(4) {
                parents = format!("s{} s{}", number - 1, number - 2);
            }
            let path = lots.one_of(&["x", "d/x", "d/y", "d/e/z"]);
            let content = lots.one_of(&["1", "2", "3", ""]);
            writeln!(text, "s{number}: {parents} | {path}={content}").unwrap();
        }
        let told = Told::of(&text);
        for path in ["x", "d/x", "d/e/z"] {
            let found = history(&told, "s29", path, None);
            assert_eq!(found, naive(&told, &text, path), "seed {seed} {path}\n{text}");
        }
    }
}

/// Git's simplification, word for word, on files rather than trees.
fn naive(told: &Told, text: &str, path: &str) -> String {
    let parents = |name: &str| -> Vec<&str> {
        let line = text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
        line.split([':', '|']).nth(1).unwrap().split_whitespace().collect()
    };
    let mut wanted = vec!["s29".to_owned()];
    let mut found = Vec::new();
    for number in (0..30).rev() {
        let name = format!("s{number}");
        if !wanted.contains(&name) {
            continue;
        }
        let own = told.node(&name, path);
        let parents = parents(&name);
        if let Some(same) = parents.iter().find(|parent| told.node(parent, path) == own) {
            wanted.push((*same).to_owned());
            continue;
        }
        wanted.extend(parents.iter().map(|parent| (*parent).to_owned()));
        if own.is_some() || !parents.is_empty() {
            found.push(name);
        }
    }
    found.join(" ")
}
