//! What is in conflict, and how it is settled.

use std::path::{Path, PathBuf};

use selkie_store::RepoPath;
use selkie_vcs::conflicts::{
    Age, Choice, Did, Extent, Listed, Pick, State, Told, ToldSide, list, settle, tell,
};
use selkie_vcs::settling::{Case, Piece, Shape, near, near_of};
use selkie_vcs::{DateStyle, MergeSide, SealName, Versions, show_date, wall_clock};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::remaining::remaining;
use crate::verb::Run;

/// A conflict is what two sides made of one path and nobody could bring together. It may be sealed and settled
/// later, by you or by somebody else. Edit the file until no marker is left, then gather or seal it; or take a side.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  selkie conflicts                         list all
  selkie conflicts show src/lib.rs         tell what each side did
  selkie conflicts take theirs src/lib.rs  settle what is open with their lines
  selkie conflicts settled logo.png        the file is right as it is
  selkie conflicts near                    what was merged, but stands close together: worth a look
  selkie conflicts near main               the same of a fuse that is sealed";

#[derive(clap::Subcommand)]
enum Verb {
    /// List what is in conflict
    List,
    /// Tell what each side did to a file, who it was and when, and what would settle it
    Show {
        /// The file
        path: PathBuf,
    },
    /// Settle files with one side or both
    Take {
        /// Whose lines settle what is open; of a file that is no text, whose file
        side: Side,
        /// The files, or folders for all in them
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Take the whole file of that side, with what was brought together as well
        #[arg(long)]
        whole: bool,
    },
    /// List places where changes of both sides were merged and stand close to each other
    Near {
        /// The seal that brought two others together; the fuse that is under way if none is named
        seal: Option<String>,
    },
    /// Say that files are right as they are on disk, markers and all if there are any
    Settled {
        /// The files, or folders for all in them
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

/// Whose version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Side {
    /// The first side: where you stood; of heads of one timeline the earlier one
    Ours,
    /// The last side: what was brought here; of heads of one timeline the latest one
    Theirs,
    /// What there was before either
    Base,
    /// The lines of both, ours first
    Both,
    /// The side that wrote the file later
    Newer,
    /// The side that wrote the file earlier
    Older,
}

#[derive(Serialize)]
struct ToldPath {
    schema: &'static str,
    path: String,
    state: &'static str,
    open: Option<usize>,
    sides: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "List, explain and settle conflicts";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            None | Some(Verb::List) => all(cx),
            Some(Verb::Show { path }) => show(cx, path),
            Some(Verb::Take { side, paths, whole }) => {
                let choice = match (side, whole) {
                    (Side::Ours, true) => Choice::Whole(MergeSide::Ours),
                    (Side::Theirs, true) => Choice::Whole(MergeSide::Theirs),
                    (Side::Ours, false) => Choice::Parts(Pick::Ours),
                    (Side::Theirs, false) => Choice::Parts(Pick::Theirs),
                    (Side::Both, _) => Choice::Parts(Pick::Both),
                    (Side::Base, _) => Choice::Base,
                    (Side::Newer, whole) => Choice::Written(Age::Newer, extent(*whole)),
                    (Side::Older, whole) => Choice::Written(Age::Older, extent(*whole)),
                };
                end(cx, paths, choice)
            }
            Some(Verb::Near { seal }) => merged(cx, seal.as_deref()),
            Some(Verb::Settled { paths }) => end(cx, paths, Choice::Disk),
        }
    }
}

const fn extent(whole: bool) -> Extent {
    if whole { Extent::Whole } else { Extent::Open }
}

fn all(cx: &mut Context) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let listed = list(&workspace)?;
    if listed.is_empty() && cx.format == Format::Text {
        cx.out.say(&Line::of("Nothing is in conflict."))?;
    }
    for one in &listed {
        match cx.format {
            Format::Json => cx.json(&told(one))?,
            Format::Text => {
                let line = Line::default().put(Label::Error, "! ").plain(one.path.as_str());
                cx.out.line(&line.plain("  ").put(Label::Aside, &state(one.state)))?;
            }
        }
    }
    Ok(())
}

