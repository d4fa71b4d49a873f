//! Letting go of what was gathered.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::gather::release;
use selkie_vcs::offer;

use crate::asking::ask;
use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// Your files stay as they are.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files and folders; if you name none, everything
    paths: Vec<PathBuf>,
    /// Choose changes one by one; 'selkie gather --help' tells how
    #[arg(short, long)]
    patch: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie release                let go of everything that is gathered
  selkie release notes.txt      let go of what is gathered of a file
  selkie release -p             choose of which changes";

impl Run for Args {
    const ABOUT: &'static str = "Let go of what was gathered";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        if !self.patch && self.paths.is_empty() {
            release(&mut workspace, &cx.doer(), cx.typed())?;
            return Ok(cx.out.say(&Line::of("Nothing is gathered."))?);
        }
        let mut paths = Context::paths_here(&workspace, &self.paths)?;
        if paths.is_empty() {
            paths.push(RepoPath::default());
        }
        let offer = offer::of_gathered(&mut workspace, &cx.doer(), &paths)?;
        let choices = if self.patch {
            ask(cx, &workspace, &offer, "Release")?
        } else {
            offer.everything(&workspace)?
        };
        let count = offer::gather(&mut workspace, &cx.doer(), cx.typed(), &offer, &choices)?;
        let noun = if count == 1 { "file" } else { "files" };
        cx.out.say(&Line::of(&format!("Let go of what was gathered of {count} {noun}.")))?;
        if workspace.repository().desk().gathered.is_none() {
            cx.out.say(&Line::of("Nothing is gathered."))?;
        }
        Ok(())
    }
}
