//! The paths in conflict, each with its parts and with what its sides did.

use selkie_store::{ConflictId, ReadError, RepoPath, Store};

use crate::merge::part::MergeSide;
use crate::verb::conflicts::{ToldSide, told_sides};
use crate::verb::settling::aspect::Aspect;
use crate::verb::settling::diverged::{Diverged, Would};
use crate::verb::settling::draft::Draft;
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::part::{Open, PartId, Piece, pieces};
use crate::verb::settling::verdict::Verdict;
use crate::work::unsettled::{Found, Unsettled, unsettled};
use crate::workspace::Workspace;

/// A path in conflict, or a timeline that diverged, as it was when somebody began to look. It does not change under them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Case {
    /// The path; the top for the heads of a timeline, which are about all files.
    pub path: RepoPath,
    /// What each side did, who it was and when.
    pub sides: Vec<ToldSide>,
    /// What there was before, if anything: the name of its seal, or what else is known of it.
    pub base: Option<String>,
    /// Which side wrote it later, if that can be told.
    pub newer: Option<MergeSide>,
    /// What is to be decided.
    pub shape: Shape,
    /// What sides differ in beside what is in a file. Nobody has to decide it.
    pub aspects: Vec<Aspect>,
    id: Option<ConflictId>,
    found: Option<Found>,
}

/// What is to be decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Parts of a text.
    Text(Vec<Piece>),
    /// Which version it is, as a whole.
    Whole(PartId),
    /// What becomes of the heads of a timeline.
    Heads(Box<Diverged>),
    /// Nothing: it is no conflict. Changes of both sides were merged, and some stand close to each other.
    Merged(Vec<Piece>),
    /// Nothing here: the markers in the file do not fit each other.
    Torn,
    /// Nothing here: the file has no markers any more, and gathering or sealing settles it.
    Unmarked,
}

/// Every path that is in conflict.
///
/// # Errors
///
/// The repository or the files can not be read.
pub fn cases(workspace: &Workspace) -> Result<Vec<Case>, SettlingError> {
    let (store, copy) = (workspace.repository().store(), workspace.copy());
    let index = copy.index(store, workspace.known()?)?;
    let mut cases = Vec::new();
    for one in unsettled(store, copy, index.conflicts())? {
        let (sides, newer) = told_sides(store, &one.conflict)?;
        let base = one.conflict.bases().first().map(|base| base.note.clone());
        let shape = shape(store, &one)?;
        let aspects = match shape {
            Shape::Text(_) | Shape::Whole(_) => Aspect::all(&one.path, &one.conflict, &index),
            Shape::Heads(_) | Shape::Merged(_) | Shape::Torn | Shape::Unmarked => Vec::new(),
        };
        let Unsettled { path, id, found, .. } = one;
        let (id, found) = (Some(id), Some(found));
        cases.push(Case { path, sides, base, newer, shape, aspects, id, found });
    }
    Ok(cases)
}

fn shape(store: &Store, one: &Unsettled) -> Result<Shape, ReadError> {
    let whole = || {
        let conflict = one.id.object();
        Shape::Whole(PartId::of(&one.path, [&conflict.as_bytes()[..]], 0))
    };
    Ok(match one.found {
        Found::Torn => Shape::Torn,
        Found::Unmarked => Shape::Unmarked,
        Found::AsShown | Found::Marked(_) => {
            one.parts(store)?.map_or_else(whole, |parts| Shape::Text(pieces(&one.path, parts)))
        }
        Found::Other | Found::Nothing => whole(),
    })
}

impl Case {
    /// A path in conflict that is in no repository, for whoever tries out what is done with one.
    #[must_use]
    pub fn unfiled(path: RepoPath, sides: Vec<ToldSide>, shape: Shape) -> Self {
        let aspects = Vec::new();
        Self { path, sides, base: None, newer: None, shape, aspects, id: None, found: None }
    }

    /// What people call it: its path, or which timeline it is.
    #[must_use]
    pub fn name(&self) -> String {
        self.diverged().map_or_else(
            || self.path.to_string(),
            |diverged| format!("timeline {}", diverged.timeline),
        )
    }

