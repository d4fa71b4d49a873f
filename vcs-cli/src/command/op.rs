//! What was done in this clone.

use selkie_store::{Node, Seal, SealId};
use selkie_vcs::back::{BackError, back_to, changed_files};
use selkie_vcs::{
    Attribute, DateStyle, Desk, Kind, Logged, Operation, Outcome, SealName, Workspace, ids,
    show_date, wall_clock,
};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::figure;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Every command that changed something is kept, so that it can be taken back.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List what was done, newest first
    Log {
        /// At most so many
        #[arg(short = 'n', value_name = "COUNT", value_parser = figure::<usize>)]
        count: Option<usize>,
    },
    /// Tell what an operation changed: timelines, tags, where you stand, and files
    Show {
        /// Its number, as the list tells it
        #[arg(value_name = "NUMBER", value_parser = number)]
        number: u64,
    },
    /// Go back to where you were after an operation: take back everything since
    Restore {
        /// Its number, as the list tells it
        #[arg(value_name = "NUMBER", value_parser = number)]
        number: u64,
    },
}

/// The number of an operation, with or without the sign that the list puts before it.
fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.parse().map_err(|_no_number| "it is a number, such as 12".to_owned())
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    number: u64,
    time: String,
    typed: String,
    outcome: &'static str,
    undoes: Option<u64>,
    redoes: Option<u64>,
}

#[derive(Serialize)]
struct ToldChanges {
    #[serde(flatten)]
    operation: Told,
    changed: Vec<ToldChange>,
}

#[derive(Serialize)]
struct ToldChange {
    what: String,
    before: Option<String>,
    after: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "See what was done in this clone";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match self.verb {
            Verb::Log { count } => log(cx, count),
            Verb::Show { number } => show(cx, number),
            Verb::Restore { number } => restore(cx, number),
        }
    }
}

fn log(cx: &mut Context, count: Option<usize>) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let zone = cx.doer().zone_minutes;
    cx.page();
    for logged in workspace.repository().operations()?.take(count.unwrap_or(usize::MAX)) {
        let told = told(&logged?, zone);
        match cx.format {
            Format::Json => cx.json(&told)?,
            Format::Text => cx.out.line(&heading(&told))?,
        }
    }
    Ok(())
}

fn show(cx: &mut Context, number: u64) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let found = workspace.repository().operations()?.find(|logged| {
        // One that can not be read ends the search, and tells why.
        logged.as_ref().map_or(true, |logged| logged.number <= number)
    });
    let logged = found.transpose()?.filter(|logged| logged.number == number);
    let logged = logged.ok_or(BackError::Unknown(number))?;
    let told = told(&logged, cx.doer().zone_minutes);
    let changed = changed(&workspace, &logged)?;
    if cx.format == Format::Json {
        return cx.json(&ToldChanges { operation: told, changed });
    }
    cx.out.line(&heading(&told))?;
    for ToldChange { what, before, after } in &changed {
        let none = || "nothing".to_owned();
        let [before, after] = [before, after].map(|side| side.clone().unwrap_or_else(none));
        let line = Line::of("  ").plain(what).plain(": ").put(Label::Removed, &before);
        cx.out.line(&line.plain(" -> ").put(Label::Added, &after))?;
    }
    Ok(())
}

