//! What becomes of unfinished work on the way from one seal to another.
//!
//! All of it has one fate, gathered or not: work that was done together is not torn apart. What a switch laid
//! aside comes back with its timeline.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{RepoPath, TreeId};
use thiserror::Error;

use crate::desk::Desk;
use crate::few::few;
use crate::operation::Files;
use crate::repository::Hand;
use crate::shelf::{Comes, Shelf};
use crate::verb::aside::{Brought, Looked, Unsealed, bring, carry, free_name, paths_of};
use crate::verb::trouble::Trouble;
use crate::work::follow::Copy;
use crate::work::write::plan::{Blocked, Why};
use crate::workspace::{base_tree, known};

/// What becomes of what is not sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unfinished {
    /// It is carried if nothing under it differs, else laid on the shelf of the timeline that is left.
    CarryOrShelve,
    /// It is carried; if something under it differs, the clone stays where it stands.
    Carry,
    /// It is laid on the shelf of the timeline that is left.
    Shelve,
    /// If there is any, the clone stays where it stands.
    Refuse,
}

/// The other side: where the clone goes to.
#[derive(Clone, Debug)]
pub(crate) struct Shore<'a> {
    pub(crate) timeline: Option<&'a str>,
    pub(crate) tree: TreeId,
}

/// How the files and the desk cross over.
#[derive(Debug)]
pub(crate) struct Crossing {
    pub(crate) files: Files,
    pub(crate) gathered: Option<TreeId>,
    pub(crate) shelves: BTreeMap<String, Shelf>,
    pub(crate) told: Shelved,
}

/// What became of unfinished work.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Shelved {
    /// The shelf that holds now what was not sealed.
    pub left: Option<String>,
    /// The shelves whose work came back.
    pub back: Vec<String>,
    /// The shelves whose work was to come back, and touches what is there. They wait until somebody asks.
    pub waiting: Vec<String>,
}

/// Why the clone stays where it is.
#[derive(Debug, Error)]
pub enum CrossingError {
    /// There is unfinished work, and it was to be refused.
    #[error("not everything is sealed")]
    Unfinished,
    /// A fuse is under way: what is here came of several seals, and belongs to none of them yet.
    #[error("a fuse is under way")]
    Underway,
    /// What was gathered, or changed, is different there.
    #[error("gathered files that are different there: {}", few(.0.iter()))]
    Different(Vec<RepoPath>),
    /// Files are in the way.
    #[error("changed files that are different there: {}", few(.0.iter().map(|one| &one.path)))]
    Blocked(Vec<Blocked>),
    /// No shelf can be added.
    #[error("there are {} shelves, and no more than that", Shelf::COUNT_MAX)]
    Full,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for CrossingError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Decides how to cross. Files are looked at only where the two trees differ, unless something is to be
/// shelved or comes back.
pub(crate) fn cross(
    hand: &Hand<'_>,
    copy: &Copy,
    shore: &Shore<'_>,
    unfinished: Unfinished,
) -> Result<Crossing, CrossingError> {
    if hand.desk().is_fusing() {
        return Err(CrossingError::Underway);
    }
    let coming = coming(hand.desk(), shore);
    let fit = fit(hand, copy, shore.tree)?;
    let may_carry = matches!(unfinished, Unfinished::Carry | Unfinished::CarryOrShelve);
    match fit {
        Ok(carried) if may_carry && coming.is_empty() => {
            let before = known(hand.store(), hand.desk())?;
            Ok(Crossing {
                files: Files { before, after: carried },
                gathered: (carried != shore.tree).then_some(carried),
                shelves: hand.desk().shelves.clone(),
                told: Shelved::default(),
            })
        }
        Err(hindrance) if unfinished == Unfinished::Carry => Err(hindrance),
        fit => Laden { hand, copy, shore, fit: fit.map(drop) }.cross(coming, unfinished),
    }
}

/// The known tree carried to the other side, if nothing is in its way there.
fn fit(
    hand: &Hand<'_>,
    copy: &Copy,
    to: TreeId,
) -> Result<Result<TreeId, CrossingError>, CrossingError> {
    let store = hand.store();
    let (base, known) = (base_tree(store, hand.desk())?, known(store, hand.desk())?);
    let here = Unsealed { known, disk: known };
    let carried = match carry(hand, base, here, to)? {
        Brought::Whole(carried) => carried.known,
        Brought::Disputed(paths) => return Ok(Err(CrossingError::Different(paths))),
    };
    let (plan, _) = copy.plan(store, known, carried)?;
    Ok(if plan.blocked.is_empty() {
        Ok(carried)
    } else {
        Err(CrossingError::Blocked(plan.blocked))
    })
}

/// The shelves that come back on the other side, first the one that was laid aside first.
fn coming(desk: &Desk, shore: &Shore<'_>) -> Vec<(String, Shelf)> {
    let comes = |shelf: &Shelf| {
        shelf.comes == Comes::ByItself && shelf.timeline.as_deref() == shore.timeline
    };
    let shelves = desk.shelves.iter().filter(|(_, shelf)| comes(shelf));
    let mut coming: Vec<_> = shelves.map(|(name, shelf)| (name.clone(), shelf.clone())).collect();
    coming.sort_by_key(|(_, shelf)| shelf.time);
    coming
}

/// A crossing with work to be stored.
struct Laden<'a, 'b> {
    hand: &'a Hand<'b>,
    copy: &'a Copy,
    shore: &'a Shore<'a>,
    /// Whether what is unfinished fits on the other side.
    fit: Result<(), CrossingError>,
}

impl Laden<'_, '_> {
    fn cross(
        self,
        coming: Vec<(String, Shelf)>,
        unfinished: Unfinished,
    ) -> Result<Crossing, CrossingError> {
        let store = self.hand.store();
        let looked = Looked::at(self.hand, self.copy)?;
        let changed = looked.changed(&[RepoPath::default()]);
        let is_finished = changed.is_empty() && looked.known == looked.base;
        if unfinished == Unfinished::Refuse && !is_finished {
            return Err(CrossingError::Unfinished);
        }
        let here = self.record(&looked, changed, &coming)?;
        let is_sealed = here == Unsealed { known: looked.base, disk: looked.base };
        let mut shelves = self.hand.desk().shelves.clone();
        let mut told = Shelved::default();
        let at = match (unfinished, self.fit) {
            (Unfinished::Shelve, _) | (Unfinished::CarryOrShelve, Err(_)) if !is_sealed => {
                let (name, shelf) = aside(self.hand, looked.base, here)?;
                shelves.insert(name.clone(), shelf);
                told.left = Some(name);
                Unsealed { known: self.shore.tree, disk: self.shore.tree }
            }
            (_, Err(hindrance)) => return Err(hindrance),
            (_, Ok(())) => match carry(self.hand, looked.base, here, self.shore.tree)? {
                Brought::Whole(carried) => carried,
                Brought::Disputed(paths) => return Err(CrossingError::Different(paths)),
            },
        };
        let brought = bring_all(self.hand, &coming, at)?;
        let is_free = |after: Unsealed| {
            let (plan, _) = self.copy.plan(store, here.disk, after.disk)?;
            Ok::<_, CrossingError>(plan.blocked)
        };
        let came = is_free(brought.at)?.is_empty();
        let (back, at) = if came { (brought.back, brought.at) } else { (BTreeSet::new(), at) };
        let blocked = if came { Vec::new() } else { is_free(at)? };
        if !blocked.is_empty() {
            return Err(CrossingError::Blocked(blocked));
        }
        for (name, _) in coming {
            if back.contains(&name) {
                shelves.remove(&name);
                told.back.push(name);
            } else {
                shelves.entry(name.clone()).and_modify(|shelf| shelf.comes = Comes::WhenAsked);
                told.waiting.push(name);
            }
        }
        Ok(Crossing {
            files: Files { before: here.disk, after: at.disk },
            gathered: (at.known != self.shore.tree).then_some(at.known),
            shelves,
            told,
        })
    }

