//! Commands in any order, held against the model after each: where the clone stands, what is known, sealed and
//! gathered, and every byte on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use selkie_store::{Author, RepoPath, Seal, SealId, SecretKey, Store};
use selkie_vcs::fuse::{Done, Forward, Wanted, What, fuse};
use selkie_vcs::gather::{gather, release};
use selkie_vcs::gc::{Keep, clear};
use selkie_vcs::moving::relocate;
use selkie_vcs::remove::remove;
use selkie_vcs::seal::{SealError, Sealed, seal};
use selkie_vcs::shelves::{Afterwards, Saving, Strangers, Then as Clearing, apply, save};
use selkie_vcs::status::standing;
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin, list};
use selkie_vcs::undo::{redo, undo};
use selkie_vcs::{
    Arbiter, Asked, AskedIgnored, AskedUnknown, Doer, Privacy, Rewritten, Strategy, Workspace,
};

use crate::agrees::elsewhere::Elsewhere;
use crate::agrees::seen::{files, on_disk, place};
use crate::agrees::step::{Step, a_search, any_step, two_replicas, two_timelines};
use crate::anew::Anew;
use crate::files::{Refused, is_below};
use crate::lots::{Lots, seeds};
use crate::model::{Model, Shelf};
use crate::partly::{amend, gather_part, release_path};

mod elsewhere;
mod others;
mod search;
mod seen;
mod step;

const STEPS: usize = 28;

/// A real clone that two processes have open, and the model of it.
struct Twins {
    folder: PathBuf,
    open: [Workspace; 2],
    elsewhere: Elsewhere,
    model: Model,
    now_ms: u64,
    /// How often each command was refused, and how often done.
    tally: BTreeMap<String, [usize; 2]>,
}

#[test]
fn commands_in_any_order_do_what_the_model_says() {
    let mut tally = BTreeMap::<String, [usize; 2]>::new();
    for seed in seeds(32) {
        let place = tempfile::tempdir().unwrap();
        let mut twins = Twins::forge(place.path());
        let mut lots = Lots(seed);
        let mut taken = Vec::new();
        let opening = match seed % 4 {
            0 => Vec::new(),
            1 => two_replicas(&mut lots),
            2 => a_search(&mut lots),
            _ => two_timelines(&mut lots),
        };
        let later: Vec<Step> = (0..STEPS).map(|_| any_step(&mut lots)).collect();
        // In the end the last thing is taken back and done again: few walks come to that by lot.
        let end = [Step::Undo, Step::Redo];
        for step in opening.into_iter().chain(later).chain(end) {
            let who = lots.below(2);
            taken.push((who, step));
            let told = format!("seed {seed}: {taken:?}");
            twins.take(who, step, &told);
            twins.agree(lots.below(2), &told);
        }
        for (command, [refused, done]) in twins.tally {
            let counts = tally.entry(command).or_default();
            *counts = [counts[0] + refused, counts[1] + done];
        }
    }
    let is_done = |[_, done]: &[usize; 2]| *done > 0;
    let refused = tally.values().filter(|[refused, _]| *refused > 0).count();
    let is_seen = tally.len() == 25 && tally.values().all(is_done) && refused >= 24;
    assert!(is_seen, "too few walks: {tally:?}");
}

impl Twins {
    fn forge(place: &Path) -> Self {
        let folder = place.join("copy");
        let now_ms = 1_000_000;
        let key = || SecretKey::from_bytes(&[7; 32]);
        let one = Workspace::forge(&folder, "main", key(), &doer(now_ms), now_ns).unwrap();
        let two = Workspace::open(&folder, &[], key(), now_ns).unwrap();
        let elsewhere = Elsewhere::forge(place, &doer(now_ms), now_ns);
        let (open, model) = ([one, two], Model::on("main"));
        Self { folder, open, elsewhere, model, now_ms, tally: BTreeMap::new() }
    }

