//! The history.

use std::path::Path;

use selkie_store::{RepoPath, Seal, SealId};
use selkie_vcs::log::{Wanted, picture, seals};
use selkie_vcs::{
    Again, Cell, DECISIONS, DateStyle, Drawn, Graph, Lanes, PLUCKED, REVERSED, RevError, Row,
    SealName, Selected, Workspace, automatic, show_date, wall_clock,
};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::keyring::Keyring;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Newest first, from where you stand. A seal comes before those it was made from. The name of a timeline, a tag or
/// a seal stands for all that it came from; 'a..b' is what b came from and a did not; a function such as
/// 'author(ann) & path(src/*.rs)' is the set that it says. Paths come last: 'selkie log main src'. After '--'
/// there are only paths.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// A revision or a range, then files and folders
    #[arg(value_name = "REVSET")]
    named: Vec<String>,
    /// Seals that changed these files and folders
    #[arg(last = true, value_name = "PATHS")]
    paths: Vec<String>,
    /// At most so many
    #[arg(short = 'n', value_name = "COUNT")]
    count: Option<usize>,
    /// Whose author's name or contact holds this text
    #[arg(long, value_name = "TEXT")]
    author: Option<String>,
    /// Made then or later: '2 weeks ago', '2026-11-21'
    #[arg(long, value_name = "DATE", visible_alias = "after")]
    since: Option<String>,
    /// Made earlier
    #[arg(long, value_name = "DATE", visible_alias = "before")]
    until: Option<String>,
    /// Whose message holds this text
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// Draw beside the seals what came from what
    #[arg(long, conflicts_with_all = ["reverse", "long"])]
    graph: bool,
    /// Oldest first; with -n, of the newest so many
    #[arg(long)]
    reverse: bool,
    /// Name and title alone
    #[arg(long, conflicts_with = "long")]
    oneline: bool,
    /// Tell the whole message, who, when, and whether the signature holds
    #[arg(short, long)]
    long: bool,
}

#[derive(Serialize)]
pub(crate) struct Told {
    schema: &'static str,
    name: String,
    seal: String,
    parents: Vec<String>,
    author: String,
    contact: String,
    time: String,
    message: String,
    decisions: Vec<String>,
    /// The strategy that made it, if nobody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    automatic: Option<String>,
    key: Option<String>,
    signer: Option<String>,
    signature: &'static str,
}

impl Run for Args {
    const ABOUT: &'static str = "Show the history";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let mut chronicle = workspace.repository().chronicle()?;
        cx.page();
        // A graph that is found damaged on the way is made again: what was told stays told.
        let mut told = 0;
        chronicle.ask(|graph| {
            let wanted = self.wanted(&workspace, graph)?;
            if self.graph && cx.format == Format::Text {
                self.draw(cx, &workspace, graph, &wanted, &mut told)
            } else {
                self.list(cx, &workspace, graph, &wanted, &mut told)
            }
        })
    }
}

impl Args {
    fn wanted(&self, workspace: &Workspace, graph: &Graph) -> Result<Wanted, CliError> {
        let (seals, more) = self.seals(workspace, graph)?;
        let named = more.iter().chain(&self.paths);
        let paths = named.map(|path| Context::repo_path(workspace, Path::new(path)));
        let moment = |text: &Option<String>| text.as_deref().map(Context::moment).transpose();
        Ok(Wanted {
            seals,
            paths: paths.collect::<Result<Vec<RepoPath>, _>>()?,
            author: self.author.clone(),
            message: self.grep.clone(),
            since: moment(&self.since)?,
            until: moment(&self.until)?,
        })
    }

    /// The seals that are meant, and what of the words before '--' is a path. The first is one if it is no
    /// revision and there is such a file.
    fn seals(
        &self,
        workspace: &Workspace,
        graph: &Graph,
    ) -> Result<(Selected, &[String]), CliError> {
        let Some((first, rest)) = self.named.split_first() else {
            return Ok((from_here(workspace, graph)?, &[]));
        };
        let found = Context::looking(workspace, graph, |revs| Ok(revs.history(first)))?;
        match found {
            Ok(seals) => Ok((seals, rest)),
            Err(RevError::Unknown { .. } | RevError::Parse(_)) if Path::new(first).exists() => {
                Ok((from_here(workspace, graph)?, &self.named))
            }
            Err(source) => Err(CliError::rev(first, source)),
        }
    }

    fn list(
        &self,
        cx: &mut Context,
        workspace: &Workspace,
        graph: &Graph,
        wanted: &Wanted,
        told: &mut usize,
    ) -> Result<(), CliError> {
        let rows = seals(graph, workspace.repository().store(), wanted)?;
        let rows = rows.take(self.count.unwrap_or(usize::MAX));
        let already = *told;
        let is_judged = self.long || cx.format == Format::Json;
        let keyring = if is_judged { cx.keyring()? } else { Keyring::default() };
        let mut each = |row| {
            self.show(cx, &keyring, (workspace, graph), row)?;
            *told += 1;
            Ok::<_, CliError>(())
        };
        if self.reverse {
            let rows = rows.collect::<Result<Vec<Row>, _>>()?;
            return rows.into_iter().rev().skip(already).try_for_each(each);
        }
        rows.skip(already).try_for_each(|row| each(row?))
    }

    fn show(
        &self,
        cx: &mut Context,
        keyring: &Keyring,
        (workspace, graph): (&Workspace, &Graph),
        row: Row,
    ) -> Result<(), CliError> {
        let load = |id| workspace.repository().store().load::<Seal>(id);
        let id = graph.id(row)?;
        match cx.format {
            Format::Json => cx.json(&tell(keyring, id, &load(id)?)),
            Format::Text if self.long => show_long(cx, keyring, id, &load(id)?),
            Format::Text => Ok(cx.out.line(&self.line(graph, row)?)?),
        }
    }

