//! Seals that somebody names where several may be meant.

use selkie_store::SealId;
use selkie_vcs::{Selected, Workspace};

use crate::context::Context;
use crate::error::CliError;

/// What a revision means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Named {
    /// The seals, newest first.
    pub(crate) seals: Vec<SealId>,
    /// How they were said.
    pub(crate) said: Said,
}

/// How seals were said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    /// One by one.
    Each,
    /// As all between two ends.
    Range,
}

impl Named {
    /// The seals that somebody means by this text.
    pub(crate) fn of(workspace: &Workspace, text: &str) -> Result<Self, CliError> {
        let mut chronicle = workspace.repository().chronicle()?;
        chronicle.ask(|graph| {
            let selected = Context::looking(workspace, graph, |revs| {
                revs.set(text).map_err(|source| CliError::rev(text, source))
            })?;
            let said = match selected {
                Selected::Range { .. } => Said::Range,
                Selected::Seals(_) => Said::Each,
            };
            let rows = selected.newest_first(graph)?;
            let seals = rows.map(|row| Ok(graph.id(row?)?)).collect::<Result<_, CliError>>()?;
            Ok::<_, CliError>(Self { seals, said })
        })
    }

    /// The seals, oldest first.
    pub(crate) fn oldest_first(self) -> Vec<SealId> {
        self.seals.into_iter().rev().collect()
    }
}

/// Every seal that these revisions mean, each once, in the order in which they are named; `within` has the order of each.
pub(crate) fn every(
    workspace: &Workspace,
    revs: &[String],
    within: impl Fn(Named) -> Vec<SealId>,
) -> Result<Vec<SealId>, CliError> {
    let mut seals = Vec::new();
    for rev in revs {
        for seal in within(Named::of(workspace, rev)?) {
            if !seals.contains(&seal) {
                seals.push(seal);
            }
        }
    }
    Ok(seals)
}
