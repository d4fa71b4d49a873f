//! A working copy that follows from one tree to another, or stays where it is.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use selkie_store::{Batch, ConflictId, Node, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::few::few;
use crate::ignore::Ignore;
use crate::ignore::list::PatternList;
use crate::text::lines::Text;
use crate::work::disk::{Kept, has_returns};
use crate::work::door::Door;
use crate::work::folding::Folding;
use crate::work::index::rebase::{Seen, TreeError};
use crate::work::index::{Cache, Index};
use crate::work::markings::{Marking, Markings};
use crate::work::progress::Watch;
use crate::work::reach::Reach;
use crate::work::record::{RecordError, Recorded, record};
use crate::work::scan::scan;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown, Learned, Status};
use crate::work::write::apply::{ApplyError, apply, sweep};
use crate::work::write::observe::{ObserveError, observe};
use crate::work::write::plan::{Act, Blocked, Names, Overwrite, Plan, Policy, Step, plan};
use crate::work::write::spent::spent;

/// The files of a clone, and what was last seen of them.
#[derive(Debug)]
pub struct Copy {
    folder: PathBuf,
    index_path: PathBuf,
    markings_path: PathBuf,
    top: Door,
    policy: Policy,
    now_ns: Clock,
    watch: Watch,
    /// What no file in it says, and holds all the same.
    ignore: Ignore,
}

/// Reads the time, in nanoseconds since 1970.
pub type Clock = fn() -> i64;

