//! Taking back the last command.

use selkie_vcs::undo::{TakingBack, undo};

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// What it changed for everyone is taken back for everyone, unless somebody built on it. Undo several
/// times to go further back, and 'selkie redo' to come forward again.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Run for Args {
    const ABOUT: &'static str = "Take back what the last command did";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let doer = cx.doer();
        let (mut hand, _) = workspace.take(&doer)?;
        let TakingBack { operation, of } = undo(hand.operations()?, hand.time(), cx.typed())?;
        hand.perform(&operation).map_err(CliError::Back)?;
        Ok(cx.out.say(&Line::of("Took back ").code(&of).plain("."))?)
    }
}
