//! What can be typed before and after every command.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::ValueEnum;

use crate::out::{Colour, Volume};

/// Options of every command
#[derive(clap::Args, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// Begin in this folder
    #[arg(short = 'C', value_name = "FOLDER", global = true)]
    pub(crate) folder: Option<PathBuf>,
    /// Answer with JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say also what is done on the way
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// When to show colours
    #[arg(long = "color", value_name = "WHEN", global = true)]
    pub(crate) colour: Option<When>,
    /// Look at the repository as it was after this operation; 'selkie op log' has their numbers
    #[arg(long, value_name = "NUMBER", value_parser = operation, global = true)]
    pub(crate) at_op: Option<u64>,
    /// Show long output all at once
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// Run no hooks, and say so
    #[arg(long, global = true)]
    pub(crate) no_hooks: bool,
    /// Set a setting for this command
    #[arg(long = "config", value_name = "NAME=VALUE", global = true)]
    pub(crate) settings: Vec<String>,
}

/// When to show colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options that are followed by their value.
const WITH_VALUE: [&str; 4] = ["-C", "--at-op", "--color", "--config"];

impl Globals {
    /// How much to say.
    pub(crate) const fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Normal,
        }
    }
}

impl When {
    /// The same for the streams.
    pub(crate) const fn colour(self) -> Colour {
        match self {
            Self::Auto => Colour::Auto,
            Self::Always => Colour::Always,
            Self::Never => Colour::Never,
        }
    }

    /// What the word of the settings means.
    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        }
    }
}

/// The number of an operation, with the sign that lists show before it or without.
fn operation(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.strip_prefix('#').unwrap_or(text).parse()
}

/// Where in `args` the name of the command stands, the program's own name being the first of them.
pub(crate) fn command_at(args: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        let word = args.get(at)?;
        if WITH_VALUE.iter().any(|option| word == option) {
            at += 2;
        } else if is_option(word) {
            at += 1;
        } else {
            return Some(at);
        }
    }
}

fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().first() == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_found_behind_the_options() {
        let table = [
            ("selkie seal -m x", Some(1)),
            ("selkie -q --json seal", Some(3)),
            ("selkie -C seal status", Some(3)),
            ("selkie --config a=b --color never log", Some(5)),
            ("selkie --config=a=b log", Some(2)),
            ("selkie -q", None),
            ("selkie -C", None),
            ("selkie", None),
        ];
        for (line, expected) in table {
            let args: Vec<OsString> = line.split(' ').map(Into::into).collect();
            assert_eq!(command_at(&args), expected, "{line}");
        }
    }
}
