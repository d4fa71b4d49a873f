//! The side that is asked, and told in the end.

use selkie_store::ObjectId;

use crate::repair::context::Context;
use crate::repair::difference::{Difference, RepairError, SaltStanding, bounded};
use crate::repair::message::{Part, Span};
use crate::repair::order::By;
use crate::repair::range::{Cursor, Plan};
use crate::repair::script::{Saying, Speech};

/// What was heard of the side that asks.
#[derive(Debug)]
pub(crate) struct Answering {
    by: By,
    /// Cells that were said.
    cells: usize,
    turns: usize,
    heard: Heard,
}

/// What this turn of theirs is about.
#[derive(Debug)]
enum Heard {
    Nothing,
    /// More cells.
    More(u32),
    /// Ranges, and what there is to answer.
    Ask(Cursor, Plan),
    /// What they found.
    Found(Told),
}

/// What they say they found.
#[derive(Debug, Default)]
struct Told {
    /// Ids of theirs that we have not.
    ids: Vec<ObjectId>,
    /// Ranks of ours that they have not, ascending.
    ranks: Vec<usize>,
    proof: Option<[u8; 32]>,
}

/// What a turn of theirs leads to.
#[derive(Debug)]
pub(crate) enum Answered {
    /// This is to be said, and then they go on.
    Say(Saying),
    /// This is to be said, and then all is known.
    Ends(Vec<Saying>, Difference),
    /// What they found by images is not true. It must be asked for by ids.
    Doubt,
}

/// Turns of one repair in which something is asked.
const TURNS_MAX: usize = 24;
/// Cells that may be asked for beyond two for each id of the smaller set.
const SPARE_CELLS: usize = 4_096;

impl Answering {
    /// After so many cells were said.
    pub(crate) const fn new(by: By, cells: usize) -> Self {
        Self { by, cells, turns: 0, heard: Heard::Nothing }
    }

    /// Takes a part of their turn.
    pub(crate) fn hear(&mut self, cx: &mut Context, part: Part) -> Result<(), RepairError> {
        match (part, &mut self.heard) {
            (Part::More { cells }, Heard::Nothing) if self.by == By::Image => {
                self.heard = Heard::More(cells);
                Ok(())
            }
            (Part::Ask { by, spans }, Heard::Nothing) => {
                self.turn_to(cx, by)?;
                self.heard = Heard::Ask(Cursor::default(), Plan::default());
                self.asked(cx, &spans)
            }
            (Part::Ask { by, spans }, Heard::Ask(..)) if by == self.by => self.asked(cx, &spans),
            (part @ (Part::Ids(_) | Part::Gaps(_) | Part::Proof(_)), Heard::Nothing) => {
                let mut told = Told::default();
                told.hear(cx, part)?;
                self.heard = Heard::Found(told);
                Ok(())
            }
            (part, Heard::Found(told)) => told.hear(cx, part),
            _ => Err(RepairError::Unexpected),
        }
    }

    /// What to do when they are through.
    pub(crate) fn end(&mut self, cx: &mut Context) -> Result<Answered, RepairError> {
        self.turns += 1;
        if self.turns > TURNS_MAX {
            return Err(RepairError::Endless);
        }
        match std::mem::replace(&mut self.heard, Heard::Nothing) {
            Heard::Nothing => Err(RepairError::Unexpected),
            Heard::More(cells) => self.more(cx, cells).map(Answered::Say),
            Heard::Ask(mut cursor, plan) => {
                cursor.close()?;
                Ok(Answered::Say(Saying::Spans(self.by, Speech::Reply, plan)))
            }
            Heard::Found(told) => match told.settle(cx, self.by)? {
                Some((sayings, difference)) => Ok(Answered::Ends(sayings, difference)),
                None if self.by == By::Image => {
                    cx.salt = SaltStanding::Doubtful;
                    Ok(Answered::Doubt)
                }
                // Whole ids do not mislead anybody.
                None => Err(RepairError::Untrue),
            },
        }
    }

