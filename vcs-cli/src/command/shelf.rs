//! Unfinished work, laid aside.

use std::path::PathBuf;

use jiff::Timestamp;
use selkie_store::RepoPath;
use selkie_vcs::shelves::{
    Afterwards, Saved, Saving, ShelfError, Strangers, Then, apply, difference, drop, find, list,
    rename, save,
};
use selkie_vcs::{
    Comes, DateStyle, PathFilter, Shelf, TimelineName, Workspace, show_ago, show_date, wall_clock,
};
use serde::Serialize;

use crate::command::timeline::at;
use crate::context::{Context, Format};
use crate::differences::{Options, names};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A shelf holds what was gathered and changed, with the seal it was made on, and can be brought back on any
/// other. It stays in this clone. 'selkie shelf' alone lays everything aside. Going to another timeline lays
/// work aside by itself where it does not fit there, and brings it back on return.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Lay aside what is gathered and changed; the files become what the last seal has
    #[command(visible_alias = "push")]
    Save(Save),
    /// List all shelves, the newest first
    List,
    /// Show what a shelf changes
    Show {
        /// Its name; without one, the newest of this timeline
        name: Option<String>,
        /// Show the changes themselves
        #[arg(short, long)]
        patch: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Bring back what is on a shelf, and keep the shelf
    Apply {
        /// Its name; without one, the newest of this timeline
        name: Option<String>,
    },
    /// Bring back what is on a shelf, and let go of the shelf
    Pop {
        /// Its name; without one, the newest of this timeline
        name: Option<String>,
    },
    /// Let go of a shelf; 'selkie undo' brings it back
    #[command(visible_alias = "remove")]
    Drop {
        /// Its name
        name: String,
    },
    /// Give a shelf another name
    Rename {
        /// Its name
        name: String,
        /// The name that it gets
        new: String,
    },
}

#[derive(clap::Args, Default)]
struct Save {
    /// Its name; without one, that of the timeline
    #[arg(long, short)]
    name: Option<String>,
    /// What it is
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    message: String,
    /// Keep the files as they are as well
    #[arg(long)]
    keep: bool,
    /// Lay unknown files aside too
    #[arg(long, short)]
    unknown: bool,
    /// Files and folders, if not all
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    name: &'a str,
    timeline: Option<&'a str>,
    base: Option<String>,
    gathered: bool,
    comes_back: bool,
    time: String,
    message: &'a str,
}

impl Run for Args {
    const ABOUT: &'static str = "Lay unfinished work aside, and bring it back";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            None => lay(cx, &Save::default()),
            Some(Verb::Save(args)) => lay(cx, args),
            Some(Verb::List) => all(cx),
            Some(Verb::Show { name, patch, options }) => show(cx, name.as_deref(), *patch, options),
            Some(Verb::Apply { name }) => bring(cx, name.as_deref(), Afterwards::Stays),
            Some(Verb::Pop { name }) => bring(cx, name.as_deref(), Afterwards::Goes),
            Some(Verb::Drop { name }) => end(cx, name),
            Some(Verb::Rename { name, new }) => call(cx, name, new),
        }
    }
}

fn lay(cx: &mut Context, args: &Save) -> Result<(), CliError> {
    args.name.as_deref().map_or(Ok(()), check)?;
    let mut workspace = cx.workspace()?;
    let saving = Saving {
        name: args.name.clone(),
        message: args.message.clone(),
        paths: named(&workspace, &args.paths)?,
        then: if args.keep { Then::Keep } else { Then::Clear },
        unknown: if args.unknown { Strangers::Come } else { Strangers::Stay },
    };
    let saved = save(&mut workspace, &cx.doer(), cx.typed(), saving)?;
    let line = counted(Line::of("Laid aside "), &saved).plain(" on shelf ");
    cx.out.say(&line.put(Label::Shelf, &saved.name).plain("."))?;
    let line = Line::note("hint").plain("bring it back with ");
    Ok(cx.out.say(&line.code(&format!("selkie shelf pop {}", saved.name)))?)
}

/// The paths that somebody named, or the top for all.
fn named(workspace: &Workspace, paths: &[PathBuf]) -> Result<Vec<RepoPath>, CliError> {
    if paths.is_empty() {
        return Ok(vec![RepoPath::default()]);
    }
    Context::paths_here(workspace, paths)
}

