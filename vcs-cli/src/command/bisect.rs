//! Which seal it went wrong with.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::{Command, ExitStatus};

use selkie_store::SealId;
use selkie_vcs::bisect::{
    BisectError, Mark, Progress, Step, looks_left, mark, progress, reset, start,
};
use selkie_vcs::{Hunt, Workspace};
use serde::Serialize;

use crate::command::timeline::{at, switched};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::unfinished::{Options, tell};
use crate::verb::Run;

/// Say of one seal that something is wrong in it, and of an earlier one that all is well. You are taken to the seal in the
/// middle; say what you find, until one is left. Each step can be taken back with 'selkie undo'.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  selkie bisect start @ v1.0        wrong here, well in v1.0
  selkie bisect good                and what you find in each
  selkie bisect run make test       let a program find it: 0 is good, 125 can not tell, 1 to 127 is bad
  selkie bisect reset               back to where you were";

#[derive(clap::Subcommand)]
enum Verb {
    /// Begin to look; what is known already may be said at once
    Start {
        /// A seal in which it is wrong
        bad: Option<String>,
        /// Seals in which all is well
        good: Vec<String>,
        #[command(flatten)]
        unfinished: Options,
    },
    /// Say that all is well
    Good(Said),
    /// Say that it is wrong
    Bad(Said),
    /// Say that nobody can tell, and go to another one
    Skip(Said),
    /// Let a program look: it ends with 0 where all is well, with 125 where it can not tell, with 1 to 127 where it is wrong
    Run {
        /// The program, and what it is given
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Tell what was said, and how many are left
    Log,
    /// End it, and go back to where it began
    Reset {
        #[command(flatten)]
        unfinished: Options,
    },
}

#[derive(clap::Args)]
struct Said {
    /// Of which seals; if none is named, of the one you stand on
    seals: Vec<String>,
    #[command(flatten)]
    unfinished: Options,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    bad: Option<String>,
    good: Vec<String>,
    skipped: Vec<String>,
    look: Option<String>,
    left: Option<usize>,
    found: Option<String>,
    unclear: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Find the seal with which something went wrong";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::Start { bad, good, unfinished } => {
                let mut workspace = cx.workspace()?;
                let resolve = |rev: &String| Context::resolve(&workspace, rev);
                let bad = bad.as_ref().map(resolve).transpose()?;
                let good = good.iter().map(resolve).collect::<Result<BTreeSet<_>, _>>()?;
                let (old, unfinished) = (place(&workspace), unfinished.chosen(cx));
                let step = start(&mut workspace, &cx.doer(), cx.typed(), (bad, good), unfinished)?;
                went(cx, &workspace, old, &step)
            }
            Verb::Good(said) => say(cx, Mark::Good, said),
            Verb::Bad(said) => say(cx, Mark::Bad, said),
            Verb::Skip(said) => say(cx, Mark::Skip, said),
            Verb::Run { command } => judge(cx, command),
            Verb::Log => log(cx),
            Verb::Reset { unfinished } => {
                let mut workspace = cx.workspace()?;
                let (old, unfinished) = (place(&workspace), unfinished.chosen(cx));
                let shelved = reset(&mut workspace, &cx.doer(), cx.typed(), unfinished)?;
                let Some(seal) = place(&workspace) else { return Ok(()) };
                let line = match &workspace.repository().desk().timeline {
                    Some(name) => {
                        Line::of("On timeline ").put(Label::Timeline, name).plain(", at ")
                    }
                    None => Line::of("On no timeline, at "),
                };
                cx.out.say(&at(&workspace, line, seal)?)?;
                tell(cx, &shelved)?;
                switched(cx, &workspace, old, seal)
            }
        }
    }
}

fn place(workspace: &Workspace) -> Option<SealId> {
    workspace.repository().desk().bases.first().copied()
}

fn say(cx: &mut Context, what: Mark, said: &Said) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let seals = said.seals.iter().map(|rev| Context::resolve(&workspace, rev));
    let seals = seals.collect::<Result<Vec<_>, _>>()?;
    let (old, unfinished) = (place(&workspace), said.unfinished.chosen(cx));
    let step = mark(&mut workspace, &cx.doer(), cx.typed(), (what, &seals), unfinished)?;
    went(cx, &workspace, old, &step)
}

/// Tells where the search is, and that the clone stands elsewhere if it does.
fn went(
    cx: &mut Context,
    workspace: &Workspace,
    old: Option<SealId>,
    step: &Step,
) -> Result<(), CliError> {
    let clear = show(cx, workspace, &step.progress)?;
    tell(cx, &step.shelved)?;
    if let Some(new) = place(workspace).filter(|new| old != Some(*new)) {
        switched(cx, workspace, old, new)?;
    }
    clear
}

