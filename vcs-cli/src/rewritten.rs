//! What was made again, or would be, in words and for programs.

use selkie_store::{Seal, SealId};
use selkie_vcs::{
    Became, Doer, Replayed, RewriteError, Rewritten, SealName, Unfinished, Workspace,
};
use serde::Serialize;

use crate::command::timeline::at;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::unfinished::{self, Options};

/// The words of one command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// What it did to a seal.
    pub(crate) did: &'static str,
    /// What it would do to one.
    pub(crate) would: &'static str,
    /// Why a seal was passed over.
    pub(crate) nothing: &'static str,
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// It was.
    Done,
    /// Nothing was, yet.
    Planned,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    old: String,
    name: String,
    seal: Option<String>,
    conflicts: Vec<String>,
    decisions: Vec<String>,
}

/// Whether seals are made, or it is told which would be, and what becomes of unfinished work.
#[derive(clap::Args)]
pub(crate) struct Making {
    /// Tell what would be made, and make nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    unfinished: Options,
}

impl Making {
    /// Makes them, or tells of it.
    pub(crate) fn run(
        &self,
        cx: &mut Context,
        workspace: &mut Workspace,
        words: Words,
        preview: impl FnOnce(&mut Workspace, &Doer) -> Result<Rewritten, RewriteError>,
        make: impl FnOnce(&mut Workspace, &Doer, String, Unfinished) -> Result<Rewritten, RewriteError>,
    ) -> Result<(), CliError> {
        if self.dry_run {
            let planned = preview(workspace, &cx.doer())?;
            return tell(cx, workspace, &planned, words, Stage::Planned);
        }
        let unfinished = self.unfinished.chosen(cx);
        let made = make(workspace, &cx.sealer()?, cx.typed(), unfinished)?;
        tell(cx, workspace, &made, words, Stage::Done)
    }
}

/// Tells all of it.
fn tell(
    cx: &mut Context,
    workspace: &Workspace,
    rewritten: &Rewritten,
    words: Words,
    stage: Stage,
) -> Result<(), CliError> {
    let told: Vec<(&Replayed, Words)> = rewritten.seals.iter().map(|one| (one, words)).collect();
    tell_each(cx, workspace, &told, stage)?;
    tell_rest(cx, workspace, rewritten, stage)
}

/// Tells of each seal, with words of its own.
pub(crate) fn tell_each(
    cx: &mut Context,
    workspace: &Workspace,
    told: &[(&Replayed, Words)],
    stage: Stage,
) -> Result<(), CliError> {
    for (replayed, words) in told {
        let old: Seal = workspace.repository().store().load(replayed.old)?;
        match cx.format {
            Format::Json => cx.json(&json(replayed, &old, stage))?,
            Format::Text => tell_one(cx, replayed, &old, *words, stage)?,
        }
    }
    Ok(())
}

/// Tells what came of timelines and unfinished work.
pub(crate) fn tell_rest(
    cx: &mut Context,
    workspace: &Workspace,
    rewritten: &Rewritten,
    stage: Stage,
) -> Result<(), CliError> {
    let Rewritten { seals, moved, stayed, left, forward, shelved } = rewritten;
    if let Some(to) = forward {
        let word =
            if stage == Stage::Done { "Moved on to " } else { "The timeline would move on to " };
        cx.out.say(&at(workspace, Line::of(word), *to)?)?;
    } else if seals.is_empty() {
        cx.out.say(&Line::of("All of that is there already."))?;
    }
    let here = workspace.repository().desk().timeline.as_deref();
    for name in moved.iter().skip(1).filter(|name| Some(name.as_str()) != here) {
        let word = if stage == Stage::Done { " came along." } else { " would come along." };
        cx.out.say(&Line::of("Timeline ").put(Label::Timeline, name).plain(word))?;
    }
    for name in stayed {
        let line = Line::note("note").plain("timeline ").put(Label::Timeline, name);
        let line = line.plain(" leads to these seals as they were; it comes along ");
        cx.out.warn(&line.plain("with ").code("--with-timelines"))?;
    }
    for seal in left {
        let line = Line::note("note").plain("no longer in the timeline is ");
        cx.out.warn(&at(workspace, line, *seal)?)?;
    }
    unfinished::tell(cx, shelved)?;
    if let Some(name) = &shelved.left {
        let line = Line::note("hint").plain("bring it back with ");
        cx.out.warn(&line.code(&format!("selkie shelf pop {name}")))?;
    }
    let is_open = seals.iter().any(|one| !one.conflicts.is_empty());
    if is_open && stage == Stage::Done {
        let line =
            Line::note("hint").plain("the conflicts are sealed and can be settled by anybody: ");
        let line = line.code("selkie conflicts").plain("; all of this is taken back by ");
        cx.out.warn(&line.code("selkie undo"))?;
    }
    Ok(())
}

