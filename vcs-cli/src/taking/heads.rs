//! The heads of a timeline that diverged, told to people and to programs.

use selkie_store::RepoPath;
use selkie_vcs::SealName;
use selkie_vcs::settling::{
    Case, Declined, Diverged, Outcome, Stands, Take, Turned, Verdict, Would,
};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;

/// Letters of the name of a part that people are shown.
pub(super) const SHOWN: usize = 8;

/// A timeline that diverged, for programs.
#[derive(Serialize)]
struct ToldHeads<'a> {
    schema: &'static str,
    timeline: &'a str,
    part: String,
    /// Whether the clone stands on it.
    here: bool,
    /// What the heads came from, if that is one seal.
    base: Option<&'a str>,
    heads: Vec<ToldHead>,
    /// What a fuse would be: clean, conflicts or unrelated.
    fuse: Option<&'static str>,
    /// What it would leave in conflict.
    conflicts: Vec<String>,
    /// What is taken.
    takes: Option<String>,
    /// Why it stays as it is.
    skipped: Option<String>,
    put_off: bool,
}

/// A head, for programs.
#[derive(Serialize)]
struct ToldHead {
    side: String,
    seal: String,
    name: Option<String>,
    author: Option<String>,
    /// Milliseconds since 1970.
    time_ms: Option<u64>,
    title: Option<String>,
    /// Whether the clone stands on it.
    here: bool,
    /// How many seals it has that no other head has.
    ahead: usize,
    /// The timeline that it has if each is kept apart.
    apart: String,
}

/// What became of a timeline, for programs.
#[derive(Serialize)]
struct ToldTurned<'a> {
    schema: &'static str,
    timeline: &'a str,
    sealed: Option<String>,
    conflicts: Vec<String>,
    /// The timelines that there are now, each with its head.
    apart: Vec<(&'a str, String)>,
}

/// Tells of a timeline that diverged.
pub(super) fn tell(
    cx: &mut Context,
    case: &Case,
    diverged: &Diverged,
    is_put_off: bool,
) -> Result<(), CliError> {
    if cx.format == Format::Json {
        return cx.json(&ToldHeads { put_off: is_put_off, ..told(case, diverged) });
    }
    let line = Line::default().put(Label::Code, &diverged.part.to_string()[..SHOWN]);
    let line = line.plain("  ").plain(&case.name()).put(Label::Aside, "  heads");
    cx.out.line(&line.put(Label::Aside, if is_put_off { "  put off" } else { "" }))?;
    for (side, head) in case.sides.iter().zip(told(case, diverged).heads) {
        let ToldHead { side: letter, name, author, title, ahead, here, .. } = head;
        let line = Line::of("  ").put(Label::Code, &format!("{letter:<3} "));
        let line = line.put(Label::Seal, &name.unwrap_or_else(|| side.note.clone()));
        let line = line.plain(": ").content(Label::Plain, title.unwrap_or_default().as_bytes());
        let who = author.map(|author| format!(" by {author}")).unwrap_or_default();
        let ahead = counted(ahead as u64, "seal");
        let here = if here { ", where you stand" } else { "" };
        let told = format!("{who}, {ahead} that no other head has{here}");
        cx.out.line(&line.content(Label::Aside, told.as_bytes()))?;
    }
    let line = Line::of("  ").put(Label::Code, "fuse").plain(" ");
    cx.out.line(&match &diverged.would {
        Some(Would::Clean) => line.plain("would be clean"),
        Some(Would::Conflicts(paths)) => {
            let names: Vec<&str> = paths.iter().map(RepoPath::as_str).collect();
            line.plain("would leave in conflict: ").plain(&names.join(", "))
        }
        Some(Would::Unrelated) | None => line.plain("can not be: no seal is common to all"),
    })?;
    Ok(())
}

/// Tells a program what is taken of a timeline, or why nothing is.
pub(super) fn tell_taken(
    cx: &mut Context,
    case: &Case,
    diverged: &Diverged,
    (take, verdict): (&Take, &Result<Verdict, Declined>),
) -> Result<(), CliError> {
    let takes = verdict.is_ok().then(|| take.to_string());
    let skipped = verdict.as_ref().err().map(ToString::to_string);
    cx.json(&ToldHeads { takes, skipped, ..told(case, diverged) })
}

/// Tells a program what became of a timeline.
pub(super) fn tell_turned(cx: &mut Context, turned: &Turned) -> Result<(), CliError> {
    let (schema, timeline) = ("selkie.turned/1", &*turned.timeline);
    let nothing =
        ToldTurned { schema, timeline, sealed: None, conflicts: Vec::new(), apart: Vec::new() };
    cx.json(&match &turned.outcome {
        Outcome::Sealed(seal) => ToldTurned { sealed: Some(seal.to_string()), ..nothing },
        Outcome::Open(paths) => {
            ToldTurned { conflicts: paths.iter().map(ToString::to_string).collect(), ..nothing }
        }
        Outcome::Apart(each) => {
            let each = each.iter().map(|(name, seal)| (&**name, seal.to_string()));
            ToldTurned { apart: each.collect(), ..nothing }
        }
    })
}

fn told<'a>(case: &'a Case, diverged: &'a Diverged) -> ToldHeads<'a> {
    let head = |(number, tip): (usize, &selkie_vcs::settling::Tip)| {
        let of = case.sides.get(number).and_then(|side| side.seal.as_ref());
        let seal = of.map(|(_, seal)| seal);
        ToldHead {
            side: Take::Side(u8::try_from(number).unwrap_or(u8::MAX)).to_string(),
            seal: tip.seal.to_string(),
            name: seal.map(|seal| SealName::of(seal.change).to_string()),
            author: seal.map(|seal| seal.author.name.clone()),
            time_ms: seal.map(|seal| seal.time.ms()),
            title: seal.map(|seal| seal.message.lines().next().unwrap_or_default().to_owned()),
            here: tip.is_here,
            ahead: tip.ahead,
            apart: diverged.apart(number),
        }
    };
    let (fuse, conflicts) = match &diverged.would {
        None => (None, Vec::new()),
        Some(Would::Clean) => (Some("clean"), Vec::new()),
        Some(Would::Conflicts(paths)) => {
            (Some("conflicts"), paths.iter().map(ToString::to_string).collect())
        }
        Some(Would::Unrelated) => (Some("unrelated"), Vec::new()),
    };
    ToldHeads {
        schema: "selkie.heads/1",
        timeline: &diverged.timeline,
        part: diverged.part.to_string(),
        here: diverged.stands != Stands::Elsewhere,
        base: case.base.as_deref(),
        heads: diverged.tips.iter().enumerate().map(head).collect(),
        fuse,
        conflicts,
        takes: None,
        skipped: None,
        put_off: false,
    }
}
