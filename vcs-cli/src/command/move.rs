//! Other paths for known files.

use std::path::PathBuf;

use selkie_vcs::moving::{Taken, relocate};

use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Files and folders get another path, or go into a folder, and are gathered so. What is changed in them goes with
/// them and stays ungathered. What you moved by hand already is gathered as moved. Ignored files stay where
/// they are.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required = true)]
    from: Vec<PathBuf>,
    /// Their new path, or a folder to put them in
    to: PathBuf,
    /// Take the place of a file that is there
    #[arg(long, short)]
    force: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Give known files and folders another path";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let named = self.from.iter().map(|path| Context::repo_path(&workspace, path));
        let from = named.collect::<Result<Vec<_>, _>>()?;
        let to = Context::repo_path(&workspace, &self.to)?;
        let taken = if self.force { Taken::Replace } else { Taken::Refuse };
        let moves = relocate(&mut workspace, &cx.doer(), cx.typed(), (&from, &to), taken)?;
        for moved in &moves {
            let line = Line::of("  ").put(Label::Changed, ">").plain(" ");
            let line = line.plain(moved.from.as_str()).plain(" -> ").plain(moved.to.as_str());
            cx.out.say(&line)?;
        }
        let count = moves.len();
        let noun = if count == 1 { "path" } else { "paths" };
        Ok(cx.out.say(&Line::of(&format!("Moved {count} {noun}; gathered for the next seal.")))?)
    }
}
