//! One folder for both.

use std::env;
use std::ops::ControlFlow;

use selkie_store::Progress;
use selkie_vcs::git_link::{Told, link, place_of, unlink};
use selkie_vcs::{GitError, GitPlace, TimelineName, Workspace, WorkspaceError};
use serde::Serialize;

use crate::config::key::TIMELINE;
use crate::context::{Context, Format, now_ns};
use crate::count::counted;
use crate::error::CliError;
use crate::line::Line;
use crate::linked::tell_notes;

#[derive(Serialize)]
struct ToldLink<'a> {
    schema: &'static str,
    commits: usize,
    moved: &'a [String],
    given: usize,
}

/// Links the clone that is here. Where only a repository of git is, a clone begins beside it, and the other way round.
pub(super) fn run(cx: &mut Context) -> Result<(), CliError> {
    let mut workspace = workspace(cx)?;
    let folder = workspace.copy().folder().to_owned();
    let branch = workspace.repository().desk().timeline.clone();
    let branch = branch.unwrap_or_else(|| "main".to_owned());
    let place = GitPlace::open_or_begin_beside(&folder, &branch).map_err(GitError::from)?;
    let doer = cx.doer();
    let mut meter = cx.meter("Commits:");
    let linked = link(&mut workspace, &doer, &place, |Progress { done, total }| {
        meter.tell(done, total);
        ControlFlow::Continue(())
    });
    drop(meter);
    let told = linked?;
    if cx.format == Format::Json {
        let Told { commits, moved, given, .. } = &told;
        let schema = "selkie.git-link/1";
        return cx.json(&ToldLink { schema, commits: *commits, moved, given: *given });
    }
    let shown = folder.to_string_lossy();
    cx.out.say(&Line::of("Linked with the git repository in ").code(&shown).plain("."))?;
    let brought = counted(told.commits as u64, "commit");
    let (moved, given) = (told.moved.len() as u64, told.given as u64);
    let line = Line::of("Brought ").plain(&brought).plain(" and ").plain(&counted(moved, "name"));
    cx.out.say(&line.plain("; gave ").plain(&counted(given, "name")).plain(" to git."))?;
    tell_notes(cx, &told)?;
    let line = Line::of("What either does is there for the other; ").code("selkie git unlink");
    Ok(cx.out.say(&line.plain(" ends that."))?)
}

/// Ends it.
pub(super) fn end(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    unlink(&workspace)?;
    let line = Line::of("Unlinked. Both stay as they are; git goes on ignoring ");
    Ok(cx.out.say(&line.code(".selkie").plain("."))?)
}

/// The repository of git that goes with this clone.
pub(super) fn place(cx: &mut Context) -> Result<(Workspace, GitPlace), CliError> {
    let workspace = cx.workspace()?;
    let place = place_of(workspace.copy().folder())?;
    Ok((workspace, place))
}

/// The clone that is here. Beside a repository of git that has none, one is forged.
fn workspace(cx: &mut Context) -> Result<Workspace, CliError> {
    let here = env::current_dir().map_err(CliError::Here)?;
    if Workspace::find(&here).is_some() {
        return cx.workspace();
    }
    if !GitPlace::is_in(&here) {
        return Err(WorkspaceError::Nowhere(here).into());
    }
    let place = GitPlace::open(&here).map_err(GitError::from)?;
    let usual = cx.config.value(&TIMELINE).map_or("main", |(name, _)| name).to_owned();
    let name = place.branch().map_err(GitError::from)?;
    let name = name.filter(|name| TimelineName::new(name).is_ok()).unwrap_or(usual);
    Workspace::forge(&here, &name, cx.keys(), &cx.doer(), now_ns)?;
    cx.workspace()
}
