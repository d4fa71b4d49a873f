//! What to type next, where that is known.

use std::io;

use selkie_vcs::annotate::AnnotateError;
use selkie_vcs::back::BackError;
use selkie_vcs::bisect::BisectError;
use selkie_vcs::bundling::BundleError;
use selkie_vcs::clone::{CloneError, PlaceError};
use selkie_vcs::fuse::FuseError;
use selkie_vcs::gather::GatherError;
use selkie_vcs::moving::MoveError;
use selkie_vcs::offer::OfferError;
use selkie_vcs::remove::RemoveError;
use selkie_vcs::seal::SealError;
use selkie_vcs::shelves::ShelfError;
use selkie_vcs::switch::SwitchError;
use selkie_vcs::tag::TagError;
use selkie_vcs::timeline::TimelineError;
use selkie_vcs::{
    CrossingError, FollowError, OpenBundleError, PerformError, RevError, RewriteError, Trouble,
};

use crate::config::ConfigError;
use crate::config::kind::ValueError;
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
        | RevError::Strangers { .. }
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
            source:
                ValueError::Word(_)
                | ValueError::Span
                | ValueError::Key
                | ValueError::File
                | ValueError::Port
                | ValueError::Count(_)
                | ValueError::Networks
                | ValueError::Servers
                | ValueError::Loopback
                | ValueError::Wait
                | ValueError::Size(_)
                | ValueError::Text,
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
        SwitchError::Here(_) | SwitchError::There => None,
    }
}

/// What to type after a search that does not go on.
pub(super) fn bisect_hint(error: &BisectError) -> Option<Line> {
    match error {
        BisectError::None => Some(Line::of("begin one with ").code("selkie bisect start")),
        BisectError::Underway => Some(Line::of("end it with ").code("selkie bisect reset")),
        BisectError::Senseless => {
            Some(Line::of("see what was said with ").code("selkie bisect log"))
        }
        BisectError::Work(error) => crossing_hint(error),
        BisectError::Back(error) => switch_hint(error),
        BisectError::Failed(trouble) => trouble_hint(trouble),
        BisectError::Vague => Some(
            Line::of("say them with ")
                .code("selkie bisect bad")
                .plain(" and ")
                .code("selkie bisect good SEAL"),
        ),
        BisectError::NoSeal => None,
    }
}

/// What to type after a clone that was not made.
pub(super) fn clone_hint(error: &CloneError) -> Option<Line> {
    match error {
        CloneError::Failed(trouble) => trouble_hint(trouble),
        CloneError::Objects(_) | CloneError::Unsound(_) => {
            Some(Line::of("look at it there with ").code("selkie verify"))
        }
        CloneError::Place(PlaceError::NotEmpty(_)) => {
            Some(Line::of("name another folder behind it"))
        }
        CloneError::Bundle(BundleError::Open(OpenBundleError::Lacking(_))) => {
            Some(Line::of("clone what it builds upon, and there type ").code("selkie bundle take"))
        }
        CloneError::Bundle(error) => bundle_hint(error),
        CloneError::Place(PlaceError::Busy(_) | PlaceError::Folder { .. })
        | CloneError::NoTimeline(_)
        | CloneError::Refused { .. }
        | CloneError::Log(_)
        | CloneError::View(_)
        | CloneError::Workspace(_) => None,
    }
}

/// What to type after a bundle that was not written or not taken.
pub(super) fn bundle_hint(error: &BundleError) -> Option<Line> {
    match error {
        BundleError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        BundleError::Private(name) => {
            let share = format!("selkie timeline private --off {name}");
            Some(Line::of("a bundle is for others; let them know it with ").code(&share))
        }
        BundleError::Open(OpenBundleError::Lacking(_)) => {
            Some(Line::of("take in a bundle that brings these first"))
        }
        BundleError::NotInIt(_) => {
            Some(Line::of("see what it brings with ").code("selkie bundle list FILE"))
        }
        BundleError::Failed(trouble) => trouble_hint(trouble),
        BundleError::Nothing | BundleError::Write(_) | BundleError::Open(_) => None,
    }
}

