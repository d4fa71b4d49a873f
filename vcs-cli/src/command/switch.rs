//! Standing on another timeline.

use crate::command::timeline::switch_to;
use crate::context::Context;
use crate::error::CliError;
use crate::going::Going;
use crate::verb::Run;

/// What is not sealed comes along if it fits there, else waits on a shelf until you are back. The same as 'selkie
/// timeline switch'; 'selkie travel' goes to any seal.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    going: Going,
}

impl Run for Args {
    const ABOUT: &'static str = "Go to a timeline, or begin one with -c";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        switch_to(cx, &self.going)
    }
}
