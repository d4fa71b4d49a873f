//! History from git, and back.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use selkie_store::Progress;
use selkie_vcs::bundling::{Came, Names};
use selkie_vcs::git_export::{Conflicts, GitExport, Given, Losses, give};
use selkie_vcs::git_import::{Brought, GitImport, GitRefs, Incomplete, bring};
use selkie_vcs::{GitError, GitPlace, TimelineName, Workspace};
use serde::Serialize;

use crate::command::git::remote::Force;
use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

mod link;
mod program;
mod remote;

/// Each commit becomes a seal and each branch a timeline, and what is exported has the ids that it had: branches, tags and
/// commits come back as they were. Both ways only what is new is translated, and what was interrupted goes on where it was.
#[derive(clap::Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  selkie forge song                      begin a repository
  selkie -C song git import ../old       bring all that the git repository 'old' has
  selkie git export ../back.git          give it back, with what was sealed since
  selkie git link                        use both tools in this folder
  selkie git push origin                 share what was sealed with people who use git";

#[derive(clap::Subcommand)]
enum Verb {
    /// Bring branches, tags and notes of a git repository here: timelines go on or diverge, tags that are here stay
    Import {
        /// The repository: a folder with '.git' in it, or a bare one
        path: PathBuf,
        /// Bring what else has a name there too, such as branches of other repositories: 'refs/remotes/origin/main' is a
        /// timeline of that name
        #[arg(long)]
        all: bool,
        /// Leave out names that lead to what can not be kept
        #[arg(long)]
        incomplete: bool,
    },
    /// Give timelines and tags to a git repository; where none is, a bare one is begun
    Export {
        /// The repository
        path: PathBuf,
        /// Timelines and tags; if there is none, all that others may know
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Move branches and tags there that lose commits by it
        #[arg(long)]
        force: bool,
        /// Export seals with conflicts: they become text with markers
        #[arg(long)]
        markers: bool,
    },
    /// Have '.git' and '.selkie' in one folder, and what either does on both sides
    Link,
    /// Let the two go their own ways
    Unlink,
    /// Bring what another repository has, by the linked one: its branch 'main' is timeline 'origin/main' here
    Fetch {
        /// Which one, as git calls it
        remote: Option<String>,
    },
    /// Give timelines and tags to another repository, by the linked one
    Push {
        /// Which one, as git calls it
        remote: Option<String>,
        /// Timelines and tags, if not only the timeline here
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Let go of seals there that were fetched
        #[arg(long)]
        force: bool,
        /// Push seals with conflicts: they become text with markers
        #[arg(long)]
        markers: bool,
    },
}

#[derive(Serialize)]
struct ToldImport<'a> {
    schema: &'static str,
    commits: usize,
    timelines: Vec<Named<'a>>,
    tags: Vec<Named<'a>>,
    left_out: Vec<Left>,
    passed_over: usize,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    came: &'static str,
}

#[derive(Serialize)]
struct Left {
    place: String,
    why: String,
}

#[derive(Serialize)]
struct ToldExport<'a> {
    schema: &'static str,
    commits: usize,
    new: &'a [String],
    moved: &'a [String],
    same: usize,
}

impl Run for Args {
    const ABOUT: &'static str = "Bring history from git, and give it back";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::Import { path, all, incomplete } => {
                let refs = if *all { GitRefs::All } else { GitRefs::Usual };
                let incomplete =
                    if *incomplete { Incomplete::LeftOut } else { Incomplete::Refused };
                import(cx, path, refs, incomplete)
            }
            Verb::Export { path, names, force, markers } => {
                let losses = if *force { Losses::Accepted } else { Losses::Refused };
                let conflicts = if *markers { Conflicts::Texts } else { Conflicts::Refused };
                export(cx, path, names, losses, conflicts)
            }
            Verb::Link => link::run(cx),
            Verb::Unlink => link::end(cx),
            Verb::Fetch { remote } => remote::fetch(cx, remote.as_deref()),
            Verb::Push { remote, names, force, markers } => {
                let force = if *force { Force::AsFetched } else { Force::Never };
                let conflicts = if *markers { Conflicts::Texts } else { Conflicts::Refused };
                remote::push(cx, remote.as_deref(), names, force, conflicts)
            }
        }
    }
}

fn import(
    cx: &mut Context,
    path: &Path,
    refs: GitRefs,
    incomplete: Incomplete,
) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let place = GitPlace::open(path).map_err(GitError::from)?;
    let wanted = GitImport { place, refs, incomplete };
    let (doer, typed) = (cx.doer(), cx.typed());
    let mut meter = cx.meter("Commits:");
    let brought = bring(&mut workspace, &doer, typed, &wanted, |Progress { done, total }| {
        meter.tell(done, total);
        ControlFlow::Continue(())
    });
    drop(meter);
    let brought = brought?;
    if cx.format == Format::Json {
        return cx.json(&told_import(&brought));
    }
    let commits = counted(brought.commits as u64, "commit");
    cx.out.say(&Line::of("Brought ").plain(&commits).plain("."))?;
    tell_names(cx, &brought)?;
    for problem in &brought.left_out {
        let line = Line::note("note").plain("left out ").plain(&problem.to_string());
        cx.out.warn(&line)?;
    }
    if brought.passed_over > 0 {
        let others = counted(brought.passed_over as u64, "other ref");
        let line = Line::note("note").plain(&others).plain(" can be brought with ");
        cx.out.warn(&line.code("--all"))?;
    }
    let here = workspace.repository().desk().timeline.clone();
    let is_new = |(name, came): (&TimelineName, &Came)| {
        Some(name.as_str()) == here.as_deref() && matches!(came, Came::New | Came::Further)
    };
    if brought.taken.timelines.iter().any(is_new) {
        let switch = format!("selkie switch {}", here.unwrap_or_default());
        let line = Line::of("Your files are as they were; go along with ").code(&switch);
        cx.out.say(&line.plain("."))?;
    }
    Ok(())
}

