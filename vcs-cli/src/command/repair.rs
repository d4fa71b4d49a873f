//! Making a clone whole again.

use std::path::PathBuf;

use selkie_vcs::Donor;
use selkie_vcs::repair::repair;
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// What is damaged or missing is looked for in other copies here, then in the clones that you name. Each object is
/// checked before it is taken. Damaged packs are kept beside, with the ending '.damaged'. What is remembered of
/// the files and of the history is made anew.
///
/// Examples:
///   selkie repair                     mend what can be mended from here
///   selkie repair --from ../other     take what is missing from another clone
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Another clone on this machine; may be given several times
    #[arg(long, value_name = "FOLDER")]
    from: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    healed: Vec<String>,
    lost: Vec<String>,
    laid_aside: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Mend what is damaged or missing";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let here = std::env::current_dir().map_err(CliError::Here)?;
        let trusted = cx.trusted();
        let donors = self.from.iter().map(|folder| Donor::open(&here.join(folder), &trusted));
        let donors = donors.collect::<Result<Vec<_>, _>>()?;
        let mut workspace = cx.workspace()?;
        let mended = repair(&mut workspace, &donors)?;
        let lost = mended.lost.len();
        if cx.format == Format::Json {
            cx.json(&Told {
                schema: "selkie.repair/1",
                healed: mended.healed.iter().map(ToString::to_string).collect(),
                lost: mended.lost.iter().map(ToString::to_string).collect(),
                laid_aside: mended.laid_aside.iter().map(ToString::to_string).collect(),
            })?;
        } else {
            for id in &mended.lost {
                let line = Line::default().put(Label::Error, "lost").plain(": object ");
                cx.out.line(&line.plain(&id.to_string()))?;
            }
            let healed = counted(mended.healed.len() as u64, "object");
            let aside = counted(mended.laid_aside.len() as u64, "damaged pack");
            let line = match (mended.healed.len(), mended.laid_aside.len()) {
                (0, 0) if lost == 0 => "Nothing was broken.".to_owned(),
                (_, 0) => format!("Healed {healed}."),
                (_, _) => format!("Healed {healed}; {aside} laid aside."),
            };
            cx.out.say(&Line::of(&line))?;
        }
        if lost == 0 { Ok(()) } else { Err(CliError::Lost(lost)) }
    }
}