    /// What is changed, and the unknown files that are in the way of what is over there or comes back there.
    fn record(
        &self,
        looked: &Looked,
        changed: Vec<RepoPath>,
        coming: &[(String, Shelf)],
    ) -> Result<Unsealed, CrossingError> {
        let mut wanted = BTreeSet::new();
        for (_, shelf) in coming {
            wanted.extend(paths_of(self.hand.store(), shelf)?);
        }
        let blocked: &[Blocked] = match &self.fit {
            Err(CrossingError::Blocked(blocked)) => blocked,
            Ok(()) | Err(_) => &[],
        };
        let mut meant = changed;
        meant.extend(looked.unknown(|path| {
            wanted.contains(path) || blocked.iter().any(|blocked| is_in_the_way(path, blocked))
        }));
        Ok(looked.recorded(self.hand, self.copy, &meant)?)
    }
}

fn is_in_the_way(path: &RepoPath, blocked: &Blocked) -> bool {
    match &blocked.why {
        Why::Changed | Why::Unknown => *path == blocked.path,
        Why::Above(above) => path == above,
        Why::Directory => {
            let rest = path.as_str().strip_prefix(blocked.path.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        }
        Why::Hazard(_) | Why::Clash(_) => false,
    }
}

/// What is not sealed, as a shelf, and its name.
fn aside(hand: &Hand<'_>, base: TreeId, here: Unsealed) -> Result<(String, Shelf), CrossingError> {
    let desk = hand.desk();
    if desk.shelves.len() >= Shelf::COUNT_MAX {
        return Err(CrossingError::Full);
    }
    let timeline = desk.timeline.clone();
    // Who stood on no timeline does not come back to it.
    let comes = if timeline.is_some() { Comes::ByItself } else { Comes::WhenAsked };
    let shelf = Shelf {
        timeline,
        base: desk.bases.first().copied(),
        gathered: (here.known != base).then_some(here.known),
        work: here.disk,
        message: String::new(),
        time: hand.time(),
        comes,
    };
    Ok((free_name(desk), shelf))
}

/// What the shelves that fit make of the other side.
struct BroughtAll {
    at: Unsealed,
    back: BTreeSet<String>,
}

fn bring_all(
    hand: &Hand<'_>,
    coming: &[(String, Shelf)],
    mut at: Unsealed,
) -> Result<BroughtAll, CrossingError> {
    let mut back = BTreeSet::new();
    for (name, shelf) in coming {
        if let Brought::Whole(brought) = bring(hand, shelf, at)? {
            at = brought;
            back.insert(name.clone());
        }
    }
    Ok(BroughtAll { at, back })
}
