//! What is done to which path, and what stands in the way.

use std::collections::HashSet;

use selkie_store::{Hazard, Name, Node, RepoPath};

use crate::work::folding::Folding;
use crate::work::markings::Marking;
use crate::work::write::observe::{Leaving, Observed, OnDisk};

/// What a checkout does. Nothing is done unless nothing stands in the way.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps, by path.
    pub steps: Vec<Step>,
    /// Directories that go if they are empty then, each before those in it.
    pub gone: Vec<RepoPath>,
    /// What stands in the way, by path. Empty for a plan that can be applied.
    pub blocked: Vec<Blocked>,
}

/// What is done to one path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// The path.
    pub path: RepoPath,
    /// What was on disk there, and must still be.
    pub disk: OnDisk,
    /// What is done.
    pub act: Act,
}

/// What is done to a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Act {
    /// The file or link goes.
    Remove,
    /// A file or link takes the place of what was there, or of nothing.
    Write(Node),
    /// A file with the text of a conflict does.
    WriteMarked(Marking),
    /// The file may be run from now on, or no longer: what it becomes.
    Mode(Node),
    /// A directory with nothing in it is made.
    MakeDirectory,
}

/// Something that stands in the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blocked {
    /// The path that can not be written.
    pub path: RepoPath,
    /// Why not.
    pub why: Why,
}

/// Why a path can not be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Why {
    /// It was changed and not recorded, and would be overwritten.
    Changed,
    /// Something unknown is there, and would be overwritten.
    Unknown,
    /// It is a directory with things in it that would stay.
    Directory,
    /// A file or link is where a directory has to be.
    Above(RepoPath),
    /// This system, or a careful one, takes the name for something else.
    Hazard(Hazard),
    /// This file system takes the two names for one.
    Clash(RepoPath),
}

/// What a plan may do, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// What becomes of files that hold what nothing else holds.
    pub overwrite: Overwrite,
    /// Which names are written.
    pub names: Names,
    /// How the file system of the working copy compares names.
    pub folding: Folding,
}

/// Whether a plan may destroy what is only on disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// What was changed or is unknown stops the plan.
    Nothing,
    /// Whoever asked has a copy, or wants none. Directories with unknown things in them still stay.
    Everything,
}

/// Which hazardous names are written. See [`Name::hazard`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Names {
    /// All but control directories of other tools, which could bring hooks with them.
    OnUnix,
    /// None that Windows misunderstands.
    OnWindows,
    /// All.
    All,
}

/// Decides what is done to the paths that were observed.
#[must_use]
pub fn plan(
    observed: &[Observed],
    gone: Vec<RepoPath>,
    clashes: &[(RepoPath, RepoPath)],
    policy: Policy,
) -> Plan {
    let mut plan = Plan { gone, ..Plan::default() };
    let leaving = leaving(observed, policy.folding);
    for observed in observed {
        let Observed { path, after, disk, .. } = observed;
        let hazard = after.as_ref().and_then(|_| hazard(path, policy.names));
        let disk = match disk {
            // On such a file system the other name of a file that goes is the file itself.
            OnDisk::Node(..) if observed.before.is_none() && leaving.contains(&folded(path)) => {
                &OnDisk::Nothing
            }
            disk => disk,
        };
        let act = hazard.map_or_else(|| act(observed, disk, policy.overwrite), Err);
        match act {
            Ok(None) => {}
            Ok(Some(act)) => {
                let act = match (act, observed.marked) {
                    (Act::Write(_), Some(marking)) => Act::WriteMarked(marking),
                    (act, _) => act,
                };
                plan.steps.push(Step { path: path.clone(), disk: disk.clone(), act });
            }
            Err(why) => plan.blocked.push(Blocked { path: path.clone(), why }),
        }
    }
    if policy.folding == Folding::AsOne {
        plan.blocked.extend(clashes.iter().map(|(one, other)| {
            let why = Why::Clash(one.clone());
            Blocked { path: other.clone(), why }
        }));
    }
    plan.steps.sort_by(|one, two| one.path.cmp(&two.path));
    plan.blocked.sort_by(|one, two| one.path.cmp(&two.path));
    plan
}

