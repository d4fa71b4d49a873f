//! Taking in what git did.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use selkie_store::{Batch, Foreign, Hint, Kind, Node, Progress, RepoPath, Seal, SealId, TreeId};

use crate::chronicle::folded;
use crate::desk::Desk;
use crate::git::commit::Commit;
use crate::git::id::{GitId, GitKind};
use crate::git::import::writing::Pace;
use crate::git::import::{Brought, Called, GitRefs, Home, bring, called, is_wanted};
use crate::git::linked::{Entry, Link, Stood, head_text, merging, underway};
use crate::git::objects::Objects;
use crate::git::place::GitPlace;
use crate::git::problem::{GitError, Problem, Unkept};
use crate::git::refs::list;
use crate::git::stage::{Row, Stage, rows_of};
use crate::git::tag::Stand;
use crate::git::tree::{Form, SUBMODULE};
use crate::graph::grow::GrowError;
use crate::graph::trees::TreeReader;
use crate::repository::{Hand, PerformError};
use crate::rev::name::TimelineName;
use crate::shared::{Attribute, Move, Named, spelled};
use crate::tree::edit::{Edits, edit, empty_tree};
use crate::verb::git_link::told::{Note, Told};
use crate::verb::in_parts::perform_in_parts;
use crate::verb::timeline::removals;
use crate::workspace::{Doer, Workspace, known};

/// What is in a repository of git.
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) at: Option<GitId>,
    pub(super) merging: Vec<GitId>,
    pub(super) refs: BTreeMap<String, GitId>,
    pub(super) stage: Stage,
}

/// Whether a name of git goes with one of ours.
fn is_linked(name: &str) -> bool {
    let is_remote = name.starts_with("refs/remotes/") && !name.ends_with("/HEAD");
    is_remote || is_wanted(name, GitRefs::Usual)
}

impl Seen {
    /// Looks at all of it.
    pub(super) fn of(place: &GitPlace) -> Result<Self, GitError> {
        let mut refs = list(place)?;
        let head = head_text(place)?;
        let at = match head.strip_prefix("ref: ") {
            Some(name) => refs.get(name.trim()).copied(),
            None => GitId::spelled(head.as_bytes()),
        };
        refs.retain(|name, _| is_linked(name));
        Ok(Self { head, at, merging: merging(place)?, refs, stage: Stage::read(place)? })
    }

    /// Whether git stands where it stood when both were alike, with the same in its index.
    pub(super) fn is_as(&self, link: &Link) -> bool {
        let mark = Stage::mark(&self.stage.rows);
        link.is_ours(&self.head, |stood| &stood.head)
            && link.is_ours(&self.at, |stood| &stood.at)
            && link.is_ours(&self.merging, |stood| &stood.merging)
            && link.is_ours(&mark, |stood| &stood.stage)
    }

    /// Whether all of it is as the link says.
    pub(super) fn is_at(&self, link: &Link) -> bool {
        let is_known = |(name, id): (&String, &GitId)| {
            link.stood.refs.get(name).is_some_and(|(own, _)| own == id)
        };
        link.goal.is_none()
            && self.is_as(link)
            && self.refs.len() == link.stood.refs.len()
            && self.refs.iter().all(is_known)
    }
}

/// A name that git moved.
struct Moved {
    called: Called,
    before: Option<SealId>,
    after: Option<SealId>,
    words: Option<Vec<u8>>,
}

