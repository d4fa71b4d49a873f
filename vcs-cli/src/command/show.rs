//! One seal.

use std::path::PathBuf;

use selkie_store::Seal;
use selkie_vcs::PathFilter;
use selkie_vcs::diff::Diff;

use crate::command::log::{show_long, tell};
use crate::context::{Context, Format};
use crate::differences::Options;
use crate::error::CliError;
use crate::template::Template;
use crate::template::subject::{Subject, Teller};
use crate::verb::Run;

/// What it says and who made it, and then what it changed since the first seal that it was made from.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The beginning of its name, its change or its hash; if there is none, the seal you stand on
    seal: Option<String>,
    /// Show only what it changed in these files and folders
    #[arg(last = true)]
    paths: Vec<PathBuf>,
    /// Tell the seal so: a text with fields such as {name} and {title}; 'selkie log --help' lists them
    #[arg(long, value_name = "TEMPLATE", visible_alias = "pretty")]
    format: Option<String>,
    #[command(flatten)]
    options: Options,
}

impl Run for Args {
    const ABOUT: &'static str = "Show a seal and what it changed";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let template = self.format.as_deref().map(Template::parse).transpose()?;
        let workspace = cx.workspace()?;
        let id = Context::seal_or_here(&workspace, self.seal.as_deref())?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let filter = PathFilter::below(named.collect::<Result<Vec<_>, _>>()?);
        let store = workspace.repository().store();
        let seal: Seal = store.load(id)?;
        let diff = Diff::of_seal(store, &seal, &filter, self.options.pairing())?;
        let keyring = cx.keyring()?;
        let template = template.as_ref();
        let teller = template.map(|template| Teller::new(cx, &workspace, template)).transpose()?;
        self.options.page(cx);
        match (cx.format, teller) {
            (Format::Json, _) => cx.json(&tell(&keyring, id, &seal))?,
            (Format::Text, None) => show_long(cx, &keyring, id, &seal)?,
            (Format::Text, Some(teller)) => {
                let lines = teller.lines(&Subject::of_seal(id, seal))?;
                lines.iter().try_for_each(|line| cx.out.line(line))?;
            }
        }
        self.options.tell(cx, &diff)
    }
}
