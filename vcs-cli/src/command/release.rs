//! Letting go of what was gathered.

use selkie_vcs::gather::release;

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// Your files stay as they are.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Run for Args {
    const ABOUT: &'static str = "Let go of everything that was gathered";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        release(&mut workspace, &cx.doer(), cx.typed())?;
        Ok(cx.out.say(&Line::of("Nothing is gathered."))?)
    }
}
