//! What a side says in its turn, made when there is room for it.

use std::collections::VecDeque;
use std::vec::IntoIter;

use selkie_store::ObjectId;

use crate::repair::cells::Cells;
use crate::repair::inventory::Inventory;
use crate::repair::message::{Part, RepairMessage, Turn};
use crate::repair::order::{By, FreshKey, Order};
use crate::repair::range::Plan;
use crate::repair::salt::{TAIL_LEN, tail};

/// Things to say, in order. The last message ends the turn.
#[derive(Debug, Default)]
pub(crate) struct Script(VecDeque<Saying>);

/// Something to say, in one message or several.
#[derive(Debug)]
pub(crate) enum Saying {
    /// In one.
    Part(Part),
    /// These cells, from one on.
    Cells(Cells, usize),
    /// All of a plan.
    Spans(By, Speech, Plan),
    /// The ids in these places.
    Ids(IntoIter<u32>),
    /// These gaps.
    Gaps(IntoIter<u32>),
    /// The tails of the ids in these places.
    Tails(IntoIter<u32>),
}

/// Whether a plan is what is asked or what is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Speech {
    Ask,
    Reply,
}

/// Bytes of ids, cells and spans in a message: what goes around them fits beside.
const PIECE_LEN: usize = 60_000;
/// Gaps in a message, of five bytes each.
const PIECE_GAPS: usize = PIECE_LEN / 5;

impl Script {
    /// A turn in which this is said. What has nothing in it is left out.
    pub(crate) fn new(sayings: impl IntoIterator<Item = Saying>) -> Self {
        let sayings: VecDeque<_> =
            sayings.into_iter().filter(|saying| !saying.is_empty()).collect();
        assert!(!sayings.is_empty(), "a turn has something in it");
        Self(sayings)
    }

    /// Whether all was said.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next message.
    pub(crate) fn next(&mut self, inventory: &Inventory, fresh: FreshKey) -> Option<RepairMessage> {
        let saying = self.0.pop_front()?;
        let (part, rest) = saying.part(inventory, fresh);
        if let Some(rest) = rest {
            self.0.push_front(rest);
        }
        let turn = if self.0.is_empty() { Turn::Ends } else { Turn::GoesOn };
        Some(RepairMessage { part, turn })
    }
}

impl Saying {
    fn is_empty(&self) -> bool {
        match self {
            Self::Part(_) => false,
            Self::Cells(cells, at) => *at == cells.end(),
            Self::Spans(_, _, plan) => plan.is_empty(),
            Self::Ids(list) | Self::Gaps(list) | Self::Tails(list) => list.as_slice().is_empty(),
        }
    }

    /// The start of it, and what is left.
    fn part(self, inventory: &Inventory, fresh: FreshKey) -> (Part, Option<Self>) {
        match self {
            Self::Part(part) => (part, None),
            Self::Cells(cells, at) => {
                let (bytes, at) = cells.bytes(at, PIECE_LEN);
                (Part::Cells(bytes), Self::Cells(cells, at).unless_empty())
            }
            Self::Spans(by, speech, mut plan) => {
                let order =
                    Order::new(inventory, by, fresh).expect("what is planned by has an order");
                let spans = plan.spans(&order, PIECE_LEN);
                let part = match speech {
                    Speech::Ask => Part::Ask { by, spans },
                    Speech::Reply => Part::Reply { spans },
                };
                (part, Self::Spans(by, speech, plan).unless_empty())
            }
            Self::Ids(mut places) => {
                let ids = places.by_ref().take(PIECE_LEN / ObjectId::LEN);
                let bytes =
                    ids.flat_map(|place| *inventory.ids()[place as usize].as_bytes()).collect();
                (Part::Ids(bytes), Self::Ids(places).unless_empty())
            }
            Self::Gaps(mut gaps) => {
                let some = gaps.by_ref().take(PIECE_GAPS).collect();
                (Part::Gaps(some), Self::Gaps(gaps).unless_empty())
            }
            Self::Tails(mut places) => {
                let ids = places.by_ref().take(PIECE_LEN / TAIL_LEN);
                let bytes = ids.flat_map(|place| tail(&inventory.ids()[place as usize])).collect();
                (Part::Tails(bytes), Self::Tails(places).unless_empty())
            }
        }
    }

    fn unless_empty(self) -> Option<Self> {
        if self.is_empty() { None } else { Some(self) }
    }
}