    fn take(&mut self, who: usize, step: Step, told: &str) {
        self.now_ms += 1;
        let doer = doer(self.now_ms);
        let workspace = &mut self.open[who];
        let typed = format!("{step:?}");
        let command = typed.split('(').next().unwrap_or_default().to_owned();
        let (model, real) = match step {
            Step::Write(path, _) | Step::Append(path) | Step::Remove(path) | Step::Flip(path) => {
                return self.touch(path, step);
            }
            Step::Fuse(name) => {
                let Some(target) = self.model.head(name) else { return };
                let seal = (self.model.descent.id(target), name.to_owned());
                return self.fuse(who, command, What::Seals(vec![seal]), told);
            }
            Step::FuseHeads => return self.fuse(who, command, What::Heads, told),
            Step::Pluck(_) | Step::Reverse | Step::Rebase(_) | Step::Squash => {
                return self.rewrite(who, step, told);
            }
            Step::BackAndForth(steps) => return self.back_and_forth(who, steps, told),
            Step::Collect => return self.collect(who, told),
            Step::Search | Step::Mark(_) | Step::EndSearch => {
                return self.search(who, step, command, told);
            }
            Step::There(_)
            | Step::Hear
            | Step::TakeBundle
            | Step::KeepUp
            | Step::Strategy(..)
            | Step::Converge => return self.meet(who, step, command, told),
            Step::Gather(_)
            | Step::GatherPart(_)
            | Step::Release
            | Step::ReleasePath(_)
            | Step::Seal
            | Step::Amend(_) => self.choose(who, step, &doer, typed),
            Step::Begin(_) | Step::Switch(..) | Step::Save(_) | Step::Pop(_) => {
                let Some(both) = self.stand(who, step, &doer, typed) else { return };
                both
            }
            Step::Relocate(from, to, taken) => {
                let (at_folder, goes_inside) = self.ends(from, to);
                let name = from.rsplit('/').next().unwrap();
                let end = if goes_inside { format!("{to}/{name}") } else { to.to_owned() };
                let at_folder = at_folder && !goes_inside;
                let paths = [from, to].map(|path| RepoPath::new(path).unwrap());
                let ends = (&paths[..1], &paths[1]);
                let real = relocate(&mut self.open[who], &doer, typed, ends, taken);
                let model = self.model.relocate((from, &end), at_folder, taken);
                (model, real.map_err(|error| error.to_string()).err())
            }
            Step::Forget(path, removal) => {
                let paths = [RepoPath::new(path).unwrap()];
                let real = remove(workspace, &doer, typed, &paths, removal);
                (self.model.remove(path, removal), real.map_err(|error| error.to_string()).err())
            }
            Step::Undo => (self.model.undo(), self.walk(who, Step::Undo).err()),
            Step::Redo => (self.model.redo(), self.walk(who, Step::Redo).err()),
        };
        assert_eq!(model.is_err(), real.is_some(), "{told}: {real:?}, {:#?}", self.model);
        self.count(command, model.is_ok());
    }

    /// The clone stands elsewhere, or unfinished work does. Nothing if the model does not know what comes of it.
    fn stand(
        &mut self,
        who: usize,
        step: Step,
        doer: &Doer,
        typed: String,
    ) -> Option<(Result<(), Refused>, Option<String>)> {
        let workspace = &mut self.open[who];
        Some(match step {
            Step::Begin(name) => {
                // Who knows a timeline changes nothing of what can be done with it.
                let privacy =
                    if self.now_ms.is_multiple_of(2) { Privacy::Private } else { Privacy::Shared };
                let real = begin(workspace, doer, typed, (name.to_owned(), privacy), Then::Go);
                // One that begins where others know nothing is private in any case.
                let privacy = real.as_ref().map_or(privacy, |(_, privacy)| *privacy);
                (self.model.begin(name, privacy), real.map_err(|error| error.to_string()).err())
            }
            Step::Switch(name, unfinished) => {
                let model = self.foresee(|model| model.switch(name, unfinished))?;
                let real = switch(&mut self.open[who], doer, typed, name, unfinished);
                (model, real.map_err(|error| error.to_string()).err())
            }
            Step::Save(name) => {
                let real = save(workspace, doer, typed, saving(name));
                (self.model.save(name), real.map_err(|error| error.to_string()).err())
            }
            Step::Pop(name) => {
                let model = self.foresee(|model| model.pop(name))?;
                let real = apply(&mut self.open[who], doer, typed, Some(name), Afterwards::Goes);
                (model, real.map_err(|error| error.to_string()).err())
            }
            other => panic!("{other:?} stands nowhere"),
        })
    }

    fn count(&mut self, command: String, is_done: bool) {
        self.tally.entry(command).or_default()[usize::from(is_done)] += 1;
    }

