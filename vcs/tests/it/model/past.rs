//! What was done is taken back, and done again.

use std::collections::BTreeMap;

use crate::files::{Refused, moved};
use crate::model::{Model, Place};

impl Model {
    pub(crate) fn undo(&mut self) -> Result<(), Refused> {
        let done = self.past.last().cloned().ok_or(Refused::No)?;
        let place = self.retraced(&done.after, &done.before)?;
        if let Some((before, after)) = &done.files {
            self.disk = moved(&self.disk, after, before)?;
        }
        self.place = place;
        self.stand();
        self.future.extend(self.past.pop());
        Ok(())
    }

    pub(crate) fn redo(&mut self) -> Result<(), Refused> {
        let done = self.future.last().cloned().ok_or(Refused::No)?;
        let place = self.retraced(&done.before, &done.after)?;
        if let Some((before, after)) = &done.files {
            self.disk = moved(&self.disk, before, after)?;
        }
        self.place = place;
        self.stand();
        self.past.extend(self.future.pop());
        Ok(())
    }

    /// The place that was left for another, but for what others moved meanwhile. What they moved of that which differs
    /// between the two is not taken from them.
    fn retraced(&self, from: &Place, to: &Place) -> Result<Place, Refused> {
        let mut place = to.clone();
        place.heads = retraced(&self.place.heads, &from.heads, &to.heads)?;
        place.strategies = retraced(&self.place.strategies, &from.strategies, &to.strategies)?;
        Ok(place)
    }
}

/// What there is now, with what differs between the two as it is in the second.
fn retraced<T: Clone + PartialEq>(
    now: &BTreeMap<String, T>,
    from: &BTreeMap<String, T>,
    to: &BTreeMap<String, T>,
) -> Result<BTreeMap<String, T>, Refused> {
    let mut found = now.clone();
    for name in from.keys().chain(to.keys()).filter(|name| from.get(*name) != to.get(*name)) {
        if now.get(name) != from.get(name) {
            return Err(Refused::No);
        }
        found.remove(name);
        found.extend(to.get(name).map(|value| (name.clone(), value.clone())));
    }
    Ok(found)
}
