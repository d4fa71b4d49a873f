//! Manual pages.

use std::fs;
use std::path::PathBuf;

use clap_mangen::Man;

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// One page for the program and one for each command, in the form that the command 'man' reads.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write all pages into this folder instead of printing the first one
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

impl Run for Args {
    const ABOUT: &'static str = "Print or write the manual pages";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let program = (cx.define)();
        let Some(folder) = &self.into else {
            return Ok(Man::new(program).render(cx.out.stream())?);
        };
        let into = folder.to_string_lossy();
        let write = || {
            fs::create_dir_all(folder)?;
            clap_mangen::generate_to(program, folder)
        };
        write().map_err(|source| CliError::Write { path: into.clone().into_owned(), source })?;
        cx.out.say(&Line::of("The pages are in ").code(&into).plain("."))?;
        Ok(())
    }
}
