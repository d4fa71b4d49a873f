//! What is changed.

use std::path::PathBuf;

use selkie_vcs::PathFilter;
use selkie_vcs::diff::Diff;

use crate::context::Context;
use crate::differences::Options;
use crate::error::CliError;
use crate::verb::Run;

/// From what is known to what your files are. Known is what was gathered; if nothing was, what the last seal
/// has. Unknown files are in no difference. What goes to a file or a program is a patch that 'git apply'
/// takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders, if not all
    paths: Vec<PathBuf>,
    /// What is gathered for the next seal, from what the last one has
    #[arg(long, visible_alias = "cached")]
    gathered: bool,
    #[command(flatten)]
    options: Options,
}

impl Run for Args {
    const ABOUT: &'static str = "Show what is changed";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let filter = PathFilter::below(named.collect::<Result<Vec<_>, _>>()?);
        let diff = if self.gathered {
            Diff::of_gathered(&workspace, &filter, self.options.pairing())?
        } else {
            Diff::of_files(&workspace, &filter)?
        };
        self.options.page(cx);
        self.options.tell(cx, &diff)
    }
}
