//! What sides of a file differ in beside what is in it, told.

use selkie_vcs::settling::{Aspect, Had};
use serde::Serialize;

use crate::label::Label;
use crate::line::Line;

/// What is decided apart, for programs.
#[derive(Serialize)]
pub(super) struct ToldApart {
    /// The word for it.
    about: &'static str,
    /// What there was before, if anything that can be had.
    base: Option<String>,
    /// What each side has, if it can be had.
    sides: Vec<Option<String>>,
}

impl ToldApart {
    pub(super) fn of(aspect: &Aspect) -> Self {
        let mut versions = aspect.versions.iter().map(|had| had.as_ref().map(Had::to_string));
        let base = versions.next().flatten();
        Self { about: aspect.about.name(), base, sides: versions.collect() }
    }
}

/// Adds what each version has that can be had.
pub(super) fn told(line: Line, aspect: &Aspect) -> Line {
    let line = line.put(Label::Aside, &format!("  its {}: ", aspect.about.name()));
    let letters = (b'A'..=b'Z').map(|letter| char::from(letter).to_string());
    let names = std::iter::once("base".to_owned()).chain(letters);
    let had = names.zip(&aspect.versions).filter_map(|(name, had)| Some((name, had.as_ref()?)));
    had.enumerate().fold(line, |line, (at, (name, had))| {
        let line = line.put(Label::Aside, if at == 0 { "" } else { ", " });
        line.code(&name).plain(&format!(" {had}"))
    })
}
