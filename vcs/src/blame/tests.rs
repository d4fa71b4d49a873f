//! Who brought which line, in histories of a few seals.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use selkie_store::{
    Author, Batch, BlobId, ChangeId, Hint, Kind, Name, ObjectId, Seal, SimDisk, Store, Tree,
};

use super::stored::StoredHistory;
use super::*;
use crate::rename::FindingRenames;
use crate::text::dice::Dice;

/// Seals by number, each with its parents and its one file.
#[derive(Default)]
struct Toy {
    seals: Vec<(Vec<u8>, &'static str, String)>,
    contents: HashMap<Content, String>,
    asked: usize,
}

impl Toy {
    fn new(seals: &[(&[u8], &'static str, &str)]) -> Self {
        let mut toy = Self::default();
        for (parents, path, text) in seals {
            toy.add(parents, path, text);
        }
        toy
    }

    fn add(&mut self, parents: &[u8], path: &'static str, text: &str) {
        self.contents.insert(content_of(text), text.to_owned());
        self.seals.push((parents.to_vec(), path, text.to_owned()));
    }
}

fn content_of(text: &str) -> Content {
    Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, text.as_bytes())))
}

fn id(number: u8) -> SealId {
    SealId::from(ObjectId::from_bytes([number; 32]))
}

fn number(seal: SealId) -> u8 {
    seal.object().as_bytes()[0]
}

impl History for Toy {
    type Error = Infallible;

    fn seal(&mut self, seal: SealId) -> Result<(Hlc, Vec<SealId>), Infallible> {
        let parents = &self.seals[usize::from(number(seal))].0;
        let time = Hlc::from_u64(u64::from(number(seal)));
        Ok((time, parents.iter().map(|parent| id(*parent)).collect()))
    }

    fn node(&mut self, seal: SealId, path: &RepoPath) -> Result<Option<Node>, Infallible> {
        self.asked += 1;
        let (_, own, text) = &self.seals[usize::from(number(seal))];
        Ok((*own == path.as_str()).then(|| Node::File(content_of(text))))
    }

    fn origin(
        &mut self,
        _: SealId,
        parent: SealId,
        _: &RepoPath,
    ) -> Result<Option<RepoPath>, Infallible> {
        let (_, path, text) = &self.seals[usize::from(number(parent))];
        Ok((!text.is_empty()).then(|| RepoPath::new(path).unwrap()))
    }

    fn bytes(&mut self, content: Content) -> Result<Vec<u8>, Infallible> {
        Ok(self.contents[&content].clone().into_bytes())
    }
}

