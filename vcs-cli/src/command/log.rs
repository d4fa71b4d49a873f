//! The history.

use std::path::Path;

use selkie_store::{RepoPath, Seal, SealId};
use selkie_vcs::diff::Diff;
use selkie_vcs::log::{Wanted, followed, picture, seals};
use selkie_vcs::{
    Again, Cell, DateStyle, Drawn, FindingRenames, Graph, HistoryError, Lanes, PLUCKED, PathFilter,
    REVERSED, RevError, Row, SealName, Selected, Workspace, automatic, decisions, show_date,
    wall_clock,
};
use serde::Serialize;

use crate::compared::means_file;
use crate::context::{Context, Format};
use crate::count::figure;
use crate::differences::Form;
use crate::error::CliError;
use crate::keyring::Keyring;
use crate::label::Label;
use crate::line::Line;
use crate::template::subject::{Subject, Teller};
use crate::template::{Template, fields};
use crate::verb::Run;

/// Newest first, from where you stand. A seal comes before those it was made from. The name of a timeline, a tag or
/// a seal stands for all that it came from; 'a..b' is what b came from and a did not; a function such as
/// 'author(ann) & path(src/*.rs)' is the set that it says. Paths come last: 'selkie log main src'. After '--'
/// there are only paths.
///
/// With -p, --stat, --names or --word each seal is told whole, with what it changed since the one before, of those paths if
/// some are named. Of a seal that brought timelines together, whose changes are told with the seals that made them,
/// 'selkie show' tells.
#[derive(clap::Args)]
#[command(after_help = fields())]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// A revision or a range, then files and folders
    #[arg(value_name = "REVSET")]
    named: Vec<String>,
    /// Seals that changed these files and folders
    #[arg(last = true, value_name = "PATHS")]
    paths: Vec<String>,
    /// At most so many
    #[arg(short = 'n', value_name = "COUNT", value_parser = figure::<usize>)]
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
    #[arg(long, conflicts_with_all = ["reverse", "long", "follow"])]
    graph: bool,
    /// Oldest first; with -n, of the newest so many
    #[arg(long)]
    reverse: bool,
    /// Follow one file to where it had another name
    #[arg(long)]
    follow: bool,
    /// Name and title alone
    #[arg(long, conflicts_with = "long")]
    oneline: bool,
    /// Tell the whole message, who, when, and whether the signature holds
    #[arg(short, long)]
    long: bool,
    /// Tell each seal so: a text with fields such as {name} and {title}
    #[arg(long, value_name = "TEMPLATE", conflicts_with_all = ["oneline", "long"], visible_alias = "pretty")]
    format: Option<String>,
    /// Show what each seal changed
    #[arg(short, long)]
    patch: bool,
    #[command(flatten)]
    form: Form,
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
    /// What the file that is followed was called in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The strategy that made it, if nobody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    automatic: Option<String>,
    key: Option<String>,
    signer: Option<String>,
    signature: &'static str,
}

/// A seal that is told, and what the file that is followed was called in it.
type Found = (Row, Option<RepoPath>);

impl Run for Args {
    const ABOUT: &'static str = "Show the history";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let template = self.format.as_deref().map(Template::parse).transpose()?;
        let workspace = cx.workspace()?;
        let mut chronicle = workspace.repository().chronicle()?;
        let template = template.as_ref();
        let teller = template.map(|template| Teller::new(cx, &workspace, template)).transpose()?;
        cx.page();
        // A graph that is found damaged on the way is made again: what was told stays told.
        let mut told = 0;
        let is_blank = workspace.repository().desk().bases.is_empty();
        chronicle.ask(|graph| {
            let wanted = self.wanted(&workspace, graph)?;
            let filter = PathFilter::below(wanted.paths.iter().cloned());
            let history = History { workspace: &workspace, graph, teller: teller.as_ref(), filter };
            if self.graph && cx.format == Format::Text {
                self.draw(cx, &history, &wanted, &mut told)
            } else {
                self.list(cx, &history, &wanted, &mut told)
            }
        })?;
        if told == 0 && is_blank {
            cx.nothing("Nothing is sealed here yet.")?;
        }
        Ok(())
    }
}

