//! Giving the history that is here to a git repository.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use selkie_store::{ConflictId, Disk, ObjectId, Progress, Seal, SealId, Store, TreeId};

use crate::git::export::conflicts::Conflicts;
use crate::git::export::order::order;
use crate::git::export::there::There;
use crate::git::export::trees::{Beside, Trees};
use crate::git::id::{GitId, GitKind};
use crate::git::import::writing::Pace;
use crate::git::objects::Objects;
use crate::git::pack::Grain;
use crate::git::pairs::{Pairs, put_together, remember};
use crate::git::place::GitPlace;
use crate::git::problem::GitError;
use crate::git::refs::list;
use crate::git::tag::tags;
use crate::git::tree::Version;
use crate::git::twin::{Keeps, TREES, commit_before, new_commit, whole_tree};

pub(crate) mod conflicts;
mod order;
mod there;
mod trees;

/// A history that is to be given.
pub(crate) struct Source<'a> {
    pub(crate) store: &'a Store,
    pub(crate) disk: &'a dyn Disk,
    pub(crate) pace: Pace,
    pub(crate) conflicts: Conflicts,
    /// Where timelines and tags stand.
    pub(crate) tips: Vec<SealId>,
    /// The words of tags, and the seals that they are about.
    pub(crate) words: Vec<(SealId, ObjectId)>,
    /// How it is told what is there already.
    pub(crate) reach: Reach<'a>,
    /// What the index is to hold, if somebody keeps it.
    pub(crate) staged: Option<Staged>,
}

/// How it is told which commits are there with all that they lead to.
pub(crate) enum Reach<'a> {
    /// Everything that names lead to is looked at.
    Looked,
    /// Whoever keeps both abreast knows it of these seals. Few objects are new then, and each is a file of its own, as git itself does.
    Known(&'a dyn Fn(SealId) -> bool),
}

/// What an index is to hold.
#[derive(Clone, Debug)]
pub(crate) struct Staged {
    /// The seal beside whose tree it is looked at.
    pub(crate) base: Option<SealId>,
    pub(crate) tree: TreeId,
    /// The paths that stand there with all of their versions.
    pub(crate) open: Vec<(String, ConflictId)>,
}

/// The same, once all of it is there.
#[derive(Clone, Debug)]
pub(crate) struct Laid {
    pub(crate) tree: GitId,
    /// Base, ours and theirs of each path.
    pub(crate) open: Vec<(String, [Version; 3])>,
}

/// What a repository of git has now, not yet by name.
pub(crate) struct Exported {
    /// The commits of seals.
    pub(crate) commits: HashMap<SealId, GitId>,
    /// The first tag of words.
    pub(crate) tags: HashMap<(SealId, ObjectId), GitId>,
    /// The seals of commits, as far as they are known.
    pub(crate) pairs: Pairs,
    /// Where its names stand.
    pub(crate) refs: BTreeMap<String, GitId>,
    /// Commits that were written.
    pub(crate) count: usize,
    /// What was asked for the index.
    pub(crate) laid: Option<Laid>,
    there: There,
}

/// Writes what leads to the tips and is not there. Nothing leads to it there until names do.
pub(crate) fn export(
    source: &Source<'_>,
    place: &GitPlace,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Exported, GitError> {
    let objects = Objects::open(place)?;
    let refs = list(place)?;
    let looked: Vec<GitId> = match source.reach {
        Reach::Looked => refs.values().copied().collect(),
        Reach::Known(_) => Vec::new(),
    };
    let there = There::look(place, &objects, looked.into_iter()).map_err(GitError::Target)?;
    let pairs = Pairs::read(source.disk).map_err(GitError::Pairs)?;
    let known = |seal| {
        pairs.commit(seal).filter(|commit| match source.reach {
            Reach::Looked => there.has(*commit),
            Reach::Known(is_known) => is_known(seal) && objects.has(*commit),
        })
    };
    let ordered = order(source.store, source.tips.iter().copied(), |seal| known(seal).is_some())?;
    let mut commits: HashMap<SealId, GitId> =
        source.tips.iter().filter_map(|seal| Some((*seal, known(*seal)?))).collect();
    let packs = place.common.join("objects/pack");
    let grain = match source.reach {
        Reach::Looked => Grain::Packs,
        Reach::Known(_) => Grain::Few,
    };
    let trees = Trees::new(source.store, &objects, source.conflicts, &packs, grain);
    let trees = trees.map_err(GitError::Target)?;
    let tops = HashMap::new();
    let mut writing = Writing {
        source,
        objects: &objects,
        there: &there,
        pairs,
        commits,
        tops,
        trees,
        fresh: Fresh::default(),
    };
    let total = ordered.len();
    for (done, id) in ordered.into_iter().enumerate() {
        if watch(Progress { done, total }).is_break() {
            return Err(GitError::Stopped);
        }
        writing.seal(id)?;
    }
    let mut found = HashMap::new();
    for (seal, words) in &source.words {
        let tag = writing.words(*seal, *words)?;
        found.extend(tag.map(|tag| ((*seal, *words), tag)));
    }
    let laid = source.staged.as_ref().map(|staged| writing.staged(staged)).transpose()?;
    writing.turn()?;
    let Writing { commits: all, pairs, .. } = writing;
    commits = all;
    put_together(source.disk).map_err(GitError::Pairs)?;
    Ok(Exported { commits, tags: found, pairs, refs, count: total, laid, there })
}

impl Exported {
    /// Forgets what an interrupted export would go on from: all of it has names.
    pub(crate) fn end(&self) -> Result<(), GitError> {
        self.there.forget().map_err(GitError::Target)
    }
}

/// What was written since the last pack.
#[derive(Debug, Default)]
struct Fresh {
    commits: Vec<GitId>,
    pairs: Vec<(GitId, SealId)>,
}

/// A commit that was made of a seal.
#[derive(Clone, Copy, Debug)]
struct Top {
    /// The tree, if the commit has all of the seal's and spells it as git does today.
    beside: Option<Beside>,
    /// Whether the seal comes back from it, and from those that it came from.
    is_whole: bool,
}

struct Writing<'a> {
    source: &'a Source<'a>,
    objects: &'a Objects,
    there: &'a There,
    pairs: Pairs,
    commits: HashMap<SealId, GitId>,
    tops: HashMap<SealId, Top>,
    trees: Trees<'a>,
    fresh: Fresh,
}