/// A place that was merged, for programs.
#[derive(Serialize)]
struct ToldNear<'a> {
    schema: &'static str,
    path: &'a str,
    /// Its first line, the first of the file at 1.
    line: usize,
    /// How many lines it has.
    lines: usize,
    sides: Vec<&'a str>,
}

/// Lists what was merged and is worth a look, with the lines that came of it.
fn merged(cx: &mut Context, seal: Option<&str>) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let cases = match seal {
        Some(text) => near_of(&workspace, Context::resolve(&workspace, text)?)?,
        None => near(&workspace)?,
    };
    if cases.is_empty() && cx.format == Format::Text {
        cx.out.say(&Line::of("No changes of both sides were merged close to each other."))?;
    }
    for case in &cases {
        let Shape::Merged(pieces) = &case.shape else { continue };
        let mut line = 1;
        for piece in pieces {
            let (text, is_place) = match piece {
                Piece::Merged { text, .. } => (text, true),
                Piece::Settled(text) => (text, false),
                Piece::Open(_) => continue,
            };
            let lines = text.split_inclusive(|byte| *byte == b'\n').count();
            if is_place {
                near_place(cx, case, (line, lines), text)?;
            }
            line += lines;
        }
    }
    Ok(())
}

fn near_place(
    cx: &mut Context,
    case: &Case,
    (line, lines): (usize, usize),
    text: &[u8],
) -> Result<(), CliError> {
    if cx.format == Format::Json {
        let sides = case.sides.iter().map(|side| side.note.as_str()).collect();
        let (schema, path) = ("selkie.near/1", case.path.as_str());
        return cx.json(&ToldNear { schema, path, line, lines, sides });
    }
    let place = Line::default().put(Label::Aside, "≈ ").plain(case.path.as_str());
    let count = counted(lines as u64, "line");
    let told = format!(":{line}  {count} that both sides had a hand in");
    cx.out.line(&place.put(Label::Aside, &told))?;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        cx.out.line(&Line::of("    ").content(Label::Plain, line))?;
    }
    Ok(())
}

/// How far a conflict is, in words.
pub(crate) fn state(state: State) -> String {
    match state {
        State::Marked(1) => "1 part is open".to_owned(),
        State::Marked(count) => format!("{count} parts are open"),
        State::Torn => "a marker does not fit the others".to_owned(),
        State::Unmarked => "no marker is left: gather or seal it".to_owned(),
        State::Side => "take a side".to_owned(),
        State::Changed => "changed: gather it by its name if it is right".to_owned(),
    }
}

fn told(one: &Listed) -> ToldPath {
    let (state, open) = match one.state {
        State::Marked(open) => ("marked", Some(open)),
        State::Torn => ("torn", None),
        State::Unmarked => ("unmarked", None),
        State::Side => ("side", None),
        State::Changed => ("changed", None),
    };
    ToldPath {
        schema: "selkie.conflict/1",
        path: one.path.to_string(),
        state,
        open,
        sides: one.conflict.sides().iter().map(|side| side.note.clone()).collect(),
    }
}

fn show(cx: &mut Context, path: &Path) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let path = Context::repo_path(&workspace, path)?;
    let Told { listed, sides, open, newer } = tell(&workspace, &path)?;
    if cx.format == Format::Json {
        return cx.json(&told(&listed));
    }
    cx.page();
    let line = Line::default().put(Label::Error, "! ").plain(path.as_str());
    cx.out.line(&line.plain("  ").put(Label::Aside, &state(listed.state)))?;
    for side in &sides {
        cx.out.line(&side_line(side, &path))?;
    }
    for (number, part) in (1..).zip(&open) {
        cx.out.line(&Line::default())?;
        let of = open.len();
        cx.out.line(&Line::default().put(Label::Aside, &format!("Part {number} of {of}")))?;
        show_part(cx, part, &sides)?;
    }
    cx.out.line(&Line::default())?;
    let words: &[&str] = if open.is_empty() {
        &["ours", "theirs", "base"]
    } else {
        &["ours", "theirs", "both", "base"]
    };
    for word in words {
        let command = format!("selkie conflicts take {word} {path}");
        let gives = gives(word, &sides, &open);
        cx.out.line(&Line::default().code(&command).put(Label::Aside, &gives))?;
    }
    if let (Some(newer), [ours, theirs]) = (newer, &sides[..]) {
        let (newer, older) = match newer {
            MergeSide::Ours => (ours, theirs),
            MergeSide::Theirs => (theirs, ours),
        };
        for (word, side) in [("newer", newer), ("older", older)] {
            let command = format!("selkie conflicts take {word} {path}");
            let gives = format!("  as {}", side.note);
            cx.out.line(&Line::default().code(&command).put(Label::Aside, &gives))?;
        }
    }
    Ok(())
}

