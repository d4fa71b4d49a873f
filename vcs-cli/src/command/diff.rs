//! What is changed.

use std::path::PathBuf;

use selkie_vcs::diff::Diff;

use crate::compared::{Compared, Seals};
use crate::context::Context;
use crate::differences::Options;
use crate::error::CliError;
use crate::verb::Run;

/// With no seal: from what is known to what your files are. Known is what was gathered; if nothing was, what the last
/// seal has. With one: from it to what your files are. With two, or 'a..b': from the first to the second. 'a...b' is
/// from where they parted to b. Unknown files are in no difference. Paths come last: 'selkie diff main src'. After '--'
/// there are only paths. What goes to a file or a program is a patch that 'git apply' takes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One seal, two or a range, then files and folders
    #[arg(value_name = "SEAL")]
    named: Vec<String>,
    /// Only these files and folders
    #[arg(last = true, value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// What is gathered for the next seal, from what the last one has, or the one that is named
    #[arg(long, visible_alias = "cached")]
    gathered: bool,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  selkie diff                      your files, from what is known
  selkie diff @-                   your files, from the seal before
  selkie diff main..feature src    what is other in src on feature
  selkie diff main...feature       what came to feature since it left main
  selkie diff v1.0 v2.0 --stat     how much changed from one tag to another";

impl Run for Args {
    const ABOUT: &'static str = "Show what is changed";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let Compared { seals, filter } = Compared::of(cx, &workspace, &self.named, &self.paths)?;
        let pairing = self.options.pairing();
        let store = workspace.repository().store();
        let diff = match (seals, self.gathered) {
            (Seals::None, false) => Diff::of_files(&workspace, &filter)?,
            (Seals::None, true) => Diff::of_gathered(&workspace, &filter, pairing)?,
            (Seals::One(seal), false) => Diff::of_files_since(&workspace, seal, &filter, pairing)?,
            (Seals::One(seal), true) => {
                Diff::of_gathered_since(&workspace, seal, &filter, pairing)?
            }
            (Seals::Two(both), false) => Diff::of_seals(store, both, &filter, pairing)?,
            (Seals::Two(_), true) => return Err(CliError::GatheredTwo),
        };
        self.options.page(cx);
        self.options.tell(cx, &diff)
    }
}
