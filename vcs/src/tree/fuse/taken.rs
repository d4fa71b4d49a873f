//! One version of a path in conflict, taken whole.

use selkie_store::{Batch, Node, RepoPath, Store, Term, TreeId};

use crate::merge::part::MergeSide;
use crate::tree::edit::{Edits, edit};
use crate::tree::fuse::fused::{Decision, Fused, FusingError, Rule};
use crate::tree::fuse::moves::node_at;

impl Fused {
    /// The same with one side taken where there is a conflict. `ours` is the tree that the edits are of.
    pub(crate) fn taken(
        mut self,
        store: &Store,
        batch: &Batch,
        ours: TreeId,
        side: MergeSide,
    ) -> Result<Self, FusingError> {
        for (path, conflict) in std::mem::take(&mut self.conflicts) {
            let term = match side {
                MergeSide::Ours => conflict.sides().first(),
                MergeSide::Theirs => conflict.sides().last(),
            };
            let edits = &self.edits;
            let edits = taken(&path, term, |place| match edits.get(place) {
                Some(node) => Ok(node.is_none()),
                None => Ok(node_at(store, ours, place)?.is_none()),
            })?;
            self.edits.extend(edits);
            let side = term.map(|term| term.note.clone()).unwrap_or_default();
            self.decisions.push(Decision { path, rule: Rule::Took { side } });
        }
        self.decisions.sort_unstable();
        self.tree = edit(store, batch, ours, &self.edits)?;
        Ok(self)
    }
}

/// What it takes for a path in conflict to become what one version has, where that version has it unless
/// something else is there.
pub(crate) fn taken(
    path: &RepoPath,
    term: Option<&Term>,
    is_free: impl FnOnce(&RepoPath) -> Result<bool, FusingError>,
) -> Result<Edits, FusingError> {
    let mut edits = Edits::from([(path.clone(), None)]);
    let Some(Term { path: place, node: Some(node), .. }) = term else { return Ok(edits) };
    let keeps = place == path || matches!(node, Node::Directory(_)) || !is_free(place)?;
    let path = if keeps { path } else { place };
    edits.insert(path.clone(), Some(node.clone()));
    Ok(edits)
}
