//! Who brought the lines of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use selkie_store::{Seal, SealId};
use selkie_vcs::annotate::Annotated;
use selkie_vcs::{
    Blame, Blamed, Blaming, Certainty, Comparing, DateStyle, FindingRenames, Graph, SealName,
    Space, Span, Text, Unsealed, Workspace, show_date, wall_clock,
};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Each line has before it the seal that brought it, with author and date. Lines of your file that are not
/// sealed say so. A file is followed to where it was called otherwise. The first lines are shown as soon as they are
/// known. '?' marks a line that an ignored seal changed and an earlier one most likely brought, '*' one of which nothing
/// earlier is known.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file
    path: PathBuf,
    /// The file in this seal, not as it is on disk
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// Only these lines: '10,20', '10,+5', '/pattern/,/pattern/'
    #[arg(short = 'L', long = "lines", value_name = "LINES")]
    lines: Vec<Span>,
    /// Seals that are not to be named, such as those that only changed the format
    #[arg(long, value_name = "REV")]
    ignore_revs: Vec<String>,
    /// A file that lists such seals, one on a line; '#' begins a comment
    #[arg(long, value_name = "FILE")]
    ignore_revs_file: Vec<PathBuf>,
    /// White space counts for nothing
    #[arg(short = 'w')]
    all_space: bool,
    /// How alike a file has to be to one that was there before to be followed to it
    #[arg(long, value_name = "PERCENT", default_value_t = FindingRenames::default().percent_min,
        value_parser = clap::value_parser!(u8).range(1..=100))]
    likeness: u8,
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    first: usize,
    seal: Option<String>,
    name: Option<String>,
    author: Option<&'a str>,
    time: Option<String>,
    path: &'a str,
    first_there: usize,
    certainty: &'static str,
    lines: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Show who brought each line of a file";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let path = Context::repo_path(&workspace, &self.path)?;
        let store = workspace.repository().store();
        let file = match &self.at {
            Some(rev) => Annotated::at(store, Context::resolve(&workspace, rev)?, path)?,
            None => Annotated::on_disk(&workspace, path)?,
        };
        let text = Text::new(&file.bytes).expect("who made it looked how long it is");
        let blaming = self.blaming(&workspace, &text)?;
        cx.page();
        let mut page =
            Page { workspace: &workspace, text: &text, file: &file, seals: BTreeMap::new() };
        let mut told = 0;
        let mut chronicle = workspace.repository().chronicle()?;
        chronicle.ask(|graph| self.tell(cx, graph, &mut page, &blaming, &mut told))
    }
}

impl Args {
    fn blaming(&self, workspace: &Workspace, text: &Text) -> Result<Blaming, CliError> {
        let mut ignored = BTreeSet::new();
        for rev in &self.ignore_revs {
            ignored.insert(Context::resolve(workspace, rev)?);
        }
        for path in &self.ignore_revs_file {
            let named = || path.to_string_lossy().into_owned();
            let listed = fs::read_to_string(path)
                .map_err(|source| CliError::Unreadable { path: named(), source })?;
            let revs = listed.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
            for rev in revs.filter(|rev| !rev.is_empty()) {
                ignored.insert(Context::resolve(workspace, rev)?);
            }
        }
        let mut lines = Vec::new();
        for span in &self.lines {
            let from = lines.last().map_or(0, |last: &Range<usize>| last.end);
            lines.push(span.of(text, from)?);
        }
        let space = if self.all_space { Space::IgnoreAll } else { Space::Exact };
        Ok(Blaming { lines, ignored, comparing: Comparing { space, ..Comparing::default() } })
    }

    /// Tells the lines from the top, each as soon as all before it are known. `told` counts what was told before the
    /// graph had to be made again.
    fn tell(
        &self,
        cx: &mut Context,
        graph: &Graph,
        page: &mut Page,
        blaming: &Blaming,
        told: &mut usize,
    ) -> Result<(), CliError> {
        let finding = FindingRenames { percent_min: self.likeness, ..FindingRenames::default() };
        let mut history = page.file.history(graph, finding);
        let mut blame = Blame::new(&mut history, page.file.seal, &page.file.path, blaming)?;
        let mut next = Next::of(blaming, page.text.len());
        let mut known: BTreeMap<usize, Blamed> = BTreeMap::new();
        let mut number = 0;
        while let Some(found) = blame.step()? {
            known.extend(found.into_iter().map(|blamed| (blamed.lines.start, blamed)));
            while let Some(blamed) = next.line().and_then(|line| known.remove(&line)) {
                next.skip(blamed.lines.len());
                number += 1;
                if number > *told {
                    page.tell(cx, &blamed)?;
                    *told += 1;
                }
            }
        }
        Ok(())
    }
}

