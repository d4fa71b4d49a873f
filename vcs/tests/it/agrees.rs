//! Commands in any order, held against the model after each: where the clone stands, what is known, sealed and
//! gathered, and every byte on disk.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use selkie_store::{
    Author, BlobId, Canonical, Content, Kind, Node, ObjectId, RepoPath, Seal, SealId, SecretKey,
    Store, Tree, TreeId,
};
use selkie_vcs::fuse::{Done, Forward, Wanted, What, fuse};
use selkie_vcs::gather::{gather, release};
use selkie_vcs::gc::{Keep, clear};
use selkie_vcs::moving::{Taken, relocate};
use selkie_vcs::remove::{Removal, remove};
use selkie_vcs::seal::seal;
use selkie_vcs::shelves::{Afterwards, Saving, Strangers, Then as Clearing, apply, save};
use selkie_vcs::status::standing;
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin, list};
use selkie_vcs::undo::{redo, undo};
use selkie_vcs::{
    Arbiter, Asked, AskedIgnored, AskedUnknown, Comes, Desk, Doer, Privacy, Rewritten, Strategy,
    Unfinished, Workspace,
};

use crate::anew::Anew;
use crate::files::{Files, Refused, is_below};
use crate::lots::Lots;
use crate::model::{Model, Place, Shelf};
use crate::partly::{amend, gather_part, release_path};

/// Few, so that they meet; among them one that is now a file and now a folder.
const PATHS: [&str; 6] = ["a", "b", "d", "d/x", "d/y", "e/f/g"];
const TIMELINES: [&str; 3] = ["main", "side", "third"];
/// Names of shelves, among them those that a switch would give.
const SHELVES: [&str; 3] = ["main", "main", "side"];
const STEPS: usize = 28;

