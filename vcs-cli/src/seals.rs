//! Which seal somebody means.

use std::collections::BTreeSet;

use selkie_store::{ReadError, Seal, SealId};
use selkie_vcs::{Repository, SealName, change_letters};
use thiserror::Error;

/// Why a text means no seal.
#[derive(Debug, Error)]
pub(crate) enum SealError {
    /// No seal is called so.
    #[error("there is no seal '{0}'")]
    Unknown(String),
    /// Several are.
    #[error("'{text}' may mean {} seals", candidates.len())]
    Ambiguous { text: String, candidates: Vec<Candidate> },
    /// Nothing was sealed yet.
    #[error("there is no seal here yet")]
    NoPlace,
    /// A seal can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A seal that may be meant.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What nothing else is called.
    pub(crate) name: String,
    /// What it says.
    pub(crate) title: String,
}

/// The one seal whose name, change or hash begins with this text.
pub(crate) fn meant(repository: &Repository, text: &str) -> Result<SealId, SealError> {
    let mut found = Vec::new();
    if !text.is_empty() {
        each_seal(repository, |id, seal| {
            let names = [
                id.to_string(),
                SealName::of(seal.change).to_string(),
                change_letters(seal.change),
            ];
            if names.iter().any(|name| name.starts_with(text)) {
                found.push((id, seal.clone()));
            }
        })?;
    }
    match &found[..] {
        [] => Err(SealError::Unknown(text.to_owned())),
        [(id, _)] => Ok(*id),
        _ => {
            let candidate = |(id, seal): &(SealId, Seal)| {
                let title = seal.message.lines().next().unwrap_or_default().to_owned();
                let short = &id.to_string()[..12];
                Candidate { name: format!("{} ({short})", SealName::of(seal.change)), title }
            };
            let candidates = found.iter().map(candidate).collect();
            Err(SealError::Ambiguous { text: text.to_owned(), candidates })
        }
    }
}

/// Every seal that a timeline or the place of this clone leads to.
fn each_seal(
    repository: &Repository,
    mut visit: impl FnMut(SealId, &Seal),
) -> Result<(), ReadError> {
    let shared = repository.shared();
    let heads = shared.timelines().flat_map(|(_, timeline)| timeline.heads());
    let mut coming: Vec<SealId> = heads.chain(repository.desk().bases.iter().copied()).collect();
    let mut met = BTreeSet::new();
    while let Some(id) = coming.pop() {
        if met.insert(id) {
            let seal: Seal = repository.store().load(id)?;
            visit(id, &seal);
            coming.extend(&seal.parents);
        }
    }
    Ok(())
}
