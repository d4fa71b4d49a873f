//! The way from a command line to an exit code.

use std::env;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::{ArgMatches, Args, FromArgMatches};
use selkie_vcs::Workspace;

use crate::command::VERBS;
use crate::config::key::{ALIAS, COLOUR, KEYS};
use crate::config::places::Places;
use crate::config::{Config, Ignored, Remark};
use crate::context::{Context, Format, settings, variable};
use crate::error::CliError;
use crate::globals::{Globals, When, command_at};
use crate::habit::{HABITS, Habit, translated};
use crate::hooks::{HOOKS, Hook};
use crate::line::Line;
use crate::linked::go_along;
use crate::nearest::nearest;
use crate::out::{Colour, Out, Volume, Wish};
use crate::serving::caller::ring;
use crate::serving::matter::Matter;
use crate::verb::{Group, Past, Verb};

/// Runs the command line `args`, the program's name first.
///
/// What the exit codes say is listed in the help of the program.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let ran = prepare(args.into_iter().collect()).and_then(|(verb, matches, mut cx)| {
        let result = verb.run(&matches, &mut cx)?;
        let result = if goes_along(verb, &matches) {
            // What was done is done, also by a command that failed behind it.
            let gone = go_along(&mut cx);
            result.and(gone)
        } else {
            result
        };
        let result = result.and_then(|()| Ok(cx.out.finish()?));
        Ok(match result {
            Ok(()) => {
                if verb.may_write() {
                    env::current_dir().iter().for_each(|here| ring(here));
                }
                ExitCode::SUCCESS
            }
            Err(error) => error.report(&mut cx.out),
        })
    });
    ran.unwrap_or_else(|stop| match stop {
        Stop::Answer(answer) => explain(&answer),
        Stop::Error(error) => error.report(&mut out(Colour::Auto, Volume::Normal)),
    })
}

/// The definition of the command line: names, arguments and help of every command.
#[must_use]
pub fn command() -> clap::Command {
    let list: String = Group::ALL.into_iter().map(listed).collect();
    let whole = bare().after_help(list + EXIT_CODES);
    VERBS.iter().fold(whole, |command, verb| command.subcommand(verb.definition()))
}

/// A setting, as documents tell it.
#[derive(Debug)]
pub struct Setting {
    /// Its name. That of a family ends in `.*`.
    pub name: &'static str,
    /// What it is by itself.
    pub default: Option<&'static str>,
    /// The variable of the environment that sets it. Families have none.
    pub variable: Option<String>,
    /// What it is for.
    pub about: &'static str,
}

/// All settings.
pub fn all_settings() -> impl Iterator<Item = Setting> {
    KEYS.iter().map(|key| Setting {
        name: key.name,
        default: key.default,
        variable: (!key.is_family()).then(|| key.variable()),
        about: key.about,
    })
}

/// Something that may happen to a node, as documents tell it.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// The word that programs read.
    pub word: &'static str,
    /// What has happened then.
    pub about: &'static str,
}

/// All that may happen to a node.
pub fn all_occasions() -> impl Iterator<Item = Occasion> {
    Matter::ALL.into_iter().map(|matter| Occasion { word: matter.word(), about: matter.about() })
}

/// What git users are used to type, and what is typed here, where more than a word differs.
pub fn habits() -> impl Iterator<Item = Habit> {
    HABITS.iter().copied()
}

/// What happens that a program can be run for.
pub fn all_hooks() -> impl Iterator<Item = Hook> {
    HOOKS.into_iter()
}

/// Why no command was run.
enum Stop {
    /// Help, the version, or what was not understood.
    Answer(clap::Error),
    /// What went wrong before it began.
    Error(CliError),
}

