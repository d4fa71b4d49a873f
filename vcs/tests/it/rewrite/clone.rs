//! A clone for stories of seals that are written anew, in few words.

use std::collections::BTreeMap;
use std::fs;

use selkie_store::{Author, RepoPath, Seal, SealId, SecretKey};
use selkie_vcs::conflicts::list;
use selkie_vcs::fuse::{Forward, What as Fusing, fuse};
use selkie_vcs::gather::gather;
use selkie_vcs::rebase::What;
use selkie_vcs::seal::seal;
use selkie_vcs::squash::Words;
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin};
use selkie_vcs::undo::undo;
use selkie_vcs::{
    Arbiter, Doer, Emptied, GrowError, Others, Privacy, RewriteError, Rewritten, Unfinished,
    Workspace, fold_heads, fuse as fusing, pluck, rebase, reverse, split, squash,
};
use tempfile::TempDir;

use crate::hearing::hear;
use crate::story::LATER;

/// A clone, and a clock that goes on with each command.
pub(super) struct Clone {
    pub(super) folder: TempDir,
    pub(super) workspace: Workspace,
    pub(super) now_ms: u64,
}

pub(super) fn doer(name: &str, now_ms: u64) -> Doer {
    let author = Author { name: name.to_owned(), contact: format!("{name}@") };
    Doer { author, now_ms, zone_minutes: 60 }
}

pub(super) const CARRY: Unfinished = Unfinished::CarryOrShelve;

impl Clone {
    pub(super) fn forge(key: u8, timeline: &str) -> Self {
        let (folder, now_ms) = (tempfile::tempdir().unwrap(), 1_000);
        let (key, ann) = (SecretKey::from_bytes(&[key; 32]), doer("ann", now_ms));
        let workspace = Workspace::forge(folder.path(), timeline, key, &ann, || LATER).unwrap();
        Self { folder, workspace, now_ms }
    }

    pub(super) fn now(&mut self) -> Doer {
        self.now_ms += 1_000;
        doer("ann", self.now_ms)
    }

    /// Writes files: `a=1,2` has two lines, `a=-` is removed.
    pub(super) fn write(&self, files: &str) {
        for (path, text) in files.split_whitespace().map(|file| file.split_once('=').unwrap()) {
            let path = self.folder.path().join(path);
            if text == "-" {
                fs::remove_file(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("{}\n", text.replace(',', "\n"))).unwrap();
            }
        }
    }

