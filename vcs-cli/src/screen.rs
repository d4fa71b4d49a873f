//! The conflict screen, or the dialogue in its place, with a clone below it.

use std::env;
use std::error::Error;
use std::io::{IsTerminal, stdin, stdout};
use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_tui::{Effect, Ending, Message, Palette, Settle, Stage};
use selkie_vcs::Workspace;
use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::explain::written;
use selkie_vcs::settling::{Case, Drafted, Note, Sweep, cases, finish, near, offers, tabulate};

use crate::context::Context;
use crate::dialogue;
use crate::editor::Editor;
use crate::error::CliError;
use crate::line::{Line, Paint};
use crate::merge_tool::{named, private};
use crate::remaining::say_finished;

/// How conflicts are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    /// All over the terminal.
    OnScreen,
    /// In lines, one after the other.
    InLines,
}

/// How conflicts can be shown to whoever sits there, if somebody does.
pub(crate) fn way() -> Option<Shown> {
    let is_able = env::var_os("TERM").is_some_and(|term| term != "dumb");
    match stdin().is_terminal() && stdout().is_terminal() {
        true if is_able => Some(Shown::OnScreen),
        true => Some(Shown::InLines),
        false => None,
    }
}

/// Lets somebody settle the conflicts at these paths and below them; all of them if no path is named.
pub(crate) fn settle(cx: &mut Context, paths: &[PathBuf], shown: Shown) -> Result<(), CliError> {
    let mut workspace = cx.silent_workspace()?;
    let named = paths.iter().map(|path| Context::repo_path(&workspace, path));
    let named = named.collect::<Result<Vec<RepoPath>, _>>()?;
    let all = met(&workspace, &named)?;
    let is_open = |part| all.iter().any(|case| case.parts().any(|own| own == part));
    let (mut drafted, draft) = Drafted::open(&workspace, is_open)?;
    let Some(mut screen) = Settle::new(all.clone(), draft) else {
        return Ok(cx.out.say(&match all.len() {
            0 => Line::of("Nothing is in conflict."),
            _ => Line::of("Nothing can be decided here. See what to do with ")
                .code("selkie conflicts"),
        })?);
    };
    if shown == Shown::OnScreen && way() != Some(Shown::OnScreen) {
        if screen.counts() == [0, 0] {
            let line = Line::of("Nothing is in conflict. What was merged and is worth a look: ");
            return Ok(cx.out.say(&line.code("selkie conflicts near"))?);
        }
        return Err(CliError::Screenless);
    }
    cx.out.flush()?;
    let palette = match cx.out.paint() {
        Paint::Plain => Palette::Plain,
        Paint::Coloured => Palette::Coloured,
    };
    let (doer, typed) = (cx.doer(), cx.typed());
    let later = merged_later(cx.silent_workspace()?, named, screen.merged_count());
    let work = |effect| match effect {
        Effect::Keep(note) => Some(match drafted.keep(&note) {
            Ok(()) => Message::Kept,
            Err(error) => Message::NotKept(told(&error)),
        }),
        Effect::Ask { number, path, open } => {
            let offers = offers(path.as_str(), &open.versions);
            Some(Message::Offered { number, part: open.id, offers })
        }
        Effect::Sweep { number, pattern, sort, take } => {
            let would = Sweep::new(&pattern, sort).map(|sweep| sweep.would(&all, &take));
            Some(Message::WouldBe { number, would: would.map_err(|error| told(&error)) })
        }
        Effect::Tabulate => {
            let tabulated = written(&workspace).map(|written| {
                // Rules that make no sense say nothing of this either.
                tabulate(&all, &written.rules.unwrap_or_default())
            });
            Some(Message::Tabulated(tabulated.map_err(|error| told(&error))))
        }
        Effect::Write(draft) => {
            let finished = finish(&mut workspace, &doer, typed.clone(), &all, &draft);
            // The files are written. Where the draft can not say so, its steps can be taken back once more, and no more than that.
            let _ = finished.as_ref().map(|_| drafted.keep(&Note::Finished));
            Some(Message::Wrote(finished.map_err(|error| told(&error))))
        }
        Effect::Edit { .. } | Effect::Suspend | Effect::Redraw | Effect::Leave => None,
    };
    let editor = cx.editor().map_err(|error| told(&error));
    let edit = |path: &RepoPath, text: &[u8]| edited(editor.as_ref()?, path, text);
    let ending = match shown {
        Shown::OnScreen => (Stage { palette }).play(&mut screen, work, edit, later)?,
        Shown::InLines => {
            screen.update(Message::Near(later()));
            dialogue::hold(cx, &mut screen, work, edit)?
        }
    };
    match ending {
        Ending::Left | Ending::Told(_) => say_left(cx, &screen),
        Ending::Wrote(finished) => say_finished(cx, &workspace, &finished),
    }
}

/// What there is to see at these paths and below them; anywhere if no path is named. What was merged close to each other takes
/// longer to find, so it comes later where something is in conflict.
fn met(workspace: &Workspace, named: &[RepoPath]) -> Result<Vec<Case>, CliError> {
    let mut all = cases(workspace)?;
    all.retain(|case| is_meant(case, named));
    let has = |cases: &[Case], path: &RepoPath| cases.iter().any(|case| case.is_below(path));
    if all.is_empty() || named.iter().any(|path| !has(&all, path)) {
        all.extend(near(workspace)?.into_iter().filter(|case| is_meant(case, named)));
    }
    match named.iter().find(|path| !has(&all, path)) {
        Some(path) => Err(ConflictsError::NotOne(path.clone()).into()),
        None => Ok(all),
    }
}

/// What finds what was merged close to each other at these paths, unless so many places were found already.
fn merged_later(
    workspace: Workspace,
    named: Vec<RepoPath>,
    found: usize,
) -> impl FnOnce() -> Result<Vec<Case>, String> + Send + 'static {
    move || {
        if found > 0 {
            return Ok(Vec::new());
        }
        let mut cases = near(&workspace).map_err(|error| told(&error))?;
        cases.retain(|case| is_meant(case, &named));
        Ok(cases)
    }
}

/// Whether a case is at one of these paths or below it, if there are any.
fn is_meant(case: &Case, named: &[RepoPath]) -> bool {
    named.is_empty() || named.iter().any(|path| case.is_below(path))
}

/// What somebody makes of a text in their editor.
fn edited(editor: &Editor, path: &RepoPath, text: &[u8]) -> Result<Vec<u8>, String> {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let folder = private().map_err(|error| told(&error))?;
    let text = editor.edit(&folder.path().join(named(name, "conflict")), text);
    text.map_err(|error| told(&error))
}

/// An error and what caused it, on one line.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}

fn say_left(cx: &mut Context, screen: &Settle) -> Result<(), CliError> {
    let [open, decided] = screen.counts();
    if decided == 0 {
        return Ok(());
    }
    let told = format!("The draft is kept: {decided} decided, {open} open. Go on with ");
    Ok(cx.out.say(&Line::of(&told).code("selkie resolve"))?)
}
