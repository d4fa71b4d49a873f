//! How a clone is set up, as far as the engine can tell.

use std::error::Error;
use std::io;

use selkie_store::OperationsError;
use thiserror::Error;

use crate::graph::error::GraphError;
use crate::journal::Outcome;
use crate::verb::ignoring::list;
use crate::work::folding::Folding;
use crate::work::follow::FollowError;
use crate::work::index::Cache;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace};

/// What there is to know of a clone's health without reading all of it.
#[derive(Debug)]
pub struct Health {
    /// How the file system compares names.
    pub folding: Folding,
    /// Packs, and those of them that can not be read, with why.
    pub packs: usize,
    /// See `packs`.
    pub unreadable: Vec<String>,
    /// Milliseconds that the newest time in the view is ahead of this machine's clock.
    pub ahead_ms: u64,
    /// Entries that can not be applied, but for those that wait for others.
    pub stops: Vec<String>,
    /// What was typed for a command that did not come to its end.
    pub unfinished: Option<String>,
    /// Temporary files of commands that were killed.
    pub litter: usize,
    /// Whether what is remembered of the files can be read, if there is something.
    pub index: Cache,
    /// The same of what is remembered of the history.
    pub graph: Cache,
    /// How many rules say what is ignored, or which list of them can not be read, and why.
    pub rules: Result<usize, String>,
}

/// Why it can not be told how a clone is.
#[derive(Debug, Error)]
pub enum DoctorError {
    /// What was done can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// The files can not be looked at.
    #[error(transparent)]
    Files(#[from] FollowError),
    /// What is remembered of the history can not be looked at.
    #[error(transparent)]
    History(#[from] GraphError),
    /// What is remembered can not be looked at.
    #[error("what is remembered of the files can not be looked at")]
    Caches(#[from] io::Error),
}

/// Looks at a clone. Nothing is changed but what is remembered of the files.
///
/// # Errors
///
/// See [`DoctorError`].
pub fn look(workspace: &Workspace, doer: &Doer) -> Result<Health, DoctorError> {
    let (repository, copy) = (workspace.repository(), workspace.copy());
    let index = copy.cache()?;
    let newest = repository.operations()?.next().transpose()?;
    let open = newest.filter(|logged| logged.outcome == Outcome::Begun);
    let view = repository.view();
    let stops = view.stops().filter(|stop| stop.is_damage());
    let stops = stops.map(|stop| format!("{stop}: {}", stop.why)).collect();
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let known = workspace.known().map_err(|error| FollowError::Tree(error.into()))?;
    let mut found = copy.index(repository.store(), known)?;
    let status = copy.scan(&mut found, asked).map_err(FollowError::from)?;
    let unreadable = repository.store().unreadable();
    Ok(Health {
        folding: copy.folding(),
        packs: repository.store().pack_count(),
        unreadable: unreadable.into_iter().map(|(_, why)| why).collect(),
        ahead_ms: view.time().ms().saturating_sub(doer.now_ms),
        stops,
        unfinished: open.map(|logged| logged.operation.typed),
        litter: status.litter.len(),
        index,
        graph: repository.history()?,
        rules: list(workspace).map(|rules| rules.len()).map_err(|error| told(&error)),
    })
}

/// An error with what is behind it.
fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}
