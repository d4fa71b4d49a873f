//! Trees and contents of ours, made git's.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_store::{
    Conflict, ConflictId, Content, Name, Node, ObjectId, Parts, ReadError, Seal, SealId, Store,
    Tree, TreeId,
};

use crate::conflict::{Shown, shown};
use crate::git::export::conflicts::Conflicts;
use crate::git::id::{GitId, GitKind};
use crate::git::objects::Objects;
use crate::git::odd::OddTrees;
use crate::git::pack::{Grain, Pack};
use crate::git::problem::GitError;
use crate::git::recent::Recent;
use crate::git::tree::{Form, GitEntry, SUBMODULE, Version, order, parse, spell};
use crate::git::twin::{Keeps, TREES};

/// Translates trees and writes them.
pub(super) struct Trees<'a> {
    store: &'a Store,
    objects: &'a Objects,
    conflicts: Conflicts,
    packs: PathBuf,
    grain: Grain,
    pub(super) pack: Pack,
    recent: Recent<ObjectId, (GitId, Keeps)>,
    read: Recent<TreeId, Arc<Tree>>,
    spelled: Recent<GitId, Arc<Vec<u8>>>,
}

/// What the same place held before, of which git has all, spelled as it does today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) tree: TreeId,
    pub(super) git: GitId,
}

/// A tree and where it stands.
struct At<'p> {
    seal: SealId,
    path: &'p str,
}

/// As when importing: more than nearly all trees have.
const RECENT: usize = 1 << 20;

/// Trees that are kept, ours and git's.
const KEPT: usize = 1 << 10;
const KEPT_LEN: usize = 64 << 10;

/// A content of a few blobs is made from the one before it.
const DELTA_MAX: usize = 1 << 20;

impl<'a> Trees<'a> {
    pub(super) fn new(
        store: &'a Store,
        objects: &'a Objects,
        conflicts: Conflicts,
        packs: &Path,
        grain: Grain,
    ) -> io::Result<Self> {
        Ok(Self {
            store,
            objects,
            conflicts,
            packs: packs.to_owned(),
            grain,
            pack: Pack::begin(packs, grain)?,
            recent: Recent::new(RECENT),
            read: Recent::new(KEPT),
            spelled: Recent::new(KEPT),
        })
    }

    /// Finishes the pack and begins another.
    pub(super) fn turn(&mut self) -> io::Result<Option<String>> {
        std::mem::replace(&mut self.pack, Pack::begin(&self.packs, self.grain)?).finish()
    }

    /// The tree of a seal as the commit has it that it was, if trees of that were odd.
    pub(super) fn odd_top(&mut self, id: SealId, seal: &Seal) -> Result<Option<GitId>, GitError> {
        let Some(odd) = seal.labels.get(TREES).and_then(|label| OddTrees::decode(label)) else {
            return Ok(None);
        };
        self.odd(seal.tree, &odd, &At { seal: id, path: "" })
    }

    /// The tree of a seal, as git spells it today.
    pub(super) fn top(
        &mut self,
        id: SealId,
        seal: &Seal,
        beside: Option<Beside>,
    ) -> Result<(GitId, Keeps), GitError> {
        self.tree(seal.tree, beside, &At { seal: id, path: "" })
    }

    /// A tree that no seal has yet; `seal` is the one that it would follow.
    pub(super) fn staged(
        &mut self,
        tree: TreeId,
        beside: Option<Beside>,
        seal: SealId,
    ) -> Result<GitId, GitError> {
        Ok(self.tree(tree, beside, &At { seal, path: "" })?.0)
    }

    /// Base, ours and theirs of a conflict of files. None of any other.
    pub(super) fn versions(&mut self, id: ConflictId) -> Result<Option<[Version; 3]>, GitError> {
        let conflict: Conflict = self.store.load(id)?;
        let [ours, theirs] = conflict.sides() else { return Ok(None) };
        let base = conflict.bases().first().and_then(|base| base.node.clone());
        let mut versions = [None; 3];
        for (at, node) in [base, ours.node.clone(), theirs.node.clone()].into_iter().enumerate() {
            versions[at] = match node {
                None => None,
                Some(Node::File(content)) => Some((Form::File, self.content(content, None)?)),
                Some(Node::Executable(content)) => {
                    Some((Form::Executable, self.content(content, None)?))
                }
                Some(Node::Symlink(target)) => {
                    Some((Form::Link, self.content(Content::Whole(target), None)?))
                }
                Some(Node::Directory(_) | Node::Foreign(_) | Node::Conflict(_)) => return Ok(None),
            };
        }
        Ok(Some(versions))
    }

    /// Writes an object that is not there yet.
    pub(super) fn put(
        &mut self,
        kind: GitKind,
        bytes: &[u8],
        base: Option<(GitId, &[u8])>,
    ) -> Result<GitId, GitError> {
        let made = GitId::of(kind, bytes);
        let id =
            made.ok_or_else(|| GitError::Target(io::Error::other("its SHA-1 is a collision")))?;
        if !self.pack.has(id) && !self.objects.has(id) {
            self.pack.add(id, kind, bytes, base).map_err(GitError::Target)?;
        }
        Ok(id)
    }

