//! Lines of seals.

use selkie_store::{PublicKey, Seal, SealId};
use selkie_vcs::switch::{SwitchError, switch};
use selkie_vcs::timeline::{
    Protection, Then, TimelineError, begin, describe, list, protect, publish, remove, rename,
    settle_by, withdraw,
};
use selkie_vcs::{Privacy, SealName, Strategy, TimelineName, TimelineStrategy, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::strategy::StrategyError;
use crate::error::{CliError, Near};
use crate::going::Going;
use crate::hooks::POST_SWITCH;
use crate::label::Label;
use crate::line::Line;
use crate::nearest::nearest;
use crate::unfinished::{Options, tell};
use crate::verb::Run;

/// A timeline is a line of seals with a name. All replicas know it. 'selkie timeline' alone lists them.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Begin a timeline at the seal you stand on, and go there
    New {
        /// Its name
        name: String,
        /// Begin it, and stay where you are
        #[arg(long)]
        stay: bool,
        /// Keep it in this clone: others never hear of it
        #[arg(long)]
        private: bool,
    },
    /// List all timelines
    List,
    /// Go to the newest seal of a timeline; what is not sealed comes along if it fits, else waits on a shelf
    Switch(Going),
    /// Give a timeline another name
    Rename {
        /// Its name
        name: String,
        /// The name that it gets
        new: String,
    },
    /// Remove a timeline; its seals stay in the store, and 'selkie undo' brings it back
    Remove {
        /// Its name
        name: String,
    },
    /// Say what a timeline is for
    Describe {
        /// Its name
        name: String,
        /// What it is for; nothing says nothing any more
        #[arg(default_value = "", hide_default_value = true)]
        text: String,
    },
    /// Keep a timeline in this clone: others hear that it is gone, and of nothing that is sealed on it from now on. What they
    /// heard before they keep; 'selkie timeline new --private' begins one that they never hear of
    Private {
        /// Its name
        name: String,
        /// Tell it to others, with all that was sealed on it
        #[arg(long)]
        off: bool,
    },
    /// Say how a timeline is settled when its heads diverge, for all replicas; alone, tell how
    Strategy {
        /// Its name
        name: String,
        /// How; 'selkie strategy words' tells of each
        #[arg(value_parser = strategy_words())]
        word: Option<String>,
        /// Whose head is right, with 'authority': a key, 'you', or the name of somebody whom you trust
        #[arg(long, value_name = "WHO")]
        of: Vec<String>,
    },
    /// Refuse from now on whatever would take seals from a timeline
    Protect {
        /// Its name
        name: String,
        /// Let it happen again
        #[arg(long)]
        off: bool,
    },
}

#[derive(Serialize)]
struct ToldStrategy<'a> {
    schema: &'static str,
    timeline: &'a str,
    strategy: &'a str,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    here: bool,
    heads: Vec<String>,
    note: Option<String>,
    protected: bool,
    private: bool,
    strategy: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Begin, list and change timelines";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let Some(verb) = &self.verb else { return all(cx) };
        match verb {
            Verb::New { name, stay, private } => {
                let then = if *stay { Then::Stay } else { Then::Go };
                let privacy = if *private { Privacy::Private } else { Privacy::Shared };
                new(cx, name, privacy, then)
            }
            Verb::Private { name, off: false } => hide(cx, name),
            Verb::Private { name, off: true } => tell_others(cx, name),
            Verb::List => all(cx),
            Verb::Switch(going) => switch_to(cx, going),
            Verb::Rename { name, new } => call(cx, name, new),
            Verb::Remove { name } => end(cx, name),
            Verb::Describe { name, text } => note(cx, name, text),
            Verb::Strategy { name, word, of } => settle(cx, name, word.as_deref(), of),
            Verb::Protect { name, off: false } => guard(cx, name, Protection::Protected),
            Verb::Protect { name, off: true } => guard(cx, name, Protection::Open),
        }
    }
}

fn new(cx: &mut Context, name: &str, privacy: Privacy, then: Then) -> Result<(), CliError> {
    check(name)?;
    let mut workspace = cx.workspace()?;
    let wanted = (name.to_owned(), privacy);
    let (seal, became) = begin(&mut workspace, &cx.doer(), cx.typed(), wanted, then)?;
    let line = Line::of(if became == Privacy::Private { "Private timeline " } else { "Timeline " });
    let line = line.put(Label::Timeline, name).plain(" begins at ");
    cx.out.say(&at(&workspace, line, seal)?)?;
    if became != privacy {
        let line = Line::note("note")
            .plain("it is private, since others do not know that seal; tell them with ");
        cx.out.say(&line.code(&format!("selkie timeline private --off {name}")))?;
    }
    Ok(())
}

