//! Rules in the trees that are brought together.

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, PublicKey, Seal, SealId, SecretKey, sign};

use super::*;

const RULES: &str = "selkie.toml";

/// A rule for all files.
fn rule(words: &str) -> String {
    format!("[[rule]]\n{words}\n")
}

/// What becomes of `a`, a line that both sides changed, where each tree has these rules.
fn settled(rules: [Option<&str>; 3]) -> (String, Vec<String>) {
    let house = House::new();
    let texts = ["a\n", "ours\n", "theirs\n"];
    let trees = [0, 1, 2].map(|at: usize| {
        let rules = rules[at].map(|text| (RULES.to_owned(), text.to_owned()));
        let own = [("a".to_owned(), texts[at].to_owned())].into_iter().chain(rules);
        house.tree(&own.collect())
    });
    let fused = house.fused(trees);
    let told = fused.decisions.iter().map(ToString::to_string).collect();
    (house.files(fused.tree).remove("a").unwrap(), told)
}

#[test]
fn a_rule_that_one_side_brings_holds() {
    let ours = rule("path = 'a'\nstrategy = 'prefer_local'");
    let theirs = rule("strategy = 'prefer_remote'");
    let union = rule("type = 'text'\nstrategy = 'union'");
    let open = "! a:ours~ a:theirs~ < a:a~";
    for (rules, expected) in [
        ([None, None, None], open),
        ([None, Some(&ours), None], "ours\n"),
        ([None, None, Some(&ours)], "ours\n"),
        ([Some(&union), Some(&ours), Some(&union)], "ours\n"),
        ([Some(&union), Some(&union), Some(&union)], "ours\ntheirs\n"),
        ([Some(&ours), None, Some(&ours)], open),
        ([None, Some(&ours), Some(&theirs)], open),
    ] {
        let rules = rules.map(|text| text.map(String::as_str));
        assert_eq!(settled(rules).0, expected, "{rules:?}");
    }
    let told = settled([None, Some(&ours), None]).1;
    assert_eq!(told, ["a: line 1 taken from ours: prefer_local (selkie.toml:1)"]);
    let told = settled([None, None, Some(&union)]).1;
    assert_eq!(told, ["a: lines 1 to 2 of both sides: union (selkie.toml:1)"]);
}

/// The same with a list of attributes in the folder of the file, and rules in the tree of ours.
fn attributed(lists: [Option<&str>; 3], rules: Option<&str>) -> (String, Vec<String>) {
    let house = House::new();
    let texts = ["1\na\n2\n3\n", "1\nours\n2\n3\n", "1\ntheirs\n2\n4\n"];
    let trees = [0, 1, 2].map(|at: usize| {
        let list = lists[at].map(|list| ("in/.gitattributes".to_owned(), list.to_owned()));
        let rules = rules.filter(|_| at == 1).map(|text| (RULES.to_owned(), text.to_owned()));
        let own = [("in/a".to_owned(), texts[at].to_owned())].into_iter().chain(list).chain(rules);
        house.tree(&own.collect())
    });
    let fused = house.fused(trees);
    let told = fused.decisions.iter().map(ToString::to_string).collect();
    (house.files(fused.tree).remove("in/a").unwrap(), told)
}

#[test]
fn what_git_is_told_of_merging_holds_where_no_rule_does() {
    let (union, binary) = (Some("a merge=union\n"), Some("a binary\n"));
    let both = "1\nours\ntheirs\n2\n4\n";
    for lists in [[union; 3], [None, union, None], [union, None, union], [None, None, union]] {
        let expected = if lists == [union, None, union] { None } else { Some(both) };
        let (text, told) = attributed(lists, None);
        assert_eq!(Some(text.as_str()).filter(|text| !text.contains('!')), expected, "{lists:?}");
        let told: Vec<_> = told.iter().filter(|told| told.contains("union")).collect();
        assert_eq!(told.is_empty(), expected.is_none());
        if let [told] = told[..] {
            assert_eq!(told, "in/a: lines 2 to 3 of both sides: union (.gitattributes)");
        }
    }
    // A change of other lines alone is no conflict for lines, but it is one for a whole.
    let theirs = rule("path = 'a'\nstrategy = 'prefer_remote'");
    let (text, _) = attributed([binary; 3], None);
    assert!(text.starts_with("! "), "{text}");
    assert_eq!(attributed([union; 3], Some(&theirs)).0, "1\ntheirs\n2\n4\n");
    assert_eq!(attributed([binary; 3], Some(&theirs)).0, "1\ntheirs\n2\n4\n");
}

