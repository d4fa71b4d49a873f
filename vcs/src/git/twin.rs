//! The seal that a commit becomes, and the commit that a seal becomes.
//!
//! Both are functions of their arguments alone. So two people who import one repository have the same seals, and whoever
//! exports them has the same commits. A commit goes into a seal and comes back byte for byte; a seal that was made here goes
//! into a commit and comes back with its id.

use std::collections::BTreeMap;

use blake3::Hasher;
use selkie_store::{Canonical, ChangeId, ObjectId, Seal, SealId, TreeId, Voucher, voucher};

use crate::git::commit::Commit;
use crate::git::id::{GitId, GitKind, from_hex, to_hex};
use crate::git::person::Person;

#[cfg(test)]
mod tests;

/// The id of the commit that a seal was.
pub(crate) const COMMIT: &str = "git.commit";

/// The lines between the parents and the message, where they do not follow from the seal.
const HEADER: &str = "git.header";

/// All that follows the parents, where the message is no UTF-8 or does not stand where it should.
const REST: &str = "git.rest";

/// How trees are spelled that git spells in another way today.
pub(super) const TREES: &str = "git.trees";

/// The line of a commit that says what a seal had and a commit has not.
const SEAL: &str = "selkie";

/// Separates the names of changes that were commits from everything else that is hashed.
const CONTEXT: &str = "selkie 1 git change";

/// Whether the commit of a seal has all of its tree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Keeps {
    /// It has.
    All,
    /// Conflicts were written as text.
    Texts,
}

/// What a commit is once its tree and its parents are here.
#[derive(Clone, Debug)]
pub(super) struct Arrived<'a> {
    pub(super) id: GitId,
    pub(super) commit: Commit<'a>,
    pub(super) tree: TreeId,
    pub(super) parents: Vec<SealId>,
    /// How some of its trees are spelled, if not as git does today.
    pub(super) odd: Option<Vec<u8>>,
}

/// The seal that a commit becomes.
pub(super) fn seal_of(arrived: &Arrived<'_>) -> Seal {
    own_seal(arrived).unwrap_or_else(|| foreign_seal(arrived))
}

/// The commit that a seal was, if it was one and is as it was.
pub(super) fn commit_before(seal: &Seal, tree: GitId, parents: &[GitId]) -> Option<Vec<u8>> {
    let id = GitId::from_bytes(seal.labels.get(COMMIT)?.as_slice().try_into().ok()?);
    let bytes = Commit::spell(tree, parents, &rest(seal));
    if GitId::of(GitKind::Commit, &bytes)? != id {
        return None;
    }
    // A seal that was amended has the labels of the one before it, which may say all that the commit was.
    let commit = Commit::parse(&bytes)?;
    let (parents, odd) = (seal.parents.clone(), seal.labels.get(TREES).cloned());
    let before = foreign_seal(&Arrived { id, commit, tree: seal.tree, parents, odd });
    (before == *seal).then_some(bytes)
}

/// The commit that a seal becomes which was none.
pub(super) fn new_commit(seal: &Seal, tree: GitId, parents: &[GitId], keeps: Keeps) -> Vec<u8> {
    let (message, is_whole) = words(&seal.message);
    let told = Seal {
        tree: match keeps {
            Keeps::All => nothing(),
            Keeps::Texts => seal.tree,
        },
        parents: Vec::new(),
        message: if is_whole { String::new() } else { seal.message.clone() },
        ..seal.clone()
    };
    let told = told.encode().expect("a part of a seal that fits the format fits it too");
    let who = Person::spell(&seal.author, seal.time, seal.zone_minutes);
    let told = to_hex(&told);
    let rest = format!("author {who}\ncommitter {who}\n{SEAL} {told}\n\n{message}");
    Commit::spell(tree, parents, rest.as_bytes())
}

/// The tree of a commit, if that has all of the tree of its seal.
pub(super) fn whole_tree(bytes: &[u8]) -> Option<GitId> {
    let commit = Commit::parse(bytes)?;
    let Some(told) = commit.line(SEAL).and_then(from_hex) else { return Some(commit.tree) };
    let is_whole = Seal::decode(&told).map_or(true, |told| told.tree == nothing());
    is_whole.then_some(commit.tree)
}