/// A real clone that two processes have open, and the model of it.
struct Twins {
    folder: PathBuf,
    open: [Workspace; 2],
    model: Model,
    /// What the seals of the model are called in the clone.
    seals: Vec<SealId>,
    now_ms: u64,
    /// How often each command was refused, and how often done.
    tally: BTreeMap<String, [usize; 2]>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write(&'static str, usize),
    Append(&'static str),
    Remove(&'static str),
    Flip(&'static str),
    Gather(&'static str),
    GatherPart(&'static str),
    Release,
    ReleasePath(&'static str),
    Seal,
    Amend(usize),
    Begin(&'static str),
    Switch(&'static str, Unfinished),
    Fuse(&'static str),
    Pluck(&'static str),
    Reverse,
    Rebase(&'static str),
    Squash,
    Save(&'static str),
    Pop(&'static str),
    Relocate(&'static str, &'static str, Taken),
    Forget(&'static str, Removal),
    Undo,
    Redo,
    BackAndForth(usize),
    Collect,
}

#[test]
fn commands_in_any_order_do_what_the_model_says() {
    let walks = std::env::var("MODEL_WALKS").ok().and_then(|walks| walks.parse().ok());
    let first = std::env::var("MODEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut tally = BTreeMap::<String, [usize; 2]>::new();
    for seed in first..first + walks.unwrap_or(24) {
        let place = tempfile::tempdir().unwrap();
        let mut twins = Twins::forge(place.path());
        let mut lots = Lots(seed);
        let mut taken = Vec::new();
        let opening = if seed % 4 == 0 { Vec::new() } else { two_timelines(&mut lots) };
        let later: Vec<Step> = (0..STEPS).map(|_| any_step(&mut lots)).collect();
        for step in opening.into_iter().chain(later) {
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
    let is_seen = |[refused, done]: &[usize; 2]| *refused > 0 && *done > 0;
    assert!(tally.len() == 16 && tally.values().all(is_seen), "too few walks: {tally:?}");
}

/// Somewhere to switch to: without it few walks would come that far.
fn two_timelines(lots: &mut Lots) -> Vec<Step> {
    let sealed = |lots: &mut Lots| {
        let writes: Vec<_> = (0..3).map(|n| Step::Write(lots.of(&PATHS), n)).collect();
        [writes, vec![Step::Gather(""), Step::Seal]].concat()
    };
    [sealed(lots), vec![Step::Begin("side")], sealed(lots)].concat()
}

fn any_step(lots: &mut Lots) -> Step {
    let path = lots.of(&PATHS);
    match lots.below(60) {
        0..5 => Step::Write(path, lots.below(3)),
        5..7 => Step::Append(path),
        7..9 => Step::Remove(path),
        9 => Step::Flip(path),
        10..12 => Step::Gather(lots.of(&["", "", "a", "d", "d/x", "e"])),
        12 => Step::GatherPart(lots.of(&["", "", "a", "d", "d/x", "e"])),
        13 => Step::Release,
        14..17 => Step::Seal,
        17 => Step::Amend(lots.below(2)),
        18..20 => Step::Begin(lots.of(&TIMELINES)),
        20..27 | 40..43 => Step::Switch(lots.of(&TIMELINES), any_fate(lots)),
        49..52 => Step::Fuse(lots.of(&TIMELINES)),
        27..29 => Step::Undo,
        29 => Step::Redo,
        30..32 => Step::Save(lots.of(&SHELVES)),
        32..36 => Step::Pop(lots.of(&SHELVES)),
        36..38 => Step::Relocate(
            lots.of(&["a", "b", "d", "d/x", "e"]),
            lots.of(&["a", "b", "d", "d/y", "e", "e/f"]),
            if lots.below(4) == 0 { Taken::Replace } else { Taken::Refuse },
        ),
        38..40 => Step::Forget(
            lots.of(&["a", "b", "d", "d/x", "e"]),
            lots.of(&[Removal::Careful, Removal::Forced, Removal::Forget]),
        ),
        43..46 => Step::ReleasePath(lots.of(&["", "", "", "", "", "a", "d", "e"])),
        46 => Step::Collect,
        52..54 => Step::Pluck(lots.of(&TIMELINES)),
        54 => Step::Reverse,
        55..58 => Step::Rebase(lots.of(&TIMELINES)),
        58..60 => Step::Squash,
        _ => Step::BackAndForth(1 + lots.below(5)),
    }
}

/// Mostly the usual one.
fn any_fate(lots: &mut Lots) -> Unfinished {
    match lots.below(8) {
        0 => Unfinished::Carry,
        1 => Unfinished::Refuse,
        2 => Unfinished::Shelve,
        _ => Unfinished::CarryOrShelve,
    }
}

impl Twins {
    fn forge(place: &Path) -> Self {
        let folder = place.join("copy");
        let now_ms = 1_000_000;
        let key = || SecretKey::from_bytes(&[7; 32]);
        let one = Workspace::forge(&folder, "main", key(), &doer(now_ms), now_ns).unwrap();
        let two = Workspace::open(&folder, &[], key(), now_ns).unwrap();
        let (open, model) = ([one, two], Model::on("main"));
        Self { folder, open, model, seals: Vec::new(), now_ms, tally: BTreeMap::new() }
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
            Step::Fuse(name) => return self.fuse(who, name),
            Step::Pluck(_) | Step::Reverse | Step::Rebase(_) | Step::Squash => {
                return self.rewrite(who, step, told);
            }
            Step::BackAndForth(steps) => return self.back_and_forth(who, steps, told),
            Step::Collect => return self.collect(who, told),
            Step::Gather(_)
            | Step::GatherPart(_)
            | Step::Release
            | Step::ReleasePath(_)
            | Step::Seal
            | Step::Amend(_) => self.choose(who, step, &doer, typed),
            Step::Begin(name) => {
                // Who knows a timeline changes nothing of what can be done with it.
                let privacy =
                    if self.now_ms.is_multiple_of(2) { Privacy::Private } else { Privacy::Shared };
                let real = begin(workspace, &doer, typed, (name.to_owned(), privacy), Then::Go);
                (self.model.begin(name), real.map_err(|error| error.to_string()).err())
            }
            Step::Switch(name, unfinished) => {
                let Some(model) = self.foresee(|model| model.switch(name, unfinished)) else {
                    return;
                };
                let real = switch(&mut self.open[who], &doer, typed, name, unfinished);
                (model, real.map_err(|error| error.to_string()).err())
            }
            Step::Save(name) => {
                let real = save(workspace, &doer, typed, saving(name));
                (self.model.save(name), real.map_err(|error| error.to_string()).err())
            }
            Step::Pop(name) => {
                let Some(model) = self.foresee(|model| model.pop(name)) else { return };
                let real = apply(&mut self.open[who], &doer, typed, Some(name), Afterwards::Goes);
                (model, real.map_err(|error| error.to_string()).err())
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
        self.tally.entry(command).or_default()[usize::from(model.is_ok())] += 1;
    }

    /// What both sides changed is taken from one of them. How files are merged is left to other tests: what the seal has is
    /// believed, and the rest must follow from that.
    fn fuse(&mut self, who: usize, name: &str) {
        let Some(target) = self.model.place.heads.get(name).copied() else { return };
        let all = [Strategy::PreferLocal, Strategy::LastWrite, Strategy::FirstWrite];
        let strategy = all[usize::try_from(self.now_ms % 3).unwrap()];
        let wanted = Wanted {
            what: What::Seals(vec![(self.seals[target], name.to_owned())]),
            forward: Forward::Move,
            arbiter: Arbiter::Asked(strategy),
            message: None,
            answers: BTreeMap::new(),
        };
        let doer = doer(self.now_ms);
        let done = fuse(&mut self.open[who], &doer, "Fuse".to_owned(), &wanted);
        let counts = self.tally.entry("Fuse".to_owned()).or_default();
        counts[usize::from(done.is_ok())] += 1;
        assert!(done.is_err() || self.model.place.gathered.is_none());
        match done {
            Err(_) | Ok(Done::Nothing) => {}
            Ok(Done::Forward(to)) => {
                assert_eq!(to, self.seals[target]);
                self.model.fuse(target);
            }
            Ok(Done::Sealed { id, seal, .. }) => {
                let tree = files(self.open[who].repository().store(), seal.tree);
                self.seals.push(id);
                self.model.seals.push(tree);
                self.model.words.push(seal.message);
                self.model.fuse(self.model.seals.len() - 1);
            }
            Ok(Done::Open { conflicts, .. }) => {
                panic!("{conflicts:?} were to be taken from one side")
            }
        }
    }

    /// Which seals are made is left to other tests, and what is in conflict too: what the last one has is believed, and
    /// the rest must follow from that.
    fn rewrite(&mut self, who: usize, step: Step, told: &str) {
        let Some(here) = self.model.place.base.map(|at| self.seals[at]) else { return };
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
        let known = self.seals.iter().position(|seal| *seal == end);
        let at = known.unwrap_or_else(|| {
            let store = workspace.repository().store();
            let seal: Seal = store.load(end).unwrap();
            self.seals.push(end);
            self.model.seals.push(files(store, seal.tree));
            self.model.words.push(seal.message);
            self.seals.len() - 1
        });
        let model = self.foresee(|model| model.rewrite(at)).expect("no lines are merged");
        assert_eq!(model.is_ok(), done.is_ok(), "{told}: {done:?}");
    }

    fn anew(&self, step: Step, here: SealId) -> Option<Anew> {
        let head = |name| self.model.place.heads.get(name).map(|at| self.seals[*at]);
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
                let real = real.map(|sealed| self.seals.push(sealed.id));
                (self.model.seal(), real.map_err(|error| error.to_string()).err())
            }
            Step::Amend(words) => {
                let message = ["more", "better"][words];
                let real = amend(workspace, doer, typed, message);
                let real = real.map(|sealed| self.seals.push(sealed.id));
                (self.model.amend(message), real.map_err(|error| error.to_string()).err())
            }
            other => panic!("{other:?} chooses nothing"),
        }
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
        let begun = list(workspace.repository()).unwrap();
        let heads = begun.into_iter().filter(|line| !line.heads.is_empty()).map(|line| {
            let heads: Vec<SealId> = line.heads.into_iter().collect();
            (line.name, self.seals.iter().position(|seal| heads == [*seal]).unwrap())
        });
        let desk = workspace.repository().desk();
        assert_eq!(place(store, desk, &self.seals, heads.collect()), self.model.place, "{told}");
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

fn place(store: &Store, desk: &Desk, seals: &[SealId], heads: BTreeMap<String, usize>) -> Place {
    let number = |id: &SealId| seals.iter().position(|seal| seal == id).unwrap();
    let shelf = |shelf: &selkie_vcs::Shelf| Shelf {
        timeline: shelf.timeline.clone().unwrap_or_default(),
        base: shelf.base.as_ref().map(number),
        gathered: shelf.gathered.map(|tree| files(store, tree)),
        work: files(store, shelf.work),
        comes_by_itself: shelf.comes == Comes::ByItself,
    };
    Place {
        timeline: desk.timeline.clone().unwrap_or_default(),
        base: desk.bases.first().map(number),
        gathered: desk.gathered.map(|tree| files(store, tree)),
        heads,
        shelves: desk.shelves.iter().map(|(name, it)| (name.clone(), shelf(it))).collect(),
    }
}

/// Every file of a tree.
fn files(store: &Store, tree: TreeId) -> Files {
    let mut found = Files::new();
    collect(store, tree, "", &mut found);
    found
}

fn collect(store: &Store, tree: TreeId, above: &str, found: &mut Files) {
    // The tree with nothing in it is known without being stored.
    if tree.object() == ObjectId::of(Kind::Tree, &Tree::default().encode().unwrap()) {
        return;
    }
    let text = |blob: BlobId| String::from_utf8(store.read(&blob.object()).unwrap().bytes).unwrap();
    for (name, node) in store.load::<Tree>(tree).unwrap().iter() {
        let path = format!("{above}{name}");
        match node {
            Node::File(Content::Whole(blob)) => {
                found.insert(path, (text(*blob), false));
            }
            Node::Executable(Content::Whole(blob)) => {
                found.insert(path, (text(*blob), true));
            }
            Node::Directory(tree) => collect(store, *tree, &format!("{path}/"), found),
            other => panic!("{path} is {other:?}"),
        }
    }
}

/// Every file of a folder.
fn on_disk(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if name == ".selkie" {
                continue;
            }
            if metadata.is_dir() {
                folders.push(path);
            } else {
                let can_run = metadata.permissions().mode() & 0o111 != 0;
                found.insert(name, (fs::read_to_string(path).unwrap(), can_run));
            }
        }
    }
    found
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