#[test]
fn a_broken_file_of_rules_leaves_everything_to_a_person() {
    let house = House::new();
    let ours = rule("strategy = 'prefer_local'");
    let broken = rule("strategy = 'prefer_locla'");
    let open = "! a:ours~ a:theirs~ < a:a~";
    assert_eq!(settled([Some(&ours), Some(&ours), Some(&broken)]).0, open);
    assert_eq!(settled([Some(&broken), Some(&ours), Some(&ours)]).0, "ours\n");
    // A step would know the answer.
    let of = |text: &str, rules: &str| house.of(&[("v", text), (RULES, rules)]);
    let (base, theirs) = (of("v 1.2.0\n", &broken), of("v 1.9.3\n", &broken));
    let fused = house.fused([base, of("v 1.10.0\n", &broken), theirs]);
    assert_eq!(fused.conflicts.len(), 1);
    let problem = fused.broken.unwrap().to_string();
    assert_eq!(problem, "line 2: 'prefer_locla' is no strategy; did you mean prefer_local?");
    let fused = house.fused([of("v 1.2.0\n", ""), of("v 1.10.0\n", ""), of("v 1.9.3\n", "")]);
    assert_eq!(house.files(fused.tree)["v"], "v 1.10.0\n");
}

#[test]
fn a_file_is_taken_whole_where_it_can_not_be_taken_apart() {
    let house = House::new();
    let rules = rule("strategy = 'prefer_remote'");
    let of = |files: &[(&str, &str)]| {
        house.of(&files.iter().copied().chain([(RULES, rules.as_str())]).collect::<Vec<_>>())
    };
    let base = of(&[("x", "\0"), ("gone", "1\n"), ("link", "@one")]);
    let ours = of(&[("x", "\0o"), ("link", "@two")]);
    let theirs = of(&[("x", "\0t"), ("gone", "2\n"), ("link", "@three")]);
    let fused = house.fused([base, ours, theirs]);
    assert_eq!(house.files(fused.tree), house.files(theirs));
    let told: Vec<String> = fused.decisions.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "gone: taken from theirs: prefer_remote (selkie.toml:1)");
    assert_eq!(told.len(), 3);
}

#[test]
fn rules_say_nothing_of_their_own_file() {
    let house = House::new();
    let of = |strategy: &str| house.of(&[(RULES, &rule(&format!("strategy = '{strategy}'")))]);
    let fused = house.fused([of("prefer_local"), of("prefer_remote"), of("union")]);
    assert!(fused.conflicts.keys().map(RepoPath::as_str).eq([RULES]));
}

#[test]
fn a_rule_names_the_command_that_is_to_settle_a_file() {
    let house = House::new();
    let rules = rule("path = 'a'\nstrategy = 'command'\ncommand = 'mine'");
    let of = |text: &str| house.of(&[("a", text), ("b", text), (RULES, &rules)]);
    let fused = house.fused([of("1\n"), of("2\n"), of("3\n")]);
    assert_eq!(fused.conflicts.len(), 2);
    let commands: Vec<_> =
        fused.commands.iter().map(|(path, name)| (path.as_str(), name.as_str())).collect();
    assert_eq!(commands, [("a", "mine")]);
}

