//! Files that hold keys and values, as trees that lose no byte.

pub(super) mod node;
mod cursor;
mod json;
mod toml;
pub(super) mod document;
mod comma;
mod place;
mod weave;
