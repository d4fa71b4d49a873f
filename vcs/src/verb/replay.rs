//! Seals made again somewhere else.
//!
//! A seal is a change of what it came from. Where that is something else, its content is the other thing with that change:
//! a fuse whose base is what the seal came from. What can not be brought together is a conflict in the new seal, and the
//! next one is made on top of that, so a replay always comes to its end.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{
    Author, Batch, ChangeId, Hint, Node, RepoPath, Seal, SealId, Tree, WriteError, sign,
};

use crate::again::Again;
use crate::memory::Memory;
use crate::merge::part::MergeSide;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::tree::edit::{edit, empty_tree};
use crate::tree::fuse::fuse_trees;
use crate::tree::fuse::fused::{Decision, Fused, Rule};
use crate::tree::fuse::source::{Arbiter, Following, Fusing, Source};
use crate::verb::decided::listed;
use crate::verb::seal::change;
use crate::verb::trouble::Trouble;
use crate::workspace::Doer;

/// A seal, and what was made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Replayed {
    /// The seal.
    pub old: SealId,
    /// What it became.
    pub became: Became,
    /// Where it is in conflict with what it was brought to.
    pub conflicts: Vec<RepoPath>,
    /// What was decided without asking.
    pub decisions: Vec<Decision>,
}

/// What became of a seal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Became {
    /// This seal.
    Seal(SealId, Box<Seal>),
    /// Nothing: all that it changes is so already.
    Nothing,
}

/// What becomes of a seal that would change nothing where it is brought to. One that never changed anything stays.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Emptied {
    /// It is left out.
    Dropped,
    /// It is made all the same.
    Kept,
}

/// What a seal came from, and what that is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Footing {
    /// What it came from; nothing if it was the first.
    pub(crate) old: Option<SealId>,
    /// What that is now.
    pub(crate) new: SealId,
    /// Whether it is made from it.
    pub(crate) standing: Standing,
}

/// How a seal stands to what it came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// It is made from it.
    Parent,
    /// Another of its parents came from that, so it is none itself.
    Inside,
}

/// Seals on their way to be made again.
pub(crate) struct Replay<'h, 'r> {
    hand: &'h Hand<'r>,
    by: Again,
    emptied: Emptied,
    /// What was made last. Once more is made it is in the store; so the preview of one seal leaves nothing behind.
    batch: Option<Batch<'h>>,
    played: Played,
    /// Seals that were left out, by what they fell on. What is made on that takes their place as well.
    fallen: BTreeMap<SealId, BTreeSet<SealId>>,
    changes: u32,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// Each seal, in the order in which they were made.
    pub(crate) seals: Vec<Replayed>,
    /// What seals became; of one that was left out, what it fell on.
    pub(crate) became: BTreeMap<SealId, SealId>,
}

/// The label of a plucked seal: the hash of the one that it was made from.
pub const PLUCKED: &str = "plucked";

/// The label of a seal that takes another back: the hash of that one.
pub const REVERSED: &str = "reversed";

impl<'h, 'r> Replay<'h, 'r> {
    pub(crate) fn new(hand: &'h Hand<'r>, doer: &Doer, emptied: Emptied) -> Self {
        let (zone_minutes, by) = (doer.zone_minutes, doer.author.clone());
        Self {
            hand,
            by: Again { time: hand.time(), zone_minutes, by },
            emptied,
            batch: None,
            played: Played::default(),
            fallen: BTreeMap::new(),
            changes: 0,
        }
    }

    /// What a seal is now.
    pub(crate) fn now(&self, seal: SealId) -> SealId {
        self.played.became.get(&seal).copied().unwrap_or(seal)
    }

    /// A seal on what became of its parents.
    pub(crate) fn follow(&mut self, id: SealId) -> Result<(), Trouble> {
        let parents = self.load(id)?.parents.into_iter();
        let footings = parents.map(|old| {
            let (new, standing) = (self.now(old), Standing::Parent);
            Footing { old: Some(old), new, standing }
        });
        let footings: Vec<Footing> = footings.collect();
        self.again(id, &footings)
    }

