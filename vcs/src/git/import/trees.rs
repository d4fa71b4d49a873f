//! Trees and contents of git, made ours.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use selkie_store::{
    BLOB_LEN_MAX, BlobId, Canonical, Content, Foreign, Kind, Name, NameError, Node, ObjectId,
    PathError, RepoPath, Store, Tree, TreeId,
};

use crate::git::id::{GitId, GitKind};
use crate::git::import::writing::{Desk, Gone, Job};
use crate::git::objects::Objects;
use crate::git::odd::OddTrees;
use crate::git::problem::Unkept;
use crate::git::recent::Recent;
use crate::git::tree::{Form, GitEntry, SUBMODULE, order, parse};

/// What an object of git became.
#[derive(Clone, Copy, Debug)]
pub(super) enum Became {
    Content(Content),
    Tree(TreeId),
    /// A tree that git spells in another way today, or with such a one in it.
    OddTree(TreeId),
}

/// What the same place held before, so that only what changed is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) git: GitId,
    /// What that became, if it is in the store and nothing of it is odd.
    pub(super) tree: Option<TreeId>,
}

/// Why a tree was not made.
pub(super) enum Halt {
    /// It can not be kept.
    Unkept(String, Unkept),
    /// Whoever stores gave up.
    Gone,
}

impl From<Gone> for Halt {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Translates trees.
pub(super) struct Trees<'a> {
    pub(super) objects: &'a Objects,
    pub(super) store: &'a Store,
    pub(super) desk: Desk,
    recent: Recent<GitId, Became>,
    // Trees as git has them: those of one commit stand beside those of the next.
    spelled: Recent<GitId, Arc<Vec<u8>>>,
    buffer: Vec<u8>,
}

/// Half a million entries are more than nearly all trees have, and 30 MB.
const RECENT: usize = 1 << 19;

/// Trees up to a length are kept, in 32 MB at most.
const SPELLED: usize = 1 << 9;
const SPELLED_LEN: usize = 64 << 10;

/// The largest tree that is looked at: our own has no more bytes.
const TREE_MAX: usize = 48 << 20;

impl<'a> Trees<'a> {
    pub(super) fn new(objects: &'a Objects, store: &'a Store, desk: Desk) -> Self {
        let (recent, spelled) = (Recent::new(RECENT), Recent::new(SPELLED));
        Self { objects, store, desk, recent, spelled, buffer: Vec::new() }
    }

    /// The tree at the top of a commit, and how it is spelled if that is odd.
    pub(super) fn top(
        &mut self,
        id: GitId,
        beside: Option<Beside>,
    ) -> Result<(TreeId, Option<Vec<u8>>), Halt> {
        match self.tree(id, beside, &RepoPath::default())? {
            Became::OddTree(tree) => {
                let mut odd = OddTrees::default();
                self.odd(id, &RepoPath::default(), &mut odd)?;
                Ok((tree, odd.encode()))
            }
            Became::Tree(tree) => Ok((tree, None)),
            Became::Content(_) => unreachable!("a tree becomes a tree"),
        }
    }

    /// What the tree of an earlier commit became, if that is remembered.
    pub(super) fn remembered(&self, id: GitId) -> Option<TreeId> {
        match self.recent.find(id)? {
            Became::Tree(tree) => Some(tree),
            Became::OddTree(_) | Became::Content(_) => None,
        }
    }

