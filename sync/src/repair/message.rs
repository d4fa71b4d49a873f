//! What two sides of a repair say to each other.

use std::fmt;

use selkie_store::{Coded, ObjectId};
use serde::{Deserialize, Serialize};

use crate::repair::order::{By, Key, Sum};
use crate::repair::salt::{SaltName, TAIL_LEN};
use crate::repair::sketch::{COARSE, FINE};

/// One message of a repair.
///
/// The two sides take turns, and a turn is one message or more.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct RepairMessage {
    pub(crate) part: Part,
    pub(crate) turn: Turn,
}

impl Coded for RepairMessage {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 64 << 10;

    fn is_valid(&self) -> bool {
        self.part.is_valid()
    }
}

impl fmt::Debug for RepairMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.part)?;
        match self.turn {
            Turn::GoesOn => f.write_str(" .."),
            Turn::Ends => Ok(()),
        }
    }
}

/// Whether the side that speaks has more to say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Turn {
    GoesOn,
    Ends,
}

/// Bytes that a side drew for this one repair.
pub(crate) type Nonce = [u8; 16];

/// Cells in the first message.
pub(crate) const OPEN_CELLS: usize = 64;
/// Bytes that these take.
const OPEN_CELLS_LEN: usize = OPEN_CELLS * 10;

/// Something that is said.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Part {
    /// The first thing: how many ids there are, and what may do already.
    Open { nonce: Nonce, count: u32, short: Option<Short> },
    /// The first thing that the other says.
    Answer { nonce: Nonce, count: u32 },
    /// Counters of images, to tell better how many differ.
    Sketch(Vec<i32>),
    /// The next cells of the row.
    Cells(#[serde(with = "crate::wire::bytes")] Vec<u8>),
    /// So many more cells, please.
    More { cells: u32 },
    /// What is held in ranges; who hears it compares.
    Ask { by: By, spans: Vec<Span> },
    /// What was found by comparing, in the same order.
    Reply { spans: Vec<Span> },
    /// Ids that the speaker has and the other has not.
    Ids(#[serde(with = "crate::wire::bytes")] Vec<u8>),
    /// Ids that the other has and the speaker has not, as ranks in the other's order: how many are skipped before each.
    Gaps(Vec<u32>),
    /// What the images leave out of the ids that were named by [`Part::Gaps`].
    Tails(#[serde(with = "crate::wire::bytes")] Vec<u8>),
    /// What only who knows all ids that both have can say.
    Proof([u8; 32]),
}

/// The way by images, for whose first step both must use one salt.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Short {
    pub(crate) salt: SaltName,
    pub(crate) sketch: Vec<i32>,
    #[serde(with = "crate::wire::bytes")]
    pub(crate) cells: Vec<u8>,
}

/// What is said of a range of keys, which begins where the one before it ended.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Span {
    /// The first key behind it, without the zeros at its end; nothing where all keys end.
    #[serde(with = "crate::wire::bytes")]
    pub(crate) end: Vec<u8>,
    pub(crate) says: Says,
}

/// What can be said of a range.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Says {
    /// Nothing is left to be said.
    Settled,
    /// This tells the keys in it from others.
    Sum(Sum),
    /// These are the keys in it.
    List(#[serde(with = "crate::wire::bytes")] Vec<u8>),
    /// List the keys in it.
    Tell,
}

impl Part {
    /// Nothing is empty, or else a side could talk for ever and say nothing.
    fn is_valid(&self) -> bool {
        match self {
            Self::Open { short, .. } => short.as_ref().is_none_or(|short| {
                short.sketch.len() == COARSE && short.cells.len() == OPEN_CELLS_LEN
            }),
            Self::Answer { .. } | Self::Proof(_) => true,
            Self::Sketch(counters) => counters.len() == FINE,
            Self::More { cells } => *cells > 0,
            Self::Cells(bytes) => !bytes.is_empty(),
            Self::Ask { spans, .. } | Self::Reply { spans } => {
                !spans.is_empty() && spans.iter().all(Span::is_valid)
            }
            Self::Ids(bytes) => is_whole(bytes, ObjectId::LEN),
            Self::Gaps(gaps) => !gaps.is_empty(),
            Self::Tails(bytes) => is_whole(bytes, TAIL_LEN),
        }
    }
}

impl Span {
    pub(crate) fn new(end: Option<Key>, says: Says) -> Self {
        let end = end.map_or(Vec::new(), |key| {
            let len = key.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            key[..len].to_vec()
        });
        Self { end, says }
    }

    /// The first key behind it.
    pub(crate) fn end(&self) -> Option<Key> {
        let mut key = [0; ObjectId::LEN];
        key[..self.end.len()].copy_from_slice(&self.end);
        (!self.end.is_empty()).then_some(key)
    }

    fn is_valid(&self) -> bool {
        self.end.len() <= ObjectId::LEN && self.end.last() != Some(&0)
    }
}

fn is_whole(bytes: &[u8], width: usize) -> bool {
    !bytes.is_empty() && bytes.len().is_multiple_of(width)
}

impl fmt::Debug for Part {
    /// What it is and how much, as a trace shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { count, .. } => write!(f, "open, {count} ids"),
            Self::Answer { count, .. } => write!(f, "answer, {count} ids"),
            Self::Sketch(_) => f.write_str("sketch"),
            Self::Cells(bytes) => write!(f, "cells, {} bytes", bytes.len()),
            Self::More { cells } => write!(f, "{cells} cells more"),
            Self::Ask { by, spans } => write!(f, "ask by {by:?} of {} ranges", spans.len()),
            Self::Reply { spans } => write!(f, "reply of {} ranges", spans.len()),
            Self::Ids(bytes) => write!(f, "{} ids", bytes.len() / ObjectId::LEN),
            Self::Gaps(gaps) => write!(f, "{} gaps", gaps.len()),
            Self::Tails(bytes) => write!(f, "{} tails", bytes.len() / TAIL_LEN),
            Self::Proof(_) => f.write_str("proof"),
        }
    }
}
