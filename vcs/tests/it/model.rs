//! What a clone is, in maps and nothing else: the independent model that real clones are held against.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Seal, SealId};
use selkie_vcs::moving::Taken;
use selkie_vcs::remove::Removal;
use selkie_vcs::{Privacy, Unfinished};

use crate::descent::Descent;
use crate::files::{Files, Refused, Within, blended, has, is_below, is_meant, moved};
use crate::model::others::Heads;
use crate::model::search::Search;

pub(crate) mod others;
mod past;
pub(crate) mod search;

/// A clone: what is on disk, what was sealed, where it stands, what can be undone and redone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) disk: Files,
    pub(crate) seals: Vec<Files>,
    pub(crate) descent: Descent,
    /// What each seal says.
    pub(crate) words: Vec<String>,
    pub(crate) place: Place,
    /// Each place on a timeline where the clone stood, newest last.
    stood: Vec<(String, Option<usize>)>,
    pub(crate) past: Vec<Done>,
    pub(crate) future: Vec<Done>,
}

/// Desk, and what all share. Seals are numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Place {
    /// No name where it stands on no timeline.
    pub(crate) timeline: String,
    pub(crate) base: Option<usize>,
    pub(crate) gathered: Option<Files>,
    pub(crate) shelves: BTreeMap<String, Shelf>,
    pub(crate) private: BTreeMap<String, usize>,
    pub(crate) search: Option<Search>,
    /// Of the timelines that all share, with whatever leads nowhere new.
    pub(crate) heads: Heads,
    pub(crate) strategies: BTreeMap<String, String>,
}

/// Work that was laid aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Shelf {
    pub(crate) timeline: String,
    pub(crate) base: Option<usize>,
    pub(crate) gathered: Option<Files>,
    pub(crate) work: Files,
    pub(crate) comes_by_itself: bool,
}

/// What is known and what is on disk, of which all in the second that is neither known nor said is left out.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Unsealed {
    known: Files,
    disk: Files,
}

/// A command that was done: the places around it, and the trees between which it moved the files.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    before: Place,
    after: Place,
    files: Option<(Files, Files)>,
}

impl Model {
    pub(crate) fn on(timeline: &str) -> Self {
        let place = Place { timeline: timeline.to_owned(), ..Place::default() };
        Self { place, ..Self::default() }
    }

    /// Makes a seal known that somebody else made, or a command whose result is believed.
    pub(crate) fn add(&mut self, id: SealId, seal: Seal, tree: Files) -> usize {
        self.descent.add(id, &seal);
        self.seals.push(tree);
        self.words.push(seal.message);
        self.seals.len() - 1
    }

    /// Where a timeline ends, with whatever leads nowhere new. One of our own goes before one of others.
    pub(crate) fn heads_of(&self, name: &str) -> Option<BTreeSet<usize>> {
        let own = self.place.private.get(name).map(|head| BTreeSet::from([*head]));
        own.or_else(|| self.place.heads.get(name).cloned())
    }

    pub(crate) fn newest(&self, name: &str) -> Option<BTreeSet<usize>> {
        self.heads_of(name).map(|heads| self.descent.newest(&heads))
    }

    /// The newest seal of a timeline that has one.
    pub(crate) fn head(&self, name: &str) -> Option<usize> {
        let heads: Vec<usize> = self.newest(name)?.into_iter().collect();
        if let [head] = heads[..] { Some(head) } else { None }
    }

    pub(crate) fn base(&self) -> Files {
        self.place.base.map(|seal| self.seals[seal].clone()).unwrap_or_default()
    }

    pub(crate) fn known(&self) -> Files {
        self.place.gathered.clone().unwrap_or_else(|| self.base())
    }

    /// Known paths that the disk has otherwise or not at all.
    pub(crate) fn changed(&self) -> Vec<String> {
        let known = self.known();
        let differs = |(path, file): (String, (String, bool))| {
            (self.disk.get(&path) != Some(&file)).then_some(path)
        };
        known.into_iter().filter_map(differs).collect()
    }

