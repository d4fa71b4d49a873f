//! What to type next after seals were not made again, or a conflict not settled in another program.

use selkie_vcs::RewriteError;

use crate::error::hint::{crossing_hint, trouble_hint};
use crate::line::Line;
use crate::merge_tool::MergeToolError;

/// What to type after no seal was made again.
pub(super) fn rewrite_hint(error: &RewriteError) -> Option<Line> {
    match error {
        RewriteError::NoTimeline => {
            Some(Line::of("begin one with ").code("selkie timeline new NAME"))
        }
        RewriteError::NoSeal => Some(Line::of("make one with ").code("selkie seal")),
        RewriteError::Nothing | RewriteError::Elsewhere { .. } | RewriteError::NoLine => {
            Some(Line::of("see seals with ").code("selkie log --graph"))
        }
        RewriteError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        RewriteError::Moved => Some(Line::of("look at it and try again")),
        RewriteError::Work(error) => crossing_hint(error),
        RewriteError::Failed(trouble) => trouble_hint(trouble),
        RewriteError::Circle
        | RewriteError::First(_)
        | RewriteError::Parent(_)
        | RewriteError::Several(_)
        | RewriteError::Alone
        | RewriteError::NoPart
        | RewriteError::Whole => None,
    }
}

/// What to type after no merge tool settled a conflict.
pub(super) fn merge_tool_hint(error: &MergeToolError) -> Option<Line> {
    match error {
        MergeToolError::Nowhere | MergeToolError::Command(_) | MergeToolError::Start { .. } => {
            Some(Line::of("choose one with ").code("selkie config set merge.tool vimdiff"))
        }
        MergeToolError::Untouched(path) => {
            let settled = format!("selkie conflicts settled {path}");
            Some(Line::of("if it is right as it is, say so with ").code(&settled))
        }
        MergeToolError::Open(path) => {
            Some(Line::of("go on with ").code(&format!("selkie resolve {path}")))
        }
        MergeToolError::GaveUp { .. } | MergeToolError::Files(_) => None,
    }
}
