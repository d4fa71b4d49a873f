//! What was done in this clone.

use selkie_vcs::{DateStyle, Kind, Logged, Outcome, show_date, wall_clock};
use serde::Serialize;

use crate::context::{Context, Format};
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
        #[arg(short = 'n', value_name = "COUNT")]
        count: Option<usize>,
    },
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

impl Run for Args {
    const ABOUT: &'static str = "See what was done in this clone";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let Verb::Log { count } = self.verb;
        let workspace = cx.workspace()?;
        let zone = cx.doer().zone_minutes;
        cx.page();
        for logged in workspace.repository().operations()?.take(count.unwrap_or(usize::MAX)) {
            let told = told(&logged?, zone);
            match cx.format {
                Format::Json => cx.json(&told)?,
                Format::Text => {
                    let line = Line::default().put(Label::Seal, &format!("#{}", told.number));
                    let line = line.plain("  ").put(Label::Aside, &told.time).plain("  ");
                    let line = line.plain(&told.typed);
                    let remark = remark(&told);
                    cx.out.line(&line.put(Label::Aside, &remark))?;
                }
            }
        }
        Ok(())
    }
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
