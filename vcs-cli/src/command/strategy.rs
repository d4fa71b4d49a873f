//! The rules for what both sides changed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use selkie_vcs::explain::{Explained, Standing, Written, explain, written};
use selkie_vcs::{
    Attributes, FileRule, FileType, KeyPattern, MergeAttribute, Rules, RulesError, Strategy,
    Workspace,
};
use serde::Serialize;

use crate::config::ConfigError;
use crate::config::key::STRATEGY_FOLDERS;
use crate::config::origin::Origin;
use crate::config::store;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::strategy::StrategyError;
use crate::hooks::is_listed;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A file 'selkie.toml' at the top of the repository says how it is settled what both sides of a fuse changed: by path, by type
/// of file and by key. It is sealed like every file, so that all replicas settle alike. docs/strategies.md tells of each word.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  selkie strategy explain package.json          which rule holds for the file, and why
  selkie strategy explain package.json version  the same for a key in it
  selkie strategy list                          all rules, in the order in which the last one decides
  selkie strategy words                         what a rule may say

  selkie.toml:
    [[rule]]
    path = '*.snap'
    strategy = 'last_write'

    [[rule]]
    path = 'package.json'
    key = 'version'
    strategy = 'prefer_local'";

#[derive(clap::Subcommand)]
enum Verb {
    /// Tell which rule holds for a file, or for a key in it, and why
    Explain {
        /// The file, which need not be there
        path: PathBuf,
        /// The way to a key in it, such as package.version
        key: Option<String>,
    },
    /// List the rules of this repository
    List,
    /// List the words that a rule may say
    Words,
    /// Let rules of this clone run the commands that you set as strategy.command.NAME
    Enable,
    /// Let rules of this clone run no commands any more
    Disable,
}

#[derive(Serialize)]
struct ToldRule {
    schema: &'static str,
    file: &'static str,
    line: usize,
    path: Option<String>,
    r#type: Option<&'static str>,
    key: Option<String>,
    strategy: &'static str,
    by: Option<String>,
    authority: Vec<String>,
    command: Option<String>,
}

#[derive(Serialize)]
struct ToldAnswer {
    schema: &'static str,
    path: String,
    key: Option<String>,
    strategy: &'static str,
    rule: Option<ToldRule>,
    attribute: Option<&'static str>,
    overruled: Vec<ToldRule>,
    broken: Option<String>,
    sealed: bool,
}

#[derive(Serialize)]
struct ToldWord {
    schema: &'static str,
    word: &'static str,
    files: &'static str,
    timelines: Option<&'static str>,
}

impl Run for Args {
    const ABOUT: &'static str = "Say how what both sides changed is settled";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            None | Some(Verb::List) => list(cx),
            Some(Verb::Explain { path, key }) => tell(cx, path, key.as_deref()),
            Some(Verb::Words) => words(cx),
            Some(Verb::Enable) => allow(cx),
            Some(Verb::Disable) => forbid(cx),
        }
    }
}

fn list(cx: &mut Context) -> Result<(), CliError> {
    let Written { rules, standing } = written(&cx.workspace()?).map_err(StrategyError::from)?;
    let rules = match rules {
        Ok(rules) => rules,
        Err(error) => return Err(StrategyError::Rules(error).into()),
    };
    for rule in rules.iter() {
        match cx.format {
            Format::Json => cx.json(&told(rule))?,
            Format::Text => {
                let place = format!("{}:{:<4}", Rules::FILE, rule.line);
                let line = Line::default().put(Label::Aside, &place);
                let word = format!(" {:<13} ", rule.strategy.name());
                cx.out.line(&line.put(Label::Verb, &word).plain(&meant(rule)))?;
            }
        }
    }
    if rules.iter().next().is_none() && cx.format == Format::Text {
        let line = Line::of("There are no rules; write some into ").code(Rules::FILE);
        cx.out.say(&line.plain(" at the top of the repository."))?;
    }
    unsealed(cx, standing)
}

fn tell(cx: &mut Context, path: &Path, key: Option<&str>) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let path = Context::repo_path(&workspace, path)?;
    let key =
        key.map(|text| KeyPattern::new(text).ok_or_else(|| StrategyError::Key(text.to_owned())));
    let found = explain(&workspace, path, key.transpose()?).map_err(StrategyError::from)?;
    if cx.format == Format::Json {
        return cx.json(&ToldAnswer {
            schema: "selkie.strategy/1",
            path: found.path.to_string(),
            key: found.key.as_ref().map(ToString::to_string),
            strategy: found.strategy.name(),
            rule: found.rule.as_ref().map(told),
            attribute: match found.attribute {
                MergeAttribute::Union => Some("union"),
                MergeAttribute::Binary => Some("binary"),
                MergeAttribute::Text => Some("text"),
                MergeAttribute::Unsaid => None,
            },
            overruled: found.overruled.iter().map(told).collect(),
            broken: found.broken.as_ref().map(ToString::to_string),
            sealed: found.standing == Standing::Sealed,
        });
    }
    let mut line = Line::default().code(found.path.as_str());
    if let Some(key) = &found.key {
        line = line.plain(", key ").code(&key.to_string());
    }
    cx.out.line(&line.plain(": ").put(Label::Verb, found.strategy.name()))?;
    cx.out.line(&Line::of("  ").put(Label::Aside, found.strategy.about()))?;
    cx.out.line(&Line::of("  ").plain(&why(&found)))?;
    for (told, rules) in [("overruled", &found.overruled), ("for a key", &found.for_keys)] {
        for rule in rules {
            let text = format!("  {told}: {}:{} {} ", Rules::FILE, rule.line, rule.strategy);
            cx.out
                .line(&Line::default().put(Label::Aside, &text).put(Label::Aside, &meant(rule)))?;
        }
    }
    if found.key.is_some() && !found.has_keys {
        let line = Line::note("note")
            .plain("a file of this name is merged by lines, so no rule for a key");
        cx.out.say(&line.plain(" decides in it"))?;
    }
    if let Some(error) = &found.broken {
        broken(cx, error)?;
    }
    unsealed(cx, found.standing)
}

