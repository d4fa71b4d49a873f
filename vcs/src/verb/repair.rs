//! Making a clone whole again from another one.

use std::io;

use selkie_store::{
    ObjectId, RepairError as StoreError, Repaired, RootsError, repair as repair_store,
};
use thiserror::Error;

use crate::donor::Donor;
use crate::workspace::Workspace;

/// Why a clone was not made whole. What was healed before stays healed.
#[derive(Debug, Error)]
pub enum RepairError {
    /// The packs can not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A cache can not be removed.
    #[error("what is remembered of the files and the history can not be removed")]
    Caches(#[from] io::Error),
    /// It is not known what has to be here.
    #[error(transparent)]
    Roots(#[from] RootsError),
}

/// Replaces what is damaged and brings what is missing, as far as it can be found: in other copies here, then in the
/// donors, one after the other. Each object is checked against its id. Caches are made anew by whoever needs
/// them next.
///
/// # Errors
///
/// See [`RepairError`].
pub fn repair(workspace: &mut Workspace, donors: &[Donor]) -> Result<Repaired, RepairError> {
    let ask = |id: &ObjectId| donors.iter().find_map(|donor| donor.object(id));
    workspace.copy().forget()?;
    let repository = workspace.repository_mut();
    repository.forget_history()?;
    let roots = repository.roots()?;
    Ok(repair_store(repository.store(), &roots, ask)?)
}