/// Does here what git did there since both were alike.
pub(super) fn take_in(
    workspace: &mut Workspace,
    doer: &Doer,
    place: &GitPlace,
    link: &mut Link,
    told: &mut Told,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), GitError> {
    if let Some(word) = underway(place) {
        return Err(GitError::Underway(word));
    }
    let seen = Seen::of(place)?;
    if !seen.merging.is_empty() && !link.is_ours(&seen.merging, |stood| &stood.merging) {
        return Err(GitError::Underway("merge"));
    }
    let objects = Objects::open(place)?;
    let (stands, left) = stands(&objects, &seen, link, told);
    let tips = stands.values().map(|(_, stand)| stand.commit).chain(seen.at).collect();
    let repository = workspace.repository();
    let hold = repository.hold()?;
    let batch = || repository.batch(&hold);
    let (store, disk) = (&**repository.store(), &**workspace.disk());
    let home = Home { store, disk, batch, pace: Pace::USUAL };
    let brought = bring(home, &objects, tips, watch)?;
    told.commits = brought.count;
    told.notes.extend(brought.problems.iter().cloned().map(Note::LeftOut));
    if seen.at.is_some_and(|at| brought.pairs.seal(at).is_none()) {
        return Err(GitError::Unkept(brought.problems));
    }
    let (refs, moved) = compared(&seen, link, stands, &left, &brought);
    let (mut hand, _) = workspace.take(doer)?;
    let taking = Taking { seen: &seen, objects: &objects, brought: &brought };
    taking.tell(&mut hand, link, refs, moved, told)?;
    drop(hold);
    Ok(())
}

/// Where names stand that git moved, and those that stand at what can not be kept.
fn stands(
    objects: &Objects,
    seen: &Seen,
    link: &Link,
    told: &mut Told,
) -> (BTreeMap<String, (Called, Stand)>, BTreeSet<String>) {
    let (mut stands, mut left) = (BTreeMap::new(), BTreeSet::new());
    for (name, id) in &seen.refs {
        if entry(link, name, *id).is_some() {
            continue;
        }
        let found = called(name).and_then(|called| {
            let stand = Stand::of(objects, *id)?;
            match (&called, &stand.words) {
                (Called::Timeline(_), Some(_)) => Err(Unkept::Kind(*id, GitKind::Commit)),
                _ => Ok((called, stand)),
            }
        });
        match found {
            Ok(found) => _ = stands.insert(name.clone(), found),
            Err(why) => {
                told.notes.push(Note::LeftOut(Problem { place: name.clone(), why }));
                left.insert(name.clone());
            }
        }
    }
    (stands, left)
}

/// The seal that a name of git stands at, if it is where we know it.
fn entry(link: &Link, name: &str, id: GitId) -> Option<Entry> {
    let of = |stood: &Stood| stood.refs.get(name).copied().filter(|(git, _)| *git == id);
    of(&link.stood).or_else(|| link.goal.as_ref().and_then(of))
}

/// Where names stand now, and which of them git moved.
fn compared(
    seen: &Seen,
    link: &Link,
    mut stands: BTreeMap<String, (Called, Stand)>,
    left: &BTreeSet<String>,
    brought: &Brought,
) -> (BTreeMap<String, Entry>, Vec<(String, Moved)>) {
    let (mut refs, mut moved) = (BTreeMap::new(), Vec::new());
    for (name, id) in &seen.refs {
        if let Some(entry) = entry(link, name, *id) {
            refs.insert(name.clone(), entry);
        } else if let Some((called, stand)) = stands.remove(name) {
            let after = brought.pairs.seal(stand.commit);
            refs.insert(name.clone(), (*id, after));
            let before = link.stood.refs.get(name).and_then(|(_, seal)| *seal);
            if after.is_some() {
                moved.push((name.clone(), Moved { called, before, after, words: stand.words }));
            }
        } else if left.contains(name) {
            refs.insert(name.clone(), (*id, None));
        }
    }
    for (name, (_, before)) in &link.stood.refs {
        // What we were about to remove there is no doing of git's.
        let is_goal = link.goal.as_ref().is_some_and(|goal| !goal.refs.contains_key(name));
        if seen.refs.contains_key(name) || before.is_none() || is_goal {
            continue;
        }
        if let Ok(called) = called(name) {
            let gone = Moved { called, before: *before, after: None, words: None };
            moved.push((name.clone(), gone));
        }
    }
    (refs, moved)
}

