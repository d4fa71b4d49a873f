//! The rules, one file each, and the one list of them.

mod arrows;
mod circles;
mod commands;
mod designs;
mod docs;
mod face;
mod holds;
mod imports;
mod leftovers;
mod length;
mod links;
mod machine;
mod names;
mod panics;
mod purity;
mod reasons;
mod tables;
mod waits;

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

/// A rule looks at the whole tree and answers with what breaks it.
type Rule = fn(&House) -> Vec<Complaint>;

const RULES: &[Rule] = &[
    arrows::manifests,
    arrows::sources,
    circles::circles,
    commands::commands,
    designs::designs,
    docs::bare,
    docs::banners,
    face::faces,
    holds::batches,
    imports::globs,
    imports::from_the_root,
    leftovers::macros,
    leftovers::words,
    length::files,
    length::functions,
    length::test_modules,
    links::links,
    machine::paths,
    names::files,
    names::types,
    names::functions,
    panics::unwraps,
    purity::crdt,
    purity::clocks,
    purity::runtimes,
    purity::prints,
    reasons::lints,
    tables::lints,
    tables::versions,
    waits::ignored,
    waits::sleeps,
];

/// All complaints about `house`, by place.
#[must_use]
pub fn complaints(house: &House) -> Vec<Complaint> {
    let mut all = house.unread.clone();
    all.extend(RULES.iter().flat_map(|rule| rule(house)));
    all.sort();
    all
}
