//! What can go wrong in a command, and how it is told.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use selkie_store::{OperationsError, PathError, ReadError, TidyError};
use selkie_tui::StageError;
use selkie_vcs::annotate::AnnotateError;
use selkie_vcs::archive::ArchiveError;
use selkie_vcs::back::BackError;
use selkie_vcs::bisect::BisectError;
use selkie_vcs::bundling::BundleError;
use selkie_vcs::cat::CatError;
use selkie_vcs::clone::CloneError;
use selkie_vcs::conflicts::ConflictsError;
use selkie_vcs::converge::ConvergeError;
use selkie_vcs::diff::DiffError;
use selkie_vcs::discard::DiscardError;
use selkie_vcs::doctor::DoctorError;
use selkie_vcs::find::FindError;
use selkie_vcs::fuse::FuseError;
use selkie_vcs::gather::GatherError;
use selkie_vcs::gc::ClearError;
use selkie_vcs::ignoring::IgnoringError;
use selkie_vcs::keep_up::KeepUpError;
use selkie_vcs::moving::MoveError;
use selkie_vcs::offer::OfferError;
use selkie_vcs::remove::RemoveError;
use selkie_vcs::repair::RepairError;
use selkie_vcs::restore::RestoreError;
use selkie_vcs::seal::SealError;
use selkie_vcs::settling::SettlingError;
use selkie_vcs::shelves::ShelfError;
use selkie_vcs::stats::MeasureError;
use selkie_vcs::status::StandingError;
use selkie_vcs::switch::SwitchError;
use selkie_vcs::tag::TagError;
use selkie_vcs::timeline::TimelineError;
use selkie_vcs::undo::UndoError;
use selkie_vcs::verify::VerifyError;
use selkie_vcs::{
    BlameError, CompareError, Cure, FilterError, GitError, GraphError, GraphedHistoryError,
    GrowError, HistoryError, HunkError, PastError, PatternError, PerformError, RefNameError,
    Remedy, RevError, RewriteError, SpanError, UnreadableBundle, WhenError, WorkspaceError,
};
use thiserror::Error;

use crate::config::ConfigError;
use crate::differences::tool::ToolError;
use crate::editor::EditorError;
use crate::error::git_remote::RemoteError;
use crate::error::network::NetworkError;
use crate::error::strategy::StrategyError;
use crate::error::take::TakeError;
use crate::error::tour::TourError;
use crate::hooks::HookError;
use crate::merge_tool::MergeToolError;
use crate::template::TemplateError;

