//! How an error is told.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use selkie_vcs::bundling::BundleError;
use selkie_vcs::clone::CloneError;
use selkie_vcs::converge::ConvergeError;
use selkie_vcs::discard::DiscardError;
use selkie_vcs::gather::GatherError;
use selkie_vcs::keep_up::KeepUpError;
use selkie_vcs::restore::RestoreError;
use selkie_vcs::{OpenBundleError, PastError, Trouble, WorkspaceError};

use crate::config::ConfigError;
use crate::error::detail::{git_details, lacking, pointed, rev_details};
use crate::error::hint::{
    annotate_hint, back_hint, bisect_hint, bundle_hint, clone_hint, config_hint, editor_hint,
    fuse_hint, gather_hint, hook_hint, move_hint, offer_hint, perform_hint, remove_hint,
    return_hint, rev_hint, rewrite_hint, seal_hint, shelf_hint, switch_hint, tag_hint,
    timeline_hint, trouble_hint,
};
use crate::error::hint_conflict::{conflicts_hint, merge_tool_hint, settling_hint};
use crate::error::hint_git::git_hint;
use crate::error::hint_look::{ignoring_hint, template_hint, tool_hint};
use crate::error::{CliError, Near};
use crate::label::Label;
use crate::line::Line;
use crate::out::Out;
use crate::passed::not_gathered;

/// What an exit code says. The help of the program lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    /// It failed.
    Failed = 1,
    /// The command line can not be understood.
    Usage = 2,
}

impl CliError {
    /// Tells the user, and answers with the exit code. A reader that closed the pipe had enough:
    /// that is no failure and gets no message.
    pub(crate) fn report(&self, out: &mut Out) -> ExitCode {
        if self.is_closed_pipe() {
            return ExitCode::SUCCESS;
        }
        let mut text = in_words(&self.to_string());
        let mut source = self.source();
        while let Some(cause) = source {
            let more = in_words(&cause.to_string());
            // Wrappers that add nothing repeat what they wrap.
            if !text.ends_with(&more) {
                text = format!("{text}: {more}");
            }
            source = cause.source();
        }
        let error = Line::default().put(Label::Error, "error").plain(": ").plain(&text);
        let hint = self.hint().or_else(|| self.disk_hint());
        let hint = hint.map(|hint| Line::note("hint").then(&hint));
        for line in std::iter::once(error).chain(self.details()).chain(hint) {
            // When standard error is gone too, the exit code is all that is left to say.
            let _unprinted = out.warn(&line);
        }
        ExitCode::from(self.code() as u8)
    }