struct Taking<'a> {
    seen: &'a Seen,
    objects: &'a Objects,
    brought: &'a Brought,
}

impl Taking<'_> {
    /// Records it.
    fn tell(
        &self,
        hand: &mut Hand<'_>,
        link: &mut Link,
        mut refs: BTreeMap<String, Entry>,
        moved: Vec<(String, Moved)>,
        told: &mut Told,
    ) -> Result<(), GitError> {
        let follows = !self.seen.is_as(link);
        let batch = hand.batch();
        let mut desk = self.desk(hand, &batch, link, told)?;
        let mut moves = Vec::new();
        for (name, moved) in moved {
            let found = match &moved.called {
                Called::Timeline(timeline) => {
                    timeline_moves(hand, &mut desk, timeline.as_str(), &moved, told)?
                }
                Called::Tag(tag) => tag_moves(hand, &batch, tag.as_str(), &moved)?,
            };
            match found {
                Some(found) if found.is_empty() => {}
                Some(found) => {
                    told.moved.push(shown(&moved.called));
                    moves.extend(found);
                }
                None => {
                    told.notes.push(Note::Tag(shown(&moved.called)));
                    refs.entry(name).and_modify(|(_, seal)| *seal = None);
                }
            }
        }
        batch.finish()?;
        told.follows = desk != *hand.desk();
        perform(hand, &desk, moves, told)?;
        let Seen { head, at, merging, stage, .. } = self.seen;
        // What its index is made of is known where it was followed, or where nobody wrote to it.
        if follows {
            let is_followed = stage.is_there() && !link.stood.head.is_empty();
            let known = known(hand.store(), hand.desk())?;
            link.known = is_followed.then_some(known);
        } else if link.goal.is_some() {
            link.known = None;
        }
        link.stood = Stood {
            head: head.clone(),
            at: *at,
            merging: merging.clone(),
            stage: Stage::mark(&stage.rows),
            refs,
        };
        link.goal = None;
        Ok(())
    }

    /// Where the clone stands if it stands where git does.
    fn desk(
        &self,
        hand: &Hand<'_>,
        batch: &Batch<'_>,
        link: &Link,
        told: &mut Told,
    ) -> Result<Desk, GitError> {
        let desk = hand.desk().clone();
        // Where git has no commit yet, there is nothing to follow.
        let is_ours = link.stood.head.is_empty() && self.seen.at.is_none();
        let has_some = !desk.bases.is_empty() || desk.gathered.is_some();
        if self.seen.is_as(link) || (is_ours && has_some) {
            return Ok(desk);
        }
        let seal = self.seen.at.and_then(|at| self.brought.pairs.seal(at));
        let branch = self.seen.head.strip_prefix("ref: refs/heads/");
        let timeline = branch.and_then(|name| TimelineName::new(name.trim()).ok());
        // Who links again, and went on from where git stands, goes on from there.
        let ours = desk.bases.first().filter(|_| link.stood.head.is_empty());
        if let (Some(seal), Some(ours)) = (seal, ours)
            && desk.timeline == timeline.as_ref().map(ToString::to_string)
            && came_from(hand, seal, *ours)?
        {
            return Ok(desk);
        }
        let stands_there = link.is_ours(&self.seen.head, |stood| &stood.head)
            && link.is_ours(&self.seen.at, |stood| &stood.at)
            && link.is_ours(&self.seen.merging, |stood| &stood.merging);
        let mut after = desk.clone();
        if !stands_there {
            let others = self.seen.merging.iter();
            let others = others.filter_map(|commit| self.brought.pairs.seal(*commit));
            after.bases = seal.into_iter().chain(others).collect();
            after.timeline = timeline.map(|name| name.to_string());
            after.asked = None;
        }
        let tree = match after.bases.first() {
            Some(seal) => hand.store().load::<Seal>(*seal)?.tree,
            None => empty_tree(),
        };
        let open = desk.gathered.filter(|_| after.bases == desk.bases);
        let gathered = self.gathered(hand, batch, tree, open, told)?;
        after.gathered = (gathered != tree || after.is_fusing()).then_some(gathered);
        Ok(after)
    }

    /// What the index holds, on top of the tree that `HEAD` leads to. What is in conflict there stays as it was gathered.
    fn gathered(
        &self,
        hand: &Hand<'_>,
        batch: &Batch<'_>,
        tree: TreeId,
        open: Option<TreeId>,
        told: &mut Told,
    ) -> Result<TreeId, GitError> {
        if !self.seen.stage.is_there() {
            return Ok(tree);
        }
        let unkept = |place: &str| {
            let place = place.to_owned();
            move |why| GitError::Unkept(vec![Problem { place, why }])
        };
        let mut before: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
        if let Some(at) = self.seen.at {
            let mut buffer = Vec::new();
            let bytes = self.objects.read(at, GitKind::Commit, &mut buffer);
            let top = bytes.map_err(unkept("HEAD"))?;
            let top = Commit::parse(top).map(|commit| commit.tree);
            let top = top.ok_or(Unkept::Senseless(GitKind::Commit, at));
            let rows = top.and_then(|top| rows_of(self.objects, top)).map_err(unkept("HEAD"))?;
            before = rows.into_iter().map(|row| (row.path.clone(), row)).collect();
        }
        let (mut edits, mut trees) = (Edits::new(), TreeReader::new(hand.store()));
        for row in &self.seen.stage.rows {
            let shown = String::from_utf8_lossy(&row.path).into_owned();
            let was = before.remove(&row.path);
            let Ok(path) = RepoPath::new(&shown) else {
                if was.is_none() {
                    let why = Unkept::Senseless(GitKind::Blob, row.id);
                    told.notes.push(Note::LeftOut(Problem { place: shown, why }));
                }
                continue;
            };
            if row.stage > 0 {
                let node = open.map(|open| trees.node(open, &path)).transpose()?.flatten();
                edits.extend(node.map(|node| (path, Some(node))));
            } else if was.as_ref() != Some(row) {
                let node = self.node(batch, row).map_err(unkept(&shown))?;
                edits.insert(path, Some(node?));
            }
        }
        for path in before.into_keys() {
            let path = String::from_utf8(path).ok().and_then(|path| RepoPath::new(&path).ok());
            edits.extend(path.map(|path| (path, None)));
        }
        Ok(edit(hand.store(), batch, tree, &edits)?)
    }

    fn node(&self, batch: &Batch<'_>, row: &Row) -> Result<Result<Node, GitError>, Unkept> {
        let mut buffer = Vec::new();
        if row.form == Form::Submodule {
            let bytes = row.id.as_bytes().to_vec().into();
            return Ok(Ok(Node::Foreign(Foreign { mode: SUBMODULE, bytes })));
        }
        let bytes = self.objects.read(row.id, GitKind::Blob, &mut buffer)?;
        let shown = String::from_utf8_lossy(&row.path);
        let hint = Hint { path: &shown, base: None };
        if row.form == Form::Link {
            let put = batch.put(Kind::Blob, bytes, hint);
            return Ok(put.map(|id| Node::Symlink(id.into())).map_err(GitError::from));
        }
        let content = batch.put_content(bytes, hint).map_err(GitError::from);
        Ok(content.map(|content| match row.form {
            Form::Executable => Node::Executable(content),
            Form::File | Form::Link | Form::Folder | Form::Submodule => Node::File(content),
        }))
    }
}

