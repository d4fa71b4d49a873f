//! Where the clone stands and what is not sealed.

use selkie_store::{ReadError, RepoPath, Seal, SealId, TreeId};
use thiserror::Error;

use crate::chronicle::folded;
use crate::graph::grow::GrowError;
use crate::privacy::Privacy;
use crate::repository::Repository;
use crate::work::follow::FollowError;
use crate::work::index::against::Difference;
use crate::work::status::{Asked, Status};
use crate::workspace::{Workspace, base_tree, known};

/// What there is to say of a clone.
#[derive(Debug)]
pub struct Standing {
    /// The timeline that the next seal goes to.
    pub timeline: Option<String>,
    /// Who knows that timeline.
    pub privacy: Privacy,
    /// What the next seal continues.
    pub base: Option<(SealId, Seal)>,
    /// The seals that are being fused with the base, while a fuse is under way.
    pub fusing: Vec<SealId>,
    /// The shelves of that timeline.
    pub shelves: Vec<String>,
    /// Whether somebody looks for the seal with which something went wrong.
    pub hunting: bool,
    /// Whether the timeline ends here.
    pub end: End,
    /// What was gathered: from the base to what the next seal has.
    pub gathered: Vec<Difference>,
    /// What is on disk and neither sealed nor gathered.
    pub files: Status,
}

/// Where a timeline ends, seen from where the clone stands on it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// Here.
    Here,
    /// At this seal, and the place is not one of its newest any more: it came from elsewhere.
    Further(SealId),
    /// At several seals. These are those that are not the place.
    Several(Vec<SealId>),
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
    /// The history can not be read.
    #[error(transparent)]
    History(#[from] GrowError),
}

/// Looks at everything.
///
/// # Errors
///
/// The repository or the files can not be read.
pub fn standing(workspace: &Workspace, asked: Asked) -> Result<Standing, StandingError> {
    let (repository, copy) = (workspace.repository(), workspace.copy());
    let (store, desk) = (repository.store(), repository.desk());
    let mut index = copy.index(store, known(store, desk)?)?;
    let files = copy.scan(&mut index, asked).map_err(FollowError::from)?;
    let gathered = match desk.gathered {
        Some(_) => gathered(workspace, base_tree(store, desk)?)?,
        None => Vec::new(),
    };
    let base = desk.bases.first().map(|id| Ok::<_, ReadError>((*id, store.load(*id)?)));
    Ok(Standing {
        timeline: desk.timeline.clone(),
        privacy: Privacy::of(desk, desk.timeline.as_deref().unwrap_or_default()),
        base: base.transpose()?,
        fusing: desk.bases.iter().skip(1).copied().collect(),
        shelves: desk
            .shelves
            .iter()
            .filter(|(_, shelf)| shelf.timeline.is_some() && shelf.timeline == desk.timeline)
            .map(|(name, _)| name.clone())
            .collect(),
        hunting: desk.hunt.is_some(),
        end: end(repository)?,
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
    let against = index.against(store, known, folding).map_err(FollowError::from)?;
    let mut differences = against.differences;
    // All that a status lists stands in the order of paths.
    differences.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(differences)
}

fn end(repository: &Repository) -> Result<End, GrowError> {
    let desk = repository.desk();
    let heads = desk.timeline.as_deref().and_then(|name| repository.heads_of(name));
    let heads = folded(heads.unwrap_or_default(), || repository.chronicle())?;
    let others: Vec<SealId> =
        heads.iter().filter(|head| !desk.bases.contains(head)).copied().collect();
    Ok(match others[..] {
        [] => End::Here,
        [only] if heads.len() == 1 => End::Further(only),
        _ => End::Several(others),
    })
}

/// Everything below the top.
#[must_use]
pub fn everything() -> RepoPath {
    RepoPath::default()
}
