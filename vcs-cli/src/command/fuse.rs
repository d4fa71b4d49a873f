//! Bringing timelines together.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

use selkie_store::{Node, RepoPath, Seal};
use selkie_vcs::commanded::tasks;
use selkie_vcs::converge::{Occasion, Place, Settled, converge};
use selkie_vcs::fuse::{Done, Forward, Planned, Together, Wanted, What, abort, fuse, preview};
use selkie_vcs::{Arbiter, Decision, RulesError, SealName, Strategy, Workspace, decisions};
use serde::Serialize;

use crate::command::strategy::broken;
use crate::command::timeline::at;
use crate::config::key::ALWAYS_SEAL;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::serving::pace::unsaid;
use crate::settler::{answers, is_allowed};
use crate::verb::Run;
use crate::waiting::waiting;

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
    /// How all is settled that both sides changed, whatever the rules in selkie.toml say
    #[arg(long, value_name = "WORD")]
    strategy: Option<Word>,
    /// Do not ask before conflicts are written into files
    #[arg(short, long)]
    yes: bool,
    /// Settle every timeline that diverged as its strategy says
    #[arg(long, conflicts_with_all = ["revs", "message", "preview", "always_seal", "strategy", "abort"])]
    diverged: bool,
    /// Let go of the fuse that is under way
    #[arg(long, conflicts_with_all = ["revs", "message", "preview", "always_seal", "yes"])]
    abort: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie fuse feature            bring the timeline feature here
  selkie fuse feature --preview  tell what that would do
  selkie fuse                    bring the heads of a diverged timeline together
  selkie fuse --diverged         settle all timelines that have a strategy for it
  selkie fuse --abort            let go of a fuse with conflicts";

/// How what both sides changed is settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Word {
    /// By you, also where a step would know an answer
    Manual,
    /// By the steps that know an answer, and the rest by you
    AutoMerge,
    /// By taking yours where no step knows an answer
    PreferLocal,
    /// By taking that of the other side there
    PreferRemote,
    /// By taking that of the side which wrote the file last
    LastWrite,
    /// By taking that of the side which wrote the file first
    FirstWrite,
    /// By keeping both, yours first
    Union,
    /// By keeping each line of either side once
    Set,
}

impl Word {
    const fn strategy(self) -> Strategy {
        match self {
            Self::Manual => Strategy::Manual,
            Self::AutoMerge => Strategy::AutoMerge,
            Self::PreferLocal => Strategy::PreferLocal,
            Self::PreferRemote => Strategy::PreferRemote,
            Self::LastWrite => Strategy::LastWrite,
            Self::FirstWrite => Strategy::FirstWrite,
            Self::Union => Strategy::Union,
            Self::Set => Strategy::Set,
        }
    }
}