/// What to type after nothing was gathered.
pub(super) fn gather_hint(error: &GatherError) -> Option<Line> {
    match error {
        GatherError::Nothing(_) => Some(Line::of("see what there is with ").code("selkie status")),
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

/// What ends a fuse.
fn underway() -> Line {
    let line = Line::of("end it with ").code("selkie seal").plain(" or let go of it with ");
    line.code("selkie fuse --abort")
}

/// What to type after nothing was brought together.
pub(super) fn fuse_hint(error: &FuseError) -> Option<Line> {
    match error {
        FuseError::NoTimeline => Some(Line::of("begin one with ").code("selkie switch -c NAME")),
        FuseError::NotDiverged(_) => {
            Some(Line::of("name what to bring here: ").code("selkie fuse TIMELINE"))
        }
        FuseError::NoSeal => Some(Line::of("make one with ").code("selkie seal")),
        FuseError::Gathered => {
            Some(Line::of("seal it, or let go of it with ").code("selkie release"))
        }
        FuseError::Underway => Some(underway()),
        FuseError::Blocked(_) => Some(Line::of("seal or discard them first")),
        FuseError::Failed(trouble) => trouble_hint(trouble),
        FuseError::NotUnderway | FuseError::Unrelated(_) | FuseError::TooLarge(_) => None,
    }
}

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

/// What to type after what was not sealed.
pub(super) fn seal_hint(error: &SealError) -> Option<Line> {
    match error {
        SealError::Nothing | SealError::Moved => {
            Some(Line::of("see what there is with ").code("selkie status"))
        }
        SealError::Open(_) => {
            let line = Line::of("see them with ").code("selkie conflicts");
            Some(line.plain(", or seal them as they are: ").code("--with-conflicts"))
        }
        SealError::NoTimeline => Some(Line::of("begin one with ").code("selkie switch -c NAME")),
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

/// What to type after a shelf that was not made or taken.
pub(super) fn shelf_hint(error: &ShelfError) -> Option<Line> {
    match error {
        ShelfError::Underway => Some(underway()),
        ShelfError::Nothing => Some(Line::of("see what there is with ").code("selkie status")),
        ShelfError::Unknown(_) | ShelfError::There(_) | ShelfError::Full => {
            Some(Line::of("see all with ").code("selkie shelf list"))
        }
        ShelfError::Disputed(_) => Some(
            Line::of("seal or shelve what is here, or go where it was made with ")
                .code("selkie travel")
                .plain(", and try again"),
        ),
        ShelfError::Failed(trouble) => trouble_hint(trouble),
        ShelfError::Empty | ShelfError::Long(_) | ShelfError::Same(_) => None,
    }
}

/// What to type after what failed below.
pub(in crate::error) fn trouble_hint(trouble: &Trouble) -> Option<Line> {
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
        | Trouble::Compare(_)
        | Trouble::History(_) => None,
    }
}

/// What to type after files stood in the way of an undo. Any other command would be what is undone next.
pub(super) fn back_hint(error: &PerformError) -> Option<Line> {
    match error {
        PerformError::Files(FollowError::Blocked(_) | FollowError::Stuck { .. }) => {
            let line =
                Line::of("they changed since: keep a copy elsewhere, make each what it was with ");
            Some(line.code("selkie cat PATH > PATH").plain(", and try again"))
        }
        PerformError::Moved(_) => Some(
            Line::of("others went on from there: take back what a seal changed with ")
                .code("selkie reverse SEAL"),
        ),
        error => perform_hint(error),
    }
}

/// What to type after a place that was not gone back to.
pub(super) fn return_hint(error: &BackError) -> Option<Line> {
    match error {
        BackError::Unknown(_) | BackError::NotInForce(_) => {
            Some(Line::of("see what there is with ").code("selkie op log"))
        }
        BackError::Perform { source, .. } => back_hint(source),
        BackError::Take(source) => perform_hint(source),
        BackError::Newest(_) | BackError::Operations(_) => None,
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
        PerformError::Past(number) => {
            Some(Line::of("go back there with ").code(&format!("selkie op restore {number}")))
        }
        PerformError::Writer(source)
            if matches!(
                source.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Some(Line::of("you may look at this clone, and not change it"))
        }
        PerformError::Barred(_)
        | PerformError::Key(_)
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
            Some(Line::of("what you wrote is there again when you try again"))
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

/// What to type after files that were not moved.
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

/// What to type after files that were not removed.
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

/// What to type after lines that nobody can be named for.
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

/// What to type after a timeline that was not changed.
pub(super) fn timeline_hint(error: &TimelineError) -> Option<Line> {
    match error {
        TimelineError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        TimelineError::Failed(trouble) => trouble_hint(trouble),
        TimelineError::Private(name) => {
            let tell = format!("selkie timeline private --off {name}");
            Some(Line::of("tell others of it with ").code(&tell))
        }
        TimelineError::Diverged(_) => {
            Some(Line::of("bring them together with ").code("selkie fuse"))
        }
        TimelineError::Here(_)
        | TimelineError::Already(_)
        | TimelineError::There(_)
        | TimelineError::NoSeal => None,
    }
}

/// What to type after a tag that was not changed.
pub(super) fn tag_hint(error: &TagError) -> Option<Line> {
    match error {
        TagError::Private => {
            let tell = "selkie timeline private --off NAME";
            Some(Line::of("tell others of its timeline first with ").code(tell))
        }
        TagError::Unknown(_) => Some(Line::of("see all with ").code("selkie tag list")),
        TagError::There(name) => {
            let remove = format!("selkie tag remove {name}");
            Some(Line::of("let go of it first with ").code(&remove))
        }
        TagError::Failed(trouble) => trouble_hint(trouble),
    }
}