    pub(crate) fn unknown(&self) -> Vec<String> {
        let known = self.known();
        self.disk.keys().filter(|path| !known.contains_key(*path)).cloned().collect()
    }

    pub(crate) fn gather(&mut self, by: &str) -> Result<(), Refused> {
        let mut chosen = [self.changed(), self.unknown()].concat();
        chosen.retain(|path| is_meant(path, by));
        if chosen.is_empty() {
            return Err(Refused::No);
        }
        let tree = self.recorded(&chosen);
        let gathered = (tree != self.base()).then_some(tree);
        self.done(Place { gathered, ..self.place.clone() }, None);
        Ok(())
    }

    /// The first part of each change: of a file that is other and may be run now, or no longer, that alone.
    pub(crate) fn gather_part(&mut self, by: &str) -> Result<(), Refused> {
        let mut chosen = [self.changed(), self.unknown()].concat();
        chosen.retain(|path| is_meant(path, by));
        if chosen.is_empty() {
            return Err(Refused::No);
        }
        let (known, mut tree) = (self.known(), self.recorded(&chosen));
        for (path, (text, can_run)) in &known {
            if let Some((now, can_run_now)) = tree.get_mut(path)
                && can_run_now != can_run
            {
                now.clone_from(text);
            }
        }
        let gathered = (tree != self.base()).then_some(tree);
        self.done(Place { gathered, ..self.place.clone() }, None);
        Ok(())
    }

    pub(crate) fn release_path(&mut self, by: &str) -> Result<(), Refused> {
        let mut tree = self.place.gathered.clone().ok_or(Refused::No)?;
        let base = self.base();
        let all: Vec<String> = tree.keys().chain(base.keys()).cloned().collect();
        let differs = |path: &&String| is_meant(path, by) && tree.get(*path) != base.get(*path);
        let chosen: Vec<&String> = all.iter().filter(differs).collect();
        if chosen.is_empty() {
            return Err(Refused::No);
        }
        for path in &chosen {
            tree.remove(*path);
        }
        for (path, file) in chosen.iter().filter_map(|path| base.get_key_value(*path)) {
            tree.retain(|other, _| !is_below(other, path) && !is_below(path, other));
            tree.insert(path.clone(), file.clone());
        }
        let gathered = (tree != base).then_some(tree);
        self.done(Place { gathered, ..self.place.clone() }, None);
        Ok(())
    }

    pub(crate) fn release(&mut self) -> Result<(), Refused> {
        if self.place.gathered.is_none() {
            return Err(Refused::No);
        }
        self.done(Place { gathered: None, ..self.place.clone() }, None);
        Ok(())
    }

    pub(crate) fn seal(&mut self) -> Result<(), Refused> {
        if self.place.timeline.is_empty() {
            return Err(Refused::No);
        }
        let tree = self.next();
        if tree == self.base() {
            return Err(Refused::No);
        }
        self.sealed(tree, "more");
        Ok(())
    }

    pub(crate) fn amend(&mut self, words: &str) -> Result<(), Refused> {
        let last = self.place.base.filter(|_| !self.place.timeline.is_empty());
        let last = last.ok_or(Refused::No)?;
        let tree = self.next();
        if (&tree, words) == (&self.seals[last], &*self.words[last]) {
            return Err(Refused::No);
        }
        self.sealed(tree, words);
        Ok(())
    }

    /// What the next seal has.
    fn next(&self) -> Files {
        self.place.gathered.clone().unwrap_or_else(|| self.recorded(&self.changed()))
    }

    fn sealed(&mut self, tree: Files, words: &str) {
        self.seals.push(tree);
        self.words.push(words.to_owned());
        let base = self.seals.len() - 1;
        let after = Place { gathered: None, ..self.advanced(base, &BTreeSet::new()) };
        self.done(after, None);
    }

