//! Programs that run when something happens.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

use selkie_vcs::Workspace;
use serde::Serialize;

use crate::config::ConfigError;
use crate::config::key::HOOK_FOLDERS;
use crate::config::origin::Origin;
use crate::config::store;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::hooks::{HOOKS, Hook, Pass, State, is_listed};
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A program '.selkie/hooks/NAME' of this clone runs when what NAME says happens, once you enable hooks here. They are
/// never cloned, and no folder of somebody else runs any. docs/hooks.md tells of each.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List the hooks there are, and whether they run here
    List,
    /// Let the hooks of this clone run
    Enable,
    /// Let the hooks of this clone no longer run
    Disable,
    /// Run a hook as if what it waits for happened
    Run {
        /// Its name
        #[arg(value_parser = HOOKS.map(|hook| hook.name))]
        hook: String,
        /// What it is given
        arguments: Vec<OsString>,
    },
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    hook: &'static str,
    state: &'static str,
    runs: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Let programs of yours run when something happens";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::List => list(cx),
            Verb::Enable => enable(cx),
            Verb::Disable => disable(cx),
            Verb::Run { hook, arguments } => try_out(cx, hook, arguments),
        }
    }
}

fn list(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let hooks = cx.hooks(&workspace);
    let is_on = hooks.pass() == Pass::Run;
    if cx.format == Format::Text && !is_on {
        let line = Line::of("Hooks do not run here; let them with ");
        cx.out.line(&line.code("selkie hooks enable").plain("."))?;
    }
    for hook in HOOKS {
        let state = hooks.state(hook)?;
        let (word, runs) = match &state {
            State::Absent => ("absent", false),
            State::Closed => ("no program", false),
            State::Foreign(_) => ("of others", false),
            State::Ready(_) => ("there", is_on),
        };
        match cx.format {
            Format::Json => {
                cx.json(&Told { schema: "selkie.hook/1", hook: hook.name, state: word, runs })?;
            }
            Format::Text => {
                let name = format!("{:<13}", hook.name);
                let word = if runs { "runs" } else { word };
                let line = Line::default().put(Label::Verb, &name).plain(&format!("{word:<11}"));
                cx.out.line(&line.put(Label::Aside, hook.when))?;
            }
        }
    }
    Ok(())
}

fn enable(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let mut folders = others(cx, &workspace);
    let folder = real(&workspace)?;
    folders.push(folder.clone());
    keep(cx, &folders)?;
    let shown = folder.to_string_lossy().into_owned();
    Ok(cx.out.say(&Line::of("Hooks run in ").code(&shown).plain("."))?)
}

fn disable(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let folders = others(cx, &workspace);
    keep(cx, &folders)?;
    let shown = real(&workspace)?.to_string_lossy().into_owned();
    Ok(cx.out.say(&Line::of("Hooks no longer run in ").code(&shown).plain("."))?)
}

/// Runs a hook and says how it went.
fn try_out(cx: &mut Context, name: &str, arguments: &[OsString]) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let hook = HOOKS.into_iter().find(|hook: &Hook| hook.name == name);
    let hook = hook.expect("no other name is taken on the command line");
    let hooks = cx.hooks(&workspace);
    if matches!(hooks.state(hook)?, State::Absent) {
        return Err(CliError::NoHook(name.to_owned()));
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    cx.run_hook(&workspace, hook, &arguments)?;
    if hooks.pass() != Pass::Run {
        return Ok(());
    }
    Ok(cx.out.say(&Line::of("The hook ").code(name).plain(" has nothing against it."))?)
}

fn real(workspace: &Workspace) -> Result<PathBuf, CliError> {
    fs::canonicalize(workspace.copy().folder()).map_err(CliError::Here)
}

/// The clones whose hooks run, without this one.
fn others(cx: &Context, workspace: &Workspace) -> Vec<PathBuf> {
    let listed = cx.config.value(&HOOK_FOLDERS).map_or("", |(folders, _)| folders);
    let is_other =
        |folder: &PathBuf| !is_listed(workspace.copy().folder(), &folder.to_string_lossy());
    env::split_paths(listed)
        .filter(|folder| !folder.as_os_str().is_empty())
        .filter(is_other)
        .collect()
}

fn keep(cx: &Context, folders: &[PathBuf]) -> Result<(), CliError> {
    let joined =
        env::join_paths(folders).map_err(|error| CliError::Here(std::io::Error::other(error)))?;
    let joined = joined.to_string_lossy();
    let user = cx.places.user.clone().map(Origin::User).ok_or(ConfigError::NoPlace("user"))?;
    let value = (!joined.is_empty()).then_some(&*joined);
    Ok(store(&user, HOOK_FOLDERS.name, value)?)
}
