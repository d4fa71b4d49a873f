//! The side that asks about ranges until it knows all.

use crate::repair::context::Context;
use crate::repair::difference::{RepairError, bounded};
use crate::repair::found::Found;
use crate::repair::message::{Part, Says};
use crate::repair::order::{By, Key};
use crate::repair::range::{Cursor, Plan, Topic, keys};
use crate::repair::script::{Saying, Speech};

/// What was heard of ranges.
#[derive(Debug)]
pub(crate) struct Asking {
    by: By,
    cursor: Cursor,
    /// What to ask next.
    plan: Plan,
    /// By rank, which of our keys they have not. What a list says again does no harm.
    ours: Vec<bool>,
    /// Keys of theirs that we have not.
    theirs: Vec<Key>,
    turns: usize,
}

/// What a turn of answers leads to.
#[derive(Debug)]
pub(crate) enum Asked {
    /// All is known.
    Found(Found),
    /// This is to be asked.
    Ask(Saying),
}

/// Turns that 2^32 ids on either side need, and some.
const TURNS_MAX: usize = 12;

impl Asking {
    /// About all that the other has.
    pub(crate) fn new(cx: &Context, by: By) -> Self {
        let (cursor, plan) = (Cursor::default(), Plan::default());
        Self { by, cursor, plan, ours: vec![false; cx.count()], theirs: Vec::new(), turns: 0 }
    }

    /// The first question: what there is in large ranges, or all of it.
    pub(crate) fn first(&self, cx: &Context, topic: Topic) -> Result<Saying, RepairError> {
        let order = cx.order(self.by)?;
        let plan = match topic {
            Topic::Tell => Plan::whole(&order, Topic::Tell),
            Topic::Sum | Topic::List | Topic::Settled => Plan::first(&order),
        };
        Ok(Saying::Spans(self.by, Speech::Ask, plan))
    }

    /// Takes a part of their answer.
    pub(crate) fn hear(&mut self, cx: &Context, part: &Part) -> Result<(), RepairError> {
        let Part::Reply { spans } = part else { return Err(RepairError::Unexpected) };
        let order = cx.order(self.by)?;
        for span in spans {
            let from = self.cursor.at();
            let ranks = self.cursor.step(&order, span)?;
            if let Says::List(bytes) = &span.says {
                let theirs = keys(bytes, self.by.key_len(), from, span.end())?;
                let mut theirs = theirs.into_iter().peekable();
                for rank in ranks.clone() {
                    let own = order.key(rank);
                    while let Some(key) = theirs.next_if(|key| *key < own) {
                        self.theirs.push(key);
                    }
                    self.ours[rank] = theirs.next_if_eq(&own).is_none();
                }
                self.theirs.extend(theirs);
                bounded(self.theirs.len())?;
            }
            self.plan.ask(&order, ranks, span)?;
        }
        Ok(())
    }

    /// What to do when they are through.
    pub(crate) fn end(&mut self, cx: &Context) -> Result<Asked, RepairError> {
        self.cursor.close()?;
        self.turns += 1;
        let plan = std::mem::take(&mut self.plan);
        if plan.is_settled() {
            return self.found(cx);
        }
        if self.turns > TURNS_MAX {
            return Err(RepairError::Endless);
        }
        Ok(Asked::Ask(Saying::Spans(self.by, Speech::Ask, plan)))
    }

    fn found(&mut self, cx: &Context) -> Result<Asked, RepairError> {
        let mut theirs = std::mem::take(&mut self.theirs);
        theirs.sort_unstable();
        theirs.dedup();
        let ranks = self.ours.iter().enumerate();
        let ours = ranks.filter_map(|(rank, is_alone)| is_alone.then_some(rank)).collect();
        let found = Found::new(cx, self.by, ours, theirs)?;
        // With images, two ids that share one may hide each other, but not change how many there are.
        found.map(Asked::Found).ok_or(RepairError::Untrue)
    }
}
