//! What to type next, where that is known.

use selkie_vcs::clone::CloneError;
use selkie_vcs::offer::OfferError;
use selkie_vcs::seal::SealError;
use selkie_vcs::shelves::ShelfError;
use selkie_vcs::switch::SwitchError;
use selkie_vcs::{CrossingError, FollowError, PerformError, RevError, Trouble};

use crate::config::ConfigError;
use crate::config::key::ValueError;
use crate::editor::EditorError;
use crate::hooks::HookError;
use crate::line::Line;

/// What to type after a revision that means nothing, or too much.
pub(super) fn rev_hint(error: &RevError) -> Option<Line> {
    match error {
        RevError::Ambiguous { .. } => Some(Line::of("write more of it, or one of these")),
        RevError::Unknown { near, .. } if near.is_empty() => {
            Some(Line::of("see seals with ").code("selkie log"))
        }
        RevError::NoPlace { .. } => Some(Line::of("make one with ").code("selkie seal")),
        RevError::Unknown { .. }
        | RevError::Parse(_)
        | RevError::Nothing { .. }
        | RevError::Absent { .. }
        | RevError::Forgotten { .. }
        | RevError::Date { .. }
        | RevError::Graph(_)
        | RevError::Read(_)
        | RevError::Lookup(_) => None,
    }
}

/// What to type after settings that stand in the way.
pub(super) fn config_hint(error: &ConfigError) -> Option<Line> {
    match error {
        ConfigError::Unknown { nearest: Some(nearest), .. } => {
            Some(Line::of("did you mean ").code(nearest).plain("?"))
        }
        ConfigError::Unknown { nearest: None, .. } => {
            Some(Line::of("see all of them with ").code("selkie config keys"))
        }
        ConfigError::Untrusted(key) => {
            let set = format!("selkie config set --user {key} VALUE");
            Some(Line::of("set it for yourself with ").code(&set))
        }
        ConfigError::NoPlace("repository") => Some(Line::of("this is no repository")),
        ConfigError::NoValue(_) => Some(Line::of("write it as ").code("--config NAME=VALUE")),
        ConfigError::Value {
            source: ValueError::Word(_) | ValueError::Span | ValueError::Text,
            ..
        }
        | ConfigError::Io { .. }
        | ConfigError::Toml { .. }
        | ConfigError::NoPlace(_) => None,
    }
}

/// What to type after a place that was not gone to.
pub(super) fn switch_hint(error: &SwitchError) -> Option<Line> {
    match error {
        SwitchError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        SwitchError::Work(error) => crossing_hint(error),
        SwitchError::Failed(trouble) => trouble_hint(trouble),
        SwitchError::Here(_) | SwitchError::There | SwitchError::Diverged { .. } => None,
    }
}

/// What to type after a clone that was not made.
pub(super) fn clone_hint(error: &CloneError) -> Option<Line> {
    match error {
        CloneError::Failed(trouble) => trouble_hint(trouble),
        CloneError::Objects(_) | CloneError::Unsound(_) => {
            Some(Line::of("look at it there with ").code("selkie verify"))
        }
        CloneError::NotEmpty(_) => Some(Line::of("name another folder behind it")),
        CloneError::Busy(_)
        | CloneError::Folder { .. }
        | CloneError::NoTimeline(_)
        | CloneError::Refused { .. }
        | CloneError::Log(_)
        | CloneError::View(_)
        | CloneError::Workspace(_) => None,
    }
}

/// What to type after what was not sealed.
pub(super) fn seal_hint(error: &SealError) -> Option<Line> {
    match error {
        SealError::Nothing | SealError::Moved => {
            Some(Line::of("see what there is with ").code("selkie status"))
        }
        SealError::NoTimeline => Some(Line::of("begin one with ").code("selkie timeline new NAME")),
        SealError::NothingBefore | SealError::Several => {
            Some(Line::of("seal without ").code("--amend"))
        }
        SealError::Same => {
            Some(Line::of("give it other words with ").code("selkie seal --amend -m TEXT"))
        }
        SealError::Failed(trouble) => trouble_hint(trouble),
        SealError::Later | SealError::TooLarge(_) => None,
    }
}

