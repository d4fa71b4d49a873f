//! Open parts settled or put off by name, without a screen.

use std::path::PathBuf;

use selkie_store::RepoPath;
use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::explain::written;
use selkie_vcs::settling::{
    self, Aspect, Attribute, Case, Change, Declined, Draft, NewRule, Note, Open, PartId, SaidRule,
    Sort, Sweep, Take, Verdict, finish, foresee, tabulate,
};
use selkie_vcs::{Rules, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::error::strategy::StrategyError;
use crate::error::take::TakeError;
use crate::label::Label;
use crate::line::Line;
use crate::remaining::say_finished;
use crate::screen::{drafted, everything};

mod apart;
mod heads;

/// Which parts are meant: those at these paths and below them, in files of this pattern, of this sort, of these names. What is
/// not said leaves nothing out.
pub(crate) struct Meant<'a> {
    pub(crate) paths: &'a [PathBuf],
    pub(crate) pattern: &'a str,
    pub(crate) sort: Sort,
    pub(crate) names: &'a [String],
    /// What sides differ in beside what is in a file, if that alone is meant.
    pub(crate) about: Option<settling::About>,
    /// What stands in them; nothing leaves none out.
    pub(crate) text: &'a str,
    /// The timelines that diverged which alone are meant, if some are named.
    pub(crate) timelines: &'a [String],
}

/// Whether heads of timelines are meant where no timeline is named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Heads {
    /// Where nothing is named: it is only told.
    Told,
    /// Where a part is named. Whoever takes one side of all files means no timeline.
    Named,
}

/// How much is told of a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detail {
    Name,
    Keys,
    Lines,
}

/// Whether it holds for the next conflicts as well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lasting {
    Once,
    /// A rule comes into its file.
    Always,
}

/// Whether something is done, or only told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Earnest {
    Do,
    Tell,
}

/// A part that somebody may name.
struct Named<'c> {
    case: &'c Case,
    id: PartId,
    /// The part, if it is one of a text.
    open: Option<&'c Open>,
    /// What it is about, if it is decided apart from what is in the file.
    aspect: Option<&'c Aspect>,
}

/// A part, for programs.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    path: &'a str,
    part: String,
    /// What would come, or came, into its place.
    takes: Option<String>,
    /// How many lines that is.
    lines: Option<usize>,
    /// Why it stays open.
    skipped: Option<String>,
    /// Whether it was put off.
    put_off: bool,
    /// What sides differ in beside what is in the file, if it is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    apart: Option<apart::ToldApart>,
    /// What it is about, where that was asked.
    #[serde(flatten)]
    about: Option<About>,
}

/// What a part is about, for programs.
#[derive(Serialize)]
struct About {
    /// The keys, if it is one of a file of keys.
    keys: Vec<ToldKey>,
    /// What a rule says of the file as a whole.
    rule: Option<ToldRule>,
}

/// A key that a part is about, for programs. What is no UTF-8 is told by a sign for it.
#[derive(Serialize)]
struct ToldKey {
    key: String,
    base: Option<String>,
    a: Option<String>,
    b: Option<String>,
    rule: Option<ToldRule>,
}

/// What a rule says, for programs.
#[derive(Serialize)]
struct ToldRule {
    strategy: &'static str,
    /// The line that it begins at in `selkie.toml`.
    line: usize,
}

impl ToldRule {
    fn of(rule: SaidRule) -> Self {
        Self { strategy: rule.strategy.name(), line: rule.line }
    }
}

impl ToldKey {
    fn of(attribute: &Attribute) -> Self {
        let [base, a, b] = attribute.values.each_ref().map(|value| {
            let value = value.as_ref()?;
            Some(String::from_utf8_lossy(value).into_owned())
        });
        let rule = attribute.rule.map(ToldRule::of);
        Self { key: attribute.key.clone(), base, a, b, rule }
    }
}

