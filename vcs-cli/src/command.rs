//! One file per command: what can be typed, and the one verb it calls.

pub(crate) mod tour;