/// What is done to a path, if anything.
fn act(observed: &Observed, disk: &OnDisk, overwrite: Overwrite) -> Result<Option<Act>, Why> {
    let Observed { before, after, .. } = observed;
    let may = |is_as_known: bool, why: Why| {
        if is_as_known || overwrite == Overwrite::Everything { Ok(()) } else { Err(why) }
    };
    let unlike = if before.is_some() { Why::Changed } else { Why::Unknown };
    match (after, disk) {
        (Some(_), OnDisk::Above(path)) => Err(Why::Above(path.clone())),
        // Whatever is in the place of a foreign thing stays: another tool knows what belongs there.
        (Some(Node::Foreign(_)), OnDisk::Node(..) | OnDisk::Other)
        | (None, OnDisk::Nothing | OnDisk::Above(_) | OnDisk::Directory(_))
        | (Some(Node::Directory(_) | Node::Foreign(_)), OnDisk::Directory(_)) => Ok(None),
        (Some(Node::Directory(_) | Node::Foreign(_)), OnDisk::Nothing) => {
            Ok(Some(Act::MakeDirectory))
        }
        (Some(Node::Directory(_)), _) => Err(unlike),
        (Some(_), OnDisk::Directory(Leaving::NotAll)) => Err(Why::Directory),
        (_, OnDisk::Other) => {
            may(false, unlike)?;
            Ok(Some(after.clone().map_or(Act::Remove, Act::Write)))
        }
        (Some(after), OnDisk::Nothing) => {
            // A file that was removed and not recorded comes back only if asked for, or never was.
            may(before.is_none(), unlike)?;
            Ok(Some(Act::Write(after.clone())))
        }
        (Some(after), OnDisk::Directory(Leaving::All)) => Ok(Some(Act::Write(after.clone()))),
        (Some(after), OnDisk::Node(_, node)) if node == after => Ok(None),
        (Some(after), OnDisk::Node(_, node)) => {
            may(before.as_ref() == Some(node), unlike)?;
            let same = is_mode_alone(node, after);
            Ok(Some(if same { Act::Mode(after.clone()) } else { Act::Write(after.clone()) }))
        }
        (None, OnDisk::Node(_, node)) => {
            may(before.as_ref() == Some(node), unlike)?;
            Ok(Some(Act::Remove))
        }
    }
}

fn is_mode_alone(one: &Node, two: &Node) -> bool {
    match (one, two) {
        (Node::File(one), Node::Executable(two)) | (Node::Executable(one), Node::File(two)) => {
            one == two
        }
        _ => false,
    }
}

fn hazard(path: &RepoPath, names: Names) -> Option<Why> {
    let hazards = path.names().filter_map(|name| Name::new(name).ok()?.hazard());
    let refused = hazards.into_iter().find(|hazard| match names {
        Names::All => false,
        Names::OnWindows => true,
        Names::OnUnix => *hazard == Hazard::OtherControlDirectory,
    });
    refused.map(Why::Hazard)
}

/// The paths that go, as a file system that folds names sees them.
fn leaving(observed: &[Observed], folding: Folding) -> HashSet<String> {
    let goes = |observed: &&Observed| observed.before.is_some() && observed.after.is_none();
    match folding {
        Folding::Apart => HashSet::new(),
        Folding::AsOne => observed.iter().filter(goes).map(|gone| folded(&gone.path)).collect(),
    }
}

/// The path as a file system that folds names sees it.
pub(crate) fn folded(path: &RepoPath) -> String {
    let names =
        path.names().map(|name| Name::new(name).map_or_else(|_| name.into(), |n| n.folded()));
    names.collect::<Vec<_>>().join("/")
}
