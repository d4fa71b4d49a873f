//! Settling conflicts on the screen, or in another program.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::Workspace;
use selkie_vcs::conflicts::{ConflictsError, list};
use selkie_vcs::resolve::{Ending, Left, put, texts};
use selkie_vcs::settling::{About, Sort, Take};

use crate::config::key::MERGE_TOOL;
use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::merge_tool::{MergeTool, MergeToolError};
use crate::remaining::remaining;
use crate::screen::{self, Shown};
use crate::taking::{self, Detail, Earnest, Lasting, Meant};
use crate::verb::Run;

/// Shows all conflicts on one screen: each side against what there was before, who made it and when, and what the file will
/// have. Take a side, both, or what is offered, or write it, one part at a time and in any order; n goes to the next one and ? shows all
/// keys. Timelines that diverged are among them: take a head, fuse all, or keep each apart. What you decide is a draft, on disk at once: leave when you like, and come back. W puts it into the files; selkie undo takes
/// that back. With --plain it is a dialogue on lines instead.
///
/// With --tool, or where merge.tool is set, each file is opened in a merge tool instead: vimdiff, nvimdiff, meld, kdiff3, vscode, bcompare or
/// opendiff, or a command of yours with $BASE, $OURS, $THEIRS and $OUT in it. $OUT is the file with its markers. What is left there
/// settles the conflict if the tool says that all went well and no marker is left; else the conflict stays.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, group = clap::ArgGroup::new("headless").multiple(true))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// Files in conflict
    paths: Vec<PathBuf>,
    /// The tool, or its command; 'screen' for the screen where another tool is set
    #[arg(long, value_name = "TOOL")]
    tool: Option<String>,
    /// Take what the tool leaves as it is, changed or not, markers and all
    #[arg(long)]
    as_is: bool,
    /// Settle in a dialogue on lines: for screen readers, and for terminals that show no screen
    #[arg(long, conflicts_with_all = ["tool", "as_is", "take", "parts"])]
    plain: bool,
    /// Settle without a screen: take A, B and so on, base, both, reversed, nothing, offer, or lines such as A1,B2-3,base1;
    /// of a timeline A, B and so on, fuse or apart
    #[arg(long, value_name = "WHAT", group = "headless", conflicts_with_all = ["tool", "as_is"])]
    take: Option<Take>,
    /// Put off without a screen: they stay open, and come last
    #[arg(long, group = "headless", conflicts_with_all = ["tool", "as_is", "take", "plain"])]
    later: bool,
    /// A timeline that diverged: take A, B and so on, fuse or apart of its heads; again for more
    #[arg(long, value_name = "NAME", requires = "headless", conflicts_with_all = ["paths", "part", "pattern", "sort", "about", "search", "lines", "keys", "rule"])]
    timeline: Vec<String>,
    /// Only the part of this name, or of what it begins with; again for more
    #[arg(long, value_name = "NAME", requires = "headless")]
    part: Vec<String>,
    /// Only files of this pattern: a name anywhere, or a path from the top if there is a slash in it
    #[arg(long = "match", value_name = "PATTERN", requires = "headless")]
    pattern: Option<String>,
    /// Only conflicts of this sort: lines, whole, removed or moved
    #[arg(long, value_name = "SORT", requires = "headless", value_parser = sort)]
    sort: Option<Sort>,
    /// Only what sides of a file differ in beside what is in it: its name, or its mode, which says whether it may be run
    #[arg(long, value_name = "WHAT", requires = "headless", conflicts_with_all = ["later", "lines", "keys", "rule"], value_parser = about)]
    about: Option<About>,
    /// Only parts with this text in them or in the name of their file; small letters mean large ones as well
    #[arg(long, value_name = "TEXT", requires = "headless")]
    search: Option<String>,
    /// Make a rule of it as well, in selkie.toml
    #[arg(long, requires_all = ["take", "pattern"], conflicts_with_all = ["paths", "part", "sort", "search"])]
    rule: bool,
    /// Tell what would be taken, and change nothing
    #[arg(long, requires = "take")]
    dry_run: bool,
    /// List the open parts with their names
    #[arg(long, group = "headless", conflicts_with_all = ["tool", "as_is", "take", "later"])]
    parts: bool,
    /// With their lines, each with the name by which it is taken
    #[arg(long, requires = "parts")]
    lines: bool,
    /// With the keys that they are about in JSON, TOML and YAML: what each version has, and what a rule says
    #[arg(long, requires = "parts", conflicts_with = "lines")]
    keys: bool,
}

