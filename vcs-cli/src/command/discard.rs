//! Letting go of changes.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::discard::discard;
use selkie_vcs::{AskedUnknown, Way, Workspace, offer};

use crate::asking::ask;
use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Known files become again what was gathered of them; if nothing was, what the last seal has. Unknown files
/// stay. 'selkie undo' brings back what was discarded.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required_unless_present = "patch")]
    paths: Vec<PathBuf>,
    /// Choose changes one by one; 'selkie gather --help' tells how
    #[arg(short, long)]
    patch: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Throw away changes that are not gathered";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let paths = Context::paths_here(&workspace, &self.paths)?;
        if self.patch {
            return some(cx, &mut workspace, paths);
        }
        let discarded = discard(&mut workspace, &cx.doer(), cx.typed(), &paths)?;
        for path in &discarded.back {
            cx.out.say(&Line::of("  ").put(Label::Removed, "-").plain(" ").plain(path.as_str()))?;
        }
        let count = discarded.back.len();
        let noun = if count == 1 { "file" } else { "files" };
        let line = Line::of(&format!("Discarded the changes of {count} {noun}; "));
        cx.out.say(&line.code("selkie undo").plain(" brings them back."))?;
        match discarded.left.len() {
            0 => Ok(()),
            1 => Ok(cx.out.say(&Line::of("1 unknown file is left as it is."))?),
            left => {
                Ok(cx.out.say(&Line::of(&format!("{left} unknown files are left as they are.")))?)
            }
        }
    }
}

/// Asks which changes are thrown away.
fn some(
    cx: &mut Context,
    workspace: &mut Workspace,
    mut paths: Vec<RepoPath>,
) -> Result<(), CliError> {
    if paths.is_empty() {
        paths.push(RepoPath::default());
    }
    let known = AskedUnknown::Nothing;
    let offer = offer::of_files(workspace, &cx.doer(), &paths, known, Way::TakeBack)?;
    let choices = ask(cx, workspace, &offer, "Discard")?;
    let count = offer::rewrite(workspace, &cx.doer(), cx.typed(), &offer, &choices)?;
    let noun = if count == 1 { "file" } else { "files" };
    let line = Line::of(&format!("Discarded changes of {count} {noun}; "));
    Ok(cx.out.say(&line.code("selkie undo").plain(" brings them back."))?)
}
