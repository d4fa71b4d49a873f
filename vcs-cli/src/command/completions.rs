//! What a shell needs to complete our commands.

use clap_complete::Shell;

use crate::context::Context;
use crate::error::CliError;
use crate::verb::Run;

/// Put what it prints where the shell looks for completions, for bash for example:
///
///   selkie completions bash > ~/.local/share/bash-completion/completions/selkie
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

impl Run for Args {
    const ABOUT: &'static str = "Print the completions for a shell";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        // The generator panics when its writer fails, and a pipe may.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut (cx.define)(), "selkie", &mut script);
        cx.out.stream().write_all(&script)?;
        Ok(())
    }
}