    /// The timeline, if it is one that diverged.
    #[must_use]
    pub fn diverged(&self) -> Option<&Diverged> {
        match &self.shape {
            Shape::Heads(diverged) => Some(diverged),
            Shape::Text(_) | Shape::Whole(_) | Shape::Merged(_) | Shape::Torn | Shape::Unmarked => {
                None
            }
        }
    }

    /// Takes in what a fuse of the heads of this part would be.
    pub fn foreseen(&mut self, part: PartId, would: &Would) {
        if let Shape::Heads(diverged) = &mut self.shape
            && diverged.part == part
        {
            diverged.would = Some(would.clone());
        }
    }

    /// The names of all that can be decided here.
    pub fn parts(&self) -> impl Iterator<Item = PartId> {
        let aspects = self.aspects.iter().map(|aspect| aspect.part);
        self.open().map(|(part, _)| part).chain(aspects)
    }

    /// What has this name, if it is decided apart from what is in the file.
    #[must_use]
    pub fn aspect(&self, part: PartId) -> Option<&Aspect> {
        self.aspects.iter().find(|aspect| aspect.part == part)
    }

    /// All that has to be decided here, each with its versions if it is a part of a text.
    pub fn open(&self) -> impl Iterator<Item = (PartId, Option<&Open>)> {
        let (pieces, whole) = match &self.shape {
            Shape::Text(pieces) => (&pieces[..], None),
            Shape::Whole(id) => (&[][..], Some((*id, None))),
            Shape::Heads(diverged) => (&[][..], Some((diverged.part, None))),
            Shape::Merged(_) | Shape::Torn | Shape::Unmarked => (&[][..], None),
        };
        let open = pieces.iter().filter_map(|piece| match piece {
            Piece::Open(open) => Some((open.id, Some(&**open))),
            Piece::Settled(_) | Piece::Merged { .. } => None,
        });
        open.chain(whole)
    }

    /// Whether it is at this path, or below it.
    #[must_use]
    pub fn is_below(&self, path: &RepoPath) -> bool {
        let rest = self.path.as_str().strip_prefix(path.as_str());
        path.is_top() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What was decided of a part here, if it makes something of it: a draft is read from a disk, and lines are no version of
    /// what is no text.
    pub fn verdict<'d>(&self, draft: &'d Draft, part: PartId) -> Option<&'d Verdict> {
        if let Some(aspect) = self.aspect(part) {
            return draft.verdict(part).filter(|verdict| aspect.said(verdict).is_some());
        }
        draft.verdict(part).filter(|verdict| match &self.shape {
            Shape::Text(_) => !matches!(verdict, Verdict::Fuse | Verdict::Apart),
            Shape::Whole(_) => match verdict {
                Verdict::Side(side) => usize::from(*side) < self.sides.len(),
                verdict => **verdict == Verdict::Base,
            },
            // What a fuse would be is looked at again when it is done.
            Shape::Heads(diverged) => match verdict {
                Verdict::Side(side) => {
                    usize::from(*side) < diverged.tips.len() && !diverged.waits()
                }
                verdict => matches!(verdict, Verdict::Fuse | Verdict::Apart) && !diverged.waits(),
            },
            Shape::Merged(_) | Shape::Torn | Shape::Unmarked => false,
        })
    }

    /// Whether something here was decided.
    pub(super) fn is_touched(&self, draft: &Draft) -> bool {
        self.parts().any(|part| self.verdict(draft, part).is_some())
    }

    /// Whether everything here was decided that has to be.
    pub(super) fn is_decided(&self, draft: &Draft) -> bool {
        self.open().all(|(part, _)| self.verdict(draft, part).is_some())
    }

    /// Whether the conflict and its file are as they were when somebody began to look.
    pub(super) fn is_still(&self, one: &Unsettled) -> bool {
        self.path == one.path && self.id == Some(one.id) && self.found.as_ref() == Some(&one.found)
    }
}
