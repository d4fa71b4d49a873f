//! What is decided apart from what is in a file: its name, and whether it may be run.

use selkie_vcs::settling::{About, Aspect, Had, Take, Verdict};

use crate::settle::Settle;
use crate::settle::message::Effect;
use crate::settle::spot::Spot;
use crate::settle::words::did;

/// What is said to who wants to put it off.
pub(super) const NOT_ASKED: &str = "nobody has to decide this, so there is nothing to put off";

impl Settle {
    /// What is looked at, if it is decided apart from what is in the file.
    pub(crate) fn aspect(&self) -> Option<&Aspect> {
        self.aspect_of(self.spot())
    }

    pub(super) fn aspect_of(&self, spot: &Spot) -> Option<&Aspect> {
        self.cases[spot.case].aspect(spot.part)
    }

    /// What a side did to what is looked at.
    pub(crate) fn did(&self, side: usize) -> String {
        let case = self.case();
        match self.aspect() {
            Some(aspect) => has(aspect, 1 + side),
            None => case.sides.get(side).map(|told| did(told, case)).unwrap_or_default(),
        }
    }

    /// How it stands where nobody decided it.
    pub(crate) fn stays(&self, aspect: &Aspect) -> String {
        match aspect.about {
            About::Name => format!("stays at {}", self.case().path),
            About::Mode => "as the side has it that changed it".to_owned(),
        }
    }

    /// Takes this of it, or opens it again if it was taken.
    pub(super) fn decide_apart(&mut self, aspect: &Aspect, take: &Take) -> Vec<Effect> {
        match take.apart(aspect) {
            Ok(verdict) => {
                let again = self.verdict(self.spot()) == Some(&verdict);
                self.say(aspect.part, (!again).then_some(verdict))
            }
            Err(why) => self.tell(&why.to_string()),
        }
    }
}

/// What a version has, the one before both first.
fn has(aspect: &Aspect, version: usize) -> String {
    match (aspect.about, aspect.versions.get(version).and_then(Option::as_ref)) {
        (About::Name, Some(had)) => format!("has it at {had}"),
        (About::Name, None) => "has it where something else is now".to_owned(),
        (About::Mode, Some(Had::Run)) => "lets it be run".to_owned(),
        (About::Mode, _) => "does not let it be run".to_owned(),
    }
}

/// What came of it in words, if something was decided.
pub(crate) fn taken(aspect: &Aspect, verdict: &Verdict) -> Option<String> {
    aspect.said(verdict).map(|had| match had {
        Had::At(path) => format!("at {path}"),
        Had::Run | Had::NotRun => had.to_string(),
    })
}
