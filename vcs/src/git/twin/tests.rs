use std::collections::BTreeSet;

use selkie_crdt::Hlc;
use selkie_store::{Author, SecretKey, sign};

use super::*;

const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

fn tree() -> TreeId {
    TreeId::from(ObjectId::from_bytes([7; 32]))
}

/// The seal of a commit with one parent, and the commit that comes back.
fn there_and_back(rest: &[u8]) -> (Seal, Option<Vec<u8>>) {
    let (git_tree, parent) = (GitId::spelled(TREE.as_bytes()).unwrap(), GitId::from_bytes([3; 20]));
    let bytes = Commit::spell(git_tree, &[parent], rest);
    let seal = seal_of(&arrived(&bytes));
    let back = commit_before(&seal, git_tree, &[parent]);
    assert_eq!(back.as_deref(), Some(&*bytes), "{}", String::from_utf8_lossy(rest));
    (seal, back)
}

fn arrived(bytes: &[u8]) -> Arrived<'_> {
    let commit = Commit::parse(bytes).unwrap();
    let parents = commit.parents.iter().map(|_| SealId::from(ObjectId::from_bytes([9; 32])));
    let parents = parents.collect();
    let id = GitId::of(GitKind::Commit, bytes).unwrap();
    Arrived { id, commit, tree: tree(), parents, odd: None }
}

#[test]
fn whatever_stands_in_a_commit_comes_back() {
    let long = format!("author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n{}", "x".repeat(100_000));
    let rests: [&[u8]; 16] = [
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nwords\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nno line end",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000",
        b"author A <a> 1 -0000\ncommitter B <b> 2 +051800\n\nzones\n",
        b"author \xc5 <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding ISO-8859-1\n\nl\xe4tin\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding SHIFT-JIS\n\n\x83\x80\n",
        b"author A <a> -5 +0000\ncommitter A <a> 99999999999999 +0000\n\ntimes\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\ngpgsig -----BEGIN\n \n x\n\nsigned\n",
        b"author A <a> 1 +0000\nauthor B <b> 1 +0000\ncommitter A <a> 1 +0000\n\ntwo\n",
        b"committer A <a> 1 +0000\n\nnobody\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nnul\0 inside\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\nselkie 00\n\nforged\n",
        b"",
        long.as_bytes(),
    ];
    for rest in rests {
        there_and_back(rest);
    }
}

#[test]
fn what_a_seal_says_by_itself_needs_no_label() {
    let (seal, _) =
        there_and_back(b"author A B <a@b> 12 +0530\ncommitter A B <a@b> 12 +0530\n\nx\n");
    assert_eq!(seal.labels.keys().collect::<Vec<_>>(), [COMMIT]);
    assert_eq!((&*seal.author.name, &*seal.author.contact), ("A B", "a@b"));
    assert_eq!((seal.time, seal.zone_minutes), (Hlc::from_ms(12_000), 330));
    assert_eq!((&*seal.message, seal.signature), ("x\n", None));
}

#[test]
fn a_latin_name_is_read_as_one() {
    let (seal, _) = there_and_back(
        b"author \xc5sa <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding ISO-8859-1\n\n\xe4\n",
    );
    assert_eq!((&*seal.author.name, &*seal.message), ("Åsa", "ä\n"));
}

#[test]
fn a_seal_that_was_changed_is_no_commit_of_before() {
    // What was sealed anew kept labels that said all of the commit, and was exported as the commit it had been.
    let rests: [&[u8]; 3] = [
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n",
        b"author A <a> 1 +0000\ncommitter B <b> 2 +0000\n\nx\n",
        b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n\xff\n",
    ];
    let tree = GitId::spelled(TREE.as_bytes()).unwrap();
    for rest in rests {
        let (seal, _) = there_and_back(rest);
        for changed in [
            Seal { message: "y\n".into(), ..seal.clone() },
            Seal { author: Author { name: "C".into(), ..seal.author.clone() }, ..seal.clone() },
            Seal { zone_minutes: 7, ..seal.clone() },
            Seal { replaces: [SealId::from(ObjectId::from_bytes([1; 32]))].into(), ..seal.clone() },
            sign(seal, &SecretKey::from_bytes(&[1; 32])).unwrap(),
        ] {
            assert_eq!(commit_before(&changed, tree, &[GitId::from_bytes([3; 20])]), None);
        }
    }
}

fn own(message: &str) -> Seal {
    let seal = Seal {
        tree: tree(),
        parents: vec![SealId::from(ObjectId::from_bytes([9; 32]))],
        change: ChangeId::from_bytes([4; 16]),
        time: Hlc::from_ms(1_700_000_000_123),
        zone_minutes: -90,
        author: Author { name: "A <\n>".into(), contact: String::new() },
        message: message.to_owned(),
        replaces: BTreeSet::from([SealId::from(ObjectId::from_bytes([5; 32]))]),
        labels: BTreeMap::from([("rule".to_owned(), vec![1, 0, 255])]),
        signature: None,
    };
    sign(seal, &SecretKey::from_bytes(&[1; 32])).unwrap()
}

#[test]
fn a_seal_comes_back_from_its_commit() {
    let (git_tree, parent) = (GitId::spelled(TREE.as_bytes()).unwrap(), GitId::from_bytes([3; 20]));
    for message in ["", "x", "x\n", "\n", "x\n\n", "two\n\nparts", "nul\0", "\0"] {
        let seal = own(message);
        let bytes = new_commit(&seal, git_tree, &[parent], Keeps::All);
        assert_eq!(seal_of(&arrived(&bytes)), seal, "{message:?}");
    }
}

#[test]
fn a_commit_that_says_it_was_another_seal_is_a_commit() {
    let (git_tree, parent) = (GitId::spelled(TREE.as_bytes()).unwrap(), GitId::from_bytes([3; 20]));
    let bytes = new_commit(&own("x"), git_tree, &[parent], Keeps::All);
    let forged = String::from_utf8(bytes).unwrap().replace("\nauthor A", "\nauthor B");
    let seal = seal_of(&arrived(forged.as_bytes()));
    assert!(seal.labels.contains_key(COMMIT));
    assert_eq!((&*seal.author.name, seal.signature), ("B", None));
    let texts = new_commit(&own("x"), git_tree, &[parent], Keeps::Texts);
    assert!(seal_of(&arrived(&texts)).labels.contains_key(COMMIT));
}
