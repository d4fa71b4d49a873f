//! The working copy from outside: real folders, real stores, real processes.

mod agrees;
mod amend;
mod anew;
mod bundles;
mod clones;
mod converge;
mod descent;
mod discard;
mod files;
mod find;
mod finish;
mod fuse;
mod git_objects;
mod heads;
mod hearing;
mod keyless;
mod kill;
mod lots;
mod model;
mod partly;
mod race;
mod rewrite;
mod round_trip;
mod settles;
mod since;
mod story;