/// The lines in question that were not told yet.
struct Next {
    lines: Vec<Range<usize>>, // the next last
}

impl Next {
    fn of(blaming: &Blaming, count: usize) -> Self {
        let mut asked = blaming.lines.clone();
        if asked.is_empty() {
            asked.push(0..count);
        }
        asked.sort_by_key(|lines| lines.start);
        let mut lines: Vec<Range<usize>> = Vec::new();
        for more in asked.into_iter().filter(|lines| !lines.is_empty()) {
            match lines.last_mut() {
                Some(last) if last.end >= more.start => last.end = last.end.max(more.end),
                _ => lines.push(more),
            }
        }
        lines.reverse();
        Self { lines }
    }

    fn line(&self) -> Option<usize> {
        self.lines.last().map(|lines| lines.start)
    }

    fn skip(&mut self, count: usize) {
        if let Some(lines) = self.lines.last_mut() {
            lines.start += count;
            if lines.start >= lines.end {
                self.lines.pop();
            }
        }
    }
}

/// What is shown, and what is known of seals that were shown.
struct Page<'a> {
    workspace: &'a Workspace,
    text: &'a Text<'a>,
    file: &'a Annotated<'a>,
    seals: BTreeMap<SealId, Seal>,
}

impl Page<'_> {
    fn tell(&mut self, cx: &mut Context, blamed: &Blamed) -> Result<(), CliError> {
        let is_sealed = blamed.seal != Unsealed::seal();
        if is_sealed && !self.seals.contains_key(&blamed.seal) {
            let seal = self.workspace.repository().store().load(blamed.seal)?;
            self.seals.insert(blamed.seal, seal);
        }
        let seal = self.seals.get(&blamed.seal).filter(|_| is_sealed);
        if cx.format == Format::Json {
            return self.tell_json(cx, blamed, seal);
        }
        let width = self.text.len().to_string().len();
        let mark = match blamed.certainty {
            Certainty::Sure => " ",
            Certainty::Guessed => "?",
            Certainty::Ignored => "*",
        };
        let (name, author, date) = match seal {
            Some(seal) => (
                SealName::of(seal.change).to_string(),
                seal.author.name.clone(),
                show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Short),
            ),
            None => ("not sealed".to_owned(), String::new(), String::new()),
        };
        let there = (blamed.path != self.file.path).then_some(&blamed.path);
        for line in blamed.lines.clone() {
            let mut shown = Line::of(mark).put(Label::Seal, &format!("{name:<24}"));
            shown = shown.plain(&format!("  {author:<14.14}  "));
            shown = shown.put(Label::Aside, &format!("{date:<10}  {:>width$}", line + 1));
            if let Some(path) = there {
                shown = shown.plain("  ").put(Label::Aside, path.as_str());
            }
            let bytes = self.text.line(line);
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            cx.out.line(&shown.plain("  ").content(Label::Plain, bytes))?;
        }
        Ok(())
    }

    fn tell_json(
        &self,
        cx: &mut Context,
        blamed: &Blamed,
        seal: Option<&Seal>,
    ) -> Result<(), CliError> {
        let date =
            |seal: &Seal| show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Rfc3339);
        let lines = blamed.lines.clone().map(|line| self.text.line(line));
        cx.json(&Told {
            schema: "selkie.blame/1",
            first: blamed.lines.start + 1,
            seal: seal.map(|_| blamed.seal.to_string()),
            name: seal.map(|seal| SealName::of(seal.change).to_string()),
            author: seal.map(|seal| seal.author.name.as_str()),
            time: seal.map(date),
            path: blamed.path.as_str(),
            first_there: blamed.first_there + 1,
            certainty: match blamed.certainty {
                Certainty::Sure => "sure",
                Certainty::Guessed => "guessed",
                Certainty::Ignored => "ignored",
            },
            lines: lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect(),
        })
    }
}