impl Writing<'_> {
    fn seal(&mut self, id: SealId) -> Result<(), GitError> {
        let seal: Seal = self.source.store.load(id)?;
        let parents: Vec<GitId> =
            seal.parents.iter().map(|parent| self.commit_of(*parent)).collect();
        let beside = seal.parents.first().and_then(|parent| self.beside(*parent));
        let odd = self.trees.odd_top(id, &seal)?;
        let odd = odd.and_then(|tree| commit_before(&seal, tree, &parents));
        let (bytes, beside, keeps) = if let Some(bytes) = odd {
            (bytes, None, Keeps::All)
        } else {
            let (git, keeps) = self.trees.top(id, &seal, beside)?;
            let before = commit_before(&seal, git, &parents);
            let bytes = before.unwrap_or_else(|| new_commit(&seal, git, &parents, keeps));
            (bytes, Some(Beside { tree: seal.tree, git }), keeps)
        };
        let commit = self.trees.put(GitKind::Commit, &bytes, None)?;
        let is_top = |parent: &SealId| self.tops.get(parent).is_none_or(|top| top.is_whole);
        let is_whole = keeps == Keeps::All && seal.parents.iter().all(is_top);
        self.commits.insert(id, commit);
        let beside = beside.filter(|_| keeps == Keeps::All);
        self.tops.insert(id, Top { beside, is_whole });
        // Where both are kept abreast, the seal whose conflicts became text is known to be here.
        if is_whole || matches!(self.source.reach, Reach::Known(_)) {
            self.pairs.note(commit, id);
            self.fresh.pairs.push((commit, id));
        }
        self.fresh.commits.push(commit);
        let pace = self.source.pace;
        if self.trees.pack.length() >= pace.bytes as u64 || self.trees.pack.count() >= pace.objects
        {
            self.turn()?;
        }
        Ok(())
    }

    /// The commit of a seal that was translated, now or earlier.
    fn commit_of(&self, seal: SealId) -> GitId {
        let found = self.commits.get(&seal).copied().or_else(|| self.pairs.commit(seal));
        found.expect("parents come before what came from them")
    }

    /// The tree of a parent, beside which only what changed has to be looked at.
    fn beside(&self, parent: SealId) -> Option<Beside> {
        if let Some(top) = self.tops.get(&parent) {
            return top.beside;
        }
        // It was there before. What can not be read is only a hint less.
        let mut buffer = Vec::new();
        let commit = self.pairs.commit(parent)?;
        let bytes = self.objects.read(commit, GitKind::Commit, &mut buffer).ok()?;
        let seal: Seal = self.source.store.load(parent).ok()?;
        let git = whole_tree(bytes).filter(|_| !seal.labels.contains_key(TREES))?;
        Some(Beside { tree: seal.tree, git })
    }

    /// The first of the tags that are these words, if they are about this seal still.
    fn words(&mut self, seal: SealId, words: ObjectId) -> Result<Option<GitId>, GitError> {
        let bytes = self.source.store.read(&words)?.bytes;
        let Some(tags) = tags(&bytes, self.commit_of(seal)) else { return Ok(None) };
        let first = tags.first().map(|(id, _)| *id);
        for (_, bytes) in tags {
            self.trees.put(GitKind::Tag, bytes, None)?;
        }
        Ok(first)
    }

    /// Writes what the index is to name.
    fn staged(&mut self, staged: &Staged) -> Result<Laid, GitError> {
        let beside = staged.base.and_then(|base| self.beside(base));
        let seal = staged.base.unwrap_or_else(|| staged.tree.object().into());
        let tree = self.trees.staged(staged.tree, beside, seal)?;
        let mut open = Vec::new();
        for (path, conflict) in &staged.open {
            if let Some(versions) = self.trees.versions(*conflict)? {
                open.push((path.clone(), versions));
            }
        }
        Ok(Laid { tree, open })
    }

    /// Makes durable what was written.
    fn turn(&mut self) -> Result<(), GitError> {
        let pack = self.trees.turn().map_err(GitError::Target)?;
        let Fresh { commits, pairs } = std::mem::take(&mut self.fresh);
        if let Some(pack) = pack {
            self.there.note(&pack, &commits).map_err(GitError::Target)?;
        }
        remember(self.source.disk, &pairs).map_err(GitError::Pairs)
    }
}
