//! Making two seals of one.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::offer;
use selkie_vcs::split::{Part, Wanted, preview, split};

use crate::asking::ask;
use crate::command::rebase::others;
use crate::context::Context;
use crate::error::CliError;
use crate::rewritten::{Stage, Words, tell_each, tell_rest};
use crate::unfinished::Options;
use crate::verb::Run;
use crate::words::tidied;

/// What you name goes into a new seal before it, with words of its own; the rest keeps the name and the words. Both have the author
/// and the date. What came from the seal is made again on top of them, so that nothing but the history changes.
///
/// With -p you are asked about each change, as in 'selkie gather -p'.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The seal
    seal: String,
    /// Files and folders whose changes go into the new seal
    #[arg(required_unless_present = "patch")]
    paths: Vec<PathBuf>,
    /// Choose the changes one by one
    #[arg(short, long, conflicts_with_all = ["paths", "dry_run"])]
    patch: bool,
    /// What the new seal says; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT", required_unless_present = "dry_run")]
    message: Vec<String>,
    /// Take other timelines along that lead to this seal
    #[arg(long)]
    with_timelines: bool,
    /// Tell what would be made, and make nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    unfinished: Options,
}

const EXAMPLES: &str = "\
Examples:
  selkie split @ docs -m 'Tell about it'      take what it changed in docs out of the last seal
  selkie split brave-otter -p -m 'Tidy first'  choose what goes into a seal before that one";

const FIRST: Words = Words { did: "Split", would: "Would split", nothing: "" };
const REST: Words = Words { did: "The rest is", would: "The rest would be", nothing: "" };
const ABOVE: Words = Words { did: "Made again:", would: "Would make again:", nothing: "" };

impl Run for Args {
    const ABOUT: &'static str = "Make two seals of one";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let seal = Context::resolve(&workspace, &self.seal)?;
        let message = match tidied(&self.message.join("\n\n")) {
            none if none.is_empty() && self.dry_run => "what is named".to_owned(),
            none if none.is_empty() => return Err(CliError::Wordless),
            message => message,
        };
        let doer = if self.dry_run { cx.doer() } else { cx.sealer()? };
        let paths = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let paths = paths.collect::<Result<Vec<RepoPath>, _>>()?;
        let chosen = if self.patch {
            let offer = offer::of_change(&mut workspace, &doer, seal)?;
            Some((ask(cx, &workspace, &offer, "Take")?, offer))
        } else {
            None
        };
        let part = match &chosen {
            Some((choices, offer)) => Part::Chosen(offer, choices),
            None => Part::Paths(&paths),
        };
        let wanted = Wanted { seal, part, message: &message, others: others(self.with_timelines) };
        let (rewritten, stage) = if self.dry_run {
            (preview(&mut workspace, &doer, &wanted)?, Stage::Planned)
        } else {
            let unfinished = self.unfinished.chosen(cx);
            (split(&mut workspace, &doer, cx.typed(), &wanted, unfinished)?, Stage::Done)
        };
        let words = [FIRST, REST].into_iter().chain(std::iter::repeat(ABOVE));
        let told: Vec<_> = rewritten.seals.iter().zip(words).collect();
        tell_each(cx, &workspace, &told, stage)?;
        tell_rest(cx, &workspace, &rewritten, stage)
    }
}
