//! Standing on any seal.

use selkie_vcs::switch::{SwitchError, travel};

use crate::command::timeline::{at, go, switched};
use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::unfinished::{Options, tell};
use crate::verb::Run;

/// The files become what they were in that seal; what is not sealed comes along if it fits, else it is laid on a shelf. There you stand on no
/// timeline: look around, or begin one with 'selkie switch -c'. The name of a timeline takes you to its
/// newest seal, as 'selkie switch' does.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A timeline, a tag, a seal, or where one was: 'main@{2 days ago}'
    rev: String,
    #[command(flatten)]
    unfinished: Options,
}

impl Run for Args {
    const ABOUT: &'static str = "Go to any seal, or to a timeline";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        if workspace.repository().heads_of(&self.rev).is_some() {
            return go(cx, &self.rev, &self.unfinished);
        }
        let seal = Context::resolve(&workspace, &self.rev)?;
        let old = workspace.repository().desk().bases.first().copied();
        let unfinished = self.unfinished.chosen(cx);
        let arrival = match travel(&mut workspace, &cx.doer(), cx.typed(), seal, unfinished) {
            Err(SwitchError::There) => {
                let line = Line::of("This is that seal already, on no timeline.");
                return Ok(cx.out.say(&line)?);
            }
            arrival => arrival?,
        };
        cx.out.say(&at(&workspace, Line::of("On no timeline, at "), seal)?)?;
        tell(cx, &arrival.shelved)?;
        let line = Line::note("hint").plain("what you seal here needs a timeline: ");
        cx.out.say(&line.put(Label::Code, "selkie switch -c NAME"))?;
        switched(cx, &workspace, old, seal)
    }
}