/// For each line asked about the number of its seal, with a sign for what is not sure.
fn told(toy: &mut Toy, blaming: &Blaming) -> String {
    let last = toy.seals.len() - 1;
    let path = RepoPath::new(toy.seals[last].1).unwrap();
    let seal = id(u8::try_from(last).unwrap());
    let blamed = Blame::new(toy, seal, &path, blaming).unwrap().finish(|_| {}).unwrap();
    let lines = blamed.iter().flat_map(|blamed| {
        let sign = match blamed.certainty {
            Certainty::Sure => "",
            Certainty::Guessed => "?",
            Certainty::Ignored => "*",
        };
        blamed.lines.clone().map(move |_| format!("{}{sign}", number(blamed.seal)))
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_line_belongs_to_the_seal_that_brought_it() {
    for (seals, expected) in [
        (vec![(&[][..], "f", "a\nb\n")], "0 0"),
        (vec![(&[], "f", "a\nb\n"), (&[0], "f", "a\nx\nb\n")], "0 1 0"),
        (vec![(&[], "f", "a\nb\n"), (&[0], "f", "b\n"), (&[1], "f", "a\nb\n")], "2 0"),
        // A merge: each side brought one, the merge one of its own.
        (
            vec![
                (&[], "f", "m\n"),
                (&[0], "f", "a\nm\n"),
                (&[0], "f", "m\nz\n"),
                (&[1, 2], "f", "a\nm\nz\nown\n"),
            ],
            "1 0 2 3",
        ),
        // Renamed on the way.
        (
            vec![(&[], "old", "a\nb\n"), (&[0], "new", "a\nx\nb\n"), (&[1], "new", "a\nx\nb\nc\n")],
            "0 1 0 2",
        ),
        // Its second parent has the same file: the first is not asked for lines it brought, too.
        (
            vec![
                (&[], "f", "a\n"),
                (&[0], "f", "b\n"),
                (&[0], "f", "a\nb\n"),
                (&[1, 2], "f", "a\nb\n"),
            ],
            "0 2",
        ),
        (vec![(&[], "f", "")], ""),
    ] {
        assert_eq!(told(&mut Toy::new(&seals), &Blaming::default()), expected, "{seals:?}");
    }
}

#[test]
fn ignored_seals_hand_their_lines_to_what_was_there_before() {
    let seals: [(&[u8], &str, &str); 3] = [
        (&[], "f", "fn a() {\nb();\n}\n"),
        (&[0], "f", "fn a() {\nb();\nc();\n}\n"),
        (&[1], "f", "// new\nfn a()\n{\n    b();\n    c();\n}\n"),
    ];
    let ignored = |seals: &[u8]| Blaming {
        ignored: seals.iter().map(|number| id(*number)).collect(),
        ..Blaming::default()
    };
    assert_eq!(told(&mut Toy::new(&seals), &ignored(&[])), "2 2 2 2 2 0");
    // The lines before `b();` are paired in order.
    assert_eq!(told(&mut Toy::new(&seals), &ignored(&[2])), "0? 0? 0? 0? 1? 0");
    assert_eq!(told(&mut Toy::new(&seals), &ignored(&[1, 2])), "0? 0? 0? 0? 1* 0");
}

#[test]
fn only_the_lines_in_question_are_answered_and_only_as_much_is_read() {
    let mut toy = Toy::default();
    let mut text = String::new();
    for number in 0..100_u8 {
        text = format!("line {number}\n{text}");
        let parents: Vec<_> = number.checked_sub(1).into_iter().collect();
        toy.add(&parents, "f", &text);
    }
    let blaming = Blaming { lines: vec![2..4, 0..1, 3..4, 200..300], ..Blaming::default() };
    assert_eq!(told(&mut toy, &blaming), "99 97 96");
    assert!(toy.asked < 10, "{} nodes were read", toy.asked);
}

#[test]
fn progress_tells_what_was_found() {
    let mut toy = Toy::new(&[(&[], "f", "a\n"), (&[0], "f", "a\nb\n")]);
    let path = RepoPath::new("f").unwrap();
    let blaming = Blaming::default();
    let mut found = Vec::new();
    let blame = Blame::new(&mut toy, id(1), &path, &blaming).unwrap();
    blame
        .finish(|progress| found.push((progress.versions, progress.found, progress.asked)))
        .unwrap();
    assert_eq!(found, [(1, 1, 2), (2, 2, 2)]);
    let absent = Blame::new(&mut toy, id(1), &RepoPath::new("g").unwrap(), &blaming);
    assert!(matches!(absent, Err(BlameError::NoFile { .. })));
}

#[test]
fn lines_that_never_move_belong_to_who_wrote_them() {
    let mut dice = Dice(1);
    for _ in 0..50 {
        let mut toy = Toy::default();
        let mut lines: Vec<(u8, usize)> = Vec::new();
        for seal in 0..40_u8 {
            for _ in 0..dice.below(3) {
                let at = dice.below(lines.len() + 1);
                lines.insert(at, (seal, dice.below(1 << 30)));
                let at = dice.below(lines.len());
                if dice.below(3) == 0 {
                    lines.remove(at);
                }
            }
            let text: Vec<_> =
                lines.iter().map(|(seal, line)| format!("{seal} {line}\n")).collect();
            let parents: Vec<_> = seal.checked_sub(1).into_iter().collect();
            toy.add(&parents, "f", &text.concat());
        }
        let expected: Vec<_> = lines.iter().map(|(seal, _)| seal.to_string()).collect();
        assert_eq!(told(&mut toy, &Blaming::default()), expected.join(" "));
    }
}

#[test]
fn lines_keep_their_author_through_any_merges() {
    let mut dice = Dice(2);
    for _ in 0..50 {
        let mut toy = Toy::default();
        // Each line has a place among all lines that ever are, so no merge ever moves one.
        let mut versions: Vec<BTreeMap<usize, u8>> = Vec::new();
        for seal in 0..40_u8 {
            let mut lines = BTreeMap::new();
            let mut parents = BTreeSet::new();
            for _ in 0..=dice.below(2) {
                if let Some(oldest) = usize::from(seal).checked_sub(1) {
                    let back = dice.below(5).min(oldest);
                    parents.insert(seal - 1 - u8::try_from(back).unwrap());
                }
            }
            for parent in &parents {
                lines.extend(versions[usize::from(*parent)].clone());
            }
            lines.retain(|_, _| dice.below(8) > 0);
            for _ in 0..dice.below(4) {
                lines.entry(dice.below(1 << 30)).or_insert(seal);
            }
            let text: Vec<_> = lines.keys().map(|line| format!("{line}\n")).collect();
            let parents: Vec<_> = parents.into_iter().rev().collect();
            toy.add(&parents, "f", &text.concat());
            versions.push(lines);
        }
        let expected: Vec<_> = versions[39].values().map(ToString::to_string).collect();
        assert_eq!(told(&mut toy, &Blaming::default()), expected.join(" "));
    }
}

#[test]
fn a_stored_history_follows_renames_through_its_trees() {
    let store = Store::open(Arc::new(SimDisk::default())).unwrap();
    let seal = |parents: Vec<SealId>, directory: &str, text: &str, time: u64| {
        let batch = Batch::new(&store);
        let content = batch.put_content(text.as_bytes(), Hint::NONE).unwrap();
        let inner = Tree::from_iter([(Name::new("f").unwrap(), Node::File(content))]);
        let inner = batch.put_value(&inner, Hint::NONE).unwrap();
        let top = Tree::from_iter([(Name::new(directory).unwrap(), Node::Directory(inner))]);
        let seal = Seal {
            tree: batch.put_value(&top, Hint::NONE).unwrap(),
            parents,
            change: ChangeId::from_bytes([1; 16]),
            time: Hlc::from_u64(time),
            zone_minutes: 0,
            author: Author::default(),
            message: String::new(),
            replaces: BTreeSet::new(),
            labels: BTreeMap::new(),
            signature: None,
        };
        let id = batch.put_value(&seal, Hint::NONE).unwrap();
        batch.finish().unwrap();
        id
    };
    let one = seal(vec![], "old", "a\nb\nc\nd\n", 1);
    let two = seal(vec![one], "new", "a\nb\nx\nc\nd\n", 2);
    let three = seal(vec![two], "new", "a\nb\nx\nc\nd\ne\n", 3);
    let mut history = StoredHistory::new(&store, FindingRenames::default());
    let path = RepoPath::new("new/f").unwrap();
    let blaming = Blaming::default();
    let blamed = Blame::new(&mut history, three, &path, &blaming).unwrap().finish(|_| {}).unwrap();
    let told: Vec<_> = blamed
        .iter()
        .map(|blamed| (blamed.lines.clone(), blamed.seal, blamed.path.as_str(), blamed.first_there))
        .collect();
    let expected = [
        (0..2, one, "old/f", 0),
        (2..3, two, "new/f", 2),
        (3..5, one, "old/f", 2),
        (5..6, three, "new/f", 5),
    ];
    assert_eq!(told, expected);
}