    /// The change that a seal is, on what it came from as that is now. It keeps its name, its author and its date, and
    /// takes the place of the old one.
    pub(crate) fn again(&mut self, id: SealId, footings: &[Footing]) -> Result<(), Trouble> {
        if footings.iter().all(|footing| footing.old == Some(footing.new)) {
            return Ok(());
        }
        self.flush()?;
        let old: Seal = self.load(id)?;
        let fused = self.shifted(id, &old, footings)?;
        let mut parents: Vec<SealId> = Vec::new();
        for Footing { new, standing, .. } in footings {
            if *standing == Standing::Parent && !parents.contains(new) {
                parents.push(*new);
            }
        }
        if let [parent] = parents[..]
            && self.is_emptied(&old, parent, &fused)?
        {
            self.drop(id, parent, fused);
            return Ok(());
        }
        let mut replaces = old.replaces.clone();
        replaces.insert(id);
        for parent in &parents {
            replaces.extend(self.fallen.get(parent).into_iter().flatten());
        }
        let labels = with_decisions(&old.labels, &fused.decisions);
        let seal = Seal { tree: fused.tree, parents, replaces, labels, ..old };
        let made = self.made_again(seal, &[id])?;
        self.played.seals.push(Replayed::of(id, made, fused));
        Ok(())
    }

    /// What a seal changed since one of its parents, as a new change on `tip`. Returns what there is then.
    pub(crate) fn pluck(
        &mut self,
        id: SealId,
        tip: SealId,
        parent: usize,
    ) -> Result<SealId, Trouble> {
        self.flush()?;
        let old: Seal = self.load(id)?;
        let base = old.parents.get(parent).copied();
        let (base, ours) = (self.source_or_nothing(base)?, self.source(tip)?);
        let fused = self.fused(&base, &ours, &self.source(id)?)?;
        if fused.tree == ours.tree && old.tree != base.tree && self.emptied == Emptied::Dropped {
            self.drop(id, tip, fused);
            return Ok(tip);
        }
        let mut labels = with_decisions(&BTreeMap::new(), &fused.decisions);
        labels.insert(PLUCKED.to_owned(), id.to_string().into_bytes());
        let (change, parents) = (self.next_change(), vec![tip]);
        let seal =
            Seal { tree: fused.tree, parents, change, replaces: BTreeSet::new(), labels, ..old };
        let made = self.made_again(seal, &[])?;
        let new = made.0;
        self.played.seals.push(Replayed::of(id, made, fused));
        Ok(new)
    }

    /// A new change on `tip` that takes back what a seal changed since one of its parents. Returns what there is then.
    pub(crate) fn reverse(
        &mut self,
        id: SealId,
        tip: SealId,
        parent: usize,
        words: (&Author, Option<&str>),
    ) -> Result<SealId, Trouble> {
        self.flush()?;
        let old: Seal = self.load(id)?;
        let before = old.parents.get(parent).copied();
        let (base, ours) = (self.source(id)?, self.source(tip)?);
        let mut theirs = self.source_or_nothing(before)?;
        theirs.note = format!("what was before {}", base.note);
        let fused = self.fused(&base, &ours, &theirs)?;
        if fused.tree == ours.tree && self.emptied == Emptied::Dropped {
            self.drop(id, tip, fused);
            return Ok(tip);
        }
        let mut labels = listed(&fused.decisions);
        labels.insert(REVERSED.to_owned(), id.to_string().into_bytes());
        let (author, message) = words;
        let usual = || format!("{}\n\nThis takes back {}.", reversed_title(&old), base.note);
        let seal = Seal {
            tree: fused.tree,
            parents: vec![tip],
            change: self.next_change(),
            time: self.by.time,
            zone_minutes: self.by.zone_minutes,
            author: author.clone(),
            message: message.map_or_else(usual, str::to_owned),
            replaces: BTreeSet::new(),
            labels,
            signature: None,
        };
        let made = self.put(seal)?;
        let new = made.0;
        self.played.seals.push(Replayed::of(id, made, fused));
        Ok(new)
    }

