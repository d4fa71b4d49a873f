//! The search for the seal with which something went wrong. Which seal is to be looked at is left to other tests.

use std::collections::BTreeSet;

use selkie_vcs::Unfinished;
use selkie_vcs::bisect::Mark;

use crate::files::Refused;
use crate::model::{Model, Place};

/// What was said of seals, and where whoever searches came from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Search {
    pub(crate) good: BTreeSet<usize>,
    pub(crate) bad: Option<usize>,
    pub(crate) skipped: BTreeSet<usize>,
    pub(crate) timeline: String,
    pub(crate) home: usize,
}

impl Model {
    /// The search that begins here, where it went wrong since the first seal.
    pub(crate) fn search(&self) -> Result<Search, Refused> {
        let home = self.place.base.filter(|_| self.place.search.is_none()).ok_or(Refused::No)?;
        let (good, timeline) = (self.descent.root(home), self.place.timeline.clone());
        self.sensible(Search {
            good: [good].into(),
            bad: Some(home),
            skipped: BTreeSet::new(),
            timeline,
            home,
        })
    }

    /// The search, once this is said of where the clone stands.
    pub(crate) fn marked(&self, mark: Mark) -> Result<Search, Refused> {
        let mut search = self.place.search.clone().ok_or(Refused::No)?;
        let here = self.place.base.ok_or(Refused::No)?;
        match mark {
            Mark::Good => _ = search.good.insert(here),
            Mark::Bad => search.bad = Some(here),
            Mark::Skip => _ = search.skipped.insert(here),
        }
        self.sensible(search)
    }

    /// What is wrong in a seal was not well in one that came from it.
    fn sensible(&self, search: Search) -> Result<Search, Refused> {
        let came_from =
            |good: &usize| search.bad.is_some_and(|bad| self.descent.line(*good).contains(&bad));
        if search.good.iter().any(came_from) { Err(Refused::No) } else { Ok(search) }
    }

    /// The seals that may be the one.
    pub(crate) fn suspects(&self, search: &Search) -> BTreeSet<usize> {
        let mut left = search.bad.map(|bad| self.descent.line(bad)).unwrap_or_default();
        for good in &search.good {
            let well = self.descent.line(*good);
            left.retain(|seal| !well.contains(seal));
        }
        left
    }

    /// Goes to the seal that is to be looked at, if there is one that the clone does not stand on.
    pub(crate) fn look(&mut self, search: Search, at: Option<usize>) -> Result<(), Refused> {
        let is_there = self.place.timeline.is_empty() && self.place.base == at;
        if let Some(at) = at.filter(|_| !is_there) {
            let fate = Unfinished::CarryOrShelve;
            return self.go(at, "", fate, |after| after.search = Some(search));
        }
        self.done(Place { search: Some(search), ..self.place.clone() }, None);
        Ok(())
    }

    /// Goes back to where the search began.
    pub(crate) fn end_search(&mut self) -> Result<(), Refused> {
        let search = self.place.search.clone().ok_or(Refused::No)?;
        let heads = self.heads_of(&search.timeline).unwrap_or_default();
        let timeline = if heads.contains(&search.home) { &*search.timeline } else { "" };
        self.go(search.home, timeline, Unfinished::CarryOrShelve, |after| after.search = None)
    }
}
