//! The settings: which there are, where they come from, and what they are.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{DocumentMut, Item, TomlError};

use crate::config::key::{KEYS, Key, Trust};
use crate::config::kind::ValueError;
use crate::config::origin::Origin;
use crate::config::places::Places;
use crate::replace::replace;

pub(crate) mod key;
pub(crate) mod kind;
pub(crate) mod origin;
pub(crate) mod places;
pub(crate) mod size;
pub(crate) mod span;

/// Every setting that something said, from the least to the most particular place.
#[derive(Debug, Default)]
pub(crate) struct Config {
    values: BTreeMap<String, Vec<(Origin, String)>>, // never an empty list; the last one holds
    remarks: Vec<Remark>,
    arguments: Vec<String>,
}

/// Something that a file or variable says and that is not followed.
#[derive(Debug)]
pub(crate) struct Remark {
    pub(crate) origin: Origin,
    pub(crate) key: String,
    pub(crate) why: Ignored,
}

/// Why a setting is not followed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Ignored {
    /// No setting has this name. The nearest that has one.
    Unknown(Option<&'static str>),
    /// A repository may come from anybody, and this one names a command to run.
    Untrusted,
    /// It is something other than a word.
    Shape,
}

/// Why the settings can not be read or changed. No file was changed.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// The file system did not let us.
    #[error("the settings in {path} can not be used")]
    Io { path: PathBuf, source: io::Error },
    /// The file is no TOML.
    #[error("the settings in {path} can not be understood")]
    Toml { path: PathBuf, source: Box<TomlError> },
    /// No setting has this name.
    #[error("there is no setting '{key}'")]
    Unknown { key: String, nearest: Option<&'static str> },
    /// A value that the setting can not take.
    #[error("'{value}' is no value for '{key}'")]
    Value { key: String, value: String, source: ValueError },
    /// A repository's file may not set it.
    #[error("'{0}' says what is run or trusted, so a repository may not set it")]
    Untrusted(String),
    /// There is no place to keep it in.
    #[error("there is no {0} file for settings here")]
    NoPlace(&'static str),
    /// An argument without `=`.
    #[error("'{0}' sets nothing: it has no '='")]
    NoValue(String),
}

impl Config {
    /// Reads all places. What is unknown or untrusted there is remarked on and not followed.
    pub(crate) fn read(
        places: &Places,
        variables: impl IntoIterator<Item = (String, String)>,
        arguments: &[String],
    ) -> Result<Self, ConfigError> {
        let mut config = Self { arguments: arguments.to_vec(), ..Self::default() };
        for origin in places.origins() {
            config.read_file(&origin)?;
        }
        for (variable, value) in variables {
            if let Some(key) = KEYS.iter().find(|key| key.variable() == variable) {
                config.take(Origin::Environment(variable), key.name, value)?;
            }
        }
        for argument in arguments {
            let (key, value) =
                argument.split_once('=').ok_or_else(|| ConfigError::NoValue(argument.clone()))?;
            known(key)?;
            config.take(Origin::Argument, key, value.to_owned())?;
        }
        Ok(config)
    }

    /// What the setting is, and who said so.
    pub(crate) fn value(&self, key: &Key) -> Option<(&str, &Origin)> {
        let said = self.values.get(key.name).and_then(|values| values.last());
        let by_itself = || key.default.map(|value| (value, &Origin::Default));
        said.map(|(origin, value)| (value.as_str(), origin)).or_else(by_itself)
    }

    /// Every setting that has a value, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &Origin)> {
        let named = KEYS.iter().filter(|key| !key.is_family()).map(|key| key.name);
        let mut names: Vec<&str> = named.chain(self.values.keys().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| {
            let key = Key::named(name)?;
            let said = self.values.get(name).and_then(|values| values.last());
            let by_itself = || key.default.map(|value| (value, &Origin::Default));
            let (value, origin) = said.map(|(o, v)| (v.as_str(), o)).or_else(by_itself)?;
            Some((name, value, origin))
        })
    }

    /// What a member of a family of settings is, such as one alias.
    pub(crate) fn member(&self, family: &str, name: &str) -> Option<&str> {
        let values = self.values.get(&format!("{family}.{name}"))?;
        values.last().map(|(_, value)| value.as_str())
    }

    /// All members of a family of settings, by name.
    pub(crate) fn members(&self, family: &str) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(move |(name, values)| {
            let name = name.strip_prefix(family)?.strip_prefix('.')?;
            Some((name, values.last()?.1.as_str()))
        })
    }

    /// What was said on the command line.
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// What was read and is not followed.
    pub(crate) fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    fn read_file(&mut self, origin: &Origin) -> Result<(), ConfigError> {
        let Some(path) = origin.path() else { return Ok(()) };
        for (key, value) in settings(&read(path)?) {
            let why = match (Key::named(&key), &value) {
                (None, _) => Ignored::Unknown(Key::nearest(&key)),
                (Some(_), None) => Ignored::Shape,
                (Some(Key { trust: Trust::UserOnly, .. }), Some(_)) if origin.is_repository() => {
                    Ignored::Untrusted
                }
                (Some(_), Some(value)) => {
                    self.take(origin.clone(), &key, value.clone())?;
                    continue;
                }
            };
            self.remarks.push(Remark { origin: origin.clone(), key, why });
        }
        Ok(())
    }

    fn take(&mut self, origin: Origin, key: &str, value: String) -> Result<(), ConfigError> {
        known(key)?.check(&value).map_err(|source| ConfigError::Value {
            key: key.to_owned(),
            value: value.clone(),
            source,
        })?;
        self.values.entry(key.to_owned()).or_default().push((origin, value));
        Ok(())
    }
}