/// Whether a seal came from another, or is that one.
fn came_from(hand: &Hand<'_>, before: SealId, after: SealId) -> Result<bool, GitError> {
    let found = hand.chronicle()?.ask(|graph| match (graph.row(before)?, graph.row(after)?) {
        (Some(before), Some(after)) => Ok::<_, GrowError>(graph.is_ancestor(before, after)?),
        _ => Ok(false),
    })?;
    Ok(found || before == after)
}

/// Performs it. What would take seals from a protected timeline stays undone.
fn perform(
    hand: &mut Hand<'_>,
    desk: &Desk,
    mut moves: Vec<Move>,
    told: &mut Told,
) -> Result<(), GitError> {
    loop {
        match perform_in_parts(hand, TYPED.to_owned(), desk, &moves) {
            Err(PerformError::Protected(name)) => {
                let subject = Named::Timeline(name.clone());
                moves.retain(|told| told.subject != subject);
                told.moved.retain(|moved| *moved != name);
                told.notes.push(Note::Protected(name));
            }
            performed => return Ok(performed?),
        }
    }
}

/// What stands in the operation log, as if somebody had typed it.
const TYPED: &str = "git";

fn shown(called: &Called) -> String {
    match called {
        Called::Timeline(name) => name.to_string(),
        Called::Tag(name) => name.to_string(),
    }
}

