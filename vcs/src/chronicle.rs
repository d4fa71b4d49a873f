//! The history of one repository: its graph, grown to what there is now.

use std::collections::BTreeSet;
use std::sync::Arc;

use selkie_store::{Disk, SealId, Store};

use crate::desk::Desk;
use crate::graph::error::GraphError;
use crate::graph::file::GraphFile;
use crate::graph::grow::{GrowError, Paths};
use crate::graph::history::HistoryError;
use crate::graph::index::Graph;
use crate::heads::fold_heads;
use crate::rev::error::RevError;
use crate::shared::Shared;

#[cfg(test)]
mod tests;

/// A graph with all that timelines, tags and the desk lead to, and the file in which it is kept.
///
/// The file is a cache. One that is damaged is begun anew as soon as somebody meets the damage; see
/// [`Chronicle::ask`]. A history of few seals has none.
#[derive(Debug)]
pub struct Chronicle {
    disk: Arc<dyn Disk>,
    store: Arc<Store>,
    /// What names lead to.
    tips: BTreeSet<SealId>,
    file: GraphFile,
}

/// An error that may say that the graph is to be made again.
pub trait Remedy: From<GrowError> {
    /// What would help.
    fn remedy(&self) -> Option<Cure>;
}

/// What makes a graph answer that could not.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Cure {
    /// To make it again: it is damaged.
    Rebuild,
    /// To enter this seal, which no name leads to.
    Enter(SealId),
}

/// Histories of fewer seals are read from the store each time: that takes less than twice as many steps as to read
/// them from a file, and nothing is written.
const KEPT_SEALS_MIN: usize = 32;

impl Chronicle {
    /// The history that these names lead to.
    ///
    /// # Errors
    ///
    /// A seal can not be read, or the file.
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        store: &Arc<Store>,
        shared: Shared<'_>,
        desk: &Desk,
    ) -> Result<Self, GrowError> {
        let file = GraphFile::open(&**disk)?;
        let tips = tips(shared, desk);
        let mut chronicle = Self { disk: Arc::clone(disk), store: Arc::clone(store), tips, file };
        match chronicle.grow() {
            Err(GrowError::Graph(GraphError::Damaged)) => chronicle.rebuild()?,
            grown => grown?,
        }
        Ok(chronicle)
    }

    /// The graph.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.file.graph
    }

    /// Where the seals are.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Asks the graph something. If it is damaged it is made again, if it lacks a seal that the store has that is
    /// entered, and it is asked again.
    ///
    /// # Errors
    ///
    /// There is no answer, or the graph can not be made again.
    pub fn ask<T, E: Remedy>(
        &mut self,
        mut question: impl FnMut(&Graph) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut cures = BTreeSet::new();
        loop {
            let error = match question(self.graph()) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // What did not help once does not help.
            let cure = error.remedy().filter(|cure| cures.insert(*cure));
            match cure {
                Some(cure) if self.cure(cure)? => {}
                Some(_) | None => return Err(error),
            }
        }
    }

    /// Does what makes the graph answer, if that is possible.
    ///
    /// # Errors
    ///
    /// The graph can not be made again.
    pub fn cure(&mut self, cure: Cure) -> Result<bool, GrowError> {
        match cure {
            Cure::Rebuild => self.rebuild()?,
            Cure::Enter(seal) => {
                let is_here = self.store.has(&seal.object())?;
                if !is_here || !self.tips.insert(seal) {
                    return Ok(false);
                }
                self.grow()?;
            }
        }
        Ok(true)
    }

    /// Enters seals that names will lead to.
    ///
    /// # Errors
    ///
    /// One can not be read.
    pub(crate) fn enter(&mut self, seals: &BTreeSet<SealId>) -> Result<(), GrowError> {
        self.tips.extend(seals);
        self.grow()
    }

    fn rebuild(&mut self) -> Result<(), GrowError> {
        self.file = GraphFile::empty();
        self.grow()
    }

    /// Enters what is missing, and keeps it. Which paths a seal changed is looked up for those who ask later, so not for a
    /// history that is not kept.
    fn grow(&mut self) -> Result<(), GrowError> {
        let tips: Vec<SealId> = self.tips.iter().copied().collect();
        if self.file.graph.len() < KEPT_SEALS_MIN {
            self.file.grow(&self.store, &tips, Paths::Leave)?;
            if self.file.graph.len() < KEPT_SEALS_MIN {
                return Ok(());
            }
            self.file = GraphFile::empty();
        }
        if self.file.grow(&self.store, &tips, Paths::Look)? > 0 {
            // What can not be kept, as in a repository that is only for reading, is found again.
            let _unsaved = self.file.save(&*self.disk);
        }
        Ok(())
    }
}

impl Remedy for GrowError {
    fn remedy(&self) -> Option<Cure> {
        match self {
            Self::Graph(GraphError::Damaged) => Some(Cure::Rebuild),
            Self::Graph(_) | Self::Read(_) => None,
        }
    }
}

impl Remedy for RevError {
    fn remedy(&self) -> Option<Cure> {
        match self {
            Self::Graph(GraphError::Damaged) => Some(Cure::Rebuild),
            Self::Absent { id, .. } => Some(Cure::Enter(*id)),
            Self::Lookup(error) => match error.downcast_ref() {
                Some(GraphError::Damaged) => Some(Cure::Rebuild),
                Some(_) | None => None,
            },
            Self::Parse(_)
            | Self::Unknown { .. }
            | Self::Ambiguous { .. }
            | Self::Nothing { .. }
            | Self::Strangers { .. }
            | Self::NoPlace { .. }
            | Self::Forgotten { .. }
            | Self::Date { .. }
            | Self::Graph(_)
            | Self::Read(_) => None,
        }
    }
}

impl Remedy for HistoryError {
    fn remedy(&self) -> Option<Cure> {
        match self {
            Self::Graph(GraphError::Damaged) => Some(Cure::Rebuild),
            Self::Graph(_) | Self::Read(_) | Self::Compare(_) => None,
        }
    }
}

impl From<GrowError> for RevError {
    fn from(error: GrowError) -> Self {
        match error {
            GrowError::Graph(error) => Self::Graph(error),
            GrowError::Read(error) => Self::Read(error),
        }
    }
}

impl From<GrowError> for HistoryError {
    fn from(error: GrowError) -> Self {
        match error {
            GrowError::Graph(error) => Self::Graph(error),
            GrowError::Read(error) => Self::Read(error),
        }
    }
}

/// The heads that count among these. A history is opened only where there are several.
///
/// # Errors
///
/// The history can not be read.
pub(crate) fn folded(
    heads: BTreeSet<SealId>,
    open: impl FnOnce() -> Result<Chronicle, GrowError>,
) -> Result<BTreeSet<SealId>, GrowError> {
    if heads.len() < 2 {
        return Ok(heads);
    }
    open()?.ask(|graph| Ok(fold_heads(graph, &heads)?))
}

/// Every seal that something in this clone is called after.
fn tips(shared: Shared<'_>, desk: &Desk) -> BTreeSet<SealId> {
    let mut tips: BTreeSet<SealId> = desk.bases.iter().copied().collect();
    tips.extend(desk.private.values());
    tips.extend(shared.timelines().flat_map(|(_, timeline)| timeline.heads()));
    tips.extend(shared.tags().flat_map(|(_, seals)| seals));
    tips
}