    /// The number of a seal, with all that it came from made known to the model.
    fn learn(&mut self, store: &Store, id: SealId) -> usize {
        if let Some(known) = self.model.descent.number(id) {
            return known;
        }
        let seal: Seal = store.load(id).unwrap();
        seal.parents.iter().for_each(|parent| _ = self.learn(store, *parent));
        let tree = files(store, seal.tree);
        self.model.add(id, seal, tree)
    }

    fn store(&self, who: usize) -> Arc<Store> {
        Arc::clone(self.open[who].repository().store())
    }

    /// What both sides changed is taken from one of them. How files are merged is left to other tests: what the seal has is
    /// believed, and the rest must follow from that.
    fn fuse(&mut self, who: usize, command: String, what: What, told: &str) {
        let all = [Strategy::PreferLocal, Strategy::LastWrite, Strategy::FirstWrite];
        let strategy = all[usize::try_from(self.now_ms % 3).unwrap()];
        let heads = self.model.newest(&self.model.place.timeline).unwrap_or_default();
        let is_of_heads = what == What::Heads;
        let (forward, arbiter) = (Forward::Move, Arbiter::Asked(strategy));
        let wanted = Wanted { what, forward, arbiter, message: None, answers: BTreeMap::new() };
        let doer = doer(self.now_ms);
        let done = fuse(&mut self.open[who], &doer, command.clone(), &wanted);
        self.count(command, done.is_ok());
        assert!(done.is_err() || self.model.place.gathered.is_none(), "{told}");
        assert!(done.is_err() || !is_of_heads || heads.len() > 1, "{told}");
        match done {
            Err(_) | Ok(Done::Nothing) => {}
            Ok(Done::Forward(to)) => {
                let to = self.model.descent.number(to).unwrap();
                self.model.fuse(to, &BTreeSet::new());
            }
            Ok(Done::Sealed { id, seal, .. }) => {
                let to = self.learn(&self.store(who), id);
                let parents = seal.parents.iter();
                let parents = parents.map(|parent| self.model.descent.number(*parent).unwrap());
                let parents: BTreeSet<usize> = parents.collect();
                assert!(!is_of_heads || parents == heads, "{told}");
                self.model.fuse(to, &parents);
            }
            Ok(Done::Open { conflicts, .. }) => {
                panic!("{conflicts:?} were to be taken from one side, {told}")
            }
        }
    }

    /// Which seals are made is left to other tests, and what is in conflict too: what the last one has is believed, and
    /// the rest must follow from that.
    fn rewrite(&mut self, who: usize, step: Step, told: &str) {
        let Some(base) = self.model.place.base else { return };
        // What becomes of other heads is left to other tests, too, and what comes back of work that was laid aside here.
        let heads = self.model.heads_of(&self.model.place.timeline);
        let place = &self.model.place;
        let comes = |shelf: &Shelf| shelf.comes_by_itself && shelf.timeline == place.timeline;
        if heads.is_some_and(|heads| heads != [base].into()) || place.shelves.values().any(comes) {
            return;
        }
        let here = self.model.descent.id(base);
        let Some(anew) = self.anew(step, here) else { return };
        let (doer, workspace, typed) =
            (doer(self.now_ms), &mut self.open[who], format!("{step:?}"));
        let planned = anew.preview(workspace, &doer);
        let is_open =
            |planned: &Rewritten| planned.seals.iter().any(|one| !one.conflicts.is_empty());
        if planned.as_ref().is_ok_and(is_open) {
            return;
        }
        let done = anew.carry_out(workspace, &doer, typed);
        // All of them are refused for the same reasons.
        self.tally.entry("Anew".to_owned()).or_default()[usize::from(done.is_ok())] += 1;
        let Ok(planned) = planned else {
            assert!(done.is_err(), "{told}: {done:?}");
            return;
        };
        let end = anew.end(here, &planned);
        if end == here {
            assert!(done.is_ok(), "{told}: {done:?}");
            return;
        }
        let at = self.learn(&self.store(who), end);
        let model = self.foresee(|model| model.rewrite(at)).expect("no lines are merged");
        assert_eq!(model.is_ok(), done.is_ok(), "{told}: {done:?}");
    }