/// A sort of conflicts, as it is named.
fn sort(word: &str) -> Result<Sort, String> {
    Sort::named(word).ok_or_else(|| "name any, lines, whole, removed or moved".to_owned())
}

/// What sides may differ in beside what is in a file, as it is named.
fn about(word: &str) -> Result<About, String> {
    About::named(word).ok_or_else(|| "say name or mode".to_owned())
}

const EXAMPLES: &str = "\
Examples:
  selkie resolve                           settle all conflicts on the screen
  selkie resolve --plain                   settle them in a dialogue on lines
  selkie resolve docs --take B --dry-run   tell what B would be taken for
  selkie resolve --parts --lines           list all parts and their lines with their names
  selkie resolve --parts --keys            list what is in conflict key by key
  selkie resolve --parts --search 'ttl'    list the parts that have this text
  selkie resolve --part 4f --take B2,A1-3  take single lines of a part, in this order
  selkie resolve poem --about name --take B   have the file where B has it, whatever is in it
  selkie resolve --match '*.lock' --take B --rule   take B of all, and from now on
  selkie resolve --match '*.md' --later    put all of them off
  selkie resolve --timeline main --take fuse   bring the heads of a diverged timeline together
  selkie resolve src/lib.rs --tool meld    settle one file in meld
  selkie resolve a --tool 'mine $BASE $OURS $THEIRS --save $OUT'
  selkie config set merge.tool vimdiff     from now on in vim";

/// What the screen is called among the tools.
const SCREEN: &str = "screen";

/// What conflicts are settled with.
enum Settler {
    Tool(MergeTool),
    Here(Shown),
}

impl Run for Args {
    const ABOUT: &'static str = "Settle conflicts on the screen, or in a merge tool";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        if self.parts {
            let detail = match (self.lines, self.keys) {
                (true, _) => Detail::Lines,
                (false, true) => Detail::Keys,
                (false, false) => Detail::Name,
            };
            return taking::parts(cx, &self.meant(), detail);
        }
        if let Some(take) = &self.take {
            let earnest = if self.dry_run { Earnest::Tell } else { Earnest::Do };
            let lasting = if self.rule { Lasting::Always } else { Lasting::Once };
            return taking::take(cx, &self.meant(), take, lasting, earnest);
        }
        if self.later {
            return taking::put_off(cx, &self.meant());
        }
        if self.plain {
            return screen::settle(cx, &self.paths, Shown::InLines);
        }
        let tool = match self.tool(cx)? {
            Settler::Tool(tool) => tool,
            Settler::Here(shown) => return screen::settle(cx, &self.paths, shown),
        };
        let mut workspace = cx.workspace()?;
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
    /// Which parts somebody means who uses no screen.
    fn meant(&self) -> Meant<'_> {
        Meant {
            paths: &self.paths,
            pattern: self.pattern.as_deref().unwrap_or_default(),
            sort: self.sort.unwrap_or_default(),
            names: &self.part,
            about: self.about,
            text: self.search.as_deref().unwrap_or_default(),
            timelines: &self.timeline,
        }
    }

    /// What somebody wants to settle conflicts with.
    fn tool(&self, cx: &Context) -> Result<Settler, CliError> {
        let setting = cx.config.value(&MERGE_TOOL).map(|(tool, _)| tool);
        match self.tool.as_deref().or(setting) {
            Some(SCREEN) => Ok(Settler::Here(Shown::OnScreen)),
            Some(said) => Ok(Settler::Tool(MergeTool::of(said)?)),
            // Whether there is a screen matters only where something is in conflict.
            None => Ok(Settler::Here(screen::way().unwrap_or(Shown::OnScreen))),
        }
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
        let line = remaining(list(workspace)?.len());
        Ok(cx.out.say(&line)?)
    }
}
