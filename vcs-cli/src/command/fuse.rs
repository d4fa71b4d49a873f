//! Bringing timelines together.

use std::io::{self, IsTerminal};

use selkie_store::{Node, RepoPath, Seal};
use selkie_vcs::fuse::{Done, Forward, Planned, Together, Wanted, What, abort, fuse, preview};
use selkie_vcs::{Decision, MergeSide, SealName, Settling, Workspace};
use serde::Serialize;

use crate::command::timeline::at;
use crate::config::key::ALWAYS_SEAL;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Brings other timelines, or single seals, into the one you stand on. Without a name it brings together the
/// newest seals of a timeline that diverged. Changes of yours that the fuse leaves alone stay as they are.
///
/// What both sides changed and nobody can bring together is in conflict. The files show it between markers, or show
/// your side; 'selkie conflicts' tells of each. Settle them and seal, or let go of all of it with
/// 'selkie fuse --abort'. Conflicts are no error: the exit code is 0.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// What to bring here: names of timelines, or any revision of one seal
    #[arg(value_name = "REV")]
    revs: Vec<String>,
    /// What the seal says; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT")]
    message: Vec<String>,
    /// Tell what would happen, and change nothing
    #[arg(long)]
    preview: bool,
    /// Make a seal even where the timeline could just move on
    #[arg(long)]
    always_seal: bool,
    /// What becomes of lines that both sides changed
    #[arg(long, value_name = "WORD", default_value = "manual")]
    strategy: Strategy,
    /// Do not ask before conflicts are written into files
    #[arg(short, long)]
    yes: bool,
    /// Let go of the fuse that is under way
    #[arg(long, conflicts_with_all = ["revs", "message", "preview", "always_seal", "yes"])]
    abort: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie fuse feature            bring the timeline feature here
  selkie fuse feature --preview  tell what that would do
  selkie fuse                    bring the heads of a diverged timeline together
  selkie fuse --abort            let go of a fuse with conflicts";

/// How lines that both sides changed are settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Strategy {
    /// By you
    Manual,
    /// By taking yours
    PreferLocal,
    /// By taking those of the other side
    PreferRemote,
    /// By keeping both, yours first
    Union,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    what: &'static str,
    to: Option<String>,
    parents: Vec<String>,
    files: Vec<String>,
    conflicts: Vec<String>,
    decisions: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Bring timelines together";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        if self.abort {
            abort(&mut workspace, &cx.doer(), cx.typed())?;
            return Ok(cx
                .out
                .say(&Line::of("The fuse is let go of; 'selkie undo' brings it back."))?);
        }
        let wanted = self.wanted(cx, &workspace)?;
        if self.preview {
            let planned = preview(&mut workspace, &cx.doer(), &wanted)?;
            return tell(cx, &workspace, &planned);
        }
        let is_asked = !self.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
        if is_asked
            && let Planned::Together(together) = preview(&mut workspace, &cx.doer(), &wanted)?
            && !together.fused.conflicts.is_empty()
            && !agreed(cx, &together)?
        {
            return Ok(cx.out.say(&Line::of("Nothing is changed."))?);
        }
        let done = fuse(&mut workspace, &cx.sealer()?, cx.typed(), &wanted)?;
        say(cx, &workspace, &done)
    }
}

impl Args {
    fn wanted(&self, cx: &Context, workspace: &Workspace) -> Result<Wanted, CliError> {
        let always = cx.config.value(&ALWAYS_SEAL).is_some_and(|(word, _)| word == "yes");
        let what = match self.revs[..] {
            [] => What::Heads,
            _ => What::Seals(
                self.revs.iter().map(|rev| named(workspace, rev)).collect::<Result<_, _>>()?,
            ),
        };
        Ok(Wanted {
            what,
            forward: if self.always_seal || always { Forward::Seal } else { Forward::Move },
            settling: match self.strategy {
                Strategy::Manual => Settling::Manual,
                Strategy::PreferLocal => Settling::Side(MergeSide::Ours),
                Strategy::PreferRemote => Settling::Side(MergeSide::Theirs),
                Strategy::Union => Settling::Union,
            },
            message: (!self.message.is_empty()).then(|| self.message.join("\n\n")),
        })
    }
}

/// A seal, with the name of the timeline that was typed for it, else its own.
fn named(workspace: &Workspace, rev: &str) -> Result<(selkie_store::SealId, String), CliError> {
    let id = Context::resolve(workspace, rev)?;
    if workspace.repository().heads_of(rev).is_some() {
        return Ok((id, rev.to_owned()));
    }
    let seal: Seal = workspace.repository().store().load(id)?;
    Ok((id, SealName::of(seal.change).to_string()))
}

