//! Where a file is, whether it may be run, and what is in it are decided apart: each as somebody says, in any order, and all of it
//! comes back.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use selkie_store::{Author, RepoPath, SecretKey};
use selkie_vcs::fuse::{Forward, Wanted, What, fuse};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::settling::{
    About, Case, Change, Draft, Note, PartId, SettlingError, Verdict, cases, finish,
};
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin};
use selkie_vcs::undo::undo;
use selkie_vcs::{Arbiter, Doer, Privacy, Unfinished, Workspace};

use crate::story::LATER;

/// What is on disk: of each file what is in it, and whether it may be run.
type Files = BTreeMap<String, (Vec<u8>, bool)>;

/// A version of a file.
#[derive(Clone, Copy)]
struct Version {
    name: &'static str,
    bytes: &'static [u8],
    may_run: bool,
}

struct Clone {
    folder: PathBuf,
    workspace: Workspace,
    now_ms: u64,
}

const SAID: [Option<Verdict>; 4] =
    [None, Some(Verdict::Base), Some(Verdict::Side(0)), Some(Verdict::Side(1))];

impl Clone {
    /// Both sides made something else of one file, or each brought it.
    fn in_conflict(place: &Path, [base, ours, theirs]: [Option<Version>; 3]) -> Self {
        let folder = place.join("clone");
        let key = SecretKey::from_bytes(&[7; 32]);
        let now = doer(1_000);
        let workspace = Workspace::forge(&folder, "main", key, &now, || LATER).unwrap();
        let mut clone = Self { folder, workspace, now_ms: 1_000 };
        clone.sealed(base);
        let (now, side) = (clone.now(), ("side".to_owned(), Privacy::Shared));
        begin(&mut clone.workspace, &now, "new".into(), side, Then::Go).unwrap();
        clone.sealed(theirs);
        let (now, carry) = (clone.now(), Unfinished::CarryOrShelve);
        switch(&mut clone.workspace, &now, "switch".into(), "main", carry).unwrap();
        clone.sealed(ours);
        let now = clone.now();
        let side = clone.workspace.repository().shared().timeline("side").unwrap();
        let side = (*side.heads().first().unwrap(), "side".to_owned());
        let (what, forward) = (What::Seals(vec![side]), Forward::Move);
        let (arbiter, answers) = (Arbiter::Nobody, BTreeMap::new());
        let wanted = Wanted { what, forward, arbiter, message: None, answers };
        let _open = fuse(&mut clone.workspace, &now, "fuse".into(), &wanted).unwrap();
        clone
    }

    fn sealed(&mut self, version: Option<Version>) {
        for name in self.files().into_keys() {
            fs::remove_file(self.folder.join(name)).unwrap();
        }
        fs::write(self.folder.join("other"), format!("{}", self.now_ms)).unwrap();
        if let Some(Version { name, bytes, may_run }) = version {
            let at = self.folder.join(name);
            fs::write(&at, bytes).unwrap();
            let mode = if may_run { 0o755 } else { 0o644 };
            fs::set_permissions(at, Permissions::from_mode(mode)).unwrap();
        }
        let (now, top) = (self.now(), [RepoPath::default()]);
        gather(&mut self.workspace, &now, "gather".into(), &top).unwrap();
        seal(&mut self.workspace, &now, "seal".into(), "words".to_owned()).unwrap();
    }

    fn now(&mut self) -> Doer {
        self.now_ms += 1;
        doer(self.now_ms)
    }

    fn files(&self) -> Files {
        let entries = fs::read_dir(&self.folder).unwrap().map(Result::unwrap);
        let entries = entries.filter(|entry| entry.file_name() != ".selkie");
        let file = |entry: fs::DirEntry| {
            let may_run = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
            let name = entry.file_name().into_string().unwrap();
            (name, (fs::read(entry.path()).unwrap(), may_run))
        };
        entries.map(file).collect()
    }

    /// The file that both sides changed, wherever it is by now.
    fn case(&self) -> Option<Case> {
        let all = cases(&self.workspace).unwrap();
        all.into_iter().find(|case| case.path.as_str() != "other")
    }

    fn undone(&mut self) {
        let now = self.now();
        let (mut hand, _) = self.workspace.take(&now).unwrap();
        let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
        hand.perform(&back.operation).unwrap();
    }

    /// Says all of this in one step.
    fn say(&mut self, said: &[(PartId, Verdict)]) -> Result<(), SettlingError> {
        let change = |(part, verdict): &(PartId, Verdict)| Change {
            part: *part,
            verdict: Some(verdict.clone()),
        };
        let draft = Draft::of([Note::Said(said.iter().map(change).collect())]);
        let (now, cases) = (self.now(), cases(&self.workspace).unwrap());
        finish(&mut self.workspace, &now, "finish".into(), &cases, &draft)?;
        Ok(())
    }
}

fn doer(now_ms: u64) -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms, zone_minutes: 0 }
}

/// What is to be decided, in the order of content, name, mode.
fn parts(case: &Case) -> [Option<PartId>; 3] {
    let about = |about| {
        let aspect = case.aspects.iter().find(|aspect| aspect.about == about)?;
        Some(aspect.part)
    };
    [case.open().next().map(|(part, _)| part), about(About::Name), about(About::Mode)]
}

/// The version that a verdict names.
fn named<'v>(versions: &'v [Option<Version>; 3], verdict: &Verdict) -> Option<&'v Version> {
    match verdict {
        Verdict::Base => versions[0].as_ref(),
        Verdict::Side(side) => versions[1 + usize::from(*side)].as_ref(),
        _ => None,
    }
}