/// Understands the command line and makes the world of its command.
fn prepare(args: Vec<OsString>) -> Result<(&'static Verb, ArgMatches, Context), Stop> {
    let places = Places::of(variable);
    let args = expanded(args, &places)?;
    let defined = needed(&args);
    let typed = typed(&args);
    let mut matches =
        defined.try_get_matches_from(&args).map_err(|answer| refused(&args, answer))?;
    let globals = Globals::from_arg_matches(&matches)?;
    enter(&globals)?;
    let places = match env::current_dir().ok().and_then(|here| Workspace::find(&here)) {
        Some(folder) => places.with_repository(&Workspace::control(&folder)),
        None => places,
    };
    let config = settings(&places, &globals.settings).map_err(CliError::from)?;
    let mut out = out(colour(&globals, &config), globals.volume());
    for remark in config.remarks() {
        out.warn(&remark_line(remark)).map_err(CliError::from)?;
    }
    let format = if globals.json { Format::Json } else { Format::Text };
    let paging = !globals.no_pager;
    let (name, matches) = matches.remove_subcommand().expect("a command is required");
    let verb = VERBS.iter().find(|verb| verb.name == name).expect("only verbs are defined");
    let hooking = !globals.no_hooks;
    let at_op = globals.at_op;
    if at_op.is_some() && verb.past == Past::Closed {
        return Err(CliError::NoPast(verb.name).into());
    }
    let (barred, apart) = (None, None);
    let define = command;
    let mut cx = Context {
        out,
        format,
        config,
        places,
        define,
        typed,
        paging,
        hooking,
        at_op,
        barred,
        apart,
    };
    if goes_along(verb, &matches) {
        go_along(&mut cx)?;
    }
    Ok((verb, matches, cx))
}

/// Whether a linked repository of git is brought along before a command and after it.
fn goes_along(verb: &Verb, matches: &ArgMatches) -> bool {
    let links = verb.name == "git" && matches!(matches.subcommand_name(), Some("link" | "unlink"));
    verb.group != Group::Program && !links
}

/// What was not understood, which may be a habit from git.
fn refused(args: &[OsString], answer: clap::Error) -> Stop {
    let words = command_at(args).map_or(&[][..], |at| &args[at..]);
    if let Some(here) = translated(words).filter(|_| answer.use_stderr()) {
        return CliError::Habit { typed: typed(args), here }.into();
    }
    match words.first().and_then(|word| word.to_str()) {
        Some(word) if answer.use_stderr() && named(word.as_ref()).is_none() => {
            let known = VERBS.iter().flat_map(|verb| std::iter::once(verb.name).chain(verb.alias));
            CliError::NoCommand { typed: word.to_owned(), nearest: nearest(word, known) }.into()
        }
        _ => answer.into(),
    }
}

/// As much of the definition as these arguments need: what is not defined is most of what a short command
/// would cost. Help before the name of a command is about all of them.
fn needed(args: &[OsString]) -> clap::Command {
    let asks_help = |word: &OsString| match word.as_encoded_bytes() {
        [b'-', b'-', name @ ..] => name == b"help",
        [b'-', letters @ ..] => letters.contains(&b'h'),
        _ => false,
    };
    match (command_at(args), args) {
        (Some(at), _) if !args[1..at].iter().any(asks_help) => {
            named(&args[at]).map_or_else(command, |verb| bare().subcommand(verb.definition()))
        }
        (None, [_, flag]) if flag == "-V" || flag == "--version" => bare(),
        _ => command(),
    }
}

/// The program without its commands, and without the list of them.
fn bare() -> clap::Command {
    Globals::augment_args(clap::Command::new("selkie"))
        .about("Version control whose replicas converge, between peers and without a server")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("COMMAND")
        .help_template("{about}\n\n{usage-heading} {usage}\n{after-help}\n\nOptions of every command:\n{options}")
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  it failed
  2  the command line was not understood";

/// A group of commands as help lists them.
fn listed(group: Group) -> String {
    let verbs = VERBS.iter().filter(|verb| verb.group == group);
    let rows = verbs.map(|verb| {
        let alias = verb.alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
        format!("  {:<21} {}\n", format!("{}{alias}", verb.name), verb.about)
    });
    format!("{}:\n{}\n", group.heading(), rows.collect::<String>())
}

/// The command that this word names.
fn named(word: &OsStr) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| word.to_str().is_some_and(|word| verb.answers_to(word)))
}

