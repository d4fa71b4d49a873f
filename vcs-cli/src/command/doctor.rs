//! Whether the program and the clone are set up as they should be.

use std::env;
use std::path::Path;
use std::time::Duration;

use selkie_store::device_key;
use selkie_vcs::doctor::{Health, look};
use selkie_vcs::{Cache, Folding, Workspace};
use serde::Serialize;

use crate::config::Ignored;
use crate::config::key::NAME;
use crate::config::span::told;
use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::label::Label;
use crate::line::Line;
use crate::serving::around::Around;
use crate::serving::caller::Caller;
use crate::verb::Run;

/// Each line says what was looked at, whether it is well, and what to type if it is not. In no repository only the
/// program is looked at. 'selkie verify' reads everything that the clone holds; this does not. The exit code is 1 if
/// there is a problem.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// One thing that was looked at.
struct Check {
    what: &'static str,
    verdict: Verdict,
    found: String,
    cure: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Ok,
    Warning,
    Problem,
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    what: &'a str,
    verdict: &'static str,
    found: &'a str,
    cure: Option<&'a str>,
}

/// A clock that is off by less harms nobody.
const AHEAD_MS_MAX: u64 = 60_000;

/// More packs than maintenance leaves.
const PACKS_MAX: usize = 64;

impl Run for Args {
    const ABOUT: &'static str = "Look whether everything is set up well";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut checks = vec![version(), settings(cx), person(cx), key(cx)];
        let here = env::current_dir().map_err(CliError::Here)?;
        if Workspace::find(&here).is_some() {
            let workspace = cx.workspace()?;
            checks.extend(of_clone(&look(&workspace, &cx.doer())?));
            checks.extend(network(&Workspace::control(workspace.copy().folder()))?);
        } else {
            checks
                .push(Check::ok("repository", "none here: only the program was looked at".into()));
        }
        let problems = checks.iter().filter(|check| check.verdict == Verdict::Problem).count();
        for check in &checks {
            match cx.format {
                Format::Json => cx.json(&check.told())?,
                Format::Text => cx.out.line(&check.line())?,
            }
        }
        if problems == 0 { Ok(()) } else { Err(CliError::Unwell(problems)) }
    }
}

fn version() -> Check {
    Check::ok("program", format!("selkie {}", env!("CARGO_PKG_VERSION")))
}

fn settings(cx: &Context) -> Check {
    let wrong = cx.config.remarks().iter().map(|remark| {
        let why = match remark.why {
            Ignored::Unknown(_) => "is no setting",
            Ignored::Untrusted => "may not be set by a repository",
            Ignored::Shape => "is no text",
        };
        format!("{} {why}", remark.key)
    });
    let wrong: Vec<_> = wrong.collect();
    if wrong.is_empty() {
        return Check::ok("settings", "all are understood".to_owned());
    }
    Check::warning("settings", wrong.join(", "), "selkie config keys")
}

fn person(cx: &Context) -> Check {
    if let Some((name, _)) = cx.config.value(&NAME) {
        return Check::ok("person", name.to_owned());
    }
    let found = "nobody: nothing can be sealed".to_owned();
    Check::warning("person", found, "selkie config set user.name 'Your Name'")
}

fn key(cx: &Context) -> Check {
    let what = "key";
    match cx.places.keys() {
        None => Check::problem(what, "there is no home to keep it in".to_owned(), None),
        Some(folder) if !folder.exists() => {
            Check::ok(what, "made with the first change".to_owned())
        }
        Some(folder) => match device_key(&folder) {
            Ok(_) => Check::ok(what, "yours alone".to_owned()),
            Err(error) => Check::problem(what, error.to_string(), None),
        },
    }
}

fn of_clone(health: &Health) -> Vec<Check> {
    vec![
        packs(health),
        logs(health),
        clock(health),
        commands(health),
        files(health),
        rules(health),
        index(health),
        graph(health),
    ]
}

/// How the node of the clone stands with its peers, if one runs.
fn network(control: &Path) -> Result<Vec<Check>, NetworkError> {
    let Some(caller) = Caller::to(control)? else {
        return Ok(Vec::new());
    };
    let status = caller.status()?;
    let mut apart = status.peers.iter().filter(|peer| peer.round_trip_us.is_none());
    let peers = match apart.next() {
        None => Check::ok("peers", counted(status.peers.len() as u64, "connected peer")),
        Some(peer) => {
            let why = peer.why.as_deref().unwrap_or("it is being called");
            let found = format!("{} is not connected: {why}", peer.name);
            Check::warning("peers", found, "selkie p2p peers")
        }
    };
    let around = Caller::to(control)?.map(Caller::around).transpose()?;
    let around = around.flatten();
    let mut checks = vec![peers, near(around.as_ref())];
    checks.extend(around.as_ref().and_then(rendezvous));
    Ok(checks)
}

