//! Entries of a peer.

use std::collections::BTreeMap;
use std::iter::once;

use selkie_crdt::{ActorId, Causal};

use super::View;
use crate::id::ObjectId;
use crate::log::error::LogError;
use crate::log::format::Entry;
use crate::log::place::Head;
use crate::view::check::{Checked, check};
use crate::view::error::{Obstacle, Refusal, ViewError};
use crate::view::keep::Keep;

/// Entries of one replica that may be taken in, as far as their objects are here.
struct Run {
    replica: ActorId,
    known: Vec<Entry>, // those that are here; they only have to be the same
    fresh: Vec<Fresh>,
    refusal: Option<Refusal>, // of what came after them
}

struct Fresh {
    entry: Entry,
    roots: Vec<ObjectId>,
}

/// What a log says from some entry on.
type Source<'a> = Box<dyn Iterator<Item = Result<Entry, LogError>> + 'a>;

impl<T: Causal + Clone> View<T> {
    /// Takes in entries of other replicas, for each replica in the order of its log, and says which
    /// replica's were refused, all of them or from some entry on. Those that are here already change
    /// nothing.
    ///
    /// An entry is taken in only if every object that it reaches is here, or if the state with all
    /// these entries does not name it any more: such an object may be gone everywhere. That what lies
    /// behind an object is here as well is for the caller to see to, and whose key is trusted.
    ///
    /// # Errors
    ///
    /// The logs or the objects can not be read. Some of the entries may have been taken in.
    pub fn accept(
        &mut self,
        entries: BTreeMap<ActorId, Vec<Entry>>,
    ) -> Result<BTreeMap<ActorId, Refusal>, ViewError> {
        self.refresh()?;
        let mut runs = Vec::new();
        for (replica, entries) in entries {
            runs.push(self.checked(replica, entries)?);
        }
        let reached = runs.iter().flat_map(|run| &run.fresh).flat_map(|fresh| &fresh.roots);
        let keep = Keep::of(&self.store, reached.copied())?;
        if !keep.absent.is_empty() && self.would_name(&keep.absent, &runs) {
            runs.iter_mut().for_each(|run| run.cut_before(&keep.absent));
        }
        let mut refused = BTreeMap::new();
        for Run { replica, mut known, fresh, refusal } in runs {
            known.extend(fresh.into_iter().map(|fresh| fresh.entry));
            let written = self.log(replica).accept_all(&known);
            let refusal = written.err().map(Refusal::Log).or(refusal);
            refused.extend(refusal.map(|refusal| (replica, refusal)));
        }
        drop(keep);
        self.refresh()?;
        Ok(refused)
    }

    /// The entries up to the first that can never be taken in.
    fn checked(&self, replica: ActorId, entries: Vec<Entry>) -> Result<Run, ViewError> {
        let mut head = self.log(replica).head()?;
        let mut key = self.fold.logs.get(&replica).map(|track| track.key);
        let mut run = Run { replica, known: Vec::new(), fresh: Vec::new(), refusal: None };
        for entry in entries {
            let position = entry.position;
            if position > self.last_of(replica) {
                run.refusal = Some(Refusal::Entry { position, why: Obstacle::Forked });
                break;
            }
            if entry.position <= head.position && run.fresh.is_empty() {
                run.known.push(entry);
                continue;
            }
            let checked = check::<T>(replica, &head, &mut key, &entry);
            match checked.and_then(|checked| self.within(&entry, checked)) {
                Ok(roots) => {
                    head = Head::of(&entry);
                    run.fresh.push(Fresh { entry, roots });
                }
                Err(refusal) => {
                    run.refusal = Some(refusal);
                    break;
                }
            }
        }
        Ok(run)
    }

    /// What the entry reaches, unless it builds upon what comes after the end of a log.
    fn within(&self, entry: &Entry, checked: Checked) -> Result<Vec<ObjectId>, Refusal> {
        let Checked { roots, from } = checked;
        let ahead = from.diff(&self.fold.seen).find(|ahead| self.is_over(ahead.actor));
        let refused =
            |actor| Err(Refusal::Entry { position: entry.position, why: Obstacle::Ended(actor) });
        ahead.map_or(Ok(roots), |ahead| refused(ahead.actor))
    }

    /// Whether the state with all these entries would name one of `ids`, which ascend, or may do so once
    /// entries are applied that still wait.
    fn would_name(&self, ids: &[ObjectId], runs: &[Run]) -> bool {
        let mut sources = BTreeMap::<_, Source<'_>>::new();
        for replica in self.stops.keys().filter(|replica| !self.is_over(**replica)) {
            let held = self.log(*replica).entries_after(self.fold.place(*replica));
            let last = self.last_of(*replica);
            // What stops a log before these entries stops it here as well.
            let held = held.map_or_else(
                |error| Box::new(once(Err(error))) as Source<'_>,
                |held| Box::new(held.until(last)),
            );
            sources.insert(*replica, held);
        }
        for run in runs {
            let held = sources.remove(&run.replica).into_iter().flatten();
            let fresh = run.fresh.iter().map(|fresh| Ok(fresh.entry.clone()));
            sources.insert(run.replica, Box::new(held.chain(fresh)));
        }
        let mut trial = self.fold.clone();
        let stops = trial.run(sources, &self.cuts);
        let waits = |run: &Run, fresh: &Fresh| {
            stops.get(&run.replica).is_some_and(|stop| stop.position <= fresh.entry.position)
        };
        let waiting =
            runs.iter().flat_map(|run| run.fresh.iter().filter(|fresh| waits(run, fresh)));
        let mut reached = waiting.flat_map(|fresh| &fresh.roots);
        let mut found = reached.any(|id| ids.binary_search(id).is_ok());
        (self.names)(trial.doc.root(), &mut |id| found |= ids.binary_search(&id).is_ok());
        found
    }
}

impl Run {
    /// Drops the first entry that reaches one of `absent`, which ascend, and all after it.
    fn cut_before(&mut self, absent: &[ObjectId]) {
        let is_absent = |root: &ObjectId| absent.binary_search(root).is_ok();
        let reaches = |fresh: &Fresh| fresh.roots.iter().any(is_absent);
        let Some(at) = self.fresh.iter().position(reaches) else { return };
        let Fresh { entry, roots } = &self.fresh[at];
        let absent = roots.iter().copied().filter(is_absent).collect();
        self.refusal = Some(Refusal::Absent { position: entry.position, absent });
        self.fresh.truncate(at);
    }
}
