//! Two rows of keys compared range by range.
//!
//! The side that asks says sums; the other compares, and where one differs it says the sums of parts of
//! the range, or the keys themselves if they are few. So each turn narrows down what differs, and in the end the
//! side that asked knows all of it.

use std::collections::VecDeque;
use std::ops::Range;

use crate::repair::difference::RepairError;
use crate::repair::message::{Says, Span};
use crate::repair::order::{Key, Order};

/// Ranges to be spoken of, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Plan(VecDeque<Piece>);

/// A range to be spoken of.
#[derive(Debug)]
struct Piece {
    ranks: Range<usize>,
    end: Option<Key>,
    topic: Topic,
}

/// What is to be said of a range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Topic {
    /// Nothing.
    Settled,
    /// Its sum.
    Sum,
    /// Its keys.
    List,
    /// That its keys are wanted.
    Tell,
}

/// Parts that a range is cut into.
const FAN: usize = 16;
/// Parts that all keys are cut into at first.
const FIRST_FAN: usize = 64;
/// Keys that are listed rather than cut.
const LEAF: usize = 24;

impl Plan {
    /// Of all keys at once.
    pub(crate) fn whole(order: &Order, topic: Topic) -> Self {
        Self([Piece { ranks: 0..order.len(), end: None, topic }].into())
    }

    /// The sums of the largest parts.
    pub(crate) fn first(order: &Order) -> Self {
        let mut plan = Self::default();
        plan.cut(order, 0..order.len(), None, FIRST_FAN);
        plan
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_settled(&self) -> bool {
        self.0.iter().all(|piece| piece.topic == Topic::Settled)
    }

    /// Whether all was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Answers what was asked of a range.
    pub(crate) fn answer(
        &mut self,
        order: &Order,
        ranks: Range<usize>,
        span: &Span,
    ) -> Result<(), RepairError> {
        let end = span.end();
        match &span.says {
            Says::Settled => self.push(ranks, end, Topic::Settled),
            Says::Tell => self.push(ranks, end, Topic::List),
            Says::Sum(sum) if *sum == order.sum(ranks.clone()) => {
                self.push(ranks, end, Topic::Settled);
            }
            Says::Sum(_) if ranks.len() <= LEAF => self.push(ranks, end, Topic::List),
            Says::Sum(_) => self.cut(order, ranks, end, FAN),
            Says::List(_) => return Err(RepairError::Unexpected),
        }
        Ok(())
    }

    /// Asks on where an answer left something open.
    pub(crate) fn ask(
        &mut self,
        order: &Order,
        ranks: Range<usize>,
        span: &Span,
    ) -> Result<(), RepairError> {
        let end = span.end();
        match &span.says {
            Says::Settled | Says::List(_) => self.push(ranks, end, Topic::Settled),
            Says::Sum(sum) if *sum == order.sum(ranks.clone()) => {
                self.push(ranks, end, Topic::Settled);
            }
            Says::Sum(_) if ranks.len() <= LEAF => self.push(ranks, end, Topic::Tell),
            Says::Sum(_) => self.cut(order, ranks, end, FAN),
            Says::Tell => return Err(RepairError::Unexpected),
        }
        Ok(())
    }

    /// The next spans, which take no more than so many bytes.
    pub(crate) fn spans(&mut self, order: &Order, mut room: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Some(piece) = self.0.front_mut() {
            let key_len = order.by().key_len();
            let head = SPAN_HEAD_MAX + size_of::<Key>();
            let fits = room.saturating_sub(head) / key_len;
            if room < head + size_of::<Key>() {
                break;
            }
            let is_cut = piece.topic == Topic::List && piece.ranks.len() > fits;
            let span = if is_cut { piece.start(order, fits) } else { piece.span(order) };
            if !is_cut {
                self.0.pop_front();
            }
            room -= span_len(&span).min(room);
            spans.push(span);
        }
        spans
    }

    fn cut(&mut self, order: &Order, ranks: Range<usize>, end: Option<Key>, parts: usize) {
        let parts = parts.min(ranks.len()).max(1);
        let mut start = ranks.start;
        for part in 1..=parts {
            let next = ranks.start + ranks.len() * part / parts;
            let end = if part == parts { end } else { Some(order.bound(next)) };
            self.push(start..next, end, Topic::Sum);
            start = next;
        }
    }

    fn push(&mut self, ranks: Range<usize>, end: Option<Key>, topic: Topic) {
        let last = self.0.back_mut().filter(|last| last.topic == topic && topic == Topic::Settled);
        if let Some(last) = last {
            (last.ranks.end, last.end) = (ranks.end, end);
        } else {
            self.0.push_back(Piece { ranks, end, topic });
        }
    }
}

/// Bytes that a span takes beside its end and its keys, at most.
const SPAN_HEAD_MAX: usize = 24;

fn span_len(span: &Span) -> usize {
    let keys = match &span.says {
        Says::List(keys) => keys.len(),
        Says::Settled | Says::Sum(_) | Says::Tell => 0,
    };
    SPAN_HEAD_MAX + span.end.len() + keys
}

impl Piece {
    fn span(&self, order: &Order) -> Span {
        let says = match self.topic {
            Topic::Settled => Says::Settled,
            Topic::Sum => Says::Sum(order.sum(self.ranks.clone())),
            Topic::List => Says::List(list(order, self.ranks.clone())),
            Topic::Tell => Says::Tell,
        };
        Span::new(self.end, says)
    }

