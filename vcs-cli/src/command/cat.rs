//! What a file holds, as it was recorded.

use std::path::PathBuf;

use selkie_store::Seal;
use selkie_vcs::cat::cat;

use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::out::Reader;
use crate::verb::Run;

/// As it is known: as it was gathered, else as the last seal has it. What goes to a file or a program are
/// exactly its bytes; on a terminal, what the terminal would obey is spelled out.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file
    path: PathBuf,
    /// As it was in this seal
    #[arg(long, value_name = "SEAL")]
    at: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Print a file as it was recorded";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let path = Context::repo_path(&workspace, &self.path)?;
        let store = workspace.repository().store();
        let tree = match &self.at {
            Some(at) => store.load::<Seal>(Context::resolve(&workspace, at)?)?.tree,
            None => workspace.known()?,
        };
        let mut parts = cat(store, tree, &path)?;
        cx.page();
        if cx.out.reader() == Reader::Program {
            return parts.try_for_each(|part| Ok(cx.out.stream().write_all(&part?)?));
        }
        let bytes = parts.collect::<Result<Vec<_>, _>>()?.concat();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            cx.out.line(&Line::default().content(Label::Plain, line))?;
        }
        Ok(())
    }
}
