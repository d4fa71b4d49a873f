//! Files that hold keys and values, as trees that lose no byte.

mod node;
pub(super) mod document;
mod cursor;
mod json;
mod toml;
pub(super) mod language;
mod comma;
mod place;
mod weave;
mod entries;
