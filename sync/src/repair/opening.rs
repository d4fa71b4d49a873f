//! The first step: what the first message tells, and what to do when it does not tell enough.

use crate::repair::cells::Cells;
use crate::repair::context::Context;
use crate::repair::difference::{RepairError, SaltStanding};
use crate::repair::found::Found;
use crate::repair::inventory::{Images, Inventory};
use crate::repair::message::{Nonce, OPEN_CELLS, Part, Short};
use crate::repair::order::{By, key_of};
use crate::repair::peel::Peel;
use crate::repair::sketch::COARSE;

/// What the first message leads to.
#[derive(Debug)]
pub(crate) enum Opening {
    /// It told all.
    Found(Found),
    /// We say so many cells of ours, after finer counters if they are many.
    Cells(usize, Counters),
    /// So much differs that a list of our images is shorter.
    List,
    /// So much differs that a list of their images is shorter.
    Tell,
    /// The images are of no use.
    ByIds,
}

/// Whether the counters of the first message are good enough.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Counters {
    Coarse,
    Fine,
}

/// Where twice the cells are no great matter, and another turn is.
const FEW: usize = 1_500;

/// The first message of all.
pub(crate) fn open(inventory: &Inventory, nonce: Nonce) -> Part {
    let short = inventory.images().map(|images| Short {
        salt: images.salt(),
        sketch: images.sketch().folded(COARSE),
        cells: images.cells(0..OPEN_CELLS).bytes(0, usize::MAX).0,
    });
    Part::Open { nonce, count: count(inventory), short }
}

/// How many ids there are.
pub(crate) fn count(inventory: &Inventory) -> u32 {
    u32::try_from(inventory.len()).expect("an inventory has fewer than 2^32 ids")
}

/// What to do about the first message.
pub(crate) fn answer(cx: &mut Context, short: Option<&Short>) -> Result<Opening, RepairError> {
    let inventory = cx.inventory.clone();
    let (Some(images), Some(short)) = (inventory.images(), short) else {
        cx.salt = SaltStanding::Doubtful;
        return Ok(Opening::ByIds);
    };
    if images.salt() != short.salt {
        cx.salt = SaltStanding::Differs;
        return Ok(Opening::ByIds);
    }
    let theirs = Cells::from_bytes(0, &short.cells).ok_or(RepairError::Untrue)?;
    let mut peel = Peel::default();
    peel.add(images.cells(0..theirs.end()).cells(), &theirs);
    if peel.is_complete() {
        return Ok(match found(cx, images, &peel)? {
            Some(found) => Opening::Found(found),
            None => doubt(cx),
        });
    }
    Ok(unless_listed(cx, cx.likely(images.sketch().distance(&short.sketch))))
}

/// What came out of cells that are complete, if it can be true.
pub(crate) fn found(
    cx: &Context,
    images: &Images,
    peel: &Peel,
) -> Result<Option<Found>, RepairError> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for image in peel.images() {
        match images.all().binary_search(&image) {
            Ok(rank) => ours.push(rank),
            Err(_) => theirs.push(key_of(image)),
        }
    }
    Found::new(cx, By::Image, ours, theirs)
}

fn doubt(cx: &mut Context) -> Opening {
    cx.salt = SaltStanding::Doubtful;
    Opening::ByIds
}

fn unless_listed(cx: &Context, likely: usize) -> Opening {
    let is_few = likely <= FEW;
    // Many are guessed better before the rest is said.
    let cells = if is_few { 2 * likely + OPEN_CELLS / 2 } else { likely };
    if !cx.is_better_listed(likely + likely / 4) {
        Opening::Cells(cells, if is_few { Counters::Coarse } else { Counters::Fine })
    } else if cx.count() <= cx.peer_count {
        Opening::List
    } else {
        Opening::Tell
    }
}