/// What to type after unfinished work that stands in the way.
pub(super) fn crossing_hint(error: &CrossingError) -> Option<Line> {
    match error {
        CrossingError::Unfinished | CrossingError::Different(_) => {
            Some(Line::of("lay it aside with ").code("selkie shelf"))
        }
        CrossingError::Blocked(_) => Some(
            Line::of("see them with ")
                .code("selkie status --ignored")
                .plain(", and seal them or move them away first"),
        ),
        CrossingError::Full => Some(Line::of("see all with ").code("selkie shelf list")),
        CrossingError::Failed(trouble) => trouble_hint(trouble),
    }
}

/// What to type after a shelf that was not made or taken.
pub(super) fn shelf_hint(error: &ShelfError) -> Option<Line> {
    match error {
        ShelfError::Nothing => Some(Line::of("see what there is with ").code("selkie status")),
        ShelfError::Unknown(_) | ShelfError::There(_) | ShelfError::Full => {
            Some(Line::of("see all with ").code("selkie shelf list"))
        }
        ShelfError::Disputed(_) => Some(Line::of("seal or shelve what is here, and try again")),
        ShelfError::Failed(trouble) => trouble_hint(trouble),
        ShelfError::Empty | ShelfError::Long(_) | ShelfError::Same(_) => None,
    }
}

/// What to type after what failed below.
pub(super) fn trouble_hint(trouble: &Trouble) -> Option<Line> {
    match trouble {
        Trouble::Perform(error) => perform_hint(error),
        Trouble::Files(error) => files_hint(error),
        Trouble::Read(_)
        | Trouble::Write(_)
        | Trouble::Record(_)
        | Trouble::Tree(_)
        | Trouble::Edit(_)
        | Trouble::Blend(_)
        | Trouble::Compare(_)
        | Trouble::History(_) => None,
    }
}

/// What to type after an operation that was not done.
pub(super) fn perform_hint(error: &PerformError) -> Option<Line> {
    match error {
        PerformError::Protected(name) => {
            let open = format!("selkie timeline protect {name} --off");
            Some(Line::of("if it shall be, let go of that first with ").code(&open))
        }
        PerformError::Moved(_) => Some(Line::of("look at it and try again")),
        PerformError::Files(error) => files_hint(error),
        PerformError::Keyless => Some(Line::of("HOME says where it is")),
        PerformError::Absent(_) => {
            Some(Line::of("see what is missing with ").code("selkie verify"))
        }
        PerformError::Key(_)
        | PerformError::Writer(_)
        | PerformError::Keep(_)
        | PerformError::History(_)
        | PerformError::Repository(_)
        | PerformError::Edit(_)
        | PerformError::Log(_) => None,
    }
}

/// What to type after files that were not written.
pub(super) fn files_hint(error: &FollowError) -> Option<Line> {
    match error {
        FollowError::Blocked(_) | FollowError::Stuck { .. } => {
            Some(Line::of("what is there is held nowhere else: seal it, or move it away first"))
        }
        FollowError::Apply(_)
        | FollowError::HalfWay { .. }
        | FollowError::Look(_)
        | FollowError::Observe(_)
        | FollowError::Tree(_) => None,
    }
}

/// What to type after nothing could be written.
pub(super) fn editor_hint(error: &EditorError) -> Option<Line> {
    match error {
        EditorError::Nowhere => {
            Some(Line::of("say what it is for with ").code("selkie seal -m TEXT"))
        }
        EditorError::GaveUp { .. } => {
            Some(Line::of("what you wrote is there again when you seal next"))
        }
        EditorError::Command(_) | EditorError::Start { .. } => {
            Some(Line::of("choose one with ").code("selkie config set ui.editor COMMAND"))
        }
        EditorError::File { .. } => None,
    }
}

/// What to type after a hook stood in the way.
pub(super) fn hook_hint(error: &HookError) -> Option<Line> {
    match error {
        HookError::Veto { .. } => {
            Some(Line::of("if it shall be all the same, type it with ").code("--no-hooks"))
        }
        HookError::Run { .. } | HookError::Foreign { .. } => None,
    }
}

/// What to type after nothing was chosen.
pub(super) fn offer_hint(error: &OfferError) -> Option<Line> {
    match error {
        OfferError::Nothing | OfferError::NotGathered | OfferError::Moved => {
            Some(Line::of("see what there is with ").code("selkie status"))
        }
        OfferError::Failed(trouble) => trouble_hint(trouble),
        OfferError::NothingChosen
        | OfferError::Absent(_)
        | OfferError::Everything
        | OfferError::Diff(_) => None,
    }
}
