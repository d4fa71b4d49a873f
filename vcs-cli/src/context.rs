//! What every command may use.

use std::env;

use serde::Serialize;

use crate::config::key::PAGER;
use crate::config::places::Places;
use crate::config::{Config, ConfigError};
use crate::error::CliError;
use crate::out::Out;
use crate::shown::shown_json;

/// The world of one command.
pub(crate) struct Context {
    /// Where its words go.
    pub(crate) out: Out,
    /// Whether what it tells is for a program to read.
    pub(crate) format: Format,
    /// All settings.
    pub(crate) config: Config,
    /// Where they are kept.
    pub(crate) places: Places,
    /// The definition of the whole command line.
    pub(crate) define: fn() -> clap::Command,
    /// Whether long output may go through a pager.
    pub(crate) paging: bool,
}

/// For whom the output is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// A person.
    Text,
    /// A program: one JSON object, or one a line.
    Json,
}

impl Context {
    /// Shows what follows through the pager, if a person reads it and wants one.
    pub(crate) fn page(&mut self) {
        let pager = self.config.value(&PAGER).map_or("off", |(pager, _)| pager);
        // The settings of this program go before the variable of all programs, unless nobody set them.
        let by_itself = PAGER.default == Some(pager);
        let of_all = if by_itself { variable("PAGER") } else { None };
        let pager = of_all.unwrap_or_else(|| pager.to_owned());
        if self.paging && self.format == Format::Text && pager != "off" && !pager.trim().is_empty()
        {
            self.out.page(&pager);
        }
    }

    /// Writes one JSON object on a line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(value).expect("what is told has text for keys");
        writeln!(self.out.stream(), "{}", shown_json(&text))?;
        Ok(())
    }
}

/// The settings as the environment and the arguments say.
pub(crate) fn settings(places: &Places, arguments: &[String]) -> Result<Config, ConfigError> {
    let ours = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("SELKIE_"))?;
        Some((name, value.into_string().ok()?))
    };
    Config::read(places, env::vars_os().filter_map(ours), arguments)
}

/// A variable of the environment, if it is text and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