    /// What there is to see of it, line by line.
    fn details(&self) -> Vec<Line> {
        match self {
            Self::Rev(wrong) => rev_details(&wrong.text, &wrong.source),
            Self::Template(error) => pointed(&error.text, &error.place).into(),
            Self::Unsealed { words, .. } | Self::Refused { words, .. } => {
                let words = words.to_string_lossy();
                vec![Line::of("Your words are kept in ").code(&words).plain(".")]
            }
            Self::Gather(GatherError::Nothing(found)) => not_gathered(found).collect(),
            Self::Bundle(BundleError::Open(OpenBundleError::Lacking(seals))) => lacking(seals),
            Self::Git(error) => git_details(error),
            Self::Clone(error) => match &**error {
                CloneError::Bundle(BundleError::Open(OpenBundleError::Lacking(seals))) => {
                    lacking(seals)
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What to type next, if that is known.
    fn hint(&self) -> Option<Line> {
        match self {
            Self::Config(error) => config_hint(error),
            Self::Unset(key) if key.starts_with("trust.key.") => {
                Some(Line::of("see whom you trust with ").code("selkie trust"))
            }
            Self::Unset(key) => {
                Some(Line::of("set it with ").code(&format!("selkie config set {key} VALUE")))
            }
            Self::AliasCircle(_) | Self::AliasQuote(_) => {
                Some(Line::of("see ").code("selkie config list"))
            }
            Self::NoSeal => Some(Line::of("make one with ").code("selkie seal")),
            Self::Nameless => {
                Some(Line::of("tell it with ").code("selkie config set user.name 'Your Name'"))
            }
            Self::Workspace(WorkspaceError::Untrusted(_)) => {
                Some(Line::of("list it with ").code("selkie config set trust.folders FOLDER"))
            }
            Self::Workspace(WorkspaceError::Nowhere(_)) => {
                Some(Line::of("begin one here with ").code("selkie forge"))
            }
            Self::Gather(error) => gather_hint(error),
            Self::Fuse(error) => fuse_hint(error),
            Self::Strategy(error) => error.hint(),
            Self::Rewrite(error) => rewrite_hint(error),
            Self::Conflicts(error) => conflicts_hint(error),
            Self::MergeTool(error) => merge_tool_hint(error),
            Self::Settling(error) => settling_hint(error),
            Self::Nowhere(_) | Self::Discard(DiscardError::Nothing) => {
                Some(Line::of("see what there is with ").code("selkie status"))
            }
            Self::Seal(error) | Self::Unsealed { source: error, .. } => seal_hint(error),
            Self::Offer(error) => offer_hint(error),
            Self::Editor(error) => editor_hint(error),
            Self::Hook(error) | Self::Refused { source: error, .. } => hook_hint(error),
            Self::Wordless => {
                Some(Line::of("say what it is for with ").code("selkie seal -m TEXT"))
            }
            Self::NoHook(_) => Some(Line::of("see what there is with ").code("selkie hooks list")),
            Self::Switch(error) => switch_hint(error),
            Self::Bisect(error) => bisect_hint(error),
            Self::Shelf(error) => shelf_hint(error),
            Self::Timeline(error) => timeline_hint(error),
            Self::Tool(error) => tool_hint(error),
            Self::Tag(error) => tag_hint(error),
            Self::Clash { remake: Some(command), .. } => {
                Some(Line::of("take one side and write it anew with ").code(command))
            }
            Self::Move(error) => move_hint(error),
            Self::Remove(error) => remove_hint(error),
            Self::Pattern(_) => Some(Line::of("for a text that means itself there is ").code("-F")),
            Self::Ignoring(error) => ignoring_hint(error),
            Self::Annotate(error) => annotate_hint(error),
            Self::Rev(wrong) => rev_hint(&wrong.source),
            Self::Template(error) => Some(template_hint(&error.wrong)),
            Self::Past(PastError::Unknown(_)) => {
                Some(Line::of("see all with ").code("selkie op log"))
            }
            Self::Perform(error) => perform_hint(error),
            Self::Back(error) => back_hint(error),
            _ => self.care_hint(),
        }
    }

    /// What to type after a clone is not what it should be.
    fn care_hint(&self) -> Option<Line> {
        match self {
            Self::Return(error) => return_hint(error),
            Self::Ending(_) => Some(
                Line::of("end it with .tar, .tar.gz or .zip, or say it with ").code("--format"),
            ),
            Self::Screen => Some(Line::of("name a file with ").code("-o FILE")),
            Self::NoFolder(_) => {
                Some(Line::of("who has it prints what to type with ").code("selkie invite"))
            }
            Self::Bundle(error) => bundle_hint(error),
            Self::Git(error) => git_hint(error),
            Self::GitRemote(error) => error.hint(),
            Self::Network(error) => error.hint(),
            Self::Clone(error) => clone_hint(error),
            Self::Take(_) => {
                Some(Line::of("see what is open with ").code("selkie resolve --parts"))
            }
            Self::Screenless => Some(
                Line::of("settle them in lines with ")
                    .code("selkie resolve --plain")
                    .plain(", in a tool with ")
                    .code("--tool")
                    .plain(", or edit the file"),
            ),
            Self::Unsound(_) => Some(
                Line::of("mend it from another clone with ").code("selkie repair --from FOLDER"),
            ),
            Self::Lost(_) => {
                Some(Line::of("name a clone that may have them with ").code("--from FOLDER"))
            }
            Self::Forged(_) => Some(Line::of("no repair makes them true: ask who sent them")),
            _ => self.slip_hint(),
        }
    }

    /// What to type in the place of what was mistyped.
    fn slip_hint(&self) -> Option<Line> {
        match self {
            Self::NoTimeline { near: Near::Timeline(near), .. } => {
                Some(Line::of("did you mean ").code(near).plain("?"))
            }
            Self::NoTimeline { near: Near::Seal, name } => {
                Some(Line::of("go to that seal with ").code(&format!("selkie travel {name}")))
            }
            Self::NoTimeline { near: Near::Nothing, .. } => {
                Some(Line::of("see all with ").code("selkie timeline list"))
            }
            Self::NoCommand { nearest: Some(nearest), .. } => {
                Some(Line::of("did you mean ").code(&format!("selkie {nearest}")).plain("?"))
            }
            Self::NoCommand { nearest: None, .. } => {
                Some(Line::of("see all with ").code("selkie --help"))
            }
            Self::Habit { here, .. } => {
                Some(Line::of("here it is ").code(&format!("selkie {here}")))
            }
            _ => self.trouble().and_then(trouble_hint),
        }
    }

    /// What to do where the system has no room, whatever it was for.
    fn disk_hint(&self) -> Option<Line> {
        let mut source = Some(self as &(dyn Error + 'static));
        while let Some(cause) = source {
            let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            if let Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) = kind {
                return Some(Line::of("nothing is lost: make room, and type it again"));
            }
            source = cause.source();
        }
        None
    }

    /// What failed below, whatever the command was.
    const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Discard(DiscardError::Failed(trouble))
            | Self::Restore(RestoreError::Failed(trouble))
            | Self::Converge(ConvergeError::Failed(trouble))
            | Self::KeepUp(KeepUpError::Failed(trouble)) => Some(trouble),
            _ => None,
        }
    }

    const fn code(&self) -> Code {
        match self {
            Self::Config(ConfigError::Unknown { .. } | ConfigError::NoValue(_))
            | Self::Habit { .. }
            | Self::NoCommand { .. }
            | Self::OnePath(_)
            | Self::Ending(_)
            | Self::Screen
            | Self::NoPast(_)
            | Self::Template(_) => Code::Usage,
            _ => Code::Failed,
        }
    }

    fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// A cause as people say it: without the number that the system has for it, and without a file that is there for a moment.
fn in_words(cause: &str) -> String {
    let is_ours = |at: &usize| cause[*at..].contains("/selkie-") || cause[*at..].contains("/.tmp");
    let end = cause.rfind(" at path \"").filter(is_ours).unwrap_or(cause.len());
    let mut told = cause[..end].to_owned();
    while let Some(from) = told.find(" (os error ") {
        let Some(length) = told[from..].find(')') else { break };
        told.replace_range(from..=from + length, "");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_told_in_words() {
        let table = [
            ("'a' cannot be read: No such file (os error 2)", "'a' cannot be read: No such file"),
            ("Denied (os error 13) at path \"/x/selkie-archive-1\"", "Denied"),
            ("gone (os error 2): again (os error 2)", "gone: again"),
            ("an (os error of somebody", "an (os error of somebody"),
            ("there at path \"mine\"", "there at path \"mine\""),
        ];
        for (cause, told) in table {
            assert_eq!(in_words(cause), told);
        }
    }
}
