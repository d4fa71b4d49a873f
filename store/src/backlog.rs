//! The logs of a store, seen by who has some of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, Hlc};

use crate::id::ObjectId;
use crate::log::Log;
use crate::log::entries::Newest;
use crate::log::error::LogError;
use crate::log::format::Entry;
use crate::store::Store;
use crate::view::step::Step;

/// What the logs of a store say beyond what somebody else has of them, and, only as far back as it is asked
/// for, what he has.
///
/// An entry that can not be understood reaches nothing here: who takes it in asks for its objects by their ids.
#[derive(Debug)]
pub struct Backlog {
    news: BTreeSet<ObjectId>,
    told: Vec<Told>,
}

/// What somebody has of one log, the newest first.
#[derive(Debug)]
struct Told {
    rest: Newest,
    next: Option<Entry>,
}

impl Backlog {
    /// Reads what is behind `have`: for each replica the position up to which somebody has its log.
    ///
    /// # Errors
    ///
    /// A log can not be read.
    pub fn new(store: &Store, have: &BTreeMap<ActorId, u64>) -> Result<Self, LogError> {
        let mut backlog = Self { news: BTreeSet::new(), told: Vec::new() };
        let replicas = Log::replicas(&**store.disk());
        let nobody = ActorId::from_bytes([0; 16]);
        for replica in replicas.map_err(|source| LogError::Io { replica: nobody, source })? {
            let position = have.get(&replica).copied().unwrap_or(0);
            let mut rest = Log::new(Arc::clone(store.disk()), replica).newest_first()?;
            let mut next = rest.next().transpose()?;
            while let Some(entry) = next.take_if(|entry| entry.position > position) {
                backlog.news.extend(step(&entry).map_or_else(Vec::new, |step| step.roots));
                next = rest.next().transpose()?;
            }
            backlog.told.push(Told { rest, next });
        }
        Ok(backlog)
    }

    /// The objects that entries reach which the other lacks.
    #[must_use]
    pub const fn news(&self) -> &BTreeSet<ObjectId> {
        &self.news
    }

    /// The objects that entries reach which the other has and which are not older than `time`, but for those that
    /// were told before.
    ///
    /// # Errors
    ///
    /// A log can not be read.
    pub fn had_since(&mut self, time: Hlc) -> Result<Vec<ObjectId>, LogError> {
        let mut had = Vec::new();
        for told in &mut self.told {
            while let Some(entry) = &told.next {
                let step = step(entry);
                if step.as_ref().is_some_and(|step| step.time < time) {
                    break;
                }
                had.extend(step.map_or_else(Vec::new, |step| step.roots));
                told.next = told.rest.next().transpose()?;
            }
        }
        Ok(had)
    }
}

fn step(entry: &Entry) -> Option<Step> {
    // Of a later version, or damaged where it was made: its log stops there for everybody.
    Step::from_bytes(&entry.payload).ok()
}
