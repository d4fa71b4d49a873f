//! What is in conflict still, after some of it was settled.

use selkie_vcs::Workspace;
use selkie_vcs::conflicts::list;
use selkie_vcs::settling::Finished;

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;

/// So many files are, in words.
pub(crate) fn remaining(count: usize) -> Line {
    match count {
        0 => Line::of("Nothing is in conflict any more. Go on with ").code("selkie seal"),
        1 => Line::of("1 file is in conflict still."),
        count => Line::of(&format!("{count} files are in conflict still.")),
    }
}

/// Says which files are settled and which are begun, and what is in conflict still.
pub(crate) fn say_finished(
    cx: &mut Context,
    workspace: &Workspace,
    finished: &Finished,
) -> Result<(), CliError> {
    for path in &finished.settled {
        cx.out.say(&Line::of("Settled ").plain(path.as_str()))?;
    }
    for path in &finished.begun {
        let line = Line::of("Begun ").plain(path.as_str());
        cx.out.say(&line.plain(": markers stay where it is open"))?;
    }
    Ok(cx.out.say(&remaining(list(workspace)?.len()))?)
}