    fn anew(&self, step: Step, here: SealId) -> Option<Anew> {
        let head = |name| self.model.head(name).map(|at| self.model.descent.id(at));
        match step {
            Step::Pluck(name) => head(name).map(Anew::Pluck),
            Step::Rebase(name) => head(name).map(Anew::Rebase),
            Step::Reverse => Some(Anew::Reverse(here)),
            Step::Squash => Some(Anew::Squash(here)),
            other => panic!("{other:?} writes nothing anew"),
        }
    }

    /// Something is chosen for the next seal, or sealed.
    fn choose(
        &mut self,
        who: usize,
        step: Step,
        doer: &Doer,
        typed: String,
    ) -> (Result<(), Refused>, Option<String>) {
        let workspace = &mut self.open[who];
        match step {
            Step::Gather(path) => {
                let path_in = RepoPath::new(path).unwrap();
                let real = gather(workspace, doer, typed, &[path_in]);
                (self.model.gather(path), real.map_err(|error| error.to_string()).err())
            }
            Step::Release => {
                let real = release(workspace, doer, typed);
                (self.model.release(), real.map_err(|error| error.to_string()).err())
            }
            Step::GatherPart(path) => {
                let real = gather_part(workspace, doer, typed, path);
                (self.model.gather_part(path), real.map_err(|error| error.to_string()).err())
            }
            Step::ReleasePath(path) => {
                let real = release_path(workspace, doer, typed, path);
                (self.model.release_path(path), real.map_err(|error| error.to_string()).err())
            }
            Step::Seal => {
                let real = seal(workspace, doer, typed, "more".to_owned());
                let real = self.sealed(real);
                (self.model.seal(), real.map_err(|error| error.to_string()).err())
            }
            Step::Amend(words) => {
                let message = ["more", "better"][words];
                let real = amend(workspace, doer, typed, message);
                let real = self.sealed(real);
                (self.model.amend(message), real.map_err(|error| error.to_string()).err())
            }
            other => panic!("{other:?} chooses nothing"),
        }
    }

    /// What a seal came from is read in it.
    fn sealed(&mut self, real: Result<Sealed, SealError>) -> Result<(), SealError> {
        let sealed = real?;
        self.model.descent.add(sealed.id, &sealed.seal);
        Ok(())
    }

    /// Whether a folder is at `to`, and whether what is at `from` goes into it. Folders with nothing in them are not in
    /// the model.
    fn ends(&self, from: &str, to: &str) -> (bool, bool) {
        let to = self.folder.join(to);
        let from = self.folder.join(from);
        let inside = to.join(from.file_name().unwrap());
        (to.is_dir(), to.is_dir() && (from.exists() || inside.exists()))
    }

    /// What the model makes of it, if it knows.
    fn foresee(
        &mut self,
        step: impl Fn(&mut Model) -> Result<(), Refused>,
    ) -> Option<Result<(), Refused>> {
        let mut model = self.model.clone();
        let said = step(&mut model);
        match said {
            Err(Refused::Lines) => return None,
            Err(Refused::No) => {}
            Ok(()) => self.model = model,
        }
        Some(said)
    }

    /// Nothing that the model knows of changes by that.
    fn collect(&mut self, who: usize, told: &str) {
        let keep = Keep { grace: Duration::ZERO, operations: Duration::ZERO };
        let cleared = clear(&mut self.open[who], &doer(self.now_ms), keep, |_| ());
        cleared.unwrap_or_else(|error| panic!("{told}: {error}"));
    }

    /// One step along what was done.
    fn walk(&mut self, who: usize, step: Step) -> Result<(), String> {
        self.now_ms += 1;
        let doer = doer(self.now_ms);
        let (mut hand, _) = self.open[who].take(&doer).map_err(|error| error.to_string())?;
        let (operations, time, typed) = (hand.operations().unwrap(), hand.time(), String::new());
        let back = match step {
            Step::Undo => undo(operations, time, typed),
            _ => redo(operations, time, typed),
        };
        let operation = back.map_err(|error| error.to_string())?.operation;
        hand.perform(&operation).map_err(|error| error.to_string())
    }