    fn tree(&mut self, id: GitId, beside: Option<Beside>, path: &RepoPath) -> Result<Became, Halt> {
        if let Some(found @ (Became::Tree(_) | Became::OddTree(_))) = self.recent.find(id) {
            return Ok(found);
        }
        if let Some(Beside { git, tree: Some(tree) }) = beside
            && git == id
        {
            return Ok(Became::Tree(tree));
        }
        let bytes = self.spelled(id, path)?;
        let entries = sensible(id, &bytes, path)?;
        // What can not be read there is looked for here alone.
        let before = beside.and_then(|beside| Some((self.spelled(beside.git, path).ok()?, beside)));
        let mut before = before.map(|(bytes, beside)| (bytes, beside, None));
        let mut old = before.as_mut().map(|(bytes, beside, tree)| Old::new(bytes, *beside, tree));
        let (mut nodes, mut is_odd) = (Vec::with_capacity(entries.len()), false);
        let (mut seen, mut last) = (HashSet::new(), None);
        for entry in &entries {
            let broken = |why| Halt::Unkept(shown(path, entry.name), why);
            let mode = || String::from_utf8_lossy(entry.mode).into_owned();
            let form = Form::of(entry.mode).ok_or_else(|| broken(Unkept::Mode(mode())))?;
            let name =
                str::from_utf8(entry.name).map_err(|_bytes| broken(NameError::Text.into()))?;
            let name = Name::new(name).map_err(|why| broken(why.into()))?;
            if !entry.is_usual(form, last) {
                is_odd = true;
            }
            last = Some((entry.name, form));
            if is_odd && seen.is_empty() {
                seen.extend(nodes.iter().map(|(name, _): &(Name, Node)| name.to_string()));
            }
            if is_odd && !seen.insert(name.to_string()) {
                return Err(broken(Unkept::Twice));
            }
            let beside = old.as_mut().and_then(|old| old.find(entry.name, form));
            let (node, is_odd_below) =
                self.node(Named { entry: *entry, form, name: &name }, path, beside, old.as_mut())?;
            is_odd |= is_odd_below;
            nodes.push((name, node));
        }
        let count = nodes.len();
        let tree: Tree = nodes.into_iter().collect();
        let broken = |why| Halt::Unkept(path.to_string(), why);
        if tree.len() != count {
            return Err(broken(Unkept::Twice));
        }
        let bytes = tree.encode().map_err(|_large| broken(Unkept::Large(GitKind::Tree, id)))?;
        let made = TreeId::from(ObjectId::of(Kind::Tree, &bytes));
        let base = beside.and_then(|beside| match self.recent.find(beside.git) {
            Some(Became::Tree(tree) | Became::OddTree(tree)) => Some(tree.object()),
            Some(Became::Content(_)) | None => beside.tree.map(TreeId::object),
        });
        self.desk.give(Job::Tree { bytes, base })?;
        let became = if is_odd { Became::OddTree(made) } else { Became::Tree(made) };
        self.recent.note(id, became);
        Ok(became)
    }

    /// What an entry stands for, and whether something odd is below it.
    fn node(
        &mut self,
        Named { entry, form, name }: Named<'_>,
        path: &RepoPath,
        beside: Option<GitId>,
        old: Option<&mut Old<'_>>,
    ) -> Result<(Node, bool), Halt> {
        let broken = |why| Halt::Unkept(shown(path, entry.name), why);
        if form == Form::Submodule {
            let bytes = entry.id.as_bytes().to_vec().into();
            return Ok((Node::Foreign(Foreign { mode: SUBMODULE, bytes }), false));
        }
        let found = self.recent.find(entry.id);
        let store = self.store;
        // What did not change is found in what it was before, where it is not remembered.
        let mut old = old;
        let mut earlier = || old.as_deref_mut().and_then(|old| old.node(store, name));
        if found.is_none()
            && beside == Some(entry.id)
            && let Some(node) = earlier()
            && stays(&node, form)
        {
            return Ok((node, false));
        }
        if form == Form::Folder {
            let inner = path.join(name).map_err(|why: PathError| broken(why.into()))?;
            let tree = beside.and_then(|beside| match self.recent.find(beside) {
                Some(Became::Tree(tree)) => Some(tree),
                Some(Became::OddTree(_) | Became::Content(_)) => None,
                None => match earlier() {
                    Some(Node::Directory(tree)) => Some(tree),
                    _ => None,
                },
            });
            let beside = beside.map(|git| Beside { git, tree });
            return Ok(match self.tree(entry.id, beside, &inner)? {
                Became::Tree(tree) => (Node::Directory(tree), false),
                Became::OddTree(tree) => (Node::Directory(tree), true),
                Became::Content(_) => unreachable!("a tree becomes a tree"),
            });
        }
        let content = match found {
            Some(Became::Content(content)) => content,
            Some(Became::Tree(_) | Became::OddTree(_)) => {
                return Err(broken(Unkept::Kind(entry.id, GitKind::Blob)));
            }
            None => {
                let base = beside.and_then(|beside| match self.recent.find(beside) {
                    Some(Became::Content(content)) => Some(content.link().1),
                    Some(Became::Tree(_) | Became::OddTree(_)) => None,
                    None => earlier().and_then(|node| Some(node.link()?.1)),
                });
                self.content(entry.id, name, base).map_err(|halt| match halt {
                    Halt::Unkept(_, why) => broken(why),
                    Halt::Gone => Halt::Gone,
                })?
            }
        };
        let node = match (form, content) {
            (Form::Executable, content) => Node::Executable(content),
            (Form::Link, Content::Whole(target)) => Node::Symlink(target),
            (Form::Link, Content::Chunked(_)) => return Err(broken(Unkept::LongLink)),
            (_, content) => Node::File(content),
        };
        Ok((node, false))
    }