/// Why that holds, as a sentence.
fn why(found: &Explained) -> String {
    match &found.rule {
        Some(rule) => format!("because of {}:{}, {}", Rules::FILE, rule.line, meant(rule)),
        None if found.broken.is_some() => {
            format!("because {} can not be read, so nothing is settled without you", Rules::FILE)
        }
        None if found.is_rules => "because no rule speaks of the rules themselves".to_owned(),
        None => match found.attribute {
            MergeAttribute::Union => format!("because of merge=union in {}", Attributes::FILE),
            MergeAttribute::Binary => {
                format!("because {} says that it is one thing", Attributes::FILE)
            }
            MergeAttribute::Text | MergeAttribute::Unsaid => {
                format!("because no rule in {} is for it", Rules::FILE)
            }
        },
    }
}

/// What a rule is for, and with what.
fn meant(rule: &FileRule) -> String {
    let path = rule.path.as_ref().map(|path| format!("path '{path}'"));
    let kind = rule.kind.map(|kind| format!("type {}", kind.name()));
    let key = rule.key.as_ref().map(|key| format!("key {key}"));
    let parts: Vec<String> = [path, kind, key].into_iter().flatten().collect();
    let what = if parts.is_empty() {
        "for all files".to_owned()
    } else {
        format!("for {}", parts.join(", "))
    };
    let by = rule.by.as_ref().map(|by| format!("told apart by {by}"));
    let command = rule.command.as_ref().map(|command| format!("by the command '{command}'"));
    let keys: Vec<String> = rule.authority.iter().map(ToString::to_string).collect();
    let keys = (!keys.is_empty()).then(|| format!("of {}", keys.join(", ")));
    let said = [Some(what), by, command, keys];
    said.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn told(rule: &FileRule) -> ToldRule {
    ToldRule {
        schema: "selkie.rule/1",
        file: Rules::FILE,
        line: rule.line,
        path: rule.path.clone(),
        r#type: rule.kind.map(FileType::name),
        key: rule.key.as_ref().map(ToString::to_string),
        strategy: rule.strategy.name(),
        by: rule.by.clone(),
        authority: rule.authority.iter().map(ToString::to_string).collect(),
        command: rule.command.clone(),
    }
}

/// Tells that the rules say nothing, and what that means.
pub(crate) fn broken(cx: &mut Context, error: &RulesError) -> Result<(), CliError> {
    let line =
        Line::note("warning").code(Rules::FILE).plain(" can not be read, so nothing that both ");
    let line = line.plain("sides changed in one place is settled without you: ");
    Ok(cx.out.warn(&line.plain(&error.to_string()))?)
}

fn unsealed(cx: &mut Context, standing: Standing) -> Result<(), CliError> {
    match standing {
        Standing::Sealed => Ok(()),
        Standing::Unsealed => {
            let line = Line::note("note").code(Rules::FILE).plain(" is changed; ");
            Ok(cx.out.say(&line.plain("a fuse reads it as it is sealed"))?)
        }
    }
}

fn words(cx: &mut Context) -> Result<(), CliError> {
    for strategy in Strategy::ALL {
        let (word, files) = (strategy.name(), strategy.about());
        let timelines = strategy.about_timelines();
        match cx.format {
            Format::Json => {
                cx.json(&ToldWord { schema: "selkie.strategy-word/1", word, files, timelines })?;
            }
            Format::Text => {
                let word = format!("{word:<14}");
                cx.out.line(&Line::default().put(Label::Verb, &word).plain(files))?;
                if let Some(timelines) = timelines {
                    let text = format!("{:<14}of a timeline: {timelines}", "");
                    cx.out.line(&Line::default().put(Label::Aside, &text))?;
                }
            }
        }
    }
    Ok(())
}

fn allow(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let mut folders = others(cx, &workspace);
    let folder = fs::canonicalize(workspace.copy().folder()).map_err(CliError::Here)?;
    folders.push(folder.clone());
    keep(cx, &folders)?;
    let shown = folder.to_string_lossy().into_owned();
    Ok(cx.out.say(&Line::of("Rules may run your commands in ").code(&shown).plain("."))?)
}

fn forbid(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let folders = others(cx, &workspace);
    keep(cx, &folders)?;
    let shown = workspace.copy().folder().to_string_lossy().into_owned();
    Ok(cx.out.say(&Line::of("Rules run no commands any more in ").code(&shown).plain("."))?)
}

/// The clones whose rules may run commands, without this one.
fn others(cx: &Context, workspace: &Workspace) -> Vec<PathBuf> {
    let listed = cx.config.value(&STRATEGY_FOLDERS).map_or("", |(folders, _)| folders);
    let is_other = |folder: &PathBuf| {
        !folder.as_os_str().is_empty()
            && !is_listed(workspace.copy().folder(), &folder.to_string_lossy())
    };
    env::split_paths(listed).filter(is_other).collect()
}

fn keep(cx: &Context, folders: &[PathBuf]) -> Result<(), CliError> {
    let joined =
        env::join_paths(folders).map_err(|error| CliError::Here(std::io::Error::other(error)))?;
    let joined = joined.to_string_lossy();
    let user = cx.places.user.clone().map(Origin::User).ok_or(ConfigError::NoPlace("user"))?;
    let value = (!joined.is_empty()).then_some(&*joined);
    Ok(store(&user, STRATEGY_FOLDERS.name, value)?)
}
