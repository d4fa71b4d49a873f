//! Lines of seals.

use selkie_store::{Seal, SealId};
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{Then, begin, list};
use selkie_vcs::{SealName, TimelineName, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A timeline is a line of seals with a name. All replicas know it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Begin a timeline at the seal you stand on, and go there
    New {
        /// Its name
        name: String,
        /// Begin it, and stay where you are
        #[arg(long)]
        stay: bool,
    },
    /// List all timelines
    List,
    /// Go to the newest seal of a timeline; your changes come along where they fit
    Switch {
        /// Its name
        name: String,
    },
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    here: bool,
    heads: Vec<String>,
    note: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Begin, list and change timelines";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::New { name, stay } => new(cx, name, *stay),
            Verb::List => all(cx),
            Verb::Switch { name } => go(cx, name),
        }
    }
}

fn new(cx: &mut Context, name: &str, stay: bool) -> Result<(), CliError> {
    let refused = |source| CliError::Name { name: name.to_owned(), source };
    TimelineName::new(name).map_err(refused)?;
    let mut workspace = cx.workspace()?;
    let then = if stay { Then::Stay } else { Then::Go };
    let seal = begin(&mut workspace, &cx.doer(), cx.typed(), name.to_owned(), then)?;
    let line = Line::of("Timeline ").put(Label::Timeline, name).plain(" begins at ");
    Ok(cx.out.say(&at(&workspace, line, seal)?)?)
}

fn go(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let seal = switch(&mut workspace, &cx.doer(), cx.typed(), name)?;
    let line = Line::of("On timeline ").put(Label::Timeline, name).plain(", at ");
    Ok(cx.out.say(&at(&workspace, line, seal)?)?)
}

/// The line, and then which seal it is.
fn at(workspace: &Workspace, line: Line, seal: SealId) -> Result<Line, CliError> {
    let seal: Seal = workspace.repository().store().load(seal)?;
    let title = seal.message.lines().next().unwrap_or_default();
    let line = line.put(Label::Seal, &SealName::of(seal.change).to_string());
    Ok(line.plain(": ").plain(title))
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    for timeline in list(workspace.repository()) {
        if cx.format == Format::Json {
            let heads = timeline.heads.iter().map(ToString::to_string).collect();
            let (schema, name, note) = ("selkie.timeline/1", timeline.name, timeline.note);
            cx.json(&Told { schema, name, here: timeline.here, heads, note })?;
            continue;
        }
        let mark = if timeline.here { "* " } else { "  " };
        let mut line = Line::of(mark).put(Label::Timeline, &timeline.name);
        for head in &timeline.heads {
            line = at(&workspace, line.plain("  "), *head)?;
        }
        if let Some(note) = &timeline.note {
            line = line.plain("  ").put(Label::Aside, note);
        }
        cx.out.line(&line)?;
    }
    Ok(())
}
