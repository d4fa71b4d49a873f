//! History in a file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use selkie_store::SealId;
use selkie_vcs::bundling::{Came, Names, Taken, Wanted, check, create, take};
use selkie_vcs::{Bundle, Contents, Says, SealName, UnreadableBundle, Workspace, parse_rev};
use serde::Serialize;

use crate::beside::Beside;
use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// For a clone that no network reaches: write a bundle here, carry it there, and take it in. A bundle holds whole
/// timelines, or what came to them since a seal that the other has. What is in it is checked, object by object.
#[derive(clap::Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  selkie bundle create song.bundle                all timelines and tags
  selkie bundle create new.bundle v1.0..main      what came to main since v1.0
  selkie bundle take new.bundle                   in the other clone
  selkie clone song.bundle                        where there is no clone yet";

#[derive(clap::Subcommand)]
enum Verb {
    /// Write timelines and tags, with all that they lead to, into a new file
    Create {
        /// The file
        file: PathBuf,
        /// Timelines and tags, or 'SEAL..TIMELINE' for what came since a seal; if there is none, all of them
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Read all of a bundle: is it as it was written, whole, and is here what it builds upon?
    Verify {
        /// The file
        file: PathBuf,
    },
    /// Tell what a bundle brings
    #[command(visible_alias = "list-heads")]
    List {
        /// The file
        file: PathBuf,
    },
    /// Take in what a bundle brings: timelines go on or diverge, tags that are here stay
    #[command(visible_alias = "unbundle")]
    Take {
        /// The file
        file: PathBuf,
        /// Only these timelines and tags
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    timelines: Vec<Named>,
    tags: Vec<Named>,
    builds_on: Vec<String>,
    objects: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Named {
    name: String,
    seals: Vec<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Carry history in a file";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::Create { file, names } => write(cx, file, names),
            Verb::Verify { file } => verify(cx, file),
            Verb::List { file } => list(cx, file),
            Verb::Take { file, names } => bring(cx, file, names),
        }
    }
}

fn write(cx: &mut Context, path: &Path, names: &[String]) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let wanted = wanted(&workspace, names)?;
    let mut file = Beside::of(path, "selkie-bundle-")?;
    let mut meter = cx.meter("Objects:");
    let created = create(workspace.repository(), &wanted, BufWriter::new(file.file()), |p| {
        meter.tell(p.done, p.total);
    });
    drop(meter);
    let contents = created?;
    file.keep()?;
    let shown = path.to_string_lossy();
    let line = Line::of("Wrote ").plain(&counted(contents.objects, "object"));
    cx.out.say(&line.plain(" into ").code(&shown).plain("."))?;
    builds_on(cx, &contents)
}

/// What somebody wants in a bundle.
fn wanted(workspace: &Workspace, words: &[String]) -> Result<Wanted, CliError> {
    let (mut names, mut without) = (BTreeSet::new(), Vec::new());
    for word in words {
        let wrong = |source: selkie_vcs::ParseRevError| CliError::rev(word, source.into());
        match parse_rev(word).map_err(wrong)?.says {
            Says::Name(name) => _ = names.insert(name),
            Says::Range(from, to) => {
                let name = match to.says {
                    Says::Name(name) => Some(name),
                    Says::Here => workspace.repository().desk().timeline.clone(),
                    _ => None,
                };
                names.insert(name.ok_or_else(|| CliError::Unnamed(word.clone()))?);
                let from = if from.place.is_empty() { "@" } else { &word[from.place] };
                without.push(Context::resolve(workspace, from)?);
            }
            Says::Here => {
                let here = workspace.repository().desk().timeline.clone();
                names.insert(here.ok_or_else(|| CliError::Unnamed(word.clone()))?);
            }
            _ => return Err(CliError::Unnamed(word.clone())),
        }
    }
    Ok(Wanted { names: if words.is_empty() { Names::All } else { Names::These(names) }, without })
}

fn verify(cx: &mut Context, path: &Path) -> Result<(), CliError> {
    let workspace = cx.workspace()?;
    let mut bundle = open(path)?;
    let mut meter = cx.meter("Objects:");
    let checked = check(workspace.repository(), &mut bundle, |p| meter.tell(p.done, p.total));
    drop(meter);
    checked?;
    if cx.format == Format::Json {
        return cx.json(&told(bundle.contents()));
    }
    let line = Line::default().code(&path.to_string_lossy()).plain(" is whole: ");
    let objects = counted(bundle.contents().objects, "object");
    Ok(cx.out.say(&line.plain(&objects).plain(", and here is what it builds upon."))?)
}

