//! What a repository keeps, and what it lets go.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{
    Action, Collected, Ended, Entry, Garbage, GcError, Hold, Log, ObjectId, OperationsError,
    Progress, Refusal, RootsError, Tidied, TidyError, Trim, View, ViewError, garbage, gc, repack,
    roots, tidy,
};

use super::{Hand, PerformError, Repository, RepositoryError};
use crate::graph::error::GraphError;
use crate::graph::file::GraphFile;
use crate::operation::Operation;
use crate::retelling::{Retelling, retellings};
use crate::shared::{Named, State};
use crate::work::index::Cache;

impl Repository {
    /// Takes in what replicas say elsewhere. Their objects have to be here.
    pub(crate) fn hear(
        &mut self,
        entries: BTreeMap<ActorId, Vec<Entry>>,
    ) -> Result<BTreeMap<ActorId, Refusal>, ViewError> {
        self.view.accept(entries)
    }

    /// Takes in where the logs of another clone end.
    ///
    /// # Errors
    ///
    /// A proof can not be read or kept.
    pub(crate) fn end_as(&mut self, other: &View<State>) -> Result<(), ViewError> {
        for replica in other.endings().into_keys() {
            let fork = other.fork(replica).map_err(ViewError::Fork)?;
            fork.map_or(Ok(Ended::Known), |fork| self.view.end(&fork))?;
        }
        Ok(())
    }

    /// Keeps what is found and added from here on, while commands go on: for what takes long and is told at its end.
    ///
    /// # Errors
    ///
    /// The folder can not be written.
    pub(crate) fn hold(&self) -> Result<Hold, PerformError> {
        // The hold comes before the look at what there is: what a collection condemns after it stays until it ends.
        let hold = self.store.hold().map_err(RepositoryError::Hold)?;
        self.store.refresh().map_err(RepositoryError::from)?;
        Ok(hold)
    }

    /// Whether the log of this replica has ended: whoever wrote it goes on under another name.
    ///
    /// # Errors
    ///
    /// The logs can not be read.
    pub(crate) fn is_over(&mut self, replica: ActorId) -> Result<bool, RepositoryError> {
        self.view.refresh()?;
        Ok(self.view.is_over(replica))
    }

    /// Every object that must not be lost: what replicas name, and what the operations of this clone take, its desk
    /// among them.
    ///
    /// # Errors
    ///
    /// It can not be told.
    pub fn roots(&mut self) -> Result<Vec<ObjectId>, RootsError> {
        roots(&mut self.view, &self.operations)
    }

    /// Merges small packs, if there are many.
    ///
    /// # Errors
    ///
    /// A pack can not be read or written. All objects are where they were.
    pub fn tidy(&self) -> Result<Tidied, TidyError> {
        tidy(&self.store)
    }

    /// Writes all packs anew, as small as that goes.
    ///
    /// # Errors
    ///
    /// A pack can not be read or written. All objects are where they were.
    pub fn repack(&self, progress: impl FnMut(Progress)) -> Result<Tidied, TidyError> {
        repack(&self.store, progress)
    }

    /// The replicas that wrote here, or that were heard of.
    ///
    /// # Errors
    ///
    /// The logs can not be listed.
    pub fn replicas(&self) -> io::Result<Vec<ActorId>> {
        Log::replicas(&*self.disk)
    }

    /// How what is remembered of the history stands.
    pub(crate) fn history(&self) -> Result<Cache, GraphError> {
        GraphFile::look(&*self.disk)
    }

    /// Removes what is remembered of the history. It is found again when it is needed.
    pub(crate) fn forget_history(&self) -> io::Result<()> {
        GraphFile::forget(&*self.disk)
    }

    /// Collects what nothing leads to, beside whatever other commands do.
    pub(crate) fn collect(
        &mut self,
        grace: Duration,
        now_ms: u64,
        progress: impl FnMut(Progress),
    ) -> Result<Collected, GcError> {
        let store = Arc::clone(&self.store);
        gc(&store, grace, now_ms, || Ok(self.roots()?), progress)
    }

    /// What a collection would find.
    pub(crate) fn garbage(&mut self, progress: impl FnMut(Progress)) -> Result<Garbage, GcError> {
        let roots = self.roots().map_err(|error| GcError::Roots(error.into()))?;
        garbage(&self.store, &roots, progress)
    }
}