fn near(around: Option<&Around>) -> Check {
    let what = "near";
    let Some(around) = around.filter(|around| around.looking) else {
        return Check::ok(what, "nobody is looked for".to_owned());
    };
    if let Some(trouble) = around.troubles.first() {
        return Check { what, verdict: Verdict::Warning, found: trouble.clone(), cure: None };
    }
    let at: Vec<_> = around.at.iter().map(ToString::to_string).collect();
    Check::ok(what, format!("peers are looked for at {}", at.join(", ")))
}

/// How it goes with rendezvous servers, if there are any.
fn rendezvous(around: &Around) -> Option<Check> {
    let what = "rendezvous";
    let count = counted(around.servers.len() as u64, "server");
    if let Some((server, why)) =
        around.servers.iter().find_map(|it| Some((&it.name, it.trouble.as_ref()?)))
    {
        return Some(Check::warning(what, format!("{server}: {why}"), "selkie p2p config"));
    }
    let asked = around.servers.iter().all(|it| it.asked);
    let found = if asked { format!("{count} answered") } else { format!("{count}, being asked") };
    (!around.servers.is_empty()).then(|| Check::ok(what, found))
}

fn packs(health: &Health) -> Check {
    let (what, count) = ("packs", counted(health.packs as u64, "pack"));
    match health.unreadable.first() {
        Some(first) => Check::problem(what, first.clone(), Some("selkie verify")),
        None if health.packs > PACKS_MAX => Check::warning(what, count, "selkie gc"),
        None => Check::ok(what, count),
    }
}

fn logs(health: &Health) -> Check {
    match health.stops.first() {
        Some(first) => Check::problem("logs", first.clone(), Some("selkie verify")),
        None => Check::ok("logs", "all entries are applied".to_owned()),
    }
}

fn clock(health: &Health) -> Check {
    if health.ahead_ms <= AHEAD_MS_MAX {
        return Check::ok("clock", "no seal or timeline is from the future".to_owned());
    }
    let ahead = told(Duration::from_millis(health.ahead_ms));
    let found =
        format!("something here is {ahead} from now: this clock is slow, or another was fast");
    Check { what: "clock", verdict: Verdict::Warning, found, cure: None }
}

fn commands(health: &Health) -> Check {
    let what = "commands";
    match &health.unfinished {
        None => Check::ok(what, "all came to their end".to_owned()),
        Some(typed) => {
            let found =
                format!("'{typed}' was stopped; the next command that changes something ends it");
            Check { what, verdict: Verdict::Warning, found, cure: None }
        }
    }
}

fn files(health: &Health) -> Check {
    let names = match health.folding {
        Folding::Apart => "upper and lower case are apart",
        Folding::AsOne => "upper and lower case are one name",
    };
    if health.litter == 0 {
        return Check::ok("files", names.to_owned());
    }
    let found = format!("{} of a killed command", counted(health.litter as u64, "file"));
    Check { what: "files", verdict: Verdict::Warning, found, cure: None }
}

fn index(health: &Health) -> Check {
    match health.index {
        Cache::Sound => Check::ok("index", "sound".to_owned()),
        Cache::Absent => Check::ok("index", "made with the next status".to_owned()),
        Cache::Damaged => {
            let found = "damaged: the next status takes longer, and makes it anew".to_owned();
            Check { what: "index", verdict: Verdict::Warning, found, cure: None }
        }
    }
}

fn graph(health: &Health) -> Check {
    match health.graph {
        Cache::Sound => Check::ok("history", "sound".to_owned()),
        Cache::Absent => Check::ok("history", "short, and nothing of it is remembered".to_owned()),
        Cache::Damaged => {
            let found = "damaged: the next log takes longer, and makes it anew".to_owned();
            Check { what: "history", verdict: Verdict::Warning, found, cure: None }
        }
    }
}

fn rules(health: &Health) -> Check {
    match &health.rules {
        Ok(count) => Check::ok("ignored", counted(*count as u64, "rule")),
        Err(why) => Check::problem("ignored", why.clone(), None),
    }
}

impl Check {
    const fn ok(what: &'static str, found: String) -> Self {
        Self { what, verdict: Verdict::Ok, found, cure: None }
    }

    fn warning(what: &'static str, found: String, cure: &str) -> Self {
        Self { what, verdict: Verdict::Warning, found, cure: Some(cure.to_owned()) }
    }

    fn problem(what: &'static str, found: String, cure: Option<&str>) -> Self {
        Self { what, verdict: Verdict::Problem, found, cure: cure.map(str::to_owned) }
    }

    fn told(&self) -> Told<'_> {
        let (schema, cure) = ("selkie.check/1", self.cure.as_deref());
        Told { schema, what: self.what, verdict: self.verdict.word(), found: &self.found, cure }
    }

    fn line(&self) -> Line {
        let label = match self.verdict {
            Verdict::Ok => Label::Added,
            Verdict::Warning => Label::Note,
            Verdict::Problem => Label::Error,
        };
        let line = Line::default().put(label, &format!("{:<8}", self.verdict.word()));
        let line = line.plain(&format!("{:<12}{}", self.what, self.found));
        match &self.cure {
            Some(cure) => line.plain("; type ").code(cure),
            None => line,
        }
    }
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}
