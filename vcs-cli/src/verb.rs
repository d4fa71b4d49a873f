//! A command as the list of commands sees it.

use clap::{ArgMatches, FromArgMatches};

use crate::context::Context;
use crate::error::CliError;

/// The arguments of one command, whose documentation is its help.
pub(crate) trait Run: clap::Args + FromArgMatches {
    /// What it does, in a line.
    const ABOUT: &'static str;

    /// Does it.
    fn run(&self, cx: &mut Context) -> Result<(), CliError>;
}

/// One line of the list: a name, and how to define and run what it names.
///
/// Both are functions, so that a command line pays for the definition of its own command alone.
#[derive(Clone, Copy)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// The word that git users type.
    pub(crate) alias: Option<&'static str>,
    /// Whether it can be asked of the past.
    pub(crate) past: Past,
    /// What it does, in a line. The first line of its help.
    pub(crate) about: &'static str,
    pub(crate) group: Group,
    define: fn(clap::Command) -> clap::Command,
    run: fn(&ArgMatches, &mut Context) -> Ran,
}

/// What came of it, unless its arguments make no sense.
pub(crate) type Ran = Result<Result<(), CliError>, clap::Error>;

/// Whether a command can be asked of a repository as it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Past {
    /// It can.
    Open,
    /// It is about now.
    Closed,
}

/// Under which heading help lists it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Group {
    /// Get a repository and set it up.
    Begin,
    /// Choose and record changes.
    Work,
    /// See what was done.
    Look,
    /// Lines of seals.
    Timelines,
    /// Have the same as others.
    Share,
    /// Take back and mend.
    Care,
    /// Everything about the program itself.
    Program,
}

impl Verb {
    /// The command whose arguments are `A`.
    pub(crate) const fn of<A: Run>(name: &'static str, group: Group) -> Self {
        Self {
            name,
            alias: None,
            past: Past::Closed,
            about: A::ABOUT,
            group,
            define: A::augment_args,
            run: |matches, cx| Ok(A::from_arg_matches(matches)?.run(cx)),
        }
    }

    /// The same, which git users find under their own word.
    pub(crate) const fn known_as(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    /// The same, which can also be asked of a repository as it was.
    pub(crate) const fn looking_back(self) -> Self {
        Self { past: Past::Open, ..self }
    }

    /// The definition of its command line.
    pub(crate) fn definition(&self) -> clap::Command {
        let command = (self.define)(clap::Command::new(self.name));
        let more = command.get_long_about().or(command.get_about());
        let long = more.map(|more| format!("{}\n\n{more}", self.about));
        let command = match long {
            Some(long) => command.long_about(long),
            None => command,
        };
        let command = command.about(self.about);
        match self.alias {
            Some(alias) => command.visible_alias(alias),
            None => command,
        }
    }

    /// Runs it with what was typed.
    pub(crate) fn run(&self, matches: &ArgMatches, cx: &mut Context) -> Ran {
        (self.run)(matches, cx)
    }

    /// Whether it may write into the logs of the clone, as far as its place in the list tells.
    pub(crate) fn may_write(&self) -> bool {
        let may = matches!(self.group, Group::Work | Group::Timelines | Group::Care);
        may && self.past == Past::Closed
    }

    /// Whether somebody who types `word` means this one.
    pub(crate) fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.alias == Some(word)
    }
}

impl Group {
    /// The groups, in the order of the help.
    pub(crate) const ALL: [Self; 7] = [
        Self::Begin,
        Self::Work,
        Self::Look,
        Self::Timelines,
        Self::Share,
        Self::Care,
        Self::Program,
    ];

    /// The heading.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Begin => "Begin",
            Self::Work => "Work",
            Self::Look => "Look",
            Self::Timelines => "Timelines",
            Self::Share => "Share",
            Self::Care => "Care",
            Self::Program => "The program itself",
        }
    }
}
