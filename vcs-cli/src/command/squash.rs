//! Making one seal of several.

use selkie_vcs::squash::{Wanted, What, Words as Said, preview, squash};
use selkie_vcs::{Became, Workspace};

use crate::command::rebase::others;
use crate::context::Context;
use crate::error::CliError;
use crate::kept::Kept;
use crate::line::Line;
use crate::rewritten::{Stage, Words, tell_each, tell_rest};
use crate::seals::{Named, Said as How};
use crate::unfinished::Options;
use crate::verb::Run;
use crate::words::{Page, tidied};

/// One seal goes into the one before it; of a range all become one. It has the name, the author and the date of the oldest
/// of them, and the words of all. What came from them is made again on top of it, so that nothing but the history changes.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// A seal or a range; if there is none, the seal you stand on
    #[arg(default_value = "@", hide_default_value = true)]
    rev: String,
    /// What the one seal says; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT", conflicts_with_all = ["first_words", "edit"])]
    message: Vec<String>,
    /// Write them in an editor, which begins with what would be said else
    #[arg(short, long, conflicts_with = "first_words")]
    edit: bool,
    /// Keep the words of the oldest alone
    #[arg(long)]
    first_words: bool,
    /// Take other timelines along that lead to these seals
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
  selkie squash                       put the last seal into the one before it
  selkie squash --first-words         the same, and its words go
  selkie squash --edit                the same, with words that you write
  selkie squash main.. -m 'Add maps'  make one seal of all that main has not";

const WORDS: Words = Words { did: "Squashed into", would: "Would squash into", nothing: "" };
const ABOVE: Words = Words { did: "Made again:", would: "Would make again:", nothing: "" };

impl Run for Args {
    const ABOUT: &'static str = "Make one seal of several";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let mut wanted = self.wanted(&workspace)?;
        if self.edit {
            wanted.words = Said::These(written(cx, &mut workspace, &wanted)?);
        }
        let (rewritten, stage) = if self.dry_run {
            (preview(&mut workspace, &cx.doer(), &wanted)?, Stage::Planned)
        } else {
            let unfinished = self.unfinished.chosen(cx);
            let doer = cx.sealer()?;
            let done = squash(&mut workspace, &doer, cx.typed(), &wanted, unfinished);
            if self.edit {
                let kept = Kept::of_squash(&workspace);
                if done.is_ok() {
                    kept.forget()?;
                } else {
                    let path = kept.path().to_string_lossy();
                    let line = Line::of("Your words are kept in ").code(&path);
                    cx.out.warn(&line.plain(": the next squash begins with them."))?;
                }
            }
            (done?, Stage::Done)
        };
        let words = std::iter::once(WORDS).chain(std::iter::repeat(ABOVE));
        let told: Vec<_> = rewritten.seals.iter().zip(words).collect();
        tell_each(cx, &workspace, &told, stage)?;
        tell_rest(cx, &workspace, &rewritten, stage)
    }
}

/// What somebody writes in the place of what the one seal would say.
fn written(cx: &Context, workspace: &mut Workspace, wanted: &Wanted) -> Result<String, CliError> {
    let editor = cx.editor()?;
    let planned = preview(workspace, &cx.doer(), wanted)?;
    let one = planned.seals.first().map(|one| &one.became);
    let Some(Became::Seal(_, seal)) = one else { return Err(CliError::Unsaid) };
    let mut page = Page::default();
    page.remark("Say what the one seal is for. The first line is its title. Lines that begin with '#' are left");
    page.remark("out. Without words nothing is squashed.");
    let words = Kept::of_squash(workspace).write(&editor, &page, None, &seal.message)?;
    if words.is_empty() { Err(CliError::Unsaid) } else { Ok(words) }
}

impl Args {
    fn wanted(&self, workspace: &Workspace) -> Result<Wanted, CliError> {
        let Named { seals, said } = Named::of(workspace, &self.rev)?;
        let what = match (&seals[..], said) {
            ([seal], How::Each) => What::WithBefore(*seal),
            _ => What::Seals(seals.into_iter().collect()),
        };
        let message = tidied(&self.message.join("\n\n"));
        let words = match (self.first_words, message.is_empty()) {
            (true, _) => Said::First,
            (false, true) => Said::All,
            (false, false) => Said::These(message),
        };
        Ok(Wanted { what, words, others: others(self.with_timelines) })
    }
}
