//! What to type next where history did not come from git, or not go there.

use selkie_vcs::{GitError, GitPlaceError};

use crate::error::hint::trouble_hint;
use crate::line::Line;

/// What to type after nothing was imported or exported.
pub(super) fn git_hint(error: &GitError) -> Option<Line> {
    match error {
        GitError::Place(GitPlaceError::Shallow) => {
            Some(Line::of("bring the rest with ").code("git fetch --unshallow"))
        }
        GitError::Place(GitPlaceError::Partial) => {
            Some(Line::of("clone it whole with ").code("git clone"))
        }
        GitError::Place(GitPlaceError::Hash(_) | GitPlaceError::Refs(_)) => Some(
            Line::of("make one that is understood with ")
                .code("git fast-export --all")
                .plain(" and ")
                .code("git fast-import"),
        ),
        GitError::Unkept(_) => {
            Some(Line::of("leave out what leads there with ").code("--incomplete"))
        }
        GitError::Unknown(_) => Some(Line::of("see all with ").code("selkie timeline list")),
        GitError::Private(name) => {
            let share = format!("selkie timeline private --off {name}");
            Some(Line::of("let others know it with ").code(&share))
        }
        GitError::Diverged(_) => {
            Some(Line::of("bring its heads together with ").code("selkie fuse"))
        }
        GitError::Conflict { .. } => {
            Some(Line::of("let it go as text with markers with ").code("--markers"))
        }
        GitError::Losing(_) => Some(
            Line::of("bring them here first with ")
                .code("selkie git import")
                .plain(", or let them go with ")
                .code("--force"),
        ),
        GitError::CheckedOut(_) => Some(
            Line::of("let ")
                .code("git switch --detach")
                .plain(" go there first, or export to a bare repository"),
        ),
        GitError::Unlinked => Some(Line::of("link it with ").code("selkie git link")),
        GitError::Linked => Some(Line::of("let it go with ").code("selkie git unlink")),
        GitError::Gone => Some(
            Line::of("link with the one that is here with ")
                .code("selkie git link")
                .plain(", or let it go with ")
                .code("selkie git unlink"),
        ),
        GitError::Underway(word) => {
            let [go, back] = ["--continue", "--abort"].map(|how| format!("git {word} {how}"));
            Some(Line::of("end it with ").code(&go).plain(" or ").code(&back))
        }
        GitError::Locked(_) => Some(Line::of(
            "where no program of git is running, remove that file; then type it again",
        )),
        GitError::Moved(_) | GitError::Stopped => Some(Line::of("type it again")),
        GitError::Failed(trouble) => trouble_hint(trouble),
        GitError::Place(_)
        | GitError::Nothing
        | GitError::Foreign { .. }
        | GitError::Target(_)
        | GitError::Pairs(_) => None,
    }
}