    fn content(&mut self, id: GitId, name: &Name, base: Option<ObjectId>) -> Result<Content, Halt> {
        let broken = |why| Halt::Unkept(String::new(), why);
        let mut bytes = Vec::new();
        self.objects.read(id, GitKind::Blob, &mut bytes).map_err(broken)?;
        let content = if bytes.len() <= BLOB_LEN_MAX {
            Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, &bytes)))
        } else {
            let identified = Content::identify(&bytes[..], &mut self.buffer);
            identified.expect("bytes in memory can be read")
        };
        self.desk.content(bytes, name.to_string(), base)?;
        self.recent.note(id, Became::Content(content));
        Ok(content)
    }

    /// Tells how the tree and those below it are spelled, where that is odd.
    fn odd(&mut self, id: GitId, path: &RepoPath, odd: &mut OddTrees) -> Result<(), Halt> {
        let bytes = self.spelled(id, path)?;
        let entries = sensible(id, &bytes, path)?;
        let (mut is_odd, mut last) = (false, None);
        for entry in &entries {
            let Some(form) = Form::of(entry.mode) else { continue };
            is_odd |= !entry.is_usual(form, last);
            last = Some((entry.name, form));
            let is_usual = matches!(self.recent.find(entry.id), Some(Became::Tree(_)));
            if form == Form::Folder && !is_usual {
                let name = Name::new(&String::from_utf8_lossy(entry.name)).ok();
                if let Some(inner) = name.and_then(|name| path.join(&name).ok()) {
                    self.odd(entry.id, &inner, odd)?;
                }
            }
        }
        if is_odd {
            let spelled = |entry: &GitEntry<'_>| {
                (entry.mode.to_vec(), String::from_utf8_lossy(entry.name).into_owned())
            };
            odd.0.insert(path.to_string(), entries.iter().map(spelled).collect());
        }
        Ok(())
    }

    fn spelled(&mut self, id: GitId, path: &RepoPath) -> Result<Arc<Vec<u8>>, Halt> {
        if let Some(found) = self.spelled.find(id) {
            return Ok(found);
        }
        let mut bytes = Vec::new();
        let read = self.objects.read(id, GitKind::Tree, &mut bytes);
        let length = read.map_err(|why| Halt::Unkept(path.to_string(), why))?.len();
        if length > TREE_MAX {
            let why = Unkept::Large(GitKind::Tree, id);
            return Err(Halt::Unkept(path.to_string(), why));
        }
        let bytes = Arc::new(bytes);
        if length <= SPELLED_LEN {
            self.spelled.note(id, Arc::clone(&bytes));
        }
        Ok(bytes)
    }
}

/// An entry that is understood.
#[derive(Clone, Copy)]
struct Named<'e> {
    entry: GitEntry<'e>,
    form: Form,
    name: &'e Name,
}

/// What stood there before, entry by entry in git's order.
struct Old<'o> {
    entries: Vec<GitEntry<'o>>,
    at: usize,
    beside: Beside,
    tree: &'o mut Option<Tree>,
}

impl<'o> Old<'o> {
    fn new(bytes: &'o [u8], beside: Beside, tree: &'o mut Option<Tree>) -> Self {
        Self { entries: parse(bytes).unwrap_or_default(), at: 0, beside, tree }
    }

    /// What this name stood for, if names are asked for in their order.
    fn find(&mut self, name: &[u8], form: Form) -> Option<GitId> {
        while let Some(entry) = self.entries.get(self.at) {
            let own = Form::of(entry.mode)?;
            match order(entry.name, own, name, form) {
                Ordering::Less => self.at += 1,
                Ordering::Equal => return Some(entry.id),
                Ordering::Greater => return None,
            }
        }
        None
    }

    /// What that became, if it is in the store.
    fn node(&mut self, store: &Store, name: &Name) -> Option<Node> {
        if self.tree.is_none() {
            // What can not be read is translated again.
            *self.tree = store.load::<Tree>(self.beside.tree?).ok();
        }
        self.tree.as_ref()?.get(name.as_str()).cloned()
    }
}

/// Whether an entry of this form that nobody touched is this node still. The text of a conflict is the conflict.
fn stays(node: &Node, form: Form) -> bool {
    match form_of(node) {
        Some(own) => own == form,
        None => matches!(node, Node::Conflict(_)) && form != Form::Folder,
    }
}

fn form_of(node: &Node) -> Option<Form> {
    Some(match node {
        Node::File(_) => Form::File,
        Node::Executable(_) => Form::Executable,
        Node::Symlink(_) => Form::Link,
        Node::Directory(_) => Form::Folder,
        Node::Foreign(_) | Node::Conflict(_) => return None,
    })
}

fn sensible<'b>(id: GitId, bytes: &'b [u8], path: &RepoPath) -> Result<Vec<GitEntry<'b>>, Halt> {
    let senseless = || Halt::Unkept(path.to_string(), Unkept::Senseless(GitKind::Tree, id));
    parse(bytes).ok_or_else(senseless)
}

fn shown(path: &RepoPath, name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    if path.is_top() { name.into_owned() } else { format!("{path}/{name}") }
}
