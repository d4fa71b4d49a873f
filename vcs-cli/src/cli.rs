//! The list of commands, and the way from a command line to an exit code.

use std::ffi::OsString;
use std::io::stdout;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;

use crate::command::tour;
use crate::error::CliError;

/// Version control whose replicas converge, between peers and without a server
#[derive(Parser)]
#[command(name = "selkie", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Tour(tour::Args),
}

/// Runs the command line `args`, the program's name first.
///
/// The exit code is 0 when it was done, 1 when it failed, and 2 when the command line could not
/// be understood.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => exit_code(cli.command.run()),
        Err(answer) => explain(&answer),
    }
}

/// The definition of the command line: names, arguments and help of every command.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

impl Command {
    fn run(&self) -> Result<(), CliError> {
        match self {
            Self::Tour(args) => tour::run(args, &mut stdout().lock()),
        }
    }
}

/// Prints help, version or what was not understood.
fn explain(answer: &clap::Error) -> ExitCode {
    // When neither standard stream can be written there is nobody left to tell.
    let _unprinted = answer.print();
    ExitCode::from(if answer.use_stderr() { 2 } else { 0 })
}

fn exit_code(result: Result<(), CliError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_contradicts_itself_nowhere() {
        command().debug_assert();
    }

    #[test]
    fn an_unknown_command_is_a_usage_error() {
        let answer = command().try_get_matches_from(["selkie", "tuor"]).expect_err("no such name");
        assert!(answer.use_stderr());
        assert!(answer.to_string().contains("'tour'"), "{answer}");
    }
}
