//! What is ignored, and why.

use std::env;
use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::ignoring::{Checked, IgnoringError, change, check, list};
use selkie_vcs::{PatternChange, Shape, Verdict, Workspace};
use serde::Serialize;

use crate::config::ConfigError;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::replace::replace;
use crate::verb::Run;

/// A rule is a line of '.selkieignore' or '.gitignore', in any folder, or of your own list, which holds in every clone.
/// They are git's: '*.o' anywhere, '/out/' a folder beside the list, '!keep.o' not after all. The list nearest to a file
/// decides, and in a list the last line. What is known is never ignored. 'selkie ignore' alone lists all rules.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  selkie ignore add '*.o' /out/     for everybody, in the list at the top
  selkie ignore add --user '*.swp'  for you, in every clone
  selkie ignore check out/a.o       which rule of which file decides";

#[derive(clap::Subcommand)]
enum Verb {
    /// List all rules, and where each stands
    List,
    /// Ignore what these patterns match, from now on
    Add {
        /// Patterns; put them in quotes, or the shell takes them
        #[arg(required = true)]
        patterns: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Take patterns out of a list
    Remove {
        /// The patterns, as they stand there
        #[arg(required = true)]
        patterns: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Tell which rule of which list decides about a path
    Check {
        /// Files and folders, there or not; a '/' at the end says that a folder is meant
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

/// Which list. If nothing is said, '.selkieignore' at the top.
#[derive(clap::Args)]
struct Place {
    /// The list of the folder you stand in
    #[arg(long, conflicts_with = "user")]
    here: bool,
    /// Your own list, which holds in every clone and is no part of any
    #[arg(long)]
    user: bool,
}

#[derive(Serialize)]
struct ToldRule {
    schema: &'static str,
    list: String,
    line: u32,
    pattern: String,
    ignores: bool,
}

#[derive(Serialize)]
struct ToldPath {
    schema: &'static str,
    path: String,
    ignored: bool,
    known: bool,
    /// What the rule matched.
    at: Option<String>,
    rule: Option<ToldRule>,
}

impl Run for Args {
    const ABOUT: &'static str = "Say what is ignored, and see why it is";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            None | Some(Verb::List) => all(cx),
            Some(Verb::Check { paths }) => tell(cx, paths),
            Some(Verb::Add { patterns, place }) => {
                place.change(cx, &PatternChange::Add(patterns.clone()))
            }
            Some(Verb::Remove { patterns, place }) => {
                place.change(cx, &PatternChange::Remove(patterns.clone()))
            }
        }
    }
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let rules = list(&workspace)?;
    if rules.is_empty() {
        cx.nothing("Nothing is ignored.")?;
    }
    cx.page();
    for rule in rules {
        match cx.format {
            Format::Json => cx.json(&told(&rule))?,
            Format::Text => cx.out.line(&named(Line::default(), &rule))?,
        }
    }
    Ok(())
}

fn told(rule: &Verdict) -> ToldRule {
    ToldRule {
        schema: "selkie.ignore/1",
        list: rule.source.to_string(),
        line: rule.line,
        pattern: rule.pattern.clone(),
        ignores: rule.ignored,
    }
}

/// The line, and then where a rule stands and what it says.
fn named(line: Line, rule: &Verdict) -> Line {
    let line = line.put(Label::Aside, &format!("{}:{}", rule.source, rule.line)).plain("  ");
    line.put(if rule.ignored { Label::Removed } else { Label::Added }, &rule.pattern)
}

fn tell(cx: &mut Context, paths: &[PathBuf]) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    for named in paths {
        let path = Context::repo_path(&workspace, named)?;
        let is_folder = named.as_os_str().as_encoded_bytes().ends_with(b"/");
        let shape = if is_folder { Shape::Directory } else { Shape::File };
        let checked = check(&workspace, &path, shape)?;
        match cx.format {
            Format::Json => cx.json(&told_path(&path, &checked))?,
            Format::Text => cx.out.line(&verdict(&path, &checked))?,
        }
    }
    Ok(())
}

fn verdict(path: &RepoPath, checked: &Checked) -> Line {
    let Checked { rule, at, known } = checked;
    let line = Line::default().code(path.as_str());
    match rule {
        None if *known => line.plain(" is known, and no rule matches it"),
        None => line.plain(" is not ignored: no rule matches it"),
        Some(rule) if *known => {
            let line = line.plain(" is known, so it is not ignored, whatever this says: ");
            named(line, rule)
        }
        Some(rule) if rule.ignored && at == path => named(line.plain(" is ignored by "), rule),
        Some(rule) if rule.ignored => {
            let line = line.plain(" is ignored with all of ").code(&format!("{at}/"));
            named(line.plain(" by "), rule)
        }
        Some(rule) => named(line.plain(" is not ignored, thanks to "), rule),
    }
}

fn told_path(path: &RepoPath, checked: &Checked) -> ToldPath {
    let Checked { rule, at, known } = checked;
    ToldPath {
        schema: "selkie.ignored/1",
        path: path.to_string(),
        ignored: !known && rule.as_ref().is_some_and(|rule| rule.ignored),
        known: *known,
        at: rule.as_ref().map(|_| at.to_string()),
        rule: rule.as_ref().map(told),
    }
}

impl Place {
    fn change(&self, cx: &mut Context, wanted: &PatternChange) -> Result<(), CliError> {
        let (list, known) = if self.user {
            (change_own(cx, wanted)?, Vec::new())
        } else {
            let mut workspace = cx.workspace()?;
            let folder = self.folder(&workspace)?;
            let changed = change(&mut workspace, &cx.doer(), cx.typed(), &folder, wanted)?;
            (changed.list.to_string(), changed.known)
        };
        let line = Line::default().code(&list);
        cx.out.say(&match wanted {
            PatternChange::Add(patterns) => line.plain(" says now: ").plain(&patterns.join(", ")),
            PatternChange::Remove(patterns) => {
                line.plain(" no longer says: ").plain(&patterns.join(", "))
            }
        })?;
        let Some(first) = known.first() else { return Ok(()) };
        let line = match known.len() {
            1 => Line::note("note").code(first.as_str()).plain(" is known, and stays so"),
            more => {
                let line =
                    Line::note("note").plain(&format!("{more} known files match and stay known, "));
                line.plain("such as ").code(first.as_str())
            }
        };
        let command = format!("selkie remove --keep {first}");
        Ok(cx.out.say(&line.plain("; let go of it with ").code(&command))?)
    }

    fn folder(&self, workspace: &Workspace) -> Result<RepoPath, CliError> {
        if !self.here {
            return Ok(RepoPath::default());
        }
        let here = env::current_dir().map_err(CliError::Here)?;
        Context::repo_path(workspace, &here)
    }
}

/// Changes the list of this user, and answers with what it is called.
fn change_own(cx: &Context, wanted: &PatternChange) -> Result<String, CliError> {
    let list = cx.ignores().ok_or(ConfigError::NoPlace("user"))?;
    let name = list.to_string_lossy().into_owned();
    let old = Context::ignored_by(&list)?;
    let new = wanted.of(&name, &old).map_err(IgnoringError::Change)?;
    let unwritable = |source| CliError::Write { path: name.clone(), source };
    replace(&list, &new).map_err(unwritable)?;
    Ok(name)
}