mod detail;
mod hint;
mod hint_conflict;
pub(crate) mod git_remote;
mod hint_git;
mod hint_look;
pub(crate) mod network;
mod report;
pub(crate) mod strategy;
pub(crate) mod take;
pub(crate) mod tour;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// Standard output could not be written. What the command did before that stays done.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
    /// The settings stand in the way. None was changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder given with `-C` can not be entered. Nothing was done.
    #[error("there is no going into '{folder}'")]
    Folder { folder: String, source: io::Error },
    /// A file that was asked for can not be written.
    #[error("'{path}' cannot be written")]
    Write { path: String, source: io::Error },
    /// A file that was named can not be read. Nothing was written.
    #[error("'{path}' cannot be read")]
    Unreadable { path: String, source: io::Error },
    /// A file was merged but for conflicts, which stand in it between markers.
    #[error("{} left in '{path}'", counted(*conflicts))]
    Clash { path: String, conflicts: usize, remake: Option<&'static str> },
    /// The folder that the command was typed in is gone, or closed.
    #[error("the folder here can not be used")]
    Here(#[source] io::Error),
    /// Nobody said who makes seals.
    #[error("nobody knows who you are")]
    Nameless,
    /// An author that nobody can be.
    #[error("'{0}' is nobody: write it as 'Name <contact>'")]
    Author(String),
    /// Nobody could write anything.
    #[error(transparent)]
    Editor(#[from] EditorError),
    /// A seal says something. Nothing was sealed.
    #[error("nothing was said, so nothing is sealed")]
    Wordless,
    /// A seal says something. No seals were made one.
    #[error("nothing was said, so nothing is squashed")]
    Unsaid,
    /// Nothing was sealed, and what somebody wrote for it is in this file.
    #[error("{source}")]
    Unsealed { words: PathBuf, source: SealError },
    /// Nothing was offered, or nothing done with it.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// Edited changes of one file that do not fit together. Nothing was done.
    #[error(transparent)]
    Hunk(HunkError),
    /// A hook stands in the way. What it was asked about did not happen.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// A hook has no program.
    #[error("there is no program '.selkie/hooks/{0}' here")]
    NoHook(String),
    /// Words that a hook refused, kept in this file. Nothing was sealed.
    #[error("{source}")]
    Refused { words: PathBuf, source: HookError },
    /// Nobody vouches for a seal.
    #[error("no key signed '{0}' as it is")]
    Unsigned(String),
    /// A path that leads out of the clone.
    #[error("'{0}' is not in this repository")]
    Outside(String),
    /// A path at which nothing is, on disk or known. Nothing was done.
    #[error("there is nothing at '{0}'")]
    Nowhere(String),
    /// A path that no tree can hold.
    #[error(transparent)]
    Path(#[from] PathError),
    /// There is no clone to work in, or it can not be used.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The repository can not be changed. What was begun is finished by the next command.
    #[error(transparent)]
    Perform(#[from] PerformError),
    /// Nothing was gathered or released.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// Nothing was sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Nothing can be told of where the clone stands.
    #[error(transparent)]
    Standing(#[from] StandingError),
    /// The clone stands where it stood.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// The search for a seal does not go on.
    #[error(transparent)]
    Bisect(#[from] BisectError),
    /// Nobody can tell with which seal it went wrong.
    #[error("it was one of these {0}, and of all but the last nobody can tell")]
    Unclear(usize),
    /// A program that tells good from bad ended as none does. The search is where it was.
    #[error("'{command}' ended with {status}, which says neither good nor bad")]
    Judge { command: String, status: ExitStatus },
    /// A program that tells good from bad can not be started.
    #[error("'{command}' can not be started")]
    JudgeStart { command: String, source: io::Error },
    /// Nothing was brought together.
    #[error(transparent)]
    Fuse(#[from] FuseError),
    /// No seal was made again.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// No timeline was settled.
    #[error(transparent)]
    Converge(#[from] ConvergeError),
    /// Nothing is told or said of strategies.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// No conflict was settled.
    #[error(transparent)]
    Conflicts(#[from] ConflictsError),
    /// No merge tool settled a conflict.
    #[error(transparent)]
    MergeTool(#[from] MergeToolError),
    /// Nothing of a draft came into the files.
    #[error(transparent)]
    Settling(#[from] SettlingError),
    /// Nothing was taken of what is open.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// The screen ended too early. What was decided is kept.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The tour stopped.
    #[error(transparent)]
    Tour(#[from] TourError),
    /// A screen was asked for, and there is none.
    #[error("there is no terminal to show a screen on")]
    Screenless,
    /// No timeline was made.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
    /// No tag was set or removed.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// A revision means nothing, or too much.
    #[error(transparent)]
    Rev(Box<Wrong>),
    /// A text that tells how to tell a seal, and does not. Nothing was shown.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A file is followed, and not so many.
    #[error("one file can be followed, not {0}")]
    OnePath(usize),
    /// A date is none.
    #[error(transparent)]
    When(#[from] WhenError),
    /// The history can not be read.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The history can not be brought up to date.
    #[error(transparent)]
    Grow(#[from] GrowError),
    /// The history can not be told to its end.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Nothing was taken back.
    #[error(transparent)]
    Undo(#[from] UndoError<OperationsError>),
    /// What was done is not taken back.
    #[error(transparent)]
    Back(PerformError),
    /// What was done can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// Nobody can look back to an operation.
    #[error(transparent)]
    Past(#[from] PastError),
    /// The command is about now.
    #[error("'selkie {0}' is about now: --at-op is for commands that look at the repository")]
    NoPast(&'static str),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Nothing was sealed yet.
    #[error("there is no seal here yet")]
    NoSeal,
    /// It can not be said what differs.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// Two seals have one difference, three have none.
    #[error("'{0}' is a third seal, and two are compared")]
    ThirdSeal(String),
    /// What was gathered is one side of a comparison already.
    #[error("what is gathered is compared with one seal, not with two")]
    GatheredTwo,
    /// No program shows what differs.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// There is no archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no bundle, or nothing of it was taken in.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file that is no bundle, or a damaged one.
    #[error(transparent)]
    NoBundle(#[from] UnreadableBundle),
    /// A bundle brings what has a name.
    #[error("'{0}' ends at no timeline and no tag")]
    Unnamed(String),
    /// Nothing came from git, or went there.
    #[error(transparent)]
    Git(Box<GitError>),
    /// Nothing was fetched or pushed.
    #[error(transparent)]
    GitRemote(#[from] RemoteError),
    /// A file that does not say how it is to be packed.
    #[error("nobody knows how to pack '{0}'")]
    Ending(String),
    /// An archive is nothing to look at.
    #[error("an archive is nothing to look at on a terminal")]
    Screen,
    /// The file has no bytes to print.
    #[error(transparent)]
    Cat(#[from] CatError),
    /// There is no file whose lines could be told.
    #[error(transparent)]
    Annotate(#[from] AnnotateError),
    /// It can not be told to its end who brought the lines of a file.
    #[error(transparent)]
    Blame(#[from] BlameError<GraphedHistoryError>),
    /// A file can not be looked into.
    #[error(transparent)]
    Find(#[from] FindError),
    /// What was looked for is nowhere.
    #[error("nothing was found")]
    NotFound,
    /// What is looked for is no pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A pattern means no paths.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The file has no such lines.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// Nothing was discarded.
    #[error(transparent)]
    Discard(#[from] DiscardError),
    /// Nothing was moved.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// Nothing was removed.
    #[error(transparent)]
    Remove(#[from] RemoveError),
    /// Nothing was restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The clone does not stand where it stood.
    #[error(transparent)]
    Return(#[from] BackError),
    /// What an operation changed can not be told.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Nothing was cloned.
    #[error(transparent)]
    Clone(Box<CloneError>),
    /// A peer, and not a folder.
    #[error("'{0}' is no folder on this machine")]
    NoFolder(String),
    /// Nothing was shared, or not with all.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The clone does not go along with its timeline.
    #[error(transparent)]
    KeepUp(#[from] KeepUpError),
    /// Nothing can be told of what is ignored, or no rule was changed.
    #[error(transparent)]
    Ignoring(#[from] IgnoringError),
    /// Nothing was let go.
    #[error(transparent)]
    Clear(#[from] ClearError),
    /// It can not be told how the clone is.
    #[error(transparent)]
    Doctor(#[from] DoctorError),
    /// Things that keep the program from working as it should, so many.
    #[error("problems: {0}")]
    Unwell(usize),
    /// The packs were not written anew. All objects are where they were.
    #[error(transparent)]
    Tidy(#[from] TidyError),
    /// It can not be told whether all is whole.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Things are damaged or missing, so many.
    #[error("what is wrong: {0} of the above")]
    Unsound(usize),
    /// Seals are signed by somebody else than they say, so many. All else is whole.
    #[error("seals that are forged: {0}")]
    Forged(usize),
    /// Not all was mended.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// Objects that nobody could give, so many. What was healed stays healed.
    #[error("objects that nobody had: {0}")]
    Lost(usize),
    /// The clone can not be measured.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// No shelf was made, moved or brought back.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// No timeline or tag may have this name.
    #[error("'{name}' is no name for a {kind}")]
    Name { kind: &'static str, name: String, source: RefNameError },
    /// Nothing has the value that was asked for.
    #[error("'{0}' has no value")]
    Unset(String),
    /// An alias leads back to itself. Nothing was done.
    #[error("the alias '{0}' leads back to itself")]
    AliasCircle(String),
    /// An alias opens a quote that it does not close. Nothing was done.
    #[error("the alias '{0}' opens a quote and does not close it")]
    AliasQuote(String),
    /// There is no such timeline. What may have been meant.
    #[error("there is no timeline '{name}'")]
    NoTimeline { name: String, near: Near },
    /// There is no such command. The nearest that there is.
    #[error("there is no command '{typed}'")]
    NoCommand { typed: String, nearest: Option<&'static str> },
    /// Git would understand it. Nothing was done.
    #[error("'selkie {typed}' is git's way to say it")]
    Habit { typed: String, here: String },
}

/// What somebody may have meant by the name of a timeline that is not there.
#[derive(Debug)]
pub(crate) enum Near {
    /// A timeline with nearly that name.
    Timeline(String),
    /// A seal, which is gone to in another way.
    Seal,
    /// Nothing that is known.
    Nothing,
}

impl From<Option<String>> for Near {
    fn from(near: Option<String>) -> Self {
        near.map_or(Self::Nothing, Self::Timeline)
    }
}

/// A revision that means nothing, or too much.
#[derive(Debug, Error)]
#[error("{source}")]
pub(crate) struct Wrong {
    /// What was typed.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) source: RevError,
}

impl CliError {
    /// What is wrong with a revision that somebody typed.
    pub(crate) fn rev(text: &str, source: RevError) -> Self {
        Self::Rev(Box::new(Wrong { text: text.to_owned(), source }))
    }
}

impl From<GitError> for CliError {
    fn from(error: GitError) -> Self {
        Self::Git(Box::new(error))
    }
}

impl From<CloneError> for CliError {
    fn from(error: CloneError) -> Self {
        Self::Clone(Box::new(error))
    }
}

impl Remedy for CliError {
    fn remedy(&self) -> Option<Cure> {
        match self {
            Self::Rev(wrong) => wrong.source.remedy(),
            Self::Graph(GraphError::Damaged)
            | Self::Find(FindError::Graph(GraphError::Damaged)) => Some(Cure::Rebuild),
            Self::Grow(error) => error.remedy(),
            Self::History(error) => error.remedy(),
            Self::Blame(BlameError::History(GraphedHistoryError::Graph(GraphError::Damaged))) => {
                Some(Cure::Rebuild)
            }
            _ => None,
        }
    }
}

fn counted(conflicts: usize) -> String {
    if conflicts == 1 { "1 conflict is".to_owned() } else { format!("{conflicts} conflicts are") }
}
