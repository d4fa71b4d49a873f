//! Commas between children.

use super::node::{Child, Container, Form};

/// Whether a child has a comma behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comma {
    With,
    Without,
    /// Its siblings stand on lines of their own, and need none.
    Never,
}

impl Comma {
    /// What a child has that stands among children like those of `model`.
    pub(super) fn of(model: &Container, place: Place) -> Self {
        let ends_in_comma = || model.children.last().is_some_and(|last| last.comma.is_some());
        match (model.form, place) {
            (Form::Lines, _) => Self::Never,
            (Form::Map | Form::List, Place::Last) if !ends_in_comma() => Self::Without,
            (Form::Map | Form::List, Place::Last | Place::BeforeOthers) => Self::With,
        }
    }

    /// What stands behind a value, with the comma that it needs and without one that it may not have.
    pub(super) fn applied(self, child: &Child) -> Vec<u8> {
        let tail = child.tail;
        match (self, child.comma) {
            (Self::With, None) => [b",", tail].concat(),
            (Self::Without, Some(at)) => [&tail[..at], &tail[at + 1..]].concat(),
            (Self::Never, _) | (Self::With, Some(_)) | (Self::Without, None) => tail.to_vec(),
        }
    }
}

/// Where a child stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Last,
    BeforeOthers,
}