fn counted(line: Line, saved: &Saved) -> Line {
    let count = saved.paths.len();
    let noun = if count == 1 { "file" } else { "files" };
    line.plain(&format!("the changes of {count} {noun}"))
}

/// Shelves have names as timelines have.
fn check(name: &str) -> Result<(), CliError> {
    let kind = "shelf";
    let refused = |source| CliError::Name { kind, name: name.to_owned(), source };
    TimelineName::new(name).map(std::mem::drop).map_err(refused)
}

fn bring(cx: &mut Context, name: Option<&str>, afterwards: Afterwards) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let saved = match apply(&mut workspace, &cx.doer(), cx.typed(), name, afterwards) {
        Err(error @ ShelfError::Disputed(_)) => {
            // There it fits in any case.
            let (_, shelf) = find(workspace.repository().desk(), name)?;
            if let Some(base) = shelf.base {
                let line = Line::note("note").plain("it was made at ");
                cx.out.warn(&at(&workspace, line, base)?)?;
            }
            return Err(error.into());
        }
        saved => saved?,
    };
    let line = counted(Line::of("Brought back "), &saved).plain(" from shelf ");
    let line = line.put(Label::Shelf, &saved.name);
    Ok(cx.out.say(&match afterwards {
        Afterwards::Stays => line.plain(", which stays."),
        Afterwards::Goes => line.plain(", which is gone."),
    })?)
}

fn end(cx: &mut Context, name: &str) -> Result<(), CliError> {
    drop(&mut cx.workspace()?, &cx.doer(), cx.typed(), name)?;
    let line = Line::of("Let go of shelf ").put(Label::Shelf, name).plain("; ");
    Ok(cx.out.say(&line.code("selkie undo").plain(" brings it back."))?)
}

fn call(cx: &mut Context, name: &str, new: &str) -> Result<(), CliError> {
    check(new)?;
    rename(&mut cx.workspace()?, &cx.doer(), cx.typed(), name, new.to_owned())?;
    let line = Line::of("Shelf ").put(Label::Shelf, name).plain(" is now called ");
    Ok(cx.out.say(&line.put(Label::Shelf, new).plain("."))?)
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    if workspace.repository().desk().shelves.is_empty() {
        cx.nothing("Nothing is on a shelf.")?;
    }
    for (name, shelf) in list(workspace.repository().desk()) {
        tell(cx, name, shelf)?;
    }
    Ok(())
}

fn show(
    cx: &mut Context,
    name: Option<&str>,
    patch: bool,
    options: &Options,
) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let (name, shelf) = find(workspace.repository().desk(), name)?;
    let pairing = options.pairing();
    let diff = difference(workspace.repository(), &shelf, &PathFilter::default(), pairing)?;
    options.page(cx);
    tell(cx, &name, &shelf)?;
    if patch || !options.is_for_names(cx) { options.tell(cx, &diff) } else { names(cx, &diff) }
}

fn tell(cx: &mut Context, name: &str, shelf: &Shelf) -> Result<(), CliError> {
    let moment = wall_clock(shelf.time, 0);
    if cx.format == Format::Json {
        return cx.json(&Told {
            schema: "selkie.shelf/1",
            name,
            timeline: shelf.timeline.as_deref(),
            base: shelf.base.map(|seal| seal.to_string()),
            gathered: shelf.gathered.is_some(),
            comes_back: shelf.comes == Comes::ByItself,
            time: show_date(&moment, DateStyle::Rfc3339),
            message: &shelf.message,
        });
    }
    let line = Line::default().put(Label::Shelf, name).plain("  ");
    let line = line.put(Label::Aside, &show_ago(moment.timestamp(), Timestamp::now()));
    let line = match &shelf.timeline {
        Some(timeline) => line.plain("  on ").put(Label::Timeline, timeline),
        None => line.plain("  on no timeline"),
    };
    let line = match shelf.comes {
        Comes::ByItself => line.plain("  ").put(Label::Aside, "comes back by itself"),
        Comes::WhenAsked => line,
    };
    let title = shelf.message.lines().next().unwrap_or_default();
    Ok(cx.out.line(&if title.is_empty() { line } else { line.plain("  ").plain(title) })?)
}
