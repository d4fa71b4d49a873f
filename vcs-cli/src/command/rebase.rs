//! Moving seals onto another one.

use selkie_vcs::rebase::{Wanted, What, preview, rebase};
use selkie_vcs::{Emptied, Others, Workspace};

use crate::context::Context;
use crate::error::CliError;
use crate::rewritten::{Making, Words};
use crate::seals::Named;
use crate::verb::Run;

/// All that your timeline has and the other seal has not is made again on top of that one. Seals keep their names, authors, dates
/// and order, and merges among them stay merges; whoever has the old ones sees the new ones in their place. What you have not sealed is carried.
///
/// With the name of a timeline that one is moved, wherever you stand. With seals or a range, these move, and
/// all that came from them in your timeline.
///
/// What can not be brought together is in conflict in the new seal, and the next one is made on top of that, so there is nothing
/// to continue. A conflict that somebody settled before settles itself. 'selkie undo' takes back all of it at once.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// A timeline, seals of yours, or a range; if there is none, your timeline
    rev: Option<String>,
    /// The seal, or the timeline, on top of which they shall stand
    #[arg(long, value_name = "REV")]
    onto: String,
    /// Keep seals whose change is there already, though they change nothing any more
    #[arg(long)]
    keep_empty: bool,
    /// Take other timelines along that lead to these seals
    #[arg(long)]
    with_timelines: bool,
    #[command(flatten)]
    making: Making,
}

const EXAMPLES: &str = "\
Examples:
  selkie rebase --onto main               move what this timeline has of its own onto main
  selkie rebase feature --onto main       the same for the timeline feature
  selkie rebase @ --onto @--              move the last seal before the one before it,
                                          and leave that one out
  selkie rebase --onto main --dry-run     tell whether anything would be in conflict";

const WORDS: Words = Words {
    did: "Rebased",
    would: "Would rebase",
    nothing: "all that it changes is there already",
};

impl Run for Args {
    const ABOUT: &'static str = "Move seals onto another one";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let wanted = self.wanted(&workspace)?;
        self.making.run(
            cx,
            &mut workspace,
            WORDS,
            |workspace, doer| preview(workspace, doer, &wanted),
            |workspace, doer, typed, unfinished| {
                rebase(workspace, doer, typed, &wanted, unfinished)
            },
        )
    }
}

impl Args {
    fn wanted(&self, workspace: &Workspace) -> Result<Wanted, CliError> {
        let what = match self.rev.as_deref() {
            None => What::Timeline(None),
            Some(name) if workspace.repository().shared().timeline(name).is_some() => {
                What::Timeline(Some(name.to_owned()))
            }
            Some(rev) => What::Seals(Named::of(workspace, rev)?.seals.into_iter().collect()),
        };
        Ok(Wanted {
            what,
            onto: Context::resolve(workspace, &self.onto)?,
            emptied: if self.keep_empty { Emptied::Kept } else { Emptied::Dropped },
            others: others(self.with_timelines),
        })
    }
}

/// What becomes of other timelines.
pub(crate) const fn others(with_timelines: bool) -> Others {
    if with_timelines { Others::Come } else { Others::Stay }
}
