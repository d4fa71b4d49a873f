//! Conflicts below the keys of a map.

use alloc::vec::Vec;
use core::hash::Hash;

use super::AwMap;
use super::delta::KeyRef;
use crate::contest::Choice;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::contest::Step;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::value::Value;

impl<K: Value + Hash, C: Contested> Contested for AwMap<K, C> {
    fn each_conflict(
        &self,
        within: Option<&Self::Delta>,
        at: &mut Vec<Step>,
        visit: &mut dyn FnMut(Conflict),
    ) {
        let mut below = |key: &K, child: &C, within: Option<&C::Delta>| {
            at.push(Step::Key(key.to_bytes()));
            child.each_conflict(within, at, visit);
            at.pop();
        };
        let Some(within) = within else {
            return self.iter().for_each(|(key, child)| below(key, child, None));
        };
        for (key, delta) in &within.children {
            let slot = match key {
                KeyRef::Spelled(key) => self.table.find(key),
                KeyRef::At(slot) => Some(*slot),
                KeyRef::Beside(_) | KeyRef::Replaced => None,
            };
            if let Some(slot) = slot {
                below(self.table.key(slot), self.table.value(slot), Some(delta));
            }
        }
    }

    fn settle(
        mut edit: Edit<'_, Self>,
        way: &[Step],
        choice: Choice<'_>,
        at: Hlc,
    ) -> Result<(), NoRival> {
        let [Step::Key(bytes), way @ ..] = way else { return Err(NoRival) };
        let key = K::from_bytes(bytes).map_err(|_not_a_key| NoRival)?;
        C::settle(edit.existing(&key).ok_or(NoRival)?, way, choice, at)
    }
}