    /// So many undos, and then as many redos, are nothing at all. Only a change that happens to be what a place on the
    /// way has is not told from that place, and goes with it: nothing is lost, since a seal or an operation has it.
    fn back_and_forth(&mut self, who: usize, steps: usize, told: &str) {
        let (place, disk) = (self.model.place.clone(), self.model.disk.clone());
        let mut back = 0;
        while back < steps && self.model.undo().is_ok() {
            self.walk(who, Step::Undo).unwrap_or_else(|error| panic!("{told}: {error}"));
            back += 1;
        }
        for _ in 0..back {
            if self.model.redo().is_err() {
                assert!(self.walk(who, Step::Redo).is_err(), "{told}");
                return;
            }
            self.walk(who, Step::Redo).unwrap_or_else(|error| panic!("{told}: {error}"));
        }
        assert_eq!(place, self.model.place, "{told}");
        let differs = |path: &&String| disk.get(*path) != self.model.disk.get(*path);
        for path in disk.keys().chain(self.model.disk.keys()).filter(differs) {
            let is_kept = |file| self.model.kept().any(|tree| tree.get(path) == Some(file));
            assert!(disk.get(path).is_none_or(is_kept), "{path}, {told}");
        }
    }

    /// Somebody edits a file, where that makes sense.
    fn touch(&mut self, path: &str, step: Step) {
        let disk = &mut self.model.disk;
        let is_taken = disk.keys().any(|other| is_below(other, path) || is_below(path, other));
        if is_taken {
            return;
        }
        let at = self.folder.join(path);
        if at.is_dir() {
            remove_empty(&at);
        }
        let (text, can_run) = disk.get(path).cloned().unwrap_or_default();
        let is_there = disk.contains_key(path);
        let (text, can_run) = match step {
            Step::Write(_, n) => (["", "one\n", "two\n"][n].to_owned(), can_run),
            Step::Append(_) => (text + "more\n", can_run),
            Step::Flip(_) if is_there => (text, !can_run),
            _ => {
                if disk.remove(path).is_some() {
                    fs::remove_file(at).unwrap();
                }
                return;
            }
        };
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, &text).unwrap();
        let mode = if can_run { 0o755 } else { 0o644 };
        fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
        disk.insert(path.to_owned(), (text, can_run));
    }

    /// Whether the clone, as one of the two sees it, is as the model says.
    fn agree(&mut self, who: usize, told: &str) {
        let (folder, now_ms) = (self.folder.clone(), self.now_ms);
        let workspace = &mut self.open[who];
        drop(workspace.take(&doer(now_ms)).unwrap_or_else(|error| panic!("{told}: {error}")));
        assert_eq!(on_disk(&folder), self.model.disk, "the files, {told}");
        let store = workspace.repository().store();
        let real = place(workspace, &self.model);
        assert_eq!(real, self.model.place, "{told}");
        for line in list(workspace.repository()).unwrap() {
            let newest = match line.privacy {
                Privacy::Private => [self.model.place.private[&line.name]].into(),
                Privacy::Shared => {
                    let heads = self.model.place.heads.get(&line.name).cloned();
                    self.model.descent.newest(&heads.unwrap_or_default())
                }
            };
            let newest = newest.into_iter().map(|head| self.model.descent.id(head)).collect();
            assert_eq!(line.heads, newest, "the newest of {}, {told}", line.name);
        }
        let desk = workspace.repository().desk();
        let known = files(store, workspace.known().unwrap());
        assert_eq!(known, self.model.known(), "the known files, {told}");
        let base = desk.bases.first().map(|seal| store.load::<Seal>(*seal).unwrap().tree);
        let base = base.map(|tree| files(store, tree)).unwrap_or_default();
        assert_eq!(base, self.model.base(), "the base, {told}");
        let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
        let status = standing(workspace, asked).unwrap().files;
        let path = |path: &RepoPath| path.as_str().to_owned();
        let changed: Vec<_> = status.changes.iter().map(|change| path(&change.path)).collect();
        assert_eq!(changed, self.model.changed(), "the changed files, {told}");
        let unknown: Vec<_> = status.unknown.iter().map(|unknown| path(&unknown.path)).collect();
        assert_eq!(unknown, self.model.unknown(), "the unknown files, {told}");
    }
}

fn saving(name: &str) -> Saving {
    Saving {
        name: Some(name.to_owned()),
        message: String::new(),
        paths: vec![RepoPath::default()],
        then: Clearing::Clear,
        unknown: Strangers::Stay,
    }
}

/// Removes folders that have nothing in them but such folders.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        remove_empty(&entry.unwrap().path());
    }
    fs::remove_dir(folder).unwrap();
}

fn doer(now_ms: u64) -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}
