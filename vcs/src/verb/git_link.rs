//! A clone and a repository of git in one folder, kept abreast.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use selkie_store::{OsDisk, Progress};

use crate::git::linked::{Link, exclude, glimpse, set_token, size_and_time, token};
use crate::git::locks::Alone;
use crate::git::place::GitPlace;
use crate::git::problem::GitError;
use crate::git::stage::Stage;
use crate::verb::git_link::giving::give_out;
use crate::verb::git_link::taking::take_in;
pub use crate::verb::git_link::told::{Note, Told};
use crate::workspace::{Doer, Workspace};

mod giving;
mod taking;
mod told;

/// What git is not to look into.
const OURS: &str = "/.selkie/";

/// The operation log of a clone: whatever changes here stands there.
const OPERATIONS: &str = "local/operations";

/// Whether the clone in this folder goes with a repository of git. Nothing is opened for it.
#[must_use]
pub fn is_linked(folder: &Path) -> bool {
    Link::is_at(&Workspace::control(folder))
}

/// Links the clone with the repository of git in its folder, and brings the two together: names that both have are joined, as an import does.
/// The clone stands where git stands, if that has a commit.
///
/// # Errors
///
/// See [`GitError`]. Type it again: what was done is found again.
pub fn link(
    workspace: &mut Workspace,
    doer: &Doer,
    place: &GitPlace,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Told, GitError> {
    let disk = workspace.disk().clone();
    let _alone = Link::hold(&*disk)?;
    // One that can not be read is none, and neither is one with a repository that is gone.
    if let Ok(Some(link)) = Link::read(&*disk)
        && token(place)? == Some(link.token)
    {
        return Err(GitError::Linked);
    }
    // What can not be understood is told before anything is written.
    drop(Stage::read(place)?);
    let mut link = Link::default();
    getrandom::fill(&mut link.token).map_err(|error| GitError::Target(io::Error::other(error)))?;
    exclude(place, OURS)?;
    let linked = go_along(workspace, doer, place, &mut link, watch).and_then(|told| {
        set_token(place, Some(link.token))?;
        settle(workspace, place, &mut link)?;
        Ok(told)
    });
    if linked.is_err() {
        Link::forget(&*disk)?;
    }
    linked
}

/// Lets the two go their own ways. All stays that is on either side.
///
/// # Errors
///
/// The clone is not linked, or can not be written.
pub fn unlink(workspace: &Workspace) -> Result<(), GitError> {
    let disk = workspace.disk();
    if !is_linked(workspace.copy().folder()) {
        return Err(GitError::Unlinked);
    }
    let _alone = Link::hold(&**disk)?;
    if let Ok(place) = GitPlace::open(workspace.copy().folder()) {
        set_token(&place, None)?;
    }
    Link::forget(&**disk)
}

/// Whether neither side did anything since both were alike. Only the link and what is asked for are read.
///
/// # Errors
///
/// See [`GitError`].
pub fn is_abreast(folder: &Path) -> Result<bool, GitError> {
    let control = Workspace::control(folder);
    let disk = OsDisk::new(&control);
    let Some(link) = Link::read(&disk)? else { return Ok(true) };
    let place = linked_place(folder, &link)?;
    let ours = size_and_time(&control.join(OPERATIONS)).map_err(GitError::Target)?;
    let is_done = link.goal.is_none() && link.ours == ours;
    Ok(is_done && glimpse(&place).map_err(GitError::Target)? == link.git)
}

/// Takes in what git did, and does for git what was done here.
///
/// # Errors
///
/// See [`GitError`]. What was done by then is found again.
pub fn keep_abreast(workspace: &mut Workspace, doer: &Doer) -> Result<Told, GitError> {
    let disk = workspace.disk().clone();
    let _alone = Link::hold(&*disk)?;
    let mut link = Link::read(&*disk)?.ok_or(GitError::Unlinked)?;
    let place = linked_place(workspace.copy().folder(), &link)?;
    let told = go_along(workspace, doer, &place, &mut link, |_| ControlFlow::Continue(()))?;
    settle(workspace, &place, &mut link)?;
    Ok(told)
}

/// The repository of git that the clone in this folder goes with, if it is there.
///
/// # Errors
///
/// See [`GitError`].
pub fn place_of(folder: &Path) -> Result<GitPlace, GitError> {
    let disk = OsDisk::new(&Workspace::control(folder));
    let link = Link::read(&disk)?.ok_or(GitError::Unlinked)?;
    linked_place(folder, &link)
}

fn linked_place(folder: &Path, link: &Link) -> Result<GitPlace, GitError> {
    if !GitPlace::is_in(folder) {
        return Err(GitError::Gone);
    }
    let place = GitPlace::open(folder)?;
    if token(&place)? == Some(link.token) { Ok(place) } else { Err(GitError::Gone) }
}

fn go_along(
    workspace: &mut Workspace,
    doer: &Doer,
    place: &GitPlace,
    link: &mut Link,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Told, GitError> {
    let mut told = Told::default();
    if let Some(left) = &link.goal {
        // Whoever was to write it was killed, or kept from it. What it left keeps git from going on, and may be in nobody's way here.
        let names = link.stood.refs.keys().chain(left.refs.keys());
        Alone::take(place)?.sweep(names.map(String::as_str))?;
    }
    // Before git is read: what it does from here on gives another glimpse.
    let seen = glimpse(place).map_err(GitError::Target)?;
    if seen != link.git {
        take_in(workspace, doer, place, link, &mut told, watch)?;
        link.git = seen;
        link.write(&**workspace.disk())?;
    }
    give_out(workspace, place, link, &mut told)?;
    Ok(told)
}

/// Remembers that both are alike, as far as nobody did anything meanwhile.
fn settle(workspace: &Workspace, place: &GitPlace, link: &mut Link) -> Result<(), GitError> {
    let control = Workspace::control(workspace.copy().folder());
    let seen = glimpse(place).map_err(GitError::Target)?;
    let ours = size_and_time(&control.join(OPERATIONS)).map_err(GitError::Target)?;
    if taking::Seen::of(place)?.is_at(link) {
        link.git = seen;
    }
    link.ours = ours;
    link.write(&**workspace.disk())
}
