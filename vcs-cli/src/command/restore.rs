//! Bringing back what a file was.

use std::path::PathBuf;

use selkie_vcs::offer;
use selkie_vcs::restore::restore;

use crate::asking::ask;
use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// The file, or all of a folder, becomes what it was in the seal. It is a change like any other: gather it if
/// the next seal shall have it. 'selkie undo' brings back what was there before.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file or folder
    path: PathBuf,
    /// The seal
    #[arg(long, value_name = "SEAL")]
    from: String,
    /// Choose changes one by one; 'selkie gather --help' tells how
    #[arg(short, long)]
    patch: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Make a file what it was in a seal";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let path = Context::repo_path(&workspace, &self.path)?;
        let seal = Context::resolve(&workspace, &self.from)?;
        if self.patch {
            let offer = offer::of_seal(&mut workspace, &cx.doer(), &path, seal)?;
            let choices = ask(cx, &workspace, &offer, "Restore")?;
            offer::rewrite(&mut workspace, &cx.doer(), cx.typed(), &offer, &choices)?;
            let line =
                Line::of("What you chose of ").plain(path.as_str()).plain(" is as it was in ");
            return Ok(cx.out.say(&line.put(Label::Seal, &self.from).plain("."))?);
        }
        restore(&mut workspace, &cx.doer(), cx.typed(), &path, seal)?;
        let line = Line::default().plain(path.as_str()).plain(" is as it was in ");
        Ok(cx.out.say(&line.put(Label::Seal, &self.from).plain("."))?)
    }
}
