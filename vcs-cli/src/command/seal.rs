//! Recording.

use selkie_vcs::SealName;
use selkie_vcs::seal::{Conflicts, Content, seal_as};

use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// With nothing gathered it seals every change of a known file. Unknown files are never sealed by
/// themselves: gather them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What it says; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT", required = true)]
    message: Vec<String>,
    /// Seal although files are in conflict: they can be settled later, by anybody
    #[arg(long)]
    with_conflicts: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Record what is gathered, or every change";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let message = self.message.join("\n\n");
        let conflicts = if self.with_conflicts { Conflicts::Sealed } else { Conflicts::Refused };
        let sealed = seal_as(&mut workspace, &cx.sealer()?, cx.typed(), message, conflicts)?;
        if let Content::Changes(count @ 1..) = sealed.content {
            let noun = if count == 1 { "known file" } else { "known files" };
            let line =
                format!("Nothing was gathered, so the changes of {count} {noun} are sealed.");
            cx.out.say(&Line::of(&line))?;
        }
        let name = SealName::of(sealed.seal.change).to_string();
        let title = sealed.seal.message.lines().next().unwrap_or_default();
        let line = Line::of("Sealed ").put(Label::Seal, &name).plain(": ").plain(title);
        Ok(cx.out.say(&line)?)
    }
}
