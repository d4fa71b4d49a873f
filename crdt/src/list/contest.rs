//! Conflicts inside the items of a list. Places settle by themselves.

use alloc::vec::Vec;

use super::List;
use super::item::ItemId;
use crate::contest::Choice;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::contest::Step;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::value::Value;

impl<C: Contested> Contested for List<C> {
    fn each_conflict(
        &self,
        within: Option<&Self::Delta>,
        at: &mut Vec<Step>,
        visit: &mut dyn FnMut(Conflict),
    ) {
        self.items.each_conflict(within, at, visit);
    }

    fn settle(
        mut edit: Edit<'_, Self>,
        way: &[Step],
        choice: Choice<'_>,
        at: Hlc,
    ) -> Result<(), NoRival> {
        let [Step::Key(bytes), Step::Part(1), way @ ..] = way else { return Err(NoRival) };
        let item = ItemId::from_bytes(bytes).map_err(|_not_a_name| NoRival)?;
        C::settle(edit.item(item).ok_or(NoRival)?, way, choice, at)
    }
}
