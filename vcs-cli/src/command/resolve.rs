//! Settling conflicts in another program.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::Workspace;
use selkie_vcs::conflicts::{ConflictsError, list};
use selkie_vcs::resolve::{Ending, Left, put, texts};

use crate::config::key::MERGE_TOOL;
use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::merge_tool::{MergeTool, MergeToolError};
use crate::verb::Run;

/// Opens each file in a merge tool: that of --tool, or of the setting merge.tool. What it leaves settles the conflict, if it says
/// that all went well and no marker is left; the settlement is remembered as any other. If markers are left, the file has what
/// it left and the conflict stays. Without a file all conflicts of two files are opened, one after the other.
///
/// A tool is vimdiff, nvimdiff, meld, kdiff3, vscode, bcompare or opendiff, or a command of yours with $BASE, $OURS, $THEIRS and
/// $OUT in it. $OUT is the file with its markers, and what the tool leaves there is taken.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files in conflict
    paths: Vec<PathBuf>,
    /// The tool, or its command
    #[arg(long, value_name = "TOOL")]
    tool: Option<String>,
    /// Take what the tool leaves as it is, changed or not, markers and all
    #[arg(long)]
    as_is: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie resolve                           go through all conflicts
  selkie resolve src/lib.rs --tool meld    settle one file in meld
  selkie resolve a --tool 'mine $BASE $OURS $THEIRS --save $OUT'
  selkie config set merge.tool vimdiff     from now on in vim";

impl Run for Args {
    const ABOUT: &'static str = "Settle conflicts in a merge tool";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let tool = self.tool(cx)?;
        let paths = self.paths(&workspace)?;
        if paths.is_empty() {
            return Ok(cx.out.say(&Line::of("Nothing is in conflict."))?);
        }
        for path in &paths {
            let done = self.resolve(cx, &mut workspace, &tool, path);
            match done {
                // Where nobody named it, it is passed over.
                Err(CliError::Conflicts(ConflictsError::NoTexts(_))) if self.paths.is_empty() => {
                    let line = Line::note("note").plain(path.as_str());
                    cx.out.warn(&line.plain(" is no conflict of two files: take a side of it"))?;
                }
                done => done?,
            }
        }
        Ok(())
    }
}

impl Args {
    fn tool(&self, cx: &Context) -> Result<MergeTool, CliError> {
        let setting = cx.config.value(&MERGE_TOOL).map(|(tool, _)| tool);
        let said = self.tool.as_deref().or(setting);
        Ok(MergeTool::of(said.ok_or(MergeToolError::Nowhere)?)?)
    }

    /// What was named; where nothing is, all that is in conflict.
    fn paths(&self, workspace: &Workspace) -> Result<Vec<RepoPath>, CliError> {
        if self.paths.is_empty() {
            return Ok(list(workspace)?.into_iter().map(|one| one.path).collect());
        }
        self.paths.iter().map(|path| Context::repo_path(workspace, path)).collect()
    }

    fn resolve(
        &self,
        cx: &mut Context,
        workspace: &mut Workspace,
        tool: &MergeTool,
        path: &RepoPath,
    ) -> Result<(), CliError> {
        let texts = texts(workspace, path)?;
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        cx.out.flush()?;
        let text = tool.run(name, &texts)?;
        if text == texts.here && !self.as_is {
            return Err(MergeToolError::Untouched(path.to_string()).into());
        }
        let is_settled = self.as_is || texts.left(&text) == Left::Nothing;
        let ending = if is_settled { Ending::Settled } else { Ending::Open };
        put(workspace, &cx.doer(), cx.typed(), (path, &text), ending)?;
        if !is_settled {
            return Err(MergeToolError::Open(path.to_string()).into());
        }
        cx.out.say(&Line::of("Settled ").plain(path.as_str()))?;
        let line = match list(workspace)?.len() {
            0 => Line::of("Nothing is in conflict any more. Go on with ").code("selkie seal"),
            1 => Line::of("1 file is in conflict still."),
            left => Line::of(&format!("{left} files are in conflict still.")),
        };
        Ok(cx.out.say(&line)?)
    }
}