/// Lists the parts that are meant, each with its name. What was put off comes last.
pub(crate) fn parts(cx: &mut Context, meant: &Meant, detail: Detail) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let all = everything(&workspace)?;
    let draft = drafted(&workspace, &all)?.1;
    let all = chosen(&workspace, all, meant, Heads::Told)?;
    let mut parts = named(&all, meant, Heads::Told)?;
    parts.sort_by_key(|part| draft.put_off(part.id));
    // Rules that make no sense say nothing of this either.
    let written = written(&workspace).map_err(StrategyError::from)?;
    let about = tabulate(&all, &written.rules.unwrap_or_default());
    for part in &parts {
        let is_put_off = draft.put_off(part.id).is_some();
        if let Some(diverged) = part.case.diverged() {
            heads::tell(cx, part.case, diverged, is_put_off)?;
            continue;
        }
        match cx.format {
            Format::Json => {
                let keys = about.attributes.get(&part.id).into_iter().flatten();
                let keys = keys.map(ToldKey::of).collect();
                let rule = about.rules.get(&part.case.path).copied().map(ToldRule::of);
                let about = Some(About { keys, rule });
                cx.json(&Told { put_off: is_put_off, about, ..told(part, None) })?;
            }
            Format::Text => {
                let put_off = if is_put_off { "  put off" } else { "" };
                cx.out.line(&line(part).put(Label::Aside, put_off))?;
                match (detail, part.open) {
                    (Detail::Lines, Some(open)) => lines_of(cx, open)?,
                    (Detail::Keys, _) => {
                        let mut keys = about.attributes.get(&part.id).into_iter().flatten();
                        keys.try_for_each(|key| keys_of(cx, key))?;
                    }
                    (Detail::Name | Detail::Lines, _) => {}
                }
            }
        }
    }
    Ok(())
}

/// A key, what each version has there, and what a rule says of it.
fn keys_of(cx: &mut Context, about: &Attribute) -> Result<(), CliError> {
    let rule = about.rule.map(|rule| {
        format!("  a rule says {}, {} line {}", rule.strategy.name(), Rules::FILE, rule.line)
    });
    let line = Line::of("  ").content(Label::Plain, about.key.as_bytes());
    cx.out.line(&line.put(Label::Aside, &rule.unwrap_or_default()))?;
    for (name, value) in ["base", "A", "B"].into_iter().zip(&about.values) {
        let line = Line::of("    ").put(Label::Code, &format!("{name:<5}"));
        cx.out.line(&match value {
            Some(value) => line.content(Label::Plain, value),
            None => line.put(Label::Aside, "is not there"),
        })?;
    }
    Ok(())
}

/// The lines of all versions, each with the name by which it is taken.
fn lines_of(cx: &mut Context, open: &Open) -> Result<(), CliError> {
    let versions = &open.versions;
    for (name, text) in [("A", &versions.ours), ("B", &versions.theirs), ("base", &versions.base)] {
        for (at, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let named = Line::of("  ").put(Label::Code, &format!("{:<7} ", format!("{name}{at}")));
            cx.out.line(&named.content(Label::Plain, line))?;
        }
    }
    Ok(())
}

/// Takes the same of all parts that are meant.
pub(crate) fn take(
    cx: &mut Context,
    meant: &Meant,
    take: &Take,
    lasting: Lasting,
    earnest: Earnest,
) -> Result<(), CliError> {
    let rule = match lasting {
        Lasting::Once => None,
        Lasting::Always => Some(rule(meant, take)?),
    };
    let workspace = cx.workspace()?;
    let all = chosen(&workspace, everything(&workspace)?, meant, Heads::Named)?;
    drop(workspace);
    let parts = named(&all, meant, Heads::Named)?;
    let mut changes = Vec::new();
    for part in &parts {
        let verdict = match part.aspect {
            Some(aspect) => take.apart(aspect),
            None => take.verdict(part.case, part.open),
        };
        tell(cx, part, take, &verdict, earnest)?;
        changes
            .extend(verdict.ok().map(|verdict| Change { part: part.id, verdict: Some(verdict) }));
    }
    if changes.is_empty() {
        return Err(TakeError::Nothing(take.to_string()).into());
    }
    if earnest == Earnest::Tell {
        return rule.map_or(Ok(()), |rule| tell_rule(cx, &rule));
    }
    let note = match rule {
        Some(rule) => Note::Ruled(rule, changes),
        None => Note::Said(changes),
    };
    let draft = Draft::of([note]);
    let mut workspace = cx.workspace()?;
    let finished = finish(&mut workspace, &cx.doer(), cx.typed(), &all, &draft)?;
    match cx.format {
        Format::Text => say_finished(cx, &workspace, &finished),
        Format::Json => {
            finished.turned.iter().try_for_each(|turned| heads::tell_turned(cx, turned))
        }
    }
}

