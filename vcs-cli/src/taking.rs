//! Open parts settled by name, without a screen.

use std::path::PathBuf;
use std::str::FromStr;

use selkie_store::RepoPath;
use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::settling::{
    Case, Change, Draft, First, Note, Open, PartId, Piece, Shape, Verdict, cases, finish, offers,
};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::error::take::TakeError;
use crate::label::Label;
use crate::line::Line;
use crate::remaining::say_finished;

/// What comes into the place of each part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Take {
    Side(u8),
    Base,
    Both(First),
    Nothing,
    Offer,
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
    skipped: Option<&'static str>,
}

/// Letters of the name of a part that people are shown.
const SHOWN: usize = 8;

impl FromStr for Take {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "base" => Ok(Self::Base),
            "both" => Ok(Self::Both(First::Ours)),
            "reversed" => Ok(Self::Both(First::Theirs)),
            "nothing" => Ok(Self::Nothing),
            "offer" => Ok(Self::Offer),
            _ => match text.as_bytes() {
                [letter @ b'A'..=b'I'] => Ok(Self::Side(letter - b'A')),
                _ => Err("take A, B and so on, base, both, reversed, nothing or offer".to_owned()),
            },
        }
    }
}

impl Take {
    fn word(self) -> String {
        match self {
            Self::Side(side) => char::from(b'A' + side).to_string(),
            Self::Base => "base".to_owned(),
            Self::Both(First::Ours) => "both".to_owned(),
            Self::Both(First::Theirs) => "reversed".to_owned(),
            Self::Nothing => "nothing".to_owned(),
            Self::Offer => "offer".to_owned(),
        }
    }

    /// What it makes of a part, or why it makes nothing of it.
    fn verdict(self, part: &Named) -> Result<Verdict, &'static str> {
        match (self, part.open) {
            (Self::Side(side), _) if usize::from(side) >= part.case.sides.len() => {
                Err("it has no such side")
            }
            (Self::Side(side), _) => Ok(Verdict::Side(side)),
            (Self::Base, _) => Ok(Verdict::Base),
            (Self::Both(_) | Self::Nothing | Self::Offer, None) => Err("it is decided as a whole"),
            (Self::Both(first), Some(_)) => Ok(Verdict::Both(first)),
            (Self::Nothing, Some(_)) => Ok(Verdict::Nothing),
            (Self::Offer, Some(open)) => {
                let offer = offers(part.case.path.as_str(), &open.versions).into_iter().next();
                let offer = offer.ok_or("nothing is offered")?;
                Ok(Verdict::Offer { step: offer.step.name().to_owned(), text: offer.text })
            }
        }
    }
}

/// Lists the open parts at these paths and below them, each with its name.
pub(crate) fn parts(cx: &mut Context, paths: &[PathBuf]) -> Result<(), CliError> {
    let all = chosen(cx, paths)?;
    for part in all.iter().flat_map(named) {
        match cx.format {
            Format::Json => cx.json(&told(&part, None))?,
            Format::Text => cx.out.line(&line(&part))?,
        }
    }
    Ok(())
}

/// Takes the same of all parts that are named; of all at these paths and below them if none is.
pub(crate) fn take(
    cx: &mut Context,
    paths: &[PathBuf],
    names: &[String],
    take: Take,
    earnest: Earnest,
) -> Result<(), CliError> {
    let all = chosen(cx, paths)?;
    let mut parts: Vec<Named> = all.iter().flat_map(named).collect();
    let meant = names.iter().map(|name| meant(&parts, name)).collect::<Result<Vec<_>, _>>()?;
    parts.retain(|part| names.is_empty() || meant.contains(&part.id));
    let mut changes = Vec::new();
    for part in &parts {
        let verdict = take.verdict(part);
        tell(cx, part, take, &verdict, earnest)?;
        changes
            .extend(verdict.ok().map(|verdict| Change { part: part.id, verdict: Some(verdict) }));
    }
    if changes.is_empty() {
        return Err(TakeError::Nothing(take.word()).into());
    }
    if earnest == Earnest::Tell {
        return Ok(());
    }
    let draft = Draft::of([Note::Said(changes)]);
    let mut workspace = cx.workspace()?;
    let finished = finish(&mut workspace, &cx.doer(), cx.typed(), &all, &draft)?;
    match cx.format {
        Format::Text => say_finished(cx, &workspace, &finished),
        Format::Json => Ok(()),
    }
}

/// The conflicts at these paths and below them; all if there are none.
fn chosen(cx: &Context, paths: &[PathBuf]) -> Result<Vec<Case>, CliError> {
    let workspace = cx.workspace()?;
    let within = paths.iter().map(|path| Context::repo_path(&workspace, path));
    let within = within.collect::<Result<Vec<RepoPath>, _>>()?;
    let mut all = cases(&workspace)?;
    if let Some(path) = within.iter().find(|path| !all.iter().any(|case| case.is_below(path))) {
        return Err(ConflictsError::NotOne(path.clone()).into());
    }
    all.retain(|case| within.is_empty() || within.iter().any(|path| case.is_below(path)));
    Ok(all)
}

fn named(case: &Case) -> impl Iterator<Item = Named<'_>> {
    let pieces = match &case.shape {
        Shape::Text(pieces) => &pieces[..],
        Shape::Whole(_) | Shape::Torn | Shape::Unmarked => &[],
    };
    let open = move |id: PartId| {
        pieces.iter().find_map(|piece| match piece {
            Piece::Open(open) if open.id == id => Some(&**open),
            Piece::Open(_) | Piece::Settled(_) => None,
        })
    };
    case.parts().map(move |id| Named { case, id, open: open(id) })
}

/// The part whose name begins like this.
fn meant(parts: &[Named], name: &str) -> Result<PartId, TakeError> {
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
    take: Take,
    verdict: &Result<Verdict, &'static str>,
    earnest: Earnest,
) -> Result<(), CliError> {
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
            line.plain(&format!("  takes {}{}", take.word(), count.unwrap_or_default()))
        }
    };
    Ok(cx.out.line(&line)?)
}

fn line(part: &Named) -> Line {
    let kind = if part.open.is_some() { "" } else { "  as a whole" };
    let line = Line::default().put(Label::Code, &part.id.to_string()[..SHOWN]).plain("  ");
    line.plain(part.case.path.as_str()).put(Label::Aside, kind)
}

fn told<'a>(part: &Named<'a>, taken: Option<(Take, &Result<Verdict, &'static str>)>) -> Told<'a> {
    let verdict = taken.and_then(|(_, verdict)| verdict.as_ref().ok());
    Told {
        schema: "selkie.part/1",
        path: part.case.path.as_str(),
        part: part.id.to_string(),
        takes: taken.filter(|_| verdict.is_some()).map(|(take, _)| take.word()),
        lines: verdict.and_then(|verdict| lines(part, verdict)),
        skipped: taken.and_then(|(_, verdict)| verdict.as_ref().err().copied()),
    }
}

/// How many lines come into the place of a part of a text.
fn lines(part: &Named, verdict: &Verdict) -> Option<usize> {
    let open = part.open?;
    Some(verdict.lines(&open.versions).split_inclusive(|byte| *byte == b'\n').count())
}