/// A history of one file, in which seals are told apart by their times.
struct Past {
    house: House,
    rules: String,
}

impl Past {
    fn seal(&self, key: u8, at_ms: u64, parents: &[SealId], files: &[(&str, &str)]) -> SealId {
        let all: Vec<_> = files.iter().copied().chain([(RULES, self.rules.as_str())]).collect();
        let seal = Seal {
            tree: self.house.of(&all),
            parents: parents.to_vec(),
            change: ChangeId::from_bytes([1; 16]),
            time: Hlc::from_ms(at_ms),
            zone_minutes: 0,
            author: Author::default(),
            message: String::new(),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        let batch = Batch::new(&self.house.store);
        let seal = sign(seal, &SecretKey::from_bytes(&[key; 32])).unwrap();
        let id = batch.put_value(&seal, Hint::NONE).unwrap();
        batch.finish().unwrap();
        id
    }

    /// What `a` is when these are fused.
    fn fused(&self, seals: [SealId; 3]) -> String {
        let store = &self.house.store;
        let source = |at: usize| {
            let (seal, note) = (Some(seals[at]), ["base", "ours", "theirs"][at].to_owned());
            let tree = store.load::<Seal>(seals[at]).unwrap().tree;
            Source { tree, seal, seals: vec![seals[at]], note }
        };
        let sources = [source(0), source(1), source(2)];
        let [base, ours, theirs] = &sources;
        let (first, arbiter, memory) = (MergeSide::Ours, Arbiter::Trees, Memory::default());
        let batch = Batch::new(store);
        let following = Following::Moves;
        let fusing = Fusing { base, ours, theirs, first, arbiter, memory, following };
        let fused = fuse_trees(store, &batch, fusing).unwrap();
        batch.finish().unwrap();
        self.house.files(fused.tree).remove("a").unwrap()
    }
}

fn past(words: &str) -> Past {
    Past { house: House::new(), rules: rule(words) }
}

#[test]
fn the_last_write_is_that_of_the_file_and_not_of_the_side() {
    for (strategy, expected) in [("last_write", "late\n"), ("first_write", "early\n")] {
        let past = past(&format!("strategy = '{strategy}'"));
        let base = past.seal(1, 1, &[], &[("a", "1\n")]);
        let late = past.seal(1, 9, &[base], &[("a", "late\n")]);
        let early = past.seal(1, 3, &[base], &[("a", "early\n")]);
        // This side is the newer one, but by another file.
        let busy = past.seal(1, 20, &[early], &[("a", "early\n"), ("b", "b\n")]);
        assert_eq!(past.fused([base, late, busy]), expected);
        assert_eq!(past.fused([base, busy, late]), expected);
    }
}

#[test]
fn who_removed_a_file_last_wrote_that() {
    let past = past("strategy = 'last_write'");
    let base = past.seal(1, 1, &[], &[("a", "1\n"), ("b", "1\n")]);
    let changed = past.seal(1, 5, &[base], &[("a", "2\n"), ("b", "2\n")]);
    let removed = past.seal(1, 3, &[base], &[("b", "3\n")]);
    assert_eq!(past.fused([base, changed, removed]), "2\n");
}

#[test]
fn the_side_that_the_key_signed_is_right() {
    let key: PublicKey = SecretKey::from_bytes(&[7; 32]).public();
    let past = past(&format!("strategy = 'authority'\nauthority = '{key}'"));
    let base = past.seal(7, 1, &[], &[("a", "1\n")]);
    let own = past.seal(7, 2, &[base], &[("a", "own\n")]);
    let others = past.seal(1, 9, &[base], &[("a", "others\n")]);
    assert_eq!(past.fused([base, own, others]), "own\n");
    assert_eq!(past.fused([base, others, own]), "own\n");
    let strangers = past.seal(2, 9, &[base], &[("a", "strangers\n")]);
    assert!(past.fused([base, others, strangers]).starts_with("! "));
}
