//! A clone that goes with a repository of git, before a command and after it.

use std::env;

use selkie_vcs::git_link::{Note, Told, is_abreast, is_linked, keep_abreast};
use selkie_vcs::{GitError, Workspace};

use crate::context::Context;
use crate::count::counted;
use crate::error::CliError;
use crate::line::Line;

/// Takes in what git did here, and does for git what was done with this program. Where that can not be, it is told; what must not be done on
/// top of it is barred.
pub(crate) fn go_along(cx: &mut Context) -> Result<(), CliError> {
    let Ok(here) = env::current_dir() else { return Ok(()) };
    let Some(folder) = Workspace::find(&here).filter(|folder| is_linked(folder)) else {
        return Ok(());
    };
    if cx.at_op.is_some() || cx.barred.is_some() {
        return Ok(());
    }
    let found = match is_abreast(&folder) {
        Ok(true) => return Ok(()),
        Ok(false) => {
            // What keeps the clone from being opened is told by the command.
            let Ok(mut workspace) = cx.silent_workspace() else { return Ok(()) };
            keep_abreast(&mut workspace, &cx.doer())
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(told) => {
            // Where other repositories stand is told by what fetches.
            let own = |name: &&String| !name.starts_with("refs/remotes/");
            let moved: Vec<&String> = told.moved.iter().filter(own).collect();
            if told.commits > 0 || !moved.is_empty() {
                let commits = counted(told.commits as u64, "commit");
                let mut line = Line::note("note").plain("taken in from git: ");
                line = if told.commits > 0 { line.plain(&commits) } else { line.plain("names") };
                cx.out.warn(&names(line, &moved))?;
            }
            tell_notes(cx, &told)
        }
        Err(error) => apart(cx, &error),
    }
}

/// Adds a few names to a line.
fn names(mut line: Line, names: &[&String]) -> Line {
    const FEW: usize = 6;
    for (at, name) in names.iter().take(FEW).enumerate() {
        line = line.plain(if at == 0 { "; moved: " } else { ", " }).code(name);
    }
    let more = names.len().saturating_sub(FEW);
    if more > 0 { line.plain(&format!(" and {more} more")) } else { line }
}

/// Says why the two are not alike.
fn apart(cx: &mut Context, error: &GitError) -> Result<(), CliError> {
    let line = Line::note("warning").plain(&error.to_string());
    let line = match error {
        GitError::Gone => line
            .plain("; let it go with ")
            .code("selkie git unlink")
            .plain(", or link with the one that is here with ")
            .code("selkie git link"),
        GitError::Underway(word) => {
            let [go, back] = ["--continue", "--abort"].map(|how| format!("git {word} {how}"));
            line.plain(": end it with ").code(&go).plain(" or ").code(&back)
        }
        GitError::Locked(_) => line.plain(
            ". Where no program of git is running, remove that file; the next command goes on",
        ),
        GitError::Moved(_) => line.plain("; the next command goes on"),
        _ => line,
    };
    let bars = matches!(
        error,
        GitError::Underway(_) | GitError::Unkept(_) | GitError::Place(_) | GitError::Target(_)
    );
    cx.barred = bars.then(|| error.to_string());
    // What was so before the command is so behind it.
    let told = cx.apart.replace(error.to_string());
    if told == cx.apart {
        return Ok(());
    }
    Ok(cx.out.warn(&line)?)
}

/// Tells what can not be the same on both sides.
pub(crate) fn tell_notes(cx: &mut Context, told: &Told) -> Result<(), CliError> {
    for note in &told.notes {
        let line = Line::note("note");
        let line = match note {
            Note::LeftOut(problem) => line.plain("left alone in git: ").plain(&problem.to_string()),
            Note::Diverged(name) => line
                .plain("timeline ")
                .code(name)
                .plain(" was moved on by git and here: see both with ")
                .code(&format!("selkie log {name}")),
            Note::Protected(name) => line
                .plain("timeline ")
                .code(name)
                .plain(" is protected, and keeps the seals that git took from it"),
            Note::Tag(name) => {
                line.plain("tag ").code(name).plain(" stands elsewhere in git, and stays there")
            }
            Note::Elsewhere(name) => line
                .code(name)
                .plain(" stays where it is in git: another working copy has it checked out"),
            Note::Unnamed(name) => line.plain("git can not have a name like ").code(name),
        };
        cx.out.warn(&line)?;
    }
    Ok(())
}
