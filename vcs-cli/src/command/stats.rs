//! What a clone holds, in figures.

use selkie_store::{Kind, Tally};
use selkie_vcs::stats::{Measured, measure};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::{Bytes, counted, figure};
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// Copies of an object count once. The bytes of objects are those that they have when they are read; those of packs
/// are what they take on disk.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many of the longest files to list
    #[arg(short = 'n', value_name = "COUNT", default_value_t = 5, value_parser = figure::<usize>)]
    count: usize,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    timelines: usize,
    tags: usize,
    objects: Vec<ToldKind>,
    packs: ToldTally,
    packs_waiting_for_removal: ToldTally,
    packs_unreadable: u64,
    superfluous_copies: u64,
    differences: ToldTally,
    depth: u64,
    logs: Vec<ToldLog>,
    operations: ToldTally,
    largest: Vec<ToldFile>,
}

#[derive(Serialize)]
struct ToldKind {
    kind: String,
    count: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct ToldTally {
    count: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct ToldLog {
    replica: String,
    entries: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct ToldFile {
    path: String,
    bytes: u64,
}

impl Run for Args {
    const ABOUT: &'static str = "Count what the clone holds";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let measured = measure(workspace.repository(), self.count)?;
        match cx.format {
            Format::Json => cx.json(&told(&measured)),
            Format::Text => show(cx, &measured),
        }
    }
}

fn show(cx: &mut Context, measured: &Measured) -> Result<(), CliError> {
    let stats = &measured.store;
    let row = |what: &str, tally: Tally| {
        Line::of(&format!("{what:<22}{:>10}  {:>10}", tally.count, Bytes(tally.bytes).to_string()))
    };
    let plain = |what: &str, count: usize| Line::of(&format!("{what:<22}{count:>10}"));
    let logs = stats.logs.values().fold(Tally::default(), |sum, log| Tally {
        count: sum.count + log.count,
        bytes: sum.bytes + log.bytes,
    });
    let mut lines = vec![plain("timelines", measured.timelines), plain("tags", measured.tags)];
    lines.extend(stats.objects.iter().map(|(kind, tally)| row(plural(*kind), *tally)));
    lines.push(row("packs", stats.packs));
    if stats.packs_condemned.count > 0 {
        lines.push(row("packs to be removed", stats.packs_condemned));
    }
    lines.push(row("stored as differences", stats.deltas));
    lines.push(plain("replicas", stats.logs.len()));
    lines.push(row("entries of their logs", logs));
    lines.push(row("records of undo", stats.operations));
    for line in lines {
        cx.out.line(&line)?;
    }
    if !measured.largest.is_empty() {
        cx.out.line(&Line::default())?;
        cx.out.line(&Line::of("The longest files in the newest seals:"))?;
    }
    for (path, bytes) in &measured.largest {
        let line = Line::of(&format!("{:>10}  ", Bytes(*bytes).to_string()));
        cx.out.line(&line.plain(path.as_str()))?;
    }
    if stats.packs_unreadable > 0 {
        let packs = counted(stats.packs_unreadable, "pack");
        let line = Line::note("warning").plain(&packs).plain(" can not be read: see ");
        cx.out.warn(&line.code("selkie verify"))?;
    }
    Ok(())
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Blob => "contents",
        Kind::Chunks => "lists of chunks",
        Kind::Tree => "trees",
        Kind::Seal => "seals",
        Kind::Conflict => "conflicts",
    }
}

fn told(measured: &Measured) -> Told {
    let stats = &measured.store;
    let kind = |(kind, tally): (&Kind, &Tally)| ToldKind {
        kind: kind.to_string(),
        count: tally.count,
        bytes: tally.bytes,
    };
    let log = |(replica, tally): (&_, &Tally)| ToldLog {
        replica: ToString::to_string(replica),
        entries: tally.count,
        bytes: tally.bytes,
    };
    let file =
        |(path, bytes): &(_, u64)| ToldFile { path: ToString::to_string(path), bytes: *bytes };
    Told {
        schema: "selkie.stats/1",
        timelines: measured.timelines,
        tags: measured.tags,
        objects: stats.objects.iter().map(kind).collect(),
        packs: stats.packs.into(),
        packs_waiting_for_removal: stats.packs_condemned.into(),
        packs_unreadable: stats.packs_unreadable,
        superfluous_copies: stats.copies,
        differences: stats.deltas.into(),
        depth: stats.depth_max,
        logs: stats.logs.iter().map(|(replica, tally)| log((replica, tally))).collect(),
        operations: stats.operations.into(),
        largest: measured.largest.iter().map(file).collect(),
    }
}

impl From<Tally> for ToldTally {
    fn from(tally: Tally) -> Self {
        Self { count: tally.count, bytes: tally.bytes }
    }
}
