//! Where the clone stands, and what is not sealed.

use selkie_store::{Node, RepoPath};
use selkie_vcs::conflicts::{Listed, list};
use selkie_vcs::status::{End, Standing, standing};
use selkie_vcs::{
    Asked, AskedIgnored, AskedUnknown, ChangeKind, Difference, FileChange, Privacy, SealName,
    UnknownKind, Workspace,
};
use serde::Serialize;

use crate::command::conflicts::state;
use crate::command::timeline::{at, diverged};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::passed::{left, refused_name, unread_path};
use crate::verb::Run;

/// The first line says where you are. Then comes what the next seal will have, what is changed, and what
/// is not known. '+' is new, '~' is changed, '-' is gone, '!' waits for a decision, '?' is unknown.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// List what is ignored as well
    #[arg(long)]
    ignored: bool,
    /// List every unknown file, not the folder it is in
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    timeline: Option<String>,
    private: bool,
    shelves: Vec<String>,
    seal: Option<String>,
    name: Option<String>,
    fusing: Vec<String>,
    other_heads: Vec<String>,
    conflicts: Vec<ToldPath>,
    gathered: Vec<ToldPath>,
    changed: Vec<ToldPath>,
    unknown: Vec<ToldPath>,
    ignored: Vec<ToldPath>,
}

#[derive(Serialize)]
struct ToldPath {
    path: String,
    what: &'static str,
}

impl Run for Args {
    const ABOUT: &'static str = "Show where you are and what is not sealed";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let unknown = if self.all { AskedUnknown::Files } else { AskedUnknown::Directories };
        let ignored = if self.ignored { AskedIgnored::Directories } else { AskedIgnored::Nothing };
        let workspace = cx.workspace()?;
        let standing = standing(&workspace, Asked { unknown, ignored })?;
        match cx.format {
            Format::Json => cx.json(&told(&standing)),
            Format::Text => show(cx, &workspace, &standing),
        }
    }
}

fn show(cx: &mut Context, workspace: &Workspace, standing: &Standing) -> Result<(), CliError> {
    cx.out.line(&place(standing))?;
    end(cx, workspace, standing)?;
    if let Some(line) = shelves(&standing.shelves) {
        cx.out.line(&line)?;
    }
    if standing.hunting {
        let line = Line::of("A bisect is under way: see it with ").code("selkie bisect log");
        cx.out.line(&line.plain(", end it with ").code("selkie bisect reset").plain("."))?;
    }
    let listed = if has_conflicts(standing) { list(workspace)? } else { Vec::new() };
    for seal in &standing.fusing {
        let line = Line::of("A fuse is under way with ");
        let line = at(workspace, line, *seal)?;
        cx.out.line(&line)?;
    }
    if let (false, true) = (standing.fusing.is_empty(), listed.is_empty()) {
        cx.out
            .line(&Line::of("Nothing is in conflict any more: end it with ").code("selkie seal"))?;
    }
    group(cx, "In conflict:", conflicts(standing, &listed))?;
    group(cx, "Gathered for the next seal:", gathered(standing))?;
    group(cx, "Changed, not gathered:", changed(standing))?;
    group(cx, "Unknown:", unknown(&standing.files.unknown))?;
    group(cx, "Ignored:", unknown(&standing.files.ignored))?;
    for refused in &standing.files.refused {
        cx.out.warn(&refused_name(refused))?;
    }
    for unread in &standing.files.unread {
        cx.out.warn(&unread_path(unread))?;
    }
    for litter in &standing.files.litter {
        cx.out.warn(&left(litter))?;
    }
    if standing.files.is_clean() && standing.gathered.is_empty() && standing.fusing.is_empty() {
        cx.out.line(&Line::of("Everything is sealed."))?;
    }
    Ok(())
}

/// What the timeline has beyond the place.
fn end(cx: &mut Context, workspace: &Workspace, standing: &Standing) -> Result<(), CliError> {
    match &standing.end {
        End::Here => {}
        End::Further(head) => {
            cx.out.line(&at(workspace, Line::of("It goes on to "), *head)?)?;
            let name = standing.timeline.as_deref().unwrap_or_default();
            let line = Line::of("Go along with ").code(&format!("selkie switch {name}"));
            cx.out.line(&line.plain("."))?;
        }
        End::Several(others) => {
            diverged(workspace, others)?.iter().try_for_each(|line| cx.out.line(line))?;
        }
    }
    Ok(())
}

/// The first line: whereami.
fn place(standing: &Standing) -> Line {
    let line = match &standing.timeline {
        Some(name) if standing.privacy == Privacy::Private => {
            Line::of("On private timeline ").put(Label::Timeline, name)
        }
        Some(name) => Line::of("On timeline ").put(Label::Timeline, name),
        None => Line::of("On no timeline"),
    };
    match &standing.base {
        Some((_, seal)) => {
            let title = seal.message.lines().next().unwrap_or_default();
            let name = SealName::of(seal.change).to_string();
            line.plain(", at ").put(Label::Seal, &name).plain(": ").plain(title)
        }
        None => line.plain(", before the first seal"),
    }
}