/// The command line with an alias replaced by what it stands for. Commands go before aliases.
fn expanded(mut args: Vec<OsString>, places: &Places) -> Result<Vec<OsString>, CliError> {
    let mut seen = Vec::new();
    while let Some(at) = command_at(&args) {
        let Some(word) = args[at].to_str().map(str::to_owned) else { break };
        if named(&args[at]).is_some() {
            break;
        }
        let config = settings(places, &[])?;
        let family = ALIAS.name.trim_end_matches(".*");
        let Some(meaning) = config.member(family, &word) else { break };
        if seen.contains(&word) {
            return Err(CliError::AliasCircle(word));
        }
        let words = shlex::split(meaning).ok_or_else(|| CliError::AliasQuote(word.clone()))?;
        args.splice(at..=at, words.into_iter().map(OsString::from));
        seen.push(word);
    }
    Ok(args)
}

/// What was typed from the name of the command on, for the operation log.
fn typed(args: &[OsString]) -> String {
    let from = command_at(args).unwrap_or(args.len());
    let words: Vec<_> = args[from..].iter().map(|word| word.to_string_lossy()).collect();
    // No word of a command line holds the character that is refused in them.
    shlex::try_join(words.iter().map(AsRef::as_ref)).unwrap_or_default()
}

/// Goes into the folder of `-C`.
fn enter(globals: &Globals) -> Result<(), CliError> {
    let Some(folder) = &globals.folder else { return Ok(()) };
    env::set_current_dir(folder).map_err(|source| CliError::Folder {
        folder: folder.to_string_lossy().into_owned(),
        source,
    })
}

fn colour(globals: &Globals, config: &Config) -> Colour {
    let word = config.value(&COLOUR).map_or("auto", |(word, _)| word);
    globals.colour.unwrap_or_else(|| When::of_word(word)).colour()
}

fn out(colour: Colour, volume: Volume) -> Out {
    Out::of_process(colour, Wish::of(variable), volume)
}

fn remark_line(remark: &Remark) -> Line {
    let place = remark.origin.path().map(|path| path.to_string_lossy().into_owned());
    let place = place.unwrap_or_else(|| remark.origin.word());
    let line = Line::note("warning").code(&remark.key).plain(" in ").code(&place);
    match remark.why {
        Ignored::Unknown(None) => line.plain(" is no setting"),
        Ignored::Unknown(Some(nearest)) => {
            line.plain(" is no setting; did you mean ").code(nearest).plain("?")
        }
        Ignored::Untrusted => {
            line.plain(" is not followed: a repository may not say what is run or trusted")
        }
        Ignored::Shape => line.plain(" is not one word, number or switch"),
    }
}

/// Prints help, version or what was not understood.
fn explain(answer: &clap::Error) -> ExitCode {
    // When neither standard stream can be written there is nobody left to tell.
    let _unprinted = answer.print();
    ExitCode::from(if answer.use_stderr() { 2 } else { 0 })
}

impl From<clap::Error> for Stop {
    fn from(answer: clap::Error) -> Self {
        Self::Answer(answer)
    }
}

impl From<CliError> for Stop {
    fn from(error: CliError) -> Self {
        Self::Error(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_contradicts_itself_nowhere() {
        command().debug_assert();
    }

    #[test]
    fn an_unknown_command_is_a_usage_error() {
        let answer = command().try_get_matches_from(["selkie", "tuor"]).expect_err("no such name");
        assert!(answer.use_stderr());
        assert!(answer.to_string().contains("'tour'"), "{answer}");
    }

    #[test]
    fn no_two_commands_answer_to_one_word() {
        for verb in VERBS {
            let same = |word| VERBS.iter().filter(|other| other.answers_to(word)).count();
            assert_eq!(same(verb.name), 1, "{}", verb.name);
            assert!(verb.alias.is_none_or(|alias| same(alias) == 1), "{}", verb.name);
        }
    }
}
