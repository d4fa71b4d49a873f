//! Taking back the last undo.

use selkie_vcs::undo::{TakingBack, redo};

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// It works until you do something else.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Run for Args {
    const ABOUT: &'static str = "Do again what the last undo took back";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let doer = cx.doer();
        let (mut hand, _) = workspace.take(&doer)?;
        let TakingBack { operation, .. } = redo(hand.operations()?, hand.time(), cx.typed())?;
        hand.perform(&operation).map_err(CliError::Back)?;
        Ok(cx.out.say(&Line::of("Redone."))?)
    }
}
