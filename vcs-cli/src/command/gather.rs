//! Choosing what the next seal has.

use std::path::PathBuf;

use selkie_vcs::gather::gather;
use selkie_vcs::{Ignore, Workspace};

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// What the files are now is kept: later changes of them are not in the next seal until they are gathered
/// again. A folder stands for all in it that is not ignored.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Run for Args {
    const ABOUT: &'static str = "Choose what the next seal has";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace: Workspace = cx.workspace()?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let paths = named.collect::<Result<Vec<_>, _>>()?;
        let rules = Ignore::new(Vec::new());
        let taken = gather(&mut workspace, &cx.doer(), cx.typed(), &paths, rules)?;
        let count = taken.len();
        let noun = if count == 1 { "file" } else { "files" };
        Ok(cx.out.say(&Line::of("Gathered ").plain(&format!("{count} {noun}.")))?)
    }
}
