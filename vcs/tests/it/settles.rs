//! Everything that somebody may do while a fuse is open, in any order: what a command did comes back byte for byte, what was
//! decided and is in no file yet outlives the process, and nothing else changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use selkie_store::{Author, RepoPath, SecretKey};
use selkie_vcs::conflicts::{Choice, Pick, list, settle};
use selkie_vcs::fuse::{Done as Fused, Forward, Wanted, What, abort, fuse};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::{self, Conflicts, Words, draft, seal};
use selkie_vcs::settling::{
    Case, Change, Draft, Drafted, First, NewRule, Note, PartId, Piece, Shape, Verdict, cases,
    finish,
};
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin};
use selkie_vcs::undo::{redo, undo};
use selkie_vcs::{Arbiter, Desk, Doer, Privacy, Strategy, Unfinished, Workspace};

use crate::files::{Files, moved};
use crate::lots::{Lots, seeds};
use crate::story::LATER;

const PATHS: [&str; 5] = ["a", "a-b", "a.d/x", "b", "gone"];
const STEPS: usize = 24;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Somebody writes a file anew, and no marker is left.
    Write(&'static str),
    /// Somebody writes a line above all others.
    Above(&'static str),
    Say(usize, usize),
    Unsay,
    SayAgain,
    Finish,
    Take(&'static str, Choice),
    Gather(&'static str),
    Seal(Conflicts),
    Abort,
    Fuse,
    Undo,
    Redo,
    Restart,
}

/// What a command did.
struct Done {
    desks: [Desk; 2],
    files: [Files; 2],
}

/// A clone, and what must come back in it.
struct Settler {
    folder: PathBuf,
    workspace: Workspace,
    now_ms: u64,
    past: Vec<Done>,
    future: Vec<Done>,
    /// Every step of the draft since it was begun.
    notes: Vec<Note>,
    /// How often each command was refused, and how often done.
    tally: BTreeMap<String, [usize; 2]>,
}

#[test]
fn while_a_fuse_is_open_nothing_is_lost_and_everything_comes_back() {
    let mut tally = BTreeMap::<String, [usize; 2]>::new();
    for seed in seeds(16) {
        let place = tempfile::tempdir().unwrap();
        let (mut settler, mut lots) = (Settler::in_conflict(place.path()), Lots(seed));
        let mut taken = Vec::new();
        for _ in 0..STEPS {
            let step = any_step(&mut lots);
            taken.push(step);
            settler.take(step, &format!("seed {seed}: {taken:?}"));
        }
        for (command, [refused, done]) in settler.tally {
            let counts = tally.entry(command).or_default();
            *counts = [counts[0] + refused, counts[1] + done];
        }
    }
    assert!(tally.len() == 8 && tally.values().all(|[_, done]| *done > 0), "{tally:?}");
}

fn any_step(lots: &mut Lots) -> Step {
    let path = lots.of(&PATHS);
    match lots.below(30) {
        0..2 => Step::Write(path),
        2..4 => Step::Above(path),
        4..11 => Step::Say(lots.below(8), lots.below(9)),
        11 => Step::Unsay,
        12 => Step::SayAgain,
        13..16 => Step::Finish,
        16..19 => Step::Take(path, any_choice(lots)),
        19 => Step::Gather(path),
        20 => Step::Seal(lots.of(&[Conflicts::Refused, Conflicts::Sealed])),
        21 => Step::Abort,
        22..24 => Step::Fuse,
        24..27 => Step::Undo,
        27 => Step::Redo,
        _ => Step::Restart,
    }
}

fn any_choice(lots: &mut Lots) -> Choice {
    let parts = [Pick::Ours, Pick::Theirs, Pick::Both].map(Choice::Parts);
    match lots.below(5) {
        3 => Choice::Base,
        4 => Choice::Disk,
        at => parts[at],
    }
}

fn doer(now_ms: u64) -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms, zone_minutes: 0 }
}

impl Settler {
    /// Two timelines that changed the same lines, in some files twice; one of them removed a file.
    fn in_conflict(place: &Path) -> Self {
        let folder = place.join("copy");
        let key = SecretKey::from_bytes(&[7; 32]);
        let workspace = Workspace::forge(&folder, "main", key, &doer(1_000), || LATER).unwrap();
        let (past, future, notes) = (Vec::new(), Vec::new(), Vec::new());
        let tally = BTreeMap::new();
        let mut settler = Self { folder, workspace, now_ms: 1_000, past, future, notes, tally };
        settler.sealed("base", true);
        let now = settler.now();
        let side = ("side".to_owned(), Privacy::Shared);
        begin(&mut settler.workspace, &now, "new".into(), side, Then::Go).unwrap();
        settler.sealed("side", false);
        let (now, carry) = (settler.now(), Unfinished::CarryOrShelve);
        switch(&mut settler.workspace, &now, "switch".into(), "main", carry).unwrap();
        settler.sealed("main", true);
        settler.take(Step::Fuse, "at the beginning");
        settler
    }

    fn sealed(&mut self, words: &str, has_all: bool) {
        for path in PATHS {
            let at = self.folder.join(path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let lines = (1..=9).map(|line| match (path, line) {
                (_, 2) | ("a" | "b", 8) => format!("{words} {line}\n"),
                _ => format!("{line}\n"),
            });
            fs::write(at, lines.collect::<String>()).unwrap();
        }
        if !has_all {
            fs::remove_file(self.folder.join("gone")).unwrap();
        }
        let (now, top) = (self.now(), [RepoPath::default()]);
        gather(&mut self.workspace, &now, "gather".into(), &top).unwrap();
        seal(&mut self.workspace, &now, "seal".into(), words.to_owned()).unwrap();
    }

    fn now(&mut self) -> Doer {
        self.now_ms += 1;
        doer(self.now_ms)
    }

    fn take(&mut self, step: Step, told: &str) {
        match step {
            Step::Write(path) => self.edit(path, |_, mine| mine),
            Step::Above(path) => self.edit(path, |text, mine| mine + text),
            Step::Say(part, verdict) => self.say(part, verdict, told),
            Step::Unsay => self.note(Note::Undone, told),
            Step::SayAgain => self.note(Note::Redone, told),
            Step::Restart => {
                let key = SecretKey::from_bytes(&[7; 32]);
                self.workspace = Workspace::open(&self.folder, &[], key, || LATER).unwrap();
            }
            Step::Undo | Step::Redo => self.walk(step, told),
            Step::Finish => self.finish(told),
            Step::Take(..) | Step::Gather(_) | Step::Seal(_) | Step::Abort | Step::Fuse => {
                self.command(step, told);
            }
        }
        self.agree(told);
        self.merges_again(told);
    }

    /// What is known of how files were marked says what merging them again says.
    fn merges_again(&self, told: &str) {
        let markings = self.folder.join(".selkie/local/markings");
        let (known, kept) = (cases(&self.workspace).unwrap(), fs::read(&markings).unwrap());
        fs::remove_file(&markings).unwrap();
        assert_eq!(cases(&self.workspace).unwrap(), known, "{told}");
        fs::write(&markings, kept).unwrap();
    }

    /// Somebody writes what nothing else has.
    fn edit(&self, path: &str, edited: impl Fn(&str, String) -> String) {
        let at = self.folder.join(path);
        let text = fs::read_to_string(&at).unwrap_or_default();
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, edited(&text, format!("mine {}\n", self.now_ms))).unwrap();
    }

    /// What each file has, and whether it is in conflict: one that is not what it was for that alone has changed, too.
    fn files(&self) -> Files {
        let open = self.open();
        let read = |path: &&str| {
            let (name, at) = ((*path).to_owned(), self.folder.join(path));
            let is_open = open.contains(&name);
            Some((name, (fs::read_to_string(at).ok()?, is_open)))
        };
        PATHS.iter().filter_map(read).collect()
    }

    fn desk(&self) -> Desk {
        self.workspace.repository().desk().clone()
    }

    /// Does something that is one operation, or changes nothing.
    fn does<T, E: std::fmt::Debug>(
        &mut self,
        step: &str,
        told: &str,
        deed: impl FnOnce(&mut Workspace, &Doer) -> Result<T, E>,
    ) -> Option<T> {
        let (desk, files) = (self.desk(), self.files());
        let now = self.now();
        let done = deed(&mut self.workspace, &now);
        self.tally.entry(step.to_owned()).or_default()[usize::from(done.is_ok())] += 1;
        let (after, left) = (self.desk(), self.files());
        match done {
            Ok(done) => {
                self.past.push(Done { desks: [desk, after], files: [files, left] });
                self.future.clear();
                Some(done)
            }
            Err(error) => {
                assert_eq!((after, left), (desk, files), "{error:?}, {told}");
                None
            }
        }
    }

    fn command(&mut self, step: Step, told: &str) {
        let typed = format!("{step:?}");
        let command = typed.split('(').next().unwrap_or_default().to_owned();
        match step {
            Step::Take(path, choice) => {
                let paths = [RepoPath::new(path).unwrap()];
                let done = self.does(&command, told, |workspace, now| {
                    settle(workspace, now, typed, &paths, choice)
                });
                let is_open = self.open().contains(&path.to_owned());
                assert!(done.is_none() || !is_open, "{path} is settled, {told}");
            }
            Step::Gather(path) => {
                let paths = [RepoPath::new(path).unwrap()];
                self.does(&command, told, |workspace, now| gather(workspace, now, typed, &paths));
            }
            Step::Seal(conflicts) => {
                let was_open = self.open();
                let sealed = self.does(&command, told, |workspace, now| {
                    let wanted = seal::Wanted { conflicts, ..seal::Wanted::default() };
                    let draft = draft(workspace, now, wanted)?;
                    let words = Words { message: "sealed".to_owned(), ..Words::default() };
                    seal::finish(workspace, now, typed, draft, words)
                });
                let (is_sealed, still_open) = (sealed.is_some(), self.open());
                assert!(still_open.iter().all(|path| was_open.contains(path)), "{told}");
                assert!(!is_sealed || self.desk().bases.len() == 1, "{told}");
            }
            Step::Abort => {
                let done = self.does(&command, told, |workspace, now| abort(workspace, now, typed));
                assert!(done.is_none() || self.open().is_empty(), "{told}");
            }
            _ => {
                let side = self.workspace.repository().shared().timeline("side").unwrap();
                let side = (*side.heads().first().unwrap(), "side".to_owned());
                let (what, forward) = (What::Seals(vec![side]), Forward::Move);
                let (arbiter, answers) = (Arbiter::Nobody, BTreeMap::new());
                let wanted = Wanted { what, forward, arbiter, message: None, answers };
                let is_here = |error: &Fused| matches!(error, Fused::Nothing);
                let fused = self.does(&command, told, |workspace, now| {
                    fuse(workspace, now, typed, &wanted).map_err(|error| error.to_string())
                });
                // All of it was here: that was no operation.
                if fused.is_some_and(|fused| is_here(&fused)) {
                    self.past.pop();
                }
            }
        }
    }

    /// The paths in conflict.
    fn open(&self) -> Vec<String> {
        list(&self.workspace).unwrap().into_iter().map(|one| one.path.to_string()).collect()
    }

    fn walk(&mut self, step: Step, told: &str) {
        let is_undo = matches!(step, Step::Undo);
        let from = if is_undo { &mut self.past } else { &mut self.future };
        let (was, is) = if is_undo { (1, 0) } else { (0, 1) };
        let Some(done) = from.pop() else { return };
        let (here, desk) = (self.files(), self.desk());
        let strictly = moved(&here, &done.files[was], &done.files[is]);
        let [text, text_was, text_is] = [&here, &done.files[was], &done.files[is]].map(texts);
        let expected = moved(&text, &text_was, &text_is);
        let real = self.walked(is_undo);
        // Where a file has the same bytes in conflict and without, somebody's change of it may be in the way.
        if strictly.is_ok() == expected.is_ok() {
            assert_eq!(real.is_ok(), expected.is_ok(), "{real:?}, {told}");
        }
        self.tally.entry(format!("{step:?}")).or_default()[usize::from(real.is_ok())] += 1;
        if real.is_err() {
            assert_eq!((self.files(), self.desk()), (here, desk), "{told}");
            return if is_undo { self.past.push(done) } else { self.future.push(done) };
        }
        assert_eq!(texts(&self.files()), expected.unwrap(), "{told}");
        assert_eq!(self.desk(), done.desks[is], "{told}");
        if is_undo { self.future.push(done) } else { self.past.push(done) }
    }

    fn walked(&mut self, is_undo: bool) -> Result<(), String> {
        let now = self.now();
        let (mut hand, _) = self.workspace.take(&now).map_err(|error| error.to_string())?;
        let (operations, time, typed) = (hand.operations().unwrap(), hand.time(), String::new());
        let back =
            if is_undo { undo(operations, time, typed) } else { redo(operations, time, typed) };
        let operation = back.map_err(|error| error.to_string())?.operation;
        hand.perform(&operation).map_err(|error| error.to_string())
    }

    fn cases(&self) -> Vec<Case> {
        cases(&self.workspace).unwrap()
    }

    fn drafted(&self, cases: &[Case]) -> (Drafted, Draft) {
        let parts: Vec<PartId> = cases.iter().flat_map(Case::parts).collect();
        Drafted::open(&self.workspace, |part| parts.contains(&part)).unwrap()
    }

    fn say(&mut self, part: usize, verdict: usize, told: &str) {
        let parts: Vec<PartId> = self.cases().iter().flat_map(Case::parts).collect();
        if parts.is_empty() {
            return;
        }
        let said = match verdict {
            0 | 1 => Some(Verdict::Side(u8::try_from(verdict).unwrap())),
            2 => Some(Verdict::Base),
            3 => Some(Verdict::Both(First::Theirs)),
            4 => Some(Verdict::Text(format!("mine {}\n", self.now_ms).into_bytes())),
            5 | 8 => Some(Verdict::Lines("B1,A1-2,base1".parse().unwrap())),
            _ => None,
        };
        let part = parts[part % parts.len()];
        let change = vec![Change { part, verdict: said.clone() }];
        let note = match verdict {
            6 => Note::PutOff(vec![part]),
            8 => Note::Ruled(NewRule::new("no such file", Strategy::Union).unwrap(), change),
            _ => Note::Said(change),
        };
        self.note(note, told);
    }

    /// Keeps a step of the draft. No file changes by it, and nothing on the desk.
    fn note(&mut self, note: Note, told: &str) {
        let (files, desk) = (self.files(), self.desk());
        let cases = self.cases();
        let (mut drafted, mut draft) = self.drafted(&cases);
        // What was kept may be of conflicts of another day: the next note begins anew.
        let is_new = draft == Draft::default();
        if draft.follow(note.clone()) {
            if is_new {
                self.notes.clear();
            }
            drafted.keep(&note).unwrap();
            self.notes.push(note);
        }
        assert_eq!((self.files(), self.desk()), (files, desk), "{told}");
    }

    /// What is decided in full is settled, what is decided in part has it in the file, and no other file changes.
    fn finish(&mut self, told: &str) {
        let cases = self.cases();
        let (mut drafted, mut draft) = self.drafted(&cases);
        // Lines are no version of what is no text.
        let is_decided = |case: &Case, part| match (&case.shape, draft.verdict(part)) {
            (Shape::Whole(_), verdict) => {
                matches!(verdict, Some(Verdict::Side(_) | Verdict::Base))
            }
            (_, verdict) => verdict.is_some(),
        };
        let touched = |case: &&Case| case.parts().any(|part| is_decided(case, part));
        let whole = |case: &&Case| case.parts().all(|part| is_decided(case, part));
        let named = |case: &Case| case.path.clone();
        let settled: Vec<_> = cases.iter().filter(touched).filter(whole).map(named).collect();
        let begun = cases.iter().filter(touched).filter(|case| !whole(case)).map(named);
        let begun: Vec<_> = begun.collect();
        if settled.is_empty() && begun.is_empty() {
            return;
        }
        let before = self.files();
        let told_of = self.does("Finish", told, |workspace, now| {
            finish(workspace, now, "finish".to_owned(), &cases, &draft)
        });
        let told_of = told_of.unwrap_or_else(|| panic!("nothing was in the way, {told}"));
        assert_eq!((&told_of.settled, &told_of.begun), (&settled, &begun), "{told}");
        let (after, open) = (self.files(), self.open());
        for path in PATHS.map(|path| RepoPath::new(path).unwrap()) {
            let name = path.as_str();
            if settled.contains(&path) {
                assert!(!open.contains(&name.to_owned()), "{name} is settled, {told}");
            } else if begun.contains(&path) {
                assert!(open.contains(&name.to_owned()), "{name} is open, {told}");
            } else {
                assert_eq!(after.get(name), before.get(name), "{name}, {told}");
            }
        }
        for case in cases.iter().filter(|case| settled.contains(&case.path)) {
            if let Shape::Text(pieces) = &case.shape {
                let text = after.get(case.path.as_str()).map(|(text, _)| text.as_bytes());
                assert_eq!(text, Some(&*text_of(pieces, &draft)), "{}, {told}", case.path);
            }
        }
        draft.follow(Note::Finished);
        drafted.keep(&Note::Finished).unwrap();
        self.notes.push(Note::Finished);
    }

    /// What must hold whatever was done.
    fn agree(&self, told: &str) {
        let cases = self.cases();
        let paths: Vec<_> = cases.iter().map(|case| case.path.to_string()).collect();
        assert_eq!(paths, self.open(), "the list and the screen, {told}");
        assert!(paths.is_sorted(), "{paths:?}, {told}");
        let parts: Vec<PartId> = cases.iter().flat_map(Case::parts).collect();
        let is_about = |note: &Note| match note {
            Note::Said(changes) | Note::Ruled(_, changes) => {
                changes.iter().any(|change| parts.contains(&change.part))
            }
            Note::PutOff(put_off) => put_off.iter().any(|part| parts.contains(part)),
            Note::Undone | Note::Redone | Note::Finished => false,
        };
        let expected = if self.notes.iter().any(is_about) {
            Draft::of(self.notes.iter().cloned())
        } else {
            Draft::default()
        };
        assert_eq!(self.drafted(&cases).1, expected, "the draft, {told}");
    }
}

/// What each file has, in conflict or not.
fn texts(files: &Files) -> Files {
    files.iter().map(|(path, (text, _))| (path.clone(), (text.clone(), false))).collect()
}

/// What is decided, from top to bottom.
fn text_of(pieces: &[Piece], draft: &Draft) -> Vec<u8> {
    let lines = pieces.iter().map(|piece| match piece {
        Piece::Settled(lines) | Piece::Merged { text: lines, .. } => lines.to_vec(),
        Piece::Open(open) => {
            let verdict = draft.verdict(open.id).expect("all of it is decided");
            verdict.lines(&open.versions).into_owned()
        }
    });
    lines.collect::<Vec<_>>().concat()
}
