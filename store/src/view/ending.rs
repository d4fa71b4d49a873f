//! Logs that end: those that said two things in one place, and those that build upon what comes after such an end.

use std::collections::BTreeMap;
use std::io;

use selkie_crdt::{ActorId, Causal, Doc};
use serde::{Deserialize, Serialize};

use super::View;
use crate::codec::{Coded, decode, encode};
use crate::disk::whole;
use crate::log::Log;
use crate::log::fork::Fork;
use crate::log::forks::{self, Found};
use crate::log::place::Head;
use crate::view::error::{Obstacle, ViewError};
use crate::view::fold::{Cuts, Fold};

/// Where a log ends for everybody who knows what we know. What it says after that counts for nobody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The replica said two things behind this entry.
    Forked(Head),
    /// What it said behind this entry builds upon what another said after the end of its log.
    Built(Head),
}

/// What becomes of a log for which there is a proof that it forked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// It ends from now on.
    Now,
    /// It ended there, or before.
    Known,
    /// It does not go so far here yet. The proof counts once it does, and was not kept.
    Early,
    /// Another entry stands here before the two: it forked before that already. The proof was not kept.
    Elsewhere,
}

/// The note of which endings were answered.
const FILE: &str = "local/retold";

impl Ending {
    /// The last entry that counts.
    #[must_use]
    pub const fn head(&self) -> Head {
        match self {
            Self::Forked(head) | Self::Built(head) => *head,
        }
    }
}

impl<T: Causal + Clone> View<T> {
    /// Where logs end, as far as that is known here. One that builds upon what ended is among them only if more of it is here
    /// than counts; elsewhere it just goes no farther.
    #[must_use]
    pub fn endings(&self) -> BTreeMap<ActorId, Ending> {
        let built = self.stops.values().filter(|stop| matches!(stop.why, Obstacle::Ended(_)));
        let built =
            built.map(|stop| (stop.replica, Ending::Built(self.fold.place(stop.replica).head)));
        let forked = self.cuts.iter().map(|(replica, end)| (*replica, Ending::Forked(*end)));
        // A log with a cut may end even before it.
        forked.chain(built).collect()
    }

    /// Whether the log of this replica has ended: whoever wrote it goes on under another name.
    #[must_use]
    pub fn is_over(&self, replica: ActorId) -> bool {
        let stop = self.stops.get(&replica);
        stop.is_some_and(|stop| matches!(stop.why, Obstacle::Forked | Obstacle::Ended(_)))
    }

    /// The proof that this replica said two things in one place, if there is one here.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn fork(&self, replica: ActorId) -> io::Result<Option<Fork>> {
        let Some(end) = self.cuts.get(&replica) else { return Ok(None) };
        forks::one(&**self.store.disk(), replica, end.position + 1)
    }

    /// Ends a log that said two things in one place: what it says from there on is in the state no longer, nor what builds
    /// upon it. Nothing is removed, and what was said can be read by [`View::unended`].
    ///
    /// # Errors
    ///
    /// The log can not be read, or the proof not be kept.
    pub fn end(&mut self, fork: &Fork) -> Result<Ended, ViewError> {
        self.refresh()?;
        let (replica, before) = (fork.replica(), fork.before());
        if self.cuts.get(&replica).is_some_and(|end| end.position <= before.position) {
            return Ok(Ended::Known);
        }
        let here = self.log(replica).head_at(before.position)?;
        if here.position < before.position {
            return Ok(Ended::Early);
        }
        if here != before {
            return Ok(Ended::Elsewhere);
        }
        forks::keep(&**self.store.disk(), fork).map_err(ViewError::Fork)?;
        self.refresh()?;
        Ok(Ended::Now)
    }

    /// What the state would be if no log had ended: all that was ever shown here, and what was said since.
    ///
    /// # Errors
    ///
    /// The logs can not be read.
    pub fn unended(&self) -> Result<Doc<T>, ViewError> {
        let disk = &**self.store.disk();
        let mut sources = BTreeMap::new();
        for replica in Log::replicas(disk).map_err(ViewError::List)? {
            // Of one that is damaged before its first entry nothing was ever shown.
            if let Ok(entries) = self.log(replica).entries() {
                sources.insert(replica, entries);
            }
        }
        let mut fold = Fold::new();
        fold.run(sources, &Cuts::new());
        Ok(fold.doc)
    }

    /// What ended since [`View::note_retold`], if anything did: then what [`View::unended`] shows and the state does not is to be
    /// said again, under a name that has not ended.
    ///
    /// # Errors
    ///
    /// The note can not be read.
    pub fn untold(&self) -> io::Result<Option<Untold>> {
        if self.cuts.is_empty() {
            return Ok(None);
        }
        let bytes = whole::read(&**self.store.disk(), FILE, Retold::LEN_MAX as u64 + 1)?;
        // One that is damaged is as good as none: what is said again twice is the same.
        let retold = bytes.and_then(|bytes| decode::<Retold>(&bytes).ok());
        let retold = retold.map_or_else(BTreeMap::new, |Retold { ends }| ends);
        let told = |(replica, end): (&ActorId, &Head)| {
            retold.get(replica.as_bytes()).is_some_and(|position| *position <= end.position)
        };
        if self.cuts.iter().all(told) {
            return Ok(None);
        }
        let ends = self.cuts.iter().map(|(replica, end)| (*replica.as_bytes(), end.position));
        Ok(Some(Untold(Retold { ends: ends.collect() })))
    }

    /// Notes that all was said again that [`View::untold`] told of. What ended since is not among it.
    ///
    /// # Errors
    ///
    /// The note can not be written. It is all said again some time, which changes nothing.
    pub fn note_retold(&self, untold: &Untold) -> io::Result<()> {
        let disk = &**self.store.disk();
        let bytes = encode(&untold.0).map_err(io::Error::other)?;
        disk.create_folder("local")?;
        whole::replace_if_alone(disk, FILE, &bytes).map(|_| ())
    }

    /// Takes in where logs end by now, as the names of files in their folder tell.
    pub(super) fn learn(&mut self, names: &[String]) -> Result<(), ViewError> {
        let disk = &**self.store.disk();
        let known = |replica, position| {
            self.cuts.get(&replica).is_some_and(|end| end.position + 1 == position)
        };
        let mut cuts = Cuts::new();
        for (replica, found) in forks::read(disk, names, known).map_err(ViewError::Fork)? {
            let end = match found {
                Found::Known => self.cuts.get(&replica).copied(),
                Found::New(fork) => Some(fork.before()),
            };
            cuts.extend(end.map(|end| (replica, end)));
        }
        self.cuts = cuts;
        if !self.fold.is_within(&self.cuts) {
            self.fold = Fold::new();
            self.saved = super::Saved::default();
        }
        Ok(())
    }
}

/// Ends of logs behind which nothing was said again yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Untold(Retold);

/// For each log that ended where, as far as that was answered. The order of the fields is the format.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Retold {
    ends: BTreeMap<[u8; 16], u64>,
}

impl Coded for Retold {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 3 << 20;

    fn is_valid(&self) -> bool {
        true
    }
}
