//! Lines of seals.

use selkie_store::{PublicKey, Seal, SealId};
use selkie_vcs::switch::switch;
use selkie_vcs::timeline::{
    Protection, Then, TimelineError, begin, describe, list, protect, remove, rename, settle_by,
};
use selkie_vcs::{SealName, Strategy, TimelineName, TimelineStrategy, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::strategy::StrategyError;
use crate::hooks::POST_SWITCH;
use crate::label::Label;
use crate::line::Line;
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
    },
    /// List all timelines
    List,
    /// Go to the newest seal of a timeline; what is not sealed comes along if it fits, else waits on a shelf
    Switch {
        /// Its name
        name: String,
        #[command(flatten)]
        unfinished: Options,
    },
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
struct Told {
    schema: &'static str,
    name: String,
    here: bool,
    heads: Vec<String>,
    note: Option<String>,
    protected: bool,
    strategy: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Begin, list and change timelines";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let Some(verb) = &self.verb else { return all(cx) };
        match verb {
            Verb::New { name, stay } => new(cx, name, *stay),
            Verb::List => all(cx),
            Verb::Switch { name, unfinished } => go(cx, name, unfinished),
            Verb::Rename { name, new } => call(cx, name, new),
            Verb::Remove { name } => end(cx, name),
            Verb::Describe { name, text } => note(cx, name, text),
            Verb::Strategy { name, word, of } => settle(cx, name, word.as_deref(), of),
            Verb::Protect { name, off: false } => guard(cx, name, Protection::Protected),
            Verb::Protect { name, off: true } => guard(cx, name, Protection::Open),
        }
    }
}

fn new(cx: &mut Context, name: &str, stay: bool) -> Result<(), CliError> {
    check(name)?;
    let mut workspace = cx.workspace()?;
    let then = if stay { Then::Stay } else { Then::Go };
    let seal = begin(&mut workspace, &cx.doer(), cx.typed(), name.to_owned(), then)?;
    let line = Line::of("Timeline ").put(Label::Timeline, name).plain(" begins at ");
    Ok(cx.out.say(&at(&workspace, line, seal)?)?)
}

fn check(name: &str) -> Result<(), CliError> {
    let kind = "timeline";
    let refused = |source| CliError::Name { kind, name: name.to_owned(), source };
    TimelineName::new(name).map(drop).map_err(refused)
}

pub(crate) fn go(cx: &mut Context, name: &str, unfinished: &Options) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let unfinished = unfinished.chosen(cx);
    let old = workspace.repository().desk().bases.first().copied();
    let arrival = switch(&mut workspace, &cx.doer(), cx.typed(), name, unfinished)?;
    let line = Line::of("On timeline ").put(Label::Timeline, name).plain(", at ");
    cx.out.say(&at(&workspace, line, arrival.seal)?)?;
    tell(cx, &arrival.shelved)?;
    switched(cx, &workspace, old, arrival.seal)
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
            let (here, strategy) = (timeline.here, timeline.strategy);
            cx.json(&Told { schema, name, here, heads, note, protected, strategy })?;
            continue;
        }
        let mark = if timeline.here { "* " } else { "  " };
        let mut line = Line::of(mark).put(Label::Timeline, &timeline.name);
        for head in &timeline.heads {
            line = at(&workspace, line.plain("  "), *head)?;
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
