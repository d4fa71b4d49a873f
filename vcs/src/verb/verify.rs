//! Looking at everything that a clone holds.

use selkie_crdt::ActorId;
use selkie_store::{
    ObjectId, OperationsError, Problem, Progress, ReadError, Refusal, RootsError, ViewError,
    verify as verify_store,
};
use thiserror::Error;

use crate::workspace::Workspace;

/// What was looked at, and what is wrong with it.
#[derive(Debug)]
pub struct Verified {
    /// Objects that were read.
    pub objects: usize,
    /// Logs that were read.
    pub logs: usize,
    /// Operations that were read.
    pub operations: usize,
    /// Everything that is not as it must be.
    pub faults: Vec<Fault>,
}

/// Something that is not as it must be.
#[derive(Debug, Error)]
pub enum Fault {
    /// An object is damaged, missing or forged.
    #[error(transparent)]
    Object(Problem),
    /// A seal or tree that is used is nowhere.
    #[error("object {0} is used, and is missing")]
    Root(ObjectId),
    /// A log is damaged, or says what nobody may say.
    #[error("the log of replica {replica} is not sound")]
    Log {
        /// Whose it is.
        replica: ActorId,
        /// The first thing that is wrong in it.
        source: Refusal,
    },
    /// An entry can not be applied.
    #[error("{0}")]
    Stop(String),
    /// What was done in this clone can not be read, so it can not be taken back, nor garbage be collected.
    #[error("what was done in this clone can not be read to its beginning")]
    Operations(#[source] OperationsError),
}

/// Why it can not be told whether something is wrong. Nothing was changed.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The packs can not be listed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The logs can not be listed.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// Reads every byte of every pack, every entry and every operation; checks each object, link and signature, and that
/// all that is used is here.
///
/// # Errors
///
/// See [`VerifyError`]. What is found wrong is no error but a [`Fault`].
pub fn verify(
    workspace: &mut Workspace,
    mut progress: impl FnMut(Progress),
) -> Result<Verified, VerifyError> {
    let repository = workspace.repository_mut();
    let mut objects = 0;
    let problems = verify_store(repository.store(), |at| {
        objects = at.done;
        progress(at);
    })?;
    let mut faults: Vec<_> = problems.into_iter().map(Fault::Object).collect();
    let wrong = repository.view().verify_logs()?;
    faults.extend(wrong.into_iter().map(|(replica, source)| Fault::Log { replica, source }));
    // One that waits for an entry which is not here yet is as it has to be, and so is one that ended.
    let stops = repository.view().stops().filter(|stop| stop.is_damage());
    faults.extend(stops.map(|stop| Fault::Stop(format!("{stop}: {}", stop.why))));
    let mut operations = 0;
    match repository.operations() {
        Ok(logged) => {
            for logged in logged {
                operations += 1;
                faults.extend(logged.err().map(Fault::Operations));
            }
        }
        Err(error) => faults.push(Fault::Operations(error)),
    }
    match repository.roots() {
        Ok(roots) => {
            for root in roots {
                if !is_here(workspace, &root)? {
                    faults.push(Fault::Root(root));
                }
            }
        }
        Err(RootsError::Operations(error)) => faults.push(Fault::Operations(error)),
        Err(RootsError::View(error)) => return Err(error.into()),
    }
    let logs = workspace.repository().replicas().map_err(ViewError::List)?.len();
    Ok(Verified { objects, logs, operations, faults })
}

/// Whether an object is here, damaged or not: damage is told for itself.
fn is_here(workspace: &Workspace, id: &ObjectId) -> Result<bool, ReadError> {
    let store = workspace.repository().store();
    Ok(store.has(id)? || !matches!(store.read(id), Err(ReadError::Absent(_))))
}
