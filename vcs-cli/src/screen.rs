//! The conflict screen, or the dialogue in its place, with a clone below it.

use std::env;
use std::error::Error;
use std::io::{IsTerminal, stdin, stdout};
use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_tui::{Effect, Ending, Message, Palette, Settle, Stage};
use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::explain::written;
use selkie_vcs::settling::{
    Case, Diverged, Draft, Drafted, Note, Outcome, SettlingError, Sweep, cases, diverged, finish,
    foresee, near, offers, tabulate,
};
use selkie_vcs::{Doer, Workspace};

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
    let workspace = cx.silent_workspace()?;
    let named = paths.iter().map(|path| Context::repo_path(&workspace, path));
    let named = named.collect::<Result<Vec<RepoPath>, _>>()?;
    let everything = everything(&workspace)?;
    let (drafted, draft) = drafted(&workspace, &everything)?;
    let all = met(&workspace, everything, &named)?;
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
    let heads = all.iter().filter_map(Case::diverged).cloned().collect();
    let later = later(cx.silent_workspace()?, named, heads, screen.merged_count());
    let (doer, typed) = (cx.doer(), cx.typed());
    let mut worker = Worker { workspace, drafted, all, doer, typed };
    let work = |effect| worker.work(effect);
    let mut kept = Vec::new();
    let editor = cx.editor().map_err(|error| told(&error));
    let edit = |path: &RepoPath, text: &[u8]| edited(editor.as_ref()?, path, text, &mut kept);
    let ending = match shown {
        Shown::OnScreen => (Stage { palette }).play(&mut screen, work, edit, later)?,
        Shown::InLines => {
            later(&mut |message| {
                screen.update(message);
            });
            dialogue::hold(cx, &mut screen, work, edit)?
        }
    };
    for path in &kept {
        let line = Line::note("note").plain("what you wrote, and no draft keeps, is in ");
        cx.out.say(&line.plain(&path.to_string_lossy()))?;
    }
    match ending {
        Ending::Left | Ending::Told(_) => say_left(cx, &screen),
        Ending::Wrote(finished) => {
            say_finished(cx, &worker.workspace, &finished)?;
            let is_open = |outcome: &Outcome| matches!(outcome, Outcome::Open(_));
            let goes_on = finished.turned.iter().any(|turned| is_open(&turned.outcome));
            match shown {
                // What a fuse of heads left in conflict is settled in the same go.
                Shown::InLines if goes_on => settle(cx, &[], shown),
                // Whoever reads keys for a screen waits for one more, and would take it from the next screen.
                Shown::OnScreen if goes_on => {
                    let line = Line::of("Settle what is open with ").code("selkie resolve");
                    Ok(cx.out.say(&line)?)
                }
                Shown::InLines | Shown::OnScreen => Ok(()),
            }
        }
    }
}

/// Who does what the screen wants done.
struct Worker {
    workspace: Workspace,
    drafted: Drafted,
    all: Vec<Case>,
    doer: Doer,
    typed: String,
}

impl Worker {
    fn work(&mut self, effect: Effect) -> Option<Message> {
        let all = &self.all;
        match effect {
            Effect::Keep(note) => Some(match self.drafted.keep(&note) {
                Ok(()) => Message::Kept,
                Err(error) => Message::NotKept(told(&error)),
            }),
            Effect::Ask { number, path, open } => {
                let offers = offers(path.as_str(), &open.versions);
                Some(Message::Offered { number, part: open.id, offers })
            }
            Effect::Sweep { number, pattern, sort, take } => {
                let would = Sweep::new(&pattern, sort).map(|sweep| sweep.would(all, &take));
                Some(Message::WouldBe { number, would: would.map_err(|error| told(&error)) })
            }
            Effect::Tabulate => {
                let tabulated = written(&self.workspace).map(|written| {
                    // Rules that make no sense say nothing of this either.
                    tabulate(all, &written.rules.unwrap_or_default())
                });
                Some(Message::Tabulated(tabulated.map_err(|error| told(&error))))
            }
            Effect::Write(draft) => {
                let typed = self.typed.clone();
                let finished = finish(&mut self.workspace, &self.doer, typed, all, &draft);
                // It is written. Where the draft can not say so, its steps can be taken back once more, and no more than that.
                let _ = finished.as_ref().map(|_| self.drafted.keep(&Note::Finished));
                Some(Message::Wrote(finished.map_err(|error| told(&error))))
            }
            Effect::Edit { .. } | Effect::Suspend | Effect::Redraw | Effect::Leave => None,
        }
    }
}

/// All that is to be decided: paths in conflict, and timelines that diverged.
pub(crate) fn everything(workspace: &Workspace) -> Result<Vec<Case>, CliError> {
    let mut all = cases(workspace)?;
    all.extend(diverged(workspace)?);
    Ok(all)
}

/// The draft of the clone. `everything` is all that is to be decided, also what nobody asked for: a draft of which nothing is
/// open any more is begun anew.
pub(crate) fn drafted(
    workspace: &Workspace,
    everything: &[Case],
) -> Result<(Drafted, Draft), CliError> {
    let is_open = |part| everything.iter().any(|case| case.parts().any(|own| own == part));
    Ok(Drafted::open(workspace, is_open)?)
}

/// What there is to see at these paths and below them; anywhere if no path is named. What was merged close to each other takes
/// longer to find, so it comes later where something is in conflict.
fn met(
    workspace: &Workspace,
    mut all: Vec<Case>,
    named: &[RepoPath],
) -> Result<Vec<Case>, CliError> {
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

/// What finds what fuses of these heads would be, and then what was merged close to each other at these paths, unless so many places
/// were found already.
fn later(
    workspace: Workspace,
    named: Vec<RepoPath>,
    heads: Vec<Diverged>,
    found: usize,
) -> impl FnOnce(&mut dyn FnMut(Message)) + Send + 'static {
    move |tell| {
        let would = |diverged: &Diverged| Ok((diverged.part, foresee(&workspace, diverged)?));
        for one in &heads {
            let would = would(one).map(|would| vec![would]);
            tell(Message::Foreseen(would.map_err(|error: SettlingError| told(&error))));
        }
        if found > 0 {
            return;
        }
        let near = near(&workspace).map(|mut cases| {
            cases.retain(|case| is_meant(case, &named));
            cases
        });
        tell(Message::Near(near.map_err(|error| told(&error))));
    }
}

/// Whether a case is at one of these paths or below it, if there are any.
fn is_meant(case: &Case, named: &[RepoPath]) -> bool {
    named.is_empty() || named.iter().any(|path| case.is_below(path))
}

/// What somebody makes of a text in their editor. What is too long for a draft stays in its file, which is told.
fn edited(
    editor: &Editor,
    path: &RepoPath,
    text: &[u8],
    kept: &mut Vec<PathBuf>,
) -> Result<Vec<u8>, String> {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let folder = private().map_err(|error| told(&error))?;
    let file = named(name, "conflict");
    let text = editor.edit(&folder.path().join(&file), text).map_err(|error| told(&error))?;
    if Note::keeps(&text) {
        return Ok(text);
    }
    let place = folder.keep().join(file);
    let why = format!("{} has it: above 1 MiB, which no draft keeps", place.display());
    kept.push(place);
    Err(why)
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