    /// The place once the timeline goes on to this seal, from where the clone stands and from other heads of it.
    fn advanced(&self, to: usize, from: &BTreeSet<usize>) -> Place {
        let mut after = Place { base: Some(to), ..self.place.clone() };
        if let Some(head) = after.private.get_mut(&self.place.timeline) {
            *head = to;
            return after;
        }
        let heads = after.heads.entry(self.place.timeline.clone()).or_default();
        heads.retain(|head| Some(*head) != self.place.base && !from.contains(head));
        heads.insert(to);
        after
    }

    pub(crate) fn begin(&mut self, name: &str, privacy: Privacy) -> Result<(), Refused> {
        let taken = self.heads_of(name).is_some() || self.place.timeline == name;
        let base = self.place.base.filter(|_| !taken).ok_or(Refused::No)?;
        let mut after = Place { timeline: name.to_owned(), ..self.place.clone() };
        match privacy {
            Privacy::Private => _ = after.private.insert(name.to_owned(), base),
            Privacy::Shared => _ = after.heads.insert(name.to_owned(), [base].into()),
        }
        self.done(after, None);
        Ok(())
    }

    /// The timeline goes on to this seal, and what is changed stays as it is.
    pub(crate) fn fuse(&mut self, to: usize, from: &BTreeSet<usize>) {
        let (base, tree) = (self.base(), self.seals[to].clone());
        self.disk = moved(&self.disk, &base, &tree).expect("nothing is overwritten");
        self.done(self.advanced(to, from), Some((base, tree)));
    }

    /// The timeline is told otherwise and ends here, and what is changed comes along where it touches nothing.
    pub(crate) fn rewrite(&mut self, to: usize) -> Result<(), Refused> {
        let (base, known, tree) = (self.base(), self.known(), self.seals[to].clone());
        let carried = blended(&base, &known, &tree, Within::Dispute)?;
        self.disk = moved(&self.disk, &known, &carried)?;
        let gathered = (carried != tree).then(|| carried.clone());
        let after = Place { gathered, ..self.advanced(to, &BTreeSet::new()) };
        self.done(after, Some((known, carried)));
        Ok(())
    }

