//! Reading and changing settings.

use serde::Serialize;

use crate::config::key::{KEYS, Key};
use crate::config::origin::Origin;
use crate::config::{ConfigError, store};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// A setting can be said for everyone on the machine, for you, for one repository, in the
/// environment (`SELKIE_UI_COLOR` for ui.color) and for one command (--config ui.color=never).
/// What is said later in this list holds.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Print what a setting is
    Get {
        /// Its name
        name: String,
    },
    /// Set a setting for yourself, or elsewhere if you say so
    Set {
        /// Its name
        name: String,
        /// What it shall be
        value: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take a setting out of your file, or of another
    Unset {
        /// Its name
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List every setting that has a value, and who said so
    List,
    /// List every setting there is, and what it is for
    Keys,
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct Place {
    /// For yourself (this is what happens if you say nothing)
    #[arg(long)]
    user: bool,
    /// For this repository
    #[arg(long)]
    repository: bool,
    /// For everyone on this machine
    #[arg(long)]
    system: bool,
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    value: String,
    origin: String,
    path: Option<String>,
}

#[derive(Serialize)]
struct ToldKey {
    schema: &'static str,
    name: &'static str,
    about: &'static str,
    default: Option<&'static str>,
    /// The words that it takes, if it takes only some.
    values: Option<&'static [&'static str]>,
}

impl Run for Args {
    const ABOUT: &'static str = "Read and change settings";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            Verb::Get { name } => get(cx, name),
            Verb::Set { name, value, place } => set(cx, place, name, Some(value)),
            Verb::Unset { name, place } => set(cx, place, name, None),
            Verb::List => list(cx),
            Verb::Keys => keys(cx),
        }
    }
}

fn get(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let unknown = || ConfigError::Unknown { key: name.to_owned(), nearest: Key::nearest(name) };
    Key::named(name).ok_or_else(unknown)?;
    let found = cx.config.all().find(|(found, ..)| *found == name);
    let (_, value, origin) = found.ok_or_else(|| CliError::Unset(name.to_owned()))?;
    let told = told(name, value, origin);
    match cx.format {
        Format::Json => cx.json(&told),
        Format::Text => Ok(cx.out.line(&Line::of(&told.value))?),
    }
}

fn set(
    cx: &mut Context,
    place: &Place,
    name: &str,
    value: Option<&String>,
) -> Result<(), CliError> {
    let origin = place.origin(cx)?;
    store(&origin, name, value.map(String::as_str))?;
    let path = origin.path().map(|path| path.to_string_lossy().into_owned());
    let line = Line::default().code(name);
    let line = match value {
        Some(value) => line.plain(" is ").code(value),
        None => line.plain(" is not set"),
    };
    let line = line.plain(" in ").code(&path.unwrap_or_default());
    Ok(cx.out.say(&line)?)
}

fn list(cx: &mut Context) -> Result<(), CliError> {
    list_of(cx, |_| true)
}

/// Lists those of these names that have a value.
pub(crate) fn list_of(cx: &mut Context, is_meant: impl Fn(&str) -> bool) -> Result<(), CliError> {
    let all = cx.config.all().filter(|(name, ..)| is_meant(name));
    let all: Vec<Told> = all.map(|(n, v, origin)| told(n, v, origin)).collect();
    for told in &all {
        match cx.format {
            Format::Json => cx.json(told)?,
            Format::Text => {
                let line = Line::default().code(&told.name).plain(" = ").plain(&told.value);
                cx.out.line(&line.plain("  (").plain(&told.origin).plain(")"))?;
            }
        }
    }
    Ok(())
}

fn keys(cx: &mut Context) -> Result<(), CliError> {
    cx.page();
    for key in KEYS {
        if cx.format == Format::Json {
            let (name, about, default) = (key.name, key.about, key.default);
            let values = key.kind.words();
            cx.json(&ToldKey { schema: "selkie.key/1", name, about, default, values })?;
            continue;
        }
        let values = key.kind.words().map(|words| format!(" ({})", words.join(", ")));
        let line = Line::default().put(Label::Verb, key.name).plain("  ").plain(key.about);
        cx.out.line(&line.plain(&values.unwrap_or_default()))?;
    }
    Ok(())
}

fn told(name: &str, value: &str, origin: &Origin) -> Told {
    Told {
        schema: "selkie.setting/1",
        name: name.to_owned(),
        value: value.to_owned(),
        origin: origin.word(),
        path: origin.path().map(|path| path.to_string_lossy().into_owned()),
    }
}

impl Place {
    fn origin(&self, cx: &Context) -> Result<Origin, ConfigError> {
        let places = &cx.places;
        let (path, word, origin): (_, _, fn(_) -> _) = match (self.repository, self.system) {
            (true, _) => (&places.repository, "repository", Origin::Repository),
            (_, true) => (&places.system, "system", Origin::System),
            _ => (&places.user, "user", Origin::User),
        };
        path.clone().map(origin).ok_or(ConfigError::NoPlace(word))
    }
}