fn hide(cx: &mut Context, name: &str) -> Result<(), CliError> {
    withdraw(&mut cx.workspace()?, &cx.doer(), cx.typed(), name)?;
    let line = Line::of("Timeline ").put(Label::Timeline, name);
    let line = line.plain(" is private: what is sealed on it from now on stays here.");
    Ok(cx.out.say(&line)?)
}

fn tell_others(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let seal = publish(&mut workspace, &cx.doer(), cx.typed(), name)?;
    let line = Line::of("Others will know timeline ").put(Label::Timeline, name).plain(", up to ");
    Ok(cx.out.say(&at(&workspace, line, seal)?)?)
}

fn check(name: &str) -> Result<(), CliError> {
    let kind = "timeline";
    let refused = |source| CliError::Name { kind, name: name.to_owned(), source };
    TimelineName::new(name).map(drop).map_err(refused)
}

/// Goes to a timeline, or begins it.
pub(crate) fn switch_to(cx: &mut Context, going: &Going) -> Result<(), CliError> {
    let Going { name, new: is_new, unfinished } = going;
    if *is_new { new(cx, name, Privacy::Shared, Then::Go) } else { go(cx, name, unfinished) }
}

pub(crate) fn go(cx: &mut Context, name: &str, unfinished: &Options) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let unfinished = unfinished.chosen(cx);
    let old = workspace.repository().desk().bases.first().copied();
    let arrival = match switch(&mut workspace, &cx.doer(), cx.typed(), name, unfinished) {
        Err(SwitchError::Here(name)) => {
            let line = Line::of("This is timeline ").put(Label::Timeline, &name);
            return Ok(cx.out.say(&line.plain(" already."))?);
        }
        Err(SwitchError::Unknown(name)) => return Err(unknown(&workspace, name)),
        arrival => arrival?,
    };
    let line = Line::of("On timeline ").put(Label::Timeline, name).plain(", at ");
    cx.out.say(&at(&workspace, line, arrival.seal)?)?;
    diverged(&workspace, &arrival.others)?.iter().try_for_each(|line| cx.out.say(line))?;
    tell(cx, &arrival.shelved)?;
    switched(cx, &workspace, old, arrival.seal)
}

/// What somebody may have meant by a name that no timeline has.
fn unknown(workspace: &Workspace, name: String) -> CliError {
    let is_seal = Context::resolve(workspace, &name).is_ok();
    let shared = workspace.repository().shared();
    let private = workspace.repository().desk().private.keys().map(String::as_str);
    let near = nearest(&name, shared.timelines().map(|(name, _)| name).chain(private));
    let near = near.map(str::to_owned);
    CliError::NoTimeline { near: if is_seal { Near::Seal } else { near.into() }, name }
}

/// Says of the timeline that somebody stands on which other newest seals it has, and what to do about it.
pub(crate) fn diverged(workspace: &Workspace, others: &[SealId]) -> Result<Vec<Line>, CliError> {
    let other =
        |head: &SealId| at(workspace, Line::of("It has diverged, and also ends at "), *head);
    let mut lines = others.iter().map(other).collect::<Result<Vec<_>, _>>()?;
    if !lines.is_empty() {
        let line = Line::of("Bring its heads together with ").code("selkie fuse");
        lines.push(line.plain("."));
    }
    Ok(lines)
}

/// Lets the hook know that the clone stands elsewhere.
pub(crate) fn switched(
    cx: &mut Context,
    workspace: &Workspace,
    old: Option<SealId>,
    new: SealId,
) -> Result<(), CliError> {
    let (old, new) = (old.map(|seal| seal.to_string()).unwrap_or_default(), new.to_string());
    cx.run_hook(workspace, POST_SWITCH, &[old.as_ref(), new.as_ref()])
}

fn call(cx: &mut Context, name: &str, new: &str) -> Result<(), CliError> {
    check(new)?;
    rename(&mut cx.workspace()?, &cx.doer(), cx.typed(), name, new.to_owned())?;
    let line = Line::of("Timeline ").put(Label::Timeline, name).plain(" is now called ");
    Ok(cx.out.say(&line.put(Label::Timeline, new).plain("."))?)
}

fn end(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let heads = remove(&mut workspace, &cx.doer(), cx.typed(), name)?;
    let line = Line::of("Removed timeline ").put(Label::Timeline, name);
    let mut line = line.plain(", which ended at ");
    for (number, head) in heads.into_iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        line = at(&workspace, line.plain(comma), head)?;
    }
    Ok(cx.out.say(&line)?)
}

