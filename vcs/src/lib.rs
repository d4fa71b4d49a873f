//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! The decisions are in `DESIGN.md` beside this crate.

mod strategy;
mod seal_name;
mod when;
mod few;
mod pattern;
mod glob;
mod quote;
mod ignore;
mod attributes;
mod tree;
mod rename;
mod text;
mod merge;
mod rules;
mod patch;
mod markers;
mod conflict;
mod choose;
mod work;
mod graph;
mod unasked;
mod heads;
mod divergence;
mod question;
mod evolution;
mod again;
#[cfg(test)]
mod lots;
mod blame;
mod rev;
mod shared;
mod retelling;
mod memory;
mod shelf;
mod hunt;
mod desk;
mod chronicle;
mod lineage;
mod protection;
mod privacy;
mod operation;
mod journal;
mod past;
mod repository;
mod keys;
mod channel_name;
mod register;
mod workspace;
mod donor;
mod bundle;
mod git;
mod verb;

pub use self::again::Again;
pub use self::attributes::{Attributes, DiffAttribute, LineEnd, LineEnds, MergeAttribute};
pub use self::blame::certainty::Certainty;
pub use self::blame::graphed::{GraphedHistory, GraphedHistoryError, Unsealed};
pub use self::blame::stored::{StoredHistory, StoredHistoryError};
pub use self::blame::{Blame, BlameError, BlameProgress, Blamed, Blaming, History};
pub use self::bundle::contents::Contents;
pub use self::bundle::format::UnreadableBundle;
pub use self::bundle::{Bundle, OpenBundleError, WriteBundleError};
pub use self::channel_name::ChannelName;
pub use self::choose::{Answer, Chosen, Part, Way, chosen, parts};
pub use self::chronicle::{Chronicle, Cure, Remedy};
pub use self::desk::Desk;
pub use self::divergence::{AUTOMATIC, TimelineStrategy, Waiting, automatic, is_automatic};
pub use self::donor::Donor;
pub use self::evolution::{Version, evolution};
pub use self::git::id::{GitId, GitKind};
pub use self::git::place::GitPlace;
pub use self::git::problem::{GitError, GitPlaceError, Problem, Unkept};
pub use self::git::respelled::respelled;
pub use self::graph::ancestry::Distance;
pub use self::graph::error::GraphError;
pub use self::graph::file::{GraphFile, Saved};
pub use self::graph::grow::{GrowError, Paths};
pub use self::graph::history::{Change, HistoryError, PathHistory, Renames};
pub use self::graph::index::Graph;
pub use self::graph::lanes::{Arms, Cell, Drawn, Lanes, Link, Stroke};
pub use self::graph::row::{Entry, Facts, Known, Row};
pub use self::graph::rows::RowSet;
pub use self::graph::touched::{Touch, Touched, path_number};
pub use self::graph::trees::TreeReader;
pub use self::graph::walk::{Grouped, Line, Walk};
pub use self::heads::fold_heads;
pub use self::hunt::Hunt;
pub use self::ignore::change::{PatternChange, PatternChangeError};
pub use self::ignore::list::{PatternList, Verdict};
pub use self::ignore::pattern::Shape;
pub use self::ignore::{FILES, Ignore};
pub use self::journal::{Logged, Outcome};
pub use self::keys::Keys;
pub use self::memory::Memory;
pub use self::merge::file::{Merging, merge_file};
pub use self::merge::file_type::{FileType, Nature};
pub use self::merge::key_pattern::KeyPattern;
pub use self::merge::merged::{MarkerLabels, MergeWarning, Merged};
pub use self::merge::part::{
    Decided, MergeConflict, MergePart, MergeSide, MergeStep, RuleSource, Ruling, Took,
};
pub use self::merge::rules::{MergeRules, Ruled, Settling, Voice};
pub use self::operation::{Files, Kind, Operation, Record};
pub use self::past::PastError;
pub use self::patch::parse::{PatchError, PatchProblem, parse_edited, parse_patch};
pub use self::patch::{FileMode, FilePatch, FileVersion, PatchBody, PatchSide};
pub use self::pattern::{Letters, Pattern, PatternError, Syntax, Words};
pub use self::privacy::Privacy;
pub use self::register::Register;
pub use self::rename::sample::Sample;
pub use self::rename::{
    Copies, FindingRenames, Origin, Paired, PathChange, Shortfall, Side, directory_moves,
    pair_renames,
};
pub use self::repository::{Bare, Follow, Hand, PerformError, Repository, RepositoryError};
pub use self::rev::ast::{Call, Expr, Moment, Narrowing, Place, Says, Subject};
pub use self::rev::ends::Ends;
pub use self::rev::error::{Candidate, ParseRevError, RevError, RevProblem};
pub use self::rev::eval::Selected;
pub use self::rev::name::{RefNameError, TagName, TimelineName};
pub use self::rev::parse::parse_rev;
pub use self::rev::resolve::{LookupError, Lookups, Revs, Then};
pub use self::rules::read::{RulesError, RulesProblem};
pub use self::rules::{FileRule, Rules};
pub use self::seal_name::{ChangeRange, SealName, change_letters, changes_by_letters};
pub use self::shared::{Attribute, Move, Named, Shared, State, Timeline, ids, spelled};
pub use self::shelf::{Comes, Shelf};
pub use self::strategy::Strategy;
pub use self::text::apply::{HunkError, apply_hunks};
pub use self::text::compare::{
    Algorithm, BlankLines, Comparing, LineChange, LineCount, OddBytes, TextChanges, Weight,
    compare_lines,
};
pub use self::text::heading::Heading;
pub use self::text::hunk::{CONTEXT_LINES, Fate, Hunk, HunkLine};
pub use self::text::lines::{Text, TooLong, is_binary};
pub use self::text::marks::Effort;
pub use self::text::merge3::{Merge3, Region3, RegionKind, merge3};
pub use self::text::space::Space;
pub use self::text::span::{Span, SpanError};
pub use self::text::weave::weave_words;
pub use self::text::words::{WordChanges, compare_words};
pub use self::tree::compare::{CompareError, TreeChange, TreeChangeKind, TreeChanges};
pub use self::tree::edit::{EditError, Edits, edit};
pub use self::tree::filter::{FilterError, PathFilter};
pub use self::tree::fuse::content::Versions;
pub use self::tree::fuse::fuse_trees;
pub use self::tree::fuse::fused::{Decision, Fused, FusingError, Rule};
pub use self::tree::fuse::source::{Arbiter, Following, Fusing, Source};
pub use self::verb::crossing::{CrossingError, Shelved, Unfinished};
pub use self::verb::decided::decisions;
pub use self::verb::replay::{Became, Emptied, PLUCKED, REVERSED, Replayed};
pub use self::verb::rewrite::{Others, RewriteError, Rewritten};
pub use self::verb::trouble::Trouble;
pub use self::verb::{
    annotate, archive, arrive, back, bisect, bundling, cat, clone, commanded, conflicts, converge,
    diff, discard, doctor, explain, find, fuse, gather, gc, git_export, git_import, git_link,
    git_push, ignoring, keep_up, log, moving, offer, pluck, rebase, remove, repair, resolve,
    restore, reverse, seal, settling, shelves, split, squash, stats, status, switch, tag, timeline,
    undo, verify,
};
pub use self::when::show::{DateStyle, show_ago, show_date, wall_clock};
pub use self::when::{WhenError, parse_when};
pub use self::work::door::Door;
pub use self::work::folding::Folding;
pub use self::work::follow::{Clock, Copy, FollowError};
pub use self::work::index::against::{Against, Difference};
pub use self::work::index::rebase::{Seen, TreeError};
pub use self::work::index::{Cache, Index};
pub use self::work::progress::{Progress, Watch};
pub use self::work::record::{RecordError, Recorded, record};
pub use self::work::scan::scan;
pub use self::work::stat::{Form, Stat};
pub use self::work::status::{
    Asked, AskedIgnored, AskedUnknown, ChangeKind, FileChange, Learned, Litter, Refused, Status,
    Unknown, UnknownKind, Unread,
};
pub use self::work::unsettled::UnsettledError;
pub use self::work::write::apply::{ApplyError, apply, sweep};
pub use self::work::write::observe::{Leaving, ObserveError, Observed, OnDisk, observe};
pub use self::work::write::plan::{Act, Blocked, Names, Overwrite, Plan, Policy, Step, Why, plan};
pub use self::workspace::{Doer, Workspace, WorkspaceError};