/// Writes a setting into the file of `origin`, or takes it out. Comments and order stay.
pub(crate) fn store(origin: &Origin, key: &str, value: Option<&str>) -> Result<(), ConfigError> {
    let path = origin.path().ok_or(ConfigError::NoPlace("such"))?;
    let found = known(key)?;
    if origin.is_repository() && found.trust == Trust::UserOnly {
        return Err(ConfigError::Untrusted(key.to_owned()));
    }
    if let Some(value) = value {
        found.check(value).map_err(|source| ConfigError::Value {
            key: key.to_owned(),
            value: value.to_owned(),
            source,
        })?;
    }
    let mut document = read(path)?;
    change(document.as_item_mut(), key, value);
    let unwritten = |source| ConfigError::Io { path: path.to_owned(), source };
    replace(path, document.to_string().as_bytes()).map_err(unwritten)
}

fn change(item: &mut Item, key: &str, value: Option<&str>) {
    let (first, rest) = key.split_once('.').map_or((key, None), |(a, b)| (a, Some(b)));
    match (rest, value) {
        (Some(rest), _) => {
            let table = &mut item[first];
            if table.is_none() && value.is_some() {
                *table = toml_edit::table();
            }
            if !table.is_none() {
                change(table, rest, value);
            }
        }
        (None, Some(value)) => item[first] = toml_edit::value(value),
        (None, None) => {
            if let Some(table) = item.as_table_like_mut() {
                table.remove(first);
            }
        }
    }
}

fn known(key: &str) -> Result<&'static Key, ConfigError> {
    Key::named(key)
        .ok_or_else(|| ConfigError::Unknown { key: key.to_owned(), nearest: Key::nearest(key) })
}

/// The settings of a document, their names spelled with dots. `None` for what is no single value.
fn settings(document: &DocumentMut) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    walk(document.as_item(), "", &mut found);
    found
}

fn walk(item: &Item, at: &str, found: &mut Vec<(String, Option<String>)>) {
    let Some(table) = item.as_table_like() else {
        found.push((at.to_owned(), word(item)));
        return;
    };
    for (name, item) in table.iter() {
        let below = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        walk(item, &below, found);
    }
}

fn word(item: &Item) -> Option<String> {
    let value = item.as_value()?;
    let number = || value.as_integer().map(|number| number.to_string());
    let switch = || value.as_bool().map(|switch| switch.to_string());
    value.as_str().map(str::to_owned).or_else(number).or_else(switch)
}

/// The file as it is; one that is not there says nothing.
fn read(path: &Path) -> Result<DocumentMut, ConfigError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ConfigError::Io { path: path.to_owned(), source }),
    };
    text.parse()
        .map_err(|source| ConfigError::Toml { path: path.to_owned(), source: Box::new(source) })
}