/// The seal of which [`new_commit`] made this commit.
fn own_seal(arrived: &Arrived<'_>) -> Option<Seal> {
    let Arrived { commit, tree, parents, odd: None, .. } = arrived else { return None };
    let told = Seal::decode(&from_hex(commit.line(SEAL)?)?).ok()?;
    // Another tree stood there than a commit can have.
    if told.tree != nothing() || !told.parents.is_empty() {
        return None;
    }
    let message = if told.message.is_empty() {
        let (_, message) = commit.header_and_message()?;
        let message = str::from_utf8(message).ok()?;
        message.strip_suffix('\n').unwrap_or(message).to_owned()
    } else {
        told.message.clone()
    };
    let seal = Seal { tree: *tree, parents: parents.clone(), message, ..told };
    let again = new_commit(&seal, commit.tree, &commit.parents, Keeps::All);
    // Who signed it signed its parents too. Where these became others, what it was is past.
    let is_vouched = matches!(voucher(&seal), Ok(Voucher::Nobody | Voucher::Key(_)));
    (is_vouched && Commit::parse(&again)? == *commit).then_some(seal)
}

fn foreign_seal(arrived: &Arrived<'_>) -> Seal {
    let Arrived { id, commit, tree, parents, odd } = arrived;
    let encoding = commit.line("encoding");
    let read = |bytes: &[u8]| text(bytes, encoding);
    let person = Person::parse(commit.line("author").unwrap_or_default(), read);
    let (header, message) = commit.header_and_message().unwrap_or((commit.rest, b""));
    let mut labels = BTreeMap::from([(COMMIT.to_owned(), id.as_bytes().to_vec())]);
    labels.extend(odd.clone().map(|odd| (TREES.to_owned(), odd)));
    let mut seal = Seal {
        tree: *tree,
        parents: parents.clone(),
        change: change(*id),
        time: person.time(),
        zone_minutes: person.zone_minutes,
        author: person.author,
        message: read(message),
        replaces: [].into(),
        labels,
        signature: None,
    };
    if rest(&seal) != commit.rest {
        seal.labels.insert(HEADER.to_owned(), header.to_vec());
    }
    if rest(&seal) != commit.rest {
        seal.labels.remove(HEADER);
        seal.labels.insert(REST.to_owned(), commit.rest.to_vec());
    }
    seal
}

/// All that follows the parents in the commit that a seal was.
fn rest(seal: &Seal) -> Vec<u8> {
    if let Some(rest) = seal.labels.get(REST) {
        return rest.clone();
    }
    let usual = || {
        let who = Person::spell(&seal.author, seal.time, seal.zone_minutes);
        format!("author {who}\ncommitter {who}\n").into_bytes()
    };
    let mut rest = seal.labels.get(HEADER).cloned().unwrap_or_else(usual);
    rest.push(b'\n');
    rest.extend(seal.message.bytes());
    rest
}

/// The text that bytes are in an encoding. What can not be read stays in the label beside it.
fn text(bytes: &[u8], encoding: Option<&[u8]>) -> String {
    let is_latin = encoding.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        [&b"iso-8859-1"[..], b"iso8859-1", b"latin1", b"latin-1"].contains(&&*name)
    });
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if is_latin => bytes.iter().copied().map(char::from).collect(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A message as git has them, and whether that says all of it: it ends with a line end, and has no byte that ends a text in C.
fn words(message: &str) -> (String, bool) {
    if message.contains('\0') || message.ends_with('\n') {
        return (message.replace('\0', ""), false);
    }
    let end = if message.is_empty() { "" } else { "\n" };
    (format!("{message}{end}"), true)
}

/// In the place of a tree that follows from the commit.
fn nothing() -> TreeId {
    TreeId::from(ObjectId::from_bytes([0; ObjectId::LEN]))
}

fn change(id: GitId) -> ChangeId {
    let mut name = [0; ChangeId::LEN];
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    hasher.update(id.as_bytes()).finalize_xof().fill(&mut name);
    ChangeId::from_bytes(name)
}