/// Tells of names one by one where they are few, and of all how many.
fn tell_names(cx: &mut Context, brought: &Brought) -> Result<(), CliError> {
    const FEW: usize = 12;
    let of_timelines =
        brought.taken.timelines.iter().map(|(name, came)| (name.as_str(), "timeline", *came));
    let of_tags = brought.taken.tags.iter().map(|(name, came)| (name.as_str(), "tag", *came));
    for wanted in [Came::New, Came::Further, Came::Diverged, Came::Elsewhere] {
        for kind in ["timeline", "tag"] {
            let all = of_timelines.clone().chain(of_tags.clone());
            let names: Vec<_> = all.filter(|it| it.1 == kind && it.2 == wanted).collect();
            if names.is_empty() {
                continue;
            }
            let said = match wanted {
                Came::New => "New",
                Came::Further => "Further",
                Came::Diverged => "Diverged",
                Came::Elsewhere | Came::Known => "Elsewhere here, and stay there",
            };
            let mut line = Line::of(said).plain(": ").plain(&counted(names.len() as u64, kind));
            for (at, (name, ..)) in names.iter().take(FEW).enumerate() {
                let label = if kind == "tag" { Label::Seal } else { Label::Timeline };
                line = line.plain(if at == 0 { ": " } else { ", " }).put(label, name);
            }
            let more = names.len().saturating_sub(FEW);
            line = if more > 0 { line.plain(&format!(" and {more} more")) } else { line };
            cx.out.say(&line.plain("."))?;
        }
    }
    Ok(())
}

fn told_import(brought: &Brought) -> ToldImport<'_> {
    const fn word(came: Came) -> &'static str {
        match came {
            Came::New => "new",
            Came::Known => "known",
            Came::Further => "further",
            Came::Diverged => "diverged",
            Came::Elsewhere => "elsewhere",
        }
    }
    let timelines = brought.taken.timelines.iter();
    let tags = brought.taken.tags.iter();
    let left = brought.left_out.iter();
    ToldImport {
        schema: "selkie.git-import/1",
        commits: brought.commits,
        timelines: timelines
            .map(|(name, came)| Named { name: name.as_str(), came: word(*came) })
            .collect(),
        tags: tags.map(|(name, came)| Named { name: name.as_str(), came: word(*came) }).collect(),
        left_out: left
            .map(|it| Left { place: it.place.clone(), why: it.why.to_string() })
            .collect(),
        passed_over: brought.passed_over,
    }
}

fn export(
    cx: &mut Context,
    path: &Path,
    names: &[String],
    losses: Losses,
    conflicts: Conflicts,
) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let names = match names {
        [] => Names::All,
        names => Names::These(names.iter().cloned().collect()),
    };
    let place = GitPlace::open_or_begin(path, &first_branch(&workspace)).map_err(GitError::from)?;
    let wanted = GitExport { place, names, conflicts, losses };
    let mut meter = cx.meter("Seals:");
    let given = give(&workspace, &wanted, |Progress { done, total }| {
        meter.tell(done, total);
        ControlFlow::Continue(())
    });
    drop(meter);
    let Given { new, moved, same, commits } = given?;
    if cx.format == Format::Json {
        let schema = "selkie.git-export/1";
        return cx.json(&ToldExport { schema, commits, new: &new, moved: &moved, same });
    }
    let shown = path.to_string_lossy();
    let line = Line::of("Gave ").plain(&counted(commits as u64, "commit")).plain(" to ");
    let told = [("new", new.len()), ("moved", moved.len()), ("the same", same)];
    let told: Vec<_> = told.iter().map(|(word, count)| format!("{count} {word}")).collect();
    cx.out.say(&line.code(&shown).plain("; refs: ").plain(&told.join(", ")).plain("."))?;
    Ok(())
}

/// Where a new repository begins: the branch that whoever clones it gets. That of here, if it has seals, else one that is called as most are.
fn first_branch(workspace: &Workspace) -> String {
    let repository = workspace.repository();
    let here = repository.desk().timeline.as_deref();
    let usual = here.into_iter().chain(["main", "master"]);
    let shared = repository.shared();
    let first = shared.timelines().map(|(name, _)| name);
    let is_there = |name: &&str| shared.timeline(name).is_some();
    usual.chain(first).find(is_there).unwrap_or("main").to_owned()
}
