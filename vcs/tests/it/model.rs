//! What a clone is, in maps and nothing else: the independent model that real clones are held against.

use std::collections::BTreeMap;

/// Text and executable bit of each file, by path.
pub(crate) type Files = BTreeMap<String, (String, bool)>;

/// A clone: what is on disk, what was sealed, where it stands, what can be undone and redone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) disk: Files,
    pub(crate) seals: Vec<Files>,
    /// What each seal says.
    pub(crate) words: Vec<String>,
    pub(crate) place: Place,
    pub(crate) past: Vec<Done>,
    pub(crate) future: Vec<Done>,
}

/// Desk and heads. Seals are numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) timeline: String,
    pub(crate) base: Option<usize>,
    pub(crate) gathered: Option<Files>,
    pub(crate) heads: BTreeMap<String, usize>,
}

/// A command that was done: the places around it, and the trees between which it moved the files.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    before: Place,
    after: Place,
    files: Option<(Files, Files)>,
}

/// The command is refused, and nothing is changed.
#[derive(Debug)]
pub(crate) struct Refused;

impl Model {
    pub(crate) fn on(timeline: &str) -> Self {
        let place = Place { timeline: timeline.to_owned(), ..Place::default() };
        Self { place, ..Self::default() }
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
            return Err(Refused);
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
            return Err(Refused);
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
        let mut tree = self.place.gathered.clone().ok_or(Refused)?;
        let base = self.base();
        let all: Vec<String> = tree.keys().chain(base.keys()).cloned().collect();
        let differs = |path: &&String| is_meant(path, by) && tree.get(*path) != base.get(*path);
        let chosen: Vec<&String> = all.iter().filter(differs).collect();
        if chosen.is_empty() {
            return Err(Refused);
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
            return Err(Refused);
        }
        self.done(Place { gathered: None, ..self.place.clone() }, None);
        Ok(())
    }

    pub(crate) fn seal(&mut self) -> Result<(), Refused> {
        let tree = self.next();
        if tree == self.base() {
            return Err(Refused);
        }
        self.sealed(tree, "more");
        Ok(())
    }

    pub(crate) fn amend(&mut self, words: &str) -> Result<(), Refused> {
        let last = self.place.base.ok_or(Refused)?;
        let tree = self.next();
        if (&tree, words) == (&self.seals[last], &*self.words[last]) {
            return Err(Refused);
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
        let mut after = Place { base: Some(base), gathered: None, ..self.place.clone() };
        after.heads.insert(self.place.timeline.clone(), base);
        self.done(after, None);
    }

    pub(crate) fn begin(&mut self, name: &str) -> Result<(), Refused> {
        let taken = self.place.heads.contains_key(name) || self.place.timeline == name;
        let base = self.place.base.filter(|_| !taken).ok_or(Refused)?;
        let mut after = Place { timeline: name.to_owned(), ..self.place.clone() };
        after.heads.insert(name.to_owned(), base);
        self.done(after, None);
        Ok(())
    }

    pub(crate) fn switch(&mut self, name: &str) -> Result<(), Refused> {
        if self.place.timeline == name || self.place.gathered.is_some() {
            return Err(Refused);
        }
        let target = *self.place.heads.get(name).ok_or(Refused)?;
        let (from, to) = (self.base(), self.seals[target].clone());
        self.disk = moved(&self.disk, &from, &to)?;
        let after = Place { timeline: name.to_owned(), base: Some(target), ..self.place.clone() };
        self.done(after, Some((from, to)));
        Ok(())
    }

    pub(crate) fn undo(&mut self) -> Result<(), Refused> {
        let done = self.past.last().cloned().ok_or(Refused)?;
        if let Some((before, after)) = &done.files {
            self.disk = moved(&self.disk, after, before)?;
        }
        self.place = done.before.clone();
        self.future.extend(self.past.pop());
        Ok(())
    }

    pub(crate) fn redo(&mut self) -> Result<(), Refused> {
        let done = self.future.last().cloned().ok_or(Refused)?;
        if let Some((before, after)) = &done.files {
            self.disk = moved(&self.disk, before, after)?;
        }
        self.place = done.after.clone();
        self.past.extend(self.future.pop());
        Ok(())
    }

    fn done(&mut self, after: Place, files: Option<(Files, Files)>) {
        let before = std::mem::replace(&mut self.place, after.clone());
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

/// The disk once files that are as in the one tree are as in the other.
fn moved(disk: &Files, from: &Files, to: &Files) -> Result<Files, Refused> {
    let differs = |path: &&String| from.get(*path) != to.get(*path);
    let leaves = |path: &String| from.contains_key(path) && differs(&path);
    let mut after = disk.clone();
    for path in from.keys().chain(to.keys()).filter(differs) {
        let (old, new, here) = (from.get(path), to.get(path), disk.get(path));
        let Some(new) = new else {
            // What is gone already needs not go, and what was changed does not.
            if here.is_some() && here != old {
                return Err(Refused);
            }
            after.remove(path);
            continue;
        };
        let is_in_the_way = |other: &&String| is_below(path, other) || is_below(other, path);
        let in_the_way: Vec<_> = disk.keys().filter(is_in_the_way).collect();
        if !in_the_way.iter().all(|other| leaves(other)) {
            return Err(Refused);
        }
        let fits = here == old || here == Some(new);
        // A directory took the place of a file: all in it goes, so the file comes back.
        let is_made_room = in_the_way.iter().any(|other| is_below(other, path));
        if !fits && !is_made_room {
            return Err(Refused);
        }
        after.insert(path.clone(), new.clone());
    }
    Ok(after)
}

/// Whether somebody who names `by` means the path.
fn is_meant(path: &str, by: &str) -> bool {
    by.is_empty() || path == by || is_below(path, by)
}

/// Whether the path is in the folder.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
