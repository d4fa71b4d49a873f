//! What is in conflict still, after some of it was settled.

use selkie_vcs::conflicts::list;
use selkie_vcs::settling::{Finished, Outcome};
use selkie_vcs::{Rules, Workspace};

use crate::command::timeline::at;
use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
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
    for turned in &finished.turned {
        match &turned.outcome {
            Outcome::Sealed(seal) => cx.out.say(&at(workspace, Line::of("Sealed "), *seal)?)?,
            Outcome::Open(paths) => {
                for path in paths {
                    let line = Line::of("  ").put(Label::Error, "!").plain(" ");
                    cx.out.say(&line.plain(path.as_str()))?;
                }
            }
            Outcome::Apart(each) => {
                for (name, seal) in each {
                    let line = Line::of("Timeline ").put(Label::Timeline, name).plain(" ends at ");
                    cx.out.say(&at(workspace, line, *seal)?)?;
                }
            }
        }
    }
    let is_open = |outcome: &Outcome| matches!(outcome, Outcome::Open(_));
    let is_about_files = !finished.settled.is_empty()
        || !finished.begun.is_empty()
        || finished.turned.iter().any(|turned| is_open(&turned.outcome));
    for rule in &finished.rules {
        let line = Line::default().code(Rules::FILE).plain(" has a rule now: ").plain(rule.path());
        cx.out.say(&line.plain(" ").put(Label::Verb, rule.strategy().name()))?;
    }
    // Whoever settled heads alone need not be told of files.
    if is_about_files || finished.turned.is_empty() {
        cx.out.say(&remaining(list(workspace)?.len()))?;
    }
    Ok(())
}