/// Puts the parts that are meant off: they stay open, and come last on the screen.
pub(crate) fn put_off(cx: &mut Context, meant: &Meant) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let all = everything(&workspace)?;
    let (mut drafted, draft) = drafted(&workspace, &all)?;
    let all = chosen(&workspace, all, meant, Heads::Named)?;
    let parts = named(&all, meant, Heads::Named)?;
    let is_new =
        |part: &&Named| draft.verdict(part.id).is_none() && draft.put_off(part.id).is_none();
    let new: Vec<PartId> = parts.iter().filter(is_new).map(|part| part.id).collect();
    if new.is_empty() {
        return Err(TakeError::NothingToPutOff.into());
    }
    let count = counted(new.len() as u64, "conflict");
    drafted.keep(&Note::PutOff(new))?;
    let line = Line::of("Put off ").plain(&count).plain(": open still, and last in ");
    Ok(cx.out.say(&line.code("selkie resolve"))?)
}

/// The rule that takes the same of all files that are meant.
fn rule(meant: &Meant, take: &Take) -> Result<NewRule, CliError> {
    let strategy = take.strategy().ok_or_else(|| TakeError::NoRule(take.to_string()))?;
    Ok(NewRule::new(meant.pattern, strategy).map_err(TakeError::Rule)?)
}

fn tell_rule(cx: &mut Context, rule: &NewRule) -> Result<(), CliError> {
    if cx.format == Format::Json {
        return Ok(());
    }
    cx.out.line(&Line::default().code(Rules::FILE).plain(" gets a rule:"))?;
    for line in rule.text().lines() {
        cx.out.line(&Line::of("  ").content(Label::Plain, line.as_bytes()))?;
    }
    Ok(())
}

/// What is meant of all that is to be decided.
fn chosen(
    workspace: &Workspace,
    all: Vec<Case>,
    meant: &Meant,
    heads: Heads,
) -> Result<Vec<Case>, CliError> {
    let within = meant.paths.iter().map(|path| Context::repo_path(workspace, path));
    let within = within.collect::<Result<Vec<RepoPath>, _>>()?;
    let (parted, mut all): (Vec<Case>, Vec<Case>) =
        all.into_iter().partition(|case| case.diverged().is_some());
    if !meant.timelines.is_empty() {
        return diverged_named(workspace, parted, meant.timelines);
    }
    if let Some(path) = within.iter().find(|path| !all.iter().any(|case| case.is_below(path))) {
        return Err(ConflictsError::NotOne(path.clone()).into());
    }
    let sweep = Sweep::new(meant.pattern, meant.sort).map_err(TakeError::Rule)?;
    all.retain(|case| within.is_empty() || within.iter().any(|path| case.is_below(path)));
    all.retain(|case| sweep.fits(case));
    let is_about_files = !within.is_empty() || !meant.pattern.is_empty() || meant.sort != Sort::Any;
    if !is_about_files && (heads == Heads::Told || !meant.names.is_empty()) {
        all.extend(foreseen(workspace, parted)?);
    }
    Ok(all)
}

/// Those of these timelines that have these names.
fn diverged_named(
    workspace: &Workspace,
    all: Vec<Case>,
    names: &[String],
) -> Result<Vec<Case>, CliError> {
    let is_named = |case: &Case, name: &String| {
        case.diverged().is_some_and(|diverged| diverged.timeline == *name)
    };
    if let Some(name) = names.iter().find(|name| !all.iter().any(|case| is_named(case, name))) {
        return Err(TakeError::NotDiverged(name.clone()).into());
    }
    let meant = all.into_iter().filter(|case| names.iter().any(|name| is_named(case, name)));
    foreseen(workspace, meant.collect())
}

/// Timelines that diverged, each with what a fuse of its heads would be.
fn foreseen(workspace: &Workspace, mut cases: Vec<Case>) -> Result<Vec<Case>, CliError> {
    for case in &mut cases {
        let Some(one) = case.diverged() else { continue };
        let (part, would) = (one.part, foresee(workspace, one)?);
        case.foreseen(part, &would);
    }
    Ok(cases)
}

