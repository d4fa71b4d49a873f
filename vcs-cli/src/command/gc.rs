//! Letting go of what nobody uses.

use std::time::Duration;

use selkie_store::{Amount, Collected, Wait};
use selkie_vcs::gc::{Cleared, Keep, clear, look};
use serde::Serialize;

use crate::config::key::{GRACE, KEEP_OPERATIONS, Key};
use crate::config::span::{span, told, typed};
use crate::context::{Context, Format};
use crate::count::{Bytes, counted};
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// What nothing leads to is first set aside, and removed by a later run once the grace period is over. So what
/// another command is about to use is never taken from it, and commands may run meanwhile.
///
/// Commands older than 'gc.keep-operations' can not be undone any more, but for the newest 100.
///
/// Examples:
///   selkie gc --dry-run      what there is to remove
///   selkie gc --grace 0      remove as soon as nobody can be using it: in the next run
///   selkie gc --repack       also write all packs anew, as small as that goes
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Tell what is unused, and change nothing
    #[arg(long, conflicts_with_all = ["grace", "repack"])]
    dry_run: bool,
    /// How long what is unused stays, if not as long as 'gc.grace' says
    #[arg(long, value_name = "TIME", value_parser = typed)]
    grace: Option<Duration>,
    /// Write all packs anew, as small as that goes
    #[arg(long)]
    repack: bool,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    outcome: &'static str,
    forgotten_operations: u64,
    removed: ToldAmount,
    used_again: ToldAmount,
    unused: ToldAmount,
    wait_ms: Option<u64>,
    wait_writers: Option<usize>,
}

#[derive(Default, Serialize)]
struct ToldAmount {
    objects: usize,
    bytes: u64,
}

impl Run for Args {
    const ABOUT: &'static str = "Remove what nothing leads to any more";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        if self.dry_run { preview(cx) } else { self.collect(cx) }
    }
}

impl Args {
    fn collect(&self, cx: &mut Context) -> Result<(), CliError> {
        let grace = self.grace.unwrap_or_else(|| setting(cx, &GRACE));
        let keep = Keep { grace, operations: setting(cx, &KEEP_OPERATIONS) };
        let mut workspace = cx.workspace()?;
        let mut meter = cx.meter("Following objects:");
        let done = clear(&mut workspace, &cx.doer(), keep, |p| meter.tell(p.done, p.total))?;
        drop(meter);
        if self.repack {
            let mut meter = cx.meter("Packing objects:");
            workspace.repository().repack(|p| meter.tell(p.done, p.total))?;
        } else {
            workspace.repository().tidy()?;
        }
        match cx.format {
            Format::Json => cx.json(&told_of(&done)),
            Format::Text => tell(cx, &done, grace),
        }
    }
}

fn preview(cx: &mut Context) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let mut meter = cx.meter("Following objects:");
    let found = look(&mut workspace, |p| meter.tell(p.done, p.total))?;
    drop(meter);
    if cx.format == Format::Json {
        let (schema, outcome) = ("selkie.gc/1", "dry run");
        let (unused, removed) = (found.unused.into(), ToldAmount::default());
        let used_again = ToldAmount::default();
        let (forgotten_operations, wait_ms, wait_writers) = (0, None, None);
        return cx.json(&Told {
            schema,
            outcome,
            forgotten_operations,
            removed,
            used_again,
            unused,
            wait_ms,
            wait_writers,
        });
    }
    cx.out.line(&Line::of(&format!("Nothing leads to {}.", amount(found.unused))))?;
    if found.condemned.objects > 0 {
        let line = format!("{} wait to be removed.", amount(found.condemned));
        cx.out.line(&Line::of(&line))?;
    }
    Ok(())
}

fn tell(cx: &mut Context, done: &Cleared, grace: Duration) -> Result<(), CliError> {
    if done.forgotten > 0 {
        let line =
            format!("Forgot {} that can not be undone any more.", operations(done.forgotten));
        cx.out.say(&Line::of(&line))?;
    }
    let lines = match done.collected {
        Collected::Elsewhere => vec!["Another command collects or packs here just now.".to_owned()],
        Collected::Waiting(Wait::Grace(left_ms)) => {
            let left = told(Duration::from_millis(left_ms));
            vec![format!("What was found unused before stays for {left} more.")]
        }
        Collected::Waiting(Wait::Writers(count)) => {
            let commands = counted(count as u64, "command");
            vec![format!("What was found unused before stays until {commands} ended.")]
        }
        Collected::Done { removed, condemned, .. } => {
            let mut lines = vec![format!("Removed {}.", amount(removed))];
            if condemned.objects > 0 {
                let then = if grace.is_zero() {
                    "the next run removes them".to_owned()
                } else {
                    format!("a run in {} removes them", told(grace))
                };
                lines.push(format!("Nothing leads to {}; {then}.", amount(condemned)));
            }
            lines
        }
    };
    for line in lines {
        cx.out.say(&Line::of(&line))?;
    }
    Ok(())
}

fn operations(count: u64) -> String {
    counted(count, "operation")
}

fn amount(amount: Amount) -> String {
    let objects = counted(amount.objects as u64, "object");
    if amount.objects == 0 { objects } else { format!("{objects} ({})", Bytes(amount.bytes)) }
}

/// What a setting says that is a length of time.
fn setting(cx: &Context, key: &Key) -> Duration {
    cx.config.value(key).and_then(|(text, _)| span(text)).unwrap_or_default()
}

fn told_of(done: &Cleared) -> Told {
    let mut told = Told {
        schema: "selkie.gc/1",
        outcome: "done",
        forgotten_operations: done.forgotten,
        removed: ToldAmount::default(),
        used_again: ToldAmount::default(),
        unused: ToldAmount::default(),
        wait_ms: None,
        wait_writers: None,
    };
    match done.collected {
        Collected::Elsewhere => told.outcome = "elsewhere",
        Collected::Waiting(wait) => {
            told.outcome = "waiting";
            match wait {
                Wait::Grace(left_ms) => told.wait_ms = Some(left_ms),
                Wait::Writers(count) => told.wait_writers = Some(count),
            }
        }
        Collected::Done { removed, rescued, condemned } => {
            told.removed = removed.into();
            told.used_again = rescued.into();
            told.unused = condemned.into();
        }
    }
    told
}

impl From<Amount> for ToldAmount {
    fn from(amount: Amount) -> Self {
        Self { objects: amount.objects, bytes: amount.bytes }
    }
}
