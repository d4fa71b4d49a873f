//! One file per command: what can be typed, and the one verb it calls. The list of all of them.

use crate::verb::{Group, Verb};

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod man;
pub(crate) mod tour;

/// All commands, in the order of the help.
pub(crate) const VERBS: &[Verb] = &[
    Verb::of::<config::Args>("config", Group::Begin),
    Verb::of::<tour::Args>("tour", Group::Program),
    Verb::of::<completions::Args>("completions", Group::Program),
    Verb::of::<man::Args>("man", Group::Program),
];
