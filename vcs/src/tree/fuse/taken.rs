//! One version of a path in conflict, taken whole.

use selkie_store::{Batch, Conflict, Node, ReadError, RepoPath, Store, Term};

use crate::conflict::text_of;
use crate::merge::file_type::Nature;
use crate::merge::part::{MergeSide, Ruling};
use crate::merge::rules::Settling;
use crate::text::lines::is_binary;
use crate::tree::edit::{Edits, edit};
use crate::tree::fuse::charter::{Charter, Subject};
use crate::tree::fuse::fused::{Decision, Fused, FusingError, Rule};
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::source::Fusing;

impl Fused {
    /// The same with one side taken where there is a conflict and a rule says which side is right, and with the commands told that
    /// rules want to settle the rest.
    pub(super) fn ruled(
        mut self,
        store: &Store,
        batch: &Batch,
        fusing: &Fusing,
        charter: &Charter,
    ) -> Result<Self, FusingError> {
        if charter.is_silent() {
            return Ok(self);
        }
        let ours = fusing.ours.tree;
        let mut has_taken = false;
        for (path, conflict) in std::mem::take(&mut self.conflicts) {
            let (Some(first), Some(last)) = (conflict.sides().first(), conflict.sides().last())
            else {
                self.conflicts.insert(path, conflict);
                continue;
            };
            let nature = nature(store, &conflict)?;
            let subject = Subject { paths: [&first.path, &last.path], nature };
            let ruled = charter.of(store, fusing, subject)?.of(&[]);
            let Settling::Side(side) = ruled.settling else {
                let command = charter.command(subject).map(str::to_owned);
                self.commands.extend(command.map(|command| (path.clone(), command)));
                self.conflicts.insert(path, conflict);
                continue;
            };
            let term = match side {
                MergeSide::Ours => first,
                MergeSide::Theirs => last,
            };
            let edits = &self.edits;
            let edits = taken(&path, Some(term), |place| match edits.get(place) {
                Some(node) => Ok(node.is_none()),
                None => Ok(node_at(store, ours, place)?.is_none()),
            })?;
            self.edits.extend(edits);
            let ruling =
                Ruling { strategy: ruled.strategy, source: ruled.source, took: side.into() };
            let rule = Rule::Ruled { ruling, lines: None, side: term.note.clone() };
            self.decisions.push(Decision { path, rule });
            has_taken = true;
        }
        if has_taken {
            self.decisions.sort_unstable();
            self.tree = edit(store, batch, ours, &self.edits)?;
        }
        Ok(self)
    }
}

/// Whether all that is in conflict is text.
fn nature(store: &Store, conflict: &Conflict) -> Result<Nature, ReadError> {
    for term in conflict.bases().iter().chain(conflict.sides()) {
        let Some(node @ (Node::File(_) | Node::Executable(_))) = &term.node else { continue };
        // What only the batch has was merged from texts.
        let is_stored = match node.link() {
            Some((_, id)) => store.has(&id)?,
            None => false,
        };
        if is_stored && text_of(store, node)?.is_none_or(|text| is_binary(&text)) {
            return Ok(Nature::Binary);
        }
    }
    Ok(Nature::Text)
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