    fn tree(
        &mut self,
        id: TreeId,
        beside: Option<Beside>,
        at: &At<'_>,
    ) -> Result<(GitId, Keeps), GitError> {
        if let Some(found) = self.recent.find(id.object()) {
            return Ok(found);
        }
        // Only what lost nothing is stood beside.
        if let Some(beside) = beside.filter(|beside| beside.tree == id) {
            return Ok((beside.git, Keeps::All));
        }
        let tree = self.read(id)?;
        let old = beside.and_then(|beside| Some((self.read(beside.tree).ok()?, beside)));
        let old_bytes = old.as_ref().and_then(|(_, beside)| self.spelled(beside.git));
        let old_entries = old_bytes.as_ref().and_then(|bytes| parse(bytes)).unwrap_or_default();
        let (mut entries, mut keeps) = (Vec::with_capacity(tree.len()), Keeps::All);
        for (name, node) in tree.iter() {
            let before = old.as_ref().and_then(|(old, _)| old.get(name.as_str()));
            let git = before.and_then(|before| {
                let form = form_of(before)?;
                let found = old_entries.binary_search_by(|entry| {
                    let own = Form::of(entry.mode).unwrap_or(Form::File);
                    order(entry.name, own, name.as_str().as_bytes(), form)
                });
                Some(old_entries[found.ok()?].id)
            });
            let beside = before.zip(git);
            if let Some((form, id, kept)) = self.node(name, node, beside, at)? {
                if kept == Keeps::Texts {
                    keeps = kept;
                }
                entries.push((name.as_str().as_bytes(), form, id));
            } else {
                keeps = Keeps::Texts;
            }
        }
        entries.sort_by(|(a, a_form, _), (b, b_form, _)| order(a, *a_form, b, *b_form));
        let entries = entries.into_iter();
        let bytes = spell(entries.map(|(name, form, id)| GitEntry { mode: form.mode(), name, id }));
        let base = beside.map(|beside| beside.git).zip(old_bytes.as_deref());
        let git = self.put(GitKind::Tree, &bytes, base.map(|(id, old)| (id, &**old)))?;
        self.keep(git, bytes);
        self.recent.note(id.object(), (git, keeps));
        Ok((git, keeps))
    }

    /// An entry as git has it. None of a conflict of which nothing can be shown.
    fn node(
        &mut self,
        name: &Name,
        node: &Node,
        beside: Option<(&Node, GitId)>,
        at: &At<'_>,
    ) -> Result<Option<(Form, GitId, Keeps)>, GitError> {
        let form = form_of(node);
        // What did not change is what it was.
        if let (Some(form), Some((before, git))) = (form, beside)
            && before == node
            && form != Form::Folder
        {
            return Ok(Some((form, git, Keeps::All)));
        }
        let inner =
            || if at.path.is_empty() { name.to_string() } else { format!("{}/{name}", at.path) };
        match node {
            Node::File(content) | Node::Executable(content) => {
                let id = self.content(*content, beside.map(|(before, _)| before))?;
                Ok(form.map(|form| (form, id, Keeps::All)))
            }
            Node::Symlink(target) => {
                let id = self.content(Content::Whole(*target), None)?;
                Ok(Some((Form::Link, id, Keeps::All)))
            }
            Node::Directory(id) => {
                let beside = match beside {
                    Some((Node::Directory(tree), git)) => Some(Beside { tree: *tree, git }),
                    Some(_) | None => None,
                };
                let at = At { seal: at.seal, path: &inner() };
                let (git, keeps) = self.tree(*id, beside, &at)?;
                Ok(Some((Form::Folder, git, keeps)))
            }
            Node::Foreign(foreign) => match <[u8; GitId::LEN]>::try_from(&*foreign.bytes) {
                Ok(bytes) if foreign.mode == SUBMODULE => {
                    Ok(Some((Form::Submodule, GitId::from_bytes(bytes), Keeps::All)))
                }
                _ => Err(GitError::Foreign { seal: at.seal, path: inner() }),
            },
            Node::Conflict(_) if self.conflicts == Conflicts::Refused => {
                Err(GitError::Conflict { seal: at.seal, path: inner() })
            }
            Node::Conflict(id) => {
                let conflict: Conflict = self.store.load(*id)?;
                match shown(self.store, &conflict)? {
                    Shown::Marked(marked) => {
                        let id = self.put(GitKind::Blob, &marked.bytes, None)?;
                        let form = form_of(&marked.node()).unwrap_or(Form::File);
                        Ok(Some((form, id, Keeps::Texts)))
                    }
                    Shown::Side(side) => {
                        let found = self.node(name, &side, None, at)?;
                        Ok(found.map(|(form, id, _)| (form, id, Keeps::Texts)))
                    }
                    Shown::Nothing => Ok(None),
                }
            }
        }
    }