    fn draw(
        &self,
        cx: &mut Context,
        workspace: &Workspace,
        graph: &Graph,
        wanted: &Wanted,
        told: &mut usize,
    ) -> Result<(), CliError> {
        let here = workspace.repository().desk().bases.first();
        let rows = picture(graph, workspace.repository().store(), wanted)?;
        let mut lanes = Lanes::default();
        for (number, row) in rows.take(self.count.unwrap_or(usize::MAX)).enumerate() {
            let (row, links) = row?;
            let Drawn { seal, links, .. } = lanes.draw(&row, &links);
            if number < *told {
                continue;
            }
            let mark = if here == Some(&graph.id(row)?) { '@' } else { Cell::Seal.glyph() };
            let line = Line::default().put(Label::Aside, cells(&seal, mark).trim_end()).plain("  ");
            cx.out.line(&line.then(&self.line(graph, row)?))?;
            if let Some(links) = links {
                let links = cells(&links, mark);
                cx.out.line(&Line::default().put(Label::Aside, links.trim_end()))?;
            }
            *told += 1;
        }
        Ok(())
    }

    /// A seal on one line, as the graph tells it.
    fn line(&self, graph: &Graph, row: Row) -> Result<Line, CliError> {
        let change = graph.change(row)?;
        let name = change.map(|change| SealName::of(change).to_string()).unwrap_or_default();
        let line = Line::default().put(Label::Seal, &name).plain("  ");
        if self.oneline {
            return Ok(line.plain(graph.title(row)?));
        }
        let (time, zone_minutes) = graph.time(row)?;
        let date = show_date(&wall_clock(time, zone_minutes), DateStyle::Short);
        let line = line.put(Label::Aside, &date).plain("  ").plain(&graph.author(row)?.name);
        Ok(line.plain("  ").plain(graph.title(row)?))
    }
}

/// All that the place came from. Before the first seal that is nothing.
fn from_here(workspace: &Workspace, graph: &Graph) -> Result<Selected, CliError> {
    let mut tips = Vec::new();
    for base in &workspace.repository().desk().bases {
        tips.extend(graph.row(*base)?);
    }
    Ok(Selected::Range { tips, hidden: Vec::new() })
}

/// Cells as text, with the seal shown as `mark`.
fn cells(cells: &[Cell], mark: char) -> String {
    let glyph = |cell: &Cell| if *cell == Cell::Seal { mark } else { cell.glyph() };
    cells.iter().map(glyph).collect()
}

/// Everything that a seal says, and who made it.
pub(crate) fn show_long(
    cx: &mut Context,
    keyring: &Keyring,
    id: SealId,
    seal: &Seal,
) -> Result<(), CliError> {
    let date = show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Iso);
    let name = SealName::of(seal.change).to_string();
    cx.out.line(&Line::of("seal    ").put(Label::Seal, &name))?;
    cx.out.line(&Line::of("id      ").plain(&id.to_string()))?;
    let author = Line::of("author  ").plain(&seal.author.name);
    cx.out.line(&match seal.author.contact.as_str() {
        "" => author,
        contact => author.plain(" <").plain(contact).plain(">"),
    })?;
    cx.out.line(&Line::of("time    ").plain(&date))?;
    if let Some(again) = Again::of(seal) {
        let date = show_date(&wall_clock(again.time, again.zone_minutes), DateStyle::Iso);
        let line = Line::of("again   ").plain(&date).plain(", by ").plain(&again.by.name);
        cx.out.line(&line)?;
    }
    for (label, word) in [(PLUCKED, "plucked from "), (REVERSED, "takes back ")] {
        if let Some(of) = seal.labels.get(label) {
            cx.out.line(&Line::of("origin  ").plain(word).content(Label::Plain, of))?;
        }
    }
    cx.out.line(&Line::of("signed  ").then(&keyring.verdict(seal).line()))?;
    if let Some(word) = automatic(seal) {
        cx.out.line(&Line::of("made    by itself: ").put(Label::Verb, word))?;
    }
    cx.out.line(&Line::default())?;
    for line in seal.message.lines() {
        cx.out.line(&Line::of("    ").plain(line))?;
    }
    let decisions = decisions(seal);
    if !decisions.is_empty() {
        cx.out.line(&Line::default())?;
    }
    for line in decisions {
        cx.out.line(&Line::of("decided ").put(Label::Aside, &line))?;
    }
    Ok(cx.out.line(&Line::default())?)
}

/// What was decided without asking for this seal, a line for each.
fn decisions(seal: &Seal) -> Vec<String> {
    let lines = seal.labels.get(DECISIONS).map(|lines| String::from_utf8_lossy(lines));
    lines.iter().flat_map(|lines| lines.lines()).map(str::to_owned).collect()
}

/// The same for programs.
pub(crate) fn tell(keyring: &Keyring, id: SealId, seal: &Seal) -> Told {
    let verdict = keyring.verdict(seal);
    Told {
        schema: "selkie.seal/1",
        name: SealName::of(seal.change).to_string(),
        seal: id.to_string(),
        parents: seal.parents.iter().map(ToString::to_string).collect(),
        author: seal.author.name.clone(),
        contact: seal.author.contact.clone(),
        time: show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Rfc3339),
        message: seal.message.clone(),
        decisions: decisions(seal),
        automatic: automatic(seal).map(str::to_owned),
        key: verdict.key().map(ToString::to_string),
        signer: verdict.signer().map(str::to_owned),
        signature: verdict.word(),
    }
}