/// Tells where the search is. What can not be found is no success.
fn show(
    cx: &mut Context,
    workspace: &Workspace,
    progress: &Progress,
) -> Result<Result<(), CliError>, CliError> {
    match progress {
        Progress::Waits { for_bad: true } => {
            let line = Line::of("Say of a seal that it is wrong in it with ");
            cx.out.say(&line.code("selkie bisect bad").plain("."))?;
        }
        Progress::Waits { for_bad: false } => {
            let line = Line::of("Say of an earlier seal that all is well in it with ");
            cx.out.say(&line.code("selkie bisect good SEAL").plain("."))?;
        }
        Progress::Look { seal, left } => {
            let looks = looks_left(*left);
            let noun = if looks == 1 { "look" } else { "looks" };
            let line =
                Line::of(&format!("One of {left} seals, about {looks} {noun} left: now at "));
            cx.out.say(&at(workspace, line, *seal)?)?;
        }
        Progress::Found(seal) => {
            cx.out.line(&at(workspace, Line::of("It went wrong with "), *seal)?)?;
        }
        Progress::Unclear(seals) => {
            for seal in seals {
                cx.out.line(&at(workspace, Line::of("  "), *seal)?)?;
            }
            cx.out.flush()?;
            return Ok(Err(CliError::Unclear(seals.len())));
        }
    }
    Ok(Ok(()))
}

fn log(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let (hunt, progress) = progress(workspace.repository())?;
    if cx.format == Format::Json {
        return cx.json(&told(&hunt, &progress));
    }
    let said = hunt.bad.iter().map(|seal| ("bad   ", Label::Removed, seal));
    let said = said.chain(hunt.good.iter().map(|seal| ("good  ", Label::Added, seal)));
    for (word, label, seal) in
        said.chain(hunt.skipped.iter().map(|seal| ("skip  ", Label::Aside, seal)))
    {
        cx.out.line(&at(&workspace, Line::default().put(label, word), *seal)?)?;
    }
    cx.out.flush()?;
    show(cx, &workspace, &progress)?.or_else(|error| match error {
        // To be asked how it is, is no failure.
        CliError::Unclear(_) => Ok(()),
        error => Err(error),
    })
}

fn told(hunt: &Hunt, progress: &Progress) -> Told {
    let spelled = |seals: &BTreeSet<SealId>| seals.iter().map(ToString::to_string).collect();
    let (look, left, found, unclear) = match progress {
        Progress::Waits { .. } => (None, None, None, Vec::new()),
        Progress::Look { seal, left } => (Some(seal.to_string()), Some(*left), None, Vec::new()),
        Progress::Found(seal) => (None, Some(1), Some(seal.to_string()), Vec::new()),
        Progress::Unclear(seals) => {
            (None, Some(seals.len()), None, seals.iter().map(ToString::to_string).collect())
        }
    };
    Told {
        schema: "selkie.bisect/1",
        bad: hunt.bad.map(|seal| seal.to_string()),
        good: spelled(&hunt.good),
        skipped: spelled(&hunt.skipped),
        look,
        left,
        found,
        unclear,
    }
}

/// Lets a program say what is good and what is bad, until one is left.
fn judge(cx: &mut Context, command: &[OsString]) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let unfinished = Options::default().chosen(cx);
    let (_, mut now) = progress(workspace.repository())?;
    match now {
        Progress::Look { .. } => {}
        Progress::Waits { .. } => return Err(BisectError::Vague.into()),
        Progress::Found(_) | Progress::Unclear(_) => return show(cx, &workspace, &now)?,
    }
    while let Progress::Look { .. } = now {
        let what = match ended(cx, &workspace, command)?.code() {
            Some(0) => Mark::Good,
            Some(125) => Mark::Skip,
            _ => Mark::Bad,
        };
        let old = place(&workspace);
        let step = mark(&mut workspace, &cx.doer(), cx.typed(), (what, &[]), unfinished)?;
        went(cx, &workspace, old, &step)?;
        now = step.progress;
    }
    Ok(())
}

/// How a program ended, if that says something of the seal.
fn ended(
    cx: &mut Context,
    workspace: &Workspace,
    command: &[OsString],
) -> Result<ExitStatus, CliError> {
    cx.out.flush()?;
    let spelled: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let spelled = spelled.join(" ");
    let mut words = command.iter();
    let program = words.next().map(OsString::as_os_str).unwrap_or_default();
    let ran = Command::new(program).args(words).current_dir(workspace.copy().folder()).status();
    let status = ran.map_err(|source| CliError::JudgeStart { command: spelled.clone(), source })?;
    match status.code() {
        Some(0..=127) => Ok(status),
        Some(_) | None => Err(CliError::Judge { command: spelled, status }),
    }
}
