//! Taking back what a seal changed, by another one.

use selkie_store::Seal;
use selkie_vcs::Workspace;
use selkie_vcs::reverse::{Wanted, preview, reverse};

use crate::context::Context;
use crate::count::figure;
use crate::error::CliError;
use crate::rewritten::{Making, Words, tell_merge};
use crate::seals::every;
use crate::verb::Run;
use crate::words::tidied;

/// A new seal on top of where you stand takes back what each of these changed; the old one stays in the history. Seals are taken
/// back in the order in which you name them, those of a range newest first. What you have not sealed is carried.
///
/// What others changed in the same place since is in conflict in the new seal. A seal that you want gone from the history, and
/// that nobody else has, goes with 'selkie undo'. A fuse that was reversed does not come again with another fuse of the same seals:
/// reverse what reversed it.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Seals, or ranges of them
    #[arg(required = true, value_name = "REV")]
    revs: Vec<String>,
    /// What the seals say; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT")]
    message: Vec<String>,
    /// Of a seal that brought others together: take back what it brought to the one of this number, counted from 1
    #[arg(long, value_name = "NUMBER", value_parser = figure::<usize>)]
    parent: Option<usize>,
    #[command(flatten)]
    making: Making,
}

const EXAMPLES: &str = "\
Examples:
  selkie reverse brave-otter             take back what that seal changed
  selkie reverse @ -m 'It was too early' take back the last one, and say why
  selkie reverse v1.0..                  take back all since v1.0, newest first";

const WORDS: Words = Words {
    did: "Reversed",
    would: "Would reverse",
    nothing: "nothing of it is left to take back",
};

impl Run for Args {
    const ABOUT: &'static str = "Take back what a seal changed, by a new seal";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let wanted = self.wanted(&workspace)?;
        self.check_habit(&workspace, &wanted)?;
        for seal in &wanted.seals {
            tell_merge(cx, &workspace, *seal, self.parent)?;
        }
        self.making.run(
            cx,
            &mut workspace,
            WORDS,
            |workspace, doer| preview(workspace, doer, &wanted),
            |workspace, doer, typed, unfinished| {
                reverse(workspace, doer, typed, &wanted, unfinished)
            },
        )
    }
}

impl Args {
    fn wanted(&self, workspace: &Workspace) -> Result<Wanted, CliError> {
        let seals = every(workspace, &self.revs, |named| named.seals)?;
        let message = (!self.message.is_empty()).then(|| tidied(&self.message.join("\n\n")));
        let message = message.filter(|message| !message.is_empty());
        Ok(Wanted { seals, parent: self.parent, message })
    }

    /// Git's `-m` of a revert is the number of a parent. Nobody means to say just that.
    fn check_habit(&self, workspace: &Workspace, wanted: &Wanted) -> Result<(), CliError> {
        let ([number], [rev]) = (&self.message[..], &self.revs[..]) else { return Ok(()) };
        let Ok(parent) = number.parse::<usize>() else { return Ok(()) };
        let load = |seal| workspace.repository().store().load::<Seal>(seal);
        for seal in &wanted.seals {
            let count = load(*seal)?.parents.len();
            if count > 1 && (1..=count).contains(&parent) {
                let typed = format!("reverse -m {number} {rev}");
                let here = format!("reverse --parent {number} {rev}");
                return Err(CliError::Habit { typed, here });
            }
        }
        Ok(())
    }
}