fn list(cx: &mut Context, path: &Path) -> Result<(), CliError> {
    let mut bundle = open(path)?;
    // Only at its end it shows that what it says is what somebody wrote.
    bundle.read_out()?;
    let contents = bundle.contents();
    if cx.format == Format::Json {
        return cx.json(&told(contents));
    }
    for (name, heads) in &contents.timelines {
        row(cx, Label::Timeline, name.as_str(), heads)?;
    }
    for (name, seals) in &contents.tags {
        row(cx, Label::Seal, name.as_str(), seals)?;
    }
    for (seal, change) in &contents.builds_on {
        let line = Line::of("builds upon ").put(Label::Seal, &SealName::of(*change).to_string());
        cx.out.line(&line.plain("  ").put(Label::Aside, &seal.to_string()))?;
    }
    Ok(())
}

fn row(
    cx: &mut Context,
    label: Label,
    name: &str,
    seals: &BTreeSet<SealId>,
) -> Result<(), CliError> {
    let kind = if label == Label::Timeline { "timeline    " } else { "tag         " };
    for seal in seals {
        let line = Line::of(kind).put(label, name).plain("  ");
        cx.out.line(&line.put(Label::Aside, &seal.to_string()))?;
    }
    Ok(())
}

fn told(contents: &Contents) -> Told {
    let named = |name: &str, seals: &BTreeSet<SealId>| Named {
        name: name.to_owned(),
        seals: seals.iter().map(ToString::to_string).collect(),
    };
    Told {
        schema: "selkie.bundle/1",
        timelines: contents.timelines.iter().map(|(name, on)| named(name.as_str(), on)).collect(),
        tags: contents.tags.iter().map(|(name, on)| named(name.as_str(), on)).collect(),
        builds_on: contents.builds_on.keys().map(ToString::to_string).collect(),
        objects: contents.objects,
        bytes: contents.bytes,
    }
}

fn bring(cx: &mut Context, path: &Path, names: &[String]) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let mut bundle = open(path)?;
    let names = match names {
        [] => Names::All,
        names => Names::These(names.iter().cloned().collect()),
    };
    let (doer, typed) = (cx.doer(), cx.typed());
    let mut meter = cx.meter("Objects:");
    let taken = take(&mut workspace, &doer, typed, &mut bundle, &names, |p| {
        meter.tell(p.done, p.total);
    });
    drop(meter);
    tell(cx, &workspace, &taken?)
}

fn tell(cx: &mut Context, workspace: &Workspace, taken: &Taken) -> Result<(), CliError> {
    for (name, came) in &taken.timelines {
        let line = Line::of("Timeline ").put(Label::Timeline, name.as_str());
        cx.out.say(&line.plain(match came {
            Came::New => " is new.",
            Came::Known | Came::Elsewhere => " has nothing new.",
            Came::Further => " goes on.",
            Came::Diverged => " has diverged.",
        }))?;
    }
    for (name, came) in &taken.tags {
        let line = Line::of("Tag ").put(Label::Seal, name.as_str());
        match came {
            Came::New => cx.out.say(&line.plain(" is new."))?,
            Came::Elsewhere => {
                let line = Line::note("note").plain("tag ").put(Label::Seal, name.as_str());
                cx.out.warn(&line.plain(" stands elsewhere here, and stays there"))?;
            }
            Came::Known | Came::Further | Came::Diverged => {}
        }
    }
    let here = workspace.repository().desk().timeline.as_deref();
    let stands = taken.timelines.iter().find(|(name, _)| Some(name.as_str()) == here);
    match stands {
        Some((name, Came::Further | Came::New)) => {
            let switch = format!("selkie switch {}", name.as_str());
            let line = Line::of("Your files are as they were; go along with ").code(&switch);
            cx.out.say(&line.plain("."))?;
        }
        Some((name, Came::Diverged)) => {
            let timeline = workspace.repository().shared().timeline(name.as_str());
            let strategy = timeline.and_then(|timeline| timeline.strategy());
            let fuse = if strategy.is_some() { "selkie fuse --diverged" } else { "selkie fuse" };
            cx.out.say(&Line::of("Bring its heads together with ").code(fuse).plain("."))?;
        }
        Some((_, Came::Known | Came::Elsewhere)) | None => {}
    }
    Ok(())
}

fn builds_on(cx: &mut Context, contents: &Contents) -> Result<(), CliError> {
    let names: Vec<_> =
        contents.builds_on.values().map(|change| SealName::of(*change).to_string()).collect();
    let Some((first, more)) = names.split_first() else { return Ok(()) };
    let line = Line::of("It builds upon ").put(Label::Seal, first);
    let line = match more.len() {
        0 => line,
        count => line.plain(" and ").plain(&counted(count as u64, "other")),
    };
    Ok(cx.out.say(&line.plain(": whoever takes it in has to have that."))?)
}

/// Opens a bundle to read.
pub(crate) fn open(path: &Path) -> Result<Bundle<'static>, CliError> {
    let unreadable =
        |source| CliError::Unreadable { path: path.to_string_lossy().into_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    Bundle::open(BufReader::new(file)).map_err(|error| match error {
        UnreadableBundle::Io(source) => unreadable(source),
        error => error.into(),
    })
}