/// What it takes that a timeline goes along with its branch.
fn timeline_moves(
    hand: &Hand<'_>,
    desk: &mut Desk,
    name: &str,
    moved: &Moved,
    told: &mut Told,
) -> Result<Option<Vec<Move>>, GitError> {
    if desk.private.contains_key(name) {
        let before = match moved.after {
            Some(after) => desk.private.insert(name.to_owned(), after),
            None => desk.private.remove(name),
        };
        if before != moved.before && before != moved.after {
            told.notes.push(Note::Diverged(name.to_owned()));
        }
        return Ok(Some(Vec::new()));
    }
    let (subject, attribute) = (Named::Timeline(name.to_owned()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let heads = hand.shared().timeline(name).map(|timeline| timeline.heads());
    let mut heads = folded(heads.unwrap_or_default(), || hand.chronicle())?;
    if let Some(old) = moved.before {
        heads.remove(&old);
    }
    let rest = heads.clone();
    heads.extend(moved.after);
    if heads.is_empty() {
        return Ok(Some(removals(hand, name)));
    }
    if !rest.is_empty() && rest != heads {
        let mut chronicle = hand.chronicle()?;
        chronicle.enter(&heads)?;
        // Where one came from the other, both sides say the same, and one is ahead.
        heads = folded(heads, || Ok(chronicle))?;
        if heads.len() > 1 {
            told.notes.push(Note::Diverged(name.to_owned()));
        }
    }
    let after = Some(spelled(&heads));
    let is_same = before == after;
    let told = Move { subject, attribute, before, after };
    Ok(Some(if is_same { Vec::new() } else { vec![told] }))
}

/// What it takes that a tag goes along. None if it was moved here, too.
fn tag_moves(
    hand: &Hand<'_>,
    batch: &Batch<'_>,
    name: &str,
    moved: &Moved,
) -> Result<Option<Vec<Move>>, GitError> {
    let subject = Named::Tag(name.to_owned());
    let here = hand.shared().tag(name).filter(|seals| !seals.is_empty());
    let set = |seal: Option<SealId>| seal.map(|seal| BTreeSet::from([seal]));
    if here != set(moved.before) && here != set(moved.after) {
        return Ok(None);
    }
    let words = match &moved.words {
        Some(words) => Some(batch.put(Kind::Blob, words, Hint::NONE)?.as_bytes().to_vec()),
        None => None,
    };
    let heads = set(moved.after).map(|seals| spelled(&seals));
    // What goes takes its words first, so that taken back they come to a tag that is there.
    let mut wanted = [(Attribute::Heads, heads), (Attribute::Words, words)];
    if moved.after.is_none() {
        wanted.reverse();
    }
    let mut moves = Vec::new();
    for (attribute, after) in wanted {
        let before = hand.shared().value(&subject, attribute);
        if before != after {
            moves.push(Move { subject: subject.clone(), attribute, before, after });
        }
    }
    Ok(Some(moves))
}