    /// From images to ids, never back.
    fn turn_to(&mut self, cx: &mut Context, by: By) -> Result<(), RepairError> {
        match (self.by, by) {
            (By::Image, By::Image) | (By::Id, By::Id) => Ok(()),
            (By::Image, By::Id) => {
                cx.salt = SaltStanding::Doubtful;
                self.by = By::Id;
                Ok(())
            }
            (By::Id, By::Image) => Err(RepairError::Unexpected),
        }
    }

    fn asked(&mut self, cx: &Context, spans: &[Span]) -> Result<(), RepairError> {
        let Heard::Ask(cursor, plan) = &mut self.heard else { return Err(RepairError::Unexpected) };
        let order = cx.order(self.by)?;
        for span in spans {
            let ranks = cursor.step(&order, span)?;
            plan.answer(&order, ranks, span)?;
        }
        Ok(())
    }

    fn more(&mut self, cx: &Context, cells: u32) -> Result<Saying, RepairError> {
        let images = cx.inventory.images().ok_or(RepairError::Unexpected)?;
        let end = self.cells.saturating_add(cells as usize);
        if end > 2 * cx.count_min() + SPARE_CELLS {
            return Err(RepairError::Endless);
        }
        let said = std::mem::replace(&mut self.cells, end);
        Ok(Saying::Cells(images.cells(said..end), said))
    }
}

impl Told {
    fn hear(&mut self, cx: &Context, part: Part) -> Result<(), RepairError> {
        match part {
            _ if self.proof.is_some() => return Err(RepairError::Unexpected),
            Part::Ids(bytes) => {
                let ids = bytes.chunks_exact(ObjectId::LEN).map(|bytes| {
                    ObjectId::from_bytes(bytes.try_into().expect("a chunk is as long as an id"))
                });
                self.ids.extend(ids);
                bounded(self.ids.len())?;
            }
            Part::Gaps(gaps) => {
                for gap in gaps {
                    let next = self.ranks.last().map_or(0, |last| last + 1);
                    let rank = next + gap as usize;
                    if rank >= cx.count() {
                        return Err(RepairError::Untrue);
                    }
                    self.ranks.push(rank);
                }
            }
            Part::Proof(proof) => self.proof = Some(proof),
            _ => return Err(RepairError::Unexpected),
        }
        Ok(())
    }

    /// What to say last, and what it comes to; nothing if it is not true.
    fn settle(
        mut self,
        cx: &Context,
        by: By,
    ) -> Result<Option<(Vec<Saying>, Difference)>, RepairError> {
        let proof = self.proof.ok_or(RepairError::Unexpected)?;
        let order = cx.order(by)?;
        let in_order: Vec<_> = self.ranks.iter().map(|rank| order.place(*rank)).collect();
        let mut places = in_order.clone();
        places.sort_unstable();
        self.ids.sort_unstable();
        let shared = cx.inventory.digest_without(&places);
        let is_new = self.ids.is_sorted_by(|left, right| left < right)
            && !self.ids.iter().any(|id| cx.inventory.contains(id));
        let is_all = cx.count() - places.len() + self.ids.len() == cx.peer_count;
        // Hashes are compared in constant time.
        let is_shared =
            cx.proof(cx.side.other(), &shared, &self.ids) == blake3::Hash::from_bytes(proof);
        if !(is_new && is_all && is_shared) {
            return Ok(None);
        }
        let only_here = cx.inventory.at(&places);
        let own = cx.proof(cx.side, &shared, &only_here);
        let tails = match by {
            By::Image => in_order,
            // Who asked by ids has them.
            By::Id => Vec::new(),
        };
        let sayings =
            vec![Saying::Tails(tails.into_iter()), Saying::Part(Part::Proof(*own.as_bytes()))];
        Ok(Some((sayings, Difference { only_here, only_there: self.ids, salt: cx.salt })))
    }
}