/// The unfinished work that waits for this timeline.
fn shelves(names: &[String]) -> Option<Line> {
    let (first, more) = names.split_first()?;
    let line = Line::of("Unfinished work waits on ").plain(if more.is_empty() {
        "shelf "
    } else {
        "shelves "
    });
    let line = line.put(Label::Shelf, first);
    let line = more.iter().fold(line, |line, name| line.plain(", ").put(Label::Shelf, name));
    Some(line.plain("; see it with ").code("selkie shelf list").plain("."))
}

fn group(cx: &mut Context, heading: &str, paths: Vec<(Label, ToldPath)>) -> Result<(), CliError> {
    if paths.is_empty() {
        return Ok(());
    }
    cx.out.line(&Line::default())?;
    cx.out.line(&Line::of(heading))?;
    for (label, told) in paths {
        let sign = match told.what {
            "new" => "+",
            "gone" => "-",
            "conflict" => "!",
            "unknown" | "ignored" | "repository" => "?",
            _ => "~",
        };
        cx.out.line(&Line::of("  ").put(label, sign).plain(" ").put(label, &told.path))?;
    }
    Ok(())
}

fn gathered(standing: &Standing) -> Vec<(Label, ToldPath)> {
    let is_settled = |one: &&Difference| !matches!(one.after, Some(Node::Conflict(_)));
    standing.gathered.iter().filter(is_settled).map(difference).collect()
}

fn has_conflicts(standing: &Standing) -> bool {
    standing.files.changes.iter().any(|change| change.kind == ChangeKind::Conflict)
}

/// What is in conflict, and how far it is where that is known.
fn conflicts(standing: &Standing, listed: &[Listed]) -> Vec<(Label, ToldPath)> {
    let all = standing.files.changes.iter();
    let open = all.filter(|change| change.kind == ChangeKind::Conflict);
    let told = |change: &FileChange| {
        let known = listed.iter().find(|one| one.path == change.path);
        let rest = known.map(|one| format!("  ({})", state(one.state))).unwrap_or_default();
        (Label::Error, ToldPath { path: format!("{}{rest}", change.path), what: "conflict" })
    };
    open.map(told).collect()
}

fn difference(difference: &Difference) -> (Label, ToldPath) {
    let path = difference.path.to_string();
    let executable = |node: &Option<Node>| matches!(node, Some(Node::Executable(_)));
    match (&difference.before, &difference.after) {
        (None, _) => (Label::Added, ToldPath { path, what: "new" }),
        (_, None) => (Label::Removed, ToldPath { path, what: "gone" }),
        (before, after) if executable(before) != executable(after) => {
            (Label::Changed, ToldPath { path, what: "mode" })
        }
        (Some(_), Some(_)) => (Label::Changed, ToldPath { path, what: "changed" }),
    }
}

fn changed(standing: &Standing) -> Vec<(Label, ToldPath)> {
    let told = |path: &RepoPath, what| ToldPath { path: path.to_string(), what };
    let changes = standing.files.changes.iter();
    changes
        .filter(|change| change.kind != ChangeKind::Conflict)
        .map(|change| match change.kind {
            ChangeKind::Removed => (Label::Removed, told(&change.path, "gone")),
            ChangeKind::Modified => (Label::Changed, told(&change.path, "changed")),
            ChangeKind::Mode => (Label::Changed, told(&change.path, "mode")),
            ChangeKind::Type => (Label::Changed, told(&change.path, "type")),
            ChangeKind::Conflict => (Label::Error, told(&change.path, "conflict")),
        })
        .collect()
}

fn unknown(all: &[selkie_vcs::Unknown]) -> Vec<(Label, ToldPath)> {
    let told = |unknown: &selkie_vcs::Unknown| {
        let (slash, what) = match unknown.kind {
            UnknownKind::File => ("", "unknown"),
            UnknownKind::Directory => ("/", "unknown"),
            UnknownKind::Repository => ("/", "repository"),
        };
        (Label::Aside, ToldPath { path: format!("{}{slash}", unknown.path), what })
    };
    all.iter().map(told).collect()
}

fn told(standing: &Standing) -> Told {
    let paths = |all: Vec<(Label, ToldPath)>| all.into_iter().map(|(_, path)| path).collect();
    let base = standing.base.as_ref();
    Told {
        schema: "selkie.status/1",
        timeline: standing.timeline.clone(),
        private: standing.privacy == Privacy::Private,
        shelves: standing.shelves.clone(),
        seal: base.map(|(id, _)| id.to_string()),
        name: base.map(|(_, seal)| SealName::of(seal.change).to_string()),
        fusing: standing.fusing.iter().map(ToString::to_string).collect(),
        conflicts: paths(conflicts(standing, &[])),
        other_heads: other_heads(&standing.end),
        gathered: paths(gathered(standing)),
        changed: paths(changed(standing)),
        unknown: paths(unknown(&standing.files.unknown)),
        ignored: paths(unknown(&standing.files.ignored)),
    }
}

fn other_heads(end: &End) -> Vec<String> {
    match end {
        End::Here => Vec::new(),
        End::Further(head) => vec![head.to_string()],
        End::Several(others) => others.iter().map(ToString::to_string).collect(),
    }
}
