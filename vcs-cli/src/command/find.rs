//! What is where.

use std::ops::Range;
use std::path::PathBuf;

use selkie_store::{RepoPath, Seal};
use selkie_vcs::find::{Changed, Files, Found, FoundLine, Looking};
use selkie_vcs::log::{Wanted, seals};
use selkie_vcs::{
    DateStyle, Graph, Letters, PathFilter, Pattern, SealName, Selected, Syntax, Words, Workspace,
    show_date, wall_clock,
};
use serde::Serialize;

use crate::command::log::tell;
use crate::context::{Context, Format};
use crate::count::figure;
use crate::error::CliError;
use crate::keyring::Keyring;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Looks in the known files as they are on disk, or with --at as they were in a seal. Binary files and links have
/// nothing. With --history it tells the seals that made the text come or go: those after which it is in the files more or
/// less often. With --name the text is a pattern for paths.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// A regular expression, or with -F a text; a line has it or not
    text: String,
    /// Files and folders, if not all
    paths: Vec<PathBuf>,
    /// The text means itself
    #[arg(short = 'F', long)]
    plain: bool,
    /// The text is a regular expression, as it is anyhow
    #[arg(short = 'E', long = "expression", conflicts_with = "plain")]
    _expression: bool,
    /// Upper and lower case are the same
    #[arg(short = 'i', long)]
    ignore_case: bool,
    /// Only whole words
    #[arg(short = 'w', long)]
    whole_words: bool,
    /// List the files that have it
    #[arg(short = 'l', long, conflicts_with = "count")]
    files: bool,
    /// Count the lines that have it, file by file
    #[arg(short, long)]
    count: bool,
    /// Lines to show above and below
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true,
        value_parser = figure::<usize>)]
    context: usize,
    /// Lines to show above
    #[arg(short = 'B', long, value_name = "COUNT", value_parser = figure::<usize>)]
    above: Option<usize>,
    /// Lines to show below
    #[arg(short = 'A', long, value_name = "COUNT", value_parser = figure::<usize>)]
    below: Option<usize>,
    /// The files of this seal, or its history
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The seals that changed how often it is there, newest first
    #[arg(long, conflicts_with_all = ["files", "count", "context", "above", "below"])]
    history: bool,
    /// Known paths that this pattern means, such as '*.rs'
    #[arg(long, conflicts_with_all = ["history", "plain", "ignore_case", "whole_words", "files",
        "count", "context", "above", "below"])]
    name: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    path: &'a str,
    lines: Vec<ToldLine>,
}

#[derive(Serialize)]
struct ToldLine {
    number: usize,
    text: String,
    hit: bool,
}

#[derive(Serialize)]
struct ToldPath<'a> {
    schema: &'static str,
    path: &'a str,
}

impl Run for Args {
    const ABOUT: &'static str = "Find text in files and in history, and files by name";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let paths = named.collect::<Result<Vec<_>, _>>()?;
        if self.name {
            return self.names(cx, &workspace, &paths);
        }
        let around = (self.above.unwrap_or(self.context), self.below.unwrap_or(self.context));
        let filter = PathFilter::below(paths.iter().cloned());
        let looking = Looking { pattern: self.pattern()?, filter, around };
        if self.history {
            return self.changes(cx, &workspace, &looking, &paths);
        }
        let files = self.files_in(&workspace, &looking.filter)?;
        cx.page();
        let mut count = 0;
        files.find(&looking, |found| {
            count += 1;
            self.tell(cx, &found, count)
        })?;
        if count == 0 { Err(CliError::NotFound) } else { Ok(()) }
    }
}

impl Args {
    fn pattern(&self) -> Result<Pattern, CliError> {
        let syntax = if self.plain { Syntax::Plain } else { Syntax::Expression };
        let letters = if self.ignore_case { Letters::AnyCase } else { Letters::AsWritten };
        let words = if self.whole_words { Words::Whole } else { Words::Any };
        Ok(Pattern::new(&self.text, syntax, letters, words)?)
    }