    fn content(&mut self, content: Content, before: Option<&Node>) -> Result<GitId, GitError> {
        let (_, key) = content.link();
        if let Some((id, _)) = self.recent.find(key) {
            return Ok(id);
        }
        let bytes = self.bytes(content)?;
        let base = match before {
            Some(Node::File(old) | Node::Executable(old)) if bytes.len() <= DELTA_MAX => {
                let found = self.recent.find(old.link().1).map(|(id, _)| id);
                let found = found.filter(|id| self.pack.has(*id));
                found.map(|id| Ok::<_, ReadError>((id, self.bytes(*old)?))).transpose()?
            }
            Some(_) | None => None,
        };
        let base = base.as_ref().map(|(id, bytes)| (*id, &**bytes));
        let id = self.put(GitKind::Blob, &bytes, base)?;
        self.recent.note(key, (id, Keeps::All));
        Ok(id)
    }

    /// A tree with those below it, spelled as the label says. None if the label is of another tree.
    fn odd(&mut self, id: TreeId, odd: &OddTrees, at: &At<'_>) -> Result<Option<GitId>, GitError> {
        let below = format!("{}/", at.path);
        let is_odd =
            |path: &String| at.path.is_empty() || path == at.path || path.starts_with(&below);
        if !odd.0.keys().any(is_odd) {
            return Ok(Some(self.tree(id, None, at)?.0));
        }
        let tree = self.read(id)?;
        let mut made = Vec::new();
        for (name, node) in tree.iter() {
            let path =
                if at.path.is_empty() { name.to_string() } else { format!("{}/{name}", at.path) };
            let inner = At { seal: at.seal, path: &path };
            let found = match node {
                Node::Directory(id) => self.odd(*id, odd, &inner)?.map(|id| (Form::Folder, id)),
                node => self.node(name, node, None, at)?.map(|(form, id, _)| (form, id)),
            };
            let Some((form, id)) = found else { return Ok(None) };
            made.push((name.as_str(), form, id));
        }
        let Some(bytes) = spelled(&mut made, odd.0.get(at.path)) else { return Ok(None) };
        Ok(Some(self.put(GitKind::Tree, &bytes, None)?))
    }

    fn bytes(&self, content: Content) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        for part in Parts::new(self.store, content) {
            bytes.extend(part?);
        }
        Ok(bytes)
    }

    fn read(&mut self, id: TreeId) -> Result<Arc<Tree>, ReadError> {
        if let Some(found) = self.read.find(id) {
            return Ok(found);
        }
        let tree = Arc::new(self.store.load::<Tree>(id)?);
        // A tree has some 70 bytes an entry here.
        if tree.len() <= KEPT_LEN / 64 {
            self.read.note(id, Arc::clone(&tree));
        }
        Ok(tree)
    }

    fn spelled(&mut self, id: GitId) -> Option<Arc<Vec<u8>>> {
        if let Some(found) = self.spelled.find(id) {
            return Some(found);
        }
        let mut bytes = Vec::new();
        // It is only what can be told from it that is missed.
        self.objects.read(id, GitKind::Tree, &mut bytes).ok()?;
        self.keep(id, bytes.clone());
        Some(Arc::new(bytes))
    }

    fn keep(&mut self, id: GitId, bytes: Vec<u8>) {
        if bytes.len() <= KEPT_LEN {
            self.spelled.note(id, Arc::new(bytes));
        }
    }
}

fn form_of(node: &Node) -> Option<Form> {
    match node {
        Node::File(_) => Some(Form::File),
        Node::Executable(_) => Some(Form::Executable),
        Node::Symlink(_) => Some(Form::Link),
        Node::Directory(_) => Some(Form::Folder),
        Node::Foreign(foreign) if foreign.mode == SUBMODULE => Some(Form::Submodule),
        Node::Foreign(_) | Node::Conflict(_) => None,
    }
}

/// The bytes of a tree of these entries, in the order and with the modes that were written down, or as git does today. None if
/// what was written down is of another tree.
fn spelled(
    made: &mut [(&str, Form, GitId)],
    told: Option<&Vec<(Vec<u8>, String)>>,
) -> Option<Vec<u8>> {
    let Some(told) = told else {
        made.sort_by(|(a, a_form, _), (b, b_form, _)| {
            order(a.as_bytes(), *a_form, b.as_bytes(), *b_form)
        });
        return Some(spell(made.iter().map(|(name, form, id)| GitEntry {
            mode: form.mode(),
            name: name.as_bytes(),
            id: *id,
        })));
    };
    if told.len() != made.len() {
        return None;
    }
    let forms: HashMap<_, _> = made.iter().map(|(name, form, id)| (*name, (*form, *id))).collect();
    let entries: Option<Vec<GitEntry<'_>>> = told
        .iter()
        .map(|(mode, name)| {
            let (form, id) = forms.get(&**name)?;
            let is_so = Form::of(mode)? == *form;
            is_so.then_some(GitEntry { mode, name: name.as_bytes(), id: *id })
        })
        .collect();
    Some(spell(entries?.into_iter()))
}
