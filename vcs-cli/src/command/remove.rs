//! Known files that the next seal does not have.

use std::path::PathBuf;

use selkie_vcs::remove::{Removal, remove};

use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// They go from disk, and that they go is gathered. A file that has something which was never sealed is refused.
/// Unknown files stay. 'selkie undo' brings everything back.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Leave the files on disk, unknown from now on
    #[arg(long, visible_alias = "cached", conflicts_with = "force")]
    keep: bool,
    /// Remove them whatever is in them
    #[arg(long, short)]
    force: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Remove known files and folders";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let paths = named.collect::<Result<Vec<_>, _>>()?;
        let removal = match (self.keep, self.force) {
            (true, _) => Removal::Forget,
            (false, true) => Removal::Forced,
            (false, false) => Removal::Careful,
        };
        let gone = remove(&mut workspace, &cx.doer(), cx.typed(), &paths, removal)?;
        for path in &gone {
            cx.out.say(&Line::of("  ").put(Label::Removed, "-").plain(" ").plain(path.as_str()))?;
        }
        let count = gone.len();
        let noun = if count == 1 { "file" } else { "files" };
        let line = match removal {
            Removal::Forget => format!("{count} {noun} will not be known from the next seal on."),
            Removal::Careful | Removal::Forced => {
                format!("Removed {count} {noun}; gathered for the next seal.")
            }
        };
        Ok(cx.out.say(&Line::of(&line))?)
    }
}
