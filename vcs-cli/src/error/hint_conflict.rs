//! What to type next where conflicts were to be settled.

use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::settling::SettlingError;

use crate::error::hint::trouble_hint;
use crate::line::Line;
use crate::merge_tool::MergeToolError;

/// What to type after no conflict was settled.
pub(super) fn conflicts_hint(error: &ConflictsError) -> Option<Line> {
    match error {
        ConflictsError::NotOne(_) => Some(Line::of("see what is with ").code("selkie conflicts")),
        ConflictsError::NoTimes(_) => {
            Some(Line::of("take ").code("ours").plain(" or ").code("theirs"))
        }
        ConflictsError::NoTexts(_) => Some(Line::of("take one side of it, or edit it")),
        ConflictsError::Failed(trouble) => trouble_hint(trouble),
    }
}

/// What to type after a draft did not come into the files.
pub(super) fn settling_hint(error: &SettlingError) -> Option<Line> {
    match error {
        SettlingError::Changed(_) | SettlingError::Diverged(_) => {
            Some(Line::of("look at what it is now with ").code("selkie resolve"))
        }
        SettlingError::Markers(_) => Some(Line::of("decide all of the file, or edit it")),
        SettlingError::Taken(_) => Some(Line::of("move that away first, or take another name")),
        SettlingError::Rules | SettlingError::Rule(_) => {
            Some(Line::of("mend it first, or decide without a rule; see ").code("selkie strategy"))
        }
        SettlingError::Together(_) => Some(Line::of("take one of them back, and decide it later")),
        SettlingError::Blocked(_) => Some(Line::of("seal or discard them first")),
        SettlingError::Declined(..) => {
            Some(Line::of("see what can be decided with ").code("selkie resolve --parts"))
        }
        SettlingError::Failed(trouble) => trouble_hint(trouble),
        SettlingError::Notes(_) | SettlingError::Note(_) | SettlingError::TooLarge(_) => None,
    }
}

/// What to type after no merge tool settled a conflict.
pub(super) fn merge_tool_hint(error: &MergeToolError) -> Option<Line> {
    match error {
        MergeToolError::Command(_) | MergeToolError::Start { .. } => {
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