/// What an operation changed, one thing after the other.
fn changed(workspace: &Workspace, logged: &Logged) -> Result<Vec<ToldChange>, CliError> {
    let Operation { before, after, moves, files, .. } = &logged.operation;
    let store = workspace.repository().store();
    let name = |id: SealId| match store.load::<Seal>(id) {
        Ok(seal) => SealName::of(seal.change).to_string(),
        // A seal that is gone is still told by its hash.
        Err(_) => id.to_string()[..12].to_owned(),
    };
    let names = |ids: Vec<SealId>| ids.into_iter().map(name).collect::<Vec<_>>().join(", ");
    let mut changed = Vec::new();
    for told in moves {
        let value = |value: &Option<Vec<u8>>| {
            value.as_ref().map(|value| match told.attribute {
                Attribute::Heads => names(ids(value).collect()),
                Attribute::Note | Attribute::Strategy | Attribute::Protection => {
                    String::from_utf8_lossy(value).into_owned()
                }
                Attribute::Settlement | Attribute::Words => "remembered".to_owned(),
            })
        };
        let what = match told.attribute {
            Attribute::Heads | Attribute::Settlement => told.subject.to_string(),
            Attribute::Note => format!("description of {}", told.subject),
            Attribute::Strategy => format!("strategy of {}", told.subject),
            Attribute::Protection => format!("protection of {}", told.subject),
            Attribute::Words => format!("words of {}", told.subject),
        };
        changed.push(ToldChange { what, before: value(&told.before), after: value(&told.after) });
    }
    let place = |desk: &Desk| {
        let seal = (!desk.bases.is_empty()).then(|| names(desk.bases.clone()));
        match (&desk.timeline, seal) {
            (Some(timeline), Some(seal)) => Some(format!("{timeline} at {seal}")),
            (Some(timeline), None) => Some(timeline.clone()),
            (None, seal) => seal,
        }
    };
    let gathered = |desk: &Desk| desk.gathered.map(|tree| tree.to_string()[..12].to_owned());
    let shelves = |desk: &Desk| {
        let names: Vec<&str> = desk.shelves.keys().map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    for (what, tell) in [
        ("you stand on", &place as &dyn Fn(&Desk) -> Option<String>),
        ("gathered", &gathered),
        ("shelves", &shelves),
    ] {
        let (before, after) = (tell(before), tell(after));
        if before != after {
            changed.push(ToldChange { what: what.to_owned(), before, after });
        }
    }
    for change in files.map_or_else(|| Ok(Vec::new()), |files| changed_files(store, files))? {
        let side = |node: &Option<Node>| {
            let id = node.as_ref().and_then(Node::link).map(|(_, id)| id.to_string());
            id.map(|id| id[..12].to_owned())
        };
        let (before, after) = (side(&change.before), side(&change.after));
        changed.push(ToldChange { what: change.path.to_string(), before, after });
    }
    Ok(changed)
}

fn restore(cx: &mut Context, number: u64) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    for of in back_to(&mut workspace, &cx.doer(), &cx.typed(), number)? {
        cx.out.say(&Line::of("Took back ").code(&of).plain("."))?;
    }
    Ok(())
}

/// The line that lists tell of it.
fn heading(told: &Told) -> Line {
    let line = Line::default().put(Label::Seal, &format!("#{}", told.number));
    let line = line.plain("  ").put(Label::Aside, &told.time).plain("  ");
    line.plain(&told.typed).put(Label::Aside, &remark(told))
}

fn remark(told: &Told) -> String {
    match (told.undoes, told.redoes, told.outcome) {
        (_, _, "given up") => "  (given up)".to_owned(),
        (_, _, "begun") => "  (begun)".to_owned(),
        (Some(number), _, _) | (_, Some(number), _) => format!("  (takes back #{number})"),
        (None, None, _) => String::new(),
    }
}

fn told(logged: &Logged, zone: i16) -> Told {
    let operation = &logged.operation;
    let (undoes, redoes) = match operation.kind {
        Kind::Undo(number) => (Some(number), None),
        Kind::Redo(number) => (None, Some(number)),
        Kind::Command | Kind::Heard => (None, None),
    };
    Told {
        schema: "selkie.operation/1",
        number: logged.number,
        time: show_date(&wall_clock(operation.time, zone), DateStyle::Iso),
        typed: operation.typed.clone(),
        outcome: match logged.outcome {
            Outcome::Done => "done",
            Outcome::GivenUp => "given up",
            Outcome::Begun => "begun",
        },
        undoes,
        redoes,
    }
}
