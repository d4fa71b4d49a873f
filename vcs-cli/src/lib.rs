//! The `selkie` command line, as a library.
//!
//! The binary is one call into [`run`]. [`command`] is the same definition as a value, so that
//! tests can hold every documented command line against it.
//!
//! Read `cli` first: it lists the commands. Each command has a file of its own in `command`.

mod asking;
mod beside;
mod cli;
mod command;
mod compared;
mod config;
mod context;
mod count;
mod dialogue;
mod differences;
mod editor;
mod error;
mod globals;
mod going;
mod habit;
mod hooks;
mod kept;
mod keyring;
mod label;
mod line;
mod linked;
mod merge_tool;
mod meter;
mod nearest;
mod online;
mod out;
mod passed;
mod picture;
mod remaining;
mod replace;
mod rewritten;
mod screen;
mod seals;
mod serving;
mod settler;
mod shown;
mod taking;
mod template;
mod unfinished;
mod verb;
mod visitor;
mod waiting;
mod words;
mod zone;

pub use self::cli::{
    Occasion, Setting, all_hooks, all_occasions, all_settings, command, habits, run,
};
pub use self::habit::Habit;
pub use self::hooks::{Hook, Power};