/// Whether somebody wants the conflicts in their files.
fn agreed(cx: &mut Context, together: &Together) -> Result<bool, CliError> {
    for path in together.fused.conflicts.keys() {
        cx.out.warn(&Line::of("  ").put(Label::Error, "!").plain(" ").plain(path.as_str()))?;
    }
    let count = together.fused.conflicts.len();
    let noun = if count == 1 { "file" } else { "files" };
    let question = format!("{count} {noun} will be in conflict. Fuse all the same? [y/N] ");
    let answer = cx.out.ask(&Line::of(&question))?.unwrap_or_default();
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn say(cx: &mut Context, workspace: &Workspace, done: &Done) -> Result<(), CliError> {
    match done {
        Done::Nothing => Ok(cx.out.say(&Line::of("All of that is here already."))?),
        Done::Forward(to) => {
            let line = at(workspace, Line::of("Moved on to "), *to)?;
            Ok(cx.out.say(&line)?)
        }
        Done::Sealed { id, decisions, .. } => {
            cx.out.say(&at(workspace, Line::of("Sealed "), *id)?)?;
            say_decisions(cx, decisions)
        }
        Done::Open { conflicts, decisions } => {
            say_decisions(cx, decisions)?;
            for path in conflicts {
                let line = Line::of("  ").put(Label::Error, "!").plain(" ").plain(path.as_str());
                cx.out.say(&line)?;
            }
            let count = files(conflicts.len());
            let line = Line::of(&format!("{count} in conflict. Settle what is open, then "));
            let line = line.code("selkie seal").plain("; or let go of all with ");
            cx.out.say(&line.code("selkie fuse --abort").plain("."))?;
            let line = Line::note("hint").plain("see what each side did with ");
            Ok(cx.out.say(&line.code("selkie conflicts show PATH"))?)
        }
    }
}

fn say_decisions(cx: &mut Context, decisions: &[Decision]) -> Result<(), CliError> {
    for decision in decisions {
        cx.out.say(&Line::of("  ").put(Label::Aside, &decision.to_string()))?;
    }
    Ok(())
}

fn tell(cx: &mut Context, workspace: &Workspace, planned: &Planned) -> Result<(), CliError> {
    if cx.format == Format::Json {
        return cx.json(&told(planned));
    }
    match planned {
        Planned::Nothing => Ok(cx.out.line(&Line::of("All of that is here already."))?),
        Planned::Forward { to, files } => {
            cx.out.line(&at(workspace, Line::of("The timeline would move on to "), *to)?)?;
            for path in files {
                cx.out.line(&Line::of("  ").plain(path.as_str()))?;
            }
            Ok(())
        }
        Planned::Together(together) => {
            let fused = &together.fused;
            cx.out.line(&Line::of(match fused.conflicts.len() {
                0 => "A seal would be made, with these changes:",
                _ => "There would be conflicts, among these changes:",
            }))?;
            for (path, node) in &fused.edits {
                let (label, sign) = match node {
                    None => (Label::Removed, "-"),
                    Some(Node::Conflict(_)) => (Label::Error, "!"),
                    Some(_) => (Label::Changed, "~"),
                };
                cx.out
                    .line(&Line::of("  ").put(label, sign).plain(" ").put(label, path.as_str()))?;
            }
            for decision in &fused.decisions {
                cx.out.line(&Line::of("  ").put(Label::Aside, &decision.to_string()))?;
            }
            Ok(())
        }
    }
}

fn told(planned: &Planned) -> Told {
    let paths =
        |paths: &mut dyn Iterator<Item = &RepoPath>| paths.map(ToString::to_string).collect();
    let nothing = Told {
        schema: "selkie.fuse/1",
        what: "nothing",
        to: None,
        parents: Vec::new(),
        files: Vec::new(),
        conflicts: Vec::new(),
        decisions: Vec::new(),
    };
    match planned {
        Planned::Nothing => nothing,
        Planned::Forward { to, files } => {
            let files = paths(&mut files.iter());
            Told { what: "forward", to: Some(to.to_string()), files, ..nothing }
        }
        Planned::Together(together) => Told {
            what: "seal",
            parents: together.parents.iter().map(ToString::to_string).collect(),
            files: paths(&mut together.fused.edits.keys()),
            conflicts: paths(&mut together.fused.conflicts.keys()),
            decisions: together.fused.decisions.iter().map(ToString::to_string).collect(),
            ..nothing
        },
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") }
}