/// Why files were not written.
#[derive(Debug, Error)]
pub enum FollowError {
    /// Files stand in the way: they have what nothing else has. No file was written.
    #[error("{} would be overwritten", paths(.0))]
    Blocked(Vec<Blocked>),
    /// A file could not be written, or was changed meanwhile. The others were put back.
    #[error(transparent)]
    Apply(Box<ApplyError>),
    /// A file could not be written, and another not put back: each has its old content or its new one.
    #[error("files were left half-way: {apply}")]
    HalfWay {
        /// What went wrong first.
        apply: Box<ApplyError>,
        /// What went wrong when they were put back.
        #[source]
        back: Box<ApplyError>,
    },
    /// Files stand in the way of what an earlier command began, and another could not be put back: each has
    /// its old content or its new one.
    #[error("{} would be overwritten, and files were left half-way", paths(.blocked))]
    Stuck {
        /// What stands in the way.
        blocked: Vec<Blocked>,
        /// What went wrong when the others were put back.
        #[source]
        back: Box<ApplyError>,
    },
    /// The files can not be looked at.
    #[error("the files can not be looked at")]
    Look(#[from] io::Error),
    /// What was to be written can not be looked at.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// A tree can not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

fn paths(blocked: &[Blocked]) -> String {
    few(blocked.iter().map(|blocked| &blocked.path))
}

impl Copy {
    /// The working copy in `folder`, whose repository is in `control`.
    ///
    /// # Errors
    ///
    /// The folder can not be opened.
    pub fn open(folder: &Path, control: &Path, now_ns: Clock) -> io::Result<Self> {
        let policy = Policy {
            overwrite: Overwrite::Nothing,
            names: if cfg!(windows) { Names::OnWindows } else { Names::OnUnix },
            folding: Folding::probe(&Door::open(control)?)?,
        };
        let local = control.join("local");
        let (index_path, markings_path) = (local.join("index"), local.join("markings"));
        let (folder, top, watch) =
            (folder.to_owned(), Door::open(folder)?, Watch::new(|_nobody_asked| ()));
        let ignore = Ignore::new(Vec::new());
        Ok(Self { folder, index_path, markings_path, top, policy, now_ns, watch, ignore })
    }

    /// Tells how far files are from now on.
    pub fn watched_by(&mut self, watch: Watch) {
        self.watch = watch;
    }

    /// Ignores from now on what these lists say too, wherever no file in the working copy says something else.
    pub fn ignoring(&mut self, lists: Vec<PatternList>) {
        self.ignore = Ignore::new(lists);
    }

    /// The rules at its top, before files in it are read.
    pub(crate) const fn outer_rules(&self) -> &Ignore {
        &self.ignore
    }

    /// The folder at its top.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same, opened.
    pub(crate) const fn top(&self) -> &Door {
        &self.top
    }

    /// How its file system compares names.
    #[must_use]
    pub const fn folding(&self) -> Folding {
        self.policy.folding
    }

    /// The index for `known`, from what was last seen.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn index(&self, store: &Store, known: TreeId) -> Result<Index, FollowError> {
        let index = Index::read(&self.index_path)?.unwrap_or_else(Index::empty);
        if index.known() == known {
            return Ok(index);
        }
        Ok(index.rebase(store, known, &Seen::new(), (self.now_ns)())?)
    }

    /// Keeps what was seen. If that fails, the next scan takes longer, and that is all.
    pub fn keep(&self, index: &Index) {
        let _ = index.write(&self.index_path);
    }

    /// How the files that show conflicts were marked.
    pub(crate) fn markings(&self) -> Markings {
        Markings::read(&self.markings_path)
    }

    /// Keeps how the files of the plan were marked. If that fails, whoever looks at them merges again, and that is all.
    fn mark(&self, plan: &Plan, index: &Index) {
        let marking = |step: &Step| match step.act {
            Act::WriteMarked(marking) => Some(marking),
            Act::Remove | Act::Write(_) | Act::Mode(_) | Act::MakeDirectory => None,
        };
        let new: Vec<Marking> = plan.steps.iter().filter_map(marking).collect();
        if new.is_empty() {
            return;
        }
        let conflicts: BTreeSet<ConflictId> =
            index.conflicts().into_iter().map(|(_, conflict)| conflict).collect();
        let mut markings = self.markings();
        markings.follow(&new, |conflict| conflicts.contains(&conflict));
        let _ = markings.write(&self.markings_path);
    }

    /// How what was seen is kept.
    pub(crate) fn cache(&self) -> io::Result<Cache> {
        Cache::at(&self.index_path)
    }

    /// Forgets what was seen. The next scan looks at every file.
    pub(crate) fn forget(&self) -> io::Result<()> {
        match fs::remove_file(&self.index_path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// What the file at `path` has, as recording would keep it, if it is one and no longer than a text. `known` is what the
    /// store has there.
    pub(crate) fn text(
        &self,
        store: &Store,
        path: &RepoPath,
        known: Option<&Node>,
    ) -> io::Result<Option<Vec<u8>>> {
        let mut reach = Reach::new(&self.top);
        let Some(stat) = reach.look(path)? else { return Ok(None) };
        if !stat.form.is_file() {
            return Ok(None);
        }
        let had_returns = || has_returns(store, known).map_err(io::Error::other);
        let kept = Kept::at(&mut reach, path, known, had_returns)?;
        let mut bytes = Vec::new();
        let Some((file, _)) = kept else { return Ok(None) };
        file.take(Text::LEN_MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() <= Text::LEN_MAX).then_some(bytes))
    }

    /// Compares the files with the index, and keeps what that taught.
    ///
    /// # Errors
    ///
    /// The top can not be read.
    pub fn scan(&self, index: &mut Index, asked: Asked) -> io::Result<Status> {
        let (status, learned) =
            scan(&self.top, index, self.ignore.clone(), asked, (self.now_ns)())?;
        if learned == Learned::Something {
            self.keep(index);
        }
        Ok(status)
    }

    /// Puts what is on disk at `paths` into the batch, and the tree that `base` becomes by it.
    ///
    /// # Errors
    ///
    /// A path can not be read, or not be stored.
    pub fn record(
        &self,
        batch: &Batch,
        index: &Index,
        base: TreeId,
        paths: &[RepoPath],
    ) -> Result<Recorded, RecordError> {
        let told = |progress| self.watch.tell(progress);
        let recorded = record(batch, &self.top, index, base, paths, told);
        self.watch.end();
        recorded
    }

    /// Keeps that the files are as in `recorded`.
    ///
    /// # Errors
    ///
    /// Its tree can not be read.
    pub fn know(&self, store: &Store, index: &Index, recorded: &Recorded) -> Result<(), TreeError> {
        self.keep(&index.rebase(store, recorded.tree, &recorded.seen, (self.now_ns)())?);
        Ok(())
    }

    /// Decides what it takes for known files to go from the one tree to the other.
    ///
    /// # Errors
    ///
    /// The files or the trees can not be read.
    pub fn plan(
        &self,
        store: &Store,
        from: TreeId,
        to: TreeId,
    ) -> Result<(Plan, Index), FollowError> {
        let index = self.index(store, from)?;
        let against = index.against(store, to, self.policy.folding)?;
        let observed = observe(store, &self.top, &index, &against.differences)?;
        Ok((plan(&observed, against.gone, &against.clashes, self.policy), index))
    }

    /// Makes known files that are as in the one tree be as in the other.
    pub(crate) fn go(&self, store: &Store, from: TreeId, to: TreeId) -> Result<(), FollowError> {
        let (plan, index) = self.plan(store, from, to)?;
        if !plan.blocked.is_empty() {
            return Err(FollowError::Blocked(plan.blocked));
        }
        let applied = apply(store, &self.top, &plan, |progress| self.watch.tell(progress));
        self.watch.end();
        match applied {
            Ok(seen) => {
                let index = index.rebase(store, to, &seen, (self.now_ns)())?;
                self.keep(&index);
                self.mark(&plan, &index);
                Ok(())
            }
            Err(error) => Err(self.go_back(store, from, to, error)?),
        }
    }

    /// Does the rest of a way on which a command was killed. If a file stands in it, the others are put back.
    pub(crate) fn finish_going(
        &self,
        store: &Store,
        from: TreeId,
        to: TreeId,
    ) -> Result<(), FollowError> {
        let mut index = self.index(store, from)?;
        let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
        let status = self.scan(&mut index, asked)?;
        if !status.litter.is_empty() {
            let ways = index.against(store, to, self.policy.folding)?.differences;
            sweep(&self.top, &spent(store, &self.top, status.litter, &ways)?)?;
        }
        match self.go(store, from, to) {
            Err(FollowError::Blocked(blocked)) => Err(match self.put_back(store, from, to)? {
                Ok(()) => FollowError::Blocked(blocked),
                Err(back) => FollowError::Stuck { blocked, back: Box::new(back) },
            }),
            went => went,
        }
    }

    /// Puts back what an unfinished way from `from` to `to` has written, and says what went wrong.
    fn go_back(
        &self,
        store: &Store,
        from: TreeId,
        to: TreeId,
        error: ApplyError,
    ) -> Result<FollowError, FollowError> {
        let apply = Box::new(error);
        Ok(match self.put_back(store, from, to)? {
            Ok(()) => FollowError::Apply(apply),
            Err(back) => FollowError::HalfWay { apply, back: Box::new(back) },
        })
    }

    fn put_back(
        &self,
        store: &Store,
        from: TreeId,
        to: TreeId,
    ) -> Result<Result<(), ApplyError>, FollowError> {
        let (mut plan, index) = self.plan(store, to, from)?;
        // What is as in neither tree was somebody else's doing, and stays.
        plan.blocked.clear();
        Ok(match apply(store, &self.top, &plan, |_| ()) {
            Ok(seen) => {
                let index = index.rebase(store, from, &seen, (self.now_ns)())?;
                self.keep(&index);
                self.mark(&plan, &index);
                Ok(())
            }
            Err(back) => Err(back),
        })
    }
}