/// What became of a timeline that had diverged, for programs.
#[derive(Serialize)]
struct ToldSettled<'a> {
    schema: &'static str,
    timeline: &'a str,
    strategy: &'static str,
    sealed: Vec<String>,
    waiting: Option<String>,
    moved: bool,
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
    /// Why the rules say nothing.
    broken_rules: Option<String>,
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
        if self.diverged {
            let unsaid = unsaid(&cx.config);
            let settled =
                converge(&mut workspace, &cx.doer(), cx.typed(), Occasion::Asked, &unsaid)?;
            return tell_settled(cx, &workspace, &settled);
        }
        let mut wanted = self.wanted(cx, &workspace)?;
        if self.preview {
            let planned = preview(&mut workspace, &cx.doer(), &wanted)?;
            return tell(cx, &workspace, &planned);
        }
        let is_asked = !self.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
        // A command of the user may settle what is in conflict, before anybody is asked about that.
        let runs = is_allowed(cx, &workspace);
        if (is_asked || runs)
            && let Planned::Together(mut together) = preview(&mut workspace, &cx.doer(), &wanted)?
        {
            if runs {
                let tasks = tasks(workspace.repository().store(), &together.fused)?;
                wanted.answers = answers(cx, &workspace, tasks)?;
                together.fused.conflicts.retain(|path, _| !wanted.answers.contains_key(path));
            }
            if is_asked && !together.fused.conflicts.is_empty() && !agreed(cx, &together)? {
                return Ok(cx.out.say(&Line::of("Nothing is changed."))?);
            }
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
            arbiter: self.strategy.map_or(Arbiter::Trees, |word| Arbiter::Asked(word.strategy())),
            message: (!self.message.is_empty()).then(|| self.message.join("\n\n")),
            answers: BTreeMap::new(),
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
        Done::Sealed { id, decisions, broken, .. } => {
            say_broken(cx, broken.as_ref())?;
            cx.out.say(&at(workspace, Line::of("Sealed "), *id)?)?;
            say_decisions(cx, decisions)
        }
        Done::Open { conflicts, decisions, broken, commands } => {
            say_broken(cx, broken.as_ref())?;
            say_decisions(cx, decisions)?;
            for path in conflicts {
                let line = Line::of("  ").put(Label::Error, "!").plain(" ").plain(path.as_str());
                cx.out.say(&line)?;
            }
            for (path, command) in commands {
                let line = Line::note("note").plain("a rule is for the command ").code(command);
                let line = line.plain(" to settle ").plain(path.as_str());
                if !is_allowed(cx, workspace) {
                    let line = line.plain("; let it with ").code("selkie strategy enable");
                    cx.out.say(&line)?;
                }
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

fn say_broken(cx: &mut Context, error: Option<&RulesError>) -> Result<(), CliError> {
    error.map_or(Ok(()), |error| broken(cx, error))
}

/// What became of each timeline that had diverged.
fn tell_settled(
    cx: &mut Context,
    workspace: &Workspace,
    settled: &[Settled],
) -> Result<(), CliError> {
    if settled.is_empty() && cx.format == Format::Text {
        cx.out.say(&Line::of("No timeline has diverged."))?;
    }
    for one in settled {
        if cx.format == Format::Json {
            cx.json(&ToldSettled {
                schema: "selkie.diverged/1",
                timeline: &one.timeline,
                strategy: one.strategy.strategy().name(),
                sealed: one.made.iter().map(|made| made.id.to_string()).collect(),
                waiting: one.waiting.as_ref().map(waiting),
                moved: one.place == Place::Moved,
            })?;
            continue;
        }
        let strategy = one.strategy.strategy().name();
        let line = Line::of("Timeline ").put(Label::Timeline, &one.timeline);
        cx.out.line(&line.plain(" diverged; its strategy is ").put(Label::Verb, strategy))?;
        if let Some(made) = &one.made {
            cx.out.line(&at(workspace, Line::of("  Sealed "), made.id)?)?;
            for decision in decisions(&made.seal) {
                cx.out.line(&Line::of("    ").put(Label::Aside, &decision))?;
            }
        }
        if let Some(why) = &one.waiting {
            let line = Line::of("  Its heads stay beside each other: ").plain(&waiting(why));
            cx.out.line(&line)?;
            let line = Line::note("hint").plain("bring them together yourself: ");
            let line = line.code(&format!("selkie switch {}", one.timeline)).plain(", then ");
            cx.out.line(&line.code("selkie fuse"))?;
        }
        if let Place::Blocked(paths) = &one.place {
            let paths: Vec<&str> = paths.iter().map(RepoPath::as_str).collect();
            let line = Line::note("note").plain("you stay where you are: seal or discard ");
            let line = line.plain(&paths.join(", ")).plain(", then ");
            cx.out.say(&line.code(&format!("selkie fuse {}", one.timeline)))?;
        }
    }
    Ok(())
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
            say_broken(cx, fused.broken.as_ref())?;
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
        broken_rules: None,
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
            broken_rules: together.fused.broken.as_ref().map(ToString::to_string),
            ..nothing
        },
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") }
}