/// The parts of these cases; those of the names, if any are named.
fn named<'c>(cases: &'c [Case], meant: &Meant, apart: Heads) -> Result<Vec<Named<'c>>, TakeError> {
    let of = |case: &'c Case| {
        let open = case.open().map(move |(id, open)| Named { case, id, open, aspect: None });
        let aspects = case.aspects.iter();
        open.chain(aspects.map(move |aspect| Named {
            case,
            id: aspect.part,
            open: None,
            aspect: Some(aspect),
        }))
    };
    let mut parts: Vec<Named> = cases.iter().flat_map(of).collect();
    let found = meant.names.iter().map(|name| find(&parts, name));
    let found = found.collect::<Result<Vec<_>, _>>()?;
    parts.retain(|part| found.is_empty() || found.contains(&part.id));
    parts.retain(|part| meant.text.is_empty() || part.case.has(part.open, meant.text));
    parts.retain(|part| match (meant.about, part.aspect) {
        (Some(about), aspect) => aspect.is_some_and(|aspect| aspect.about == about),
        // Who takes one side of what is in a file says nothing of its name.
        (None, Some(_)) => apart == Heads::Told || !found.is_empty(),
        (None, None) => true,
    });
    Ok(parts)
}

/// The part whose name begins like this.
fn find(parts: &[Named], name: &str) -> Result<PartId, TakeError> {
    let is_it = |part: &&Named| part.id.to_string().starts_with(name);
    let mut found = parts.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(part), None) => Ok(part.id),
        (_, _) => Err(TakeError::NoPart(name.to_owned())),
    }
}

fn tell(
    cx: &mut Context,
    part: &Named,
    take: &Take,
    verdict: &Result<Verdict, Declined>,
    earnest: Earnest,
) -> Result<(), CliError> {
    if let (Format::Json, Some(diverged)) = (cx.format, part.case.diverged()) {
        return heads::tell_taken(cx, part.case, diverged, (take, verdict));
    }
    if cx.format == Format::Json {
        return cx.json(&told(part, Some((take, verdict))));
    }
    let line = line(part);
    let line = match verdict {
        Err(why) => line.put(Label::Aside, &format!("  stays open: {why}")),
        Ok(_) if earnest == Earnest::Do => return Ok(()),
        Ok(verdict) => {
            let count =
                lines(part, verdict).map(|count| format!(", {}", counted(count as u64, "line")));
            line.plain(&format!("  takes {take}{}", count.unwrap_or_default()))
        }
    };
    Ok(cx.out.line(&line)?)
}

fn line(part: &Named) -> Line {
    let kind = match (part.open, part.case.diverged()) {
        _ if part.aspect.is_some() => "",
        (Some(_), _) => "",
        (None, Some(_)) => "  heads",
        (None, None) => "  as a whole",
    };
    let line = Line::default().put(Label::Code, &part.id.to_string()[..heads::SHOWN]).plain("  ");
    let line = line.plain(&part.case.name()).put(Label::Aside, kind);
    match part.aspect {
        Some(aspect) => apart::told(line, aspect),
        None => line,
    }
}

fn told<'a>(part: &Named<'a>, taken: Option<(&Take, &Result<Verdict, Declined>)>) -> Told<'a> {
    let verdict = taken.and_then(|(_, verdict)| verdict.as_ref().ok());
    Told {
        schema: "selkie.part/1",
        path: part.case.path.as_str(),
        part: part.id.to_string(),
        takes: taken.filter(|_| verdict.is_some()).map(|(take, _)| take.to_string()),
        lines: verdict.and_then(|verdict| lines(part, verdict)),
        skipped: taken.and_then(|(_, verdict)| verdict.as_ref().err().map(ToString::to_string)),
        put_off: false,
        apart: part.aspect.map(apart::ToldApart::of),
        about: None,
    }
}

/// How many lines come into the place of a part of a text.
fn lines(part: &Named, verdict: &Verdict) -> Option<usize> {
    let open = part.open?;
    Some(verdict.lines(&open.versions).split_inclusive(|byte| *byte == b'\n').count())
}