    /// Lists the first keys, and keeps the others.
    fn start(&mut self, order: &Order, count: usize) -> Span {
        let start = self.ranks.start;
        self.ranks.start += count;
        let end = Some(order.bound(self.ranks.start));
        Span::new(end, Says::List(list(order, start..self.ranks.start)))
    }
}

fn list(order: &Order, ranks: Range<usize>) -> Vec<u8> {
    let len = order.by().key_len();
    ranks.flat_map(|rank| order.key(rank).into_iter().take(len)).collect()
}

/// Goes along the spans of a turn, which cover all keys.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    rank: usize,
    at: Option<Key>,
    is_over: bool,
}

impl Cursor {
    /// The ranks of our own keys in the next span.
    pub(crate) fn step(&mut self, order: &Order, span: &Span) -> Result<Range<usize>, RepairError> {
        let end = span.end();
        let goes_on = match end {
            _ if self.is_over => false,
            None => true,
            Some(end) => span.end.len() <= order.by().key_len() && self.at < Some(end),
        };
        if !goes_on {
            return Err(RepairError::Untrue);
        }
        let start = self.rank;
        self.rank = end.map_or(order.len(), |end| order.rank(&end));
        (self.at, self.is_over) = (end, end.is_none());
        Ok(start..self.rank)
    }

    /// Where the next span begins.
    pub(crate) const fn at(&self) -> Option<Key> {
        self.at
    }

    /// Begins anew, if the spans covered all keys.
    pub(crate) fn close(&mut self) -> Result<(), RepairError> {
        if !self.is_over {
            return Err(RepairError::Untrue);
        }
        *self = Self::default();
        Ok(())
    }
}

/// The keys of a list, which ascend, from a bound on and before another.
pub(crate) fn keys(
    bytes: &[u8],
    key_len: usize,
    from: Option<Key>,
    end: Option<Key>,
) -> Result<Vec<Key>, RepairError> {
    if !bytes.len().is_multiple_of(key_len) {
        return Err(RepairError::Untrue);
    }
    let keys: Vec<_> = bytes.chunks_exact(key_len).map(padded).collect();
    let ascends = keys.is_sorted_by(|left, right| left < right);
    let starts = keys.first().is_none_or(|first| from.is_none_or(|from| *first >= from));
    let ends = keys.last().is_none_or(|last| end.is_none_or(|end| *last < end));
    if ascends && starts && ends { Ok(keys) } else { Err(RepairError::Untrue) }
}

fn padded(bytes: &[u8]) -> Key {
    let mut key = Key::default();
    key[..bytes.len()].copy_from_slice(bytes);
    key
}
