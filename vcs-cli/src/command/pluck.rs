//! Changes of other seals, made here as well.

use selkie_vcs::pluck::{Wanted, pluck, preview};
use selkie_vcs::{Emptied, Workspace};

use crate::context::Context;
use crate::count::figure;
use crate::error::CliError;
use crate::rewritten::{Making, Words, tell_merge};
use crate::seals::{Named, every};
use crate::verb::Run;

/// Each seal is made once more on top of where you stand, as a new change that tells where it came from; its author, its date and
/// its words stay. Seals stand in the order in which you name them, those of a range oldest first. What you have not
/// sealed is carried.
///
/// What can not be brought together is in conflict in the new seal, and the next one is made on top of that. A conflict that
/// somebody settled before settles itself. 'selkie undo' takes back all of it at once.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Seals, or ranges of them
    #[arg(required = true, value_name = "REV")]
    revs: Vec<String>,
    /// Of a seal that brought others together: take what it brought to the one of this number, counted from 1
    #[arg(long, value_name = "NUMBER", value_parser = figure::<usize>)]
    parent: Option<usize>,
    /// Make a seal even of a change that is here already
    #[arg(long)]
    keep_empty: bool,
    #[command(flatten)]
    making: Making,
}

const EXAMPLES: &str = "\
Examples:
  selkie pluck brave-otter          make that change here as well
  selkie pluck main..fix            make all that fix has and main has not
  selkie pluck fix --dry-run        tell whether it would be in conflict";

const WORDS: Words =
    Words { did: "Plucked", would: "Would pluck", nothing: "all that it changes is here already" };

impl Run for Args {
    const ABOUT: &'static str = "Make changes of other seals here as well";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let wanted = self.wanted(&workspace)?;
        for seal in &wanted.seals {
            tell_merge(cx, &workspace, *seal, self.parent)?;
        }
        self.making.run(
            cx,
            &mut workspace,
            WORDS,
            |workspace, doer| preview(workspace, doer, &wanted),
            |workspace, doer, typed, unfinished| pluck(workspace, doer, typed, &wanted, unfinished),
        )
    }
}

impl Args {
    fn wanted(&self, workspace: &Workspace) -> Result<Wanted, CliError> {
        let seals = every(workspace, &self.revs, Named::oldest_first)?;
        let emptied = if self.keep_empty { Emptied::Kept } else { Emptied::Dropped };
        Ok(Wanted { seals, parent: self.parent, emptied })
    }
}
