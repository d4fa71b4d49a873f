//! Choosing what the next seal has.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::gather::{gather, gather_known, preview};
use selkie_vcs::{AskedUnknown, Way, Workspace, offer};
use serde::Serialize;

use crate::asking::ask;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::passed::not_gathered;
use crate::verb::Run;

/// What the files are now is kept: later changes of them are not in the next seal until they are gathered
/// again. A folder stands for all in it that is not ignored.
///
/// With -p you are asked about each change: 'y' takes it, 'n' leaves it, '?' tells what else can be said.
/// Answers are read line by line from standard input; where it ends, nothing more is taken.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required_unless_present_any = ["all", "update", "patch"])]
    paths: Vec<PathBuf>,
    /// Everything in the repository, wherever you are
    #[arg(short = 'A', long, conflicts_with = "paths")]
    all: bool,
    /// Only changes of files that are known already
    #[arg(short, long)]
    update: bool,
    /// Choose changes one by one; without paths, of files that are known already
    #[arg(short, long)]
    patch: bool,
    /// Tell what would be gathered, and gather nothing
    #[arg(long, conflicts_with = "patch")]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie gather src notes.txt   take what these are now
  selkie gather -A              take everything that is not ignored
  selkie gather -u              take the changes of known files
  selkie gather -p notes.txt    choose which changes to take";

/// What would be gathered.
#[derive(Serialize)]
struct Told {
    schema: &'static str,
    paths: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Choose what the next seal has";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace: Workspace = cx.workspace()?;
        let paths = self.paths(&workspace)?;
        let doer = cx.doer();
        let unknown = self.unknown();
        if self.patch {
            let offer = offer::of_files(&mut workspace, &doer, &paths, unknown, Way::Take)?;
            let choices = ask(cx, &workspace, &offer, "Gather")?;
            let count = offer::gather(&mut workspace, &cx.doer(), cx.typed(), &offer, &choices)?;
            return told(cx, "Gathered", count);
        }
        if self.dry_run {
            let found = preview(&mut workspace, &doer, &paths, unknown)?;
            not_gathered(&found).try_for_each(|line| cx.out.warn(&line))?;
            if cx.format == Format::Json {
                let paths = found.taken.iter().map(ToString::to_string).collect();
                return cx.json(&Told { schema: "selkie.gather/1", paths });
            }
            told(cx, "Would gather", found.taken.len())?;
            for path in &found.taken {
                cx.out.line(&Line::of("  ").put(Label::Changed, path.as_str()))?;
            }
            return Ok(());
        }
        let found = match unknown {
            AskedUnknown::Nothing => gather_known(&mut workspace, &doer, cx.typed(), &paths)?,
            AskedUnknown::Directories | AskedUnknown::Files => {
                gather(&mut workspace, &doer, cx.typed(), &paths)?
            }
        };
        not_gathered(&found).try_for_each(|line| cx.out.warn(&line))?;
        told(cx, "Gathered", found.taken.len())
    }
}

impl Args {
    /// What was named; where nothing is, everything.
    fn paths(&self, workspace: &Workspace) -> Result<Vec<RepoPath>, CliError> {
        if self.paths.is_empty() {
            return Ok(vec![RepoPath::default()]);
        }
        Context::paths_here(workspace, &self.paths)
    }

    fn unknown(&self) -> AskedUnknown {
        let is_known = self.update || (self.patch && self.paths.is_empty() && !self.all);
        if is_known { AskedUnknown::Nothing } else { AskedUnknown::Files }
    }
}

fn told(cx: &mut Context, verb: &str, count: usize) -> Result<(), CliError> {
    let noun = if count == 1 { "file" } else { "files" };
    Ok(cx.out.say(&Line::of(verb).plain(&format!(" {count} {noun}.")))?)
}
