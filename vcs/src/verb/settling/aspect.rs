//! What sides of a file differ in beside what is in it: where it is, and whether it may be run.
//!
//! Each is decided apart. Who decides none has what the merge made of it: the file stays where it is, and may be run if the side
//! says so that changed that. What is decided is so on all sides of the conflict from then on, and what is in the file may stay open.

use std::fmt;

use selkie_store::{Batch, Conflict, Hint, Node, RepoPath, Term};

use crate::tree::edit::Edits;
use crate::verb::settling::draft::Draft;
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::part::PartId;
use crate::verb::settling::verdict::Verdict;
use crate::work::index::Index;
use crate::work::unsettled::Unsettled;

/// Something that is decided apart from what is in a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Aspect {
    /// What it is called.
    pub part: PartId,
    /// What it is.
    pub about: About,
    /// What there was before and what each side has. None if there was nothing, or if it can not be had: something else is there.
    pub versions: Vec<Option<Had>>,
}

/// What sides differ in beside what is in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum About {
    /// Where it is.
    Name,
    /// Whether it may be run.
    Mode,
}

/// What a version has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Had {
    /// It is there.
    At(RepoPath),
    /// It may be run.
    Run,
    /// It may not be run.
    NotRun,
}

impl About {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Name, Self::Mode];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Mode => "mode",
        }
    }

    /// The one that this is the word for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|about| about.name() == word)
    }

    fn of(self, term: &Term) -> Option<Had> {
        match (self, &term.node) {
            (Self::Name, Some(_)) => Some(Had::At(term.path.clone())),
            (Self::Mode, Some(Node::Executable(_))) => Some(Had::Run),
            (Self::Mode, Some(Node::File(_))) => Some(Had::NotRun),
            (_, _) => None,
        }
    }
}

impl fmt::Display for Had {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(path) => path.fmt(f),
            Self::Run => f.write_str("may be run"),
            Self::NotRun => f.write_str("is not run"),
        }
    }
}

impl Aspect {
    /// All that the sides of a conflict at this path differ in, if each has a file there.
    pub(super) fn all(path: &RepoPath, conflict: &Conflict, index: &Index) -> Vec<Self> {
        About::ALL.into_iter().filter_map(|about| Self::of(about, path, conflict, index)).collect()
    }

    fn of(about: About, path: &RepoPath, conflict: &Conflict, index: &Index) -> Option<Self> {
        let is_file = |term: &Term| {
            matches!(term.node, Some(Node::File(_) | Node::Executable(_) | Node::Symlink(_)))
        };
        let sides = conflict.sides();
        let had = sides.iter().map(|side| about.of(side)).collect::<Option<Vec<Had>>>()?;
        if !sides.iter().all(is_file) || had.iter().all(|one| *one == had[0]) {
            return None;
        }
        let base = conflict.bases().first().and_then(|base| about.of(base));
        let spelled: Vec<String> = base.iter().chain(&had).map(Had::to_string).collect();
        let texts = std::iter::once(about.name()).chain(spelled.iter().map(String::as_str));
        let part = PartId::of(path, texts.map(str::as_bytes), 0);
        let is_free = |had: &Had| match had {
            Had::At(place) => {
                place == path || index.node_at(place).is_none() && index.tree_at(place).is_none()
            }
            Had::Run | Had::NotRun => true,
        };
        let versions = std::iter::once(base).chain(had.into_iter().map(Some));
        Some(Self { part, about, versions: versions.map(|one| one.filter(is_free)).collect() })
    }

    /// What a verdict makes of it, if it makes something of it.
    #[must_use]
    pub fn said(&self, verdict: &Verdict) -> Option<&Had> {
        let version = match verdict {
            Verdict::Base => 0,
            Verdict::Side(side) => 1 + usize::from(*side),
            Verdict::Both(_)
            | Verdict::Nothing
            | Verdict::Lines(_)
            | Verdict::Offer { .. }
            | Verdict::Text(_)
            | Verdict::Fuse
            | Verdict::Apart => return None,
        };
        self.versions.get(version)?.as_ref()
    }
}

/// The conflict with what the draft says of these aspects, where it says something.
pub(super) fn instead(
    batch: &Batch,
    aspects: &[Aspect],
    one: &Unsettled,
    draft: &Draft,
) -> Result<Option<Unsettled>, SettlingError> {
    let said = aspects.iter().filter_map(|aspect| aspect.said(draft.verdict(aspect.part)?));
    let said: Vec<&Had> = said.collect();
    if said.is_empty() {
        return Ok(None);
    }
    let place = said.iter().find_map(|had| match had {
        Had::At(place) => Some(place),
        Had::Run | Had::NotRun => None,
    });
    let path = place.unwrap_or(&one.path).clone();
    let changed = || SettlingError::Changed(one.path.clone());
    let conflict = settled(&one.conflict, said).ok_or_else(changed)?;
    let id = batch.put_value(&conflict, Hint { path: path.as_str(), base: None })?;
    Ok(Some(one.instead(path, id, conflict)))
}

/// What it takes for a path to be another one with this there.
pub(super) fn moved(from: &RepoPath, to: &RepoPath, node: Node) -> Edits {
    let mut edits = Edits::from([(from.clone(), None)]);
    edits.insert(to.clone(), Some(node));
    edits
}

/// The conflict in which all versions have what was said.
fn settled<'h>(conflict: &Conflict, said: impl IntoIterator<Item = &'h Had>) -> Option<Conflict> {
    let (mut bases, mut sides) = (conflict.bases().to_vec(), conflict.sides().to_vec());
    for had in said {
        for term in bases.iter_mut().chain(&mut sides) {
            match (had, term.node.take()) {
                (Had::At(path), node) => {
                    path.clone_into(&mut term.path);
                    term.node = node;
                }
                (Had::Run, Some(Node::File(content))) => {
                    term.node = Some(Node::Executable(content));
                }
                (Had::NotRun, Some(Node::Executable(content))) => {
                    term.node = Some(Node::File(content));
                }
                (Had::Run | Had::NotRun, node) => term.node = node,
            }
        }
    }
    Conflict::new(bases, sides)
}
