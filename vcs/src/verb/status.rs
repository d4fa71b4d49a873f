//! Where the clone stands and what is not sealed.

use selkie_store::{ReadError, RepoPath, Seal, SealId, TreeId};
use thiserror::Error;

use crate::ignore::Ignore;
use crate::shared::Shared;
use crate::work::follow::FollowError;
use crate::work::index::against::Difference;
use crate::work::status::{Asked, Status};
use crate::workspace::{Workspace, base_tree, known};

/// What there is to say of a clone.
#[derive(Debug)]
pub struct Standing {
    /// The timeline that the next seal goes to.
    pub timeline: Option<String>,
    /// What the next seal continues.
    pub base: Option<(SealId, Seal)>,
    /// Newest seals of the timeline that somebody else has and that are not the base.
    pub others: Vec<SealId>,
    /// What was gathered: from the base to what the next seal has.
    pub gathered: Vec<Difference>,
    /// What is on disk and neither sealed nor gathered.
    pub files: Status,
}

/// Why nothing can be said.
#[derive(Debug, Error)]
pub enum StandingError {
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The files can not be looked at.
    #[error(transparent)]
    Files(#[from] FollowError),
}

/// Looks at everything.
///
/// # Errors
///
/// The repository or the files can not be read.
pub fn standing(
    workspace: &Workspace,
    ignore: Ignore,
    asked: Asked,
) -> Result<Standing, StandingError> {
    let (repository, copy) = (workspace.repository(), workspace.copy());
    let (store, desk) = (repository.store(), repository.desk());
    let mut index = copy.index(store, known(store, desk)?)?;
    let files = copy.scan(&mut index, ignore, asked).map_err(FollowError::from)?;
    let gathered = match desk.gathered {
        Some(_) => gathered(workspace, base_tree(store, desk)?)?,
        None => Vec::new(),
    };
    let base = desk.bases.first().map(|id| Ok::<_, ReadError>((*id, store.load(*id)?)));
    Ok(Standing {
        timeline: desk.timeline.clone(),
        base: base.transpose()?,
        others: others(repository.shared(), desk.timeline.as_deref(), &desk.bases),
        gathered,
        files,
    })
}

/// What was gathered on top of the base.
fn gathered(workspace: &Workspace, base: TreeId) -> Result<Vec<Difference>, StandingError> {
    let store = workspace.repository().store();
    let index = workspace.copy().index(store, base)?;
    let known = known(store, workspace.repository().desk())?;
    let folding = workspace.copy().folding();
    Ok(index.against(store, known, folding).map_err(FollowError::from)?.differences)
}

fn others(shared: Shared<'_>, timeline: Option<&str>, bases: &[SealId]) -> Vec<SealId> {
    let timeline = timeline.and_then(|name| shared.timeline(name));
    let heads = timeline.map(|timeline| timeline.heads()).unwrap_or_default();
    heads.into_iter().filter(|head| !bases.contains(head)).collect()
}

/// Everything below the top.
#[must_use]
pub fn everything() -> RepoPath {
    RepoPath::default()
}
