//! What to type next, where something went wrong.

use selkie_vcs::annotate::AnnotateError;
use selkie_vcs::moving::MoveError;
use selkie_vcs::remove::RemoveError;
use selkie_vcs::shelves::ShelfError;
use selkie_vcs::switch::SwitchError;
use selkie_vcs::{CrossingError, FollowError, PerformError, RevError, Trouble};

use crate::config::ConfigError;
use crate::config::key::ValueError;
use crate::line::Line;

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

pub(super) fn switch_hint(error: &SwitchError) -> Option<Line> {
    match error {
        SwitchError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        SwitchError::Work(error) => crossing_hint(error),
        SwitchError::Failed(trouble) => trouble_hint(trouble),
        SwitchError::Here(_) | SwitchError::There | SwitchError::Diverged { .. } => None,
    }
}

fn crossing_hint(error: &CrossingError) -> Option<Line> {
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

fn files_hint(error: &FollowError) -> Option<Line> {
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

pub(super) fn move_hint(error: &MoveError) -> Option<Line> {
    match error {
        MoveError::Unknown(_) => Some(Line::of("see what is unknown with ").code("selkie status")),
        MoveError::Failed(trouble) => trouble_hint(trouble),
        MoveError::Everything
        | MoveError::Gone(_)
        | MoveError::NoFolder(_)
        | MoveError::There(_)
        | MoveError::Twice(_)
        | MoveError::Inside(_)
        | MoveError::Same(_)
        | MoveError::Path(_) => None,
    }
}

pub(super) fn remove_hint(error: &RemoveError) -> Option<Line> {
    match error {
        RemoveError::Unknown(_) => {
            Some(Line::of("see what is unknown with ").code("selkie status"))
        }
        RemoveError::Changed(_) => {
            Some(Line::of("seal it first, or remove it all the same with ").code("--force"))
        }
        RemoveError::Failed(trouble) => trouble_hint(trouble),
        RemoveError::Everything => None,
    }
}

pub(super) fn annotate_hint(error: &AnnotateError) -> Option<Line> {
    match error {
        AnnotateError::Gone(path) => {
            let sealed = format!("selkie blame {path} --at @");
            Some(Line::of("look at it as it was sealed with ").code(&sealed))
        }
        AnnotateError::Unknown(_)
        | AnnotateError::Absent(_)
        | AnnotateError::NoFile(_)
        | AnnotateError::Long(_)
        | AnnotateError::Disk { .. }
        | AnnotateError::Read(_) => None,
    }
}
