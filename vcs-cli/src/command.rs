//! One file per command: what can be typed, and the one verb it calls. The list of all of them.

use crate::verb::{Group, Verb};

pub(crate) mod archive;
pub(crate) mod bisect;
pub(crate) mod blame;
pub(crate) mod bundle;
pub(crate) mod cat;
pub(crate) mod clone;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod conflicts;
pub(crate) mod diff;
pub(crate) mod discard;
pub(crate) mod doctor;
pub(crate) mod find;
pub(crate) mod forge;
pub(crate) mod fuse;
pub(crate) mod gather;
pub(crate) mod gc;
pub(crate) mod git;
pub(crate) mod hooks;
pub(crate) mod ignore;
pub(crate) mod invite;
pub(crate) mod join;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod merge_file;
pub(crate) mod r#move;
pub(crate) mod op;
pub(crate) mod p2p;
pub(crate) mod peers;
pub(crate) mod pluck;
pub(crate) mod rebase;
pub(crate) mod redo;
pub(crate) mod release;
pub(crate) mod remove;
pub(crate) mod rendezvous;
pub(crate) mod repair;
pub(crate) mod resolve;
pub(crate) mod restore;
pub(crate) mod reverse;
pub(crate) mod seal;
pub(crate) mod serve;
pub(crate) mod shelf;
pub(crate) mod show;
pub(crate) mod split;
pub(crate) mod squash;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod strategy;
pub(crate) mod switch;
pub(crate) mod sync;
pub(crate) mod tag;
pub(crate) mod timeline;
pub(crate) mod tour;
pub(crate) mod travel;
pub(crate) mod trust;
pub(crate) mod undo;
pub(crate) mod verify;
pub(crate) mod whoami;

/// All commands, in the order of the help.
pub(crate) const VERBS: &[Verb] = &[
    Verb::of::<forge::Args>("forge", Group::Begin).known_as("init"),
    Verb::of::<clone::Args>("clone", Group::Begin),
    Verb::of::<config::Args>("config", Group::Begin),
    Verb::of::<ignore::Args>("ignore", Group::Begin),
    Verb::of::<status::Args>("status", Group::Work).known_as("whereami").looking_back(),
    Verb::of::<gather::Args>("gather", Group::Work).known_as("add"),
    Verb::of::<release::Args>("release", Group::Work).known_as("ungather"),
    Verb::of::<seal::Args>("seal", Group::Work).known_as("commit"),
    Verb::of::<shelf::Args>("shelf", Group::Work).known_as("stash").looking_back(),
    Verb::of::<discard::Args>("discard", Group::Work),
    Verb::of::<restore::Args>("restore", Group::Work),
    Verb::of::<r#move::Args>("move", Group::Work).known_as("mv"),
    Verb::of::<remove::Args>("remove", Group::Work).known_as("rm"),
    Verb::of::<diff::Args>("diff", Group::Look).looking_back(),
    Verb::of::<log::Args>("log", Group::Look).looking_back(),
    Verb::of::<show::Args>("show", Group::Look).looking_back(),
    Verb::of::<blame::Args>("blame", Group::Look).known_as("annotate").looking_back(),
    Verb::of::<cat::Args>("cat", Group::Look).looking_back(),
    Verb::of::<find::Args>("find", Group::Look).known_as("grep").looking_back(),
    Verb::of::<archive::Args>("archive", Group::Look).looking_back(),
    Verb::of::<bundle::Args>("bundle", Group::Look).looking_back(),
    Verb::of::<timeline::Args>("timeline", Group::Timelines).known_as("branch").looking_back(),
    Verb::of::<switch::Args>("switch", Group::Timelines),
    Verb::of::<fuse::Args>("fuse", Group::Timelines).known_as("merge"),
    Verb::of::<conflicts::Args>("conflicts", Group::Timelines),
    Verb::of::<resolve::Args>("resolve", Group::Timelines).known_as("mergetool"),
    Verb::of::<pluck::Args>("pluck", Group::Timelines).known_as("cherry-pick"),
    Verb::of::<reverse::Args>("reverse", Group::Timelines).known_as("revert"),
    Verb::of::<rebase::Args>("rebase", Group::Timelines),
    Verb::of::<squash::Args>("squash", Group::Timelines),
    Verb::of::<split::Args>("split", Group::Timelines),
    Verb::of::<strategy::Args>("strategy", Group::Timelines),
    Verb::of::<travel::Args>("travel", Group::Timelines).known_as("checkout"),
    Verb::of::<bisect::Args>("bisect", Group::Timelines),
    Verb::of::<tag::Args>("tag", Group::Timelines).looking_back(),
    Verb::of::<invite::Args>("invite", Group::Share),
    Verb::of::<join::Args>("join", Group::Share),
    Verb::of::<sync::Args>("sync", Group::Share),
    Verb::of::<serve::Args>("serve", Group::Share),
    Verb::of::<p2p::Args>("p2p", Group::Share),
    Verb::of::<peers::Args>("peers", Group::Share).known_as("remote"),
    Verb::of::<rendezvous::Args>("rendezvous", Group::Share),
    Verb::of::<git::Args>("git", Group::Share),
    Verb::of::<whoami::Args>("whoami", Group::Share),
    Verb::of::<undo::Args>("undo", Group::Care),
    Verb::of::<redo::Args>("redo", Group::Care),
    Verb::of::<op::Args>("op", Group::Care).looking_back(),
    Verb::of::<doctor::Args>("doctor", Group::Care),
    Verb::of::<verify::Args>("verify", Group::Care).known_as("fsck"),
    Verb::of::<repair::Args>("repair", Group::Care),
    Verb::of::<gc::Args>("gc", Group::Care),
    Verb::of::<stats::Args>("stats", Group::Care).known_as("count-objects"),
    Verb::of::<hooks::Args>("hooks", Group::Care),
    Verb::of::<trust::Args>("trust", Group::Care),
    Verb::of::<merge_file::Args>("merge-file", Group::Program),
    Verb::of::<tour::Args>("tour", Group::Program),
    Verb::of::<completions::Args>("completions", Group::Program),
    Verb::of::<man::Args>("man", Group::Program),
];