    pub(super) fn read(&self, path: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join(path)).unwrap();
        text.trim_end().replace('\n', ",")
    }

    /// Seals these files, with these words.
    pub(super) fn seal(&mut self, words: &str, files: &str) -> SealId {
        self.write(files);
        let (now, top) = (self.now(), [RepoPath::default()]);
        gather(&mut self.workspace, &now, "gather".into(), &top).unwrap();
        seal(&mut self.workspace, &now, "seal".into(), words.to_owned()).unwrap().id
    }

    pub(super) fn begin(&mut self, name: &str) {
        let now = self.now();
        let wanted = (name.to_owned(), Privacy::Shared);
        begin(&mut self.workspace, &now, "new".into(), wanted, Then::Go).unwrap();
    }

    pub(super) fn go(&mut self, name: &str) {
        let now = self.now();
        switch(&mut self.workspace, &now, "switch".into(), name, CARRY).unwrap();
    }

    pub(super) fn fuse(&mut self, other: SealId) -> SealId {
        let wanted = fusing::Wanted {
            what: Fusing::Seals(vec![(other, "other".to_owned())]),
            forward: Forward::Seal,
            arbiter: Arbiter::Nobody,
            answers: BTreeMap::new(),
            message: Some("fuse".to_owned()),
        };
        let now = self.now();
        match fuse(&mut self.workspace, &now, "fuse".into(), &wanted).unwrap() {
            fusing::Done::Sealed { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn rebase(&mut self, onto: SealId) -> Rewritten {
        self.rebased(onto, What::Timeline(None), Others::Stay).unwrap()
    }

    pub(super) fn rebased(
        &mut self,
        onto: SealId,
        what: What,
        others: Others,
    ) -> Result<Rewritten, RewriteError> {
        let wanted = rebase::Wanted { what, onto, emptied: Emptied::Dropped, others };
        let now = self.now();
        rebase::rebase(&mut self.workspace, &now, "rebase".into(), &wanted, CARRY)
    }

    pub(super) fn pluck(&mut self, seals: &[SealId]) -> Rewritten {
        let (seals, emptied, now) = (seals.to_vec(), Emptied::Dropped, self.now());
        let wanted = pluck::Wanted { seals, parent: None, emptied };
        pluck::pluck(&mut self.workspace, &now, "pluck".into(), &wanted, CARRY).unwrap()
    }

    pub(super) fn reverse(&mut self, seals: &[SealId]) -> Rewritten {
        let (seals, now) = (seals.to_vec(), self.now());
        let wanted = reverse::Wanted { seals, parent: None, message: None };
        reverse::reverse(&mut self.workspace, &now, "reverse".into(), &wanted, CARRY).unwrap()
    }

    pub(super) fn squash(
        &mut self,
        what: squash::What,
        words: Words,
    ) -> Result<Rewritten, RewriteError> {
        let wanted = squash::Wanted { what, words, others: Others::Stay };
        let now = self.now();
        squash::squash(&mut self.workspace, &now, "squash".into(), &wanted, CARRY)
    }

    pub(super) fn split(&mut self, seal: SealId, path: &str) -> Result<Rewritten, RewriteError> {
        let (paths, now) = ([RepoPath::new(path).unwrap()], self.now());
        let part = split::Part::Paths(&paths);
        let wanted = split::Wanted { seal, part, message: "part", others: Others::Stay };
        split::split(&mut self.workspace, &now, "split".into(), &wanted, CARRY)
    }

    pub(super) fn undo(&mut self) {
        let now = self.now();
        let (mut hand, _) = self.workspace.take(&now).unwrap();
        let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
        hand.perform(&back.operation).unwrap();
    }

    pub(super) fn load(&self, seal: SealId) -> Seal {
        self.workspace.repository().store().load(seal).unwrap()
    }

    pub(super) fn here(&self) -> SealId {
        self.workspace.repository().desk().bases[0]
    }

    /// The one newest seal of a timeline.
    pub(super) fn head(&self, timeline: &str) -> SealId {
        let [head] = self.heads(timeline)[..] else { panic!("{timeline} has diverged") };
        head
    }

    pub(super) fn heads(&self, timeline: &str) -> Vec<SealId> {
        let heads = self.workspace.repository().shared().timeline(timeline).unwrap().heads();
        let mut chronicle = self.workspace.repository().chronicle().unwrap();
        let heads = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &heads)?)).unwrap();
        heads.into_iter().collect()
    }

    /// What the seals say that a timeline goes through, oldest first; of one with several parents, what the others say.
    pub(super) fn story(&self, timeline: &str) -> String {
        let mut told = Vec::new();
        let mut next = Some(self.head(timeline));
        while let Some(id) = next {
            let seal = self.load(id);
            let more = seal.parents.iter().skip(1).map(|parent| self.load(*parent).message);
            let more: Vec<String> = more.map(|words| format!("({words})")).collect();
            told.push(seal.message + &more.concat());
            next = seal.parents.first().copied();
        }
        told.reverse();
        told.join(" ")
    }

    pub(super) fn conflicts(&self) -> Vec<String> {
        list(&self.workspace).unwrap().into_iter().map(|one| one.path.to_string()).collect()
    }

    /// Hears all that the other says.
    pub(super) fn hear(&mut self, other: &Self) {
        let now = self.now();
        hear(&mut self.workspace, &other.workspace, &now);
    }
}