/// All that may be said of such a file: what comes out has each of what was said.
fn every_choice_holds(versions: [Option<Version>; 3]) {
    let place = tempfile::tempdir().unwrap();
    let mut clone = Clone::in_conflict(place.path(), versions);
    let case = clone.case().expect("it is in conflict");
    let [content, name, mode] = parts(&case);
    let begun = clone.files();
    let mut done = 0;
    for said in 1..64 {
        let [of_content, of_name, of_mode] =
            [&SAID[said % 4], &SAID[said / 4 % 4], &SAID[said / 16]];
        let all = [(content, of_content), (name, of_name), (mode, of_mode)];
        let is_meant = |(part, verdict): &(Option<PartId>, &Option<Verdict>)| match verdict {
            Some(verdict) => part.is_some() && named(&versions, verdict).is_some(),
            None => true,
        };
        // What sides do not differ in, and what was not there before, is nobody's to take.
        if !all.iter().all(is_meant) {
            continue;
        }
        let pairs: Vec<(PartId, Verdict)> = all
            .iter()
            .filter_map(|(part, verdict)| Some(((*part)?, (*verdict).clone()?)))
            .collect();
        for is_at_once in [true, false] {
            let told = format!("{said}, at once: {is_at_once}");
            let steps = if is_at_once { 1 } else { pairs.len() };
            if is_at_once {
                clone.say(&pairs).unwrap();
            } else {
                one_by_one(&mut clone, all);
            }
            let files = clone.files();
            let expected_name = of_name.as_ref().and_then(|said| named(&versions, said));
            if let Some(version) = expected_name {
                assert!(files.contains_key(version.name), "{told}: {files:?}");
            }
            let (_, (bytes, may_run)) =
                files.iter().find(|(name, _)| *name != "other").expect("it is somewhere");
            if let Some(version) = of_mode.as_ref().and_then(|said| named(&versions, said)) {
                assert_eq!(*may_run, version.may_run, "{told}: {files:?}");
            }
            match of_content.as_ref().and_then(|said| named(&versions, said)) {
                Some(version) => {
                    assert_eq!(*bytes, version.bytes, "{told}");
                    assert!(clone.case().is_none(), "{told}");
                }
                None => assert!(clone.case().is_some(), "{told}"),
            }
            assert_eq!(files.len(), 2, "{told}: {files:?}");
            for _ in 0..steps {
                clone.undone();
            }
            assert_eq!(clone.files(), begun, "{told}");
            assert_eq!(clone.case().as_ref(), Some(&case), "{told}");
            done += 1;
        }
    }
    assert!(done >= 6, "{done}");
}

/// The name, the mode, and then what is in the file, each in a step of its own.
fn one_by_one(clone: &mut Clone, all: [(Option<PartId>, &Option<Verdict>); 3]) {
    for at in [1, 2, 0] {
        let Some(verdict) = all[at].1 else { continue };
        let case = clone.case().expect("what is in it is open");
        let part = parts(&case)[at].expect("it was there when all were asked");
        clone.say(&[(part, verdict.clone())]).unwrap();
    }
}

const TEXT: &[u8] = b"one\ntwo\nthree\nfour\nfive\n";
const OURS: &[u8] = b"ours\ntwo\nthree\nfour\nfive\n";
const THEIRS: &[u8] = b"theirs\ntwo\nthree\nfour\nfive\n";

const fn version(name: &'static str, bytes: &'static [u8], may_run: bool) -> Version {
    Version { name, bytes, may_run }
}

/// A text that each side moved to a name of its own, and changed.
fn moved(may_run: bool) -> [Option<Version>; 3] {
    let sides = [("f", TEXT, false), ("fa", OURS, false), ("fb", THEIRS, may_run)];
    sides.map(|(name, bytes, may_run)| Some(version(name, bytes, may_run)))
}

#[test]
fn a_text_that_both_moved_has_the_name_and_the_lines_that_somebody_says() {
    every_choice_holds(moved(false));
}

#[test]
fn a_text_that_both_moved_and_one_lets_run() {
    every_choice_holds(moved(true));
}

#[test]
fn a_text_that_both_brought_and_one_lets_run() {
    let [ours, theirs] = [version("f", OURS, true), version("f", THEIRS, false)].map(Some);
    every_choice_holds([None, ours, theirs]);
}

#[test]
fn what_is_no_text_has_the_mode_of_one_side_and_the_bytes_of_the_other() {
    let versions: [(&[u8], bool); 3] =
        [(b"\0\x01base", false), (b"\0\x01ours", false), (b"\0\x01theirs", true)];
    every_choice_holds(versions.map(|(bytes, may_run)| Some(version("f", bytes, may_run))));
}

#[test]
fn a_name_that_something_else_took_meanwhile_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = Clone::in_conflict(place.path(), moved(false));
    let case = clone.case().unwrap();
    let (other, here) = if case.path.as_str() == "fa" { ("fb", 1) } else { ("fa", 0) };
    let name = parts(&case)[1].unwrap();
    fs::write(clone.folder.join(other), "mine\n").unwrap();
    let before = clone.files();
    assert!(clone.say(&[(name, Verdict::Side(here))]).is_err());
    assert_eq!(clone.files(), before);
    let now = clone.now();
    let path = [RepoPath::new(other).unwrap()];
    gather(&mut clone.workspace, &now, "gather".into(), &path).unwrap();
    let aspect = clone.case().unwrap().aspects.remove(0);
    assert_eq!(aspect.said(&Verdict::Side(here)), None);
}
