//! What to type next, when something went wrong.

use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::fuse::FuseError;
use selkie_vcs::gather::GatherError;
use selkie_vcs::seal::SealError;
use selkie_vcs::shelves::ShelfError;
use selkie_vcs::switch::SwitchError;
use selkie_vcs::{CrossingError, FollowError, PerformError, RevError, Trouble};

use crate::config::ConfigError;
use crate::config::key::ValueError;
use crate::line::Line;

/// After a revision that means nothing, or too much.
pub(crate) fn rev_hint(error: &RevError) -> Option<Line> {
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

/// After settings that stand in the way.
pub(crate) fn config_hint(error: &ConfigError) -> Option<Line> {
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

/// After nothing was gathered.
pub(crate) fn gather_hint(error: &GatherError) -> Option<Line> {
    match error {
        GatherError::Nothing => Some(Line::of("see what there is with ").code("selkie status")),
        GatherError::Open(_) => {
            Some(Line::of("edit it until none is left, or type ").code("selkie conflicts"))
        }
        GatherError::Underway => {
            Some(Line::of("let go of all of it with ").code("selkie fuse --abort"))
        }
        GatherError::Failed(trouble) => trouble_hint(trouble),
        GatherError::NotGathered => None,
    }
}

/// After nothing was sealed.
pub(crate) fn seal_hint(error: &SealError) -> Option<Line> {
    match error {
        SealError::Nothing => Some(Line::of("see what there is with ").code("selkie status")),
        SealError::Open(_) => {
            let line = Line::of("see them with ").code("selkie conflicts");
            Some(line.plain(", or seal them as they are: ").code("--with-conflicts"))
        }
        SealError::NoTimeline => Some(Line::of("begin one with ").code("selkie timeline new NAME")),
        SealError::Failed(trouble) => trouble_hint(trouble),
        SealError::TooLarge(_) => None,
    }
}

/// After no conflict was settled.
pub(crate) fn conflicts_hint(error: &ConflictsError) -> Option<Line> {
    match error {
        ConflictsError::NotOne(_) => Some(Line::of("see what is with ").code("selkie conflicts")),
        ConflictsError::NoTexts(_) => Some(Line::of("take one side of it, or edit it")),
        ConflictsError::Failed(trouble) => trouble_hint(trouble),
    }
}

/// What ends a fuse.
fn underway() -> Line {
    let line = Line::of("end it with ").code("selkie seal").plain(" or let go of it with ");
    line.code("selkie fuse --abort")
}

/// After nothing was brought together.
pub(crate) fn fuse_hint(error: &FuseError) -> Option<Line> {
    match error {
        FuseError::NoTimeline => Some(Line::of("begin one with ").code("selkie timeline new NAME")),
        FuseError::NotDiverged(_) => {
            Some(Line::of("name what to bring here: ").code("selkie fuse TIMELINE"))
        }
        FuseError::NoSeal => Some(Line::of("make one with ").code("selkie seal")),
        FuseError::Gathered => {
            Some(Line::of("seal it, or let go of it with ").code("selkie release"))
        }
        FuseError::Underway => Some(underway()),
        FuseError::Blocked(blocked) => {
            let paths: Vec<&str> = blocked.iter().map(|one| one.path.as_str()).collect();
            let line = Line::of("seal or discard these first: ");
            Some(line.plain(&paths.join(", ")))
        }
        FuseError::Failed(trouble) => trouble_hint(trouble),
        FuseError::NotUnderway | FuseError::Unrelated(_) | FuseError::TooLarge(_) => None,
    }
}

/// After the clone stayed where it stood.
pub(crate) fn switch_hint(error: &SwitchError) -> Option<Line> {
    match error {
        SwitchError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        SwitchError::Work(error) => crossing_hint(error),
        SwitchError::Failed(trouble) => trouble_hint(trouble),
        SwitchError::Here(_) | SwitchError::There | SwitchError::Diverged { .. } => None,
    }
}

fn crossing_hint(error: &CrossingError) -> Option<Line> {
    match error {
        CrossingError::Underway => Some(underway()),
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

/// After no shelf was made, moved or brought back.
pub(crate) fn shelf_hint(error: &ShelfError) -> Option<Line> {
    match error {
        ShelfError::Underway => Some(underway()),
        ShelfError::Nothing => Some(Line::of("see what there is with ").code("selkie status")),
        ShelfError::Unknown(_) | ShelfError::There(_) | ShelfError::Full => {
            Some(Line::of("see all with ").code("selkie shelf list"))
        }
        ShelfError::Disputed(_) => Some(Line::of("seal or shelve what is here, and try again")),
        ShelfError::Failed(trouble) => trouble_hint(trouble),
        ShelfError::Empty | ShelfError::Long(_) | ShelfError::Same(_) => None,
    }
}

/// After the store, the files or the history failed.
pub(crate) fn trouble_hint(trouble: &Trouble) -> Option<Line> {
    match trouble {
        Trouble::Perform(error) => perform_hint(error),
        Trouble::Files(error) => files_hint(error),
        Trouble::Read(_)
        | Trouble::Write(_)
        | Trouble::Record(_)
        | Trouble::Tree(_)
        | Trouble::Edit(_)
        | Trouble::Fusing(_)
        | Trouble::Unsettled(_)
        | Trouble::Blend(_)
        | Trouble::Compare(_)
        | Trouble::History(_) => None,
    }
}

/// After an operation was not carried out.
pub(crate) fn perform_hint(error: &PerformError) -> Option<Line> {
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
