//! Another replica. What it does is in no model: what comes of it here is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use selkie_store::{RepoPath, SealId, SecretKey};
use selkie_vcs::bundling::{BundleError, Names, Wanted, create};
use selkie_vcs::gather::gather;
use selkie_vcs::keep_up::keep_up;
use selkie_vcs::seal::seal;
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin};
use selkie_vcs::{Clock, Doer, Privacy, Unfinished, Workspace};

use crate::hearing::hear;

/// What somebody does there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    /// They hear of us, and go along.
    Hears,
    /// They write a file and seal it, whatever we did meanwhile.
    Seals(&'static str, usize),
    Begins(&'static str),
    Goes(&'static str),
}

pub(super) struct Elsewhere {
    folder: PathBuf,
    pub(super) workspace: Workspace,
    /// Timelines and seals that they made since we heard of them.
    pub(super) untold: Vec<(String, SealId)>,
}

impl Elsewhere {
    pub(super) fn forge(place: &Path, doer: &Doer, now_ns: Clock) -> Self {
        let folder = place.join("elsewhere");
        let key = SecretKey::from_bytes(&[8; 32]);
        let workspace = Workspace::forge(&folder, "main", key, doer, now_ns).unwrap();
        Self { folder, workspace, untold: Vec::new() }
    }

    /// Whether it could be done.
    pub(super) fn act(&mut self, ours: &Workspace, deed: Deed, doer: &Doer) -> bool {
        let (workspace, typed) = (&mut self.workspace, format!("{deed:?}"));
        match deed {
            Deed::Hears => {
                hear(workspace, ours, doer);
                keep_up(workspace, doer, typed).unwrap();
                true
            }
            Deed::Seals(path, text) => self.seals(path, text, doer),
            Deed::Begins(name) => {
                let named = (name.to_owned(), Privacy::Shared);
                let begun = begin(workspace, doer, typed, named, Then::Go);
                let Ok((seal, _)) = begun else { return false };
                self.untold.push((name.to_owned(), seal));
                true
            }
            Deed::Goes(name) => {
                switch(workspace, doer, typed, name, Unfinished::CarryOrShelve).is_ok()
            }
        }
    }

    fn seals(&mut self, path: &str, text: usize, doer: &Doer) -> bool {
        let at = self.folder.join(path);
        let text = format!("{text} of theirs\n");
        // Where a folder is, or a file is in the place of one, they write nothing.
        let is_written = fs::create_dir_all(at.parent().unwrap()).is_ok();
        if !is_written || fs::write(at, text).is_err() {
            return false;
        }
        let top = [RepoPath::default()];
        let is_gathered = gather(&mut self.workspace, doer, "gather".to_owned(), &top).is_ok();
        let sealed = seal(&mut self.workspace, doer, "seal".to_owned(), "theirs".to_owned());
        let Ok(sealed) = sealed else { return false };
        let timeline = self.workspace.repository().desk().timeline.clone().unwrap();
        self.untold.push((timeline, sealed.id));
        is_gathered
    }

    /// Where their timelines end.
    pub(super) fn heads(&self) -> BTreeMap<String, BTreeSet<SealId>> {
        let shared = self.workspace.repository().shared();
        shared.timelines().map(|(name, timeline)| (name.to_owned(), timeline.heads())).collect()
    }

    /// All that they have, in a bundle; nothing if there is nothing yet.
    pub(super) fn bundle(&self) -> Option<Vec<u8>> {
        let (wanted, mut bytes) = (Wanted { names: Names::All, without: Vec::new() }, Vec::new());
        match create(self.workspace.repository(), &wanted, &mut bytes, |_| ()) {
            Ok(_) => Some(bytes),
            Err(BundleError::Nothing) => None,
            Err(error) => panic!("{error}"),
        }
    }
}
