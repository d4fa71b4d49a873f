//! The side that hears cells until they show all.

use crate::repair::cells::Cells;
use crate::repair::context::Context;
use crate::repair::difference::{RepairError, SaltStanding, bounded};
use crate::repair::found::Found;
use crate::repair::message::Part;
use crate::repair::opening::found;
use crate::repair::order::By;
use crate::repair::peel::Peel;

/// What was heard of the row.
#[derive(Debug, Default)]
pub(crate) struct Peeling {
    peel: Peel,
    /// The cells of this turn.
    heard: Option<Cells>,
    /// Counters of theirs, until they have been used.
    sketch: Option<Vec<i32>>,
    turns: usize,
}

/// What a turn of cells leads to.
#[derive(Debug)]
pub(crate) enum Peeled {
    /// They showed all.
    Found(Found),
    /// So many more are needed.
    More(u32),
    /// Cells do not lead there; ranges do.
    Ranges(By),
}

/// Turns with cells, after which ranges are tried.
const TURNS_MAX: usize = 8;
/// Cells that are heard beyond two for each id of ours: nobody needs so many when a list is shorter.
const SPARE_CELLS: usize = 4_096;

impl Peeling {
    /// Takes a part of their turn.
    pub(crate) fn hear(&mut self, cx: &Context, part: &Part) -> Result<(), RepairError> {
        match part {
            Part::Sketch(counters) if self.turns == 0 && self.sketch.is_none() => {
                self.sketch = Some(counters.clone());
                Ok(())
            }
            Part::Cells(bytes) => {
                let from = self.heard.as_ref().map_or(self.peel.len(), Cells::end);
                let cells = Cells::from_bytes(from, bytes).ok_or(RepairError::Untrue)?;
                if cells.end() > 2 * cx.count() + SPARE_CELLS {
                    return Err(RepairError::Endless);
                }
                match &mut self.heard {
                    Some(heard) => heard.append(cells),
                    None => self.heard = Some(cells),
                }
                Ok(())
            }
            _ => Err(RepairError::Unexpected),
        }
    }

    /// What to do when they are through.
    pub(crate) fn end(&mut self, cx: &mut Context) -> Result<Peeled, RepairError> {
        let theirs = self.heard.take().ok_or(RepairError::Unexpected)?;
        let inventory = cx.inventory.clone();
        let images = inventory.images().ok_or(RepairError::Unexpected)?;
        let ours = images.cells(theirs.from()..theirs.end());
        self.peel.add(ours.cells(), &theirs);
        self.turns += 1;
        if self.peel.is_complete() {
            if let Some(found) = found(cx, images, &self.peel)? {
                bounded(found.theirs().len())?;
                return Ok(Peeled::Found(found));
            }
            cx.salt = SaltStanding::Doubtful;
            return Ok(Peeled::Ranges(By::Id));
        }
        let guess = self.sketch.take().map(|theirs| cx.likely(images.sketch().distance(&theirs)));
        Ok(self.more(cx, guess))
    }

    /// A few more cells than are needed nine times of ten, or a twelfth if that did not do.
    fn more(&self, cx: &Context, guess: Option<usize>) -> Peeled {
        let len = self.peel.len();
        let wanted = guess.map_or(0, |guess| guess + guess * 24 / 100);
        let more = wanted.saturating_sub(len).max(len / 12).max(64);
        match u32::try_from(more) {
            Ok(more) if self.turns < TURNS_MAX && !self.is_too_much(cx, len) => Peeled::More(more),
            _ => Peeled::Ranges(By::Image),
        }
    }

    /// What was said would have been enough for as many differences as make cells worth their bytes.
    fn is_too_much(&self, cx: &Context, len: usize) -> bool {
        self.turns > 1 && cx.is_better_listed(len / 2)
    }
}