    /// A seal that is as it is told, in place of others.
    pub(crate) fn instead(&mut self, mut seal: Seal, old: &[SealId]) -> Result<SealId, Trouble> {
        seal.replaces.extend(old);
        let (id, seal) = self.made_again(seal, old)?;
        let first = old.first().copied().unwrap_or(id);
        let fused = Fused::whole(seal.tree, BTreeMap::new());
        self.played.seals.push(Replayed::of(first, (id, seal), fused));
        Ok(id)
    }

    /// The name of one more new change.
    pub(crate) fn next_change(&mut self) -> ChangeId {
        let change = change(self.hand.writer(), self.by.time.to_u64(), self.changes);
        self.changes += 1;
        change
    }

    /// All of it, in the store.
    pub(crate) fn finish(mut self) -> Result<Played, Trouble> {
        self.flush()?;
        Ok(self.played)
    }

    /// What would come of it. What was made last is not kept.
    pub(crate) fn preview(self) -> Played {
        self.played
    }

    /// The content of a seal where all that it came from is something else. What each parent became is brought into it,
    /// one after the other, so that what somebody decided when they fused them stays decided.
    fn shifted(&mut self, id: SealId, old: &Seal, footings: &[Footing]) -> Result<Fused, Trouble> {
        let mut theirs = self.source(id)?;
        let mut sum = Fused::whole(old.tree, BTreeMap::new());
        let is_inside = |footing: &&Footing| footing.standing == Standing::Inside;
        let (inside, parents): (Vec<&Footing>, Vec<&Footing>) =
            footings.iter().partition(is_inside);
        for footing in inside.into_iter().chain(parents) {
            if footing.old == Some(footing.new) {
                continue;
            }
            self.flush()?;
            let mut ours = self.source(footing.new)?;
            let mut base = self.source_or_nothing(footing.old)?;
            if base.note == ours.note {
                base.note.push_str(" as it was");
                ours.note.push_str(" as it is now");
            }
            let fused = self.fused(&base, &ours, &theirs)?;
            theirs.tree = fused.tree;
            sum.tree = fused.tree;
            sum.edits = fused.edits;
            sum.decisions.extend(fused.decisions);
        }
        sum.decisions.sort_unstable();
        sum.decisions.dedup();
        Ok(sum)
    }

    fn fused(&mut self, base: &Source, ours: &Source, theirs: &Source) -> Result<Fused, Trouble> {
        let (store, batch) = (self.hand.store(), self.hand.batch());
        // Rules speak of two replicas that changed one thing. Here a side is the change that somebody asked to have
        // made again, and a rule that preferred the other would drop it without a word.
        let (first, arbiter) = (MergeSide::Ours, Arbiter::Nobody);
        let memory = Memory::of(store, self.hand.shared());
        let following = Following::Moves;
        let fusing = Fusing { base, ours, theirs, first, arbiter, memory, following };
        let mut fused = fuse_trees(store, &batch, fusing)?;
        // What came as a conflict may have been settled since. Where nothing changed under a seal, it stays what it is.
        let (mut settled, is_moved) = (false, base.tree != ours.tree);
        for (path, node) in fused.edits.iter_mut().filter(|_| is_moved) {
            if let Some(Node::Conflict(id)) = node
                && !fused.conflicts.contains_key(path)
                && let Some(file) = memory.file(&batch, path, &store.load(*id)?)?
            {
                *node = Some(file);
                fused.decisions.push(Decision { path: path.clone(), rule: Rule::Remembered });
                settled = true;
            }
        }
        if settled {
            fused.tree = edit(store, &batch, ours.tree, &fused.edits)?;
        }
        self.batch = Some(batch);
        Ok(fused)
    }

    /// Whether nothing is left of what the seal changed. A merge of what is one now had its say in what it came from.
    fn is_emptied(&self, old: &Seal, parent: SealId, fused: &Fused) -> Result<bool, Trouble> {
        if self.emptied == Emptied::Kept || fused.tree != self.load(parent)?.tree {
            return Ok(false);
        }
        let before = match old.parents[..] {
            [] => empty_tree(),
            [before] => self.load(before)?.tree,
            _ => return Ok(true),
        };
        Ok(old.tree != before)
    }

