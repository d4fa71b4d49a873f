//! What comes of a clone because of other replicas: what they sealed, and how divergences are settled.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{Refused, moved};
use crate::model::{Model, Place};

/// Seals by timeline.
pub(crate) type Heads = BTreeMap<String, BTreeSet<usize>>;

impl Model {
    /// What a bundle brings stands beside what is here.
    pub(crate) fn take_bundle(&mut self, brought: &Heads) -> Result<(), Refused> {
        if brought.keys().any(|name| self.place.private.contains_key(name)) {
            return Err(Refused::No);
        }
        let mut after = self.place.clone();
        for (name, brought) in brought {
            let before = self.place.heads.get(name);
            let all: BTreeSet<usize> =
                before.into_iter().flatten().chain(brought).copied().collect();
            let newest = |heads| self.descent.newest(heads);
            if before.is_none_or(|before| newest(before) != newest(&all)) {
                after.heads.insert(name.clone(), all);
            }
        }
        if after != self.place {
            self.done(after, None);
        }
        Ok(())
    }

    /// Goes along with the timeline, if nothing is in the way. Where to.
    pub(crate) fn keep_up(&mut self) -> Option<usize> {
        let heads: Vec<usize> = self.newest(&self.place.timeline)?.into_iter().collect();
        let [head] = heads[..] else { return None };
        let is_on_the_way =
            self.place.base.is_none_or(|base| self.descent.line(head).contains(&base));
        if self.place.base == Some(head) || self.place.gathered.is_some() || !is_on_the_way {
            return None;
        }
        let (before, after) = (self.base(), self.seals[head].clone());
        self.disk = moved(&self.disk, &before, &after).ok()?;
        self.done(Place { base: Some(head), ..self.place.clone() }, Some((before, after)));
        Some(head)
    }

    /// Timelines that diverged end in these seals now, and the clone went along to one of them, or stayed.
    pub(crate) fn settle(&mut self, heads: Heads, to: Option<usize>) {
        let mut after = self.place.clone();
        after.heads.extend(heads);
        let way = to.map(|to| (self.base(), self.seals[to].clone()));
        if let Some((before, tree)) = &way {
            self.disk = moved(&self.disk, before, tree).expect("nothing is overwritten");
            after.base = to;
        }
        self.done(after, way);
    }

    pub(crate) fn set_strategy(&mut self, name: &str, word: &str) -> Result<(), Refused> {
        let is_shared =
            self.place.heads.contains_key(name) && !self.place.private.contains_key(name);
        let word = (word != "manual").then(|| word.to_owned());
        if !is_shared || self.place.strategies.get(name) == word.as_ref() {
            return Err(Refused::No);
        }
        let mut after = self.place.clone();
        after.strategies.remove(name);
        after.strategies.extend(word.map(|word| (name.to_owned(), word)));
        self.done(after, None);
        Ok(())
    }
}