    /// Every tree that something was, or is.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Files> {
        let ways = self.past.iter().chain(&self.future).filter_map(|done| done.files.as_ref());
        self.seals.iter().chain(ways.flat_map(|(before, after)| [before, after]))
    }

    pub(crate) fn save(&mut self, name: &str) -> Result<(), Refused> {
        if self.place.shelves.contains_key(name) {
            return Err(Refused::No);
        }
        let base = self.base();
        let mut meant = self.changed();
        meant.extend(self.unknown().into_iter().filter(|path| has(&base, path)));
        let here = Unsealed { known: self.known(), disk: self.recorded(&meant) };
        if here.known == base && here.disk == base {
            return Err(Refused::No);
        }
        self.disk = moved(&self.disk, &here.disk, &base)?;
        let mut after = Place { gathered: None, ..self.place.clone() };
        after.shelves.insert(name.to_owned(), self.shelf(&here, false));
        self.done(after, Some((here.disk, base)));
        Ok(())
    }

    pub(crate) fn pop(&mut self, name: &str) -> Result<(), Refused> {
        let shelf = self.place.shelves.get(name).cloned().ok_or(Refused::No)?;
        let paths = self.touched(&shelf);
        let mut meant = self.changed();
        meant.extend(self.unknown().into_iter().filter(|path| paths.contains(path)));
        let here = Unsealed { known: self.known(), disk: self.recorded(&meant) };
        let brought = self.brought(&shelf, &here)?;
        self.disk = moved(&self.disk, &here.disk, &brought.disk)?;
        let gathered = (brought.known != self.base()).then_some(brought.known);
        let mut after = Place { gathered, ..self.place.clone() };
        after.shelves.remove(name);
        self.done(after, Some((here.disk, brought.disk)));
        Ok(())
    }

    pub(crate) fn switch(&mut self, name: &str, unfinished: Unfinished) -> Result<(), Refused> {
        let heads = self.newest(name).ok_or(Refused::No)?;
        let is_head = |base: &usize| heads.contains(base);
        if self.place.timeline == name && self.place.base.as_ref().is_some_and(is_head) {
            return Err(Refused::No);
        }
        let stood = self.stood.iter().rev().filter(|(timeline, _)| timeline == name);
        let last = stood.filter_map(|(_, base)| *base).find(is_head);
        // Numbers are not given in the order of time where others sealed.
        let earliest = heads.iter().copied().min_by_key(|head| self.descent.time(*head));
        let target = last.filter(|_| heads.len() > 1).or(earliest).ok_or(Refused::No)?;
        self.go(target, name, unfinished, |_| ())
    }

    /// Goes to a seal, on this timeline or on none.
    pub(crate) fn go(
        &mut self,
        target: usize,
        name: &str,
        unfinished: Unfinished,
        change: impl FnOnce(&mut Place),
    ) -> Result<(), Refused> {
        let (base, to, known) = (self.base(), self.seals[target].clone(), self.known());
        let carried = blended(&base, &known, &to, Within::Dispute);
        let fits = match &carried {
            Ok(carried) => moved(&self.disk, &known, carried).is_ok(),
            Err(_) => false,
        };
        let comes = |shelf: &Shelf| shelf.comes_by_itself && shelf.timeline == name;
        let coming = self.place.shelves.iter().filter(|(_, shelf)| comes(shelf));
        let coming: Vec<_> = coming.map(|(name, shelf)| (name.clone(), shelf.clone())).collect();
        let mut after =
            Place { timeline: name.to_owned(), base: Some(target), ..self.place.clone() };
        change(&mut after);
        let may_carry = matches!(unfinished, Unfinished::Carry | Unfinished::CarryOrShelve);
        if let (true, true, true, Ok(carried)) = (fits, may_carry, coming.is_empty(), &carried) {
            self.disk = moved(&self.disk, &known, carried)?;
            after.gathered = (*carried != to).then(|| carried.clone());
            self.done(after, Some((known, carried.clone())));
            return Ok(());
        }
        let changed = self.changed();
        if unfinished == Unfinished::Refuse && !(changed.is_empty() && known == base) {
            return Err(Refused::No);
        }
        let paths: BTreeSet<String> =
            coming.iter().flat_map(|(_, shelf)| self.touched(shelf)).collect();
        let in_the_way = |path: &String| match &carried {
            Ok(carried) if !fits => self.is_in_the_way(path, &known, carried),
            Ok(_) | Err(_) => false,
        };
        let mut meant = changed;
        let unknown = self.unknown().into_iter();
        meant.extend(unknown.filter(|path| paths.contains(path) || in_the_way(path)));
        let here = Unsealed { known, disk: self.recorded(&meant) };
        let is_sealed = here.known == base && here.disk == base;
        let at = match (unfinished, fits) {
            (Unfinished::Shelve, _) | (Unfinished::CarryOrShelve, false) if !is_sealed => {
                let own = &*self.place.timeline;
                let first = if own.is_empty() { "work" } else { own };
                let numbered = (2..).map(|number| format!("{first}-{number}"));
                let mut names = std::iter::once(first.to_owned()).chain(numbered);
                let free = names.find(|name| !after.shelves.contains_key(name)).unwrap();
                after.shelves.insert(free, self.shelf(&here, !own.is_empty()));
                Unsealed { known: to.clone(), disk: to.clone() }
            }
            (_, false) => return Err(Refused::No),
            (_, true) => Unsealed {
                known: blended(&base, &here.known, &to, Within::Dispute)?,
                disk: blended(&base, &here.disk, &to, Within::Dispute)?,
            },
        };
        self.land(after, here, at, &coming)
    }

    /// Arrives with `at`, and with the shelves that come back if they fit.
    fn land(
        &mut self,
        mut after: Place,
        here: Unsealed,
        mut at: Unsealed,
        coming: &[(String, Shelf)],
    ) -> Result<(), Refused> {
        let (bare, mut back) = (at.clone(), Vec::new());
        for (name, shelf) in coming {
            match self.brought(shelf, &at) {
                Ok(brought) => {
                    at = brought;
                    back.push(name);
                }
                Err(Refused::No) => {}
                Err(Refused::Lines) => return Err(Refused::Lines),
            }
        }
        if moved(&self.disk, &here.disk, &at.disk).is_err() {
            (at, back) = (bare, Vec::new());
        }
        for (name, _) in coming {
            match after.shelves.get_mut(name) {
                Some(shelf) if !back.contains(&name) => shelf.comes_by_itself = false,
                _ => drop(after.shelves.remove(name)),
            }
        }
        self.disk = moved(&self.disk, &here.disk, &at.disk)?;
        let sealed = self.tree(after.base);
        after.gathered = (at.known != sealed).then_some(at.known);
        self.done(after, Some((here.disk, at.disk)));
        Ok(())
    }

    /// `at_folder` tells whether the disk has a folder at `to`, perhaps with nothing in it.
    pub(crate) fn relocate(
        &mut self,
        (from, to): (&str, &str),
        at_folder: bool,
        taken: Taken,
    ) -> Result<(), Refused> {
        let known = self.known();
        if !has(&known, from) || from == to || is_below(to, from) {
            return Err(Refused::No);
        }
        let (mut meant, unknown) = (self.changed(), self.unknown());
        let is_end = |path: &String, end: &str| path == end || is_below(path, end);
        meant.retain(|path| is_end(path, from) || is_end(path, to));
        meant.extend(unknown.iter().filter(|path| is_below(path, from) || *path == to).cloned());
        let here = Unsealed { known, disk: self.recorded(&meant) };
        let both = [&here.known, &here.disk];
        if both.iter().any(|tree| tree.keys().any(|path| is_below(to, path))) {
            return Err(Refused::No);
        }
        let renamed = |tree: &Files| {
            let mut after = Files::new();
            for (path, file) in tree.iter().filter(|(path, _)| !is_end(path, to)) {
                let rest = path.strip_prefix(from).filter(|_| is_end(path, from));
                let path = rest.map_or_else(|| path.clone(), |rest| format!("{to}{rest}"));
                after.insert(path, file.clone());
            }
            after
        };
        let known = renamed(&here.known);
        let files = if has(&here.disk, from) {
            let is_there = |tree: &&&Files| has(tree, to);
            let is_folder = |tree: &&&Files| has(tree, to) && !tree.contains_key(to);
            let is_refused = match taken {
                Taken::Refuse => both.iter().any(|tree| is_there(&tree)),
                Taken::Replace => both.iter().any(|tree| is_folder(&tree)),
            };
            if is_refused {
                return Err(Refused::No);
            }
            Some((here.disk.clone(), renamed(&here.disk)))
        } else {
            let is_folder = !here.known.contains_key(from);
            let is_done = if is_folder { at_folder } else { unknown.iter().any(|own| own == to) };
            if has(&here.known, to) || !is_done {
                return Err(Refused::No);
            }
            None
        };
        self.gather_and_move(known, files)
    }

    pub(crate) fn remove(&mut self, path: &str, removal: Removal) -> Result<(), Refused> {
        let (base, known) = (self.base(), self.known());
        let is_meant = |own: &String| own == path || is_below(own, path);
        if !has(&known, path) {
            return Err(Refused::No);
        }
        let mut changed = self.changed();
        changed.retain(is_meant);
        let is_sealed = |path: &String| base.get(path) == known.get(path);
        let loses = |path: &String| {
            self.disk.contains_key(path) && (changed.contains(path) || !is_sealed(path))
        };
        if removal == Removal::Careful && known.keys().filter(|path| is_meant(path)).any(loses) {
            return Err(Refused::No);
        }
        let without = |tree: &Files| {
            let mut after = tree.clone();
            after.retain(|path, _| !is_meant(path));
            after
        };
        let disk = self.recorded(&changed);
        let after = without(&disk);
        let files = (removal != Removal::Forget).then_some((disk, after));
        self.gather_and_move(without(&known), files)
    }

    fn gather_and_move(
        &mut self,
        known: Files,
        files: Option<(Files, Files)>,
    ) -> Result<(), Refused> {
        if let Some((before, after)) = &files {
            self.disk = moved(&self.disk, before, after)?;
        }
        let gathered = (known != self.base()).then_some(known);
        self.done(Place { gathered, ..self.place.clone() }, files);
        Ok(())
    }

    fn shelf(&self, here: &Unsealed, comes_by_itself: bool) -> Shelf {
        let gathered = (here.known != self.base()).then(|| here.known.clone());
        let (timeline, base) = (self.place.timeline.clone(), self.place.base);
        Shelf { timeline, base, gathered, work: here.disk.clone(), comes_by_itself }
    }

    fn tree(&self, seal: Option<usize>) -> Files {
        seal.map(|seal| self.seals[seal].clone()).unwrap_or_default()
    }

    /// The paths that a shelf changes.
    fn touched(&self, shelf: &Shelf) -> BTreeSet<String> {
        let base = self.tree(shelf.base);
        let paths = base.keys().chain(shelf.work.keys());
        paths.filter(|path| base.get(*path) != shelf.work.get(*path)).cloned().collect()
    }

    fn brought(&self, shelf: &Shelf, here: &Unsealed) -> Result<Unsealed, Refused> {
        let base = self.tree(shelf.base);
        let gathered = shelf.gathered.as_ref().unwrap_or(&base);
        // What is refused for sure is refused, whatever lines would become.
        let known = blended(&base, &here.known, gathered, Within::Merge);
        let disk = blended(&base, &here.disk, &shelf.work, Within::Merge);
        match (known, disk) {
            (Ok(known), Ok(disk)) => Ok(Unsealed { known, disk }),
            (Err(Refused::No), _) | (_, Err(Refused::No)) => Err(Refused::No),
            (Err(Refused::Lines), _) | (_, Err(Refused::Lines)) => Err(Refused::Lines),
        }
    }

    /// Whether something unknown keeps known files from becoming what the other tree has.
    fn is_in_the_way(&self, unknown: &String, from: &Files, to: &Files) -> bool {
        let comes = to.iter().filter(|(path, file)| from.get(*path) != Some(*file));
        comes.into_iter().any(|(path, file)| {
            let differs = path == unknown && self.disk.get(path) != Some(file);
            differs || is_below(path, unknown) || is_below(unknown, path)
        })
    }

    fn stand(&mut self) {
        self.stood.push((self.place.timeline.clone(), self.place.base));
    }

    pub(crate) fn done(&mut self, after: Place, files: Option<(Files, Files)>) {
        let before = std::mem::replace(&mut self.place, after.clone());
        self.stand();
        self.past.push(Done { before, after, files });
        self.future.clear();
    }

    /// The known tree with these paths as the disk has them.
    fn recorded(&self, paths: &[String]) -> Files {
        let mut tree = self.known();
        for path in paths {
            tree.remove(path);
        }
        for (path, file) in paths.iter().filter_map(|path| self.disk.get_key_value(path)) {
            tree.retain(|other, _| !is_below(other, path) && !is_below(path, other));
            tree.insert(path.clone(), file.clone());
        }
        tree
    }
}