    fn drop(&mut self, id: SealId, parent: SealId, fused: Fused) {
        let (decisions, conflicts) = (fused.decisions, Vec::new());
        self.played.became.insert(id, parent);
        let own = self.fallen.get(&id).cloned().unwrap_or_default();
        self.fallen.entry(parent).or_default().extend(own.into_iter().chain([id]));
        self.played.seals.push(Replayed { old: id, became: Became::Nothing, conflicts, decisions });
    }

    fn made_again(&mut self, mut seal: Seal, old: &[SealId]) -> Result<(SealId, Seal), Trouble> {
        self.by.label(&mut seal.labels);
        let made = self.put(seal)?;
        self.played.became.extend(old.iter().map(|old| (*old, made.0)));
        Ok(made)
    }

    fn put(&mut self, seal: Seal) -> Result<(SealId, Seal), Trouble> {
        let seal = sign(Seal { signature: None, ..seal }, self.hand.writer().key());
        let seal = seal.map_err(WriteError::from)?;
        let batch = self.batch.get_or_insert_with(|| self.hand.batch());
        // The tree with nothing in it need not be in any store, until a seal has it.
        if seal.tree == empty_tree() {
            batch.put_value(&Tree::default(), Hint::NONE)?;
        }
        Ok((batch.put_value(&seal, Hint::NONE)?, seal))
    }

    fn flush(&mut self) -> Result<(), Trouble> {
        if let Some(batch) = self.batch.take() {
            batch.finish()?;
        }
        Ok(())
    }

    fn load(&self, id: SealId) -> Result<Seal, Trouble> {
        Ok(self.hand.store().load(id)?)
    }

    fn source(&self, id: SealId) -> Result<Source, Trouble> {
        let seal = self.load(id)?;
        let note = SealName::of(seal.change).to_string();
        Ok(Source { tree: seal.tree, seal: Some(id), seals: vec![id], note })
    }

    fn source_or_nothing(&self, id: Option<SealId>) -> Result<Source, Trouble> {
        let nothing = || {
            let (seals, note) = (Vec::new(), "nothing".to_owned());
            Source { tree: empty_tree(), seal: None, seals, note }
        };
        id.map_or_else(|| Ok(nothing()), |id| self.source(id))
    }
}

impl Replayed {
    fn of(old: SealId, (id, seal): (SealId, Seal), fused: Fused) -> Self {
        // What it brings may have been in conflict where it comes from.
        let is_open = |node: &Option<Node>| matches!(node, Some(Node::Conflict(_)));
        let conflicts = fused.edits.into_iter().filter(|(_, node)| is_open(node));
        Self {
            old,
            became: Became::Seal(id, Box::new(seal)),
            conflicts: conflicts.map(|(path, _)| path).collect(),
            decisions: fused.decisions,
        }
    }
}

/// The labels, with what was decided now beside what was decided before.
fn with_decisions(
    labels: &BTreeMap<String, Vec<u8>>,
    decisions: &[Decision],
) -> BTreeMap<String, Vec<u8>> {
    let mut labels = labels.clone();
    for (name, lines) in listed(decisions) {
        let all = labels.entry(name).or_default();
        for line in lines.split(|byte| *byte == b'\n') {
            if all.split(|byte| *byte == b'\n').any(|before| before == line) {
                continue;
            }
            if !all.is_empty() {
                all.push(b'\n');
            }
            all.extend(line);
        }
    }
    labels
}

/// What a seal is called that takes this one back. Taking back twice is bringing back.
fn reversed_title(seal: &Seal) -> String {
    let title = seal.message.lines().next().unwrap_or_default();
    let inner = title.strip_prefix("Reverse \"").and_then(|rest| rest.strip_suffix('"'));
    match inner.filter(|_| seal.labels.contains_key(REVERSED)) {
        Some(inner) => format!("Bring back \"{inner}\""),
        None => format!("Reverse \"{title}\""),
    }
}
