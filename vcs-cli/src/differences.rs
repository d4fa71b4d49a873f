//! Differences of files: what may be asked of them, and in which form they are told.

use selkie_vcs::diff::{Diff, Pairing};

use crate::context::Context;
use crate::differences::form::warn;
pub(crate) use crate::differences::form::{Form, names};
pub(crate) use crate::differences::outcome::named;
use crate::differences::outcome::what;
use crate::differences::tool::{Kept, Takes, Tool};
use crate::error::CliError;
use crate::line::Line;

mod form;
mod json;
mod outcome;
pub(crate) mod patch;
mod stat;
pub(crate) mod tool;
mod words;

/// How differences are looked for, and how or by whom they are shown.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    form: Form,
    /// Show them in this program: meld, kdiff3, vimdiff, nvim, code, difft, opendiff, or one that your settings tell of
    #[arg(long, value_name = "NAME", conflicts_with_all = ["names", "stat", "word"])]
    tool: Option<String>,
}

impl Options {
    /// What is taken for a rename.
    pub(crate) const fn pairing(&self) -> Pairing {
        self.form.pairing()
    }

    /// Whether no form was asked for that needs contents.
    pub(crate) fn is_for_names(&self, cx: &Context) -> bool {
        self.form.is_for_names(cx)
    }

    /// Shows what follows through the pager, unless another program shows it.
    pub(crate) fn page(&self, cx: &mut Context) {
        if self.tool.is_none() {
            cx.page();
        }
    }

    /// Tells what differs, in the form that was asked for.
    pub(crate) fn tell(&self, cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
        let Some(name) = &self.tool else { return self.form.tell(cx, diff) };
        warn(cx, diff)?;
        open_in(cx, &Tool::named(&cx.config, name)?, diff)
    }
}

/// Shows the files that differ in a program.
fn open_in(cx: &mut Context, tool: &Tool, diff: &Diff) -> Result<(), CliError> {
    cx.out.flush()?;
    let copies = Kept::new()?;
    let mut shown = 0;
    for change in &diff.changes {
        let contents = diff.contents(change)?;
        let is_kept = match tool.takes() {
            _ if what(change) == "conflict" => false,
            Takes::Folders => copies.put(&contents)?,
            Takes::Files => match copies.pair(diff, change, &contents)? {
                Some([left, right]) => {
                    cx.out.say(&Line::of("Showing ").code(change.path.as_str()))?;
                    tool.show(&left, &right)?;
                    true
                }
                None => false,
            },
        };
        shown += usize::from(is_kept);
        if !is_kept {
            let line = Line::note("note").code(change.path.as_str()).plain(" is not shown: it is ");
            let why = if what(change) == "conflict" { "in conflict" } else { "too large" };
            cx.out.warn(&line.plain(why))?;
        }
    }
    if tool.takes() == Takes::Folders && shown > 0 {
        tool.show(&copies.left(), &copies.right())?;
    }
    Ok(())
}