/// What is told, and how somebody wants it.
struct History<'a> {
    workspace: &'a Workspace,
    graph: &'a Graph,
    teller: Option<&'a Teller<'a>>,
    /// Of which files changes are told.
    filter: PathFilter,
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

    /// The seals that are meant, and what of the words before '--' is a path. The first is one if there is such a file
    /// and it is no revision, or no more than the beginning of one.
    fn seals(
        &self,
        workspace: &Workspace,
        graph: &Graph,
    ) -> Result<(Selected, &[String]), CliError> {
        let Some((first, rest)) = self.named.split_first() else {
            return Ok((from_here(workspace, graph)?, &[]));
        };
        let found = Context::looking(workspace, graph, |revs| {
            Ok(if means_file(revs, first)? { None } else { Some(revs.history(first)) })
        })?;
        let Some(found) = found else { return Ok((from_here(workspace, graph)?, &self.named)) };
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
        history: &History<'_>,
        wanted: &Wanted,
        told: &mut usize,
    ) -> Result<(), CliError> {
        let rows = self.found(history, wanted)?.take(self.count.unwrap_or(usize::MAX));
        let already = *told;
        let is_judged = self.is_long() || cx.format == Format::Json;
        let keyring = if is_judged { cx.keyring()? } else { Keyring::default() };
        let mut each = |found: Found| {
            self.show(cx, &keyring, history, &found)?;
            *told += 1;
            Ok::<_, CliError>(())
        };
        if self.reverse {
            let rows = rows.collect::<Result<Vec<Found>, _>>()?;
            return rows.into_iter().rev().skip(already).try_for_each(each);
        }
        rows.skip(already).try_for_each(|found| each(found?))
    }

    /// The seals that are meant, one by one.
    fn found<'a>(
        &self,
        history: &History<'a>,
        wanted: &Wanted,
    ) -> Result<Box<dyn Iterator<Item = Result<Found, HistoryError>> + 'a>, CliError> {
        let (graph, store) = (history.graph, history.workspace.repository().store());
        if !self.follow {
            let rows = seals(graph, store, wanted)?;
            return Ok(Box::new(rows.map(|row| Ok((row?, None)))));
        }
        let [path] = &wanted.paths[..] else { return Err(CliError::OnePath(wanted.paths.len())) };
        let changes = followed(graph, store, wanted, path.clone(), FindingRenames::default())?;
        Ok(Box::new(changes.map(|change| {
            let change = change?;
            Ok((change.row, Some(change.path)))
        })))
    }

    fn show(
        &self,
        cx: &mut Context,
        keyring: &Keyring,
        history: &History<'_>,
        (row, path): &Found,
    ) -> Result<(), CliError> {
        let History { workspace, graph, teller, .. } = *history;
        let load = |id| workspace.repository().store().load::<Seal>(id);
        let id = graph.id(*row)?;
        let told_path = || path.as_ref().map(ToString::to_string);
        match (cx.format, teller) {
            (Format::Json, _) => {
                cx.json(&Told { path: told_path(), ..tell(keyring, id, &load(id)?) })
            }
            (Format::Text, Some(teller)) => {
                let lines = teller.lines(&Subject::of_row(graph, *row, path.as_ref())?)?;
                Ok(lines.iter().try_for_each(|line| cx.out.line(line))?)
            }
            (Format::Text, None) if self.is_long() => show_long(cx, keyring, id, &load(id)?),
            (Format::Text, None) => {
                let line = self.line(graph, *row)?;
                let aside = |path: String| line.clone().plain("  ").put(Label::Aside, &path);
                Ok(cx.out.line(&told_path().map_or_else(|| line.clone(), aside))?)
            }
        }?;
        self.tell_changes(cx, history, *row, path.as_ref())
    }

    /// Whether each seal is told whole. Above its changes a line alone would be lost.
    const fn is_long(&self) -> bool {
        self.long || (self.tells_changes() && !self.oneline)
    }

    const fn tells_changes(&self) -> bool {
        self.patch || self.form.is_asked()
    }

    /// What a seal changed, of what is asked for: of `followed`, the file that is followed, if there is one.
    fn tell_changes(
        &self,
        cx: &mut Context,
        history: &History<'_>,
        row: Row,
        followed: Option<&RepoPath>,
    ) -> Result<(), CliError> {
        let History { workspace, graph, filter, .. } = history;
        if !self.tells_changes() || graph.parents(row)?.count() > 1 {
            return Ok(());
        }
        let store = workspace.repository().store();
        let seal: Seal = store.load(graph.id(row)?)?;
        // A file that is followed is looked for among all, or it would be new where it was renamed.
        let all = PathFilter::default();
        let filter = if followed.is_some() { &all } else { filter };
        let mut diff = Diff::of_seal(store, &seal, filter, self.form.pairing())?;
        diff.changes.retain(|change| followed.is_none_or(|path| *path == change.path));
        self.form.tell(cx, &diff)?;
        if cx.format == Format::Text && !self.graph && !diff.changes.is_empty() {
            cx.out.line(&Line::default())?;
        }
        Ok(())
    }

    fn draw(
        &self,
        cx: &mut Context,
        history: &History<'_>,
        wanted: &Wanted,
        told: &mut usize,
    ) -> Result<(), CliError> {
        let History { workspace, graph, teller, .. } = *history;
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
            let mut lines = match teller {
                Some(teller) => teller.lines(&Subject::of_row(graph, row, None)?)?,
                None => vec![self.line(graph, row)?],
            }
            .into_iter();
            let beside = |cells: &str| Line::default().put(Label::Aside, cells).plain("  ");
            let first = lines.next().unwrap_or_default();
            cx.out.line(&beside(cells(&seal, mark).trim_end()).then(&first))?;
            if let Some(links) = links {
                let links = cells(&links, mark);
                cx.out.line(&Line::default().put(Label::Aside, links.trim_end()))?;
            }
            cx.out.beside(beside(&format!("{:1}", cells(&lanes.past(), mark).trim_end())));
            let more = lines.try_for_each(|line| Ok(cx.out.line(&line)?));
            let changes = more.and_then(|()| self.tell_changes(cx, history, row, None));
            cx.out.beside(Line::default());
            changes?;
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
        let indent = if line.is_empty() { "" } else { "    " };
        cx.out.line(&Line::of(indent).plain(line))?;
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
        path: None,
        automatic: automatic(seal).map(str::to_owned),
        key: verdict.key().map(ToString::to_string),
        signer: verdict.signer().map(str::to_owned),
        signature: verdict.word(),
    }
}