fn note(cx: &mut Context, name: &str, text: &str) -> Result<(), CliError> {
    describe(&mut cx.workspace()?, &cx.doer(), cx.typed(), name, text)?;
    let line = Line::of("Timeline ").put(Label::Timeline, name);
    Ok(cx.out.say(&match text {
        "" => line.plain(" is no longer described."),
        text => line.plain(" is for: ").plain(text),
    })?)
}

fn guard(cx: &mut Context, name: &str, protection: Protection) -> Result<(), CliError> {
    protect(&mut cx.workspace()?, &cx.doer(), cx.typed(), name, protection)?;
    let line = Line::of("Timeline ").put(Label::Timeline, name);
    Ok(cx.out.say(&match protection {
        Protection::Protected => line.plain(" is protected: no seal is taken from it."),
        Protection::Open => line.plain(" is no longer protected."),
    })?)
}

/// The words for timelines.
fn strategy_words() -> Vec<&'static str> {
    let all = Strategy::ALL.into_iter();
    all.filter(|word| word.about_timelines().is_some()).map(Strategy::name).collect()
}

fn settle(cx: &mut Context, name: &str, word: Option<&str>, of: &[String]) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let line = Line::of("Timeline ").put(Label::Timeline, name);
    let Some(word) = word else {
        let shared = workspace.repository().shared();
        let found = shared.timeline(name).ok_or_else(|| TimelineError::Unknown(name.to_owned()))?;
        let text = found.strategy().unwrap_or(Strategy::Manual.name());
        if cx.format == Format::Json {
            let (schema, timeline, strategy) = ("selkie.timeline-strategy/1", name, text);
            return cx.json(&ToldStrategy { schema, timeline, strategy });
        }
        return Ok(cx.out.line(&line.plain(" is settled by ").put(Label::Verb, text))?);
    };
    let strategy = Strategy::named(word).expect("no other word is taken on the command line");
    let keys = of.iter().map(|who| named_key(cx, who)).collect::<Result<Vec<_>, _>>()?;
    let wrong = match strategy {
        Strategy::Authority => StrategyError::Nobody,
        _ => StrategyError::Needless,
    };
    let strategy = TimelineStrategy::of(strategy, keys).ok_or(wrong)?;
    settle_by(&mut workspace, &cx.doer(), cx.typed(), name, &strategy)?;
    let line = line.plain(" is settled by ").put(Label::Verb, word).plain(" from now on.");
    Ok(cx.out.say(&line)?)
}

/// The key of somebody: as it is spelled, or as this user calls its owner.
fn named_key(cx: &mut Context, who: &str) -> Result<PublicKey, CliError> {
    if let Some(key) = PublicKey::spelled(who) {
        return Ok(key);
    }
    let keyring = cx.keyring()?;
    let own = keyring.own.filter(|_| who == "you");
    let trusted = || keyring.trusted.iter().find(|(name, _)| name == who).map(|(_, key)| *key);
    own.or_else(trusted).ok_or_else(|| StrategyError::Stranger(who.to_owned()).into())
}

/// The line, and then which seal it is.
pub(crate) fn at(workspace: &Workspace, line: Line, seal: SealId) -> Result<Line, CliError> {
    let seal: Seal = workspace.repository().store().load(seal)?;
    let title = seal.message.lines().next().unwrap_or_default();
    let line = line.put(Label::Seal, &SealName::of(seal.change).to_string());
    Ok(line.plain(": ").plain(title))
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    for timeline in list(workspace.repository())? {
        if cx.format == Format::Json {
            let heads = timeline.heads.iter().map(ToString::to_string).collect();
            let (schema, name, note) = ("selkie.timeline/1", timeline.name, timeline.note);
            let protected = timeline.protection == Protection::Protected;
            let (here, private) = (timeline.here, timeline.privacy == Privacy::Private);
            let strategy = timeline.strategy;
            cx.json(&Told { schema, name, here, heads, note, protected, private, strategy })?;
            continue;
        }
        let mark = if timeline.here { "* " } else { "  " };
        let mut line = Line::of(mark).put(Label::Timeline, &timeline.name);
        for head in &timeline.heads {
            line = at(&workspace, line.plain("  "), *head)?;
        }
        if timeline.heads.len() > 1 {
            line = line.plain("  ").put(Label::Aside, "diverged");
        }
        if timeline.privacy == Privacy::Private {
            line = line.plain("  ").put(Label::Aside, "private");
        }
        if timeline.protection == Protection::Protected {
            line = line.plain("  ").put(Label::Aside, "protected");
        }
        if let Some(word) = timeline.strategy.iter().flat_map(|text| text.split(' ')).next() {
            line = line.plain("  ").put(Label::Aside, word);
        }
        if let Some(note) = &timeline.note {
            line = line.plain("  ").put(Label::Aside, note);
        }
        cx.out.line(&line)?;
    }
    Ok(())
}
