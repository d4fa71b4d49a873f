//! In which form differences are told.

use selkie_vcs::diff::{Diff, Pairing};
use selkie_vcs::{
    Algorithm, BlankLines, CONTEXT_LINES, Comparing, Copies, FilePatch, FindingRenames, OddBytes,
    PathChange, Shortfall, Space,
};

use crate::context::{Context, Format};
use crate::count::figure;
use crate::differences::outcome::{named, what};
use crate::differences::{json, patch, stat, words};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::out::Reader;

/// How differences are looked for and told.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Form {
    /// List the files: '+' is new, '~' is changed, '-' is gone, '>' is renamed or copied
    #[arg(long, conflicts_with_all = ["stat", "word"], visible_aliases = ["name-only", "name-status"])]
    names: bool,
    /// Count the lines that come and go
    #[arg(long, conflicts_with = "word")]
    stat: bool,
    /// Mark the words that go and come in their lines: '[-this-]' and '{+that+}'
    #[arg(long, visible_alias = "word-diff")]
    word: bool,
    /// Lines to show around each change
    #[arg(short = 'U', long = "context", value_name = "COUNT", default_value_t = CONTEXT_LINES as u32,
        value_parser = figure::<u32>)]
    context: u32,
    /// Which white space counts for nothing
    #[arg(long, value_name = "WHICH")]
    ignore_space: Option<Which>,
    /// The same as --ignore-space amount
    #[arg(short = 'b', conflicts_with_all = ["ignore_space", "all_space"])]
    space_amount: bool,
    /// The same as --ignore-space all
    #[arg(short = 'w', conflicts_with = "ignore_space")]
    all_space: bool,
    /// Leave out changes of nothing but blank lines
    #[arg(long)]
    ignore_blank: bool,
    /// Compare line by line what does not look like text, or is not to be taken for it
    #[arg(short = 'a', long)]
    text: bool,
    /// How alike a new file has to be to one that is gone to be told as renamed
    #[arg(long, value_name = "PERCENT", default_value_t = FindingRenames::default().percent_min,
        value_parser = clap::value_parser!(u8).range(1..=100))]
    likeness: u8,
    /// Tell renamed files as gone and new
    #[arg(long)]
    no_renames: bool,
    /// Tell new files as copies of changed ones that they are like
    #[arg(long, conflicts_with = "no_renames")]
    copies: bool,
}

/// White space that counts for nothing.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Which {
    /// A carriage return before the end of a line
    Cr,
    /// All at the end of a line
    End,
    /// How much of it there is
    Amount,
    /// All
    All,
}

impl Form {
    /// What is taken for a rename.
    pub(crate) const fn pairing(&self) -> Pairing {
        let copies = if self.copies { Copies::Find } else { Copies::Ignore };
        if self.no_renames {
            return Pairing::Nothing;
        }
        Pairing::Renames(FindingRenames { percent_min: self.likeness, copies })
    }

    /// Whether no form was asked for that needs contents.
    pub(crate) fn is_for_names(&self, cx: &Context) -> bool {
        cx.format == Format::Text && !self.stat && !self.word
    }

    /// Whether a form was asked for by its name.
    pub(crate) const fn is_asked(&self) -> bool {
        self.names || self.stat || self.word
    }

    /// Tells what differs, in the form that was asked for.
    pub(crate) fn tell(&self, cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
        warn(cx, diff)?;
        match cx.format {
            Format::Json => self.tell_json(cx, diff),
            Format::Text if self.names => names(cx, diff),
            Format::Text if self.stat => self.tell_stat(cx, diff),
            Format::Text => self.tell_patches(cx, diff),
        }
    }

    fn tell_json(&self, cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
        for change in &diff.changes {
            if self.names {
                cx.json(&json::Told::of_path(change))?;
                continue;
            }
            let contents = diff.contents(change)?;
            let patches = contents.patches(self.comparing(), self.context());
            let hunks = if self.stat { json::Depth::Counts } else { json::Depth::Hunks };
            if is_worth_telling(change, &patches) {
                cx.json(&json::Told::of_patches(change, &patches, hunks))?;
            }
        }
        Ok(())
    }

    fn tell_stat(&self, cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
        let mut rows = Vec::new();
        for change in &diff.changes {
            let contents = diff.contents(change)?;
            let patches = contents.patches(self.comparing(), self.context());
            if is_worth_telling(change, &patches) {
                rows.push(stat::Row::of(change, &patches));
            }
        }
        Ok(stat::lines(&rows).iter().try_for_each(|line| cx.out.line(line))?)
    }

    fn tell_patches(&self, cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
        for change in &diff.changes {
            if what(change) == "conflict" {
                cx.out.line(&Line::of("Conflict in ").put(Label::Error, change.path.as_str()))?;
            }
            let contents = diff.contents(change)?;
            for patch in contents.patches(self.comparing(), self.context()) {
                let lines = match cx.out.reader() {
                    _ if self.word => words::lines(&patch),
                    Reader::Person => patch::lines(&patch),
                    Reader::Program => {
                        cx.out.stream().write_all(&patch.to_bytes())?;
                        continue;
                    }
                };
                lines.iter().try_for_each(|line| cx.out.line(line))?;
            }
        }
        Ok(())
    }

    const fn comparing(&self) -> Comparing {
        let space = match (self.ignore_space, self.space_amount, self.all_space) {
            (Some(Which::Cr), ..) => Space::IgnoreCarriageReturn,
            (Some(Which::End), ..) => Space::IgnoreAtEnd,
            (Some(Which::Amount), ..) | (None, true, _) => Space::IgnoreAmount,
            (Some(Which::All), ..) | (None, _, true) => Space::IgnoreAll,
            (None, false, false) => Space::Exact,
        };
        let blank_lines = if self.ignore_blank { BlankLines::Ignore } else { BlankLines::Count };
        let odd = if self.text { OddBytes::Lines } else { OddBytes::Whole };
        Comparing { algorithm: Algorithm::Histogram, space, blank_lines, odd }
    }

    const fn context(&self) -> usize {
        self.context as usize
    }
}

/// Says what could not be compared.
pub(super) fn warn(cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
    for unread in &diff.unread {
        let line = Line::note("warning").code(unread.path.as_str()).plain(" can not be read: ");
        cx.out.warn(&line.plain(&unread.error.to_string()))?;
    }
    if diff.shortfall != Shortfall::None {
        let line = Line::note("note").plain("there is too much to look for all renames");
        cx.out.warn(&line)?;
    }
    Ok(())
}

/// Lists the files that differ.
pub(crate) fn names(cx: &mut Context, diff: &Diff) -> Result<(), CliError> {
    for change in &diff.changes {
        let (label, sign, path) = named(change);
        cx.out.line(&Line::default().put(label, sign).plain(" ").put(label, &path))?;
    }
    Ok(())
}

/// A file whose only changes are those to be ignored has no patch.
fn is_worth_telling(change: &PathChange, patches: &[FilePatch]) -> bool {
    !patches.is_empty() || what(change) == "conflict"
}
