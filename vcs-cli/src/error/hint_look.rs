//! What to type next where somebody only wanted to see something, or not to.

use selkie_vcs::PatternChangeError;
use selkie_vcs::ignoring::IgnoringError;

use crate::differences::tool::ToolError;
use crate::error::hint::trouble_hint;
use crate::line::Line;
use crate::template::Wrong;

/// What to type after a tool that shows nothing.
pub(super) fn tool_hint(error: &ToolError) -> Option<Line> {
    let set = |name: &str| format!("selkie config set diff-tool.{name} 'COMMAND $left $right'");
    match error {
        ToolError::Unknown { near: Some(near), .. } => {
            Some(Line::of("did you mean ").code(near).plain("?"))
        }
        ToolError::Unknown { name, near: None }
        | ToolError::Command { name, .. }
        | ToolError::Start { name, .. } => {
            Some(Line::of("say how it is started with ").code(&set(name)))
        }
        ToolError::Copy { .. } => None,
    }
}

/// What to type after a text that tells no seal.
pub(super) fn template_hint(wrong: &Wrong) -> Line {
    match wrong {
        Wrong::Field(_, Some(near)) => {
            Line::of("did you mean ").code(&format!("{{{near}}}")).plain("?")
        }
        Wrong::Same => Line::of("such as ")
            .code("'{name} {date} {title}'")
            .plain("; ")
            .code("selkie log --help")
            .plain(" lists all fields"),
        Wrong::Field(_, None)
        | Wrong::Form { .. }
        | Wrong::Open
        | Wrong::Closed
        | Wrong::Escape => Line::of("see how with ").code("selkie log --help"),
    }
}

/// What to type after no rule was changed.
pub(super) fn ignoring_hint(error: &IgnoringError) -> Option<Line> {
    match error {
        IgnoringError::Change(error) => pattern_hint(error),
        IgnoringError::Failed(trouble) => trouble_hint(trouble),
        IgnoringError::Path(_) | IgnoringError::NoFile(_) | IgnoringError::Unread { .. } => None,
    }
}

fn pattern_hint(error: &PatternChangeError) -> Option<Line> {
    match error {
        PatternChangeError::Pattern(text) if text.starts_with('#') => Some(
            Line::of("a '#' begins a note; a name that begins so is ").code(&format!("\\{text}")),
        ),
        PatternChangeError::Absent { .. } => {
            Some(Line::of("see where each rule stands with ").code("selkie ignore"))
        }
        PatternChangeError::Pattern(_) | PatternChangeError::There { .. } => None,
    }
}