/// What logs said that ended, where it is shown no longer.
#[derive(Debug)]
pub(super) struct Untold {
    ends: selkie_store::Untold,
    /// What was shown when this was found out.
    shown: State,
    told: Vec<Retelling>,
}

/// So often it is looked what is to be said again while others say something.
const RETELL_MAX: usize = 8;

impl Hand<'_> {
    /// Says again what logs said that ended since the last time. It is no operation of this clone: nothing of it changed for
    /// whoever works here, and there is nothing to take back.
    pub(super) fn retell(&mut self) -> Result<(), PerformError> {
        for _ in 0..RETELL_MAX {
            let Some(untold) = self.untold()? else { return Ok(()) };
            if self.say_again(&untold)? {
                return Ok(());
            }
        }
        // Whoever takes it in hand next says it.
        Ok(())
    }

    /// What is to be said again, if there is anything.
    pub(super) fn untold(&self) -> Result<Option<Untold>, PerformError> {
        let unusable = |source| RepositoryError::View(ViewError::Fork(source));
        // Who has no name yet to say it under says it with the next command.
        if self.view.is_over(self.writer.replica()) {
            return Ok(None);
        }
        let Some(ends) = self.view.untold().map_err(unusable)? else { return Ok(None) };
        let shown = self.view.root().clone();
        let before = self.view.unended().map_err(RepositoryError::View)?;
        let mut told = retellings(&shown, before.root());
        let roots = told.iter().flat_map(Retelling::reaches);
        let gone = self.store.missing(roots).map_err(RepositoryError::Objects)?;
        // What nobody has any more was named by nothing that was shown here.
        told.retain(|retelling| retelling.reaches().iter().all(|root| !gone.contains(root)));
        Ok(Some(Untold { ends, shown, told }))
    }

    /// Says it. Tells whether it did: not if something else is shown by now, since a node took it in, or another command said it. It would
    /// be replaced by what was there before.
    pub(super) fn say_again(&mut self, untold: &Untold) -> Result<bool, PerformError> {
        let Untold { ends, shown, told } = untold;
        let mut roots: Vec<_> = told.iter().flat_map(Retelling::reaches).collect();
        roots.sort_unstable();
        roots.dedup();
        let time = self.time();
        let action = Action { time, note: "retell", roots: &roots };
        let mut is_so = false;
        self.view.edit(self.writer, action, |mut state| {
            is_so = retellings(state.read(), shown).is_empty();
            if is_so {
                told.iter().for_each(|retelling| retelling.carry_out(&mut state, time));
            }
            Ok::<_, Named>(())
        })?;
        if !is_so {
            return Ok(false);
        }
        // A crash before this: all of it is found to be said.
        self.view
            .note_retold(ends)
            .map_err(|source| RepositoryError::View(ViewError::Fork(source)))?;
        Ok(true)
    }

    /// Sees to it that all objects of an operation are here when its record says that they stay. One that a
    /// collection has condemned comes back, with all below it.
    pub(super) fn keep(&self, operation: &Operation) -> Result<(), PerformError> {
        let batch = self.batch();
        for id in operation.objects() {
            // The packs were listed under the hold, so what is found in them stays.
            if self.store.has(&id).is_ok_and(|has| has) {
                continue;
            }
            if !batch.rely(&id).map_err(PerformError::Keep)? {
                return Err(PerformError::Absent(id));
            }
        }
        batch.finish().map_err(PerformError::Keep)?;
        Ok(())
    }

    /// Forgets operations from before a time, but for so many of the newest: they can not be taken back any more,
    /// and what only that took is let go. Returns how many.
    pub(crate) fn forget(
        &mut self,
        count_min: usize,
        since_ms: u64,
    ) -> Result<u64, OperationsError> {
        let Some(newest) = self.operations.newest_first()?.next().transpose()? else {
            return Ok(0);
        };
        let (mut first, mut forgotten) = (newest.number, 0);
        for (at, logged) in self.operations()?.enumerate() {
            let logged = logged?;
            // The newest tells the desk, so it always stays. Once one is forgotten, all before it are.
            let is_kept = at < count_min.max(1) || logged.operation.time.ms() >= since_ms;
            if is_kept && forgotten == 0 {
                first = logged.number;
            } else {
                forgotten += 1;
            }
        }
        if forgotten > 0 {
            // Cut where an operation begins, not at the records of its end.
            let count_max = newest.number - first + 1;
            self.held.trim(Trim { count_max, since_ms: 0 })?;
        }
        Ok(forgotten)
    }
}
