//! Looking at everything that a clone holds.

use selkie_store::Problem;
use selkie_vcs::verify::{Fault, verify};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Every byte of every pack is read, every object, link and signature checked, and so is every entry of every log and
/// what was done in this clone. Nothing is changed. The exit code is 1 if something is wrong.
#[derive(clap::Args)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    objects: usize,
    logs: usize,
    operations: usize,
    faults: Vec<ToldFault>,
}

#[derive(Serialize)]
struct ToldFault {
    kind: &'static str,
    what: String,
}

impl Run for Args {
    const ABOUT: &'static str = "Check that everything is whole";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let mut meter = cx.meter("Checking objects:");
        let verified = verify(&mut workspace, |p| meter.tell(p.done, p.total))?;
        drop(meter);
        let faults: Vec<_> = verified.faults.iter().map(told).collect();
        let count = faults.len();
        match cx.format {
            Format::Json => {
                let (objects, logs, operations) =
                    (verified.objects, verified.logs, verified.operations);
                let schema = "selkie.verify/1";
                cx.json(&Told { schema, objects, logs, operations, faults })?;
            }
            Format::Text => {
                for fault in &faults {
                    let line = Line::default().put(Label::Error, fault.kind).plain(": ");
                    cx.out.line(&line.plain(&fault.what))?;
                }
                let read = [
                    counted(verified.objects as u64, "object"),
                    counted(verified.logs as u64, "log"),
                    counted(verified.operations as u64, "operation"),
                ];
                let [objects, logs, operations] = read;
                let end = if count == 0 { ": all is whole." } else { "." };
                let line = format!("Read {objects}, {logs} and {operations}{end}");
                cx.out.say(&Line::of(&line))?;
            }
        }
        let only_forged = verified.faults.iter().all(is_forged);
        match count {
            0 => Ok(()),
            count if only_forged => Err(CliError::Forged(count)),
            count => Err(CliError::Unsound(count)),
        }
    }
}

fn told(fault: &Fault) -> ToldFault {
    let kind = match fault {
        Fault::Object(Problem::Pack(_) | Problem::Object(_)) => "damaged",
        Fault::Object(Problem::Missing { .. }) | Fault::Root(_) => "missing",
        Fault::Object(Problem::Forged(_)) => "forged",
        Fault::Log { .. } => "log",
        Fault::Stop(_) => "not applied",
        Fault::Operations(_) => "operations",
    };
    let mut what = fault.to_string();
    let mut source = std::error::Error::source(fault);
    while let Some(cause) = source {
        let more = cause.to_string();
        if !what.ends_with(&more) {
            what = format!("{what}: {more}");
        }
        source = cause.source();
    }
    ToldFault { kind, what }
}

const fn is_forged(fault: &Fault) -> bool {
    matches!(fault, Fault::Object(Problem::Forged(_)))
}