    fn files_in<'a>(
        &self,
        workspace: &'a Workspace,
        filter: &PathFilter,
    ) -> Result<Files<'a>, CliError> {
        let store = workspace.repository().store();
        match &self.at {
            None => Ok(Files::on_disk(workspace, filter)?),
            Some(rev) => {
                let tree = store.load::<Seal>(Context::resolve(workspace, rev)?)?.tree;
                Ok(Files::stored(store, tree, filter)?)
            }
        }
    }

    fn names(
        &self,
        cx: &mut Context,
        workspace: &Workspace,
        below: &[RepoPath],
    ) -> Result<(), CliError> {
        let (wanted, below) = (PathFilter::new([&*self.text])?, below.iter().cloned());
        let files = self.files_in(workspace, &PathFilter::below(below))?;
        let mut found = false;
        cx.page();
        for path in files.paths().filter(|path| wanted.admits(path)) {
            found = true;
            match cx.format {
                Format::Json => {
                    cx.json(&ToldPath { schema: "selkie.path/1", path: path.as_str() })?;
                }
                Format::Text => cx.out.line(&Line::of(path.as_str()))?,
            }
        }
        if found { Ok(()) } else { Err(CliError::NotFound) }
    }

    fn tell(&self, cx: &mut Context, found: &Found, number: usize) -> Result<(), CliError> {
        let path = found.path.as_str();
        if cx.format == Format::Json {
            let line = |line: &FoundLine| ToldLine {
                number: line.number,
                text: String::from_utf8_lossy(&line.bytes).into_owned(),
                hit: line.hit.is_some(),
            };
            let lines = found.lines.iter().map(line).collect();
            return cx.json(&Told { schema: "selkie.found/1", path, lines });
        }
        if self.files {
            return Ok(cx.out.line(&Line::default().code(path))?);
        }
        if self.count {
            let count = found.lines.iter().filter(|line| line.hit.is_some()).count();
            return Ok(cx.out.line(&Line::default().code(path).plain(&format!(":{count}")))?);
        }
        let is_around = self.context > 0 || self.above.is_some() || self.below.is_some();
        let mut last = None;
        for line in &found.lines {
            let is_gap = last.is_some_and(|last| last + 1 < line.number);
            if is_around && (is_gap || (last.is_none() && number > 1)) {
                cx.out.line(&Line::default().put(Label::Aside, "--"))?;
            }
            last = Some(line.number);
            cx.out.line(&shown(path, line))?;
        }
        Ok(())
    }

    fn changes(
        &self,
        cx: &mut Context,
        workspace: &Workspace,
        looking: &Looking,
        paths: &[RepoPath],
    ) -> Result<(), CliError> {
        cx.page();
        let store = workspace.repository().store();
        let tip = Context::seal_or_here(workspace, self.at.as_deref())?;
        let keyring = if cx.format == Format::Json { cx.keyring()? } else { Keyring::default() };
        let mut told = 0;
        let mut chronicle = workspace.repository().chronicle()?;
        chronicle.ask(|graph: &Graph| {
            let tips = graph.row(tip)?.into_iter().collect();
            let wanted = Wanted {
                seals: Selected::Range { tips, hidden: Vec::new() },
                paths: paths.to_vec(),
                author: None,
                message: None,
                since: None,
                until: None,
            };
            let mut changed = Changed::new(graph, store, looking);
            let mut number = 0;
            for row in seals(graph, store, &wanted)? {
                let row = row?;
                let files = changed.paths(row)?;
                number += usize::from(!files.is_empty());
                // What was told before the graph was made again is not told twice.
                if files.is_empty() || number <= told {
                    continue;
                }
                let id = graph.id(row)?;
                let seal: Seal = store.load(id)?;
                match cx.format {
                    Format::Json => cx.json(&tell(&keyring, id, &seal))?,
                    Format::Text => show(cx, &seal, &files)?,
                }
                told += 1;
            }
            Ok::<_, CliError>(())
        })?;
        if told == 0 { Err(CliError::NotFound) } else { Ok(()) }
    }
}

/// A line of a file, with what was looked for marked.
fn shown(path: &str, line: &FoundLine) -> Line {
    let sign = if line.hit.is_some() { ":" } else { "-" };
    let shown = Line::default().code(path).plain(sign);
    let shown = shown.put(Label::Aside, &line.number.to_string()).plain(sign);
    let Range { start, end } = line.hit.clone().unwrap_or(0..0);
    let shown = shown.content(Label::Plain, &line.bytes[..start]);
    let shown = shown.content(Label::Error, &line.bytes[start..end]);
    shown.content(Label::Plain, &line.bytes[end..])
}

fn show(cx: &mut Context, seal: &Seal, files: &[RepoPath]) -> Result<(), CliError> {
    let date = show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Short);
    let title = seal.message.lines().next().unwrap_or_default();
    let line = Line::default().put(Label::Seal, &SealName::of(seal.change).to_string());
    let line = line.plain("  ").put(Label::Aside, &date).plain("  ").plain(&seal.author.name);
    cx.out.line(&line.plain("  ").plain(title))?;
    for path in files {
        cx.out.line(&Line::of("    ").plain(path.as_str()))?;
    }
    Ok(())
}