/// Says of a seal that brought others together since which of them it is looked at.
pub(crate) fn tell_merge(
    cx: &mut Context,
    workspace: &Workspace,
    seal: SealId,
    parent: Option<usize>,
) -> Result<(), CliError> {
    let seal: Seal = workspace.repository().store().load(seal)?;
    if seal.parents.len() < 2 {
        return Ok(());
    }
    let line = Line::note("note").put(Label::Seal, &name(&seal)).plain(" brought seals together; ");
    let line = match parent {
        None => line.plain("what it brought to the first of them is meant, another one with "),
        Some(number) => {
            line.plain(&format!("what it brought to number {number} is meant, as with "))
        }
    };
    Ok(cx.out.warn(&line.code(&format!("--parent {}", parent.unwrap_or(2))))?)
}

fn tell_one(
    cx: &mut Context,
    replayed: &Replayed,
    old: &Seal,
    words: Words,
    stage: Stage,
) -> Result<(), CliError> {
    let title = |seal: &Seal| seal.message.lines().next().unwrap_or_default().to_owned();
    let Became::Seal(_, seal) = &replayed.became else {
        let word = if stage == Stage::Done { "Left out " } else { "Would leave out " };
        let line = Line::of(word).put(Label::Seal, &name(old)).plain(": ");
        let line = line.plain(&title(old)).plain("  ").put(Label::Aside, words.nothing);
        return put(cx, &line, stage);
    };
    let line = Line::of(if stage == Stage::Done { words.did } else { words.would }).plain(" ");
    // What is only planned has no name of its own yet.
    let line = match (old.change == seal.change, stage) {
        (true, _) => line.put(Label::Seal, &name(seal)),
        (false, Stage::Planned) => line.put(Label::Seal, &name(old)),
        (false, Stage::Done) => {
            let line = line.put(Label::Seal, &name(old)).plain(" as ");
            line.put(Label::Seal, &name(seal))
        }
    };
    put(cx, &line.plain(": ").plain(&title(seal)), stage)?;
    for path in &replayed.conflicts {
        let line = Line::of("  ").put(Label::Error, "!").plain(" ").plain(path.as_str());
        put(cx, &line.plain("  ").put(Label::Aside, "in conflict"), stage)?;
    }
    for decision in &replayed.decisions {
        put(cx, &Line::of("  ").put(Label::Aside, &decision.to_string()), stage)?;
    }
    Ok(())
}

/// A plan is what was asked for; what was done is told beside it.
fn put(cx: &mut Context, line: &Line, stage: Stage) -> Result<(), CliError> {
    match stage {
        Stage::Planned => cx.out.line(line)?,
        Stage::Done => cx.out.say(line)?,
    }
    Ok(())
}

fn json(replayed: &Replayed, old: &Seal, stage: Stage) -> Told {
    let (name, seal) = match &replayed.became {
        Became::Seal(id, seal) => (name(seal), Some(id.to_string())),
        Became::Nothing => (name(old), None),
    };
    Told {
        schema: "selkie.replay/1",
        old: replayed.old.to_string(),
        name,
        seal: seal.filter(|_| stage == Stage::Done),
        conflicts: replayed.conflicts.iter().map(ToString::to_string).collect(),
        decisions: replayed.decisions.iter().map(ToString::to_string).collect(),
    }
}

fn name(seal: &Seal) -> String {
    SealName::of(seal.change).to_string()
}
