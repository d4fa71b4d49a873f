//! One seal.

use std::path::PathBuf;

use selkie_store::Seal;
use selkie_vcs::PathFilter;
use selkie_vcs::diff::Diff;

use crate::command::log::{show_long, tell};
use crate::context::{Context, Format};
use crate::differences::Options;
use crate::error::CliError;
use crate::verb::Run;

/// What it says and who made it, and then what it changed since the first seal that it was made from.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The beginning of its name, its change or its hash; if there is none, the seal you stand on
    seal: Option<String>,
    /// Show only what it changed in these files and folders
    #[arg(last = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    options: Options,
}

impl Run for Args {
    const ABOUT: &'static str = "Show a seal and what it changed";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let id = Context::seal_or_here(&workspace, self.seal.as_deref())?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let filter = PathFilter::below(named.collect::<Result<Vec<_>, _>>()?);
        let store = workspace.repository().store();
        let seal: Seal = store.load(id)?;
        let diff = Diff::of_seal(store, &seal, &filter, self.options.pairing())?;
        let keyring = cx.keyring()?;
        cx.page();
        match cx.format {
            Format::Json => cx.json(&tell(&keyring, id, &seal))?,
            Format::Text => show_long(cx, &keyring, id, &seal)?,
        }
        self.options.tell(cx, &diff)
    }
}
