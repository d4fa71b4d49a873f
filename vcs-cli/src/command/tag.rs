//! Names for single seals.

use selkie_vcs::TagName;
use selkie_vcs::tag::{remove, set};
use serde::Serialize;

use crate::command::timeline::at;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A tag is a name that stays with one seal. All replicas know it. 'selkie tag NAME' names the seal you
/// stand on, and 'selkie tag' alone lists them.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Its name
    name: Option<String>,
    /// The seal; without one, where you stand
    #[arg(default_value = "@", hide_default_value = true)]
    rev: String,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List all tags
    List,
    /// Remove a tag; its seal stays
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    seals: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Name a seal, list and remove such names";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match (&self.verb, &self.name) {
            (Some(Verb::Remove { name }), _) => end(cx, name),
            (None, Some(name)) => begin(cx, name, &self.rev),
            (Some(Verb::List), _) | (None, None) => all(cx),
        }
    }
}

fn begin(cx: &mut Context, name: &str, rev: &str) -> Result<(), CliError> {
    let kind = "tag";
    let refused = |source| CliError::Name { kind, name: name.to_owned(), source };
    let tag = TagName::new(name).map_err(refused)?;
    let mut workspace = cx.workspace()?;
    let seal = Context::resolve(&workspace, rev)?;
    set(&mut workspace, &cx.doer(), cx.typed(), &tag, seal)?;
    let line = Line::of("Tag ").put(Label::Timeline, name).plain(" is ");
    Ok(cx.out.say(&at(&workspace, line, seal)?)?)
}

fn end(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let seals = remove(&mut workspace, &cx.doer(), cx.typed(), name)?;
    let mut line = Line::of("Removed tag ").put(Label::Timeline, name).plain(" from ");
    for (number, seal) in seals.into_iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        line = at(&workspace, line.plain(comma), seal)?;
    }
    Ok(cx.out.say(&line)?)
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let shared = workspace.repository().shared();
    if shared.tags().next().is_none() {
        cx.nothing("There is no tag.")?;
    }
    for (name, seals) in shared.tags() {
        if cx.format == Format::Json {
            let (schema, name) = ("selkie.tag/1", name.to_owned());
            let seals = seals.iter().map(ToString::to_string).collect();
            cx.json(&Told { schema, name, seals })?;
            continue;
        }
        let mut line = Line::default().put(Label::Timeline, name);
        for seal in seals {
            line = at(&workspace, line.plain("  "), seal)?;
        }
        cx.out.line(&line)?;
    }
    Ok(())
}
