//! The `selkie` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    selkie_cli::run(std::env::args_os())
}
