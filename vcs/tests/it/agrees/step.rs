//! What is done in a walk, drawn by lot.

use selkie_vcs::bisect::Mark;
use selkie_vcs::moving::Taken;
use selkie_vcs::remove::Removal;
use selkie_vcs::{TimelineStrategy, Unfinished};

use crate::agrees::elsewhere::Deed;
use crate::lots::Lots;

/// Few, so that they meet; among them one that is now a file and now a folder.
const PATHS: [&str; 6] = ["a", "b", "d", "d/x", "d/y", "e/f/g"];
const TIMELINES: [&str; 3] = ["main", "side", "third"];
/// Names of shelves, among them those that a switch would give.
const SHELVES: [&str; 3] = ["main", "main", "side"];
const STRATEGIES: [TimelineStrategy; 5] = [
    TimelineStrategy::AutoMerge,
    TimelineStrategy::PreferLocal,
    TimelineStrategy::PreferRemote,
    TimelineStrategy::LastWrite,
    TimelineStrategy::Manual,
];

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Write(&'static str, usize),
    Append(&'static str),
    Remove(&'static str),
    Flip(&'static str),
    Gather(&'static str),
    GatherPart(&'static str),
    Release,
    ReleasePath(&'static str),
    Seal,
    Amend(usize),
    Begin(&'static str),
    Switch(&'static str, Unfinished),
    Fuse(&'static str),
    FuseHeads,
    Pluck(&'static str),
    Reverse,
    Rebase(&'static str),
    Squash,
    Save(&'static str),
    Pop(&'static str),
    Relocate(&'static str, &'static str, Taken),
    Forget(&'static str, Removal),
    Search,
    Mark(Mark),
    EndSearch,
    There(Deed),
    Hear,
    TakeBundle,
    KeepUp,
    Strategy(&'static str, usize),
    Converge,
    Undo,
    Redo,
    BackAndForth(usize),
    Collect,
}

impl Step {
    /// The strategy of this number.
    pub(super) fn strategy(number: usize) -> TimelineStrategy {
        STRATEGIES[number].clone()
    }
}

/// Somewhere to switch to: without it few walks would come that far.
pub(super) fn two_timelines(lots: &mut Lots) -> Vec<Step> {
    let sealed = |lots: &mut Lots| {
        let writes: Vec<_> = (0..3).map(|n| Step::Write(lots.of(&PATHS), n)).collect();
        [writes, vec![Step::Gather(""), Step::Seal]].concat()
    };
    [sealed(lots), vec![Step::Begin("side")], sealed(lots)].concat()
}

/// Two replicas that have a timeline in common, each with a seal of its own on it.
pub(super) fn two_replicas(lots: &mut Lots) -> Vec<Step> {
    let (strategy, path) = (lots.below(5), lots.of(&PATHS));
    let apart = [
        Step::Strategy("main", strategy),
        Step::There(Deed::Hears),
        Step::There(Deed::Seals(lots.of(&PATHS), lots.below(3))),
        Step::Write(path, lots.below(3)),
        Step::Gather(path),
        Step::Seal,
    ];
    [two_timelines(lots), vec![Step::Switch("main", Unfinished::CarryOrShelve)], apart.into()]
        .concat()
}

/// Some seals one after the other, one of which is looked for.
pub(super) fn a_search(lots: &mut Lots) -> Vec<Step> {
    let seal = |n: usize| [Step::Write("a", n % 3), Step::Gather(""), Step::Seal];
    let more = (0..5).flat_map(seal).collect();
    let looks = vec![Step::Search, Step::Mark(lots.of(&[Mark::Good, Mark::Bad, Mark::Skip]))];
    [two_timelines(lots), more, looks].concat()
}

pub(super) fn any_step(lots: &mut Lots) -> Step {
    let path = lots.of(&PATHS);
    match lots.below(84) {
        0..5 => Step::Write(path, lots.below(3)),
        5..7 => Step::Append(path),
        7..9 => Step::Remove(path),
        9 => Step::Flip(path),
        10..12 => Step::Gather(lots.of(&["", "", "a", "d", "d/x", "e"])),
        12 => Step::GatherPart(lots.of(&["", "", "a", "d", "d/x", "e"])),
        13 => Step::Release,
        14..17 => Step::Seal,
        17 => Step::Amend(lots.below(2)),
        18..20 => Step::Begin(lots.of(&TIMELINES)),
        20..27 | 40..43 => Step::Switch(lots.of(&TIMELINES), any_fate(lots)),
        49..52 => Step::Fuse(lots.of(&TIMELINES)),
        27..29 => Step::Undo,
        29 => Step::Redo,
        30..32 => Step::Save(lots.of(&SHELVES)),
        32..36 => Step::Pop(lots.of(&SHELVES)),
        36..38 => Step::Relocate(
            lots.of(&["a", "b", "d", "d/x", "e"]),
            lots.of(&["a", "b", "d", "d/y", "e", "e/f"]),
            if lots.below(4) == 0 { Taken::Replace } else { Taken::Refuse },
        ),
        38..40 => Step::Forget(
            lots.of(&["a", "b", "d", "d/x", "e"]),
            lots.of(&[Removal::Careful, Removal::Forced, Removal::Forget]),
        ),
        43..46 => Step::ReleasePath(lots.of(&["", "", "", "", "", "a", "d", "e"])),
        46 => Step::Collect,
        52..54 => Step::Pluck(lots.of(&TIMELINES)),
        54 => Step::Reverse,
        55..58 => Step::Rebase(lots.of(&TIMELINES)),
        58..60 => Step::Squash,
        60..62 => Step::Search,
        62..65 => Step::Mark(lots.of(&[Mark::Good, Mark::Bad, Mark::Skip])),
        65..67 => Step::EndSearch,
        67..72 => Step::There(any_deed(lots)),
        72..75 => Step::Hear,
        75..77 => Step::TakeBundle,
        77 => Step::KeepUp,
        78 => Step::Strategy(lots.of(&TIMELINES), lots.below(5)),
        79..81 => Step::Converge,
        81..83 => Step::FuseHeads,
        _ => Step::BackAndForth(1 + lots.below(5)),
    }
}

/// Mostly the usual one.
fn any_fate(lots: &mut Lots) -> Unfinished {
    match lots.below(8) {
        0 => Unfinished::Carry,
        1 => Unfinished::Refuse,
        2 => Unfinished::Shelve,
        _ => Unfinished::CarryOrShelve,
    }
}

fn any_deed(lots: &mut Lots) -> Deed {
    match lots.below(6) {
        0 => Deed::Hears,
        1 => Deed::Begins(lots.of(&TIMELINES)),
        2 => Deed::Goes(lots.of(&TIMELINES)),
        _ => Deed::Seals(lots.of(&PATHS), lots.below(3)),
    }
}