/// What a side did, who it was and when.
fn side_line(side: &ToldSide, path: &RepoPath) -> Line {
    let did = match side.did {
        Did::Added => "added it".to_owned(),
        Did::Removed => "removed it".to_owned(),
        Did::Changed => "changed it".to_owned(),
        Did::Mode => "changed whether it may be run".to_owned(),
        Did::Became => "made something else of it".to_owned(),
        Did::Moved => format!("moved it to {}", side.path),
        Did::MovedAndChanged => format!("moved it to {} and changed it", side.path),
        Did::Nothing if side.path == *path => "left it alone".to_owned(),
        Did::Nothing => format!("has it at {}", side.path),
        Did::Sealed(count) => format!("has {count} seals that no other head has"),
    };
    let line = Line::of("  ").put(Label::Timeline, &side.note).plain(" ").plain(&did);
    let Some((_, seal)) = &side.seal else { return line };
    let date = show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Short);
    let title = seal.message.lines().next().unwrap_or_default();
    let name = SealName::of(seal.change).to_string();
    let who = format!(" ({}, {date}: {title})", seal.author.name);
    let line =
        if side.note.contains(&name) { line } else { line.plain(" ").put(Label::Seal, &name) };
    line.put(Label::Aside, &who)
}

fn show_part(cx: &mut Context, part: &Versions, sides: &[ToldSide]) -> Result<(), CliError> {
    let note = |side: Option<&ToldSide>| side.map(|side| side.note.clone()).unwrap_or_default();
    let named = [
        ("before".to_owned(), &part.base),
        (note(sides.first()), &part.ours),
        (note(sides.last()), &part.theirs),
    ];
    for (name, text) in named {
        cx.out.line(&Line::of("  ").put(Label::Timeline, &name))?;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            cx.out.line(&Line::of("    ").content(Label::Plain, line))?;
        }
    }
    Ok(())
}

/// What a choice would put in the place of what is open, and whose it is.
fn gives(word: &str, sides: &[ToldSide], open: &[Versions]) -> String {
    let count = |text: &[u8]| text.split_inclusive(|byte| *byte == b'\n').count();
    let ours = || open.iter().map(|part| count(&part.ours)).sum::<usize>();
    let theirs = || open.iter().map(|part| count(&part.theirs)).sum::<usize>();
    let (whose, lines) = match word {
        "ours" => (sides.first(), ours()),
        "theirs" => (sides.last(), theirs()),
        "base" => return "  the file as it was before".to_owned(),
        _ => (None, ours() + theirs()),
    };
    let whose = whose.map(|side| format!("  as {}", side.note)).unwrap_or_default();
    match lines {
        _ if open.is_empty() => whose,
        1 => format!("{whose}  1 line in place of what is open"),
        lines => format!("{whose}  {lines} lines in place of what is open"),
    }
}

fn end(cx: &mut Context, paths: &[PathBuf], choice: Choice) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let named = paths.iter().map(|path| Context::repo_path(&workspace, path));
    let named = named.collect::<Result<Vec<RepoPath>, _>>()?;
    let settled = settle(&mut workspace, &cx.doer(), cx.typed(), &named, choice)?;
    for path in &settled {
        cx.out.say(&Line::of("Settled ").plain(path.as_str()))?;
    }
    Ok(cx.out.say(&remaining(list(&workspace)?.len()))?)
}
